"""Read the dates in a folded Chinese text and resolve them against the article's own date.

2017年11月8日, 2017-11-08, 二〇一七年, 11月8日, 8日, 今年, 去年3月, 昨日. A date without a year keeps the
years it may mean: the last year named before it, and those nearest to the article's date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from vectorstore.numbers import parse_han

_DIGIT = "零〇一二三四五六七八九"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]|十[一二三四五六七八九]?|[一二三四五六七八九])"
YEAR_WORDS = {"大前年": -3, "前年": -2, "去年": -1, "上年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}
_DAY_WORDS = {
    "前天": -2,
    "前日": -2,
    "昨天": -1,
    "昨日": -1,
    "昨晚": -1,
    "今天": 0,
    "今日": 0,
    "今晚": 0,
    "明天": 1,
}
_MONTH_WORDS = {"上个月": -1, "上月": -1, "本月": 0, "这个月": 0, "下个月": 1, "下月": 1}
_DATE = re.compile(
    rf"(?P<iso>(?<!\d)(?:1\d|20)\d\d([-/.])(?:1[0-2]|0?[1-9])\2(?:3[01]|[12]\d|0?[1-9])(?!\d))"
    rf"|(?:(?P<year>(?<!\d)(?:1\d|20)\d\d(?!\d)|(?<![{_DIGIT}])[一二][{_DIGIT}]{{3}}) ?(?:年(?!代)|(?=[-~至到—] ?(?:1\d|20)\d\d ?年))"
    rf"|(?P<word>{'|'.join(YEAR_WORDS)}))"
    rf"(?: ?年?(?:的)?(?P<month>{_MONTH}) ?月(?:份)?(?: ?(?P<day>{_DAY}) ?(?:[日号](?!线)|(?=[-~至到—]{_DAY} ?[日号])))?)?"
    rf"|(?<![\d.个])(?P<month2>{_MONTH}) ?月(?:份)?(?: ?(?P<day2>{_DAY}) ?(?:[日号](?!线)|(?=[-~至到—]{_DAY} ?[日号])))?(?!亮|球)"
    rf"|(?P<dayword>{'|'.join(_DAY_WORDS)})|(?P<monthword>{'|'.join(_MONTH_WORDS)})"
    rf"(?: ?(?P<day3>{_DAY}) ?[日号])?"
    rf"|(?<![\d.第个每共{_DIGIT}十百千两几近多约达])(?P<day4>3[01]|[12]\d|0?[1-9]) ?[日号](?![线元楼店院机均])"
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date as written: `None` where the text leaves it out, and the years it may then mean."""

    year: int | None
    month: int | None
    day: int | None
    years: tuple[int, ...]
    months: tuple[int, ...]
    start: int
    end: int


def find_dates(folded: str, *, published: date | None = None) -> tuple[DateMention, ...]:
    """Return the dates of a folded text, in reading order."""
    found: list[DateMention] = []
    for match in _DATE.finditer(folded):
        year, month, day = _read(match, published)
        before = found[-1] if found else None
        years = () if year else _possible_years(before, month, day, published)
        months = () if month or not day else _possible_months(before, published)
        found.append(DateMention(year, month, day, years, months, match.start(), match.end()))
    return tuple(found)


def _read(match: re.Match[str], published: date | None) -> tuple[int | None, int | None, int | None]:
    if match["iso"]:
        iso = [int(piece) for piece in re.split(r"[-/.]", match["iso"])]
        return iso[0], iso[1], iso[2]
    day = _number(match["day"] or match["day2"] or match["day3"] or match["day4"])
    month = _number(match["month"] or match["month2"])
    if match["dayword"] or match["monthword"]:
        return _relative(match["dayword"], match["monthword"], day, published)
    year = _number(match["year"])
    if match["word"] and published:
        year = published.year + YEAR_WORDS[match["word"]]
    return year, month, day


def _relative(
    dayword: str | None, monthword: str | None, day: int | None, published: date | None
) -> tuple[int | None, int | None, int | None]:
    if published is None:
        return None, None, day
    if dayword:
        then = published + timedelta(days=_DAY_WORDS[dayword])
        return then.year, then.month, then.day
    months = published.year * 12 + published.month - 1 + _MONTH_WORDS[monthword or "本月"]
    return months // 12, months % 12 + 1, day


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if text.isdigit():
        return int(text)
    value = parse_han(text.replace("廿", "二十"))
    return None if value is None else int(value)


def _possible_years(
    before: DateMention | None, month: int | None, day: int | None, published: date | None
) -> tuple[int, ...]:
    years: list[int] = []
    if before:
        years += [before.year] if before.year else before.years
    if published:
        years.append(published.year)
        if month:
            years.append(_nearest_year(month, day or 15, published))
    return tuple(dict.fromkeys(years))


def _possible_months(before: DateMention | None, published: date | None) -> tuple[int, ...]:
    months: list[int] = []
    if before:
        months += [before.month] if before.month else before.months
    if published:
        months.append(published.month)
    return tuple(dict.fromkeys(months))


def _nearest_year(month: int, day: int, published: date) -> int:
    def distance(year: int) -> int:
        return abs((date(year, month, min(day, 28)) - published).days)

    return min(range(max(published.year - 1, 1), published.year + 2), key=distance)


def in_chinese(day: date) -> str:
    """Return a date as a Chinese text writes it: 2019年8月29日."""
    return f"{day.year}年{day.month}月{day.day}日"


def same_date(claim: DateMention, evidence: DateMention) -> bool:
    """Say whether everything the claim says of a date is said, or may be meant, by the evidence."""
    return (
        _part(claim.year, evidence.year, evidence.years)
        and _part(claim.month, evidence.month, evidence.months)
        and _part(claim.day, evidence.day, ())
    )


def dates_clash(one: DateMention, other: DateMention) -> bool:
    """Say whether both dates name a year, a month or a day, and not the same."""
    pairs = ((one.year, other.year), (one.month, other.month), (one.day, other.day))
    return any(a != b for a, b in pairs if a is not None and b is not None)


def _part(claim: int | None, evidence: int | None, might: tuple[int, ...]) -> bool:
    if claim is None:
        return True
    return claim == evidence if evidence is not None else claim in might
