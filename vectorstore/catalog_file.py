"""The file of the catalog: how it is opened, also where nothing may be written, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from vectorstore.errors import LibraryDamaged, LibraryInUse, StorageFull

_STORAGE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
Stamp = tuple[int, ...]


def absolute(folder: Path | str) -> Path:
    """Return a folder as a user would write it in full, whatever the working directory becomes; links are kept."""
    return Path(os.path.abspath(Path(folder).expanduser()))  # noqa: PTH100  # resolve() would follow links


def connect(path: Path, *, frozen: bool) -> sqlite3.Connection:
    """Connect to the catalog; `frozen` has SQLite lock nothing and write nothing, not even beside it."""
    where = f"file:{quote(str(path))}?immutable=1" if frozen else str(path)
    connection = sqlite3.connect(
        where, uri=frozen, check_same_thread=False, timeout=30, isolation_level=None, cached_statements=256
    )
    connection.row_factory = sqlite3.Row
    return connection


def stamp(path: Path, *, frozen: bool) -> Stamp:
    """Return what tells this file from one that takes its place; of a frozen one also from what it becomes.

    It is empty where there is no file.
    """
    try:
        found = os.stat(path)  # noqa: PTH116  # asked before every question: Path.stat takes twice as long
    except OSError:
        return ()
    if not frozen:
        return found.st_dev, found.st_ino
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, int(_log_size(path) > 0)


def may_freeze(path: Path, error: Exception) -> bool:
    """Tell whether what failed would not if nothing were written, and the file alone holds all there is."""
    return _code(error) in _STORAGE and path.is_file() and _log_size(path) == 0


def _log_size(path: Path) -> int:
    with suppress(OSError):
        return os.stat(f"{path}-wal").st_size  # noqa: PTH116
    return 0


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.ProgrammingError:  # a closed connection, a wrong number of parameters: our own mistake
        raise
    except sqlite3.DatabaseError as error:
        if _code(error) in _STORAGE:
            raise StorageFull(no_room(path, error)) from error
        if _code(error) in _BUSY:
            raise LibraryInUse(
                f"另一个进程正在写入资料库 {str(path)!r}：等它结束后再运行 "
                f"(another process is writing to the library {str(path)!r}: run again when it is done)"
            ) from error
        raise LibraryDamaged(damaged(path, error, error)) from error


def no_room(path: Path, error: BaseException) -> str:
    """Return the words for what the disk or its permissions keep from us."""
    return (
        f"无法读写资料库 {str(path)!r}（{error}）：请检查磁盘空间和权限后重新运行，原有内容不受影响 "
        f"(cannot use the library {str(path)!r}: {error}; check disk space and permissions, then run again; "
        "nothing in it was lost)"
    )


def damaged(path: Path, chinese: object, english: object) -> str:
    """Return the words for a catalog that cannot be understood."""
    return (
        f"资料库目录 {str(path)!r} 损坏（{chinese}）：请运行 yinju reingest --rebuild "
        f"(the catalog at {str(path)!r} is damaged: {english}; run `yinju reingest --rebuild`)"
    )
