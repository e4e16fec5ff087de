"""Read a Word file (.docx) with the standard library: its title, bylines and text, its core properties."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from ingest.clean import clean_line, clean_paragraphs
from ingest.dates import parse_date
from ingest.formats.byline import Byline, read_byline
from ingest.formats.docx_parts import read_parts
from ingest.formats.docx_text import Paragraph, WordText
from ingest.formats.edges import signed_date, take_bylines
from ingest.formats.titles import is_label, may_be_title, stated_title
from ingest.parsed import ParsedArticle

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_TITLE_PARAGRAPHS = 3
_TEMPLATE_DATES = frozenset(
    (date(2013, 12, 23), date(2013, 12, 24))
)  # of python-docx's template, in every file it makes
_TEMPLATE_AUTHORS = frozenset(
    ("python-docx", "Microsoft Office User", "Administrator", "Admin", "User", "微软用户", "用户")
)
_TITLE_STYLES = frozenset(("title", "标题"))
_FIRST_HEADINGS = ("heading 1", "heading1", "标题 1")
_CONTENTS_STYLES = ("toc", "目录")


def parse_docx(data: bytes) -> Iterator[ParsedArticle]:
    """Yield the article in a Word file.

    Raises UnreadableFile for a broken or encrypted file, and for one that expands beyond limits.
    """
    parts = read_parts(data)
    paragraphs = [
        paragraph
        for paragraph in WordText(parts).paragraphs()
        if paragraph.text.strip() and not paragraph.style.startswith(_CONTENTS_STYLES)
    ]
    stated = _core(parts.get("core"))
    title, paragraphs = _take_title(paragraphs, stated.account or "")
    byline, body = take_bylines([paragraph.text for paragraph in paragraphs])
    text = clean_paragraphs(body)
    yield ParsedArticle(
        key="",
        title=title,
        text=text,
        published=byline.published or signed_date(text) or stated.published,
        publisher=byline.publisher,
        author=byline.author or byline.account or stated.author,
        fields=dict(byline.fields),
    )


def _take_title(paragraphs: list[Paragraph], stated: str) -> tuple[str, list[Paragraph]]:
    """Return the title and the paragraphs without it: what the document shows goes before its property."""
    heads = [clean_line(paragraph.text) for paragraph in paragraphs[:_TITLE_PARAGRAPHS]]
    index = _styled_title(paragraphs, heads, stated)
    if index is None and len(paragraphs) > 1:
        index = next((number for number, head in enumerate(heads) if not is_label(head)), None)
        if index is not None and (not may_be_title(heads[index]) or read_byline(heads[index])):
            index = None
    if index is None:
        return stated, paragraphs
    return heads[index], paragraphs[:index] + paragraphs[index + 1 :]


def _styled_title(paragraphs: list[Paragraph], heads: list[str], stated: str) -> int | None:
    """Return which of the first paragraphs is the title by its style, or because the file says so."""
    for index, head in enumerate(heads):
        style = paragraphs[index].style
        named = style in _TITLE_STYLES or (index == 0 and style.startswith(_FIRST_HEADINGS))
        if (named or head == stated) and may_be_title(head, styled=True):
            return index
    return None


def _core(core: Element | None) -> Byline:
    """Return the core properties: author, date of creation, and the title as `account`."""
    if core is None:
        return Byline()
    author = clean_line(core.findtext(f"{_DC}creator") or "", max_chars=40)
    created = parse_date(core.findtext(f"{_TERMS}created"))
    title = clean_line(core.findtext(f"{_DC}title") or "", max_chars=200)
    return Byline(
        published=None if created in _TEMPLATE_DATES else created,
        author=None if author in _TEMPLATE_AUTHORS or not author else author,
        account=stated_title(title) or None,
    )
