"""What the library holds, counted for the charts: over time, by publisher, industry and keyword. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

MOST_BARS = 10
MOST_PERIODS = 14
Unit: TypeAlias = Literal["month", "quarter", "year"]
_UNITS: dict[Unit, int] = {"month": 12, "quarter": 4, "year": 1}  # how many in a year
_BETWEEN = re.compile(r"[,，;；、|/\s]+")


@dataclass(frozen=True, slots=True)
class Period:
    """A month (1 to 12), a quarter (1 to 4) or a whole year (number 1), with how many articles are of it."""

    unit: Unit
    year: int
    number: int
    count: int


def over_time(facts: Iterable[Mapping[str, Any]]) -> list[Period]:
    """Count articles by month, by quarter or by year: the finest that is still readable; gaps count as 0."""
    days = sorted(date.fromisoformat(str(fact["published"])) for fact in facts if fact["published"])
    if not days:
        return []
    for unit, a_year in _UNITS.items():
        counts = Counter(_number(day, a_year) for day in days)
        first, last = min(counts), max(counts)
        if last - first < MOST_PERIODS or unit == "year":
            return [Period(unit, at // a_year, at % a_year + 1, counts[at]) for at in range(first, last + 1)]
    raise AssertionError("years are the last unit")


def _number(day: date, a_year: int) -> int:
    """Return the number of a day's period, counted from the year 0; there are `a_year` of them in a year."""
    return day.year * a_year + (day.month - 1) * a_year // 12


def by_name(facts: Iterable[Mapping[str, Any]], name: str, *, most: int = MOST_BARS) -> list[tuple[str, int]]:
    """Count articles by each of the names in a field, the most frequent first."""
    counts: Counter[str] = Counter()
    for fact in facts:
        value = str(fact[name] or "").strip()
        counts.update({part for part in ([value] if name == "publisher" else _BETWEEN.split(value)) if part})
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
