"""Run one ingest at a time in a thread, and tell how far it is."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from assistant.settings import Settings
from assistant.web.texts import in_both
from ingest.report import IngestReport
from vectorstore.errors import LibraryInUse

logger = logging.getLogger(__name__)
_running = threading.Lock()
SECONDS_BETWEEN = 0.2


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Failed:
    """Why an ingest was not finished."""

    reason: str


@dataclass(frozen=True, slots=True)
class Busy:
    """Another ingest of this page is running."""


Step: TypeAlias = Progress | IngestReport | Failed | Busy


def run(
    paths: Sequence[Path], library: Path, settings: Settings, *, rebuild: bool = False,
    readmitted: Sequence[Path] = (),
) -> Iterator[Step]:  # fmt: skip
    """Ingest the paths, or every remembered root where there is none; yield progress, then what came of it.

    It goes on where nobody listens any more. Articles of the `readmitted` files that were removed come back.
    """
    if not _running.acquire(blocking=False):
        yield Busy()
        return
    steps: queue.SimpleQueue[Step] = queue.SimpleQueue()

    def work() -> None:
        try:
            last = _outcome(paths, library, settings, steps, rebuild=rebuild, readmitted=readmitted)
        finally:
            _running.release()
        steps.put(last)

    threading.Thread(target=work, name="ingest", daemon=True).start()
    yield from _latest(steps)


def _outcome(
    paths: Sequence[Path],
    library: Path,
    settings: Settings,
    steps: queue.SimpleQueue[Step],
    **options: object,
) -> Step:
    try:
        return ingest(
            paths, library, settings, on_progress=lambda *step: steps.put(Progress(*step)), **options
        )
    except Exception as error:  # whatever it is, the page says so and goes on
        return Failed(" ".join(str(error).split()) or type(error).__name__)
    except BaseException as error:  # it ends this thread alone, and somebody waits to hear of it
        logger.exception("an ingest was broken off")
        return Failed(f"收录中断了：{type(error).__name__} (broken off: {type(error).__name__})")


def ingest(paths: Sequence[Path], library: Path, settings: Settings, **options: object) -> IngestReport:
    """Ingest with the settings that the page was started with."""
    from ingest.pipeline import ingest_paths

    return ingest_paths(
        list(paths), library=library, embedder=settings.embedder, chroma_url=settings.chroma_url,
        chroma_headers=settings.server_headers,
        **options,  # type: ignore[arg-type]  # on_progress, rebuild, readmitted
    )  # fmt: skip


def remove(article_id: str, library: Path, settings: Settings) -> bool:
    """Remove an article; tell whether there was one.

    Raises:
        LibraryInUse: an ingest is running; waiting for it would hold a thread that others need.
    """
    from ingest.pipeline import remove_article

    if not _running.acquire(blocking=False):
        raise LibraryInUse(in_both("ingest_busy"))
    try:
        return remove_article(
            article_id, library=library, embedder=settings.embedder, chroma_url=settings.chroma_url,
            chroma_headers=settings.server_headers,
        )  # fmt: skip
    finally:
        _running.release()


def _latest(steps: queue.SimpleQueue[Step]) -> Iterator[Step]:
    """Yield the newest step a few times a second, until the last one."""
    import time

    while True:
        step = steps.get()
        while isinstance(step, Progress) and not steps.empty():
            step = steps.get()
        yield step
        if not isinstance(step, Progress):
            return
        time.sleep(SECONDS_BETWEEN)
