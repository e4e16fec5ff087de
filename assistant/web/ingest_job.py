"""Run one ingest at a time in a thread, and tell how far it is."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from assistant.settings import Settings
from ingest.report import IngestReport

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


def run(paths: Sequence[Path], library: Path, settings: Settings, *, rebuild: bool = False) -> Iterator[Step]:
    """Ingest the paths, or every remembered root where there is none; yield progress, then what came of it.

    It goes on where nobody listens any more.
    """
    if not _running.acquire(blocking=False):
        yield Busy()
        return
    steps: queue.SimpleQueue[Step] = queue.SimpleQueue()

    def work() -> None:
        try:
            last = _outcome(paths, library, settings, steps, rebuild=rebuild)
        finally:
            _running.release()
        steps.put(last)

    threading.Thread(target=work, name="ingest", daemon=True).start()
    yield from _latest(steps)


def _outcome(
    paths: Sequence[Path], library: Path, settings: Settings, steps: queue.SimpleQueue[Step], *, rebuild: bool
) -> Step:
    try:
        return ingest(
            paths, library, settings, rebuild=rebuild, on_progress=lambda *step: steps.put(Progress(*step))
        )
    except Exception as error:  # whatever it is, the page says so and goes on
        return Failed(" ".join(str(error).split()) or type(error).__name__)


def ingest(paths: Sequence[Path], library: Path, settings: Settings, **options: object) -> IngestReport:
    """Ingest with the settings that the page was started with."""
    from ingest.pipeline import ingest_paths

    return ingest_paths(
        list(paths), library=library, embedder=settings.embedder, chroma_url=settings.chroma_url,
        chroma_headers={name: value.get_secret_value() for name, value in settings.chroma_headers.items()},
        **options,  # type: ignore[arg-type]  # on_progress, rebuild
    )  # fmt: skip


def remove(article_id: str, library: Path, settings: Settings) -> bool:
    """Remove an article; tell whether there was one."""
    from ingest.pipeline import remove_article

    with _running:
        return remove_article(
            article_id, library=library, embedder=settings.embedder, chroma_url=settings.chroma_url,
            chroma_headers={name: value.get_secret_value() for name, value in settings.chroma_headers.items()},
        )  # fmt: skip


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
