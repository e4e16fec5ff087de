"""Locks between processes: one writer at a time, and leases that tell which generations are read.

Both are held by the operating system, so a killed process leaves none behind.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import portalocker

from vectorstore.catalog import now
from vectorstore.errors import LibraryDamaged, LibraryInUse, StorageFull

WRITER_LOCK = "writer.lock"
_NOW = portalocker.LockFlags.NON_BLOCKING


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the library for writing.

    Raises:
        LibraryInUse: another process holds it; the message names the holder.
    """
    try:
        handle = (folder / WRITER_LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise StorageFull(
            f"无法写入 {str(folder)!r}（{error.strerror}）：请检查权限和磁盘空间 "
            f"(cannot write to {str(folder)!r}: {error.strerror}; check permissions and disk space)"
        ) from error
    with handle:
        try:
            portalocker.lock(handle, portalocker.LockFlags.EXCLUSIVE | _NOW)
        except portalocker.LockException as error:
            raise LibraryInUse(_in_use(folder)) from error
        _write_holder(handle)
        try:
            yield
        finally:
            handle.truncate(0)
            portalocker.unlock(handle)


def _write_holder(handle: IO[str]) -> None:
    handle.seek(0)
    handle.truncate(0)
    json.dump({"pid": os.getpid(), "host": socket.gethostname(), "since": now()}, handle)
    handle.flush()


def lock_holder(folder: Path) -> dict[str, object] | None:
    """Return {pid, host, since} of the process that is writing, or None."""
    path = folder / WRITER_LOCK
    try:
        handle = path.open("r", encoding="utf-8")
    except OSError:  # never written to, or not ours to look at
        return None
    with handle:
        try:
            portalocker.lock(handle, portalocker.LockFlags.SHARED | _NOW)
        except portalocker.LockException:
            return _holder(path)
        portalocker.unlock(handle)
    return None


def _holder(path: Path) -> dict[str, object]:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # the holder is just writing its name, or Windows guards the file
        holder = {}
    return holder if isinstance(holder, dict) else {}


def _in_use(folder: Path) -> str:
    holder = _holder(folder / WRITER_LOCK)
    who = f"pid {holder.get('pid', '?')}, {holder.get('host', '?')}, {holder.get('since', '?')}"
    return (
        f"另一个进程正在写入资料库 {str(folder)!r}（{who}）：等它结束后再运行 "
        f"(another process is writing to the library {str(folder)!r}: {who}; run again when it is done)"
    )


class Lease:
    """A shared lock that keeps a generation from being removed while it is read.

    Raises:
        LibraryDamaged: the generation is not there (any more).
    """

    def __init__(self, indexes: Path, generation: int) -> None:
        path = _lease_path(indexes, generation)
        folder = indexes / str(generation)
        if not folder.is_dir():  # before the lease is made: none is left for what is gone
            raise LibraryDamaged(_gone(folder))
        self._handle = _open_lease(path)
        if self._handle is not None:
            portalocker.lock(self._handle, portalocker.LockFlags.SHARED)
        if not (folder.is_dir() and (self._handle is None or _is_at(self._handle, path))):
            self.release()
            raise LibraryDamaged(_gone(folder))  # removed while we waited

    def release(self) -> None:
        """Let the generation go."""
        if self._handle is not None:
            self._handle.close()


def _open_lease(path: Path) -> IO[str] | None:
    """Open a lease: only to read it where we may not write, and not at all where nobody has made it either.

    Without one the generation may be removed while it is read; what is open of it can be read to the end.
    """
    for mode in ("a+", "r"):
        with suppress(OSError):
            return path.open(mode, encoding="utf-8")
    return None


@contextmanager
def unleased(indexes: Path, generation: int) -> Iterator[bool]:
    """Tell whether nobody reads a generation; where so, nobody begins to before the block is left."""
    path = _lease_path(indexes, generation)
    with path.open("a+", encoding="utf-8") as handle:
        try:
            portalocker.lock(handle, portalocker.LockFlags.EXCLUSIVE | _NOW)
        except portalocker.LockException:
            yield False
            return
        yield True
        if os.name == "posix":
            path.unlink(missing_ok=True)  # while it is locked: a reader that waits finds it gone
    if os.name != "posix":
        path.unlink(missing_ok=True)


def is_leased(indexes: Path, generation: int) -> bool:
    """Tell whether some process reads a generation; nothing is written to find out."""
    try:
        handle = _lease_path(indexes, generation).open("r", encoding="utf-8")
    except OSError:
        return False
    with handle:
        try:
            portalocker.lock(handle, portalocker.LockFlags.EXCLUSIVE | _NOW)
        except portalocker.LockException:
            return True
        portalocker.unlock(handle)
    return False


def leases(indexes: Path) -> list[int]:
    """Return the generations that have a lease file."""
    return sorted(int(path.stem) for path in indexes.glob("*.lease") if path.stem.isdigit())


def _lease_path(indexes: Path, generation: int) -> Path:
    return indexes / f"{generation}.lease"


def _is_at(handle: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _gone(folder: Path) -> str:
    return (
        f"索引 {str(folder)!r} 不见了：请运行 yinju reingest --rebuild "
        f"(the indexes at {str(folder)!r} are gone: run `yinju reingest --rebuild`)"
    )
