"""The chat model path over a real socket, with a server broken in every way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk

from assistant.errors import ChatModelFailed
from assistant.writing.calling import reason_for, stream_text
from tests.chat_answers import CONTEXT, HONEST, QUESTION, events, writer, written
from tests.openai_stub import STALL_SECONDS, OpenAIStub


@pytest.fixture
def stub() -> Iterator[OpenAIStub]:
    with OpenAIStub(reply=HONEST, chunk=3) as server:
        yield server


@pytest.mark.parametrize("statuses", [[429], [500, 503], [502]])
def test_what_may_pass_is_tried_again(stub: OpenAIStub, statuses: list[int]) -> None:
    stub.behaviour.statuses = list(statuses)
    assert written(stub).text == HONEST
    assert len(stub.requests) == len(statuses) + 1


@pytest.mark.parametrize(
    ("status", "requests", "reason"),
    [
        (401, 1, "密钥"),
        (403, 1, "权限"),
        (404, 1, "不存在"),
        (400, 1, "请求"),
        (429, 3, "限流"),
        (500, 3, "出错"),
    ],
)
def test_errors_end_in_one_line(stub: OpenAIStub, status: int, requests: int, reason: str) -> None:
    stub.behaviour.statuses = [status] * 9
    with pytest.raises(ChatModelFailed, match=reason) as caught:
        events(stub)
    assert len(stub.requests) == requests
    assert "\n" not in caught.value.reason


def test_a_server_may_ask_for_patience(stub: OpenAIStub) -> None:
    stub.behaviour.statuses = [429]
    stub.behaviour.retry_after = "60"
    started = time.monotonic()
    with pytest.raises(ChatModelFailed, match="限流"):
        events(stub, timeout_seconds=30)  # longer than all the time there is: do not wait
    assert time.monotonic() - started < 30


def test_an_unreachable_server_is_said() -> None:
    with OpenAIStub() as gone:
        pass
    with pytest.raises(ChatModelFailed, match="连不上"):
        events(gone)


@pytest.mark.parametrize(
    "behaviour", [{"stall_after": 0}, {"stall_after": 4}, {"stall_after": 4, "trickle": True}]
)
def test_nothing_hangs_beyond_the_time_limit(stub: OpenAIStub, behaviour: dict[str, Any]) -> None:
    for name, value in behaviour.items():
        setattr(stub.behaviour, name, value)
    started = time.monotonic()
    with pytest.raises(ChatModelFailed, match="时限"):
        events(stub, timeout_seconds=0.6)
    assert time.monotonic() - started < STALL_SECONDS


def test_a_stream_cut_before_any_text_is_tried_again(stub: OpenAIStub) -> None:
    stub.behaviour.cut_after, stub.behaviour.cut_times = 0, 1
    assert written(stub).text == HONEST


def test_a_stream_cut_in_a_sentence_falls_back(stub: OpenAIStub) -> None:
    stub.behaviour.cut_after = 5
    with pytest.raises(ChatModelFailed, match="断开"):
        events(stub)
    assert len(stub.requests) == 1


def test_empty_output_falls_back(stub: OpenAIStub) -> None:
    stub.behaviour.reply = ""
    with pytest.raises(ChatModelFailed, match="没有给出任何内容"):
        events(stub)


def test_endless_output_is_cut_and_the_request_closed(stub: OpenAIStub) -> None:
    stub.behaviour.reply = HONEST
    stub.behaviour.endless = True
    assert written(stub).text == HONEST  # it repeats itself
    assert stub.disconnected.wait(20)


def test_output_beyond_the_limit_is_cut(stub: OpenAIStub) -> None:
    stub.behaviour.reply = HONEST + "".join(f"这是第{n}句废话，什么也没有说明。" for n in range(50))
    result = written(stub, output_tokens=30)
    assert result.text.startswith(HONEST)
    assert len(result.trace.raw_text) <= 120
    assert any("太长" in warning for warning in result.warnings)


def test_invalid_utf8_falls_back(stub: OpenAIStub) -> None:
    stub.behaviour.reply = HONEST[:10]
    stub.behaviour.invalid_utf8 = True
    with pytest.raises(ChatModelFailed, match="乱码"):
        events(stub)


def test_stop_closes_the_request(stub: OpenAIStub) -> None:
    stub.behaviour.endless = True
    stub.behaviour.pause_seconds = 0.02
    stream = writer(stub).stream(QUESTION, CONTEXT)
    next(stream)
    stream.close()
    assert stub.disconnected.wait(20)


class LosesCancellations:
    """A chat model whose library drops a cancellation that comes together with a chunk."""

    async def astream(self, *_: object) -> AsyncIterator[AIMessageChunk]:
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)
            yield AIMessageChunk(content="字")


def test_a_cancellation_that_a_library_loses_is_made_good() -> None:
    async def leave() -> None:
        model: Any = LosesCancellations()
        said: list[object] = []

        async def listen() -> None:
            async for piece in stream_text(model, [], timeout_seconds=10):
                said.append(piece)  # noqa: PERF401  # looked at before it ends

        listening = asyncio.create_task(listen())
        while not said:
            await asyncio.sleep(0.001)
        listening.cancel()
        await listening

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(leave())


def test_an_unknown_error_has_a_line_too() -> None:
    assert reason_for(RuntimeError("sk-secret")) == "对话模型出错（RuntimeError） (chat model error)"
