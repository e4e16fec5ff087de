"""Read a PDF article: the text of its pages, its broken lines rejoined, pages without text reported."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.clean import clean_line
from ingest.errors import LimitExceeded, UnreadableFile
from ingest.formats.markdown import parse_markdown
from ingest.formats.pdf_pages import join_pages
from ingest.formats.titles import stated_title
from ingest.parsed import Failure, ParsedArticle
from ingest.radicals import unify_radicals

if TYPE_CHECKING:
    from pypdf import PdfReader

_MAX_PAGES = 3_000
_MAX_CHARS = 10_000_000
_MAX_SECONDS = 120.0
_SCANNED = "PDF 里没有文字，可能是扫描件，请先做文字识别 (no text in the PDF, probably a scan: run OCR first)"


def parse_pdf(data: bytes, *, source: str) -> Iterator[ParsedArticle | Failure]:
    """Yield the article, and a Failure for each page without text.

    Raises UnreadableFile for a broken, encrypted or wholly scanned file.
    """
    pages, title = _read_pages(data)
    empty = [number for number, text in enumerate(pages, start=1) if not text.strip()]
    if len(empty) == len(pages):
        raise UnreadableFile(_SCANNED)
    for number in empty:
        yield Failure(
            f"{source}#page={number}", "这一页没有文字，可能是图片 (no text on this page, probably an image)"
        )
    article = parse_markdown(join_pages(pages))
    first, _, rest = article.text.partition("\n")
    if not title or clean_line(title) == article.title:
        yield article
        return
    text = rest if clean_line(first) == title else article.text
    if article.title and article.title != title:  # the first line was no title: give it back to the text
        text = f"{article.title}\n{text}"
    yield ParsedArticle(
        key="",
        title=title,
        text=text,
        published=article.published,
        publisher=article.publisher,
        author=article.author,
        fields=article.fields,
    )


def _read_pages(data: bytes) -> tuple[list[str], str]:
    """Return the text of each page and the title that the file states ("" where it states none)."""
    reader = _open(data)
    pages: list[str] = []
    deadline = time.monotonic() + _MAX_SECONDS
    try:
        if len(reader.pages) > _MAX_PAGES:
            raise LimitExceeded(f"PDF 超过 {_MAX_PAGES} 页 (more than {_MAX_PAGES} pages)")
        for page in reader.pages:
            pages.append(unify_radicals(page.extract_text() or ""))
            if sum(map(len, pages)) > _MAX_CHARS or time.monotonic() > deadline:
                raise LimitExceeded("PDF 太大或太复杂 (the PDF is too large or too complex)")
        stated = clean_line(str((reader.metadata or {}).get("/Title") or ""), max_chars=200)
    except (UnreadableFile, MemoryError):
        raise
    except Exception as error:  # pypdf meets broken files with errors of every kind
        raise UnreadableFile(f"PDF 已损坏 (broken PDF: {type(error).__name__})") from error
    if not pages:
        raise UnreadableFile("PDF 没有页面 (the PDF has no pages)")
    return pages, stated_title(stated)


def _open(data: bytes) -> PdfReader:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of every oddity of every file
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        locked = reader.is_encrypted and not reader.decrypt("")
    except Exception as error:
        if type(error).__name__ == "DependencyError":
            raise UnreadableFile(
                "PDF 已加密，请去掉密码再收录 (the PDF is encrypted: remove its password first)"
            ) from error
        raise UnreadableFile(f"PDF 已损坏 (broken PDF: {type(error).__name__})") from error
    if locked:
        raise UnreadableFile("PDF 有密码，请去掉密码再收录 (the PDF needs a password: remove it first)")
    return reader
