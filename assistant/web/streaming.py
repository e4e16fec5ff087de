"""Answer in threads of our own, event by event, so that a slow model call blocks nobody else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

import anyio
import anyio.to_thread

from assistant.events import Draft, Event, Finished, Found, Sentence, Understood

T = TypeVar("T")
_LINE_ENDS = str.maketrans({end: f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"})
THREADS_READING = 3  # without a chat model an answer is pure computing: more threads only take turns
THREADS_WAITING = 64  # with one, threads mostly wait for the network


class Threads:
    """The threads in which questions are answered; the page's other work has its own."""

    def __init__(self, *, waits_for_model: bool) -> None:
        self._count = THREADS_WAITING if waits_for_model else THREADS_READING
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Run blocking work in one of the threads."""
        if self._limiter is None:  # made inside the event loop that it belongs to
            self._limiter = anyio.CapacityLimiter(self._count)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    async def events(self, events: Iterator[Event]) -> AsyncIterator[Event]:
        """Yield an answer's events; when the listener goes away the answer is stopped."""
        try:
            while (event := await self.run(lambda: next(events, None))) is not None:
                yield event
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                with anyio.CancelScope(shield=True):
                    await self.run(close)


def to_dict(event: Event) -> tuple[str, dict[str, object]]:
    """Return an event's name and its content as plain JSON values."""
    match event:
        case Understood():
            return "understood", {
                "standalone_question": event.standalone_question,
                "filters": dict(event.filters),
            }
        case Found():
            return "found", {"hits": [hit.to_dict() for hit in event.hits]}
        case Draft():
            return "draft", {"text": event.text}
        case Sentence():
            citations = [citation.to_dict() for citation in event.citations]
            return "sentence", {"text": event.text, "citations": citations, "verdict": event.verdict}
        case Finished():
            return "finished", event.answer.to_dict()


def server_sent(name: str, content: object) -> str:
    """Return one server-sent event."""
    return f"event: {name}\n{data_line(content)}"


def data_line(content: object) -> str:
    """Return the data of a server-sent event, on one line for clients that know Unicode's other line ends too."""
    return f"data: {json.dumps(content, ensure_ascii=False).translate(_LINE_ENDS)}\n\n"
