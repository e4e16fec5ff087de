"""What an ingest should tell though nothing failed: documents of kinds it does not read, broken bytes it read over.

A notice travels and is kept as a failure is, as a source and a reason; how its reason begins tells it apart.
"""

from __future__ import annotations

from pathlib import PurePath

from ingest.parsed import Failure

_MARK = "提示："
_NOT_READ = (
    f"{_MARK}没有读这种文件，请另存为 .docx、.html、.txt 或 .csv 再收录 "
    "(a kind of file that is not read: save it as .docx, .html, .txt or .csv)"
)
_OTHER_DOCUMENTS = frozenset(
    ".doc .rtf .xml .epub .odt .ppt .pptx .xls .xlsx .mht .mhtml .shtml .caj .wps".split()
)


def is_notice(failure: Failure) -> bool:
    """Say whether this was only to be told."""
    return failure.reason.startswith(_MARK)


def is_document(name: str) -> bool:
    """Say whether a file that is not read looks like one that somebody wanted read."""
    return PurePath(name).suffix.lower() in _OTHER_DOCUMENTS


def not_read(source: str) -> Failure:
    """Return the notice of a document of a kind that is not read."""
    return Failure(source, _NOT_READ)


def is_not_read(failure: Failure) -> bool:
    """Say whether this is the notice of a document of a kind that is not read."""
    return failure.reason == _NOT_READ


def mended(source: str, count: int) -> Failure:
    """Return the notice of a text with some broken bytes."""
    return Failure(
        source,
        f"{_MARK}有 {count} 处字节坏了，读成 □；若有好的原件，请换上再收录 "
        f"(broken bytes in {count} places, shown as □: replace the file if you have a sound one)",
    )


def unmarked(reason: str) -> str:
    """Return a reason without what tells a notice apart."""
    return reason.removeprefix(_MARK)
