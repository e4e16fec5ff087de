"""Exact dense search over the catalog's own vectors: for filtered searches, and where Chroma cannot be opened."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from vectorstore.allowed import Allowed, id_of, key_of
from vectorstore.catalog_reader import CatalogReader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Keys: TypeAlias = NDArray[np.uint64]
    Halves: TypeAlias = NDArray[np.float16]
    Rows: TypeAlias = NDArray[np.intp]

_ROWS = 65_536  # compared at a time: bounds the memory that single precision takes


class ExactIndex:
    """Every vector of a generation, read from the catalog when first used (100k of 256: 51 MB)."""

    def __init__(self, reader: CatalogReader, fingerprint: str) -> None:
        self._reader = reader
        self._fingerprint = fingerprint
        self._lock = threading.Lock()
        self._loaded: tuple[Keys, Halves] | None = None
        self._rows: WeakKeyDictionary[Allowed, Rows] = WeakKeyDictionary()

    def _vectors(self) -> tuple[Keys, Halves]:
        """Return the key and the vector of every passage, in the order of the keys."""
        with self._lock:
            if self._loaded is None:
                ids, halves = self._reader.halves(self._fingerprint)
                keys = np.fromiter(map(key_of, ids), dtype=np.uint64, count=len(ids))
                order = np.argsort(keys)
                self._loaded = keys[order], halves[order]
            return self._loaded

    def _rows_of(self, allowed: Allowed, keys: Keys) -> Rows:
        """Return where the allowed passages stand; kept as long as the filter's answer is."""
        rows = self._rows.get(allowed)
        if rows is None:
            rows = self._rows[allowed] = np.flatnonzero(allowed.holds(keys))
        return rows

    def search(
        self, vector: NDArray[np.float32], limit: int, *, among: Allowed | None = None
    ) -> list[tuple[str, float]]:
        """Return up to `limit` (passage id, cosine) pairs, best first; only of `among` where given."""
        keys, halves = self._vectors()
        if among is not None:
            rows = self._rows_of(among, keys)
            keys, halves = keys[rows], halves[rows]
        if not len(keys):
            return []
        parts = range(0, len(halves), _ROWS)
        scores = np.concatenate([halves[at : at + _ROWS].astype(np.float32) @ vector for at in parts])
        best = np.argsort(-scores, kind="stable")[:limit]
        return [(id_of(int(keys[row])), float(scores[row])) for row in best]

    def close(self) -> None:
        """Hold nothing open: there is nothing to do."""
