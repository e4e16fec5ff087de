"""What the library holds: articles, their passages, and the hits that a search returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Article:
    """One source text as the reader knows it.

    `text` is canonical: every offset in the product counts its code points. `fields` are the labelled
    editorial data of a record (关键词, 行业, …): shown as such, never searched or cited as the text.
    """

    id: str
    title: str
    text: str
    source: str
    url: str | None = None
    published: date | None = None
    publisher: str | None = None
    author: str | None = None
    fields: Mapping[str, str] | None = None
    repost_of: str | None = None
    encoding: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the article as plain JSON values, as `yinju articles show --json` prints it."""
        return {
            "id": self.id,
            "title": self.title,
            "text": self.text,
            "source": self.source,
            "url": self.url,
            "published": self.published.isoformat() if self.published else None,
            "publisher": self.publisher,
            "author": self.author,
            "fields": dict(self.fields or {}),
            "repost_of": self.repost_of,
            "encoding": self.encoding,
        }


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrievable span of an article: `article.text[start_char:end_char] == text`."""

    id: str
    article_id: str
    start_char: int
    end_char: int
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score (higher is better) and what a reader needs to recognise its article."""

    rank: int
    score: float
    passage_id: str
    article_id: str
    start_char: int
    end_char: int
    text: str
    title: str
    source: str
    url: str | None
    published: date | None
    reposts: int = 0

    def to_dict(self) -> dict[str, object]:
        """Return the hit as plain JSON values."""
        return {
            "rank": self.rank,
            "score": round(self.score, 4),
            "passage_id": self.passage_id,
            "article_id": self.article_id,
            "start_char": self.start_char,
            "end_char": self.end_char,
            "text": self.text,
            "title": self.title,
            "source": self.source,
            "url": self.url,
            "published": self.published.isoformat() if self.published else None,
            "reposts": self.reposts,
        }
