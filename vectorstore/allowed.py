"""The passages that a filter allows: as ids for a look-up, as numbers for arrays."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def key_of(passage_id: str) -> int:
    """Return a passage id, 16 hexadecimal digits, as the number that it is."""
    return int(passage_id, 16)


def id_of(key: int) -> str:
    """Return the passage id of a key."""
    return f"{key:016x}"


class Allowed:
    """A set of passage ids; made once for a filter, and used for many questions."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = frozenset(ids)

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, passage_id: object) -> bool:
        return passage_id in self.ids

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        """The keys in rising order."""
        return np.sort(np.fromiter(map(key_of, self.ids), dtype=np.uint64, count=len(self.ids)))

    def holds(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Tell of each key whether it is allowed."""
        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.bool_)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        same: NDArray[np.bool_] = self.keys[at] == keys
        return same
