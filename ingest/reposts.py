"""Recognise reposts: the same text under another headline, with other credits or a few words changed.

One-permutation MinHash over character shingles of the folded text (Li, Owen and Zhang 2012; empty bins
are filled by rotation, Shrivastava and Li 2014). A number counts several times: notices made from one
template differ in little but their numbers, and a repost keeps them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from vectorstore.fold import fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REPOST_THRESHOLD = 0.78  # on crud passages, read by eye: benchmarks/reposts.py

_SHINGLE_CHARS = 6
_MIN_CHARS = 80  # a shorter text says too little to call another one its repost
_MAX_CHARS = 20_000
_BINS = 128  # a power of two: the top bits of a hash name its bin
_BIN_SHIFT = 64 - 7
_MARK_BITS = 16
_WORDS = _BINS * _MARK_BITS // 64
_BANDS = 21
_ROWS = 6  # marks in a band: texts that share 0.78 of their marks share a band with probability 0.99
_NUMBER_WEIGHT = 16
_SEED = 20171109
_GOLDEN = 0x9E3779B97F4A7C15
_OTHER = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[0-9](?:[0-9.,]*[0-9])?")


def signature(text: str) -> tuple[int, ...]:
    """Return the marks of a text, four in each 64-bit word; empty where the text is too short to tell."""
    import numpy as np

    folded = fold(text[:_MAX_CHARS])
    words = _OTHER.sub("", folded)
    if len(words) < _MIN_CHARS:
        return ()
    hashes = np.concatenate([_shingles(words), _numbers(folded)])
    bins = (hashes >> np.uint64(_BIN_SHIFT)).astype(np.intp)
    empty = np.iinfo(np.uint64).max
    lowest = np.full(_BINS, empty, dtype=np.uint64)
    np.minimum.at(lowest, bins, hashes)
    filled = np.flatnonzero(lowest != empty)
    # an empty bin takes the next filled one's mark, changed by the distance
    source = filled[np.searchsorted(filled, np.arange(_BINS)) % len(filled)]
    distance = ((source - np.arange(_BINS)) % _BINS).astype(np.uint64)
    marks = (lowest[source] + distance * _weights()[0]) >> np.uint64(20)
    packed: list[int] = marks.astype(np.uint16).view(np.uint64).tolist()
    return tuple(packed)


def bands(marks: Sequence[int]) -> list[str]:
    """Return the names under which a text is filed; two reposts share at least one of them."""
    import numpy as np

    if not marks:
        return []
    rows = np.array(marks, dtype=np.uint64).view(np.uint16)[: _BANDS * _ROWS].reshape(_BANDS, _ROWS)
    return [f"{number:x}.{row.tobytes().hex()}" for number, row in enumerate(rows)]


def similarity(a: Sequence[int], b: Sequence[int]) -> float:
    """Return the share of marks that two signatures have in common, between 0 and 1."""
    import numpy as np

    if len(a) != _WORDS or len(b) != _WORDS:
        return 0.0
    left, right = (np.array(marks, dtype=np.uint64).view(np.uint16) for marks in (a, b))
    return float(np.mean(left == right))


def _shingles(words: str) -> NDArray[np.uint64]:
    """Return a hash for each run of `_SHINGLE_CHARS` characters."""
    import numpy as np

    codes = np.frombuffer(words.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    return _mix(np.convolve(codes, _weights(), mode="valid"))


def _numbers(folded: str) -> NDArray[np.uint64]:
    """Return `_NUMBER_WEIGHT` hashes for each different number in a text."""
    import numpy as np

    found = {zlib.crc32(number.encode()) for number in _NUMBER.findall(folded) if len(number) > 1}
    codes = np.array(sorted(found), dtype=np.uint64)
    copies = np.arange(1, _NUMBER_WEIGHT + 1, dtype=np.uint64) * _weights()[1]
    return _mix((codes[:, None] + copies[None, :]).ravel())


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits of hashes (the finaliser of SplitMix64)."""
    import numpy as np

    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@cache
def _weights() -> NDArray[np.uint64]:
    """Return odd multipliers, one for each place in a shingle; they must never change (SplitMix64)."""
    import numpy as np

    seeds = (np.arange(1, _SHINGLE_CHARS + 1, dtype=np.uint64) + np.uint64(_SEED)) * np.uint64(_GOLDEN)
    return _mix(seeds) | np.uint64(1)
