"""Read what a web page states about itself: title, date, author, outlet, address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ingest.clean import clean_line
from ingest.dates import parse_date
from ingest.errors import UnreadableFile
from ingest.formats.json_text import load_json
from ingest.formats.markdown import split_title

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

_TITLES = ("og:title", "twitter:title", "headline")
_DATES = (
    "article:published_time", "og:published_time", "datepublished", "publishdate", "pubdate", "publish_date", "publish-date",
    "publish_time", "publishtime", "article:create_at", "apub:time", "dc.date.issued", "dc.date", "dcterms.issued",
    "weibo:article:create_at", "og:release_date", "date", "datecreated",
)  # fmt: skip
_AUTHORS = ("author", "article:author", "og:article:author", "dc.creator", "byl")
_SITES = (
    "og:site_name",
    "application-name",
    "publisher",
    "contentsource",
    "source",
    "mediaid",
    "copyright-source",
)
_LABEL = re.compile(r"^\s*(?:文章|信息|稿件)?(?:来源|來源|作者|稿源)\s?[:：]\s*")
# WeChat fills in its date by script, from seconds since 1970
_WECHAT_SECONDS = re.compile(r"\bct\s*=\s*[\"']([0-9]{10})[\"']")
_NO_NAME = re.compile(r"https?://|@|^\s*(?:null|none|undefined|admin|本站|佚名|网络)?\s*$", re.IGNORECASE)
_ARTICLE_TYPES = re.compile(r"Article|BlogPosting|Report", re.IGNORECASE)
_MAX_LD_NODES = 200
_MAX_NAME_CHARS = 40


@dataclass(frozen=True, slots=True)
class PageMeta:
    """What the head of a page states; None where it does not say."""

    title: str | None
    published: date | None
    author: str | None
    site: str | None
    url: str | None


def read_meta(tree: LexborHTMLParser) -> PageMeta:
    """Return the metadata of a page: meta elements first, then JSON-LD, title and dated time elements."""
    named = _named_values(tree)
    linked = next(_linked_articles(tree), {})
    page_title = tree.css_first("title")
    stated = _first(named, _TITLES) or _text(linked.get("headline"))
    title = _choose_title(_headings(tree), stated, clean_line(page_title.text()) if page_title else "")
    site = _account(tree) or _name(_first(named, _SITES)) or _name(_text(linked.get("publisher")))
    headline = split_title(title)
    if headline.title != title and site is None:
        site = headline.publisher
    if site is None and page_title:
        site = split_title(clean_line(page_title.text())).publisher
    return PageMeta(
        title=headline.title or None,
        published=_published(tree, named, linked),
        author=_name(_first(named, _AUTHORS)) or _name(_text(linked.get("author"))),
        site=site,
        url=_address(tree, named),
    )


def _named_values(tree: LexborHTMLParser) -> dict[str, str]:
    """Return the meta elements by lower-case name, property or itemprop; the first of a name counts."""
    values: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
        content = (attributes.get("content") or "").strip()
        if name and content:
            values.setdefault(name.strip().lower(), content)
    return values


def _first(values: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((clean_line(values[name]) for name in names if name in values), None)


def _headings(tree: LexborHTMLParser) -> list[str]:
    return [words for node in tree.css("h1")[:5] if (words := clean_line(node.text(separator="")))]


def _choose_title(headings: list[str], stated: str | None, page_title: str) -> str:
    """Prefer a heading that the page's title confirms: it has no site name at its end."""
    for words in headings:
        if len(words) >= 4 and (words in page_title or (stated and words in stated)):
            return words
    return stated or page_title or (headings[0] if headings else "")


def _account(tree: LexborHTMLParser) -> str | None:
    """Return the account that a WeChat page is by; its metadata name only the platform."""
    node = tree.css_first("#js_article #js_name")
    return _name(clean_line(node.text())) if node else None


def _published(tree: LexborHTMLParser, named: Mapping[str, str], linked: Mapping[str, object]) -> date | None:
    for name in _DATES:
        if name in named and (found := parse_date(named[name])):
            return found
    for name in ("datePublished", "dateCreated"):
        if found := parse_date(linked.get(name)):
            return found
    for node in tree.css("time[datetime], [itemprop=datePublished]")[:5]:
        attributes = node.attributes
        dated = "pubdate" in attributes or (attributes.get("itemprop") or "").lower() == "datepublished"
        if dated and (found := parse_date(attributes.get("datetime") or node.text(strip=True))):
            return found
    return _wechat_date(tree)


def _wechat_date(tree: LexborHTMLParser) -> date | None:
    """Return the date in the scripts of a WeChat page."""
    scripts = tree.css("script") if tree.css_first("#js_article, #js_content") else []
    stamps = (_WECHAT_SECONDS.search(node.text()) for node in scripts)
    return next((parse_date(stamp[1]) for stamp in stamps if stamp), None)


def _address(tree: LexborHTMLParser, named: Mapping[str, str]) -> str | None:
    link = tree.css_first("link[rel=canonical]")
    candidates = ((link.attributes.get("href") or "") if link else "", named.get("og:url", ""))
    return next((clean_line(url) for url in candidates if re.match(r"https?://\S+$", url.strip())), None)


def _linked_articles(tree: LexborHTMLParser) -> Iterator[Mapping[str, object]]:
    """Yield the articles that the page's JSON-LD describes."""
    for node in tree.css('script[type="application/ld+json"]')[:10]:
        try:
            queue = [load_json(node.text())]
        except UnreadableFile:
            continue
        for _ in range(_MAX_LD_NODES):
            if not queue:
                break
            value = queue.pop(0)
            if isinstance(value, list):
                queue.extend(value[:_MAX_LD_NODES])
            elif isinstance(value, Mapping):
                if _ARTICLE_TYPES.search(str(value.get("@type", ""))[:200]):
                    yield value
                queue.append(value.get("@graph"))


def _text(value: object) -> str | None:
    """Return a JSON-LD value as text: itself, its name, or the names of a list."""
    if isinstance(value, list):
        return "、".join(filter(None, map(_text, value[:5]))) or None
    if isinstance(value, Mapping):
        value = value.get("name")
    return clean_line(value) if isinstance(value, str) else None


def _name(text: str | None) -> str | None:
    """Return a name without its label, or None for what is none (an address, a placeholder)."""
    name = _LABEL.sub("", text) if text else ""
    return None if len(name) > _MAX_NAME_CHARS or _NO_NAME.search(name) else name
