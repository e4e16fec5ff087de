"""The chart over time, as a Vega-Lite specification that Gradio's own copy of Vega draws. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from assistant.web.charts import Period
from assistant.web.texts import text

HEIGHT = 170
MOST_TICKS = 4
_AXIS = {"title": None, "ticks": False, "aria": False, "labelPadding": 8, "labelFontSize": 13}


def over_time(language: str, periods: Sequence[Period]) -> str:
    """Return the specification, as JSON, of columns that count articles.

    It is drawn as SVG, which takes its colours and font from the page's styles.
    """
    values = [
        {"label": label(language, one), "count": one.count, "said": said(language, one)} for one in periods
    ]
    columns: dict[str, Any] = {
        "description": text(language, "chart_time"),
        "usermeta": {"embedOptions": {"mode": "vega-lite", "renderer": "svg", "actions": False}},
        "background": "transparent",
        "height": HEIGHT,
        "data": {"values": values},
        "mark": {"type": "bar", "cornerRadiusEnd": 3, "width": {"band": 0.62}},
        "encoding": {
            "x": {"field": "label", "type": "ordinal", "sort": None, "axis": _time_axis()},
            "y": {"field": "count", "type": "quantitative", "axis": _count_axis(periods)},
            "tooltip": {"field": "said", "type": "nominal"},
            "description": {"field": "said", "type": "nominal"},
        },
    }
    return json.dumps(columns, ensure_ascii=False)


def _time_axis() -> dict[str, Any]:
    lines = "split(datum.label, '\\n')"
    apart = {"labelOverlap": "parity", "labelSeparation": 6}
    return {**_AXIS, **apart, "labelExpr": lines, "labelAngle": 0}


def _count_axis(periods: Sequence[Period]) -> dict[str, Any]:
    most = max((one.count for one in periods), default=0)
    return {**_AXIS, "values": ticks(most), "format": ",d"}


def ticks(most: int) -> list[int]:
    """Return the counts that the axis names: whole numbers, in steps of 1, 2 or 5 times a power of ten."""
    step = next(step for step in _steps() if step * MOST_TICKS >= most)
    return list(range(0, most + 1, step))


def _steps() -> Iterator[int]:
    return (first * 10**power for power in count() for first in (1, 2, 5))


def label(language: str, period: Period) -> str:
    """Return a period's name for the axis: at most two short lines."""
    year = text(language, "period_year", year=period.year)
    return f"{_part(language, period)}\n{year}" if period.unit != "year" else year


def said(language: str, period: Period) -> str:
    """Return what is said of a period, pointed at or read aloud."""
    year = text(language, "period_year", year=period.year)
    if period.unit == "year":
        return text(language, "period_said", when=year, count=period.count)
    when = text(language, "period_when", part=_part(language, period), year=year)
    return text(language, "period_said", when=when, count=period.count)


def _part(language: str, period: Period) -> str:
    names = {"month": "months", "quarter": "quarters"}
    return text(language, names[period.unit]).split()[period.number - 1] if period.unit in names else ""
