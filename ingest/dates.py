"""Find the publication date that an article states: in metadata, a dateline, a URL, a file name.

A date is returned only where year, month and day are stated. Nothing is filled in from today, from the
file's own timestamps or from an event that the article tells of.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from vectorstore.numbers import parse_han

_EARLIEST_YEAR = 1900
_MAX_DAYS_AHEAD = 31  # magazines are dated ahead; anything later is a mistake
_CHINA = timezone(timedelta(hours=8))
_EXCEL_DAY_0 = date(1899, 12, 30)  # of the 1900 system, which counts a 29 February 1900
_EXCEL_FROM_YEAR = 1980  # a smaller number counts something else
_HEAD_CHARS = 400
_DATELINE_WITHIN = 120
_MAX_GAP = timedelta(days=3)  # between a dateline and the whole date that lends it its year

_DIGITS = str.maketrans("〇○零一二三四五六七八九０１２３４５６７８９", "0001234567890123456789")
_HAN_DATE = re.compile(
    "([12一二][0-9〇○零一二三四五六七八九]{3})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_YEAR = r"(?<![0-9])((?:19|20)[0-9]{2})"
DATE = re.compile(
    _YEAR + r"(?:\s?年\s?([0-9]{1,2})\s?月\s?([0-9]{1,2})\s?[日号]"
    r"|([-./])([0-9]{1,2})\4([0-9]{1,2})(?![0-9]))"
)
_COMPACT = re.compile(_YEAR + r"(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])(?:[0-9]{6})?(?![0-9])")
_URL_DATE = re.compile(
    r"/(?:[a-z]{0,2})((?:19|20)[0-9]{2})(?:[-/]?)([01][0-9])(?:[-/]?)([0-3][0-9])(?=[/_.-]|$)"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_ENGLISH_DATE = re.compile(
    rf"(?:[a-z]+,?\s+)?(?:{_MONTH}\s+([0-9]{{1,2}})(?:st|nd|rd|th)?,?\s|([0-9]{{1,2}})(?:st|nd|rd|th)?[\s-]+{_MONTH},?[\s-])"
    r"\s*((?:19|20)[0-9]{2})\b",
    re.IGNORECASE,
)
# "新华社北京8月8日电", "IT之家 8 月 16 日消息", "东南网7月26日讯"
_DATELINE = re.compile(
    r"(?:(?<![0-9])([0-9]{4})\s?年\s?)?(?<![0-9])([0-9]{1,2})\s?月\s?([0-9]{1,2})\s?日"
    r"(?:\s?(?:上午|下午|晚间|早间|午间|凌晨|晚))?\s?"
    r"(?:(?:综合|专|外)?电(?=[\s（(【“《丨|\u4e00-\u9fff])(?![话脑影视池动力商信器网子能])|讯|消息|报道)"
)
_QUOTED_SOURCE = re.compile(r"[据援]")
_SENTENCE_BREAK = re.compile(r"[。！？\n]")
_LABELLED = re.compile(
    r"(?:(?:发布|发表|刊发|见报|上线|發布|發佈|發表)(?:时间|日期|時間|于)|出版日期|(?:^|[\s|｜])(?:时间|日期|時間)\s?[:：])"
    r"\s?[:：]?\s?(?=(?:19|20)[0-9]{2}\s?[-./年])"
)
_STAMP = re.compile(_YEAR + r"[-/]([0-9]{1,2})[-/]([0-9]{1,2})\s[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")
_REMEMBERS = re.compile(r"周年|週年|岁|生日|诞辰|纪念|年前|去年|前年|历史|当年|曾|生于|出生")
_NOT_PUBLISHED = re.compile(r"crawl|scrape|export|download|backup|抓取|采集|导出|下载|备份", re.IGNORECASE)


def parse_date(value: object, *, today: date | None = None) -> date | None:
    """Return the date that a metadata value states, or None.

    Understands ISO 8601, Chinese and English forms, RFC 2822, epoch seconds or milliseconds; of an epoch and of
    a stamp in UTC the day in China.
    """
    if isinstance(value, date):
        return plausible(value.year, value.month, value.day, today=today)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value, today=today)
    return _from_text(value.strip()[:64], today=today) if isinstance(value, str) else None


def date_in_cell(value: object, *, today: date | None = None) -> date | None:
    """Return the date in a date column of a table: as `parse_date`, or the day's number that Excel exports."""
    if found := parse_date(value, today=today):
        return found
    if isinstance(value, bool) or not (match := re.fullmatch(r"([0-9]{5})(?:\.[0-9]+)?", str(value).strip())):
        return None
    day = _EXCEL_DAY_0 + timedelta(days=int(match[1]))
    return plausible(day.year, day.month, day.day, today=today) if day.year >= _EXCEL_FROM_YEAR else None


def first_date(text: str, *, today: date | None = None) -> date | None:
    """Return the first whole date (year, month, day) in `text`; None where it is impossible."""
    if match := DATE.search(text):
        return plausible(match[1], match[2] or match[5], match[3] or match[6], today=today)
    if match := _HAN_DATE.search(text):
        year = match[1].translate(_DIGITS)
        return plausible(year, int(parse_han(match[2]) or 0), int(parse_han(match[3]) or 0), today=today)
    return None


def date_from_head(text: str, *, today: date | None = None) -> date | None:
    """Return the date that the head of an article states as its own: a label, a time stamp, a dateline.

    A dateline without a year takes it from a whole date in the same head where nothing speaks against it;
    otherwise the date stays unknown.
    """
    head = text[:_HEAD_CHARS]
    if match := _LABELLED.search(head[:_DATELINE_WITHIN]):
        return first_date(head[match.end() : match.end() + 24], today=today)
    if match := _STAMP.search(head[:_DATELINE_WITHIN]):
        return plausible(match[1], match[2], match[3], today=today)
    for match in _DATELINE.finditer(head[: _DATELINE_WITHIN + 40]):
        sentence = _SENTENCE_BREAK.split(head[: match.start()])[-1]
        if match.start() > _DATELINE_WITHIN or _QUOTED_SOURCE.search(sentence):
            continue
        if match[1]:
            return plausible(match[1], match[2], match[3], today=today)
        return _with_borrowed_year(int(match[2]), int(match[3]), head, today=today)
    return None


def date_from_url(url: str, *, today: date | None = None) -> date | None:
    """Return the date that a URL's path spells out (/2019/08/20/, /20190820/, /t20190820_1.htm)."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    match = _URL_DATE.search(path)
    return plausible(match[1], match[2], match[3], today=today) if match else None


def date_from_name(stem: str, *, today: date | None = None) -> date | None:
    """Return the date in a file name (2019-08-20-xx, 20190820), unless it dates a crawl or an export."""
    if _NOT_PUBLISHED.search(stem):
        return None
    stem = re.sub(r"(?<=[0-9])_(?=[0-9])", "-", stem)
    if found := first_date(stem, today=today):
        return found
    match = _COMPACT.search(stem)
    return plausible(match[1], match[2], match[3], today=today) if match else None


def plausible(year: str | int, month: str | int, day: str | int, *, today: date | None = None) -> date | None:
    """Return the date, or None where it does not exist, lies before print or after next month."""
    try:
        found = date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        return None
    latest = (today or datetime.now(_CHINA).date()) + timedelta(days=_MAX_DAYS_AHEAD)
    return found if found.year >= _EARLIEST_YEAR and found <= latest else None


def _with_borrowed_year(month: int, day: int, head: str, *, today: date | None) -> date | None:
    """Return the dateline with the year of a whole date in `head`, where that can be no anniversary's.

    All years in the head must agree, the whole date must be another day, at most three days before.
    """
    years = set(re.findall(r"(?<![0-9])((?:19|20)[0-9]{2})\s?年", head))
    if len(years) != 1 or _REMEMBERS.search(head):
        return None
    for match in DATE.finditer(head):
        stated = plausible(match[1], match[2] or match[5], match[3] or match[6], today=today)
        if stated is None or (stated.month, stated.day) == (month, day):
            continue
        for year in (stated.year, stated.year + 1):
            found = plausible(year, month, day, today=today)
            if found is not None and timedelta(0) < found - stated <= _MAX_GAP:
                return found
    return None


def _from_text(text: str, *, today: date | None) -> date | None:
    stamp = _stamp(text)
    if stamp is not None and stamp.utcoffset() == timedelta(0):
        there = stamp.astimezone(_CHINA)
        return plausible(there.year, there.month, there.day, today=today)
    if DATE.search(text) or _HAN_DATE.search(text):
        return first_date(text, today=today)
    if match := _COMPACT.match(text):
        return plausible(match[1], match[2], match[3], today=today)
    if re.fullmatch(r"[0-9]{9,13}", text):
        return _from_number(int(text), today=today)
    if match := _ENGLISH_DATE.match(text):
        month = _MONTHS.index((match[1] or match[4]).lower()) + 1
        return plausible(match[5], month, match[2] or match[3], today=today)
    return plausible(stamp.year, stamp.month, stamp.day, today=today) if stamp else None


def _stamp(text: str) -> datetime | None:
    """Return the moment that a stamp of ISO 8601 or RFC 2822 names."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _from_number(value: float, *, today: date | None) -> date | None:
    """Return the date of 20190820 or of an epoch in seconds or milliseconds."""
    if value != value or value <= 0:  # noqa: PLR0124 (NaN is the value that differs from itself)
        return None
    if 19_000_101 <= value <= 21_001_231 and (match := _COMPACT.fullmatch(str(int(value)))):
        return plausible(match[1], match[2], match[3], today=today)
    seconds = value / 1000 if value >= 100_000_000_000 else value
    if seconds < 300_000_000:  # before mid 1979 there were no such stamps: it is some other number
        return None
    try:
        stamp = datetime.fromtimestamp(seconds, tz=UTC).astimezone(_CHINA)
    except (ValueError, OverflowError, OSError):
        return None
    return plausible(stamp.year, stamp.month, stamp.day, today=today)
