"""Parse a file as an ingest does, without a library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.parse import parse_stream
from ingest.parsed import Failure, ParsedArticle
from ingest.reading import MAX_FILE_BYTES


def parse_file(
    path: Path, *, source: str, max_bytes: int = MAX_FILE_BYTES
) -> Iterator[ParsedArticle | Failure]:
    """Yield the articles in a file, and a Failure for each part that cannot be read."""
    with path.open("rb") as stream:
        yield from parse_stream(stream, name=path.name, source=source, max_bytes=max_bytes)
