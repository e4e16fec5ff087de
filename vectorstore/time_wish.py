"""Prefer the time that a question asks about: a soft preference, which never hides a passage. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta

IN_RANGE = 1.6
STATED = 1.2
OUT_OF_RANGE = -0.8
RECENT = 1.5
RECENT_DAYS = 365.0
"""What the time of a passage adds to its score or takes from it. Set by hand, not measured: a BM25 share of one
is worth 4.6."""
_STATED = re.compile(
    r"(?<!\d)(?P<year>(?:1[89]|20)\d\d)(?:年|[-/.](?=\d))(?:(?P<month>1[0-2]|0?[1-9])(?:月|[-/.])(?:(?P<day>3[01]|[12]\d|0?[1-9])(?!\d))?)?"
    r"|(?<![\d年])(?P<month2>1[0-2]|0?[1-9])月(?:(?P<day2>3[01]|[12]\d|0?[1-9])[日号])?"
)


@dataclass(frozen=True, slots=True)
class TimeWish:
    """The time a question asks about, both ends included; `words` are the words that say so.

    `relative` is true where the words mean another time on another day (去年, 最近三个月): they are then no
    words to look for in an article.
    """

    start: date | None
    end: date | None
    label: str
    prefers_recent: bool = False
    words: str = ""
    relative: bool = False

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in the range."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    @property
    def is_range(self) -> bool:
        """Tell whether there is a range at all."""
        return self.start is not None or self.end is not None


def time_bonus(wish: TimeWish, *, published: date | None, text: str, newest: date | None) -> float:
    """Return what a passage's score gains by its time; `newest` is the newest date among the candidates."""
    bonus = 0.0
    if wish.is_range:
        bonus += _range_bonus(wish, published, text)
    if wish.prefers_recent and published and newest:
        bonus += RECENT * math.exp(-max((newest - published).days, 0) / RECENT_DAYS)
    return bonus


def _range_bonus(wish: TimeWish, published: date | None, text: str) -> float:
    if published is not None and wish.holds(published):
        return IN_RANGE
    if states_time(wish, text, published=published):
        return STATED
    return 0.0 if published is None else OUT_OF_RANGE


def states_time(wish: TimeWish, text: str, *, published: date | None) -> bool:
    """Tell whether a text names a day, month or year that lies wholly in the range."""
    for match in _STATED.finditer(text):
        year = int(match["year"]) if match["year"] else published.year if published else None
        month, day = match["month"] or match["month2"], match["day"] or match["day2"]
        if year is None:
            continue
        span = day_span(year, int(month) if month else None, int(day) if day else None)
        if span and wish.holds(span[0]) and wish.holds(span[1]):
            return True
    return False


def day_span(year: int, month: int | None = None, day: int | None = None) -> tuple[date, date] | None:
    """Return the first and the last day of a year, a month or a day; None where there is no such day."""
    try:
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is not None:
            return date(year, month, day), date(year, month, day)
        following = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), following - timedelta(days=1)
    except ValueError:
        return None
