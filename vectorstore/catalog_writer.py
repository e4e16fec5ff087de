"""Write articles and their passages into the catalog, for the generation being prepared."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vectorstore.article import Article, Passage
from vectorstore.catalog import Catalog

_COPIED = "id, source, file, title, text, url, published, publisher, author, fields, encoding, digest, signature, repost_of"


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What the indexes hold of a passage: `digest` names the embedding of title and text."""

    passage_id: str
    digest: str
    title: str
    text: str


def embedded_text(title: str, text: str) -> str:
    """Return what is embedded for a passage: its words under the headline they appeared below."""
    return f"{title}\n{text}" if title and not text.startswith(title) else text


def embedding_digest(title: str, text: str) -> str:
    """Return the key under which the embedding of a passage is kept."""
    return hashlib.sha256(embedded_text(title, text).encode()).hexdigest()[:32]


class CatalogWriter:
    """Writes for the next generation; readers of the current one see nothing of it until the flip."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.generation = catalog.generation + 1

    def file_stamps(self) -> dict[str, tuple[str, str]]:
        """Return path -> (stamp, failures as JSON) of every file read so far."""
        rows = self.catalog.rows("SELECT path, stamp, failures FROM files")
        return {row["path"]: (row["stamp"], row["failures"]) for row in rows}

    def file_digests(self, file: str) -> dict[str, tuple[int, str]]:
        """Return source -> (row, digest) of the articles that a file holds so far."""
        rows = self.catalog.rows(
            "SELECT source, row, digest FROM articles WHERE file = ? AND removed IS NULL", (file,)
        )
        return {row["source"]: (row["row"], row["digest"]) for row in rows}

    def article_counts(self) -> dict[str, int]:
        """Return file -> how many articles it holds so far."""
        rows = self.catalog.rows(
            "SELECT file, count(*) AS n FROM articles WHERE removed IS NULL GROUP BY file"
        )
        return {row["file"]: row["n"] for row in rows}

    def open_file(self, path: str, *, root: str) -> None:
        """Record that a file is being read: should that be cut short, its articles still have a file."""
        self.catalog.execute("INSERT OR IGNORE INTO files VALUES (?, ?, '', '[]')", (path, root))

    def put_file(self, path: str, *, root: str, stamp: str, failures: Sequence[tuple[str, str, str]]) -> None:
        """Record that a file was read as it is now; failures are (source, reason, kind)."""
        self.catalog.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
            (path, root, stamp, json.dumps(failures, ensure_ascii=False)),
        )

    def forget_file(self, path: str) -> None:
        """Forget a file; its articles are retired by the caller."""
        self.catalog.execute("DELETE FROM files WHERE path = ?", (path,))

    def put_article(
        self, article: Article, passages: Sequence[Passage], *, file: str, digest: str, signature: bytes
    ) -> list[IndexEntry]:
        """Store an article, retiring its earlier version; return what the indexes will hold of it."""
        with self.catalog.transaction():
            self._retire("id = ? AND removed IS NULL", article.id)
            row = self.catalog.execute(
                f"INSERT INTO articles ({_COPIED}, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    article.id, article.source, file, article.title, article.text, article.url,
                    article.published.isoformat() if article.published else None,
                    article.publisher, article.author,
                    json.dumps(dict(article.fields or {}), ensure_ascii=False, sort_keys=True),
                    article.encoding, digest, signature, article.repost_of, self.generation,
                ),
            )  # fmt: skip
            return self._put_passages(row, article.title, passages)

    def _put_passages(self, row: int, title: str, passages: Sequence[Passage]) -> list[IndexEntry]:
        entries = [IndexEntry(p.id, embedding_digest(title, p.text), title, p.text) for p in passages]
        self.catalog.execute_many(
            "INSERT INTO passages (id, article_row, start_char, end_char, tokens, digest) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (p.id, row, p.start_char, p.end_char, p.tokens, entry.digest)
                for p, entry in zip(passages, entries, strict=True)
            ],
        )
        return entries

    def replace_passages(self, row: int, title: str, passages: Sequence[Passage]) -> None:
        """Give an article other passages: in place where no generation has shown it, else in a new row."""
        with self.catalog.transaction():
            added = self.catalog.value("SELECT added FROM articles WHERE row = ?", (row,))
            if added == self.generation:
                self.catalog.execute("DELETE FROM passages WHERE article_row = ?", (row,))
            else:
                row, old = (
                    self.catalog.execute(
                        f"INSERT INTO articles ({_COPIED}, added) SELECT {_COPIED}, ? FROM articles WHERE row = ?",
                        (self.generation, row),
                    ),
                    row,
                )
                self._retire("row = ?", old)
            self._put_passages(row, title, passages)

    def retire_row(self, row: int) -> None:
        """Make an article invisible from the next generation on."""
        with self.catalog.transaction():
            self._retire("row = ?", row)

    def _retire(self, where: str, value: object) -> None:
        # A row that no generation has shown yet can go at once.
        self.catalog.execute(f"DELETE FROM articles WHERE {where} AND added = ?", (value, self.generation))
        self.catalog.execute(f"UPDATE articles SET removed = ? WHERE {where}", (self.generation, value))

    def live_articles(self) -> Iterator[sqlite3.Row]:
        """Yield (row, id, title, text) of every article that the next generation will show."""
        after = 0
        while True:
            rows = self.catalog.rows(
                "SELECT row, id, title, text FROM articles WHERE row > ? AND removed IS NULL ORDER BY row LIMIT 100",
                (after,),
            )
            if not rows:
                return
            yield from rows
            after = rows[-1]["row"]

    def passage_spans(self, row: int) -> list[tuple[str, int]]:
        """Return (passage id, tokens) of an article's passages in reading order."""
        rows = self.catalog.rows(
            "SELECT id, tokens FROM passages WHERE article_row = ? ORDER BY start_char", (row,)
        )
        return [(row["id"], row["tokens"]) for row in rows]

    def set_signature(self, row: int, signature: bytes) -> None:
        """Replace what an article is compared by when reposts are sought."""
        self.catalog.execute("UPDATE articles SET signature = ? WHERE row = ?", (signature, row))

    def signed_articles(self) -> list[sqlite3.Row]:
        """Return (row, id, published, source, signature, repost_of) of every article that can be a repost."""
        return self.catalog.rows(
            "SELECT row, id, published, source, signature, repost_of FROM articles"
            " WHERE removed IS NULL AND (length(signature) > 0 OR repost_of IS NOT NULL)"
        )

    def excluded(self, file: str) -> set[str]:
        """Return the sources within a file that the user has removed from the library."""
        rows = self.catalog.rows("SELECT source FROM excluded WHERE file = ?", (file,))
        return {row["source"] for row in rows}

    def exclude(self, article_id: str) -> bool:
        """Retire an article and leave it out from now on; tell whether there was one."""
        rows = self.catalog.rows(
            "SELECT row, file, source FROM articles WHERE id = ? AND removed IS NULL", (article_id,)
        )
        for row in rows:
            with self.catalog.transaction():
                self.catalog.execute(
                    "INSERT OR IGNORE INTO excluded VALUES (?, ?)", (row["source"], row["file"])
                )
                self._retire("row = ?", row["row"])
        return bool(rows)

    def readmit(self, file: str) -> None:
        """Read a file's excluded articles again: the user has named the file itself."""
        if self.excluded(file):
            with self.catalog.transaction():
                self.catalog.execute("DELETE FROM excluded WHERE file = ?", (file,))
                self.catalog.execute("UPDATE files SET stamp = '' WHERE path = ?", (file,))
