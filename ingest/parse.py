"""Parse a file: whatever it holds becomes articles, or a reason why it does not.

The suffix says how to begin, the content decides: a .txt may be a blog page, records, news lines, JSON
lines or plain text. Nothing that a file contains raises; nothing is written.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO

from ingest.clean import clean_line, first_sentence
from ingest.dates import date_from_name
from ingest.decode import Decoded, decode, decode_mending
from ingest.errors import EmptyFile, LimitExceeded, UnreadableFile
from ingest.formats.byline import read_head
from ingest.notices import mended, not_read
from ingest.parsed import Failure, ParsedArticle

_log = logging.getLogger(__name__)

TEXT_SUFFIXES = frozenset({".md", ".markdown", ".txt", ".text"})
HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
FEED_SUFFIXES = frozenset({".xml", ".rss", ".atom"})
TABLE_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson", ".csv", ".tsv"})
SUFFIXES = TEXT_SUFFIXES | HTML_SUFFIXES | FEED_SUFFIXES | TABLE_SUFFIXES | {".pdf", ".docx", ".zip"}

MAX_ARTICLE_CHARS = 5_000_000
_TOO_LONG = f"正文超过 {MAX_ARTICLE_CHARS // 10_000} 万字 (text longer than {MAX_ARTICLE_CHARS:,} characters)"
_MAX_TITLE_CHARS = 200
_HEAD_BYTES = 1 << 16

_HTML = re.compile(
    r"(?:<[?!][^<>]*>\s*){0,20}<(?:!doctype html|html|head|body|article|div|meta)\b", re.IGNORECASE
)
_JSON_OPENING = re.compile(r"\[\s*(?:\{\s*\"|\])|\{\s*\"[^\"\n]{1,80}\"\s*:")

Parsed = Iterator[ParsedArticle | Failure]


def parse_stream(stream: BinaryIO, *, name: str, source: str, max_bytes: int) -> Parsed:
    """Yield the articles in a seekable stream named `name`, and a Failure for each part that cannot be read.

    `source` names the file in failures. Line formats are streamed and may be larger than `max_bytes`.
    """
    try:
        empty = True
        for entry in _parse(stream, name=name, source=source, max_bytes=max_bytes):
            empty = False
            yield _finish(entry, name=name, source=source)
        if empty:
            yield Failure(source, "里面没有文章 (there are no articles in it)")
    except EmptyFile as error:
        yield Failure(source, error.reason)
    except UnreadableFile as error:
        yield Failure(source, error.reason, "unread")
    except RecursionError:
        yield Failure(source, "内容嵌套太深 (nested too deeply)", "unread")
    except MemoryError:
        yield Failure(source, "文件太大，内存不够 (not enough memory for this file)", "unread")
    except OSError:
        raise
    except Exception as error:  # a parser's own bug must not cost the other files
        _log.debug("parsing %s failed", source, exc_info=True)
        yield Failure(source, f"无法解析 (cannot be parsed): {_cause(error)}", "unread")


def _parse(stream: BinaryIO, *, name: str, source: str, max_bytes: int) -> Parsed:
    from ingest.formats.feed import is_feed

    head = stream.read(_HEAD_BYTES)
    stream.seek(0)
    if not head:
        raise EmptyFile
    suffix = PurePosixPath(name).suffix.lower()
    if head.lstrip()[:5] == b"%PDF-" or suffix == ".pdf":
        from ingest.formats.pdf import parse_pdf

        return parse_pdf(_read(stream, max_bytes), source=source)
    if head[:4] == b"PK\x03\x04" or suffix in (".zip", ".docx"):
        return _parse_package(stream, suffix=suffix, source=source, max_bytes=max_bytes)
    if suffix in FEED_SUFFIXES or (suffix not in TABLE_SUFFIXES and is_feed(head)):
        return _parse_feed(stream, head=head, source=source, max_bytes=max_bytes)
    if suffix in HTML_SUFFIXES:
        return _parse_html(_read(stream, max_bytes), source=source)
    if suffix in TABLE_SUFFIXES:
        return _parse_table(stream, head=head, suffix=suffix, source=source, max_bytes=max_bytes)
    return _parse_text(stream, head=head, source=source, max_bytes=max_bytes)


def _parse_package(stream: BinaryIO, *, suffix: str, source: str, max_bytes: int) -> Parsed:
    """Parse a ZIP container: a Word file where it says or shows so, an archive otherwise."""
    from ingest.archive import is_docx, parse_archive
    from ingest.formats.docx import parse_docx

    if suffix == ".docx" or (suffix != ".zip" and is_docx(stream)):
        return parse_docx(_read(stream, max_bytes))
    return parse_archive(stream, source=source, max_bytes=max_bytes, suffixes=SUFFIXES, parse=parse_stream)


def _parse_html(data: bytes, *, source: str) -> Parsed:
    from ingest.formats.html import declared_charset, parse_html

    decoded = decode_mending(data, declared=declared_charset(data))
    return _encoded([parse_html(decoded.text)], decoded, source=source)


def _parse_feed(stream: BinaryIO, *, head: bytes, source: str, max_bytes: int) -> Parsed:
    """Parse RSS or Atom; XML of another kind is told of, as other documents that are not read are."""
    from ingest.formats.feed import is_feed, parse_feed
    from ingest.formats.html import declared_charset

    if not is_feed(head):
        return iter([not_read(source)])
    data = _read(stream, max_bytes)
    decoded = decode_mending(data, declared=declared_charset(data))
    return _encoded(parse_feed(decoded.text, source=source), decoded, source=source)


def _parse_json_lines(stream: BinaryIO, *, source: str) -> Parsed:
    from ingest.formats.lines import read_lines
    from ingest.formats.tables import parse_jsonl

    return parse_jsonl(read_lines(stream), source=source)


def _parse_table(stream: BinaryIO, *, head: bytes, suffix: str, source: str, max_bytes: int) -> Parsed:
    if suffix in (".jsonl", ".ndjson"):
        return _parse_json_lines(stream, source=source)
    if suffix == ".json":
        return _parse_json(stream, head=head, source=source, max_bytes=max_bytes)
    return _parse_csv(stream, source=source, max_bytes=max_bytes)


def _parse_json(stream: BinaryIO, *, head: bytes, source: str, max_bytes: int) -> Parsed:
    from ingest.formats.tables import parse_json

    try:
        decoded = decode_mending(_read(stream, max_bytes))
        shape = _json_shape(decoded.text.lstrip())
    except UnreadableFile:
        if (shape := _json_shape(_opening(head))) != "lines":
            raise
    if shape == "lines":  # meant as .jsonl
        stream.seek(0)
        return _parse_json_lines(stream, source=source)
    return _encoded(parse_json(decoded.text, source=source), decoded, source=source)


def _parse_csv(stream: BinaryIO, *, source: str, max_bytes: int) -> Parsed:
    """Parse a table as one text where all of it decodes, else line by line: a broken one costs its row alone."""
    from ingest.formats.lines import read_lines, text_lines
    from ingest.formats.tables import parse_csv

    try:
        lines = text_lines(decode(_read(stream, max_bytes)))
    except (EmptyFile, LimitExceeded):
        raise
    except UnreadableFile:
        stream.seek(0)
        lines = read_lines(stream)
    return parse_csv(lines, source=source)


def _parse_text(stream: BinaryIO, *, head: bytes, source: str, max_bytes: int) -> Parsed:
    """Parse text by what it looks like: news lines, JSON, HTML, labelled records, Markdown or plain."""
    from ingest.formats.markdown import parse_markdown
    from ingest.formats.news import is_news, parse_news
    from ingest.formats.record import is_record, parse_records

    start = _opening(head)
    if is_news(start):
        from ingest.formats.lines import read_lines

        return parse_news(read_lines(stream), source=source)
    if start.startswith(("{", "[")) and (shape := _json_shape(start)):
        if shape == "lines":
            return _parse_json_lines(stream, source=source)
        return _parse_json(stream, head=head, source=source, max_bytes=max_bytes)
    if _HTML.match(start):
        return _parse_html(_read(stream, max_bytes), source=source)
    decoded = decode_mending(_read(stream, max_bytes))
    if is_record(decoded.text):
        return _encoded(parse_records(decoded.text, source=source), decoded, source=source)
    if len(decoded.text) > 2 * MAX_ARTICLE_CHARS:  # before cleaning it for nothing
        raise LimitExceeded(_TOO_LONG)
    return _encoded([parse_markdown(decoded.text)], decoded, source=source)


def _opening(head: bytes) -> str:
    """Return how a text begins; of one that is read line by line, the lines that can be decoded."""
    from ingest.formats.lines import read_lines
    from ingest.formats.news import is_news

    try:
        return decode_mending(head).text.lstrip()
    except UnreadableFile:
        lines = (line.text for line in read_lines(io.BytesIO(head)) if line.problem is None)
        start = "\n".join(lines).lstrip()
        if not is_news(start) and _json_shape(start) != "lines":
            raise
        return start


def _json_shape(start: str) -> str | None:
    """Return how JSON in a text file is laid out ("lines" or "whole"), None where it is no JSON."""
    from ingest.formats.json_text import load_json

    first, _, rest = start.partition("\n")
    try:
        complete = isinstance(load_json(first), dict)
    except UnreadableFile:
        complete = False
    if complete and rest.lstrip().startswith("{"):
        return "lines"
    return "whole" if complete or _JSON_OPENING.match(start) else None


def _encoded(entries: Iterable[ParsedArticle | Failure], decoded: Decoded, *, source: str) -> Parsed:
    if decoded.broken:
        yield mended(source, decoded.broken)
    for entry in entries:
        yield replace(entry, encoding=decoded.encoding) if isinstance(entry, ParsedArticle) else entry


def _finish(entry: ParsedArticle | Failure, *, name: str, source: str) -> ParsedArticle | Failure:
    """Complete an article from the head of its text and its file's name; refuse one without text."""
    if isinstance(entry, Failure):
        return entry
    part = f"{source}#{entry.key}" if entry.key else source
    if not entry.text.strip():
        return Failure(part, "没有正文 (no text)")
    if len(entry.text) > MAX_ARTICLE_CHARS:
        return Failure(part, _TOO_LONG)
    stem = PurePosixPath(name).stem
    stated = read_head(entry.text)
    published = entry.published or stated.published
    if published is None and not entry.key:
        published = date_from_name(stem)
    title = clean_line(entry.title, max_chars=_MAX_TITLE_CHARS)
    return replace(
        entry,
        title=title or first_sentence(entry.text.removeprefix("原标题：")) or stem or "无题",
        published=published,
        publisher=entry.publisher or stated.publisher,
        author=entry.author or stated.author,
    )


def _read(stream: BinaryIO, max_bytes: int) -> bytes:
    data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        limit = max(1, max_bytes // 1_000_000)
        raise LimitExceeded(f"文件超过 {limit} MB (the file is larger than {limit} MB)")
    return data


def _cause(error: BaseException) -> str:
    """Return an error as one short line."""
    words = " ".join(str(getattr(error, "strerror", None) or error).split())
    return (words or type(error).__name__)[:200]
