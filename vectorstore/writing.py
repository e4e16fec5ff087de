"""Open a library for writing: make it where there is none, lock it, mend its catalog where asked."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vectorstore.catalog import CATALOG_NAME, ROOTS_NAME, Catalog
from vectorstore.errors import LibraryDamaged, StorageFull
from vectorstore.generations import indexes_folder
from vectorstore.lock import writer_lock
from vectorstore.salvage import salvage

MIN_FREE_BYTES = 50_000_000


@contextmanager
def open_for_writing(folder: Path, *, mend: bool = False) -> Iterator[tuple[Catalog, bool]]:
    """Hold the library for writing; give its catalog, and whether that had to be mended.

    Raises:
        LibraryInUse: another process holds it.
        LibraryDamaged: its catalog cannot be read, and `mend` is not set.
        StorageFull: there is hardly any room, or the folder cannot be made.
    """
    _make(folder)
    with writer_lock(folder):
        mended = mend and _mend(folder)
        catalog = Catalog(folder, create=True)
        try:
            if catalog.meta("library_id") is None:
                catalog.set_meta("library_id", uuid.uuid4().hex[:12])
            yield catalog, mended
        finally:
            catalog.close()


def _make(folder: Path) -> None:
    try:
        indexes_folder(folder).mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise StorageFull(
            f"无法在 {str(folder)!r} 建立资料库（{error.strerror}）：请换一个 --library 或检查权限 "
            f"(cannot make a library at {str(folder)!r}: {error.strerror}; choose another --library)"
        ) from error
    if free < MIN_FREE_BYTES:
        raise StorageFull(
            f"磁盘快满了：{str(folder)!r} 只剩 {free // 1_000_000} MB；请先腾出空间，资料库没有改动 "
            f"(only {free // 1_000_000} MB free at {str(folder)!r}: make room first; nothing was changed)"
        )


def _mend(folder: Path) -> bool:
    """Rescue the catalog where it is damaged or gone; tell whether it was."""
    path = folder / CATALOG_NAME
    if (folder / ROOTS_NAME).exists() and not (path.exists() and path.stat().st_size):
        salvage(folder)
        return True
    try:
        catalog = Catalog(folder, create=True)
    except LibraryDamaged:
        salvage(folder)
        return True
    try:
        damaged = bool(catalog.faults())
    except LibraryDamaged:
        damaged = True
    finally:
        catalog.close()
    if damaged:
        salvage(folder)
    return damaged
