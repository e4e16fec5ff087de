"""The article of a page and what the page states about it; not its menus, lists and comments."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from ingest.errors import LimitExceeded
from ingest.html import declared_charset, fragment_text, parse_html
from ingest.parsed import ParsedArticle
from tests.parsed_files import parse_file

PARAGRAPHS = [
    "6月的一个早晨，某平台在杭州启动了第二期测试，共有三百多家企业报名，比第一期多了一倍。",
    "负责人介绍，第二期测试的重点是降低延迟，目标是把平均响应时间控制在200毫秒以内。",
    "参加测试的企业中，有一半来自制造业，他们最关心的是数据能不能留在自己的机房里。",
    "测试将持续三个月，结果会在九月公布，届时还会开放一部分匿名的数据供高校研究使用。",
]
TITLE = "某平台启动第二期测试，三百家企业报名"
NAV = "".join(f'<a href="/{n}">频道{n}</a> ' for n in range(30))
HOT = "".join(f'<li><a href="/h{n}">热门文章的标题第{n}条，看起来也像一句话</a></li>' for n in range(12))
BODY = "".join(f"<p>　　{text}</p>" for text in PARAGRAPHS)
COMMENTS = "<div>这条评论写得很长，也带有标点，说的却是另一件事，比如今天的天气很好，适合出门走走。</div>" * 3


def _page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head><meta charset=utf-8><title>{TITLE}_江岸网</title>{head}</head><body>{body}</body></html>"


LAYOUTS = {
    "classes": f'<div class="nav">{NAV}</div><h1>{TITLE}</h1><div class="info">2018-06-07 10:20 来源：江岸网</div>'
    f'<div class="content">{BODY}</div><div class="comment-list">{COMMENTS}</div><div class="footer">{NAV}</div>',
    "nested": f"<div><div><div>{NAV}</div><div><div><h1>{TITLE}</h1><div><span>2018-06-07 10:20</span> <span>来源：江岸网</span>"
    f"</div><div><div><div>{BODY}</div></div></div></div><div><ul>{HOT}</ul></div></div></div></div>",
    "sections": f"<header><nav>{NAV}</nav></header><main><article><h1>{TITLE}</h1><p>2018年6月7日 10:20</p>"
    + "".join(f"<section><p>{text}</p></section>" for text in PARAGRAPHS)
    + f"</article><aside>{HOT}</aside></main><footer>{NAV} Copyright © 2023</footer>",
    "table": f"<table><tr><td>{NAV}</td></tr><tr><td><h1>{TITLE}</h1>2018-06-07 10:20:00<br>{'<br><br>'.join(PARAGRAPHS)}</td>"
    f"<td><ul>{HOT}</ul></td></tr></table>",
    "form": f'<form id="aspnetForm"><div>{NAV}</div><div id="left"><h1>{TITLE}</h1><div>发布时间：2018-06-07</div>{BODY}'
    f"<h3>相关阅读</h3><ul>{HOT}</ul>{COMMENTS}</div></form>",
    "breaks": f"<div id=menu>{NAV}</div><h2>{TITLE}</h2><p>时间：2018-06-07 来源：江岸网</p><div id=text>{'<br/>'.join(PARAGRAPHS)}</div>",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_article_and_nothing_else(layout: str) -> None:
    article = parse_html(_page(LAYOUTS[layout]))
    assert article.text.split("\n") == PARAGRAPHS
    assert article.title == TITLE
    assert article.published == date(2018, 6, 7)
    assert article.publisher == "江岸网"


def test_metadata_of_the_head() -> None:
    head = (
        f'<meta property="og:title" content="{TITLE}"><meta property="og:site_name" content="江岸网">'
        '<meta property="article:published_time" content="2018-06-07T23:59:00+08:00"><meta name="author" content="某记者">'
        '<link rel="canonical" href="https://news.example.com/2018/0608/a.html">'
    )
    article = parse_html(_page(f"<div>{BODY}</div>", head))
    assert (article.title, article.published, article.author) == (TITLE, date(2018, 6, 7), "某记者")
    assert (article.publisher, article.url) == ("江岸网", "https://news.example.com/2018/0608/a.html")


def test_json_ld() -> None:
    head = (
        '<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"WebPage"},{"@type":"NewsArticle",'
        f'"headline":"{TITLE}","datePublished":"2018-06-07","author":[{{"name":"甲"}},{{"name":"乙"}}],"publisher":{{"name":"江岸报"}}}}]}}</script>'
    )
    article = parse_html(_page(f"<div>{BODY}</div>", head))
    assert (article.published, article.author, article.publisher) == (date(2018, 6, 7), "甲、乙", "江岸报")


@pytest.mark.parametrize(
    "tail",
    [
        "<div>Copyright © 2023 江岸网 2023-01-01</div>",
        '<meta name="lastmod" content="2023-01-01">',
        "<p>2023年1月1日，下一期测试将会开始，具体安排另行通知。</p>",
    ],
)
def test_no_date_is_invented(tail: str) -> None:
    assert parse_html(_page(f"<h1>{TITLE}</h1><div>{BODY}{tail}</div>")).published is None


def test_hidden_text_and_scripts_are_not_read() -> None:
    junk = '<div style="display: none">隐藏的文字，不应出现。</div><script>var x="脚本，文字。";</script><p hidden>也是隐藏的，一段。</p>'
    assert parse_html(_page(f"<div>{junk}{BODY}</div>")).text.split("\n") == PARAGRAPHS


def test_links_inside_the_prose_stay() -> None:
    linked = BODY.replace("杭州", '<a href="/hz">杭州</a>')
    assert parse_html(_page(f"<div>{linked}</div>")).text.split("\n") == PARAGRAPHS


def test_data_tables_keep_their_rows() -> None:
    table = "<table><tr><th>指标</th><th>数值</th></tr><tr><td>延迟</td><td>200毫秒，已达标</td></tr></table>"
    assert "延迟 200毫秒，已达标" in parse_html(_page(f"<div>{BODY}{table}</div>")).text


@pytest.mark.parametrize(
    "part",
    [
        "<ol>" + "".join(f"<li>第{n}项措施：{PARAGRAPHS[0]}</li>" for n in range(9)) + "</ol>",
        "<table><caption>单位：亿元</caption><thead><tr><th>季度</th><th>营收</th></tr></thead><tbody>"
        + "".join(f"<tr><td>第{n}季度</td><td>1{n}.5，增长8%</td></tr>" for n in range(40))
        + "</tbody></table>",
    ],
)
def test_a_long_list_or_table_is_not_all_of_the_article(part: str) -> None:
    page = f'<div class="nav">{NAV}</div><div><p>以下为期两年，共九项。</p>{part}<p>电话是12345，工作日接听。</p></div>'
    lines = parse_html(_page(page)).text.split("\n")
    assert (lines[0], lines[-1]) == ("以下为期两年，共九项。", "电话是12345，工作日接听。")
    assert lines[1:3] == ["单位：亿元", "季度 营收"] or lines[1].startswith("第0项")
    assert not any("频道" in line for line in lines)


def test_a_wechat_page() -> None:
    body = f'<div id="js_article"><h1>{TITLE}</h1><a id="js_name"> 江岸观察 </a><em>2018-06-07 10:20</em><div id="js_content">'
    body += f"<section><p>导语：测试开始了。</p></section><section>{BODY}</section></div></div>"
    article = parse_html(_page(body, '<meta property="og:site_name" content="微信公众平台">'))
    assert article.publisher == "江岸观察"
    assert article.text.split("\n") == ["导语：测试开始了。", *PARAGRAPHS]


@pytest.mark.parametrize("html", ["", "<html>", "<p>", "<div><div>", f"<div>{NAV}</div>"])
def test_a_page_without_prose_has_no_text(html: str) -> None:
    assert parse_html(html).text == ""


def test_deep_nesting_is_refused_quickly() -> None:
    started = time.process_time()
    with pytest.raises(LimitExceeded, match="嵌套太深"):
        parse_html("<div>" * 200_000 + "文字，" * 100)
    assert time.process_time() - started < 5


def test_many_unclosed_paragraphs_are_no_depth() -> None:
    assert (
        parse_html(_page("<div>" + "<p>一段话，写在没有结尾的标签里，也要读出来。" * 3000)).text.count("\n")
        == 2999
    )


@pytest.mark.parametrize("declared", ["gb2312", "utf-8", "gbk"])
def test_a_wrong_charset_declaration(tmp_path: Path, declared: str) -> None:
    page = _page(LAYOUTS["classes"]).replace(
        "charset=utf-8", f'http-equiv="Content-Type" content="text/html; charset={declared}"'
    )
    path = tmp_path / "a.html"
    path.write_bytes(page.encode("gb18030"))
    (article,) = parse_file(path, source="a.html")
    assert isinstance(article, ParsedArticle)
    assert (article.title, article.encoding) == (TITLE, "gb18030")
    assert declared_charset(page.encode("gb18030")) == declared


def test_fragments_keep_everything() -> None:
    assert fragment_text("<p>甲</p><ul><li>乙</li></ul>丙<br>丁<img src=x>") == "甲\n乙\n丙\n丁"


def test_tags_that_close_nothing_hide_no_depth() -> None:
    started = time.process_time()
    with pytest.raises(LimitExceeded, match="嵌套太深"):
        parse_html("<div></b>" * 100_000 + "文字，" * 100)
    assert time.process_time() - started < 5
