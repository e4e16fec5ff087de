"""Find the lines of an article and the headings that each stands under. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

LONGEST_HEADING, LONGEST_LABEL = 20, 15
LEAST_TEXT = 25  # a short line without an end mark heads a paragraph of at least this length
_NUMBER = re.compile(
    r"[\s>*\-·•]*(?P<marks>#*)\s*\**"
    r"(?:(?P<han>第?[一二三四五六七八九十]{1,3}(?:[、.．:：]|[章节条部分编]+))|(?P<round>[（(][一二三四五六七八九十\d]{1,3}[）)])"
    r"|(?P<digit>\d{1,2}(?:\.\d{1,2})*(?:[、．.)）](?!\d)|\s)))?\s*\**"
)
_LABEL = re.compile(rf"[^：:，,。；;？?！!|]{{2,{LONGEST_LABEL}}}?(?=\**\s*[：:])")
_SENTENCE = re.compile(r"[。！？；;,，|]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an article; `heads` are the headings above it, outermost first, and the label it begins with."""

    start: int
    end: int
    heads: tuple[str, ...]
    is_heading: bool


def outline(text: str) -> list[Line]:
    """Return the lines that hold something, in order.

    A heading is a short line that is marked as one (#, 一、, **…**, a colon at its end) or has a paragraph below it.
    One directly below another stands under it; else each replaces those above of its own rank and lower ones.
    """
    spans = [match.span() for match in re.finditer(r"[^\n]*\S[^\n]*", text)]
    found: list[Line] = []
    above: list[tuple[str, str]] = []  # the rank of each heading as it is written, and its words
    label = ""
    for (start, end), (next_start, next_end) in pairwise([*spans, (len(text), len(text))]):
        line = text[start:end]
        heading = _heading(line, text[next_start:next_end])
        if heading is None:
            label = _label(line) or label
            heads = [words for _, words in above]
            found.append(Line(start, end, tuple([*heads, label] if label else heads), is_heading=False))
            continue
        label = ""
        above = _under(above, heading, follows_heading=bool(found) and found[-1].is_heading)
        found.append(Line(start, end, tuple(words for _, words in above), is_heading=True))
    return found


def _under(
    above: list[tuple[str, str]], heading: tuple[str, str], *, follows_heading: bool
) -> list[tuple[str, str]]:
    ranks = [rank for rank, _ in above]
    if heading[0] in ranks and not (
        follows_heading and heading[0] == ranks[-1] and len(set(ranks)) == len(ranks)
    ):
        return [*above[: ranks.index(heading[0])], heading]
    return [*above, heading]


def _heading(line: str, below: str) -> tuple[str, str] | None:
    """Return how a line is marked as a heading, and its words; None for other lines."""
    match = _NUMBER.match(line)
    stripped = line.strip()
    words = line[match.end() if match else 0 :].strip(" *#:：　")
    if match is None or not words or len(words) > LONGEST_HEADING or _SENTENCE.search(words):
        return None
    rank = match["marks"] or (match.lastgroup or "")
    if match["marks"] or stripped.endswith(("：", ":", "**")):
        return rank, words
    is_plain = stripped[-1].isalnum() and not re.search("[：:]", words)
    if is_plain and (match["han"] or (len(below) >= LEAST_TEXT and _SENTENCE.search(below))):
        return rank, words
    return None


def _label(line: str) -> str | None:
    """Return what a line begins with before a colon (鉴别诊断：…)."""
    number = _NUMBER.match(line)
    match = _LABEL.match(line, number.end() if number else 0)
    return match[0].strip(" *") if match else None
