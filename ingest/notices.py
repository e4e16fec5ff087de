"""What an ingest should tell though nothing failed: files of kinds it does not read, broken bytes it read over.

A notice travels and is kept as a failure is; its kind tells it apart.
"""

from __future__ import annotations

from pathlib import PurePath

from ingest.parsed import Failure

_NOT_READ = (
    "没有读这种文件，请另存为 .docx、.html、.txt 或 .csv 再收录 "
    "(a kind of file that is not read: save it as .docx, .html, .txt or .csv)"
)
_NOT_UNPACKED = "没有打开这种压缩包，请先解压，或改成 .zip 再收录 (a kind of archive that is not opened: unpack it, or make it a .zip)"
_DOCUMENTS = frozenset(
    ".doc .docm .rtf .epub .odt .ods .odp .ppt .pptx .xls .xlsx .xlsm .xlsb .mht .mhtml .webarchive .caj .wps .et"
    " .dps .ofd .pages .eml .msg .mobi .azw3 .enex".split()
)
ARCHIVES = frozenset(".rar .7z .tar .gz .tgz .bz2 .tbz2 .xz .txz .zst".split())


def is_notice(failure: Failure) -> bool:
    """Say whether this was only to be told."""
    return failure.kind in ("mended", "document", "archive")


def is_not_read(name: str) -> bool:
    """Say whether a file that is not read looks like one that somebody wanted read."""
    return PurePath(name).suffix.lower() in _DOCUMENTS | ARCHIVES


def not_read(source: str) -> Failure:
    """Return the notice of a document or an archive of a kind that is not read."""
    if PurePath(source).suffix.lower() in ARCHIVES:
        return Failure(source, _NOT_UNPACKED, "archive")
    return Failure(source, _NOT_READ, "document")


def mended(source: str, count: int) -> Failure:
    """Return the notice of a text with some broken bytes."""
    return Failure(
        source,
        f"有 {count} 处字节坏了，读成 □；若有好的原件，请换上再收录 "
        f"(broken bytes in {count} places, shown as □: replace the file if you have a sound one)",
        "mended",
    )
