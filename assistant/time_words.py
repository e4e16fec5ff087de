"""Read the time that a question asks about, against a reference date: 2019年8月, 去年, 最近三个月, 最新.

Chinese time words have no well-kept parser with ranges that would be right here, so these are own rules. What
comes out is a preference that the reader sees and can take away; it never hides a passage.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from assistant.verification.dates_in_text import YEAR_WORDS, in_chinese
from vectorstore.fold import fold
from vectorstore.numbers import parse_han
from vectorstore.time_wish import TimeWish, day_span

Span = tuple[date | None, date | None]

_DIGITS = "零〇一二三四五六七八九"
_NUMBER = r"(?:\d{1,6}几?|[一二两三四五六七八九十半几]{1,6})"
COUNTED = (
    r"(?:[%位件只辆艘吨次点]|余(?![杭姚])|名(?![校人企])|平(?![昌安壤遥])|万(?![科达圣物])|多(?![高大少长久远伦])|亿(?![欧邦])|千(?!禧)|百(?!度)|元(?![旦宵])|人(?![工民类才物机])|个(?!人)|家(?![电居具])"
    r"|项(?!目)|米(?!兰)|块(?!链)|台(?![北湾风])|架(?!构)|股(?![市东票])|公[里斤顷分])"
)
"""Behind a number: what it counts, so that it is no year (1600亿元, but 2019人工智能大会)."""
_NOT_A_YEAR = rf"(?! ?(?:[\da-z]|年代|{COUNTED})|[到至~—-]\d+(?:\.\d+)? ?(?:{COUNTED}|度))"
_YEAR = (
    rf"(?P<year>(?<![\da-z.])(?:1[89]|20)\d\d{_NOT_A_YEAR}|(?<!\d)\d\d(?=年(?:[上下]半年|[初底末]|第?[一二三四1-4]季|\d+月))"
    rf"|(?<![{_DIGITS}])(?:一[八九]|二[〇零])[{_DIGITS}]{{2}}(?=年)"
    r"|大前年|前年|去年|上年|今年|本年|明年|后年|(?:(?<!\d)\d{1,2}|[一二两三四五六七八九十]{1,3})年前(?=的?(?:[\d一二三四五六七八九十]{1,2}月|[上下]半年)))"
)
_HALF = r"(?P<half>上半年|下半年|年?[初底末])"
_QUARTER = r"第?(?P<quarter>[一二三四1-4])季度?|q(?P<q>[1-4])(?!\d)"
_MONTH = r"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?"
_MONTHS = r"(?P<since>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月?份?[-~至到—–](?P<until>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?"
_FIRST = rf"(?:前(?P<first>{_NUMBER})个?(?P<per>季度|月)|{_MONTHS})"
_MANY = (
    r"(?:[4-9]|1[01]|十一|[四五六七八九十])"  # 前七个月 are those of a year, 前三个月 count back from today
)
_FIRST_UNDATED = (
    rf"(?:(?<![提目])前(?P<first>{_NUMBER}(?=个?季度)|{_MANY}(?=个月))个?(?P<per>季度|月)|{_MONTHS})"
)
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])[日号]"
_LOOSE = {"半": 0.5, "几": 3.0, "几十": 30.0}
_TWO_DIGITS = re.compile(r"[一二两三四五六七八](?=[二两三四五六七八九](?:$|十))")
_RANGE = re.compile(rf"{_YEAR}年?(?:到|至|-|~|—)(?P<last>(?:1[89]|20)\d\d)年?")
_DATED = re.compile(rf"{_YEAR}年?的?(?:{_HALF}|{_QUARTER}|{_FIRST}|{_MONTH}(?:的?{_DAY})?)?")
_UNDATED = re.compile(
    rf"(?<![\d{_DIGITS}十第个])(?:(?P<half>上半年|下半年)|第?(?P<quarter>[一二三四1-4])季度|{_FIRST_UNDATED}|{_MONTH}(?:的?{_DAY})?)(?![球饼天龄])"
)
_ISO = re.compile(
    r"(?<!\d)(?P<year>(?:1[89]|20)\d\d)[-/.](?P<month>1[0-2]|0?[1-9])(?:[-/.](?P<day>3[01]|[12]\d|0?[1-9]))?(?!\d)"
)
_LAST = re.compile(
    rf"(?<![提目接将附临])(?:最近|近|过去|这|(?<!年)前(?!{_NUMBER}个?季度|{_MANY}个月))的?(?P<count>{_NUMBER})(?:个)?(?P<unit>天|日|周|星期|礼拜|月|季度|年)(?:以?来|内|间|里)?"
)
_DAYS = {"大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "昨晚": -1, "明天": 1}
_PERIOD = re.compile(
    rf"(?P<day>{'|'.join(_DAYS)})(?!头条|资本|集团|说法|国际(?![油金原新形要局市]))|(?P<week>上上周|上周|上个?星期|上个?礼拜|本周|这周|这个?星期|这个?礼拜)(?![一二三四五六日天])"
    r"|(?P<month>上个月|上月|本月|这个月|当月)|(?P<quarter>上个?季度|本季度|这个?季度)"
)
_AGO = re.compile(
    rf"(?<![\d{_DIGITS}十百千万几多第每近])(?P<count>\d{{1,2}}|[一二两三四五六七八九十]{{1,3}})(?P<unit>年|个月|周|个?星期|天)(?:以|之)?前(?!后|夕|期)(?=.{{4}})"
)
"""How long ago, counted back from today: 五年前, 七个月前; not 几年前, which may be any."""
_NEWEST = re.compile(r"最新|近期|最近(?!的[一-鿿]{0,4}(?:车站|医院|地铁|机场))|目前|如今|当前|眼下|日前|刚刚")
_BEFORE = re.compile(r"^(?:年)?(?:以前|之前|前(?![\d一二两三四五六七八九十几半后夕期]))")
_AFTER = re.compile(r"^(?:年)?(?:以后|之后|以来|后(?!半)|起|至今)")


def read_time(question: str, as_of: date) -> TimeWish | None:
    """Return the time that a question asks about, or None where it names none.

    Two different times in one question (2019年和2020年) give their common span.
    """
    folded = fold(question)
    spans: list[tuple[int, int, Span, bool]] = []
    taken: list[tuple[int, int]] = []
    for pattern, read, relative in _RULES:
        for match in pattern.finditer(folded):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            span = read(match, as_of)
            if span is not None:
                taken.append(match.span())
                spans.append((*match.span(), _bounded(folded, match, span), relative or _is_relative(match)))
    newest = _newest(folded, taken)
    if not spans and newest is None:
        return None
    if not spans:
        return TimeWish(None, None, "最新", prefers_recent=True, words=newest or "", relative=True)
    return _wish(folded, spans, newest)


def _wish(folded: str, spans: list[tuple[int, int, Span, bool]], newest: str | None) -> TimeWish:
    starts, ends = [span[0] for *_, span, _ in spans], [span[1] for *_, span, _ in spans]
    start = None if None in starts else min(day for day in starts if day)
    end = None if None in ends else max(day for day in ends if day)
    words = "，".join(folded[first:last] for first, last, _, relative in sorted(spans) if relative)
    return TimeWish(
        start, end, label(start, end), prefers_recent=newest is not None,
        words=words, relative=any(relative for *_, relative in spans),
    )  # fmt: skip


def label(start: date | None, end: date | None) -> str:
    """Return a range as a reader would write it: 2019年8月, 2018年, 2023年1月2日至2023年3月5日."""
    if start and end:
        if (start, end) == day_span(start.year):
            return f"{start.year}年"
        if (start, end) == day_span(start.year, start.month):
            return f"{start.year}年{start.month}月"
        if start == end:
            return in_chinese(start)
        return f"{in_chinese(start)}至{in_chinese(end)}"
    return f"{in_chinese(start)}以后" if start else f"{in_chinese(end)}以前" if end else "最新"


def _newest(folded: str, taken: list[tuple[int, int]]) -> str | None:
    for match in _NEWEST.finditer(folded):
        if not any(match.start() < end and start < match.end() for start, end in taken):
            return match.group()
    return None


def _bounded(folded: str, match: re.Match[str], span: Span) -> Span:
    """Open the range where the words after it say so: …以前, …以来."""
    after = folded[match.end() :]
    if _BEFORE.match(after):
        return None, span[0] and span[0] - timedelta(days=1)
    if _AFTER.match(after):
        return span[0], None
    return span


def _is_relative(match: re.Match[str]) -> bool:
    year = match.groupdict().get("year") or ""
    return year in YEAR_WORDS or year.endswith("年前")


def _number(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    value = parse_han(text) if text else None
    return None if value is None else int(value)


def _count(text: str) -> float | None:
    """Return a number that may be said loosely: 半 is 0.5, 几 3, 十几 and 10几 10, 两三 3, 二三十 30."""
    if text in _LOOSE:
        return _LOOSE[text]
    return _number(_TWO_DIGITS.sub("", re.sub("[几半]", "", text)))


def _year_of(text: str, as_of: date) -> int | None:
    if text in YEAR_WORDS:
        return as_of.year + YEAR_WORDS[text]
    if text.endswith("年前"):
        return as_of.year - (_number(text.removesuffix("年前")) or 0)
    number = _number(text)
    if number is not None and number < 100:
        number += 2000 if number <= as_of.year % 100 + 1 else 1900
    return number


def _dated(match: re.Match[str], as_of: date) -> Span | None:
    year = _year_of(match["year"], as_of)
    return None if year is None or not 1 <= year < 9999 else _within_year(match, year)


def _within_year(match: re.Match[str], year: int) -> Span | None:
    parts = match.groupdict()
    if parts.get("half"):
        first, last = _HALVES[parts["half"].removeprefix("年")]
        return date(year, first, 1), (day_span(year, last) or (None, None))[1]
    quarter = parts.get("quarter") or parts.get("q")
    if quarter:
        number = int(_number(quarter) or 1)
        return date(year, 3 * number - 2, 1), (day_span(year, 3 * number) or (None, None))[1]
    if parts.get("per"):
        months = round((_count(parts["first"]) or 1) * (3 if parts["per"] == "季度" else 1))
        return date(year, 1, 1), (day_span(year, min(max(months, 1), 12)) or (None, None))[1]
    if parts.get("until"):
        since, until = _number(parts["since"]) or 1, _number(parts["until"]) or 12
        return date(year, since, 1), (day_span(year + (until < since), until) or (None, None))[1]
    month, day = parts.get("month"), parts.get("day")
    return day_span(year, _number(month) if month else None, _number(day) if day else None)


_HALVES: dict[str, tuple[int, int]] = {
    "上半年": (1, 6),
    "下半年": (7, 12),
    "初": (1, 3),
    "底": (11, 12),
    "末": (11, 12),
}


def _undated(match: re.Match[str], as_of: date) -> Span | None:
    """Read a month or a quarter without its year: the last one that has begun, or of several the last that ended."""
    span = _within_year(match, as_of.year)
    told = span and span[1 if match["per"] or match["until"] else 0]
    if told and told > as_of:
        return _within_year(match, as_of.year - 1)
    return span


def _years(match: re.Match[str], as_of: date) -> Span | None:
    first, last = _year_of(match["year"], as_of), int(match["last"])
    return (date(first, 1, 1), date(last, 12, 31)) if first and first <= last else None


def _last(match: re.Match[str], as_of: date) -> Span | None:
    count, unit = match["count"], match["unit"]
    days = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30.5, "季度": 91.5, "年": 365.25}[unit]
    number = _count(count)
    return (
        None if not number or number * days > 36500 else (as_of - timedelta(days=round(number * days)), as_of)
    )


def _period(match: re.Match[str], as_of: date) -> Span | None:
    if match["day"]:
        day = as_of + timedelta(days=_DAYS[match["day"]])
        return day, day
    if match["week"]:
        back = 2 if match["week"].startswith("上上") else 1 if match["week"].startswith("上") else 0
        monday = as_of - timedelta(days=as_of.weekday() + 7 * back)
        return monday, monday + timedelta(days=6)
    if match["month"]:
        months = as_of.year * 12 + as_of.month - 1 - (match["month"] in ("上个月", "上月"))
        return day_span(months // 12, months % 12 + 1)
    quarters = as_of.year * 4 + (as_of.month - 1) // 3 - match["quarter"].startswith("上")
    year, quarter = divmod(quarters, 4)
    return date(year, 3 * quarter + 1, 1), (day_span(year, 3 * quarter + 3) or (None, None))[1]


def _ago(match: re.Match[str], as_of: date) -> Span | None:
    """Return the year or the month so long ago, the day or the week around it."""
    count, unit = _number(match["count"]), match["unit"]
    if not count:
        return None
    if unit == "年":
        return day_span(as_of.year - count)
    if unit == "个月":
        months = as_of.year * 12 + as_of.month - 1 - count
        return day_span(months // 12, months % 12 + 1)
    if unit == "天":
        day = as_of - timedelta(days=count)
        return day, day
    monday = as_of - timedelta(days=as_of.weekday() + 7 * count)
    return monday, monday + timedelta(days=6)


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Span | None], bool], ...] = (
    (_ISO, _dated, False),
    (_RANGE, _years, False),
    (_DATED, _dated, False),
    (_LAST, _last, True),
    (_PERIOD, _period, True),
    (_AGO, _ago, True),
    (_UNDATED, _undated, False),
)
