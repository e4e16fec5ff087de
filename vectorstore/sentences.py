"""Find the sentences of a Chinese text, as spans of its characters."""

from __future__ import annotations

import re

# A sentence ends after 。！？；… or !?; with its closing quotes, or at the end of a line. A full stop ends
# one only before a space or the end, so that 1.2.0 and AI.QQ.COM stay whole.
_SENTENCE_END = re.compile(r"(?:[。！？；…!?;]+|\.(?=\s|$))[”’」』）)\]】》\"']*|\n+")

_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each sentence, without white space around it.

    Together the spans cover every character of `text` that is not white space, in order.
    """
    spans = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(text)))
    trimmed = (trim_span(text, *span) for span in spans)
    return _join_marks(text, [span for span in trimmed if span[0] < span[1]])


def trim_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without the white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _join_marks(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join a span that holds no letter or digit (a stray quote, a lone mark) to the one before it."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and not _LETTER_OR_DIGIT.search(text, start, end):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
