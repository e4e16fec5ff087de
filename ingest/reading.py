"""Read a file into articles that are ready to be stored: parsed, split, signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.discover import SourceFile, printable
from ingest.parse import parse_stream
from ingest.parsed import Failure, ParsedArticle
from ingest.repost_links import sign
from ingest.split import Span, split_spans

MAX_FILE_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article as found in a file; spans and signature only where its digest was not known."""

    parsed: ParsedArticle
    digest: str
    spans: Sequence[Span] | None
    signature: bytes | None


Item = ReadArticle | Failure
UNREADABLE = (OSError, UnicodeError)  # what reading a file may raise


def read_file(file: SourceFile, known: frozenset[str]) -> Iterator[Item]:
    """Yield what a file holds.

    Raises:
        OSError: it cannot be read, or not to its end.
    """
    with file.location.open("rb") as stream:
        name = printable(file.location.name)
        for item in parse_stream(stream, name=name, source=file.path, max_bytes=MAX_FILE_BYTES):
            yield item if isinstance(item, Failure) else _ready(item, known)


def _ready(parsed: ParsedArticle, known: frozenset[str]) -> ReadArticle:
    digest = content_digest(parsed)
    if digest in known:
        return ReadArticle(parsed, digest, None, None)
    return ReadArticle(parsed, digest, split_spans(parsed.text), sign(parsed.text))


def content_digest(parsed: ParsedArticle) -> str:
    """Return a digest of everything that an article says and states about itself.

    Raises:
        UnicodeEncodeError: a lone surrogate that a parser has let through; the catalog could not store it.
    """
    parts = (
        parsed.title, parsed.text, parsed.url, parsed.published.isoformat() if parsed.published else None,
        parsed.publisher, parsed.author, sorted(parsed.fields.items()), parsed.encoding,
    )  # fmt: skip
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:32]
