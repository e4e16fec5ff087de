"""Name the articles of one file, so that each keeps its name when others come and go."""

from __future__ import annotations

import hashlib

from ingest.clean import clean_line
from ingest.parsed import ParsedArticle

_MAX_KEY_CHARS = 200


class KeyMaker:
    """Give each article of a file a key: its own id, else its URL, else its title, else its words."""

    def __init__(self) -> None:
        self._given: dict[
            int, int
        ] = {}  # a key's hash (a file may hold millions) and how often it was asked for

    def key(self, stated: str | None, article: ParsedArticle) -> str:
        """Return a key not given before in this file."""
        digest = hashlib.sha256(f"{article.title}\n{article.text}".encode()).hexdigest()
        key = (
            clean_line(stated or article.url or article.title or "", max_chars=_MAX_KEY_CHARS) or digest[:16]
        )
        for candidate in (key, f"{key}~{digest[:8]}"):
            count = self._count(candidate)
            if count == 1:
                return candidate
        return f"{key}~{digest[:8]}~{count}"

    def _count(self, key: str) -> int:
        mark = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest())
        self._given[mark] = self._given.get(mark, 0) + 1
        return self._given[mark]
