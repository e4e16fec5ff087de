"""What a parser yields: articles as found in a file, or the reason why a part could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Kind = Literal["failed", "unread", "mended", "document", "archive"]


@dataclass(frozen=True, slots=True)
class ParsedArticle:
    """An article as found in a file, before it has an id.

    `key` tells articles of one file apart and is stable when others come or go ("" where the file is
    the article). `text` is canonical: no markup, paragraphs separated by one newline.
    """

    key: str
    title: str
    text: str
    url: str | None = None
    published: date | None = None
    publisher: str | None = None
    author: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A source (a file, or `file#part`) that could not be read, and why; `reason` is shown to people.

    Of one that is "unread" (half written, damaged) nothing could be read: what it held before may still be in it.
    Other kinds than these two are notices: see `ingest.notices`.
    """

    source: str
    reason: str
    kind: Kind = "failed"
