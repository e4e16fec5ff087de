"""What the next generation will show: its passages, their embeddings, the flip, and what is left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.catalog import SQL_LIST, Catalog, now
from vectorstore.catalog_writer import IndexEntry, embedded_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STALE = "dense_removed"
_PASSAGES = (
    "SELECT p.row, p.id, p.digest, a.title, substr(a.text, p.start_char + 1, p.end_char - p.start_char) AS body"
    " FROM passages p JOIN articles a ON a.row = p.article_row"
)
_UNEMBEDDED = (
    " AND a.removed IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM embeddings e WHERE e.fingerprint = :fingerprint AND e.digest = p.digest)"
)
ADDED = "a.added = :next AND a.removed IS NULL"
REMOVED = "a.removed = :next"
ALL = "a.removed IS NULL"


class Staging:
    """The catalog as it will be after the next flip."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.generation = catalog.generation + 1

    def pending_changes(self) -> int:
        """Return how many article rows the next generation adds or removes."""
        return self._count(
            "SELECT (SELECT count(*) FROM articles WHERE added = :next AND removed IS NULL)"
            " + (SELECT count(*) FROM articles WHERE removed = :next)"
        )

    def passages(self) -> int:
        """Return how many passages the next generation will show."""
        return self._count(
            "SELECT count(*) FROM passages JOIN articles a ON a.row = article_row WHERE " + ALL
        )

    def _count(self, sql: str, **parameters: object) -> int:
        return int(str(self.catalog.value(sql, {"next": self.generation, **parameters})))

    def count_missing(self, fingerprint: str) -> int:
        """Return how many passages have no embedding yet."""
        return self._count(
            "SELECT count(*) FROM passages p JOIN articles a ON a.row = p.article_row WHERE true"
            + _UNEMBEDDED,
            fingerprint=fingerprint,
        )

    def missing_embeddings(self, fingerprint: str, *, batch: int) -> Iterator[list[tuple[str, str]]]:
        """Yield batches of (digest, text to embed) for passages that have no embedding yet."""
        after = 0
        while True:
            rows = self.catalog.rows(
                f"{_PASSAGES} WHERE p.row > :after {_UNEMBEDDED} ORDER BY p.row LIMIT :batch",
                {"after": after, "fingerprint": fingerprint, "batch": batch},
            )
            if not rows:
                return
            after = rows[-1]["row"]
            yield list({row["digest"]: embedded_text(row["title"], row["body"]) for row in rows}.items())

    def embedded(self, fingerprint: str, digests: Sequence[str]) -> set[str]:
        """Return those of the digests whose embeddings are kept."""
        return set(self._vectors(fingerprint, digests, column="digest"))

    def put_embeddings(self, fingerprint: str, digests: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Keep embeddings by content, so that nothing is embedded twice."""
        halves = vectors.astype(np.float16)
        with self.catalog.transaction():
            self.catalog.execute_many(
                "INSERT OR IGNORE INTO embeddings (fingerprint, digest, vector) VALUES (?, ?, ?)",
                [(fingerprint, digest, halves[row].tobytes()) for row, digest in enumerate(digests)],
            )

    def vectors(self, fingerprint: str, digests: Sequence[str]) -> NDArray[np.float32]:
        """Return the embeddings with these digests, shape (len(digests), dimension)."""
        kept = self._vectors(fingerprint, digests, column="vector")
        joined = b"".join(kept[digest] for digest in digests)
        return np.frombuffer(joined, dtype=np.float16).reshape(len(digests), -1).astype(np.float32)

    def _vectors(self, fingerprint: str, digests: Sequence[str], *, column: str) -> dict[str, bytes]:
        kept: dict[str, bytes] = {}
        for start in range(0, len(digests), SQL_LIST):
            part = digests[start : start + SQL_LIST]
            rows = self.catalog.rows(
                f"SELECT digest, {column} AS value FROM embeddings"
                f" WHERE fingerprint = ? AND digest IN ({','.join('?' * len(part))})",
                (fingerprint, *part),
            )
            kept.update((row["digest"], row["value"]) for row in rows)
        return kept

    def entries(self, condition: str, *, batch: int = 1000) -> Iterator[list[IndexEntry]]:
        """Yield batches of index entries of the articles that ADDED, REMOVED or ALL names."""
        after = 0
        while True:
            rows = self.catalog.rows(
                f"{_PASSAGES} WHERE p.row > :after AND {condition} ORDER BY p.row LIMIT :batch",
                {"after": after, "batch": batch, "next": self.generation},
            )
            if not rows:
                return
            after = rows[-1]["row"]
            yield [IndexEntry(row["id"], row["digest"], row["title"], row["body"]) for row in rows]

    def digests(self, condition: str) -> dict[str, str]:
        """Return passage id -> digest of the articles that ADDED, REMOVED or ALL names."""
        rows = self.catalog.rows(
            f"SELECT p.id, p.digest FROM passages p JOIN articles a ON a.row = p.article_row WHERE {condition}",
            {"next": self.generation},
        )
        return {row["id"]: row["digest"] for row in rows}

    def dense_removed(self) -> int:
        """Return how many vectors were removed from the current dense index since it was built anew."""
        return int(self.catalog.meta(_STALE) or 0)

    def flip(self, fingerprint: str, *, reposts: Mapping[int, str | None], dense_removed: int) -> None:
        """Make the next generation the current one, in one atomic step that outlives a power cut.

        `reposts` are the links that change with it: article row -> id of the article whose text it repeats.
        """
        articles, passages = self.catalog.counts(self.generation)
        with self.catalog.transaction(durable=True):
            self.catalog.execute(
                "INSERT OR REPLACE INTO generations VALUES (?, ?, ?, ?, ?)",
                (self.generation, fingerprint, now(), articles, passages),
            )
            self.catalog.execute_many(
                "UPDATE articles SET repost_of = ? WHERE row = ?",
                [(id_, row) for row, id_ in reposts.items()],
            )
            self.catalog.set_meta(_STALE, str(dense_removed))
            self.catalog.set_meta("generation", str(self.generation))
        self.generation += 1

    def collect_garbage(self, oldest_read: int) -> None:
        """Delete rows that no generation from `oldest_read` on can see, and embeddings of nothing.

        Embeddings by another embedder than those behind these generations go too.
        """
        old = {"old": oldest_read}
        with self.catalog.transaction():
            self.catalog.execute("DELETE FROM articles WHERE removed <= :old", old)
            self.catalog.execute(
                "DELETE FROM embeddings WHERE fingerprint IN (SELECT fingerprint FROM generations WHERE number < :old)"
                " AND fingerprint NOT IN (SELECT fingerprint FROM generations WHERE number >= :old)",
                old,
            )
            self.catalog.execute("DELETE FROM generations WHERE number < :old", old)
            self.catalog.execute(
                "DELETE FROM embeddings WHERE NOT EXISTS (SELECT 1 FROM passages p WHERE p.digest = embeddings.digest)"
            )
        free, pages = self._count("PRAGMA freelist_count"), self._count("PRAGMA page_count")
        if free > pages // 4:
            self.catalog.rows("PRAGMA incremental_vacuum")

    def left_behind(self, oldest_read: int) -> bool:
        """Tell whether there are rows that no generation from `oldest_read` on can see."""
        rows = self._count(
            "SELECT (SELECT count(*) FROM generations WHERE number < :old)"
            " + (SELECT count(*) FROM articles WHERE removed <= :old)",
            old=oldest_read,
        )
        return rows > 0
