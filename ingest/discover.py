"""Find the files of a root: what to read, and what hidden files and ignore patterns leave out."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pathspec import GitIgnoreSpec

from ingest.notices import is_not_read, not_read
from ingest.parse import SUFFIXES
from ingest.parsed import Failure
from vectorstore.catalog import CATALOG_NAME

IGNORE_FILE = ".yinjuignore"
# Raised when `parse_stream` would make other articles of the same bytes: every file is then read again.
PARSER = "5"
_RACY_NANOSECONDS = 20_000_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file found under a root; equal stamps mean that it has not changed.

    `path` names it in the library: as `location`, but always valid text, whatever bytes its name has.
    """

    path: str
    location: Path
    root: str
    stamp: str
    size: int


@dataclass(slots=True)
class Scan:
    """What was found under a root; the folders and documents in it that are not read, and why."""

    files: list[SourceFile] = field(default_factory=list)
    unreadable: list[Failure] = field(default_factory=list)


def printable(path: str) -> str:
    r"""Return a path as valid text: bytes that are not UTF-8 become \xb5 and the like."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def is_there(path: Path) -> bool:
    """Tell whether there is such a file or folder, or may be one, where a closed folder hides it."""
    try:
        return path.exists()
    except OSError:
        return True


def is_file(path: Path) -> bool:
    """Tell whether a path is a file that we can see."""
    return os.path.isfile(path)  # noqa: PTH113  # Path.is_file raises where a closed folder hides it


def scan(root: Path, *, leave_out: Path | None = None) -> Scan:
    """Find the readable formats under a root in a fixed order; a root that is a file yields itself.

    Hidden files, what `.yinjuignore` names (git's patterns), folders already seen through another link,
    libraries, and the folder `leave_out` (the library that is written, whatever is in it yet) are left out.
    """
    found = Scan()
    if is_file(root):
        _add_file(found, root, root)
        return found

    def report(error: OSError) -> None:
        if isinstance(error, FileNotFoundError):  # there is no such root, or the folder went meanwhile
            return
        folder = printable(str(error.filename or root))
        found.unreadable.append(Failure(folder, f"文件夹打不开：{error.strerror} (cannot open the folder)"))

    seen = {os.path.realpath(leave_out)} if leave_out else set()
    for folder, names, files in os.walk(root, followlinks=True, onerror=report):
        real = os.path.realpath(folder)
        if real in seen or (CATALOG_NAME in files and "indexes" in names):
            names.clear()
            continue
        seen.add(real)
        here = Path(folder)
        ignored = _Ignored(root, here)
        names[:] = sorted(name for name in names if name[0] != "." and not ignored(here / name, slash="/"))
        for name in sorted(files):
            path = here / name
            if name.startswith((".", "~$")) or ignored(path, slash=""):
                continue
            if path.suffix.lower() in SUFFIXES:
                _add_file(found, path, root)
            elif is_not_read(name):
                found.unreadable.append(not_read(printable(str(path))))
    return found


def _add_file(found: Scan, path: Path, root: Path) -> None:
    try:
        status = path.stat()
    except FileNotFoundError:  # a link that leads nowhere, or gone since it was listed
        return
    except OSError as error:  # a link to itself, a place we may not look at
        reason = f"无法读取：{error.strerror or error} (cannot be read)"
        found.unreadable.append(Failure(printable(str(path)), reason))
        return
    if stat.S_ISREG(status.st_mode):
        found.files.append(
            SourceFile(
                path=printable(str(path)),
                location=path,
                root=printable(str(root)),
                stamp=_stamp(status),
                size=status.st_size,
            )
        )


def _stamp(status: os.stat_result) -> str:
    """Return what tells that a file changed; empty, so as no file's, where it could still change unnoticed.

    A file written twice within a tick of its file system's clock keeps its times (git calls it racy).
    """
    if abs(time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns)) < _RACY_NANOSECONDS:
        return ""
    times = f"{status.st_mtime_ns}:{status.st_ctime_ns}"
    return f"{PARSER}:{status.st_size}:{times}:{status.st_ino}"


class _Ignored:
    """Whether the ignore files between the root and a folder name a path."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._specs = [spec for base in _between(root, folder) for spec in _read_spec(base)]

    def __call__(self, path: Path, *, slash: str) -> bool:
        return any(spec.match_file(path.relative_to(base).as_posix() + slash) for base, spec in self._specs)


def _between(root: Path, folder: Path) -> Iterator[Path]:
    for parent in (folder, *folder.parents):
        yield parent
        if parent == root:
            return


def _read_spec(folder: Path) -> list[tuple[Path, GitIgnoreSpec]]:
    try:
        lines = (folder / IGNORE_FILE).read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    except OSError:  # as good as always: there is none
        return []
    return [(folder, GitIgnoreSpec.from_lines(lines))]
