"""Locate a quote in an article: exactly, then folded, then with white space and quotation marks set aside.

Never fuzzy: every letter and digit of the quote is in the span, in order, and nothing else is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vectorstore.fold import fold


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` of the text it was located in."""

    start: int
    end: int


_LOOSE = frozenset(" \t\r\n\u3000\u00a0\u200b“”\"'‘’「」『』《》*")
_ELLIPSIS = re.compile(r"…+|\.{3,}|。{3,}")


def locate(quote: str, text: str, *, folded: str | None = None) -> Span | None:
    """Return where `text` has the words of `quote`, or None; `folded` is `fold(text)` when at hand."""
    quote = quote.strip()
    if not quote:
        return None
    start = text.find(quote)
    if start < 0:
        folded = fold(text) if folded is None else folded
        start = folded.find(fold(quote))
        if start < 0:
            return _locate_loosely(fold(quote), folded)
    return Span(start, start + len(quote))


def _locate_loosely(quote: str, folded: str) -> Span | None:
    needle, _ = _squeeze(quote)
    hay, offsets = _squeeze(folded)
    start = hay.find(needle) if needle else -1
    if start < 0 or _splits_a_number(hay, start, start + len(needle)):
        return None
    return Span(offsets[start], offsets[start + len(needle) - 1] + 1)


def _squeeze(folded: str) -> tuple[str, list[int]]:
    """Return the text without white space and quotation marks (kept between digits), and the offsets."""
    kept = [
        index
        for index, character in enumerate(folded)
        if character not in _LOOSE
        or (folded[index - 1 : index].isdigit() and folded[index + 1 : index + 2].isdigit())
    ]
    return "".join(folded[index] for index in kept), kept


def _splits_a_number(text: str, start: int, end: int) -> bool:
    """Refuse 5% inside 15%, and 12 inside 1.12 or 123."""
    return _joined(text, start) or _joined(text, end)


def _joined(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return (before.isdigit() and (after.isdigit() or after in ".,")) or (before in ".," and after.isdigit())


def locate_all_parts(quote: str, text: str, *, folded: str | None = None) -> Span | None:
    """Locate a quote with ellipses (“甲……乙”): its parts, in order, as one span from first to last."""
    parts = [part for part in _ELLIPSIS.split(quote) if part.strip()]
    folded = fold(text) if folded is None else folded
    start, end = -1, 0
    for part in parts:
        span = locate(part, text[end:], folded=folded[end:])
        if span is None:
            return None
        start = end + span.start if start < 0 else start
        end += span.end
    return Span(start, end) if parts else None
