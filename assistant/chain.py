"""The steps of an answer as one LangChain chain: each a named Runnable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from langchain_core.runnables import Runnable, RunnableConfig, RunnableGenerator, RunnableLambda

from assistant.answer import Answer
from assistant.answering import MAX_QUESTION_CHARS, Answering, Progress, Request
from assistant.characters import whole, whole_values
from assistant.events import Finished
from assistant.followups.complete import turns_of
from vectorstore.catalog_reader import Filters

Step: TypeAlias = Callable[[Progress, RunnableConfig], Iterator[Progress]]
ChainInput: TypeAlias = str | Mapping[str, Any] | Request


def events_chain(answering: Answering) -> Runnable[Any, Progress]:
    """Return the chain whose stream is the progress of an answer; its last event is Finished."""
    return (
        RunnableLambda(read_request, name="question")
        | _step("standalone question", answering.understand)
        | _step("retrieve", answering.find)
        | _step("read", answering.read)
        | _step("fit context", answering.fit)
        | _step("write and verify", answering.write)
    )


def answer_chain(answering: Answering) -> Runnable[Any, Answer]:
    """Return the chain question -> Answer; a question is text, or {"question", "history", …}."""
    return (events_chain(answering) | RunnableLambda(_answer_of, name="result")).with_config(run_name="yinju")


def read_request(asked: ChainInput) -> Progress:
    """Return the start of an answer.

    Raises:
        ValueError: there is no question, it is empty or too long, or what comes with it is not understood.
    """
    match asked:
        case Request():
            request = asked
        case Mapping():
            request = Request(
                asked.get("question") or "",
                history=tuple(turns_of(asked.get("history"))),
                filters=asked.get("filters"),
                ignore_time=bool(asked.get("ignore_time", False)),
            )
        case _:
            request = Request(asked)
    check_question(request.question)
    return Progress(
        replace(request, question=whole(request.question), filters=check_filters(request.filters))
    )


def check_filters(filters: Filters | None) -> Filters | None:
    """Return filters whose texts are whole.

    Raises:
        ValueError: they are none.
    """
    if filters is None:
        return None
    if not isinstance(filters, Filters):
        raise ValueError(
            f"filters 应是 Filters(since=…, until=…, source=…, fields=…)，不是 {type(filters).__name__} "
            f"(filters should be a vectorstore.catalog_reader.Filters, not a {type(filters).__name__})"
        )
    fields = tuple((whole(name), whole(value)) for name, value in filters.fields)
    return replace(filters, source=whole_values(filters.source), fields=fields)


def check_question(question: str) -> None:
    """Refuse what is no question.

    Raises:
        ValueError: it is no text, empty, or longer than `MAX_QUESTION_CHARS`.
    """
    if not isinstance(question, str):
        raise ValueError(f"问题应是一段文字，不是 {type(question).__name__} (a question is a text)")
    if not question.strip():
        raise ValueError("问题是空的：请输入一个问题 (the question is empty: type one)")
    if len(question) > MAX_QUESTION_CHARS:
        raise ValueError(
            f"问题太长：{len(question)} 个字，最多 {MAX_QUESTION_CHARS} 个字 "
            f"(the question has {len(question)} characters, at most {MAX_QUESTION_CHARS} are read)"
        )


def _answer_of(progress: Progress) -> Answer:
    if not isinstance(progress.event, Finished):
        raise TypeError(f"a chain ends with Finished, not {progress.event!r}")
    return progress.event.answer


def _step(name: str, advance: Step) -> Runnable[Progress, Progress]:
    """Return a step that passes on what comes before it, then, unless that is the end, its own progress."""

    def transform(earlier: Iterator[Progress], config: RunnableConfig) -> Iterator[Progress]:
        last = None
        for last in earlier:
            yield last
        if last is not None and not isinstance(last.event, Finished):
            yield from advance(last, config)

    async def transform_async(
        earlier: AsyncIterator[Progress], config: RunnableConfig
    ) -> AsyncIterator[Progress]:
        last = None
        async for last in earlier:
            yield last
        if last is not None and not isinstance(last.event, Finished):
            async for progress in in_threads(advance(last, config)):
                yield progress

    # LangChain passes config to a transform that asks for it; its type omits that
    return RunnableGenerator(transform, transform_async, name=name)  # type: ignore[arg-type]


async def in_threads(progress: Iterator[Progress]) -> AsyncIterator[Progress]:
    """Yield the items of a blocking generator without blocking the event loop; closing it closes that one."""
    step: asyncio.Task[Progress | None] | None = None
    try:
        while True:
            step = asyncio.create_task(asyncio.to_thread(next, progress, None))
            item = await asyncio.shield(step)
            if item is None:
                return
            yield item
    finally:
        if step is not None:  # cancelled or not: a generator cannot be closed while it runs
            await asyncio.wait({step})
        close = getattr(progress, "close", None)
        if close is not None:
            await asyncio.to_thread(close)
