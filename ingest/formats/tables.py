"""Read articles from tables: JSON, JSON lines, CSV. One row is one article.

The usual names of a column, Chinese or English, say what it holds; all other columns go to `fields`.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ingest.clean import clean_line, clean_text
from ingest.dates import date_from_url, date_in_cell
from ingest.errors import UnreadableFile
from ingest.formats.columns import assign, is_filled, joined_text
from ingest.formats.json_rows import find_rows
from ingest.formats.json_text import load_json
from ingest.formats.lines import MAX_LINE_BYTES, Line
from ingest.formats.markup import has_marks, plain_lines
from ingest.formats.news import read_news
from ingest.keys import KeyMaker
from ingest.parsed import Failure, ParsedArticle

_MAX_FIELD_CHARS = 20_000
_HTML = re.compile(r"<(?:p|br|div|span|img|h[1-6]|article|section)\b[^<>]{0,2000}>", re.IGNORECASE)
_TOO_MANY_CELLS = "这一行的格子比表头多，可能有没加引号的分隔符 (more cells than columns: a separator without quotes around it?)"
_INLINE_TAG = re.compile(
    r"</?(?:em|strong|b|i|u|font|span|mark|a|p|br|h[1-6]|sub|sup)\b[^<>]{0,500}>", re.IGNORECASE
)
_HEADER_WITHIN = 5  # a line above the header may name the table
_SHOWN_NAMES = 12
_DELIMITERS = ",\t;|"
_Cells = tuple[int, list[str]]


def parse_jsonl(lines: Iterable[Line], *, source: str) -> Iterator[ParsedArticle | Failure]:
    """Yield the article of each JSON line as the lines come."""
    keys = KeyMaker()
    for line in lines:
        part = f"{source}#line={line.number}"
        if line.problem is not None:
            yield Failure(part, line.problem)
        elif line.text.strip():
            try:
                row = load_json(line.text)
            except UnreadableFile as error:
                yield Failure(part, error.reason)
                continue
            for entry in _row_to_entries(row, part=part, keys=keys):
                yield replace(entry, encoding=line.encoding) if isinstance(entry, ParsedArticle) else entry


def parse_json(text: str, *, source: str) -> Iterator[ParsedArticle | Failure]:
    """Yield the articles of a JSON list, of an object that holds one, or of a single object.

    Raises UnreadableFile where the text is no JSON.
    """
    keys = KeyMaker()
    for number, row in enumerate(find_rows(load_json(text)), start=1):
        yield from _row_to_entries(row, part=f"{source}#row={number}", keys=keys)


def parse_csv(text: str, *, source: str) -> Iterator[ParsedArticle | Failure]:
    """Yield the article of each row under a header line.

    Raises UnreadableFile where no column holds a text.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    keys = KeyMaker()
    try:
        rows = ((number, cells) for number, cells in enumerate(reader, start=1) if any(map(str.strip, cells)))
        header, rest = _split_header(rows)
        for number, cells in rest:
            part = f"{source}#row={number}"
            if any(cell.strip() for cell in cells[len(header) :]):  # the text may be cut off at one of them
                yield Failure(part, _TOO_MANY_CELLS)
                continue
            row = dict(zip(header, cells, strict=False))
            yield from _row_to_entries(row, part=part, keys=keys)
    except csv.Error as error:
        yield Failure(f"{source}#row={reader.line_num}", f"CSV 格式有误 (broken CSV: {error})")


def _split_header(rows: Iterator[_Cells]) -> tuple[list[str], Iterator[_Cells]]:
    """Return the names of the columns, of the first lines the one with the most that we know, and the lines below.

    Raises UnreadableFile where no column holds a text.
    """
    head = list(itertools.islice(rows, _HEADER_WITHIN))
    named = [[clean_line(cell) for cell in cells] for _, cells in head]
    roles = [assign(dict.fromkeys(names, "x")).keys() for names in named]
    best = max(range(len(head)), key=lambda index: len(roles[index]), default=None)
    if best is None or "text" not in roles[best]:
        names = "、".join(named[best or 0][:_SHOWN_NAMES]) if named else ""
        raise UnreadableFile(f"没有正文列，只有：{names} (no text column such as 正文 or text)")
    return named[best], itertools.chain(head[best + 1 :], rows)


def _row_to_entries(row: object, *, part: str, keys: KeyMaker) -> Iterator[ParsedArticle | Failure]:
    if isinstance(row, str):
        row = {"text": row}
    if not isinstance(row, Mapping):
        yield Failure(part, "这一行不是一个对象 (this row is not an object)")
        return
    try:
        article, stated = _to_article(row)
    except RecursionError:
        yield Failure(part, "JSON 嵌套太深 (JSON nested too deeply)")
        return
    if not article.text:
        filled = (clean_line(str(name)) for name, value in row.items() if is_filled(value))
        names = "、".join(itertools.islice(filled, _SHOWN_NAMES))
        yield Failure(part, f"这一行没有正文，只有：{names} (no text in this row, only these names)")
        return
    yield replace(article, key=keys.key(stated, article))


def _to_article(row: Mapping[object, object]) -> tuple[ParsedArticle, str | None]:
    """Return the article in a row and the id that the row states for it."""
    columns = assign(row)
    known = {role: row[names[0]] for role, names in columns.items() if role != "date"}
    dated = next((name for name in columns.get("date", []) if date_in_cell(row[name])), None)
    used = {names[0] for role, names in columns.items() if role != "date"} | {dated}
    fields = {clean_line(str(name)): _field_text(value) for name, value in row.items() if name not in used}
    text = _plain_text(known.get("text"))
    news = read_news(text)
    url = clean_line(_field_text(known.get("url"))) or None
    published = date_in_cell(row[dated]) if dated is not None else news.published if news else None
    article = ParsedArticle(
        key="",
        title=clean_line(_INLINE_TAG.sub("", _field_text(known.get("title"))))
        or (news.title if news else ""),
        text=news.text if news else text,
        url=url,
        published=published or (date_from_url(url) if url else None),
        publisher=_name_text(known.get("publisher")),
        author=_name_text(known.get("author")),
        fields={name: value for name, value in fields.items() if value},
    )
    return article, _field_text(known.get("id")) or None


def _plain_text(value: object) -> str:
    """Return a text cell as canonical text, without HTML or Markdown where it has any."""
    value = joined_text(value)
    if _HTML.search(value):
        from ingest.formats.html import fragment_text  # selectolax: only where a cell holds HTML

        return fragment_text(value)
    return clean_text("\n".join(plain_lines(value)) if has_marks(value) else value)


def _name_text(value: object) -> str | None:
    """Return a cell that names somebody; many feeds give an object with the name in it."""
    if isinstance(value, Mapping):
        value = value.get("name") or value
    return clean_line(_field_text(value)) or None


def _field_text(value: object) -> str:
    """Return a cell as text: lists joined, objects as JSON."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, str):
        return clean_text(value[:_MAX_FIELD_CHARS]) if value else ""
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return "、".join(clean_line(str(item)) for item in value)[:_MAX_FIELD_CHARS]
    return clean_line(json.dumps(value, ensure_ascii=False, default=str))[:_MAX_FIELD_CHARS]


def _delimiter(text: str) -> str:
    """Return what parts the cells of the header: the commonest of the usual marks in the first line with any."""
    head = text[:20_000].lstrip("\n").split("\n", _HEADER_WITHIN)[:_HEADER_WITHIN]
    line = next((line for line in head if any(mark in line for mark in _DELIMITERS)), "")
    return max(_DELIMITERS, key=line.count)
