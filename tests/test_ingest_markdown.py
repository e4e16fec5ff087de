"""A blog page scraped to Markdown, a note with front matter, plain text."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.formats.markdown import parse_markdown, split_title

BLOG = """# 新平台发布！"共建计划"将服务500家企业！ - 智能见闻 - 码林博客
2018年06月07日 00:00:00[智能见闻](https://blog.example.com/u/abc)阅读数：321
![640?wx_fmt=jpeg](https://img.example.com/p?https://img.example.com/mm/a/640?wx_fmt=jpeg)
*来源： 临江科技*
*概要：6月6日，某平台在杭州发布，并公布了面向中小企业的共建计划。*
6月6日，某平台在杭州发布，会上公布了面向中小企业的共建计划，负责人介绍说，参与者包括多家高校。出席发布会的有来自某某AI
 Lab的三位研究员和十几位企业代表。
**第一是共享数据，缩短研发周期。**平台已经汇集了两百万条标注数据，由Data
 Hub统一管理。
![640?wx_fmt=jpeg](https://img.example.com/mm/b/640?wx_fmt=jpeg)*图为发布会现场，从左至右依次为：主持人、嘉宾甲、嘉宾乙*
**未来已来 共建共享**
计划将在三年内服务500家企业。
"""


def test_blog_scrape() -> None:
    article = parse_markdown(BLOG)
    assert article.title == '新平台发布！"共建计划"将服务500家企业！'
    assert (article.publisher, article.author) == ("智能见闻", "智能见闻")
    assert article.published == date(2018, 6, 7)
    assert article.fields == {"阅读数": "321", "来源": "临江科技", "平台": "码林博客"}
    assert article.text.split("\n") == [
        "概要：6月6日，某平台在杭州发布，并公布了面向中小企业的共建计划。",
        "6月6日，某平台在杭州发布，会上公布了面向中小企业的共建计划，负责人介绍说，参与者包括多家高校。"
        "出席发布会的有来自某某AI Lab的三位研究员和十几位企业代表。",
        "第一是共享数据，缩短研发周期。平台已经汇集了两百万条标注数据，由Data Hub统一管理。",
        "图为发布会现场，从左至右依次为：主持人、嘉宾甲、嘉宾乙",
        "未来已来 共建共享",
        "计划将在三年内服务500家企业。",
    ]


@pytest.mark.parametrize(
    ("page_title", "title", "publisher", "platform"),
    [
        ("题目够长的一篇 - 某某学家 - 码林博客", "题目够长的一篇", "某某学家", "码林博客"),
        ("题目够长的一篇_新闻频道_江岸网", "题目够长的一篇", "新闻频道", None),
        ("题目够长的一篇 | 江岸日报", "题目够长的一篇", "江岸日报", None),
        ("题目够长的一篇-江岸网", "题目够长的一篇", "江岸网", None),
        ("题目够长的一篇 - 码林博客", "题目够长的一篇", "码林博客", None),
        ("人工智能 - 下一个十年", "人工智能 - 下一个十年", None, None),
        ("GPT-2 发布", "GPT-2 发布", None, None),
    ],
)
def test_site_names_leave_the_title(
    page_title: str, title: str, publisher: str | None, platform: str | None
) -> None:
    headline = split_title(page_title)
    assert (headline.title, headline.publisher, headline.platform) == (title, publisher, platform)


def test_front_matter() -> None:
    article = parse_markdown(
        '---\ntitle: "一个标题: 副题"\ndate: 2019-03-04 10:00\nauthor: 某人\nsource: 江岸报\n'
        "url: https://example.com/a\ntags: [芯片, '算力']\nlist:\n  - 甲\n  - 乙\n# 注释\n---\n\n## 小节\n\n正文。\n"
    )
    assert (article.title, article.published) == ("一个标题: 副题", date(2019, 3, 4))
    assert (article.author, article.publisher, article.url) == ("某人", "江岸报", "https://example.com/a")
    assert article.fields == {"tags": "芯片、算力", "list": "甲、乙"}
    assert article.text == "小节\n正文。"


def test_toml_front_matter() -> None:
    article = parse_markdown(
        '\n+++\ntitle = "一个标题"\ndate = 2019-03-04T10:00:00+08:00\ndraft = false\ntags = ["芯片", "算力"]\n'
        '[extra]\nsource = "江岸报"\n+++\n\n正文。\n'
    )
    assert (article.title, article.published, article.publisher) == ("一个标题", date(2019, 3, 4), "江岸报")
    assert article.fields == {"draft": "false", "tags": "芯片、算力"}
    assert article.text == "正文。"
    assert "title: 甲" in parse_markdown("+++\ntitle: 甲\n+++\n正文。").text, "that is no TOML"


def test_front_matter_below_blank_lines() -> None:
    article = parse_markdown("\n\n---\ntitle: 一个标题\n---\n正文。\n")
    assert (article.title, article.text) == ("一个标题", "正文。")


def test_footnotes_are_words_and_reference_links_are_none() -> None:
    text = '# 题\n\n**营收**增长[^1]，详见[年报][a]。\n\n[^1]: 不含海外业务。\n[记者]: 为什么？\n[a]: https://e.com/年报 "年报"\n'
    assert parse_markdown(text).text == "营收增长[^1]，详见年报。\n[^1]: 不含海外业务。\n[记者]: 为什么？"


def test_what_zhihu_puts_above_a_copied_answer() -> None:
    article = parse_markdown(
        "作者：某人\n链接：https://example.com/answer/2\n来源：知乎\n"
        "著作权归作者所有。商业转载请联系作者获得授权，非商业转载请注明出处。\n\n第一句。第二句。\n"
    )
    assert (article.author, article.url) == ("某人", "https://example.com/answer/2")
    assert (article.publisher, article.text) == ("知乎", "第一句。第二句。")


def test_a_rule_is_no_front_matter() -> None:
    assert "没有键值" in parse_markdown("---\n没有键值\n---\n正文。").text


def test_plain_text_with_a_title_line() -> None:
    article = parse_markdown(
        "一家公司的新产品\n2018-02-03 10:00 来源：江岸网\n\n第一段。\n第二段。\n\n（责任编辑：某某）"
    )
    assert article.title == "一家公司的新产品"
    assert (article.published, article.publisher) == (date(2018, 2, 3), "江岸网")
    assert article.text == "第一段。\n第二段。"


def test_plain_text_without_a_title_keeps_its_first_sentence() -> None:
    article = parse_markdown("第一句就是正文，它很长。第二句也是。\n第三句。")
    assert article.title == ""
    assert article.text.startswith("第一句就是正文")


def test_setext_headings_lists_quotes_and_tables() -> None:
    article = parse_markdown(
        "大标题\n===\n\n> 引文一句。\n\n- 第一项\n- 第二项\n\n| 名称 | 数值 |\n|---|---|\n| 甲 | 1 |\n"
    )
    assert article.title == "大标题"
    assert article.text == "引文一句。\n第一项\n第二项\n名称 数值\n甲 1"


def test_an_author_label_wins_over_the_account() -> None:
    article = parse_markdown(
        "# 标题在此处\n2018年11月13日 20:05:17[某账号](https://e.com/u)阅读数：9\n*文/某作者*\n正文。\n"
    )
    assert article.author == "某作者"


@pytest.mark.parametrize("text", ["", "\n\n", "# 只有标题\n", "![图](a.png)"])
def test_nothing_to_read_gives_no_text(text: str) -> None:
    assert parse_markdown(text).text == ""


@pytest.mark.parametrize(
    "lines",
    [
        ["2018年3月5日", "大桥开工。", "2019年7月1日", "主塔封顶。", "2020年12月30日", "通车。"],
        ["2023-04-01 10:02:11 张三", "改到周三了", "2023-04-01 10:03:40 李四", "收到，地点不变？"],
        ["《河流之书》", "作者：陈川", "写一条河。", "《灯塔》", "作者：苏岩", "来源：读者推荐"],
        ["时间：2022年3月9日下午", "地点：三楼会议室", "主持：高翔", "会议决定搬迁。"],
        ["记者：今年有什么变化", "高建平：引进了四台。", "记者：费用如何", "高建平：八千元。"],
    ],
)
def test_a_list_a_chronicle_and_a_conversation_keep_every_line(lines: list[str]) -> None:
    article = parse_markdown("# 题目在此处\n\n" + "\n\n".join(lines))
    assert article.text.split("\n") == lines
    assert (article.author, article.publisher) == (None, None)


def test_charts_that_name_their_source_leave_the_byline_alone() -> None:
    article = parse_markdown("题目在此处\n来源：江岸网\n2018-02-03\n第一段，见图。\n来源：统计局\n第二段。")
    assert (article.publisher, article.published) == ("江岸网", date(2018, 2, 3))
    assert article.text == "第一段，见图。\n来源：统计局\n第二段。"


def test_the_date_under_a_notice() -> None:
    text = "关于停水的通知\n因管网改造，定于五日停水。\n清河市水务局\n2024年3月2日"
    article = parse_markdown(text)
    assert (article.published, article.text.split("\n")[-1]) == (date(2024, 3, 2), "2024年3月2日")
    assert parse_markdown(text.replace("因管", "新华社北京2024年2月1日电 因管")).published is None


def test_a_text_of_nothing_but_a_platforms_words_is_kept() -> None:
    assert parse_markdown("# 题目在此处\n\n往期推荐\n").text == "往期推荐"


@pytest.mark.parametrize(
    "head",
    [
        "发件人：张伟 <zw@example.com>\n收件人：采编部\n发送时间：2020年5月12日 星期二 09:41\n主题：选题的意见\n",
        'From: "张伟" <zw@example.com>\nTo: news@example.com\nSubject: 选题的意见\nDate: Tue, 12 May 2020 09:41:00 +0800\n',
    ],
)
def test_a_mail_saved_as_text(head: str) -> None:
    article = parse_markdown(f"{head}\n各位同事：\n选题有三个。\n\n发件人：李主任\n请补充数据。\n")
    assert (article.title, article.author, article.published) == ("选题的意见", "张伟", date(2020, 5, 12))
    assert article.text.split("\n") == ["各位同事：", "选题有三个。", "发件人：李主任", "请补充数据。"]
    assert any("zw@example.com" in value for value in article.fields.values())


def test_labels_that_begin_no_mail_stay() -> None:
    text = "# 题目在此处\n\n主题：水\n\n时间：周五\n\n发件人只有一位。\n"
    assert parse_markdown(text).text == "主题：水\n时间：周五\n发件人只有一位。"


@pytest.mark.parametrize(
    ("head", "author", "fields"),
    [
        ("author:\n  name: 许晴", "许晴", {}),
        ("author: {name: 许晴}", "许晴", {}),
        ("authors:\n  - name: 许晴\n  - name: 李明", "许晴、李明", {}),
        (
            "author:\n  name: 许晴\n  mail: x@example.com",
            "许晴",
            {"author": "name: 许晴、mail: x@example.com"},
        ),
        ("author: 许晴 # 转载", "许晴", {}),
        ('author: "许 # 晴" # 转载', "许 # 晴", {}),
        ("author: '[[a|许晴]]'", "许晴", {}),
        ("date: 2022-13-45", None, {"date": "2022-13-45"}),
        ("tags: #盐湖 #锂", None, {"tags": "#盐湖 #锂"}),
    ],
)
def test_what_front_matter_holds(head: str, author: str | None, fields: dict[str, str]) -> None:
    article = parse_markdown(f"---\n{head}\n---\n# 题目在此处\n\n正文。\n")
    assert (article.author, article.published, article.fields) == (author, None, fields)


def test_authors_in_toml() -> None:
    article = parse_markdown('+++\n[[authors]]\nname = "甲"\n[[authors]]\nname = "乙"\n+++\n# 题\n\n正文。\n')
    assert (article.author, article.fields) == ("甲、乙", {})


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("见[[青海调研|调研]]与[[盐湖]]。", "见调研与盐湖。"),
        ("==重点==：耗水。", "重点：耗水。"),
        ("![[图.png]]数组[[1, 2]]不变。", "数组[[1, 2]]不变。"),
        ("若a==b且c==d，则停。", "若a==b且c==d，则停。"),
    ],
)
def test_marks_of_obsidian(marked: str, plain: str) -> None:
    assert parse_markdown(f"## 笔记的题目\n\n{marked}\n").text == plain


def test_a_field_of_obsidian_names_the_outlet() -> None:
    article = parse_markdown("## 笔记的题目\n\n来源:: [[青海调研]]\n\n正文一句。\n")
    assert (article.publisher, article.text) == ("青海调研", "正文一句。")


@pytest.mark.parametrize("label", ["附件1", "https://example.com/news/1.html", "1", "2020年第3期"])
def test_what_stands_above_a_title_is_no_title(label: str) -> None:
    article = parse_markdown(f"{label}\n关于加强防汛工作的通知\n各单位要加强值守，确保安全。\n")
    assert article.title == "关于加强防汛工作的通知"
    assert label in article.text


def test_a_forwarded_mail_is_read_from_its_head() -> None:
    article = parse_markdown(
        "-----原始邮件-----\n发件人: 某人 <a@e.com>\n发送时间: 2021年5月2日 10:00\n收件人: 乙\n主题: 园区的事\n\n园区开工了。\n"
    )
    assert (article.title, article.author, article.text) == ("园区的事", "某人", "园区开工了。")


def test_nobody_is_named_null() -> None:
    assert parse_markdown("---\ntitle: 题目\nauthor: null\n---\n正文。").author is None
