"""What lies behind an error that SQLite, tantivy or Chroma reports in words of its own."""

from __future__ import annotations

import os
from pathlib import Path

_FULL = ("no space left", "disk is full", "file too large", "disk i/o error")
_CLOSED = ("readonly database", "read-only", "readonlyfilesystem", "permission denied", "permissiondenied")


def is_panic(error: BaseException) -> bool:
    """Tell whether code written in Rust gave up: PyO3's PanicException is no Exception, so that none catches it."""
    return any(kind.__name__ == "PanicException" for kind in type(error).__mro__)


def tells_of_full_disk(error: BaseException) -> bool:
    """Tell whether an error, or what caused it, speaks of a disk without room."""
    return _speaks(error, _FULL)


def tells_of_closed_folder(error: BaseException) -> bool:
    """Tell whether an error, or what caused it, speaks of a folder that may not be written to."""
    return _speaks(error, _CLOSED)


def bare_reason(error: BaseException) -> object:
    """Return what happened without the advice of the errors in between: those of ours name their cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    return getattr(error, "strerror", None) or error


def may_write(*paths: Path) -> bool:
    """Tell whether we may write to every one of some files and folders; nobody may on a read-only disk."""
    return all(os.access(path, os.W_OK) for path in paths)


def _speaks(error: BaseException, signs: tuple[str, ...]) -> bool:
    words = f"{error} {error.__cause__ or ''}".lower()
    return any(sign in words for sign in signs)
