"""Read a Word file (.docx) with the standard library: paragraphs and tables in order, core properties."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ingest.byline import Byline, read_byline
from ingest.clean import clean_line, clean_paragraphs
from ingest.dates import parse_date
from ingest.errors import LimitExceeded, UnreadableFile
from ingest.parsed import ParsedArticle

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_MAX_PART_BYTES = 100_000_000
_MAX_RATIO = 500  # Word's own XML packs up to some 100 times
_MAX_TITLE_CHARS = 80
_BYLINE_PARAGRAPHS = 6
_TEMPLATE_DATES = frozenset((date(2013, 12, 23),))  # of python-docx's template, in every file it makes
_TEMPLATE_AUTHORS = frozenset(
    ("python-docx", "Microsoft Office User", "Administrator", "Admin", "User", "微软用户", "用户")
)
_TITLE_STYLES = frozenset(("title", "标题", "a3"))


def parse_docx(data: bytes) -> Iterator[ParsedArticle]:
    """Yield the article in a Word file.

    Raises UnreadableFile for a broken or encrypted file, and for one that expands beyond limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            document = _read_part(package, _main_part(package))
            core = (
                _read_part(package, "docProps/core.xml")
                if "docProps/core.xml" in package.namelist()
                else None
            )
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnreadableFile("Word 文件已损坏或有密码 (broken or encrypted Word file)") from error
    paragraphs = [(style, text) for style, text in _paragraphs(document) if text.strip()]
    stated = _core(core)
    title, paragraphs = _take_title(paragraphs, stated.account)
    byline, body = _take_bylines([text for _, text in paragraphs])
    yield ParsedArticle(
        key="",
        title=title,
        text=clean_paragraphs(body),
        published=byline.published or stated.published,
        publisher=byline.publisher,
        author=byline.author or byline.account or stated.author,
        fields=dict(byline.fields),
    )


def _main_part(package: zipfile.ZipFile) -> str:
    names = package.namelist()
    if "word/document.xml" in names:
        return "word/document.xml"
    return next(name for name in [*names, ""] if name.startswith("word/document") or not name)


def _read_part(package: zipfile.ZipFile, name: str) -> Element:
    """Return the XML of a part; entity declarations are refused, they can expand without end."""
    info = package.getinfo(name)
    if (
        info.file_size > _MAX_PART_BYTES
        or info.file_size > _MAX_RATIO * max(info.compress_size, 1) + 1_000_000
    ):
        raise LimitExceeded("Word 文件解压后太大 (the Word file expands to too much)")
    with package.open(info) as stream:
        data = stream.read(_MAX_PART_BYTES + 1)
    if len(data) > _MAX_PART_BYTES:
        raise LimitExceeded("Word 文件解压后太大 (the Word file expands to too much)")
    plain = data.replace(b"\x00", b"") if b"\x00" in data[:8] else data  # UTF-16 hides what we look for
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise UnreadableFile("Word 文件含有实体声明，不予解析 (the Word file declares entities: refused)")
    try:
        return ElementTree.fromstring(data)  # noqa: S314 (no DTD, so no entities: checked above)
    except ElementTree.ParseError as error:
        raise UnreadableFile("Word 文件已损坏 (broken XML in the Word file)") from error


def _paragraphs(document: Element) -> Iterator[tuple[str, str]]:
    """Yield the style and the text of each paragraph; a table row is one paragraph."""
    stack = [document]
    while stack:
        node = stack.pop()
        name = _local(node)
        if name == "p":
            text, boxes = _text(node)
            yield _style(node), text
            stack.extend(reversed(boxes))
        elif name == "tr":
            yield from _row(node)
        elif name not in ("Fallback", "del", "moveFrom", "sectPr"):
            stack.extend(reversed(node))


def _local(node: Element) -> str:
    """Return an element's name without its namespace (Word writes two, strict and transitional)."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _text(paragraph: Element) -> tuple[str, list[Element]]:
    """Return the visible text of a paragraph, and the text boxes anchored in it."""
    parts: list[str] = []
    boxes: list[Element] = []
    stack = list(reversed(paragraph))
    while stack:
        node = stack.pop()
        name = _local(node)
        if name == "t":
            parts.append(node.text or "")
        elif name in ("tab", "ptab"):
            parts.append(" ")
        elif name in ("br", "cr"):
            parts.append("\n")
        elif name == "txbxContent":
            boxes.append(node)
        elif name not in ("Fallback", "del", "moveFrom", "pPr", "rPr", "instrText"):
            stack.extend(reversed(node))
    return "".join(parts), boxes


def _row(row: Element) -> Iterator[tuple[str, str]]:
    """Yield a table row as one line, or its paragraphs where its cells hold running text rather than values."""
    paragraphs = [paragraph for cell in row for paragraph in _paragraphs(cell)]
    words = [text for _, text in paragraphs if text.strip()]
    if any(len(text) > _MAX_TITLE_CHARS for text in words):
        yield from paragraphs
    else:
        yield "", " ".join(words)


def _style(paragraph: Element) -> str:
    for properties in paragraph:
        if _local(properties) == "pPr":
            for node in properties:
                if _local(node) == "pStyle":
                    return next((value for name, value in node.items() if name.endswith("val")), "")
    return ""


def _take_title(paragraphs: list[tuple[str, str]], stated: str | None) -> tuple[str, list[tuple[str, str]]]:
    """Return the title (by style, by property, or a short first paragraph) and the paragraphs without it."""
    for index, (style, text) in enumerate(paragraphs[:3]):
        words = clean_line(text)
        heading = style.lower() in _TITLE_STYLES or (
            index == 0 and style.lower().startswith(("heading", "1"))
        )
        if heading or (stated and words == stated):
            return words, paragraphs[:index] + paragraphs[index + 1 :]
    if stated:
        return stated, paragraphs
    first = clean_line(paragraphs[0][1]) if len(paragraphs) > 1 else ""
    if (
        first
        and len(first) <= _MAX_TITLE_CHARS
        and not first.endswith(("。", "，", "；", "："))
        and read_byline(first) is None
    ):
        return first, paragraphs[1:]
    return "", paragraphs


def _take_bylines(paragraphs: list[str]) -> tuple[Byline, list[str]]:
    byline, body = Byline(), list[str]()
    for index, text in enumerate(paragraphs):
        found = read_byline(text) if index < _BYLINE_PARAGRAPHS and len(body) < 2 else None
        if found is None:
            body.append(text)
        else:
            byline = byline.over(found)
    return byline, body


def _core(core: Element | None) -> Byline:
    """Return the core properties: author, date of creation, and the title as `account`."""
    if core is None:
        return Byline()
    author = clean_line(core.findtext(f"{_DC}creator") or "", max_chars=40)
    created = parse_date(core.findtext(f"{_TERMS}created"))
    return Byline(
        published=None if created in _TEMPLATE_DATES else created,
        author=None if author in _TEMPLATE_AUTHORS or not author else author,
        account=clean_line(core.findtext(f"{_DC}title") or "", max_chars=200) or None,
    )
