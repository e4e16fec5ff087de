"""Read RSS and Atom feeds, whatever a reader or a browser named the file: each item or entry is an article."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ingest.clean import clean_line
from ingest.dates import date_from_url, parse_date
from ingest.errors import UnreadableFile
from ingest.formats.docx_parts import attribute, child, children, local
from ingest.formats.tables import plain_text, plain_title
from ingest.keys import KeyMaker
from ingest.parsed import Failure, ParsedArticle

if TYPE_CHECKING:
    from datetime import date
    from xml.etree.ElementTree import Element

_HEAD_BYTES = 4096
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*(?:<[?!][^<>]*>\s*){0,20}<(?:rss|feed|rdf:RDF)[\s>]",
    re.IGNORECASE,
)
_BODIES = ("encoded", "content", "description", "summary")  # the fullest first
_DATES = ("pubDate", "published", "issued", "date", "created", "updated", "modified")
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]{0,500}>")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NAMED_SIGN = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]{2,8}[0-9]{0,2};"
)  # HTML's, which XML does not know
_BARE_AMPERSAND = re.compile(r"&(?!#?[A-Za-z0-9]{1,10};)")
_MAIL_NAME = re.compile(r"\S+@\S+\s*[(（](.+)[)）]")


def is_feed(head: bytes) -> bool:
    """Say whether a file that begins so is a feed."""
    return _ROOT.match(head[:_HEAD_BYTES].replace(b"\x00", b"")) is not None


def parse_feed(text: str, *, source: str) -> Iterator[ParsedArticle | Failure]:
    """Yield the article of each item.

    Raises UnreadableFile where the text is no XML.
    """
    root = _tree(text)
    outlet = _words(child(root, "channel", "title")) or _words(child(root, "title"))
    keys = KeyMaker()
    items = (node for node in root.iter() if local(node) in ("item", "entry"))
    for number, item in enumerate(items, start=1):
        article = _article(item, outlet=outlet)
        if article.text:
            stated = _words(child(item, "guid")) or _words(child(item, "id"))
            yield replace(article, key=keys.key(stated or None, article))
        else:
            name = f"：{article.title}" if article.title else ""
            yield Failure(f"{source}#item={number}", f"这一条没有正文{name} (no text in this item)")


def _tree(text: str) -> Element:
    """Return the tree of a feed; the commonest slips of those who write XML by hand are mended."""
    text = _NO_XML.sub("", _DOCTYPE.sub("", text, count=1)).lstrip()
    if "<!ENTITY" in text:
        raise UnreadableFile("XML 含有实体声明，不予解析 (the XML declares entities: refused)")
    try:
        return ElementTree.fromstring(text)  # noqa: S314 (no entities: checked above)
    except ElementTree.ParseError:
        text = _BARE_AMPERSAND.sub("&amp;", _NAMED_SIGN.sub(lambda match: html.unescape(match[0]), text))
    try:
        return ElementTree.fromstring(text)  # noqa: S314
    except ElementTree.ParseError as error:
        line, column = error.position
        raise UnreadableFile(f"XML 格式有误：第 {line} 行第 {column + 1} 列 (broken XML: {error})") from error


def _article(item: Element, *, outlet: str) -> ParsedArticle:
    url = _address(item)
    labels = [_words(node) or attribute(node, "term") for node in children(item, "category")]
    origin = child(item, "source")
    return ParsedArticle(
        key="",
        title=plain_title(_words(child(item, "title"))),
        text=next(filter(None, (plain_text(_markup(item, name)) for name in _BODIES)), ""),
        url=url,
        published=_published(item) or (date_from_url(url) if url else None),
        publisher=_words(child(origin, "title")) or _words(origin) or outlet or None,
        author=_author(item),
        fields={"分类": "、".join(dict.fromkeys(filter(None, labels)))} if any(labels) else {},
    )


def _words(node: Element | None) -> str:
    """Return the words in an element as one line."""
    return clean_line("".join(node.itertext())) if node is not None else ""


def _markup(item: Element, name: str) -> str:
    """Return what the elements of a name hold, the longest: as written, or as HTML where it is elements."""
    found = [_inner(node) for node in children(item, name)]
    return max(found, key=len, default="")


def _inner(node: Element) -> str:
    if len(node) == 0:
        return node.text or ""
    for inner in node.iter():
        inner.tag = local(inner)
    return ElementTree.tostring(node, encoding="unicode", method="html")


def _address(item: Element) -> str | None:
    """Return the address of the article itself."""
    links = [node for node in children(item, "link") if attribute(node, "rel") in ("", "alternate")]
    stated = [attribute(node, "href") or _words(node) for node in links]
    names = (_words(child(item, "guid")), _words(child(item, "id")))
    return next((url for url in _plain((*stated, *names)) if re.match(r"https?://\S+$", url)), None)


def _plain(values: Iterable[str]) -> Iterator[str]:
    return (html.unescape(value).strip() for value in values)


def _published(item: Element) -> date | None:
    stated = (parse_date(_words(child(item, name))) for name in _DATES)
    return next(filter(None, stated), None)


def _author(item: Element) -> str | None:
    authors = [_words(child(node, "name")) or _words(node) for node in children(item, "author")]
    authors += [_words(node) for node in children(item, "creator")]
    names = (match[1] if (match := _MAIL_NAME.fullmatch(author)) else author for author in authors)
    return "、".join(dict.fromkeys(name for name in names if name and "@" not in name)) or None
