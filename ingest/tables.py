"""Read articles from tables: JSON, JSON lines, CSV. One row is one article.

The usual names of a column, Chinese or English, say what it holds; all other columns go to `fields`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ingest.clean import clean_line, clean_text
from ingest.dates import date_from_url, parse_date
from ingest.errors import UnreadableFile
from ingest.json_text import load_json
from ingest.keys import KeyMaker
from ingest.lines import MAX_LINE_BYTES, Line
from ingest.markup import has_marks, plain_lines
from ingest.news import read_news
from ingest.parsed import Failure, ParsedArticle

_COLUMNS = {
    "text": ("text", "content", "body", "article", "maintext", "content_text", "正文", "内容", "內容", "全文", "文章",
             "文本", "总结", "總結", "passage", "description"),
    "title": ("title", "headline", "标题", "標題", "题目", "新闻标题", "文章标题", "name"),
    "url": ("url", "link", "href", "source_url", "链接", "連結", "鏈接", "网址", "原文链接", "地址"),
    "date": ("published", "date", "pubdate", "pub_date", "publish_date", "publish_time", "published_at", "publishedat",
             "publishdate", "publishtime", "date_published", "datepublished",
             "pubtime", "发布时间", "发布日期", "發布時間", "發佈日期", "发表时间", "日期", "时间",
             "時間", "datetime", "time"),
    "publisher": ("publisher", "source", "media", "site", "来源", "來源", "媒体", "媒體", "出处", "网站"),
    "author": ("author", "authors", "byline", "作者", "记者", "記者", "撰文"),
    "id": ("id", "_id", "doc_id", "docid", "article_id", "news_id", "uuid", "编号", "編號", "序号"),
}  # fmt: skip
_ROLES = {name: (role, rank) for role, names in _COLUMNS.items() for rank, name in enumerate(names)}
_LISTS = (
    "data",
    "articles",
    "rows",
    "items",
    "results",
    "docs",
    "documents",
    "list",
    "records",
    "news",
    "文章",
)
_MAX_FIELD_CHARS = 20_000
_HTML = re.compile(r"<(?:p|br|div|span|img|h[1-6]|article|section)\b[^<>]{0,2000}>", re.IGNORECASE)
_TOO_MANY_CELLS = "这一行的格子比表头多，可能有没加引号的分隔符 (more cells than columns: a separator without quotes around it?)"
_NO_TEXT = "这一行没有正文 (no text in this row)"


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
    rows = _rows(load_json(text))
    keys = KeyMaker()
    for number, row in enumerate(rows, start=1):
        yield from _row_to_entries(row, part=f"{source}#row={number}", keys=keys)


def parse_csv(text: str, *, source: str) -> Iterator[ParsedArticle | Failure]:
    """Yield the article of each row under a header line.

    Raises UnreadableFile where no column holds a text.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    keys = KeyMaker()
    header: list[str] = []
    try:
        for number, cells in enumerate(reader, start=1):
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [clean_line(cell) for cell in cells]
                _require_text_column(header)
                continue
            part = f"{source}#row={number}"
            if any(cell.strip() for cell in cells[len(header) :]):  # the text may be cut off at one of them
                yield Failure(part, _TOO_MANY_CELLS)
                continue
            row = dict(zip(header, cells, strict=False))
            yield from _row_to_entries(row, part=part, keys=keys)
    except csv.Error as error:
        yield Failure(f"{source}#row={reader.line_num}", f"CSV 格式有误 (broken CSV: {error})")


def _rows(value: object) -> Iterable[object]:
    """Return the rows of a JSON file, whichever usual shape it has."""
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping):
        return [value]
    if _text_column(value) is not None:
        return [value]
    for name in _LISTS:
        inner = value.get(name)
        if isinstance(inner, list | Mapping):
            return _rows(inner)
    if value and all(isinstance(row, Mapping) for row in value.values()):
        return [{"id": name, **row} for name, row in value.items()]
    return [value]


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
        yield Failure(part, _NO_TEXT)
        return
    yield replace(article, key=keys.key(stated, article))


def _to_article(row: Mapping[object, object]) -> tuple[ParsedArticle, str | None]:
    """Return the article in a row and the id that the row states for it."""
    columns = _assign(row)
    known = {role: row[name] for role, name in columns.items()}
    used = set(columns.values())
    fields = {clean_line(str(name)): _field_text(value) for name, value in row.items() if name not in used}
    text = _plain_text(known.get("text"))
    news = read_news(text)
    url = clean_line(_field_text(known.get("url"))) or None
    published = parse_date(known.get("date")) or (news.published if news else None)
    article = ParsedArticle(
        key="",
        title=clean_line(_field_text(known.get("title"))) or (news.title if news else ""),
        text=news.text if news else text,
        url=url,
        published=published or (date_from_url(url) if url else None),
        publisher=_name_text(known.get("publisher")),
        author=_name_text(known.get("author")),
        fields={name: value for name, value in fields.items() if value},
    )
    return article, _field_text(known.get("id")) or None


def _assign(row: Mapping[object, object]) -> dict[str, object]:
    """Return which column of `row` plays which role; the most specific filled name wins."""
    best: dict[str, tuple[int, object]] = {}
    for name, value in row.items():
        role, rank = _ROLES.get(_normal(name), ("", 0))
        if not role or value is None or (isinstance(value, str) and not value.strip()):
            continue
        if role == "text" and not isinstance(value, str | list):
            continue
        if role not in best or rank < best[role][0]:
            best[role] = (rank, name)
    return {role: name for role, (_, name) in best.items()}


def _text_column(row: Mapping[object, object]) -> object | None:
    return _assign(row).get("text")


def _normal(name: object) -> str:
    return str(name).strip().strip("\ufeff\"' ").lower().replace("-", "_").replace(" ", "_")


def _plain_text(value: object) -> str:
    """Return a text cell as canonical text, without HTML or Markdown where it has any."""
    if isinstance(value, list):
        value = "\n\n".join(item for item in value if isinstance(item, str))
    if not isinstance(value, str):
        return ""
    if _HTML.search(value):
        from ingest.html import fragment_text  # selectolax: only where a cell holds HTML

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
    header = text[:20_000].lstrip("\n").split("\n", 1)[0]
    return max(",\t;|", key=header.count) if header else ","


def _require_text_column(header: list[str]) -> None:
    if _text_column(dict.fromkeys(header, "x")) is None:
        names = "、".join(header[:12])
        raise UnreadableFile(f"没有正文列，只有：{names} (no text column such as 正文 or text)")
