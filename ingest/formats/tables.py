"""Read articles from tables: JSON, JSON lines, CSV. One row is one article.

The usual names of a column, Chinese or English, say what it holds; all other columns go to `fields`.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ingest.clean import clean_line, clean_text
from ingest.dates import date_from_url, date_in_cell
from ingest.errors import UnreadableFile
from ingest.formats.cells import Row, read_rows
from ingest.formats.columns import assign, is_filled, joined_text
from ingest.formats.json_rows import find_rows, unwrapped
from ingest.formats.json_text import load_json
from ingest.formats.lines import Line
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
_AROUND_ROWS = ("", "[", "]", ",")  # what a list has on lines of its own
_HEADER_WITHIN = 5  # a line above the header may name the table
_SHOWN_NAMES = 12


def parse_jsonl(lines: Iterable[Line], *, source: str) -> Iterator[ParsedArticle | Failure]:
    """Yield the article of each JSON line as the lines come."""
    keys = KeyMaker()
    for line in lines:
        part = f"{source}#line={line.number}"
        if line.problem is not None:
            yield Failure(part, line.problem)
        elif (text := line.text.strip()) not in _AROUND_ROWS:
            try:
                row = load_json(text.removesuffix(","))
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


def parse_csv(lines: Iterable[Line], *, source: str) -> Iterator[ParsedArticle | Failure]:
    """Yield the article of each row under a header line.

    Raises UnreadableFile where no column holds a text.
    """
    keys = KeyMaker()
    header, rows = _split_header(read_rows(lines))
    for row in rows:
        part = f"{source}#row={row.number}"
        if row.problem is not None:
            yield Failure(f"{source}#line={row.line}", row.problem)
        elif any(cell.strip() for cell in row.cells[len(header) :]):  # the text may be cut off at one of them
            yield Failure(part, _TOO_MANY_CELLS)
        else:
            cells = dict(zip(header, row.cells, strict=False))
            for entry in _row_to_entries(cells, part=part, keys=keys):
                yield replace(entry, encoding=row.encoding) if isinstance(entry, ParsedArticle) else entry


def _split_header(rows: Iterator[Row]) -> tuple[list[str], Iterator[Row]]:
    """Return the names of the columns, of the first rows the one with the most that we know, and the rows below.

    Rows that could not be read are left among those below. Raises UnreadableFile where no column holds a text.
    """
    head, broken = list[Row](), list[Row]()
    while len(head) < _HEADER_WITHIN and (row := next(rows, None)):
        (head if row.problem is None else broken).append(row)
    named = [[clean_line(cell) for cell in row.cells] for row in head]
    roles = [assign(dict.fromkeys(names, "x")).keys() for names in named]
    best = max(range(len(head)), key=lambda index: len(roles[index]), default=None)
    if best is None or "text" not in roles[best]:
        if broken:  # the header may be one of those
            raise UnreadableFile(broken[0].problem or "")
        names = "、".join(named[best or 0][:_SHOWN_NAMES]) if named else ""
        raise UnreadableFile(f"没有正文列，只有：{names} (no text column such as 正文 or text)")
    return named[best], itertools.chain(broken, head[best + 1 :], rows)


def _row_to_entries(row: object, *, part: str, keys: KeyMaker) -> Iterator[ParsedArticle | Failure]:
    if isinstance(row, str):
        row = {"text": row}
    row = unwrapped(row)
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
    text = plain_text(known.get("text"))
    news = read_news(text)
    url = clean_line(_field_text(known.get("url"))) or None
    published = date_in_cell(row[dated]) if dated is not None else news.published if news else None
    article = ParsedArticle(
        key="",
        title=plain_title(_field_text(known.get("title"))) or (news.title if news else ""),
        text=news.text if news else text,
        url=url,
        published=published or (date_from_url(url) if url else None),
        publisher=_name_text(known.get("publisher")),
        author=_name_text(known.get("author")),
        fields={name: value for name, value in fields.items() if value},
    )
    return article, _field_text(known.get("id")) or None


def plain_title(value: str) -> str:
    """Return a title without HTML."""
    return clean_line(_INLINE_TAG.sub("", value))


def plain_text(value: object) -> str:
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
