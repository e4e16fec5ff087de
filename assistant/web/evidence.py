"""The article behind a citation: its text cut at the cited words, and whether they are still there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

from assistant.errors import NoSuchArticle
from vectorstore.article import Article
from vectorstore.library import Library

DIGEST_CHARS = 12
MAX_QUOTE_CHARS = 1000  # longer than any citation; a longer one is looked for in its place only
REACH = 50_000  # characters before and after its place in which moved words are looked for
State: TypeAlias = Literal["same", "moved", "changed"]


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of an article, found by a permalink; `state` compares it with what was cited."""

    start_char: int
    end_char: int
    state: State


def words_digest(words: str) -> str:
    """Return the digest of quoted words that a permalink carries."""
    return hashlib.sha256(words.encode()).hexdigest()[:DIGEST_CHARS]


def locate(text: str, start_char: int, end_char: int, digest: str | None) -> Quote:
    """Find the words that a permalink means: in their place, elsewhere in the changed text, or no more.

    Offsets beyond the text are drawn back into it, so that an old link still opens the article.
    """
    start = min(max(start_char, 0), len(text))
    end = min(max(end_char, start), len(text))
    if digest is None or words_digest(text[start:end]) == digest:
        return Quote(start, end, "same" if (start, end) == (start_char, end_char) else "changed")
    length = end_char - start_char
    for at in _places(len(text), start, length):
        if words_digest(text[at : at + length]) == digest:
            return Quote(at, at + length, "moved")
    return Quote(start, end, "changed")


def _places(size: int, start: int, length: int) -> list[int]:
    """Return where words of a length may have moved to in a text of a size, the nearest first."""
    if not 0 < length <= min(size, MAX_QUOTE_CHARS):
        return []
    last = size - length
    near = min(start, last)
    return sorted(range(max(near - REACH, 0), min(near + REACH, last) + 1), key=lambda at: abs(at - near))


def article_view(
    library: Library, article_id: str, *, start_char: int = 0, end_char: int = 0, digest: str | None = None
) -> dict[str, object]:
    """Return what the page shows of an article: its facts, its text in three parts, its reposts.

    Raises:
        NoSuchArticle: the library does not hold it.
    """
    with library.reading() as snapshot:
        article = snapshot.reader.article(article_id)
        if article is None:
            raise NoSuchArticle(article_id)
        reposts = snapshot.reader.reposts(article.repost_of or article.id)
        original = snapshot.reader.article(article.repost_of) if article.repost_of else None
    quote = locate(article.text, start_char, end_char, digest)
    words = article.text[quote.start_char : quote.end_char]
    return {
        **_facts(article),
        "before": article.text[: quote.start_char],
        "quote": words,
        "after": article.text[quote.end_char :],
        "start": quote.start_char,
        "end": quote.end_char,
        "digest": words_digest(words) if words else None,
        "state": quote.state,
        "reposts": [_facts(repost) for repost in reposts if repost.id != article.id],
        "original": _facts(original) if original else None,
    }


def _facts(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "url": web_address(article.url),
        "published": article.published.isoformat() if article.published else None,
        "publisher": article.publisher,
        "author": article.author,
        "fields": dict(article.fields or {}),
    }


def web_address(url: str | None) -> str | None:
    """Return the address where it is one that a page may link to: http or https, nothing that runs."""
    if url and url.lower().startswith(("http://", "https://")):
        return url
    return None
