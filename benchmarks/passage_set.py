"""A set of passages searched by the product's own code: a real lexical index, exact dense search, no catalog."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vectorstore.allowed import Allowed, id_of, key_of
from vectorstore.catalog_reader import Filters, StoredPassage
from vectorstore.catalog_writer import embedded_text
from vectorstore.embedders import Embedder
from vectorstore.lexical import LexicalIndex
from vectorstore.library import Snapshot

EMBED_BATCH = 1000


@dataclass(frozen=True, slots=True)
class SetQuestion:
    """A question and the passages that count as a hit; none where the set holds no answer."""

    text: str
    answers: frozenset[str]


def rows(path: Path) -> list[dict[str, Any]]:
    """Read a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def stored(id_: str, title: str, text: str, published: str | None = None) -> StoredPassage:
    """Return a whole text as a passage, an article of its own."""
    day = date.fromisoformat(published[:10]) if published else None
    return StoredPassage(id_, id_, 0, len(text), text, title, id_, None, day, None)


class NumberedIndex:
    """A lexical index of passages with ids of any kind: it numbers them, since ours are numbers."""

    def __init__(self, passages: Sequence[StoredPassage], folder: Path) -> None:
        self._ids = [passage.passage_id for passage in passages]
        self._numbers = {id_: id_of(number) for number, id_ in enumerate(self._ids)}
        self._index = LexicalIndex(folder, create=True)
        self._index.change([], [[(self._numbers[p.passage_id], p.title, p.text) for p in passages]])
        self.document_frequency = self._index.document_frequency

    def __len__(self) -> int:
        return len(self._ids)

    def search(self, weighted_terms: dict[str, float], limit: int) -> list[tuple[str, float]]:
        """Return up to `limit` (passage id, BM25 score) pairs, best first."""
        return self._named(self._index.search(weighted_terms, limit))

    def search_among(
        self, weighted_terms: dict[str, float], limit: int, *, allowed: Allowed
    ) -> list[tuple[str, float]]:
        """Return up to `limit` pairs of allowed passages."""
        numbered = Allowed(self._numbers[id_] for id_ in allowed.ids)
        return self._named(self._index.search_among(weighted_terms, limit, allowed=numbered))

    def _named(self, pairs: list[tuple[str, float]]) -> list[tuple[str, float]]:
        named = [(self._ids[key_of(id_)], score) for id_, score in pairs]
        return sorted(named, key=lambda pair: (-pair[1], pair[0]))


class PassageSet:
    """What `search` needs of a snapshot."""

    def __init__(self, passages: Sequence[StoredPassage], *, embedder: Embedder, folder: Path) -> None:
        self.embedder = embedder
        self.by_id = {passage.passage_id: passage for passage in passages}
        self.lexical = NumberedIndex(passages, folder)
        self.ids = [passage.passage_id for passage in passages]
        self._place = {id_: place for place, id_ in enumerate(self.ids)}
        texts = [embedded_text(passage.title, passage.text) for passage in passages]
        parts = [
            embedder.embed_passages(texts[at : at + EMBED_BATCH]) for at in range(0, len(texts), EMBED_BATCH)
        ]
        self._matrix = np.concatenate(parts).astype(np.float16).astype(np.float32)

    @property
    def snapshot(self) -> Snapshot:
        """This set, as `search` wants it."""
        return cast(Snapshot, self)

    @property
    def dense(self) -> PassageSet:
        """The dense index."""
        return self

    @property
    def reader(self) -> PassageSet:
        """The catalog."""
        return self

    def search(self, vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Return the nearest passages, exactly."""
        cosines = self._matrix @ vector
        best = np.argsort(-cosines, kind="stable")[:limit]
        return [(self.ids[at], float(cosines[at])) for at in best]

    def rank_among(
        self, vector: NDArray[np.float32], allowed: Allowed, limit: int
    ) -> list[tuple[str, float]]:
        """Return the nearest passages among some."""
        return [pair for pair in self.search(vector, len(self.ids)) if pair[0] in allowed][:limit]

    def passages(self, ids: Sequence[str]) -> dict[str, StoredPassage]:
        """Return passages by id."""
        return {id_: self.by_id[id_] for id_ in ids}

    def vectors(self, _fingerprint: str, ids: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
        """Return stored vectors by id."""
        return list(ids), self._matrix[[self._place[id_] for id_ in ids]]

    def allowed(self, filters: Filters) -> Allowed:
        """Return the passages of a time."""
        since, until = filters.since or date.min, filters.until or date.max
        found = self.by_id.items()
        return Allowed(id_ for id_, p in found if p.published and since <= p.published <= until)

    def repost_counts(self, _article_ids: Sequence[str]) -> dict[str, int]:
        """Return nothing: reposts are not linked here."""
        return {}

    def dense_weight(self, _fingerprint: str) -> float | None:
        """Return None: the set is not calibrated."""
        return None


def share(hits: Sequence[bool]) -> float:
    """Return how many of 100 are hits."""
    return 100.0 * sum(hits) / max(len(hits), 1)


def recalls(
    questions: Sequence[SetQuestion], search: Callable[[str], Sequence[str]], *, at: Sequence[int] = (1, 10)
) -> tuple[float, ...]:
    """Return, for each k, the share of questions with an answer among the first k passages."""
    ranked = [(question, search(question.text)) for question in questions]
    return tuple(share([not q.answers.isdisjoint(ids[:k]) for q, ids in ranked]) for k in at)
