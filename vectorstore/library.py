"""A library on disk, opened for reading: snapshots of the current generation, or the catalog to write to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.allowed import Allowed
from vectorstore.catalog import Catalog
from vectorstore.catalog_reader import CatalogReader
from vectorstore.dense import ChromaServer, DenseIndex
from vectorstore.embedders import Embedder, open_embedder
from vectorstore.errors import EmbedderMismatch, LibraryDamaged, LibraryMissing, VectorstoreError
from vectorstore.exact import ExactIndex
from vectorstore.generations import Generations
from vectorstore.lock import Lease

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)


class Snapshot:
    """One generation, open for reading; it is kept on disk until it is closed.

    The dense index opens in the background (importing Chroma takes most of a second): whoever needs it first
    waits for it.
    """

    def __init__(
        self, catalog: Catalog, generation: int, *, embedder: Embedder, generations: Generations
    ) -> None:
        self._lease = Lease(generations.folder, generation)
        self._generations = generations
        self._opening: Future[DenseIndex | ExactIndex] = Future()
        self.generation = generation
        self.embedder = embedder
        self.reader = CatalogReader(catalog, generation)
        self.exact = ExactIndex(self.reader, embedder.fingerprint)
        self.users = 0
        self.replaced_by: int | None = None  # once the library has moved on to another generation
        threading.Thread(target=self._open_dense, daemon=True, name="dense").start()
        try:
            self.lexical = generations.open_lexical(generation)
        except BaseException:
            self.close()
            raise

    def _open_dense(self) -> None:
        try:
            self._opening.set_result(self._dense_or_exact())
        except BaseException as error:
            self._opening.set_exception(error)

    def _dense_or_exact(self) -> DenseIndex | ExactIndex:
        """Open the dense index; where its files cannot be used (damaged, a failing disk), search without it."""
        try:
            dense = self._generations.open_dense(self.generation)
            if self._generations.server is None:
                dense.search(self.embedder.embed_question(""), 1)  # has Chroma read its graph now
        except (LibraryDamaged, OSError) as error:
            if self._generations.server is not None:
                raise
            logger.warning("searching without the dense index: %s", error)
            return self.exact
        return dense

    @property
    def failed(self) -> bool:
        """Whether the dense index could not be opened: the next question tries again."""
        return self._opening.done() and self._opening.exception() is not None

    @property
    def dense(self) -> DenseIndex | ExactIndex:
        """The dense index."""
        return self._opening.result()

    def rank_among(
        self, vector: NDArray[np.float32], allowed: Allowed, limit: int
    ) -> list[tuple[str, float]]:
        """Return the best (passage id, cosine) pairs among those allowed, exactly; for filtered searches."""
        return self.exact.search(vector, limit, among=allowed)

    def close(self) -> None:
        """Let go of the generation's files, as soon as none of them is still being opened."""
        self._opening.add_done_callback(self._let_go)

    def _let_go(self, opening: Future[DenseIndex | ExactIndex]) -> None:
        if opening.exception() is None:  # else whoever asked for it has been told
            opening.result().close()
        self._lease.release()
        if self.replaced_by is not None and self.replaced_by > self.generation:
            threading.Thread(target=self._remove, daemon=True, name="remove").start()

    def _remove(self) -> None:
        """Remove the replaced generation, which its ingest had to leave to us, unless others read it still.

        Its last reader removes it; where that fails, the next ingest does.
        """
        try:
            self._generations.remove(self.generation)
        except (OSError, VectorstoreError) as error:
            logger.info("generation %d is left to the next ingest: %s", self.generation, error)


class Library:
    """A library opened for reading; it follows finished ingests by itself, between two questions."""

    def __init__(
        self, folder: Path, *, embedder: Embedder, server_url: str | None = None,
        server_headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.catalog = Catalog(folder)
        self.embedder = embedder
        self._generations = Generations(folder, chroma_server(self.catalog, server_url, server_headers))
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls, folder: Path, *, embedder: str = "yinju", server_url: str | None = None,
        server_headers: Mapping[str, str] | None = None,
    ) -> Library:  # fmt: skip
        """Open the library at `folder`.

        Raises:
            LibraryMissing: there is none, or its first ingest is not complete.
            EmbedderMismatch: it was embedded by another embedder.
        """
        library = cls(
            folder, embedder=open_embedder(embedder), server_url=server_url, server_headers=server_headers
        )
        try:
            with library.reading():
                return library
        except BaseException:
            library.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """Give the current generation, kept open for as long as the block runs."""
        with self._lock:
            snapshot = self._current()
            snapshot.users += 1
        try:
            yield snapshot
        finally:
            with self._lock:
                snapshot.users -= 1
                if snapshot.replaced_by is not None and snapshot.users == 0:
                    snapshot.close()

    def _current(self) -> Snapshot:
        generation = self.catalog.generation
        now = self._snapshot
        if now is not None and now.generation == generation and not now.failed:
            return now
        fresh = self._open_snapshot(generation)
        old, self._snapshot = self._snapshot, fresh
        if old is not None:
            old.replaced_by = fresh.generation
            if old.users == 0:
                old.close()
        return fresh

    def _open_snapshot(self, generation: int) -> Snapshot:
        while True:
            self._check(generation)
            try:
                return Snapshot(
                    self.catalog, generation, embedder=self.embedder, generations=self._generations
                )
            except Exception:
                newer = self.catalog.generation
                if newer == generation:
                    raise
                generation = newer  # an ingest finished, and removed this one, while we were opening it

    def _check(self, generation: int) -> None:
        if generation == 0:
            raise LibraryMissing(
                f"{str(self.folder)!r} 里的资料库还没有内容：先运行 yinju ingest 文件夹 "
                f"(the library at {str(self.folder)!r} is empty: run `yinju ingest PATH` first)"
            )
        stored = self.catalog.fingerprint_of(generation)
        if stored != self.embedder.fingerprint:
            raise EmbedderMismatch(
                f"资料库由另一个向量模型建立（{stored}，当前设置是 {self.embedder.fingerprint}）："
                "运行 yinju reingest 换用当前模型，或改回 YINJU_EMBEDDER "
                f"(the library was embedded by {stored}, the settings name {self.embedder.fingerprint}: "
                "run `yinju reingest` to switch, or set YINJU_EMBEDDER back)"
            )

    def close(self) -> None:
        """Close every file; the library cannot be used afterwards."""
        with self._lock:
            if self._snapshot is not None:
                self._snapshot.close()
                self._snapshot = None
        self.catalog.close()


def chroma_server(
    catalog: Catalog, url: str | None, headers: Mapping[str, str] | None
) -> ChromaServer | None:
    """Return the Chroma server of the settings; the library's id keeps its collections apart."""
    if url is None:
        return None
    return ChromaServer(url, headers or {}, catalog.meta("library_id") or "library")
