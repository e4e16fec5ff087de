"""What the library holds, counted for the charts: over time, by publisher, industry and keyword. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

MOST_BARS = 10
MOST_PERIODS = 14
_BETWEEN = re.compile(r"[,，;；、|/\s]+")


def over_time(facts: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Count articles by month, by quarter or by year: the finest that is still readable; gaps count as 0."""
    days = sorted(date.fromisoformat(str(fact["published"])) for fact in facts if fact["published"])
    if not days:
        return []
    for number_of, name_of in _UNITS:
        first, last = number_of(days[0]), number_of(days[-1])
        if last - first < MOST_PERIODS or number_of is _year:
            counts = Counter(number_of(day) for day in days)
            return [(name_of(number), counts[number]) for number in range(first, last + 1)]
    raise AssertionError("years are the last unit")


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def _year(day: date) -> int:
    return day.year


_UNITS: tuple[tuple[Callable[[date], int], Callable[[int], str]], ...] = (
    (_month, lambda number: f"{number // 12}-{number % 12 + 1:02}"),
    (_quarter, lambda number: f"{number // 4} Q{number % 4 + 1}"),
    (_year, str),
)


def by_name(facts: Iterable[Mapping[str, Any]], name: str, *, most: int = MOST_BARS) -> list[tuple[str, int]]:
    """Count articles by each of the names in a field, the most frequent first."""
    counts: Counter[str] = Counter()
    for fact in facts:
        value = str(fact[name] or "").strip()
        counts.update({part for part in ([value] if name == "publisher" else _BETWEEN.split(value)) if part})
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
