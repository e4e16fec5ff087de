"""Canonical text: one paragraph per line, words rejoined, wording untouched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import clean_line, clean_paragraphs, clean_text, first_sentence
from ingest.formats.markup import inline_text, plain_lines

LONG = "会上，来自十多家企业和高校的代表参加了圆桌讨论。出席的还有某某智能研究院院长，以及某某AI"


def test_a_word_cut_by_a_line_break_is_rejoined() -> None:
    assert clean_text(f"{LONG}\n Lab计算机视觉中心负责人。") == f"{LONG} Lab计算机视觉中心负责人。"


def test_chinese_cut_by_a_line_break_is_rejoined_without_a_space() -> None:
    assert clean_text(f"{LONG[:-2]}智能\n 语音中心负责人。") == f"{LONG[:-2]}智能语音中心负责人。"


def test_paragraphs_and_headings_stay_apart() -> None:
    text = "第一段在这里结束。\n小标题\n第二段也在这里结束。\n\n第三段。"
    assert clean_text(text).split("\n") == [
        "第一段在这里结束。",
        "小标题",
        "第二段也在这里结束。",
        "第三段。",
    ]


def test_ideographic_spaces_begin_paragraphs() -> None:
    text = "　　开头一段。　　小标题　　第二段里有王　某两个字。　　第三段。"
    assert clean_text(text).split("\n") == ["开头一段。", "小标题", "第二段里有王　某两个字。", "第三段。"]


def test_hard_wrapped_text_becomes_paragraphs() -> None:
    first = "这份报告由三个部门共同起草，历时一年零两个月，走访了八个省的四十多家企业，收集到的问卷一共有九千六百多份。"
    second = "报告认为，人才不足仍然是最大的困难，其次是数据的质量，再次才是算力的价格，这与两年前的结论已经有了很大的不同。"
    wrapped = "\n\n".join(
        "\n".join(part[i : i + 20] for i in range(0, len(part), 20)) for part in (first, second)
    )
    assert clean_text(wrapped) == f"{first}\n{second}"


@pytest.mark.parametrize("columns", [15, 19, 30])
def test_lines_of_narrow_columns_are_joined(columns: int) -> None:
    text = (
        "各县的做法不一，安河县先改造后关停，云岭县一次性补偿，每千瓦补偿一千八百元，最快的只用了四个月，最慢的用了将近三年。"
        * 3
    )
    assert clean_text("\n".join(text[i : i + columns] for i in range(0, len(text), columns))) == text


def test_a_sentence_that_ends_before_the_margin_ends_the_paragraph() -> None:
    text = "各县的做法不一，安河县先改造后关停，云岭县一次性补偿，每千瓦补偿一千八百元，最快的只用了四个月。"
    lines = [text[i : i + 20] for i in range(0, 40, 20)] + [text[40:] + "最慢的将近三年才完。"]
    assert clean_text("\n".join([*lines, "二期工程", *lines])).split("\n") == [
        "".join(lines),
        "二期工程",
        "".join(lines),
    ]


def test_a_list_of_headlines_is_not_joined() -> None:
    lines = [
        "临江港自动化码头投产一年",
        "清河流域小水电整治研究报告发布",
        "夜市重开首日客流",
        "公交集团再投放六百辆新能源客车",
        "渡口今年重开",
    ] * 3
    assert clean_text("\n".join(lines)).split("\n") == lines


def test_an_indented_first_line_is_part_of_its_paragraph() -> None:
    text = "整治之后，断流的河段由六十八公里减少到九公里，鱼类由十一种恢复到二十六种，沿岸三万居民的饮水提高到二类，各县的做法不一。"
    wrapped = [text[:17], *(text[i : i + 20] for i in range(17, len(text), 20))]
    assert clean_text("\n".join([*wrapped, *wrapped])).split("\n") == [text] * 2


def test_verse_and_short_lines_are_not_joined() -> None:
    text = "春眠不觉晓\n处处闻啼鸟\n夜来风雨声\n花落知多少\n作者已不可考"
    assert clean_text(text) == text


def test_invisible_characters_and_entities_go() -> None:
    assert clean_text("\ufeff人工\u200b智能&nbsp;&amp;\u202e机器\x00人\x1b\ud800") == "人工智能 &机器人"


@pytest.mark.parametrize(
    ("found", "clean"),
    [
        ("⼩⽔电站的⻥类与居⺠，2021年2⽉9⽇", "小水电站的鱼类与居民，2021年2月9日"),
        ("⻋⻚⻓⻔⻛⻢⻅⻄⻩⻰", "车页长门风马见西黄龙"),
        ("偏旁⺡和⻊不成字", "偏旁⺡和⻊不成字"),
    ],
)
def test_radicals_that_are_characters_become_them(found: str, clean: str) -> None:
    assert clean_text(found) == clean_line(found) == clean
    assert len(clean) == len(found)


def test_words_and_punctuation_are_unchanged() -> None:
    text = "“首款”产品——售价9.9元（约合1.4美元）……霍德?某某说：‘好!’"
    assert clean_text(text) == text


def test_known_paragraphs_are_never_joined() -> None:
    assert clean_paragraphs(["甲，", "  乙 ", "", "　　丙　　丁"]) == "甲，\n乙\n丙\n丁"


def test_a_line_has_no_newlines() -> None:
    assert clean_line("  标题\n 的　后半 ") == "标题 的 后半"
    assert clean_line("很长的标题", max_chars=2) == "很长"


def test_first_sentence_is_short() -> None:
    assert first_sentence("短句。第二句。") == "短句"
    assert len(first_sentence("没有句号的长句子" * 20)) <= 40


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("**要点一：**降低成本", "要点一：降低成本"),
        ("这是*重点*内容", "这是重点内容"),
        ("***又粗又斜***", "又粗又斜"),
        ('见[官网](https://example.com/a_(b)?c=1 "题")。', "见官网。"),
        ("![图](https://example.com/p?https://example.com/x/640?wx_fmt=png)后文", "后文"),
        ("[![图](a.png)](https://example.com)后文", "后文"),
        ("`code_name`和__粗__、~~删~~", "code_name和粗、删"),
        ("<https://example.com>", "https://example.com"),
        (r"1\. 转义\*号", "1. 转义*号"),
        ("<span style='x'>字</span><br/>", "字"),
    ],
)
def test_marks_go_and_words_stay(marked: str, plain: str) -> None:
    assert inline_text(marked) == plain


@pytest.mark.parametrize("text", ["王*明和李*华", "3*5*2", "snake_case_name", "a < b 且 c > d", "张**和李**"])
def test_what_only_looks_like_a_mark_stays(text: str) -> None:
    assert inline_text(text) == text


def test_blocks_that_stand_alone_are_not_run_together() -> None:
    text = "*一张没有句号而且写得非常长非常长的图片说明，说明了图中从左至右的每一个人。他们依次是*\n**小标题**\n正文从这里开始。"
    assert len(clean_text("\n".join(plain_lines(text))).split("\n")) == 3


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing_more_than_lines(text: str) -> None:
    once = clean_text(text)
    assert "\n\n" not in once
    assert once == once.strip()
    assert all(line == line.strip() for line in once.split("\n"))
    once.encode()  # can be stored


@given(st.text("甲乙丙。，\n 　*_[]()!#`<>ab1", max_size=200))
def test_stripping_marks_never_fails_and_never_adds(text: str) -> None:
    plain = "".join(plain_lines(text))
    assert sum(plain.count(c) for c in "甲乙丙") <= sum(text.count(c) for c in "甲乙丙")
