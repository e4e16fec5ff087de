"""A library on disk, opened for reading: snapshots of the current generation, or the catalog to write to."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from vectorstore.catalog import Catalog
from vectorstore.catalog_file import absolute
from vectorstore.dense import ChromaServer
from vectorstore.embedders import Embedder, open_embedder
from vectorstore.errors import (
    EmbedderMismatch,
    LibraryDamaged,
    LibraryInUse,
    LibraryMissing,
    OpenedBeforeFork,
)
from vectorstore.generations import Generations, indexes_folder
from vectorstore.snapshot import Snapshot

__all__ = ["Library", "Snapshot", "chroma_server"]

logger = logging.getLogger(__name__)


class Library:
    """A library opened for reading; it follows finished ingests by itself, between two questions."""

    def __init__(
        self, folder: Path | str, *, embedder: Embedder, server_url: str | None = None,
        server_headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.folder = absolute(folder)
        self.embedder = embedder
        self._server = (server_url, server_headers)
        self._process = os.getpid()
        self._lock = threading.RLock()
        self._catalog = Catalog(self.folder)
        self._snapshot: Snapshot | None = None

    @property
    def catalog(self) -> Catalog:
        """The catalog; where it was mended, or the library made again, the one that lies there now.

        Raises:
            LibraryMissing: the library has been deleted.
            OpenedBeforeFork: another process opened it.
        """
        self._require_own_process()
        with self._lock:
            if not self._catalog.is_in_place():
                self._catalog = self._replacement() or self._catalog
            return self._catalog

    def _replacement(self) -> Catalog | None:
        """Open the catalog that has taken the place of ours; None as long as there is nothing to answer from.

        The replaced one is left to Python to close: a question that began before may still be reading from it.
        """
        try:
            catalog = Catalog(self.folder)
            if catalog.fingerprint is not None:
                return catalog
            catalog.close()  # an ingest is about to fill it
        except LibraryMissing:
            if not indexes_folder(self.folder).is_dir():
                raise
        except (LibraryDamaged, LibraryInUse) as error:  # it is being mended
            logger.info("reading on from the catalog that was replaced: %s", error)
        return None

    def _require_own_process(self) -> None:
        if os.getpid() != self._process:
            raise OpenedBeforeFork(
                "资料库是在派生（fork）之前由父进程打开的，不能在子进程里使用：请在每个进程里各自打开 "
                "(the library was opened before a fork, by another process: open the assistant in each process)"
            )

    @classmethod
    def open(
        cls, folder: Path | str, *, embedder: str = "yinju", server_url: str | None = None,
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
        self._require_own_process()  # first: what a fork copies of the lock may be held for ever
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
        catalog = self.catalog
        generation, now = catalog.generation, self._snapshot
        if now is not None and now.catalog is catalog and now.generation == generation and not now.failed:
            return now
        fresh = self._open_snapshot(catalog, generation)
        old, self._snapshot = self._snapshot, fresh
        if old is not None:
            old.replaced_by = fresh.generation
            if old.users == 0:
                old.close()
        return fresh

    def _open_snapshot(self, catalog: Catalog, generation: int) -> Snapshot:
        generations = Generations(self.folder, chroma_server(catalog, *self._server))
        while True:
            self._check(catalog, generation)
            try:
                return Snapshot(catalog, generation, embedder=self.embedder, generations=generations)
            except Exception:
                newer = catalog.generation
                if newer == generation:
                    raise
                generation = newer  # an ingest finished, and removed this one, while we were opening it

    def _check(self, catalog: Catalog, generation: int) -> None:
        if generation == 0:
            raise LibraryMissing(
                f"{str(self.folder)!r} 里的资料库还没有内容：先运行 yinju ingest 文件夹 "
                f"(the library at {str(self.folder)!r} is empty: run `yinju ingest PATH` first)"
            )
        stored = catalog.fingerprint_of(generation)
        if stored != self.embedder.fingerprint:
            raise EmbedderMismatch(
                f"资料库由另一个向量模型建立（{stored}，当前设置是 {self.embedder.fingerprint}）："
                "运行 yinju reingest 换用当前模型，或改回 YINJU_EMBEDDER "
                f"(the library was embedded by {stored}, the settings name {self.embedder.fingerprint}: "
                "run `yinju reingest` to switch, or set YINJU_EMBEDDER back)"
            )

    def close(self) -> None:
        """Close every file; the library cannot be used afterwards. What a parent opened is the parent's to close."""
        if os.getpid() != self._process:
            return
        with self._lock:
            if self._snapshot is not None:
                self._snapshot.close()
                self._snapshot = None
            self._catalog.close()


def chroma_server(
    catalog: Catalog, url: str | None, headers: Mapping[str, str] | None
) -> ChromaServer | None:
    """Return the Chroma server of the settings; the library's id keeps its collections apart."""
    if url is None:
        return None
    return ChromaServer(url, headers or {}, catalog.meta("library_id") or "library")
