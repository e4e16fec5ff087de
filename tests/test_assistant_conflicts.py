"""Sources that answer differently are found; those that say the same in other words are not."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.question import read_question
from assistant.reading.conflicts import conflict_warning, find_conflict, premise_warning
from assistant.reading.reader import PassageReading
from assistant.reading.weighing import Weighed
from vectorstore.article import Hit
from vectorstore.sentences import sentence_spans


def source(
    text: str, answer: str, *, article: str, published: date | None = None, probability: float = 0.9
) -> Weighed:
    hit = Hit(1, 0.9, f"p-{article}", article, 0, len(text), text, "", "来源", None, published)
    spans = tuple(sentence_spans(text))
    low = text.find(answer)
    scores = tuple(0.9 if start <= low < end else 0.1 for start, end in spans)
    return Weighed(
        hit, spans, PassageReading(probability, (low, low + len(answer)), 0.9, scores), probability
    )


CASES = [
    (
        "2019年中国经济增长了多少？",
        "2019年中国经济增长6.1%。",
        "6.1%",
        "2019年中国经济增长10.1%。",
        "10.1%",
        True,
    ),
    (
        "2019年中国经济增长了多少？",
        "2019年中国经济增长6.1%。",
        "6.1%",
        "2019年中国经济增长约6.1%。",
        "约6.1%",
        False,
    ),
    ("票房是多少？", "票房1.2亿元。", "1.2亿元", "票房12000万元。", "12000万元", False),
    ("票房是多少？", "票房1.2亿元。", "1.2亿元", "票房增长30%。", "30%", False),
    ("营收增速是多少？", "营收增速为5%。", "5%", "营收增速为15%。", "15%", True),
    ("营收增速是多少？", "营收增速为5%。", "5%", "营收增速为-5%。", "-5%", True),
    ("票房是多少？", "票房3亿元。", "3亿元", "票房13亿元。", "13亿元", True),
    ("票房是多少？", "票房300万元。", "300万元", "票房3,300万元。", "3,300万元", True),
    ("有多少人参加？", "五人参加。", "五人", "十五人参加。", "十五人", True),
    ("奥运会什么时候开幕？", "奥运会3日开幕。", "3日", "奥运会13日开幕。", "13日", True),
    ("奥运会什么时候闭幕？", "奥运会5日闭幕。", "5日", "奥运会3日-5日闭幕。", "3日-5日", False),
    (
        "奥运会什么时候开幕？",
        "奥运会2021年7月23日开幕。",
        "2021年7月23日",
        "奥运会2021年1月23日开幕。",
        "2021年1月23日",
        True,
    ),
    (
        "奥运会什么时候开幕？",
        "奥运会2021年7月23日开幕。",
        "2021年7月23日",
        "奥运会7月23日开幕。",
        "7月23日",
        False,
    ),
    ("奥运会在哪里举办？", "奥运会在东京举办。", "东京", "奥运会在大阪举办。", "大阪", True),
    (
        "《小时代》的作者是谁？",
        "《小时代》的作者是郭敬明。",
        "郭敬明",
        "《小时代》的作者是作家郭敬明。",
        "作家郭敬明",
        False,
    ),
    (
        "《小时代》的作者是谁？",
        "《小时代》的作者是郭敬明。",
        "郭敬明",
        "《小时代》的作者是韩寒。",
        "韩寒",
        True,
    ),
    (
        "央行行长是谁？",
        "央行行长Elvira Nabiullina说。",
        "Elvira Nabiullina",
        "央行行长纳比乌林娜说。",
        "纳比乌林娜",
        False,
    ),
    ("为什么举办奥运会？", "奥运会因甲举办。", "甲", "奥运会因乙举办。", "乙", False),
]


@pytest.mark.parametrize(("question", "one", "first", "two", "second", "differ"), CASES)
def test_conflicts(question: str, one: str, first: str, two: str, second: str, differ: bool) -> None:
    sources = [source(one, first, article="a"), source(two, second, article="b")]
    assert (find_conflict(read_question(question), sources, threshold=0.5) is not None) == differ


def test_one_article_does_not_contradict_itself() -> None:
    sources = [source("票房1亿元。", "1亿元", article="a"), source("票房2亿元。", "2亿元", article="a")]
    assert find_conflict(read_question("票房是多少？"), sources, threshold=0.5) is None


def test_a_source_that_hardly_answers_is_not_heard() -> None:
    sources = [
        source("票房1亿元。", "1亿元", article="a"),
        source("票房2亿元。", "2亿元", article="b", probability=0.3),
    ]
    assert find_conflict(read_question("票房是多少？"), sources, threshold=0.2) is None


def test_the_warning_names_both_dates_and_the_later_one() -> None:
    sources = [
        source("票房1亿元。", "1亿元", article="a", published=date(2019, 2, 5)),
        source("票房46亿元。", "46亿元", article="b", published=date(2019, 5, 6)),
    ]
    conflict = find_conflict(read_question("票房是多少？"), sources, threshold=0.5)
    assert conflict is not None
    warning = conflict_warning(*conflict, numbers=(1, 2))
    assert warning == (
        "来源不一致：[1]（2019年2月5日）说“1亿元”，[2]（2019年5月6日，较晚）说“46亿元”，请核对原文 (the sources disagree: see [1] and [2])"
    )


@pytest.mark.parametrize(
    ("question", "sentence", "told"),
    [
        ("云舟公司2018年收入是50亿元，对吗？", "云舟公司2018年收入为35亿元，同比增长5%。", "35亿元"),
        ("云舟公司2018年收入是35亿元，对吗？", "云舟公司2018年收入为35亿元，同比增长5%。", None),
        ("云舟公司2018年收入是50亿元，对吗？", "云舟公司2019年收入为35亿元。", None),
        ("云舟公司有5000名员工吗？", "云舟公司有3000名员工。", "3000名"),
        ("云舟公司有5000名员工吗？", "云舟公司在上海召开了大会。", None),
        ("云舟公司收入是50亿元吗？", "云舟公司收入35亿元，其中海外贡献了12亿元。", "35亿元"),
        ("云舟公司2018年收入是多少？", "云舟公司2018年收入为35亿元。", None),
    ],
)
def test_a_figure_that_the_question_takes_for_granted_is_set_right(
    question: str, sentence: str, told: str | None
) -> None:
    warning = premise_warning(read_question(question), sentence)
    assert (warning is None) == (told is None)
    assert told is None or (warning is not None and f"“{told}”" in warning)
