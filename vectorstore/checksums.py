"""Whether the files of a lexical index still hold what tantivy wrote: each ends with a checksum of the rest."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

_SUFFIXES = {".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term", ".del"}
_TAIL = struct.Struct("<II")  # how long the footer is, and a number that every one ends with
_MAGIC = 1337
_READ_BYTES = 1 << 20


def broken_files(folder: Path) -> list[str]:
    """Return the names of the files whose content is not what was written.

    Raises:
        OSError: a file cannot be read.
    """
    files = (path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    return sorted(path.name for path in files if not _is_sound(path))


def _is_sound(path: Path) -> bool:
    with path.open("rb") as file:
        end = file.seek(0, 2) - _TAIL.size
        if end < 0:
            return False
        file.seek(end)
        length, magic = _TAIL.unpack(file.read(_TAIL.size))
        if magic != _MAGIC or length > end:
            return False
        file.seek(end - length)
        stored = _stored_checksum(file.read(length))
        left, checksum = end - length, 0
        file.seek(0)
        while left:
            part = file.read(min(left, _READ_BYTES))
            checksum, left = zlib.crc32(part, checksum), left - len(part)
        return stored is None or stored == checksum


def _stored_checksum(footer: bytes) -> int | None:
    """Return the checksum in a footer; None in one of another make, of which we know nothing."""
    try:
        return int(json.loads(footer)["crc"])
    except (ValueError, KeyError, TypeError):
        return None
