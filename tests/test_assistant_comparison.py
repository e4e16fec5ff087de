"""A question that compares is taken apart, and its verdict follows from the words that are cited."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.comparison import Comparison, read_comparison
from assistant.on_the_day import read_on_the_day
from assistant.question import Asked, read_question
from assistant.reading.compare import compose_compared
from assistant.reading.series import series_clash
from assistant.reading.weighing import Weighed
from tests.test_assistant_compose import hit, weighed


@pytest.mark.parametrize(
    ("question", "wanted", "names"),
    [
        ("青桥通车和云湖机场启用哪个更早？", "least", ("青桥通车", "云湖机场启用")),
        ("青桥通车、云湖机场启用和北山隧道贯通，哪个事件最早发生？", "least", ("青桥通车", "云湖机场启用", "北山隧道贯通")),
        ("以下哪件事最晚发生：青桥通车、云湖机场启用？", "most", ("青桥通车", "云湖机场启用")),
        ("以下哪个事件最早：1. 青桥通车 2. 云湖机场启用", "least", ("青桥通车", "云湖机场启用")),
        ("青桥通车、云湖机场启用，这两件事中最早发生的是哪个？", "least", ("青桥通车", "云湖机场启用")),
        ("青桥通车和第三届灯会开幕是同一年发生的吗？", "same", ("青桥通车", "第三届灯会开幕")),
        ("《青桥和云湖》的出版与北山隧道贯通是否在同一个月？", "same", ("《青桥和云湖》的出版", "北山隧道贯通")),
        ("比较青桥公司和云湖集团的净利润，哪家公司的净利润更高？", "most", ("青桥公司", "云湖集团")),
        ("张某和李某某的刑期谁更长？", "most", ("张某", "李某某")),
        ("青桥公司和云湖集团的员工人数是否相同？", "same", ("青桥公司", "云湖集团")),
    ],
)  # fmt: skip
def test_what_is_compared(question: str, wanted: str, names: tuple[str, ...]) -> None:
    comparison = read_comparison(question)
    assert comparison is not None
    assert (comparison.wanted, comparison.names) == (wanted, names)


@pytest.mark.parametrize(
    ("question", "questions"),
    [
        (
            "比较2019年青桥公司和2020年云湖集团的营收，哪家公司的营收更高？",
            ("2019年青桥公司的营收是多少？", "2020年云湖集团的营收是多少？"),
        ),
        (
            "根据青桥市人民法院和云湖市人民法院的判决书，张某和李某某的判决日期谁更早？",
            (
                "根据青桥市人民法院的判决书，张某的判决是什么时候？",
                "根据云湖市人民法院的判决书，李某某的判决是什么时候？",
            ),
        ),
        (
            "青桥公司和云湖集团相比，哪家公司的营收更高？",
            ("青桥公司的营收是多少？", "云湖集团的营收是多少？"),
        ),
        (
            "2023年，青桥通车和灯会开幕哪个更早？",
            ("2023年青桥通车是什么时候？", "2023年灯会开幕是什么时候？"),
        ),
    ],
)
def test_each_is_asked_for_by_itself(question: str, questions: tuple[str, ...]) -> None:
    comparison = read_comparison(question)
    assert comparison is not None
    assert comparison.questions == questions


@pytest.mark.parametrize(
    "question",
    [
        "哪家公司的营收最高？",
        "青桥什么时候通车？",
        "谁最早提出了这个方案？",
        "一个月内通车多少公里？",
        "青桥和云湖的合作最早是什么时候？",
    ],
)
def test_what_compares_nothing(question: str) -> None:
    assert read_comparison(question) is None


def answers(
    comparison: Comparison, *texts: str, published: date | None = None
) -> list[tuple[Asked, list[Weighed]]]:
    found = []
    for at, (question, text) in enumerate(zip(comparison.questions, texts, strict=True)):
        sentence, _, words = text.partition("|")
        items: list[Weighed] = (
            [weighed(hit(sentence, article=str(at), published=published), words)] if words else []
        )
        found.append((read_question(question), items))
    return found


def compared(
    question: str, *texts: str, published: date | None = None
) -> tuple[str | None, str, tuple[str, ...]]:
    comparison = read_comparison(question)
    assert comparison is not None
    composed = compose_compared(comparison, answers(comparison, *texts, published=published), threshold=0.5)
    return composed.short_answer, composed.text, composed.warnings


def test_the_earlier_of_two_events() -> None:
    short, text, (told,) = compared(
        "青桥通车和云湖机场启用哪个更早？", "2021年3月青桥通车。|2021年3月", "2020年云湖机场启用。|2020年"
    )
    assert short == "云湖机场启用"
    assert text == "2021年3月青桥通车。[1]2020年云湖机场启用。[2]"
    assert told.startswith("按引文比较：青桥通车 2021年3月[1]；云湖机场启用 2020年[2]")


def test_a_date_without_its_year_is_the_articles() -> None:
    question = "青桥通车和云湖机场启用是同一年吗？"
    texts = ("3月2日青桥通车。|3月2日", "2021年云湖机场启用。|2021年")
    assert compared(question, *texts, published=date(2021, 3, 3))[0] == "是"
    assert compared(question, *texts, published=date(2019, 3, 3))[0] == "否"


@pytest.mark.parametrize(
    ("question", "first", "second", "short"),
    [
        ("青桥通车和灯会开幕是同一年吗？", "2021年3月青桥通车。|2021年3月", "2021年灯会开幕。|2021年", "是"),
        ("青桥通车和灯会开幕是同一个月吗？", "2021年3月青桥通车。|2021年3月", "2021年灯会开幕。|2021年", None),
        ("青桥通车和灯会开幕是同一天吗？", "2021年3月1日青桥通车。|2021年3月1日", "2021年4月灯会开幕。|2021年4月", "否"),
        ("青桥通车和灯会开幕哪个更早？", "2021年3月青桥通车。|2021年3月", "2021年灯会开幕。|2021年", None),
        ("青桥通车和灯会开幕哪个更早？", "2021年3月青桥通车。|2021年3月", "2021年3月灯会开幕。|2021年3月", "相同"),
    ],
)  # fmt: skip
def test_a_verdict_needs_dates_as_exact_as_the_question(
    question: str, first: str, second: str, short: str | None
) -> None:
    assert compared(question, first, second)[0] == short


@pytest.mark.parametrize(
    ("first", "second", "short"),
    [
        ("青桥公司的净利润为3亿元。|3亿元", "云湖集团的净利润为9000万元。|9000万元", "青桥公司"),
        ("青桥公司的净利润为3亿元。|3亿元", "云湖集团的净利润为1亿美元。|1亿美元", None),
        ("青桥公司的净利润为3亿元。|3亿元", "云湖集团的净利润为30000万元。|30000万元", "相同"),
    ],
)
def test_figures_are_compared_in_one_unit(first: str, second: str, short: str | None) -> None:
    assert compared("比较青桥公司和云湖集团的净利润，哪家公司的净利润更高？", first, second)[0] == short


def test_years_and_months_of_a_sentence() -> None:
    first, second = (
        "判处张某有期徒刑三年六个月，刑期已定。|三年六个月",
        "判处李某某有期徒刑四年，刑期已定。|四年",
    )
    assert compared("张某和李某某的刑期谁更长？", first, second)[0] == "李某某"


def test_what_is_not_found_is_named_and_nothing_decided() -> None:
    short, text, (_, missing) = compared(
        "青桥通车和云湖机场启用哪个更早？", "2021年3月青桥通车。|2021年3月", "|"
    )
    assert short is None
    assert text == "2021年3月青桥通车。[1]"
    assert missing.startswith("没有找到：云湖机场启用")


def test_a_sentence_about_something_else_is_not_compared() -> None:
    first, second = "青桥公司成立于2005年。|2005年", "云湖集团于2019年融资。|2019年"
    short, _, (_, missing) = compared(
        "比较青桥公司和云湖集团的融资时间，哪家公司的融资时间更早？", first, second
    )
    assert short is None
    assert "青桥公司" in missing


def test_both_told_in_one_sentence_are_cited_once() -> None:
    both = "2021年3月青桥通车、云湖机场启用。|2021年3月"
    comparison = read_comparison("青桥通车和云湖机场启用是同一个月吗？")
    assert comparison is not None
    one = weighed(hit(both.partition("|")[0]), "2021年3月")
    read = [(read_question(question), [one]) for question in comparison.questions]
    composed = compose_compared(comparison, read, threshold=0.5)
    assert (composed.short_answer, composed.text) == ("是", "2021年3月青桥通车、云湖机场启用。[1]")


@pytest.mark.parametrize(
    ("question", "event", "asked"),
    [
        ("青桥大桥通车当天，哪条高速公路封闭？", "青桥大桥通车", "2021年3月2日，哪条高速公路封闭？"),
        ("青桥大桥通车当月，新增了多少趟列车？", "青桥大桥通车", "2021年3月，新增了多少趟列车？"),
        ("在青桥大桥通车的那一年，云湖发生了什么？", "青桥大桥通车", "2021年，云湖发生了什么？"),
    ],
)
def test_the_day_of_an_event(question: str, event: str, asked: str) -> None:
    found = read_on_the_day(question)
    assert found is not None
    assert (found.event, found.asked_of((2021, 3, 2))) == (event, asked)


@pytest.mark.parametrize(
    "question", ["2021年3月2日当天，哪条路封闭？", "当天发生了什么？", "青桥什么时候通车？"]
)
def test_no_event_whose_day_is_wanted(question: str) -> None:
    assert read_on_the_day(question) is None


@pytest.mark.parametrize(
    ("question", "text", "clash"),
    [
        ("神舟十三号何时发射？", "神舟十六号成功发射。", True),
        ("神舟十三号何时发射？", "神舟13号与神舟十六号。", False),
        ("第二届灯会在哪里？", "第三届灯会在青桥开幕。", True),
        ("第二届灯会在哪里？", "灯会在青桥开幕。", False),
        ("二期工程投资多少？", "灯会有三期。", False),
    ],
)
def test_one_of_a_series_is_not_another(question: str, text: str, clash: bool) -> None:
    assert series_clash(question, text) is clash
