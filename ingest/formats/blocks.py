"""Read the blocks of text in an HTML tree: what stands in one paragraph, heading, cell row or list item."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.clean import clean_text
from ingest.errors import LimitExceeded

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_MAX_DEPTH = 2_000  # selectolax needs time with the square of the depth: 20,000 levels take a second
MAX_HTML_CHARS = 30_000_000

_CONTAINERS = frozenset(
    ("body", "div", "section", "article", "main", "form", "center", "aside", "nav", "header", "footer", "ul", "ol", "dl",
     "figure", "fieldset", "details", "table", "tbody")
)  # fmt: skip
_BLOCKS = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "tr", "blockquote", "pre", "figcaption", "caption", "address",
     "hr", "summary", "legend", "option")
)  # fmt: skip
_PARTS = frozenset(("ul", "ol", "dl", "table", "tbody", "figure"))  # of an article, never all of it
_SKIPPED = frozenset(
    ("script", "style", "noscript", "template", "iframe", "svg", "canvas", "button", "select", "textarea", "object", "head",
     "title", "map", "audio", "video", "math", "rt", "rp")
)  # fmt: skip
_JUNK_TAGS = frozenset(("nav", "aside", "footer"))
_JUNK_NAMES = re.compile(
    r"(?:^|[\s_-])(?:(?:top|main|sub|site|left|right)?-?nav(?:bar|igation)?|menus?|bread-?crumbs?|crumbs?|foot(?:er)?|side(?:bar)?|"
    r"related?|recommend(?:ed|s|ation)?|hot(?:news|list)?|rank(?:ing|list)?|comments?|repl(?:y|ies)|shares?|sharing|social|"
    r"toolbar|pager?|pagination|copyright|advert(?:isement)?s?|ads?|banner|login|popup|modal|qr-?code|tags?|subscribe|"
    r"links|friendlink|disclaimer|author-?card)(?:$|[\s_-]|\d)"
    r"|(?:^|\s)widget(?:\s|$)",
    re.IGNORECASE,
)
_PARTED = "p, div, br, li, table, h1, h2, h3, script, style"  # what in a <pre> parts its text otherwise
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_SPACES = re.compile(r"[ \t\r\f]*\n[ \t\r\f\n]*|[ \t\r\f]{2,}")


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text on its own: `link_chars` of it are links; `container` is the index of its element."""

    text: str
    tag: str
    container: int
    link_chars: int


@dataclass(slots=True)
class Page:
    """The blocks of a page in reading order, and the tree of elements that hold them."""

    blocks: list[Block] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    junk: list[bool] = field(default_factory=list)
    parts: list[bool] = field(default_factory=list)
    bodies: list[bool] = field(default_factory=list)  # marked by the page itself as its article


def parse_tree(text: str) -> LexborHTMLParser:
    """Return the parsed page; raises LimitExceeded for a page that would take for ever."""
    from selectolax.lexbor import LexborHTMLParser

    if len(text) > MAX_HTML_CHARS:
        limit = MAX_HTML_CHARS // 1_000_000
        raise LimitExceeded(f"网页超过 {limit} 百万字 (a page of more than {limit} million characters)")
    if _depth(text) > _MAX_DEPTH:
        raise LimitExceeded("网页嵌套太深 (HTML nested too deeply)")
    return LexborHTMLParser(text, scripting=True)


def read_page(root: LexborNode) -> Page:
    """Return the blocks under `root`, without scripts and hidden elements."""
    return _Reader().read(root)


class _Reader:
    """Walk the tree with a stack of our own: pages may nest deeper than Python recurses."""

    def __init__(self) -> None:
        self._page = Page()
        self._words: list[str] = []
        self._link_chars = 0
        self._tag = "div"

    def read(self, root: LexborNode) -> Page:
        # an entry opens a node, or (node is None) ends a block of the container
        stack: list[tuple[LexborNode | None, int, bool]] = [(root, -1, False)]
        while stack:
            node, container, in_link = stack.pop()
            if node is None:
                self._flush(container)
            elif node.is_text_node:
                self._add(node.text_content or "", in_link=in_link)
            elif node.is_element_node and node.tag not in _SKIPPED and not _is_hidden(node):
                inner = self._open(node, container)
                if node.tag == "pre" and node.css_first(_PARTED) is None:
                    self._add_lines(node.text(), container=inner, in_link=in_link)
                    continue
                if inner != container or node.tag in _BLOCKS:
                    stack.append((None, inner, False))
                linked = in_link or node.tag == "a"
                children = list(node.iter(include_text=True))
                stack.extend((child, inner, linked) for child in reversed(children))
        return self._page

    def _add(self, words: str, *, in_link: bool) -> None:
        self._words.append(words)
        if in_link:
            self._link_chars += len(words.strip())

    def _add_lines(self, text: str, *, container: int, in_link: bool) -> None:
        """Add text that is shown as it is written, a block for each paragraph."""
        for line in clean_text(text).split("\n"):
            self._tag = "pre"
            self._add(line, in_link=in_link)
            self._flush(container)

    def _open(self, node: LexborNode, container: int) -> int:
        """Begin an element; return the container that its content belongs to."""
        tag = node.tag or ""
        if tag in _CONTAINERS or container < 0 or (tag in ("td", "th") and _is_layout(node)):
            self._flush(container)
            self._page.parents.append(container)
            self._page.junk.append(container >= 0 and _is_junk(node, tag))
            self._page.parts.append(tag in _PARTS)
            self._page.bodies.append(_is_body(node))
            return len(self._page.parents) - 1
        if tag in _BLOCKS or tag == "br":
            block_tag = self._tag if tag == "br" else tag
            self._flush(container)
            self._tag = block_tag
        elif tag in ("td", "th"):
            self._words.append(" ")
        return container

    def _flush(self, container: int) -> None:
        """End the running block."""
        words = _SPACES.sub(" ", "".join(self._words)).strip(" \n\t\u00a0")
        if words.strip("\u3000"):
            self._page.blocks.append(Block(words, self._tag, max(container, 0), self._link_chars))
        self._words.clear()
        self._link_chars, self._tag = 0, "div"


def _is_layout(cell: LexborNode) -> bool:
    """Say whether a table cell holds a part of the page rather than a value."""
    return cell.css_first("p, div, table, br") is not None


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return "hidden" in attributes or _HIDDEN.search(attributes.get("style") or "") is not None


def _is_body(node: LexborNode) -> bool:
    """Say whether a page marks an element as its article: schema.org's way, or WeChat's."""
    attributes = node.attributes
    return (attributes.get("itemprop") or "").lower() == "articlebody" or attributes.get("id") == "js_content"


def _is_junk(node: LexborNode, tag: str) -> bool:
    names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
    return tag in _JUNK_TAGS or _JUNK_NAMES.search(names) is not None


def _depth(text: str) -> int:
    """Return an upper bound of how deeply elements nest, from the tags alone."""
    depth = deepest = 0
    opened: Counter[str] = Counter()
    for match in _TAG.finditer(text):
        name = match[2].lower()
        if name in _SELF_CLOSING or (match[1] and not opened[name]):  # what closes nothing lifts nothing
            continue
        step = -1 if match[1] else 1
        opened[name] += step
        depth += step
        deepest = max(deepest, depth)
    return deepest


_SELF_CLOSING = frozenset(
    ("p", "li", "br", "img", "hr", "input", "meta", "link", "td", "tr", "th", "dd", "dt", "option", "wbr", "col", "area",
     "base", "source", "param", "embed", "tbody", "thead", "html", "head", "body")
)  # fmt: skip
