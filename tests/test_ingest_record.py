"""Labelled records: the text is 总结; what was written about it stays beside it."""

from __future__ import annotations

from datetime import date

from ingest.formats.record import is_record, parse_records
from ingest.parsed import Failure, ParsedArticle

RECORD = """标题: 产业园“不打烊”,重点项目投产
链接: https://news.example.com/m/index.shtml?id=ABCxyz190820
总结:
原标题：
　　江岸网消息 过去一年里，园区的变化很大。　　项目落地　　第一批项目已经全部投产，包括两家芯片企业。　　行业: 这一行只是正文里的话。
关键词: 人工智能,  园区
AI技术: 芯片，算法。
行业: 制造, 教育
重大事件摘要: 这篇文章总结了几件事：

1. **项目投产**：第一批项目投产。

2. **人才**：引进人才。
""".replace("总结:\n", "总结: \n")


def _only(text: str) -> ParsedArticle:
    (article,) = parse_records(text, source="a.txt")
    assert isinstance(article, ParsedArticle)
    return article


def test_a_record() -> None:
    assert is_record(RECORD)
    article = _only(RECORD)
    assert article.key == ""
    assert article.title == "产业园“不打烊”,重点项目投产"
    assert article.url == "https://news.example.com/m/index.shtml?id=ABCxyz190820"
    assert article.published is None  # the digits at the end of an id are no stated date
    assert article.text.split("\n") == [
        "江岸网消息 过去一年里，园区的变化很大。",
        "项目落地",
        "第一批项目已经全部投产，包括两家芯片企业。",
        "行业: 这一行只是正文里的话。",
    ]
    assert article.fields["关键词"] == "人工智能, 园区"
    assert article.fields["AI技术"] == "芯片，算法。"
    assert article.fields["行业"] == "制造, 教育"
    assert article.fields["重大事件摘要"].split("\n")[1] == "1. 项目投产：第一批项目投产。"
    assert "原标题" not in article.text
    assert "原标题" not in article.fields


def test_a_stated_original_title_is_kept_as_a_field() -> None:
    assert _only(RECORD.replace("原标题：", "原标题：旧的题目")).fields["原标题"] == "旧的题目"


def test_several_records_keep_their_keys() -> None:
    second = RECORD.replace("ABCxyz190820", "second").replace("产业园", "另一个园区")
    both = [a for a in parse_records(RECORD + "\n" + second, source="a.txt") if isinstance(a, ParsedArticle)]
    assert [a.key for a in both] == [a.url for a in both]
    assert both[0].fields["重大事件摘要"] == both[1].fields["重大事件摘要"]
    swapped = [
        a for a in parse_records(second + "\n" + RECORD, source="a.txt") if isinstance(a, ParsedArticle)
    ]
    assert {a.key for a in swapped} == {a.key for a in both}


def test_a_date_label_and_a_dated_address() -> None:
    assert _only(RECORD.replace("总结: \n", "日期: 2019年8月20日\n总结: \n")).published == date(2019, 8, 20)
    assert _only(RECORD.replace("/m/index", "/2019/08/21/index")).published == date(2019, 8, 21)


def test_traditional_labels() -> None:
    text = "標題：新系統上線\n連結：https://e.com/1\n總結：\n　　第一段。\n關鍵詞：視覺\n行業：製造\n"
    assert is_record(text)
    assert _only(text).fields == {"關鍵詞": "視覺", "行業": "製造"}


def test_a_record_without_text_is_a_failure() -> None:
    (entry,) = parse_records("标题: 空的\n链接: https://e.com\n总结:\n关键词: 无\n", source="a.txt")
    assert isinstance(entry, Failure)
    assert entry.source == "a.txt#record=1"


def test_prose_is_no_record() -> None:
    assert not is_record("标题党越来越多\n链接在文末\n总结起来就是一句话。")
    assert not is_record("标题: 只有一个标签\n后面是普通的文章。")


def test_a_date_that_names_no_day_is_kept_as_a_field() -> None:
    article = _only("标题: 甲\n日期: 2021年8月\n链接: https://example.com/1\n正文: 一段正文。\n")
    assert (article.published, article.fields) == (None, {"日期": "2021年8月"})
