"""Files that visitors upload: which are taken, under what names, and where they are kept."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = "uploads"
MAX_UPLOAD_BYTES = 20_000_000
MAX_FILES = 20
MAX_NAME_BYTES = 180
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is not taken; `key` names the text that says why."""

    name: str
    key: str


def safe_name(name: str) -> str | None:
    """Return a name that is safe on every system, without any folder; None where nothing is left of it.

    That of a lock file of an office program is none: no ingest reads it.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    cleaned = _UNSAFE.sub("", last).strip(" .")
    if not cleaned or _RESERVED.match(cleaned) or cleaned.startswith("~$"):
        return None
    stem, dot, suffix = cleaned.rpartition(".")
    while len(cleaned.encode()) > MAX_NAME_BYTES and len(stem) > 1:
        stem = stem[:-1]
        cleaned = f"{stem}{dot}{suffix}"
    return cleaned


def keep_uploads(uploaded: Sequence[Path], library: Path) -> tuple[list[Path], list[Refused]]:
    """Copy the uploaded files into the library's own folder; return what was kept, and what was refused.

    A file of a known name takes the place of the earlier one: it is the same article, changed.
    """
    folder = library / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    kept: list[Path] = []
    refused = [Refused(path.name, "upload_many") for path in uploaded[MAX_FILES:]]
    for path in uploaded[:MAX_FILES]:
        target, why = _target(path, folder, kept)
        if target is None:
            refused.append(Refused(path.name, why))
            continue
        partial = target.with_name(f".{target.name}.part")
        shutil.copyfile(path, partial)
        os.replace(partial, target)  # noqa: PTH105  # atomic: a reader never sees half a file
        kept.append(target)
    return kept, refused


def _target(path: Path, folder: Path, kept: Sequence[Path]) -> tuple[Path | None, str]:
    """Return where an uploaded file goes beside those `kept` before it, or None and the text that says why not."""
    name = safe_name(path.name)
    if name is None:
        return None, "upload_name"
    if Path(name).suffix.lower() not in suffixes():
        return None, "upload_type"
    if path.stat().st_size > MAX_UPLOAD_BYTES:
        return None, "upload_size"
    target = folder / name
    if target.is_symlink() or target.is_dir() or not target.resolve().is_relative_to(folder.resolve()):
        return None, "upload_name"
    return (None, "upload_twice") if target in kept else (target, "")


def suffixes() -> frozenset[str]:
    """Return the suffixes that an ingest reads; its parsers are not needed before someone uploads."""
    from ingest.parse import SUFFIXES

    return frozenset(SUFFIXES)


def formats(known: Iterable[str]) -> str:
    """Return the formats as people write them."""
    return " ".join(sorted(suffix.lstrip(".") for suffix in known))
