"""Follow-ups are completed from the last turns, or left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from assistant.events import Turn
from assistant.followups.antecedents import MARKER
from assistant.followups.complete import History, standalone, turns_of
from assistant.followups.rewriter import Rewritten
from assistant.followups.topic import subject_of

NEWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "news_followups.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_news_followups_are_understood() -> None:
    assert len(NEWS) == 40
    right = [
        row
        for row in NEWS
        if standalone(row["question"], [tuple(t) for t in row["history"]]) in row["standalone"]
    ]
    assert len(right) >= 39


@pytest.mark.parametrize(
    ("earlier", "question", "alone"),
    [
        (["法国监狱现在有多少人？"], "女性占多少？", "法国监狱的女性占多少？"),
        (["三峡奇潭全长多少公里？"], "门票多少钱？", "三峡奇潭的门票多少钱？"),
        (["北京有多少高校？"], "华为有多少员工？", "华为有多少员工？"),
        (["LK-99是什么？"], "为什么它不是超导体？", "为什么LK-99不是超导体？"),
        (["武汉19号线是什么？", "它有多少座车站？"], "最高速度呢？", "武汉19号线的最高速度是什么？"),
        (["小杨哥向灾区捐了多少钱？", "他是哪里人？"], "什么时候出生的？", "小杨哥什么时候出生的？"),
        (["首款纯电动车叫什么？"], "什么时候展示的？", "首款纯电动车什么时候展示的？"),
        (["顾智国是谁？"], "他什么时候加入救援队的？", "顾智国什么时候加入救援队的？"),
        (["唐某偷了多少黄金？"], "他什么时候被抓的？", "唐某什么时候被抓的？"),
        (["天竺综保区今年1至7月进出口多少？"], "大兴综保区呢？", "大兴综保区今年1至7月进出口多少？"),
        (["A种储蓄账户的总额是多少？"], "那住房账户呢？", "住房账户的总额是多少？"),
        (["新帕拉丁的轴距是多少？"], "和哪些车竞争？", "新帕拉丁和哪些车竞争？"),
    ],
)
def test_follow_ups_of_follow_ups_and_of_like_things(earlier: list[str], question: str, alone: str) -> None:
    assert standalone(question, [(text, "文章里没有提到。") for text in earlier]) == alone


@pytest.mark.parametrize(
    "history",
    [
        [Turn("腾讯AI Lab主任是谁？", "张潼")],
        [("腾讯AI Lab主任是谁？", "张潼")],
        [{"role": "user", "content": "腾讯AI Lab主任是谁？"}, {"role": "assistant", "content": "张潼"}],
        [["腾讯AI Lab主任是谁？", "张潼"]],
        [{"question": "腾讯AI Lab主任是谁？", "answer": "张潼"}],
        [SystemMessage("你是助手"), HumanMessage("腾讯AI Lab主任是谁？"), AIMessage("张潼")],
        [HumanMessage([{"type": "text", "text": "腾讯AI Lab主任是谁？"}]), AIMessage(["张潼"])],
        [{"role": "human", "content": "腾讯AI Lab主任是谁？"}, {"role": "ai", "content": "张潼"}],
    ],
)
def test_a_history_may_be_turns_pairs_or_messages(history: History) -> None:
    assert turns_of(history) == [Turn("腾讯AI Lab主任是谁？", "张潼")]
    assert standalone("他毕业于哪所大学？", history) == "张潼毕业于哪所大学？"


def test_no_history_is_none() -> None:
    assert turns_of(None) == []
    assert turns_of([("问", None), {"role": "user", "content": None}]) == [Turn("问", ""), Turn("", "")]


@pytest.mark.parametrize(
    "history",
    ["问？", {"question": "问", "answer": "答"}, ["问？"], [("问", "答", "又")], [{"q": "问"}], [7], 7],
)
def test_a_history_of_another_shape_is_refused(history: History) -> None:
    with pytest.raises(ValueError, match="question 和 answer"):
        turns_of(history)


def test_without_history_nothing_changes() -> None:
    assert standalone("它什么时候推出的？", []) == "它什么时候推出的？"


def test_a_question_with_its_own_subject_is_left_alone() -> None:
    history = [("腾讯AI Lab主任是谁？", "张潼")]
    for question in (
        "《西部世界》的导演是谁？",
        "2019世界人工智能大会什么时候举办？",
        "王兰说她有什么计划？",
    ):
        assert standalone(question, history) == question


def test_the_words_that_answered_are_asked_for_where_the_answer_is_long() -> None:
    asked = []

    def answer_in(question: str, answer: str) -> str:
        asked.append((question, answer))
        return "张潼"

    long = "腾讯公司AI Lab主任、杰出科学家张潼，腾讯开放平台副总经理王兰悉数到场。[1]"
    assert (
        standalone("他还说了什么？", [("腾讯AI Lab主任是谁？", long)], answer_in=answer_in)
        == "张潼还说了什么？"
    )
    assert asked == [("腾讯AI Lab主任是谁？", long.removesuffix("[1]"))]


def test_messages_without_a_question_or_with_no_content_do_no_harm() -> None:
    assert turns_of([{"role": "assistant", "content": "你好"}, {"role": "user"}]) == [Turn("", "")]
    assert standalone("它是什么？", [{"role": "assistant", "content": "你好"}]) == "它是什么？"


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("腾讯觅影发现早期食管癌的准确率是多少？", "腾讯觅影"),
        ("《流浪地球2》的票房是多少？", "《流浪地球2》"),
        ("世界人工智能大会在哪里举办？", "世界人工智能大会"),
        ("比亚迪2022年的销量是多少？", "比亚迪"),
        ("知穗农业布设了多少个摄像头？", "知穗农业"),
        ("腾讯收购过哪些公司？", "腾讯"),
        ("腾讯为了什么目标投资？", "腾讯"),
    ],
)
def test_the_subject_of_a_question(question: str, subject: str) -> None:
    assert subject_of(question) == subject


@pytest.mark.parametrize(
    ("before", "question", "alone"),
    [
        ("《流浪地球》的票房是多少？", "《流浪地球2》呢？", "《流浪地球2》的票房是多少？"),
        ("《流浪地球》的票房是多少？", "流浪地球2呢？", "《流浪地球2》的票房是多少？"),
        ("腾讯2017年的营收是多少？", "上半年呢？", "腾讯2017年上半年的营收是多少？"),
        ("腾讯2017年的营收是多少？", "8月呢？", "腾讯2017年8月的营收是多少？"),
        ("腾讯2017年7月的营收是多少？", "8月呢？", "腾讯2017年8月的营收是多少？"),
        ("拉萨的人口是多少？", "那曲呢？", "那曲的人口是多少？"),
        ("拉萨的人口是多少？", "那曲阜呢？", "曲阜的人口是多少？"),
        ("法国的总统是谁？", "那英国呢？", "英国的总统是谁？"),
    ],
)
def test_a_part_is_swapped(before: str, question: str, alone: str) -> None:
    assert standalone(question, [(before, "")]) == alone


def test_na_before_yigong_only_opens_the_question() -> None:
    history = [("知穗农业布设了多少个摄像头？", "420个")]
    assert standalone("那一共有多大面积？", history) == "知穗农业一共有多大面积？"


@pytest.mark.parametrize("question", ["它的呢？", "那他的呢？", "该公司的呢？", "那里的呢？", "它们呢？"])
def test_a_bare_pronoun_is_replaced(question: str) -> None:
    assert standalone(question, [("马云的身家是多少？", "1600亿元")]).startswith("马云")


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("俄罗斯的总统是谁？", "土耳其的总统是谁？"),
        ("上海有多少人？", "其他城市有多少人？"),
        ("小提琴有几根弦？", "吉他有几根弦？"),
        ("意大利有多少人？", "马耳他有多少人？"),
        ("腾讯有多少员工？", "阿里巴巴及其子公司有多少员工？"),
        ("北京有多少人？", "尤其是上海有多少人？"),
        ("腾讯有多少员工？", "百度有多少员工？"),
        ("腾讯的总部在哪里？", "阿里巴巴的总部在哪里？"),
        ("腾讯什么时候成立？", "特斯拉有多少员工？"),
    ],
)
def test_what_only_looks_like_a_follow_up_is_left_alone(before: str, question: str) -> None:
    def careless(_question: str, _answer: str, followup: str) -> Rewritten:
        return Rewritten(followup.replace("其", "腾讯").replace("他", "腾讯"), 1.0)

    assert standalone(question, [(before, "")], rewrite=careless) == question


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("其总部在哪里？", "腾讯的总部在哪里？"),
        ("与其合作的公司有哪些？", "与腾讯合作的公司有哪些？"),
        ("去年的营收是多少？", "腾讯的去年的营收是多少？"),
        ("因此公司亏损了多少？", "腾讯的公司亏损了多少？"),
    ],
)
def test_a_subject_is_put_where_it_is_missing(question: str, alone: str) -> None:
    assert standalone(question, [("腾讯的营收是多少？", "")]) == alone


@pytest.mark.parametrize(
    "marker", ["[1]", "[1, 3]", "【2】", "［3］", "[文章1]", "（文章日期：2019年8月20日）"]
)
def test_every_marker_is_taken_out_of_an_earlier_answer(marker: str) -> None:
    assert MARKER.sub("", f"张潼{marker}") == "张潼"
