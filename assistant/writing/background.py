"""Run an async generator from synchronous code, on one event loop in a background thread."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

T = TypeVar("T")
_CLOSING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Item(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="yinju-chat-model", daemon=True).start()
    return loop


def iterate(make: Callable[[], AsyncGenerator[T, None]]) -> Generator[T, None, None]:
    """Yield what the async generator yields; closing this one closes that one, and what it waits for."""
    items: queue.SimpleQueue[_Item[T] | _End] = queue.SimpleQueue()
    future = asyncio.run_coroutine_threadsafe(_pump(make, items), _loop())
    ended = False
    try:
        while isinstance(item := items.get(), _Item):
            yield item.value
        ended = True
        if item.error is not None:
            raise item.error
    finally:
        if not ended:
            _cancel(future, items)


async def _pump(
    make: Callable[[], AsyncGenerator[T, None]], items: queue.SimpleQueue[_Item[T] | _End]
) -> None:
    error: BaseException | None = None
    try:
        async with aclosing(make()) as source:
            async for value in source:
                items.put(_Item(value))
    except BaseException as caught:
        error = caught
        if isinstance(caught, asyncio.CancelledError):
            raise
    finally:
        items.put(_End(error))


def _cancel(future: Future[None], items: queue.SimpleQueue[_Item[T] | _End]) -> None:
    """Cancel, and wait until the generator is closed (its request with it), but not for ever."""
    future.cancel()
    until = time.monotonic() + _CLOSING_SECONDS
    with suppress(queue.Empty):
        while not isinstance(items.get(timeout=max(0.0, until - time.monotonic())), _End):
            pass
