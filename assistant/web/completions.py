"""The same answers in the shape of OpenAI's chat API, for programs that speak only that."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from assistant.answer import Answer
from assistant.chain import check_question
from assistant.characters import whole_values
from assistant.events import Event, Finished, Sentence, Turn
from assistant.web.api import MAX_ANSWER_CHARS, MAX_TURNS, event_stream, problem
from assistant.web.assistants import Assistants
from assistant.web.streaming import Threads, data_line

logger = logging.getLogger(__name__)
MODEL = "yinju"


class Message(BaseModel):
    """One message; other keys of OpenAI's are accepted and not read."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = Field(None, max_length=MAX_ANSWER_CHARS)

    def text(self) -> str:
        """Return the words of the message."""
        if isinstance(self.content, list):
            return "".join(str(part.get("text", "")) for part in self.content if part.get("type") == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream should say besides the answer."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool | None = None


class CompletionBody(BaseModel):
    """What `POST /v1/chat/completions` reads; sampling options are accepted and not read, null is as good as left out."""

    model_config = ConfigDict(extra="ignore")

    messages: list[Message] = Field(min_length=1, max_length=200)
    model: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    @model_validator(mode="before")
    @classmethod
    def _make_whole(cls, values: Any) -> Any:
        """Mend the halves of emoji that a program cut in two."""
        return whole_values(values)

    @property
    def include_usage(self) -> bool:
        """Tell whether the stream should end with what the answer cost."""
        return bool(self.stream_options and self.stream_options.include_usage)


def router(assistants: Assistants, threads: Threads) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/v1/models")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}]}

    @routes.post("/v1/chat/completions", response_model=None)
    async def complete(body: CompletionBody) -> dict[str, Any] | StreamingResponse:
        question, history = conversation(body.messages)
        check_question(question)
        events = assistants.base.stream(question, history=history)
        if body.stream:
            is_final = assistants.settings.chat_model is None
            chunks = _chunks(threads, events, sentences_are_final=is_final, include_usage=body.include_usage)
            return event_stream(chunks)
        async for event in threads.events(events):
            if isinstance(event, Finished):
                return _whole(event.answer)
        raise AssertionError("a stream ends with Finished")

    return routes


def conversation(messages: list[Message]) -> tuple[str, list[Turn]]:
    """Return the last user message, and the turns before it.

    Raises:
        ValueError: the last message with words is not the user's.
    """
    spoken = [(message.role, message.text()) for message in messages if message.role in {"user", "assistant"}]
    if not spoken or spoken[-1][0] != "user":
        raise ValueError("最后一条消息应来自 user (the last message should be the user's)")
    turns = [
        Turn(first[1], second[1])
        for first, second in pairwise(spoken)
        if first[0] == "user" and second[0] == "assistant"
    ]
    return spoken[-1][1], turns[-MAX_TURNS:]


def _head(kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": MODEL}


def _usage(answer: Answer) -> dict[str, int]:
    used = answer.usage
    prompt, completion = (used.prompt_tokens, used.completion_tokens) if used else (0, 0)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _whole(answer: Answer) -> dict[str, Any]:
    citations = [citation.to_dict() for citation in answer.citations]
    message = {"role": "assistant", "content": answer.answer, "citations": citations}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        **_head("chat.completion"),
        "choices": [choice],
        "usage": _usage(answer),
        "citations": citations,
        "refused": answer.refused,
    }


async def _chunks(
    threads: Threads, events: Iterator[Event], *, sentences_are_final: bool, include_usage: bool = False
) -> AsyncIterator[str]:
    """Yield the answer, sentence by sentence where nothing takes them back; the last chunk carries the citations.

    A chat model's sentences are taken back where it fails midway and the reader answers instead. With
    `include_usage` a chunk without choices says at the end what the answer cost, as OpenAI's does.
    """
    head = _head("chat.completion.chunk")
    if include_usage:
        head["usage"] = None
    said = ""
    try:
        yield _chunk(head, {"role": "assistant", "content": ""})
        async for event in threads.events(events):
            if isinstance(event, Sentence) and sentences_are_final:
                said += event.text
                yield _chunk(head, {"content": event.text})
            elif isinstance(event, Finished):
                for line in _last_chunks(head, event.answer, said):
                    yield line
                if include_usage:
                    yield data_line({**head, "choices": [], "usage": _usage(event.answer)})
    except Exception as error:
        logger.exception("an answer failed")
        yield data_line(problem(error)[1])
    yield "data: [DONE]\n\n"


def _last_chunks(head: dict[str, Any], answer: Answer, said: str) -> Iterator[str]:
    """Say what the sentences left out (a refusal says nothing before it is finished), then the citations."""
    if answer.answer.startswith(said) and len(answer.answer) > len(said):
        yield _chunk(head, {"content": answer.answer[len(said) :]})
    citations = [citation.to_dict() for citation in answer.citations]
    told = {"citations": citations, "refused": answer.refused}
    yield _chunk({"usage": _usage(answer), **head, **told}, {}, finish="stop")


def _chunk(head: dict[str, Any], delta: dict[str, str], finish: str | None = None) -> str:
    content = {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return data_line(content)
