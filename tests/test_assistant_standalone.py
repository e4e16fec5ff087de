"""Follow-ups rewritten by the chat model, over a real socket."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from assistant.errors import ChatModelFailed
from assistant.events import Turn
from assistant.writing.chat_model import open_chat_model
from assistant.writing.standalone import clean_question, rewrite
from tests.chat_answers import HONEST, settings
from tests.openai_stub import OpenAIStub


@pytest.fixture
def stub() -> Iterator[OpenAIStub]:
    with OpenAIStub(reply=HONEST, chunk=3) as server:
        yield server


HISTORY = [Turn("腾讯觅影是什么？", "一款AI医学影像产品[1]。")]


def test_a_follow_up_is_rewritten(stub: OpenAIStub) -> None:
    stub.behaviour.reply = (
        "<think>它是腾讯觅影</think>改写后的问题：“腾讯觅影的准确率是多少？”\n说明：补全了主语。"
    )
    model = open_chat_model(settings(stub), environment={"OPENAI_BASE_URL": stub.base_url})
    asked = rewrite(model, "它的准确率呢？", HISTORY, count_tokens=len, timeout_seconds=60)
    assert asked == "腾讯觅影的准确率是多少？"
    assert "一款AI医学影像产品。" in stub.requests[0]["messages"][1]["content"]


def test_the_history_is_trimmed_to_its_budget(stub: OpenAIStub) -> None:
    stub.behaviour.reply = "腾讯觅影的准确率是多少？"
    model = open_chat_model(settings(stub), environment={"OPENAI_BASE_URL": stub.base_url})
    turns = [Turn(f"第{n}个问题" * 20, "很长的回答" * 100) for n in range(30)]
    rewrite(model, "它呢？", turns, count_tokens=len, timeout_seconds=60)
    content = stub.requests[0]["messages"][1]["content"]
    assert len(content) < 1500
    assert "第29个问题" in content
    assert "第0个问题" not in content


@pytest.mark.parametrize("text", ["", "<think>没有想完", "  \n ", "长" * 400])
def test_no_usable_question_is_an_error(text: str) -> None:
    with pytest.raises(ChatModelFailed, match="没有改写出问题"):
        clean_question(text, "它呢？")


def test_a_stalled_rewriting_ends_early(stub: OpenAIStub) -> None:
    model = open_chat_model(settings(stub), environment={"OPENAI_BASE_URL": stub.base_url})
    rewrite(model, "它呢？", HISTORY, count_tokens=len, timeout_seconds=60)  # imports are warm
    stub.behaviour.stall_after = 0
    started = time.monotonic()
    with pytest.raises(ChatModelFailed, match="时限"):
        rewrite(model, "它呢？", HISTORY, count_tokens=len, timeout_seconds=4)
    assert time.monotonic() - started < 4
