"""Embed new passages in the background, while the next ones are being read."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Self

from vectorstore.catalog_writer import IndexEntry, embedded_text
from vectorstore.embedders import Embedder
from vectorstore.generations import Progress
from vectorstore.staging import Staging

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 512
_IN_FLIGHT = 3  # batches: bounds the memory when reading is faster than embedding


class BackgroundEmbedder:
    """Embeds in one thread; the catalog is read and written by the caller's thread alone."""

    def __init__(self, staging: Staging, embedder: Embedder, *, on_progress: Progress) -> None:
        self._staging = staging
        self._embedder = embedder
        self._on_progress = on_progress
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="embed")
        self._waiting: dict[str, str] = {}
        self._running: deque[tuple[list[str], Future[NDArray[np.float32]]]] = deque()
        self._total = 0
        self.done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def add(self, entries: Sequence[IndexEntry]) -> None:
        """Take passages that were just stored; those embedded before, under any article, are skipped."""
        for entry in entries:
            self._waiting[entry.digest] = embedded_text(entry.title, entry.text)
        if len(self._waiting) >= BATCH:
            self._submit()

    def flush(self) -> None:
        """Embed what was taken, to the last passage."""
        if self._waiting:
            self._submit()
        self._collect(leave=0)

    def embed_missing(self) -> int:
        """Embed what the next generation lacks: left by an earlier run, or new to this embedder."""
        self._total = self._staging.count_missing(self._embedder.fingerprint)
        if self._total:
            for batch in self._staging.missing_embeddings(self._embedder.fingerprint, batch=BATCH):
                self._start(dict(batch))
            self._collect(leave=0)
        return self.done

    def _submit(self) -> None:
        known = self._staging.embedded(self._embedder.fingerprint, list(self._waiting))
        wanted = {digest: text for digest, text in self._waiting.items() if digest not in known}
        self._waiting = {}
        self._total += len(wanted)
        if wanted:
            self._start(wanted)

    def _start(self, wanted: dict[str, str]) -> None:
        self._running.append(
            (list(wanted), self._pool.submit(self._embedder.embed_passages, list(wanted.values())))
        )
        self._collect(leave=_IN_FLIGHT)

    def _collect(self, *, leave: int) -> None:
        while self._running and (len(self._running) > leave or self._running[0][1].done()):
            digests, vectors = self._running.popleft()
            self._staging.put_embeddings(self._embedder.fingerprint, digests, vectors.result())
            self.done += len(digests)
            self._on_progress("embed", self.done, max(self._total, self.done))
