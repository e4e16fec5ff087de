"""Answers in threads: nobody waits for somebody else's slow model, and a stopped answer is closed."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest

from assistant.answer import Answer
from assistant.events import Event, Finished, Sentence, Understood
from assistant.web.completions import _chunks
from assistant.web.streaming import THREADS_WAITING, Threads, server_sent, to_dict

ANSWER = Answer("问", "问", "答", None, True, (), (), "reader", {})


def test_many_slow_answers_hold_up_no_quick_one() -> None:
    release, begun = threading.Event(), threading.Semaphore(0)

    def slow() -> Iterator[Event]:
        yield Understood("慢", {})
        begun.release()
        assert release.wait(20), "the quick one waits for this one"
        yield Finished(ANSWER)

    async def all_at_once() -> None:
        threads = Threads(waits_for_model=True)

        async def listen(events: Iterator[Event]) -> list[Event]:
            return [event async for event in threads.events(events)]

        waiting = [asyncio.create_task(listen(slow())) for _ in range(THREADS_WAITING - 4)]
        for _ in waiting:
            await asyncio.to_thread(begun.acquire)
        quick = await listen(iter([Understood("快", {}), Finished(ANSWER)]))
        release.set()
        assert len(quick) == 2
        assert all(len(events) == 2 for events in await asyncio.gather(*waiting))

    asyncio.run(all_at_once())


def test_a_listener_that_leaves_closes_the_answer() -> None:
    closed = threading.Event()

    def endless() -> Iterator[Event]:
        try:
            while True:
                yield Understood("问", {})
        finally:
            closed.set()

    async def leave() -> None:
        events = Threads(waits_for_model=False).events(endless())
        async for _ in events:
            break
        await events.aclose()  # type: ignore[attr-defined]  # an async generator

    asyncio.run(leave())
    assert closed.is_set()


def test_events_are_written_as_server_sent_events() -> None:
    name, content = to_dict(Finished(ANSWER))
    written = server_sent(name, content)
    assert written.startswith("event: finished\ndata: {")
    assert written.endswith("}\n\n")
    assert written.count("\n") == 3


def test_an_event_is_one_line_whatever_ends_a_line_elsewhere() -> None:
    words = "一\u2028二\u2029三\x85四\n五"
    written = server_sent("draft", {"text": words})
    assert len(written.strip().splitlines()) == 2
    assert json.loads(written.splitlines()[1].removeprefix("data: ")) == {"text": words}


@pytest.mark.parametrize("final", [True, False])
def test_what_a_failed_chat_model_said_is_not_sent(final: bool) -> None:
    answer = Answer("问", "问", "乙。[1]", None, False, (), (), "reader", {})
    events: list[Event] = [Sentence("乙。[1]", (), "supported"), Finished(answer)]
    if not final:
        events.insert(0, Sentence("甲。[1]", (), "supported"))

    async def said() -> str:
        threads = Threads(waits_for_model=True)
        lines = [line async for line in _chunks(threads, iter(events), sentences_are_final=final)]
        deltas = (json.loads(line[6:])["choices"][0]["delta"] for line in lines[:-1])
        return "".join(delta.get("content", "") for delta in deltas)

    assert asyncio.run(said()) == "乙。[1]"
