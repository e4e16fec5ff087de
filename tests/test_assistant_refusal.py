"""One probability decides between an answer and a refusal; words that are missing count against it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.question import read_question
from assistant.reading.absent import absence_warning
from assistant.reading.answer_kinds import is_of_kind
from assistant.reading.reader import OverlapReader, PassageReading
from assistant.reading.refusal import (
    FEATURE_NAMES,
    NEURAL,
    OVERLAP,
    Features,
    Weights,
    features,
    probability,
    threshold_for,
    year_clash,
)
from assistant.reading.weighing import ALWAYS_READ, LEAST_SCORE, worth_reading
from vectorstore.article import Hit
from vectorstore.fold import fold
from vectorstore.sentences import sentence_spans

READING = PassageReading(0.9, (0, 2), 0.8, (0.9,))


def hit(text: str, *, title: str = "", published: date | None = None) -> Hit:
    return Hit(1, 0.9, "p", "a", 0, len(text), text, title, "来源", None, published)


def found(question: str, text: str, *, title: str = "", published: date | None = None) -> Features:
    item = hit(text, title=title, published=published)
    spans = sentence_spans(text)
    reading = OverlapReader().read(question, [text], [spans])[0]
    return features(read_question(question), item, fold(text), reading, spans)


@pytest.mark.parametrize("weights", [NEURAL, OVERLAP])
def test_weights_fit_the_features(weights: Weights) -> None:
    assert len(weights.weights) == len(FEATURE_NAMES)
    assert 0 < weights.threshold < 1


@pytest.mark.parametrize("weights", [NEURAL, OVERLAP])
def test_a_missing_name_lowers_the_probability(weights: Weights) -> None:
    text = "腾讯公司AI Lab主任张潼出席了论坛。"
    same, other = found("腾讯公司AI Lab主任是谁？", text), found("旷视公司AI Lab主任是谁？", text)
    assert other.name_missing > same.name_missing == 0
    assert probability(other, weights) < probability(same, weights)


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("壹棹的创始人是谁？", "研发负责人秦照野说，路上不堵车。", 2.0),
        ("学院的院长是谁？", "学院副院长秦照野到场。", 2.0),
        ("秦照野哪一年出生？", "秦照野在2001年到学院任教。", 2.0),
        ("秦照野哪一年出生？", "秦照野（1963年－2003年）是作家。", 0.0),
        ("壹棹的创始人是谁？", "秦照野在2015年创办了壹棹。", 0.0),
        ("这部电影的导演是谁？", "影片由秦照野执导。", 0.0),
        ("谁获得了冠军？", "研发负责人秦照野说，路上不堵车。", 0.0),
    ],
)
def test_nobody_holds_an_office_that_the_text_does_not_name(question: str, text: str, lacks: float) -> None:
    asked = read_question(question)
    at = text.index("秦照野")
    year = re.search(r"\d{4}年", text) if asked.kind == "date" else None
    reading = PassageReading(0.9, year.span() if year else (at, at + 3), 0.8, (0.9,))
    assert features(asked, hit(text), fold(text), reading, sentence_spans(text)).wrong_type == lacks


@pytest.mark.parametrize(
    ("question", "answer", "fits"),
    [
        ("海拔3000米以上住了多少人？", "300人", True),
        ("这座山海拔多少？", "300人", False),
        ("年龄60岁以上的有多少人？", "300人", True),
        ("多重器官衰竭死了多少人？", "300人", True),
        ("这头鲸有多重？", "300人", False),
    ],
)
def test_a_measure_is_wanted_of_what_is_asked_and_not_of_what_is_told(
    question: str, answer: str, fits: bool
) -> None:
    assert is_of_kind(read_question(question), answer) == fits


@pytest.mark.parametrize("weights", [NEURAL, OVERLAP])
def test_another_year_lowers_the_probability(weights: Weights) -> None:
    base = found("2019世界人工智能大会什么时候举办？", "8月29日，2019世界人工智能大会将在上海举办。")
    assert base.year_clash == 0
    assert probability(replace(base, year_clash=1.0), weights) < probability(base, weights)


@pytest.mark.parametrize(
    ("question", "text", "published", "clash"),
    [
        ("2018年有多少人？", "2018年有100人。", None, 0.0),
        ("2018年有多少人？", "2019年有100人。", None, 1.0),
        ("2018年有多少人？", "去年有100人。", date(2019, 5, 1), 0.0),
        ("2018年有多少人？", "今年有100人。", date(2019, 5, 1), 1.0),
        ("2018年有多少人？", "有100人。", date(2018, 5, 1), 0.2),
        ("有多少人？", "2019年有100人。", None, 0.0),
    ],
)
def test_years(question: str, text: str, published: date | None, clash: float) -> None:
    assert year_clash(read_question(question), hit(text, published=published), text, (0, len(text))) == clash


@pytest.mark.parametrize(
    ("question", "answer", "fits"),
    [
        ("准确率是多少？", "90%", True),
        ("准确率是多少？", "300人", False),
        ("发动机的功率是多少？", "300千瓦", True),
        ("屏幕分辨率是多少？", "1920×1080", True),
        ("他的心率是多少？", "72次", True),
        ("女性人数占比是多少？", "35%", True),
        ("女性人数占比是多少？", "300人", False),
        ("占比超过50%的公司有多少人？", "300人", True),
        ("用户人数同比增长多少？", "12.5%", True),
        ("净利润同比增长多少元？", "5亿元", True),
        ("营收增长了多少倍？", "3倍", True),
        ("营收增长了多少倍？", "5亿元", False),
        ("营收增速是多少？", "5亿元", False),
        ("公司的毛利率是多少？", "2023", False),
        ("芯片多少钱一颗？", "5.2万亿次", False),
        ("芯片多少钱一颗？", "9.9美元", True),
        ("加速器选了多少项目？", "70亿元", False),
        ("美联储加息几次了？", "9个月", False),
        ("美联储加息几次了？", "11次", True),
        ("有多少家企业上市？", "1600多家", True),
        ("谁获得了奖学金？", "前者会", False),
    ],
)
def test_a_figure_is_counted_in_what_the_question_asks(question: str, answer: str, fits: bool) -> None:
    assert is_of_kind(read_question(question), answer) is fits


def test_the_title_and_the_date_count_as_what_the_passage_says() -> None:
    bare = found("沪上觅影馆2019年努力打造什么？", "努力打造人工智能体验示范地。")
    titled = found(
        "沪上觅影馆2019年努力打造什么？",
        "努力打造人工智能体验示范地。",
        title="沪上觅影馆报道",
        published=date(2019, 8, 1),
    )
    assert titled.name_missing < bare.name_missing


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_strictness_never_answers_more(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert threshold_for(low, NEURAL) <= threshold_for(high, NEURAL)


def test_the_middle_strictness_is_the_fitted_threshold() -> None:
    assert threshold_for(0.5, NEURAL) == pytest.approx(NEURAL.threshold)
    assert threshold_for(0.0, NEURAL) == 0.0


def test_what_is_absent_is_named() -> None:
    asked = read_question("腾讯2018年的营业收入是多少？")
    hits = [hit("腾讯发布了AI生态计划。", published=date(2017, 11, 9))]
    nowhere = absence_warning(asked, hits, lambda term: 0)
    assert nowhere == "文章里没有出现：2018年、营业收入 (the articles do not have: 2018年、营业收入)"
    elsewhere = absence_warning(asked, hits, lambda term: 3)
    assert (
        elsewhere
        == "最接近的段落里没有出现：2018年、营业收入 (the nearest passages do not have: 2018年、营业收入)"
    )
    assert absence_warning(read_question("腾讯发布了什么？"), hits, lambda term: 0) is None


def test_passages_that_the_search_hardly_believes_in_are_not_read() -> None:
    scores = [0.9, *[LEAST_SCORE / 2] * 5, LEAST_SCORE]
    hits = [replace(hit("甲"), rank=rank, score=score) for rank, score in enumerate(scores, start=1)]
    assert [one.rank for one in worth_reading(hits)] == [*range(1, ALWAYS_READ + 1), 7]
