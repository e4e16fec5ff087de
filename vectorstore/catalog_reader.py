"""Read articles and passages out of the catalog, as one generation shows them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from vectorstore.allowed import Allowed
from vectorstore.article import Article
from vectorstore.catalog import SQL_LIST, VISIBLE, Catalog

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KEPT_FILTERS = 4
NEWEST_FIRST = " ORDER BY published IS NULL, published DESC, source, row"  # undated ones last
_VECTORS = (
    "SELECT p.id, e.vector FROM passages p JOIN articles a ON a.row = p.article_row"
    " JOIN embeddings e ON e.fingerprint = :fingerprint AND e.digest = p.digest WHERE " + VISIBLE
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Hard limits on the articles that a search may use; an undated article fails a date limit."""

    since: date | None = None
    until: date | None = None
    source: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    article: str | None = None
    """The id of the one article to search."""

    def __bool__(self) -> bool:
        """Tell whether anything is limited."""
        return bool(self.since or self.until or self.source or self.fields or self.article)


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its article's identity; `repost_of` is the article whose text it repeats."""

    passage_id: str
    article_id: str
    start_char: int
    end_char: int
    text: str
    title: str
    source: str
    url: str | None
    published: date | None
    repost_of: str | None


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """An article as a list shows it: all that is known about it, without its text."""

    id: str
    title: str
    source: str
    url: str | None
    published: date | None
    publisher: str | None
    author: str | None
    fields: Mapping[str, str]
    repost_of: str | None
    encoding: str | None

    def to_dict(self) -> dict[str, object]:
        """Return plain JSON values, as `yinju articles list --json` prints them."""
        return {
            "id": self.id,
            "title": self.title,
            "source": self.source,
            "url": self.url,
            "published": self.published.isoformat() if self.published else None,
            "publisher": self.publisher,
            "author": self.author,
            "fields": dict(self.fields),
            "repost_of": self.repost_of,
            "encoding": self.encoding,
        }


class CatalogReader:
    """The catalog as generation `generation` shows it."""

    def __init__(self, catalog: Catalog, generation: int) -> None:
        self._catalog = catalog
        self.generation = generation
        self._allowed = lru_cache(maxsize=_KEPT_FILTERS)(self._read_allowed)

    def _rows(self, sql: str, parameters: dict[str, object] | None = None) -> list[sqlite3.Row]:
        return self._catalog.rows(sql, {"generation": self.generation, **(parameters or {})})

    def passages(self, ids: Sequence[str]) -> dict[str, StoredPassage]:
        """Return the passages with these ids that the generation shows."""
        found: dict[str, StoredPassage] = {}
        for start in range(0, len(ids), SQL_LIST):
            part = ids[start : start + SQL_LIST]
            names = {f"p{i}": id_ for i, id_ in enumerate(part)}
            rows = self._rows(
                "SELECT p.id, a.id AS article_id, p.start_char, p.end_char, a.title, a.source, a.url, a.published,"
                " a.repost_of, substr(a.text, p.start_char + 1, p.end_char - p.start_char) AS text"
                " FROM passages p JOIN articles a ON a.row = p.article_row"
                f" WHERE p.id IN ({','.join(':' + name for name in names)}) AND {VISIBLE}",
                dict(names),
            )
            for row in rows:
                found[row["id"]] = _stored(row)
        return found

    def passages_of(self, article_id: str) -> list[StoredPassage]:
        """Return every passage of an article, in reading order."""
        rows = self._rows(
            "SELECT p.id FROM passages p JOIN articles a ON a.row = p.article_row"
            f" WHERE a.id = :article AND {VISIBLE} ORDER BY p.start_char",
            {"article": article_id},
        )
        found = self.passages([row["id"] for row in rows])
        return [found[row["id"]] for row in rows]

    def article(self, article_id: str) -> Article | None:
        """Return an article by its id, or None."""
        rows = self._rows(f"SELECT * FROM articles WHERE id = :id AND {VISIBLE}", {"id": article_id})
        return _article(rows[0]) if rows else None

    def articles(self) -> list[Article]:
        """Return every article, newest first, undated ones last, then by source."""
        return [_article(row) for row in self._rows(f"SELECT * FROM articles WHERE {VISIBLE}{NEWEST_FIRST}")]

    def listing(self, *, limit: int | None = None, offset: int = 0) -> list[ListedArticle]:
        """Return the articles without their texts, in the order of `articles`; `offset` of them are skipped."""
        rows = self._rows(
            "SELECT id, title, source, url, published, publisher, author, fields, repost_of, encoding"
            f" FROM articles WHERE {VISIBLE}{NEWEST_FIRST} LIMIT :limit OFFSET :offset",
            {"limit": -1 if limit is None else limit, "offset": offset},
        )
        return [ListedArticle(**_stated(row)) for row in rows]

    def article_count(self) -> int:
        """Return how many articles there are."""
        return int(self._rows(f"SELECT count(*) FROM articles WHERE {VISIBLE}")[0][0])

    def repost_counts(self, article_ids: Sequence[str]) -> dict[str, int]:
        """Return how many articles repeat each of some; those that none repeats are left out."""
        names = {f"a{i}": id_ for i, id_ in enumerate(dict.fromkeys(article_ids))}
        rows = self._rows(
            f"SELECT repost_of, count(*) AS n FROM articles WHERE {VISIBLE}"
            f" AND repost_of IN ({','.join(':' + name for name in names)}) GROUP BY repost_of",
            dict(names),
        )
        return {row["repost_of"]: row["n"] for row in rows}

    def reposts(self, article_id: str) -> list[Article]:
        """Return the articles that repeat this one."""
        return [_article(row) for row in self._rows(
            f"SELECT * FROM articles WHERE repost_of = :id AND {VISIBLE} ORDER BY source", {"id": article_id}
        )]  # fmt: skip

    def allowed(self, filters: Filters) -> Allowed:
        """Return the passages whose articles meet the filters; the last few answers are kept."""
        return self._allowed(filters)

    def _read_allowed(self, filters: Filters) -> Allowed:
        conditions, parameters = [VISIBLE], dict[str, object]()
        if filters.since:
            conditions.append("a.published >= :since")
            parameters["since"] = filters.since.isoformat()
        if filters.until:
            conditions.append("a.published <= :until")
            parameters["until"] = filters.until.isoformat()
        if filters.source:
            conditions.append("(instr(a.source, :source) OR instr(ifnull(a.publisher, ''), :source))")
            parameters["source"] = filters.source
        if filters.article:
            conditions.append("a.id = :article")
            parameters["article"] = filters.article
        for i, (name, value) in enumerate(filters.fields):
            conditions.append(f"instr(ifnull(json_extract(a.fields, :name{i}), ''), :value{i})")
            parameters[f"name{i}"] = f'$."{name}"'
            parameters[f"value{i}"] = value
        rows = self._rows(
            "SELECT p.id FROM articles a JOIN passages p ON p.article_row = a.row WHERE "
            + " AND ".join(conditions),
            parameters,
        )
        return Allowed(row[0] for row in rows)

    def dense_weight(self, fingerprint: str) -> float | None:
        """Return what calibration found this embedder's cosine to be worth here, or None where it has not run."""
        weight, _, calibrated = (self._catalog.meta("dense_weight") or "").partition(" ")
        return float(weight) if calibrated == fingerprint else None

    def probes(self, fingerprint: str, count: int) -> tuple[list[str], NDArray[np.float32]]:
        """Return up to `count` passages, drawn by chance over the library, with their embeddings."""
        rows = self._rows(
            "SELECT p.id FROM passages p JOIN articles a ON a.row = p.article_row"
            f" WHERE {VISIBLE} AND p.row IN (SELECT row FROM passages ORDER BY random() LIMIT :count)",
            {"count": count},
        )
        return self.vectors(fingerprint, [row[0] for row in rows])

    def vectors(self, fingerprint: str, ids: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
        """Return those of the passages that have one, with their embeddings, shape (n, dimension)."""
        rows: list[sqlite3.Row] = []
        for start in range(0, len(ids), SQL_LIST):
            names = {f"p{i}": id_ for i, id_ in enumerate(ids[start : start + SQL_LIST])}
            condition = f" AND p.id IN ({','.join(':' + name for name in names)})"
            rows += self._rows(_VECTORS + condition, {"fingerprint": fingerprint, **names})
        known, halves = _matrix(rows)
        return known, halves.astype(np.float32)

    def halves(self, fingerprint: str) -> tuple[list[str], NDArray[np.float16]]:
        """Return every passage id with its embedding in half precision, shape (n, dimension)."""
        return _matrix(self._rows(_VECTORS, {"fingerprint": fingerprint}))


def _matrix(rows: Sequence[sqlite3.Row]) -> tuple[list[str], NDArray[np.float16]]:
    if not rows:
        return [], np.zeros((0, 0), dtype=np.float16)
    matrix = np.frombuffer(b"".join(row["vector"] for row in rows), dtype=np.float16)
    return [row["id"] for row in rows], matrix.reshape(len(rows), -1)


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _stored(row: sqlite3.Row) -> StoredPassage:
    return StoredPassage(
        passage_id=row["id"], article_id=row["article_id"], start_char=row["start_char"], end_char=row["end_char"],
        text=row["text"], title=row["title"], source=row["source"], url=row["url"],
        published=_date(row["published"]), repost_of=row["repost_of"],
    )  # fmt: skip


def _article(row: sqlite3.Row) -> Article:
    return Article(text=row["text"], **_stated(row))


def _stated(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"], "title": row["title"], "source": row["source"], "url": row["url"],
        "published": _date(row["published"]), "publisher": row["publisher"], "author": row["author"],
        "fields": json.loads(row["fields"]), "repost_of": row["repost_of"], "encoding": row["encoding"],
    }  # fmt: skip
