"""Feeds: one article per item of RSS and per entry of Atom, whatever the file is called."""

from __future__ import annotations

import io
from datetime import date

import pytest

from ingest.parse import parse_stream
from ingest.parsed import Failure, ParsedArticle

RSS = """<?xml version="1.0" encoding="{codec}"?>
<?xml-stylesheet type="text/xsl" href="/rss.xsl"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>渡口新闻</title><link>https://dukou.example/</link><description>渡口的新闻</description>
<item><title><![CDATA[产业园<b>开工</b>]]></title><link>https://dukou.example/1?a=1&amp;b=2</link>
<guid isPermaLink="false">n1</guid><pubDate>Tue, 20 Aug 2019 10:14:27 +0800</pubDate><dc:creator>某记者</dc:creator>
<category>产业</category><category>园区</category><description>产业园开工了。</description>
<content:encoded><![CDATA[<p>产业园上个月开工。</p><p>三百家企业&nbsp;报名。</p>]]></content:encoded></item>
<item><title>渡船停航</title><link>https://dukou.example/2</link><pubDate>2019-08-21</pubDate>
<author>mail@dukou.example (某编辑)</author>
<description>&lt;p&gt;大风，渡船停航一天。&lt;/p&gt;</description></item>
<item><title>只有题目</title><link>https://dukou.example/3</link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>河湾笔记</title><updated>2021-05-03T00:00:00Z</updated>
<entry><title type="html">一座桥</title><id>tag:hewan.example,2021:1</id><updated>2021-05-02T20:00:00Z</updated>
<link rel="edit" href="https://hewan.example/edit/1"/><link rel="alternate" href="https://hewan.example/1"/>
<author><name>甲</name></author><category term="桥梁"/><summary>摘要。</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>桥长二百米。</p><p>明年通车。</p></div></content></entry>
<entry><title>一条路</title><id>https://hewan.example/2</id><published>2021-04-01T08:00:00+08:00</published>
<summary type="html">&lt;p&gt;路宽十米。&lt;/p&gt;</summary></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>旧站</title></channel>
<item rdf:about="x"><title>老桥</title><link>https://old.example/1</link><dc:date>2005-03-04T01:00:00Z</dc:date>
<description>老桥修好了。</description></item></rdf:RDF>"""


def _parse(name: str, data: bytes) -> list[ParsedArticle | Failure]:
    return list(parse_stream(io.BytesIO(data), name=name, source=name, max_bytes=10**7))


def _articles(name: str, text: str, codec: str = "utf-8") -> list[ParsedArticle]:
    return [entry for entry in _parse(name, text.encode(codec)) if isinstance(entry, ParsedArticle)]


@pytest.mark.parametrize("name", ["a.xml", "a.rss", "a.html", "a.txt"])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
def test_rss(name: str, codec: str) -> None:
    entries = _parse(name, RSS.format(codec=codec).encode(codec))
    first, second, third = entries
    assert isinstance(first, ParsedArticle)
    assert isinstance(second, ParsedArticle)
    assert (first.key, first.title, first.url) == ("n1", "产业园开工", "https://dukou.example/1?a=1&b=2")
    assert first.text == "产业园上个月开工。\n三百家企业 报名。"
    assert (first.published, first.publisher, first.author) == (date(2019, 8, 20), "渡口新闻", "某记者")
    assert first.fields == {"分类": "产业、园区"}
    assert (second.text, second.author) == ("大风，渡船停航一天。", "某编辑")
    assert isinstance(third, Failure)
    assert third.source == f"{name}#item=3"


def test_atom() -> None:
    first, second = _articles("a.atom", ATOM)
    assert (first.title, first.url, first.author) == ("一座桥", "https://hewan.example/1", "甲")
    assert first.text == "桥长二百米。\n明年通车。"
    assert first.published == date(2021, 5, 3), "the day in China"
    assert (first.publisher, first.fields) == ("河湾笔记", {"分类": "桥梁"})
    assert (second.text, second.url, second.published) == (
        "路宽十米。",
        "https://hewan.example/2",
        date(2021, 4, 1),
    )


def test_rdf() -> None:
    (article,) = _articles("a.xml", RDF)
    assert (article.title, article.text, article.publisher) == ("老桥", "老桥修好了。", "旧站")
    assert article.published == date(2005, 3, 4)


def test_xml_written_by_hand_is_mended() -> None:
    (article,) = _articles(
        "a.xml",
        "<!DOCTYPE rss><rss><channel><item><title>A&B</title><link>https://e.com/?a=1&b=2</link>"
        "<description>甲&nbsp;&mdash;乙。\x08</description></item></channel></rss>",
    )
    assert (article.title, article.url, article.text) == ("A&B", "https://e.com/?a=1&b=2", "甲 —乙。")


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("<rss><channel><item>", "unread", "XML 格式有误：第 1 行"),
        ('<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel/></rss>', "document", "没有读这种文件"),
        ('<!-- ><rss --><!DOCTYPE rss [<!ENTITY a "b">]><rss/>', "unread", "实体声明"),
        ("<rss><channel></channel></rss>", "failed", "没有文章"),
        ("<config><item>甲</item></config>", "document", "没有读这种文件"),
    ],
)
def test_xml_that_is_no_feed(text: str, kind: str, words: str) -> None:
    (entry,) = _parse("a.xml", text.encode())
    assert isinstance(entry, Failure)
    assert entry.kind == kind
    assert words in entry.reason
