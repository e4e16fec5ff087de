"""The trained rewriter only ever writes what was said."""

from __future__ import annotations

import pytest

from assistant.followups.rewriter import MODEL_DIR, Rewriter, open_rewriter

pytestmark = pytest.mark.skipif(not (MODEL_DIR / "rewriter.onnx").is_file(), reason="the model is not here")

TURNS = [
    ("《流浪地球2》的票房是多少？", "40.29亿元", "它的导演是谁？"),
    ("ChatGPT是哪家公司开发的？", "OpenAI", "它有多少用户？"),
    ("", "", "它是什么？"),
    ("問" * 500, "答" * 500, "那呢" * 200),
    ("\x01\x02", "\x03", "😀"),
    ("谁？", "我", ""),
]


@pytest.mark.parametrize(("question", "answer", "followup"), TURNS)
def test_every_character_was_said(question: str, answer: str, followup: str) -> None:
    rewritten = Rewriter().rewrite(question, answer, followup)
    assert set(rewritten.text) <= set(question + answer + followup)
    assert 0 <= rewritten.confidence <= 1


def test_a_pronoun_is_replaced_by_what_it_stands_for() -> None:
    rewriter = open_rewriter()
    assert rewriter is not None
    assert rewriter.rewrite(*TURNS[0]).text == "《流浪地球2》的导演是谁？"


def test_the_same_turns_give_the_same_text() -> None:
    assert Rewriter().rewrite(*TURNS[1]) == Rewriter().rewrite(*TURNS[1])
