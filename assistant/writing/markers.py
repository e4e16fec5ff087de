"""Find the citation markers in what a chat model writes: [1], 【2】, [1, 3], [2-4], [^1], [文章1], [[1]], [1](http…)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = r"(?:文章|段落|来源|资料|引用|参考|文献|材料|原文|passage|source|doc|ref)?\s*(?:编号)?\s*"
_NUMBER = rf"{_WORD}[\d０-９]{{1,9}}"
_INSIDE = rf"\s*\^?\s*{_NUMBER}(?:\s*[,，、;；和&~\-–—至]\s*\^?{_NUMBER})*\s*"
_ONE = rf"\[{_INSIDE}\]|【{_INSIDE}】|［{_INSIDE}］|〔{_INSIDE}〕|⟦{_INSIDE}⟧"
_ROW = rf"\s*(?:{_ONE})(?:[\s,，、;；]*(?:{_ONE}))*\s*"
MARKER = re.compile(
    rf"(?:{_ONE}|\[{_ROW}\]|【{_ROW}】|［{_ROW}］)(?:\([^()\n]*\))?",
    re.IGNORECASE,
)
_LARGEST = 999


@dataclass(frozen=True, slots=True)
class Piece:
    """Words, and the passage numbers that the markers right after them name."""

    text: str
    numbers: tuple[int, ...]


def split_markers(text: str) -> tuple[Piece, ...]:
    """Cut a sentence at its markers; the last piece may have none."""
    pieces: list[Piece] = []
    start = 0
    for match in MARKER.finditer(text):
        words, numbers = text[start : match.start()], numbers_in(match[0])
        if pieces and not words.strip():
            pieces[-1] = Piece(pieces[-1].text, (*pieces[-1].numbers, *numbers))
        else:
            pieces.append(Piece(words, numbers))
        start = match.end()
    if text[start:]:
        pieces.append(Piece(text[start:], ()))
    return tuple(pieces)


def without_markers(text: str) -> str:
    """Return the text without markers, nor those that come together when what stood inside them is gone."""
    while (shorter := MARKER.sub("", text)) != text:
        text = shorter
    return text


def numbers_in(marker: str) -> tuple[int, ...]:
    """Return the numbers a marker names, ranges spelled out; absurd ones are left out."""
    body = re.sub(r"\([^()]*\)$", "", marker)
    numbers: list[int] = []
    for first, second in re.findall(r"(\d+)(?:\s*[~\-–—至]\s*\^?\D{0,4}(\d+))?", body):
        low, high = int(first), int(second or first)
        if low <= high <= min(_LARGEST, low + 20):
            numbers += range(low, high + 1)
    return tuple(dict.fromkeys(numbers))
