"""Exact dense search over the catalog's own vectors: for filtered searches, and where Chroma cannot be opened."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.catalog_reader import CatalogReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROWS = 65_536  # compared at a time: bounds the memory that single precision takes


class ExactIndex:
    """Every vector of a generation, read from the catalog when first used (100k of 256: 51 MB)."""

    def __init__(self, reader: CatalogReader, fingerprint: str) -> None:
        self._reader = reader
        self._fingerprint = fingerprint
        self._lock = threading.Lock()
        self._loaded: tuple[list[str], dict[str, int], NDArray[np.float16]] | None = None

    def _vectors(self) -> tuple[list[str], dict[str, int], NDArray[np.float16]]:
        with self._lock:
            if self._loaded is None:
                ids, halves = self._reader.halves(self._fingerprint)
                self._loaded = ids, {id_: row for row, id_ in enumerate(ids)}, halves
            return self._loaded

    def search(
        self, vector: NDArray[np.float32], limit: int, *, among: set[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return up to `limit` (passage id, cosine) pairs, best first; only of `among` where given."""
        ids, rows_by_id, halves = self._vectors()
        wanted = ids if among is None else [id_ for id_ in sorted(among) if id_ in rows_by_id]
        if not wanted:
            return []
        if among is not None:
            halves = halves[[rows_by_id[id_] for id_ in wanted]]
        parts = range(0, len(halves), _ROWS)
        scores = np.concatenate([halves[at : at + _ROWS].astype(np.float32) @ vector for at in parts])
        best = np.argsort(-scores, kind="stable")[:limit]
        return [(wanted[row], float(scores[row])) for row in best]

    def close(self) -> None:
        """Hold nothing open: there is nothing to do."""
