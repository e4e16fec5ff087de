"""Build the next generation of the indexes out of the catalog, verify it, and flip to it."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from vectorstore.catalog import Catalog
from vectorstore.catalog_reader import CatalogReader
from vectorstore.catalog_writer import IndexEntry
from vectorstore.causes import bare_reason, tells_of_full_disk
from vectorstore.dense import DenseIndex
from vectorstore.errors import LibraryDamaged, LibraryInUse, StorageFull
from vectorstore.generations import Generations, Progress
from vectorstore.lexical_worker import fill_apart
from vectorstore.staging import ADDED, ALL, REMOVED, Staging
from vectorstore.verify import check_indexes

logger = logging.getLogger(__name__)

MIN_APART = 4000  # passages that are worth a second process: it takes 0.3 s to start
# HNSW never gives back the room of a removed vector: past this share the dense index is built anew.
MIN_STALE = 1000
_MAX_STALE_SHARE = 0.3
MAX_LOG = 100_000  # additions until Chroma writes its graph: with every batch it reads the log of those since
_SPARE_BYTES = 20_000_000
Entries = Callable[[str], Iterator[list[IndexEntry]]]


class GenerationBuilder:
    """Builds the next generation in a folder beside the current one."""

    def __init__(self, catalog: Catalog, *, fingerprint: str, generations: Generations) -> None:
        self._catalog = catalog
        self._fingerprint = fingerprint
        self._generations = generations
        self._staging = Staging(catalog)

    def needed(self) -> bool:
        """Tell whether the catalog holds changes, or an embedder, that the current indexes do not."""
        return (
            self._staging.pending_changes() > 0
            or self._catalog.fingerprint != self._fingerprint
            or not self._generations.usable(self._catalog.generation)
        )

    def build(self, *, from_scratch: bool, reposts: Mapping[int, str | None], on_progress: Progress) -> None:
        """Build, verify and flip; on any error the current generation stays as it is.

        Raises:
            StorageFull: there is no room for it.
            LibraryDamaged: what was built does not add up.
        """
        current, following = self._catalog.generation, self._staging.generation
        copied = not from_scratch and self._can_copy(current)
        with _storage_errors(self._generations.folder):
            self._clear(following)
            try:
                removed = self._fill_and_verify(copied=copied, on_progress=on_progress)
                logger.info("making generation %d durable", following)
                _flush(self._generations.path(following))
                logger.info("flipping to generation %d", following)
                self._staging.flip(self._fingerprint, reposts=reposts, dense_removed=removed)
            except BaseException:
                if self._catalog.generation == current:  # a full disk gets its room back
                    self._generations.remove(following)
                raise
            logger.info("flipped to generation %d", following)
            self._generations.collect_garbage(self._catalog, flipped=True)

    def _clear(self, following: int) -> None:
        for number in self._generations.others(self._catalog.generation):
            if not self._generations.remove(number) and number == following:  # after a lost catalog only
                raise LibraryInUse(
                    "这个资料库以前的索引还开着：请关闭正在运行的 yinju chat 后重新运行 "
                    "(earlier indexes of this library are still open: close the running `yinju chat`, run again)"
                )

    def _can_copy(self, current: int) -> bool:
        if self._catalog.fingerprint != self._fingerprint or not self._generations.usable(current):
            return False
        gone = self._staging.dense_removed() + len(self._staging.digests(REMOVED))
        return gone <= max(MIN_STALE, _MAX_STALE_SHARE * self._staging.passages())

    def _fill_and_verify(self, *, copied: bool, on_progress: Progress) -> int:
        """Return how many vectors the dense index has lost since it was built from nothing."""
        try:
            removed = self._fill(copied=copied, on_progress=on_progress)
            self._verify()
        except LibraryDamaged as error:
            if not copied:
                raise
            logger.warning("the current indexes are damaged, building them anew: %s", error)
            self._generations.remove(self._staging.generation)
            removed = self._fill(copied=False, on_progress=on_progress)
            self._verify()
        return removed

    def _fill(self, *, copied: bool, on_progress: Progress) -> int:
        number = self._staging.generation
        removed = self._staging.digests(REMOVED) if copied else {}
        added = self._staging.digests(ADDED) if copied else {}
        same = {id_ for id_, digest in added.items() if removed.get(id_) == digest}
        gone = sorted(removed.keys() - same)
        self._generations.path(number).mkdir(parents=True, exist_ok=True)
        if copied:
            current = self._catalog.generation
            self._require_room(self._generations.path(current))
            logger.info("copying generation %d", current)
            self._generations.copy(current, number)
        logger.info("filling generation %d", number)
        self._fill_both(
            gone,
            partial(self._batches, ADDED if copied else ALL, same),
            total=len(added) - len(same) if copied else self._staging.passages(),
            copied=copied,
            on_progress=on_progress,
        )
        return self._staging.dense_removed() + len(gone) if copied else 0

    def _fill_both(
        self, gone: list[str], batches: Callable[[], Iterator[list[IndexEntry]]], *, total: int, copied: bool,
        on_progress: Progress,
    ) -> None:  # fmt: skip
        """Fill the lexical index in a thread, or a process where it is large, and the dense one meanwhile."""
        failed = threading.Event()

        def entries(stage: str) -> Iterator[list[IndexEntry]]:
            done = 0
            for batch in batches():
                if failed.is_set():  # the other index could not be filled: there is nothing to wait for
                    return
                yield batch
                done += len(batch)
                on_progress(stage, done, total)

        def fill_lexical() -> None:
            if copied or total < MIN_APART:
                self._fill_lexical(gone, entries, copied=copied)
            else:
                folder = self._catalog.folder
                fill_apart(folder, total=total, on_progress=on_progress, stopped=failed.is_set)

        with ThreadPoolExecutor(1, thread_name_prefix="lexical") as pool:
            lexical = pool.submit(fill_lexical)
            lexical.add_done_callback(lambda done: failed.set() if done.exception() else None)
            try:
                self._fill_dense(gone, entries, copied=copied, total=total)
            except BaseException:
                failed.set()
                raise
            lexical.result()

    def _batches(self, condition: str, same: Collection[str]) -> Iterator[list[IndexEntry]]:
        for batch in self._staging.entries(condition):
            fresh = [entry for entry in batch if entry.passage_id not in same]
            if fresh:
                yield fresh

    def _require_room(self, current: Path) -> None:
        wanted = sum(path.stat().st_size for path in current.rglob("*") if path.is_file()) + _SPARE_BYTES
        free = shutil.disk_usage(current).free
        if free < wanted:
            raise OSError(f"{wanted // 1_000_000} MB needed, {free // 1_000_000} MB free")

    def _fill_lexical(self, gone: list[str], entries: Entries, *, copied: bool) -> None:
        lexical = self._generations.open_lexical(self._staging.generation, create=not copied)
        lexical.change(
            gone, ([(e.passage_id, e.title, e.text) for e in batch] for batch in entries("lexical"))
        )

    def _fill_dense(self, gone: list[str], entries: Entries, *, copied: bool, total: int) -> None:
        if copied and self._generations.server is not None:  # a server copies no collection: fill it anew
            gone, entries, total = [], self._all_entries, self._staging.passages()
        if total + len(gone) == 0 and copied:
            return
        batches = entries("dense")
        added = MAX_LOG
        while added >= MAX_LOG:
            changes = max(1, len(gone) + min(total, MAX_LOG))
            with closing(self._generations.open_dense(self._staging.generation, create_for=changes)) as dense:
                dense.remove(gone)
                added = self._add_some(dense, batches)
            gone, total = [], total - added

    def _add_some(self, dense: DenseIndex, batches: Iterator[list[IndexEntry]]) -> int:
        """Add batches until Chroma has written its graph; return how many vectors that were."""
        added = 0
        for batch in batches:
            vectors = self._staging.vectors(self._fingerprint, [entry.digest for entry in batch])
            dense.add([entry.passage_id for entry in batch], vectors)
            added += len(batch)
            if added >= MAX_LOG:
                break
        return added

    def _all_entries(self, _stage: str) -> Iterator[list[IndexEntry]]:
        yield from self._staging.entries(ALL)

    def _verify(self) -> None:
        logger.info("verifying generation %d", self._staging.generation)
        dense = self._generations.open_dense(self._staging.generation)
        try:
            check_indexes(
                dense=dense,
                lexical=self._generations.open_lexical(self._staging.generation),
                reader=CatalogReader(self._catalog, self._staging.generation),
                fingerprint=self._fingerprint,
                passages=self._staging.passages(),
            )
        finally:
            dense.close()


def _flush(folder: Path) -> None:
    """Have every file of a folder reach the disk, and the folders that name them."""
    for path in (*folder.rglob("*"), folder, folder.parent):
        if path.is_file():
            with path.open("r+b") as handle:
                os.fsync(handle.fileno())
        elif os.name == "posix":
            handle_number = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle_number)
            finally:
                os.close(handle_number)


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    """Turn a full disk, in whatever words the indexes report it, into StorageFull."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, (OSError, StorageFull)) and not tells_of_full_disk(error):
            raise
        reason = bare_reason(error)
        raise StorageFull(
            f"无法写入 {str(folder)!r}（{reason}）：请检查磁盘空间和权限后重新运行，原来的资料库不受影响 "
            f"(cannot write to {str(folder)!r}: {reason}; check disk space and permissions, then run again; "
            "the library is as it was)"
        ) from error
