"""Follow-ups are completed from the last turns, or left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.events import Turn
from assistant.followups.complete import standalone, turns_of
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
    assert len(right) >= 36


@pytest.mark.parametrize(
    "history",
    [
        [Turn("腾讯AI Lab主任是谁？", "张潼")],
        [("腾讯AI Lab主任是谁？", "张潼")],
        [{"role": "user", "content": "腾讯AI Lab主任是谁？"}, {"role": "assistant", "content": "张潼"}],
        [["腾讯AI Lab主任是谁？", "张潼"]],
    ],
)
def test_a_history_may_be_turns_pairs_or_messages(history: list[Turn]) -> None:
    assert turns_of(history) == [Turn("腾讯AI Lab主任是谁？", "张潼")]
    assert standalone("他毕业于哪所大学？", history) == "张潼毕业于哪所大学？"


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
    ],
)
def test_the_subject_of_a_question(question: str, subject: str) -> None:
    assert subject_of(question) == subject
