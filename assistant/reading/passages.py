"""Trim a stretch of an article so that it can be quoted: balanced quotes, no mark at its start."""

from __future__ import annotations

_PAIRS = {"“": "”", "‘": "’", "「": "」", "『": "』", "（": "）", "(": ")", "《": "》", "【": "】", "[": "]"}
_CLOSING = {closing: opening for opening, closing in _PAIRS.items()}
_LEADING = frozenset(" \t\r\n\u3000，、；：,;:。！？!?…·—-")
_TRAILING = frozenset(" \t\r\n\u3000，、,：:")


def quotable(text: str) -> tuple[int, int]:
    """Return the span of `text` without marks at its start and without a lone quote at either end."""
    start, end = 0, len(text)
    while start < end and (text[start] in _LEADING or text[start] in _CLOSING):
        start += 1
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    opening = text[start] if start < end else ""
    if opening in _PAIRS and text.count(opening, start, end) > text.count(_PAIRS[opening], start, end):
        start += 1
    closing = text[end - 1] if start < end else ""
    if closing in _CLOSING and text.count(closing, start, end) > text.count(_CLOSING[closing], start, end):
        end -= 1
    return (start, end) if start < end else (0, len(text))
