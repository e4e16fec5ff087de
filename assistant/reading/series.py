"""Tell one of a series from another: 神舟十三号 is not 神舟十六号, the 25th games are not the 26th. Pure."""

from __future__ import annotations

import re

from vectorstore.numbers import parse_han

_NUMERAL = r"(?:\d{1,4}|[一二三四五六七八九十百]{1,5})"
_IN_SERIES = re.compile(
    rf"(?P<head>(?:(?!第)[㐀-鿿a-z]){{2}})?(?P<ordinal>第)?(?P<number>{_NUMERAL})(?P<unit>[届号次期代])(?!楼|线|店|院|机)"
)


def series_clash(question: str, evidence: str) -> bool:
    """Tell whether a folded question names one or more of a series, and a folded text only others of it."""
    wanted: dict[tuple[str, str], set[int]] = {}
    for match in _IN_SERIES.finditer(question):
        if match["ordinal"] or (match["unit"] != "次" and match["head"]):
            key = match["unit"], "" if match["ordinal"] else match["head"]
            wanted.setdefault(key, set()).add(_value(match["number"]))
    for (unit, head), values in wanted.items():
        found = {
            _value(other["number"])
            for other in _IN_SERIES.finditer(evidence)
            if other["unit"] == unit and (not head or other["head"] == head)
        }
        if found and values.isdisjoint(found):
            return True
    return False


def _value(numeral: str) -> int:
    return int(numeral) if numeral.isdigit() else int(parse_han(numeral) or 0)
