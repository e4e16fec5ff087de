"""Read dated news lines: `日期 2019-08-20 10:14:27，正文：…`, one article per line or one per file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ingest.clean import clean_line, clean_text
from ingest.dates import parse_date
from ingest.keys import KeyMaker
from ingest.lines import Line
from ingest.parsed import Failure, ParsedArticle

_MAX_LINES = 20_000  # of one article
_HEAD = re.compile(
    r"^[ \t\u3000]*(?:(?:日期|时间|時間|发布时间|發布時間)\s{0,2}[:：]?\s{0,2})?"
    r"((?:19|20)[0-9]{2}\s?(?:[-/.]\s?[0-9]{1,2}[-/.][0-9]{1,2}|年\s?[0-9]{1,2}\s?月\s?[0-9]{1,2}\s?日)"
    r"(?:[T\s]{0,2}[0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?)?)\s{0,3}[，,；;]?\s{0,3}"
    r"(?:(?:标题|標題)[:：]\s{0,3}([^\n]{1,150}?)\s{0,3}[，,；;。]?\s{0,3})?正文\s?[:：][ \t]{0,3}"
)


def is_news(text: str) -> bool:
    """Say whether `text` begins with a dated news head."""
    return _HEAD.match(text.lstrip("\ufeff\n\r \t")) is not None


def read_news(text: str) -> ParsedArticle | None:
    """Return the article of one dated news text, or None where it has no such head."""
    match = _HEAD.match(text)
    if match is None:
        return None
    return ParsedArticle(
        key="",
        title=clean_line(match[2] or ""),
        text=clean_text(text[match.end() :]),
        published=parse_date(match[1]),
    )


def parse_news(lines: Iterable[Line], *, source: str) -> Iterator[ParsedArticle | Failure]:
    """Yield the articles of a news file as its lines come; lines without a head continue an article.

    A file's only article has the key ""; articles of a longer file are named by their words.
    """
    keys = KeyMaker()
    first: ParsedArticle | Failure | None = None
    several = False
    for entry in _entries(lines, source=source):
        if first is None:
            first = entry
            continue
        if not several:
            several = True
            yield _keyed(first, keys)
        yield _keyed(entry, keys)
    if first is not None and not several:
        yield first


def _entries(lines: Iterable[Line], *, source: str) -> Iterator[ParsedArticle | Failure]:
    started, parts = 0, list[str]()
    for line in lines:
        if line.problem is not None:
            yield Failure(f"{source}#line={line.number}", line.problem)
        elif _HEAD.match(line.text) or len(parts) >= _MAX_LINES:
            yield from _entry(parts, source=source, number=started)
            started, parts = line.number, [line.text]
        elif parts or line.text.strip():
            started = started or line.number
            parts.append(line.text)
    yield from _entry(parts, source=source, number=started)


def _entry(parts: list[str], *, source: str, number: int) -> Iterator[ParsedArticle | Failure]:
    if not parts:
        return
    article = read_news("\n".join(parts))
    if article is None or not article.text:
        yield Failure(f"{source}#line={number}", "这一行没有“日期，正文：” (no date and text in this line)")
    else:
        yield article


def _keyed(entry: ParsedArticle | Failure, keys: KeyMaker) -> ParsedArticle | Failure:
    return entry if isinstance(entry, Failure) else replace(entry, key=keys.key(None, entry))
