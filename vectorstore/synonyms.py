"""A user's list of words that mean the same, one group a line: they find each other in a search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from vectorstore.errors import SynonymsUnreadable
from vectorstore.fold import fold

_SEPARATORS = re.compile(r"[\s,，、;；|]+")
Synonyms = dict[str, tuple[str, ...]]
"""Folded word -> the other words of its groups."""


def parse_synonyms(lines: Iterable[str]) -> Synonyms:
    """Return the words of every group; a line that starts with # is a comment."""
    groups: Synonyms = {}
    for line in lines:
        if line.lstrip().startswith("#"):
            continue
        words = list(dict.fromkeys(word for word in _SEPARATORS.split(fold(line)) if word))
        for word in words:
            others = (*groups.get(word, ()), *(other for other in words if other != word))
            groups[word] = tuple(dict.fromkeys(others))
    return {word: others for word, others in groups.items() if others}


def read_synonyms(path: Path) -> Synonyms:
    """Read a synonym file (UTF-8); it is read again when it changes.

    Raises:
        SynonymsUnreadable: it is not there, or not UTF-8.
    """
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, UnicodeDecodeError) as error:
        raise SynonymsUnreadable(
            f"读不了同义词表 {str(path)!r}：它应是 UTF-8 文本，一行一组；改好它，或不设 YINJU_SYNONYMS "
            f"(cannot read the synonym list {str(path)!r}: {error}; mend it or unset YINJU_SYNONYMS)"
        ) from error


@lru_cache(maxsize=4)
def _read(path: Path, _stamp: int) -> Synonyms:
    return parse_synonyms(path.read_text(encoding="utf-8-sig").splitlines())


def expand(folded: str, synonyms: Synonyms) -> list[str]:
    """Return the words that mean the same as a word of a folded text and do not stand in it."""
    found = [other for word, others in synonyms.items() if _stands(word, folded) for other in others]
    return [other for other in dict.fromkeys(found) if other not in folded]


def _stands(word: str, folded: str) -> bool:
    if not (word[0].isascii() or word[-1].isascii()):
        return word in folded
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", folded) is not None
