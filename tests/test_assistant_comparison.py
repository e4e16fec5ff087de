"""A question that compares is taken apart, and its verdict follows from the words that are cited."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest

from assistant.both_languages import halves
from assistant.comparison import Comparison, read_comparison
from assistant.on_the_day import read_on_the_day
from assistant.parts import parts_of
from assistant.question import Asked, read_question
from assistant.reading.compare import compose_compared, compose_on_the_day, find_value
from assistant.reading.compose import compose
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
        ("青桥公司跟云湖集团比，谁成立得早一些呢？", "least", ("青桥公司", "云湖集团")),
        ("青桥公司和云湖集团是不是同一年成立的？", "same", ("青桥公司", "云湖集团")),
        ("青桥通车和北山隧道贯通，谁先谁后？", "least", ("青桥通车", "北山隧道贯通")),
        ("青桥通车、云湖机场启用、北山隧道贯通，这三件事按时间先后，最早的是？", "least", ("青桥通车", "云湖机场启用", "北山隧道贯通")),
        ("青桥公司、云湖集团、北山银行，三家里面成立最早的是哪家？", "least", ("青桥公司", "云湖集团", "北山银行")),
        ("宣布接管青桥、云湖的命令，和北山隧道贯通，哪件事在前？", "least", ("宣布接管青桥、云湖的命令", "北山隧道贯通")),
        ("青桥通車和雲湖機場啟用，哪個更早？", "least", ("青桥通車", "雲湖機場啟用")),
        ("青桥市东区的张某和云湖市西区的李某谁的刑期更长？", "most", ("青桥市东区的张某", "云湖市西区的李某")),
        ("青桥公司上半年净利润和云湖集团第二季度净利润，哪个多？", "most", ("青桥公司上半年净利润", "云湖集团第二季度净利润")),
        ("青桥公司的营业收入和净利润哪个增长更快？", "most", ("营业收入", "净利润")),
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
        ("青桥号和云湖号，哪艘飞船更早发射？", ("青桥号发射是什么时候？", "云湖号发射是什么时候？")),
        ("青桥公司与云湖集团成立时间是否相同？", ("青桥公司成立是什么时候？", "云湖集团成立是什么时候？")),
        ("QOS 16.5和QOS 16.6的发布是在同一个月吗？", ("QOS 16.5的发布是什么时候？", "QOS 16.6的发布是什么时候？")),
        ("灯会转运到青桥发射区和云湖号发射，哪个更早？", ("灯会转运到青桥发射区是什么时候？", "云湖号发射是什么时候？")),
        ("青桥和云湖机场，谁建得更长？", ("青桥多长？", "云湖机场多长？")),
        ("《青桥》和《云湖》的出版日期是否相同？", ("《青桥》的出版是什么时候？", "《云湖》的出版是什么时候？")),
        ("张某和李某某都因盗窃罪被判刑，他们的刑期是否一样？", ("张某因盗窃罪被判刑，刑期是多少？", "李某某因盗窃罪被判刑，刑期是多少？")),
    ],
)  # fmt: skip
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
        "青桥和云湖相比，有什么不一样？",
        "青桥和云湖的学生是同一年级的吗？",
        "青桥公司和云湖集团是在同一天签了什么协议？",
        "青桥公司和云湖集团哪家更早？",
        "青桥通车、云湖机场启用，这三件事中最早发生的是哪个？",
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


def test_the_citations_of_an_answer_on_the_day_are_numbered_anew_in_its_warnings_too() -> None:
    opened = compose(
        read_question("灯会开幕是什么时候？"),
        [weighed(hit("2021年3月2日灯会开幕。"), "2021年3月2日")],
        threshold=0.5,
    )
    found = find_value("灯会开幕", read_question("灯会开幕是什么时候？"), opened, of_dates=True)
    assert found is not None
    closed = compose(
        read_question("哪条路封闭？"),
        [weighed(hit("北山路封闭一天。", article="b"), "北山路")],
        threshold=0.5,
    )
    told = compose_on_the_day(found, replace(closed, warnings=("来源不一致：见 [1]",)))
    assert told is not None
    assert told.text == "2021年3月2日灯会开幕。[1]北山路封闭一天。[2]"
    assert told.warnings == ("来源不一致：见 [2]",)
    assert compose_on_the_day(found, opened) is None, "nothing but the event itself"


def test_what_is_told_is_told_in_both_languages() -> None:
    _, _, told = compared("青桥通车和云湖机场启用哪个更早？", "2021年3月青桥通车。|2021年3月", "|")
    assert [halves(words) for words in told] == [
        ("按引文比较：青桥通车 2021年3月[1]", "compared by what is cited: '青桥通车' '2021年3月' [1]"),
        ("没有找到：云湖机场启用", "not found: '云湖机场启用'"),
    ]


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


def test_the_date_of_another_event_in_the_sentence_is_not_taken() -> None:
    question = "青桥公司和云湖集团上市时间是否为同一年？"
    listed = "云湖集团2005年成立，2010年上市。|2010年"
    assert compared(question, "青桥公司是一家2010年成立的企业，已在上海上市。|2010年", listed)[0] is None
    assert compared(question, "青桥公司2005年成立，2010年上市。|2005年", listed)[0] == "是"


def test_a_date_inside_what_is_told_is_not_that_of_the_telling() -> None:
    texts = ("2024年8月29日，作者指控青桥在2020年选举期间密谋。|2020年", "2024年7月灯会开幕。|2024年7月")
    assert compared("作者指控青桥和灯会开幕哪个更晚？", *texts)[0] == "作者指控青桥"


def test_a_day_counted_from_the_event_is_not_its_own() -> None:
    texts = ("3月2日，距灯会开幕十天之际，会徽公布。|3月2日", "2021年4月青桥通车。|2021年4月")
    assert compared("灯会开幕和青桥通车哪个更早？", *texts, published=date(2021, 3, 3))[0] is None


def test_one_date_of_a_sentence_makes_no_two_the_same() -> None:
    both = "2021年3月建成的青桥和2022年建成的云湖桥都在市区。|2021年3月"
    assert compared("青桥建成和云湖桥建成哪个更早？", both, both)[0] is None


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("比较青桥公司和云湖集团的净利润，哪家公司的净利润更高？", "青桥公司的扣非净利润为3亿元。|3亿元"),
        ("比较青桥市和云湖市的产值，哪个市的产值更高？", "青桥市的人均产值为3亿元。|3亿元"),
        ("比较青桥市和云湖市的产值，哪个市的产值更高？", "青桥市的产值增长5%。|5%"),
        ("比较2020年青桥公司和2020年云湖集团的净利润，哪家公司的净利润更高？", "青桥公司2019年净利润为3亿元。|3亿元"),
        ("青桥公司净利润和云湖集团净利润，哪个更高？", "青桥公司收入达3亿元。|3亿元"),
        ("比较青桥公司和云湖集团的净利润，哪家公司的净利润更高？", "云湖集团净利润为3亿元，青桥公司也不低。|3亿元"),
        ("比较青桥公司和云湖集团的净利润，哪家公司的净利润更高？", "收入和净利润分别为5亿元、3亿元。|3亿元"),
    ],
)  # fmt: skip
def test_a_figure_of_something_else_is_not_compared(question: str, first: str) -> None:
    short, _, (_, missing) = compared(question, first, "云湖集团的净利润和产值为1亿元。|1亿元")
    assert short is None
    assert missing.startswith(("没有找到：青桥", "没有找到：2020年青桥"))


def test_the_figure_after_what_is_measured_is_read_where_the_answer_is_another() -> None:
    texts = ("青桥公司募集9亿元，总资产达到2亿元。|9亿元", "云湖集团的总资产为3亿元。|3亿元")
    assert compared("青桥公司和云湖集团，哪家的总资产更大？", *texts)[0] == "云湖集团"


def test_a_term_is_told_by_the_longer_word() -> None:
    texts = ("判处张某有期徒刑三年，并处罚金五万元。|有期徒刑三年", "判处李某某有期徒刑四年。|四年")
    assert compared("张某和李某某的刑期谁更长？", *texts)[0] == "李某某"


def test_a_model_is_not_another_of_its_kind() -> None:
    texts = ("QOS 16.5于2023年6月发布。|2023年6月", "QOS 16.5于2023年6月发布。|2023年6月")
    assert compared("QOS 16.5和QOS 16.6的发布是在同一个月吗？", *texts)[0] is None


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
    "question",
    [
        "2021年3月2日当天，哪条路封闭？",
        "2021年3月当月，哪条路封闭？",
        "当天发生了什么？",
        "青桥什么时候通车？",
        "青桥公司当年的净利润是多少？",
        "青桥市市长在同一天视察了哪两个地方？",
        "青桥通车和云湖机场启用是不是同一年发生的？",
    ],
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
        ("第一届和第二届灯会在哪里？", "第二届灯会在青桥。", False),
        ("第一届和第二届灯会在哪里？", "第三届灯会在青桥。", True),
    ],
)
def test_one_of_a_series_is_not_another(question: str, text: str, clash: bool) -> None:
    assert series_clash(question, text) is clash


@pytest.mark.parametrize(
    "question",
    [
        "事件、" * 400 + "哪个最早",
        "和" * 1000,
        "a、" * 700,
        "甲公司和" * 300,
        "张某和李某某" * 250,
        "发生" * 900 + "同一年发生的吗",
        "，" * 1900 + "哪个更早",
        "以下事件更早：" + "这事件" * 600 + "甲",  # once took for ever
        "这事件" * 20 + "甲和乙通车是同一年吗",
        "在" * 1900 + "哪个更早",
        "与此同时" * 500,
        "哪个更早",
        "是同一年吗",
        "比较，哪家更高？",
    ],
    ids=lambda question: question[:6],
)
def test_odd_questions_compare_nothing_and_cost_nothing(question: str) -> None:
    started = time.process_time()
    comparison = read_comparison(question)
    parts_of(question)
    assert time.process_time() - started < 5
    assert comparison is None or 2 <= len(comparison.names) <= 6
