"""The article of a page and what the page states about it; not its menus, lists and comments."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from ingest.errors import LimitExceeded
from ingest.formats.html import declared_charset, fragment_text, parse_html
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


def _article(*paragraphs: str, head: str = "", after: str = "") -> ParsedArticle:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return parse_html(_page(f'<h1>{TITLE}</h1><div class="content">{body}</div>{after}', head))


@pytest.mark.parametrize(
    "sentence",
    [
        "评论指出，罚款只是开始。",
        "留言的人问，明年还办不办。",
        "相关报道称，平台已经提出复议。",
        "相关内容见附件三。",
        "下一篇章的关键，是后厨的透明。",
        "网友纷纷点赞。",
        "市民可拨打12345举报。",
        "他把照片分享到朋友圈。",
        "扫一扫就能看到厨房直播。",
        "欢迎师生扫描二维码报名，名额120人。",
        "转载这篇文章的人都联系过他。",
        "时间：2024年3月15日 14:30",
        "2018年3月5日",
        "作者：苏岩",
        "来源：读者推荐",
        "2023-04-01 10:03:40 李四",
        "举报电话：12345",
    ],
)
def test_a_short_line_inside_the_article_is_text(sentence: str) -> None:
    lines = [*PARAGRAPHS[:2], sentence, *PARAGRAPHS[2:]]
    article = _article(*lines)
    assert article.text.split("\n") == lines
    assert (article.published, article.author, article.publisher) == (None, None, "江岸网")


@pytest.mark.parametrize("heading", ["推荐阅读", "【延伸阅读】", "相关报道", "往期推荐"])
def test_a_box_of_links_inside_the_article_does_not_end_it(heading: str) -> None:
    link = '<a href="/a">水稻的一生</a>'
    assert _article(*PARAGRAPHS[:2], heading, link, link, *PARAGRAPHS[2:]).text.split("\n") == PARAGRAPHS


@pytest.mark.parametrize(
    "heading", ["推荐阅读", "相关新闻：", "下一篇：停水通知", "网友评论（12）", "最新留言"]
)
def test_what_follows_the_article_ends_it(heading: str) -> None:
    after = f"<h3>{heading}</h3><ul>{HOT}</ul>{COMMENTS}"
    page = _page(f"<div><h1>{TITLE}</h1>{BODY}{after}</div>")
    assert parse_html(page).text.split("\n") == PARAGRAPHS


def test_a_box_inside_what_the_page_marks_as_its_article_ends_nothing() -> None:
    parts = [f"<section><section><p>{text}</p></section></section>" for text in PARAGRAPHS]
    box = "<blockquote>推荐阅读</blockquote><section><a href=/a>水稻的一生</a></section>"
    page = f'<div id="js_article"><div id="js_content">{"".join([*parts[:1], box, *parts[1:]])}</div></div>'
    assert parse_html(_page(page)).text.split("\n") == PARAGRAPHS


@pytest.mark.parametrize(
    "line",
    [
        "点击上方<b>蓝字</b>关注我们",
        "— THE END —",
        "长按识别二维码",
        "请点“在看”",
        "转载请联系授权",
        "往期推荐",
        "1,024 人赞同了该回答",
        "分享到：微博 微信",
        "特别声明：以上内容为自媒体平台用户上传并发布，本平台仅提供信息存储服务。",
        "声明：该文观点仅代表作者本人，某号系信息发布平台。",
    ],
)
def test_words_of_the_platform_go_at_the_edges(line: str) -> None:
    assert _article(line, *PARAGRAPHS).text.split("\n") == PARAGRAPHS
    assert _article(*PARAGRAPHS, line).text.split("\n") == PARAGRAPHS


@pytest.mark.parametrize("suffix", ["返回搜狐，查看更多", " 阅读全文", "（责任编辑：王五）", " 责编：王五"])
def test_what_is_appended_to_the_last_paragraph_is_cut_off(suffix: str) -> None:
    last = "全长二里。"
    assert _article(*PARAGRAPHS, last + suffix).text.split("\n") == [*PARAGRAPHS, last]


def test_credits_below_the_text_are_read() -> None:
    article = _article(*PARAGRAPHS, "（责编：白宇、岳弘彬）")
    assert article.text.split("\n") == PARAGRAPHS
    assert article.fields == {"责编": "白宇、岳弘彬"}


def test_a_lecture_keeps_its_time_and_a_book_list_its_authors() -> None:
    lecture = ["题目：古籍的三条路", "主讲人：沈若水", "时间：2024年3月15日 14:30", "地点：三楼", *PARAGRAPHS]
    assert _article(*lecture).text.split("\n") == lecture
    books = [
        "《河流之书》",
        "作者：陈川",
        "写一条河的两百年。",
        "《灯塔》",
        "作者：苏岩",
        PARAGRAPHS[0],
        "来源：读者推荐",
    ]
    article = _article(*books[:-2], books[-1], books[-2])
    assert article.text.split("\n") == [*books[:-2], books[-1], books[-2]]
    assert article.author is None


def test_the_date_under_a_text_stays_and_dates_it_where_nothing_else_does() -> None:
    signed = [*PARAGRAPHS, "清河市水务局", "2024年3月2日"]
    assert _article(*signed).text.split("\n") == signed
    assert _article(*signed).published == date(2024, 3, 2)
    assert _article("2024-03-01 10:00", *signed).published == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("line", "publisher", "source"),
    [
        ("2020年11月03日 09:12 临江日报", "江岸网", "临江日报"),
        ("发布时间：2020-11-03　来源：市政府办公室　字体：[大 中 小]　打印", "江岸网", "市政府办公室"),
        ("2020-11-03 09:12　来源: <a>清河观察</a><a>举报</a>", "江岸网", "清河观察"),
    ],
)
def test_an_outlet_in_the_byline(line: str, publisher: str, source: str) -> None:
    article = _article(line, *PARAGRAPHS)
    assert (article.published, article.publisher) == (date(2020, 11, 3), publisher)
    assert article.fields == {"来源": source}
    assert article.text.split("\n") == PARAGRAPHS


@pytest.mark.parametrize(
    ("line", "author"), [("本报记者　孙　振　徐　靖", "孙振、徐靖"), ("记者 王珊、李大同", "王珊、李大同")]
)
def test_reporters_on_a_line_of_their_own(line: str, author: str) -> None:
    article = _article(line, *PARAGRAPHS)
    assert (article.author, article.text.split("\n")) == (author, PARAGRAPHS)
    kept = "本报记者　现场直击"
    assert _article(kept, *PARAGRAPHS).text.startswith(f"{kept}\n")


def test_a_label_in_the_head_is_no_part_of_the_name() -> None:
    head = '<meta name="source" content="来源：人民网－人民日报">'
    assert _article(*PARAGRAPHS, head=head).publisher == "人民网－人民日报"


@pytest.mark.parametrize(
    ("head", "after"),
    [
        ('<meta itemprop="dateCreated" content="2019-08-20T08:00:00.000Z">', ""),
        ("", "<div>编辑于 2019-08-20 16:20</div>"),
        ("", '<div id="js_content"></div><script>var ct = "1566266400";</script>'),
    ],
)
def test_dates_that_platforms_state_in_their_own_way(head: str, after: str) -> None:
    assert _article(*PARAGRAPHS, head=head, after=after).published == date(2019, 8, 20)


def test_a_mail() -> None:
    head = "<b>发件人:</b> 张伟 &lt;zw@example.com&gt;<br><b>发送时间:</b> 2020年6月2日 10:00<br><b>主题:</b> 采访安排"
    article = parse_html(f"<html><body><div>{head}</div>{BODY}</body></html>")
    assert (article.title, article.author, article.published) == ("采访安排", "张伟", date(2020, 6, 2))
    assert article.text.split("\n") == PARAGRAPHS
    assert article.fields == {"发件人": "张伟 <zw@example.com>"}


def test_names_that_leave_no_prose_say_nothing_of_it() -> None:
    widgets = "".join(f'<div class="elementor-widget"><p>{text}</p></div>' for text in PARAGRAPHS)
    assert parse_html(_page(f"<div>{widgets}</div>")).text.split("\n") == PARAGRAPHS


def test_a_count_of_readers_hides_no_words_of_the_platform() -> None:
    tail = ["责任编辑：", "声明：该文观点仅代表作者本人，某号系信息发布平台。", "阅读 (1208)"]
    article = _article(*PARAGRAPHS, *tail)
    assert article.text.split("\n") == PARAGRAPHS
    assert article.fields == {"阅读": "1208"}


def test_text_shown_as_it_is_written_keeps_its_paragraphs() -> None:
    paragraphs = [f"第{n}段说的是园区的事情，三百家企业报名参加，明年六月全部投产。" for n in "一二三"]
    assert (
        parse_html(f"<html><body><pre>{chr(10).join(paragraphs)}</pre></body></html>").text.split("\n")
        == paragraphs
    )
