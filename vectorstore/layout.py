"""Lay candidate passages end to end as one array of folded code points, and find words in it. Pure numpy.

A pass over fifty passages is then a handful of array operations instead of fifty loops.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vectorstore.fold import fold
from vectorstore.query import Query, particle_weight

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SENTENCE_ENDS = np.frombuffer("。！？；!?;…\n\x00".encode("utf-32-le"), dtype=np.uint32)
_HAN = "㐀-鿿豈-﫿\U00020000-\U0003ffff"
_HAN_RUN = re.compile(f"[{_HAN}]+")
_WORD = re.compile(rf"[^\W_{_HAN}]+(?:[.\-/+][^\W_{_HAN}]+)*%?")
_CODE_BITS = 21


@dataclass(frozen=True, slots=True)
class Units:
    """What is looked for in the candidates: Han pairs, then whole words and numbers, with their weights."""

    pairs: tuple[str, ...]
    words: tuple[str, ...]
    weights: Floats

    def __len__(self) -> int:
        """Return how many units there are."""
        return len(self.weights)


def units_of(query: Query, idf: dict[str, float]) -> Units:
    """Return the units of a question; `idf` weighs its terms, a term it lacks weighs nothing."""
    runs = _HAN_RUN.findall(query.stripped)
    pairs = dict.fromkeys(run[i : i + 2] for run in runs for i in range(len(run) - 1))
    words = dict.fromkeys((*_WORD.findall(query.stripped), *(run for run in runs if len(run) == 1)))
    weights = [
        idf.get(unit, idf.get(unit.rstrip("%"), 0.0)) * particle_weight(unit) for unit in (*pairs, *words)
    ]
    return Units(tuple(pairs), tuple(words), np.array(weights, dtype=np.float64))


@dataclass(frozen=True, slots=True)
class Layout:
    """The candidates end to end: of each code point its candidate, its sentence, its place in the candidate."""

    text: str
    codes: NDArray[np.uint32]
    candidate: Ints
    sentence: Ints
    offset: Ints
    sentence_candidate: Ints

    @property
    def sentences(self) -> int:
        """Return how many sentence numbers there are."""
        return len(self.sentence_candidate)


def _among(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return a table that tells for every code point whether it is one of these."""
    table = np.zeros(0x110000, dtype=np.bool_)  # the system gives zeroed pages: only those used are touched
    table[codes] = True
    return table


def lay_out(titles: Sequence[str], texts: Sequence[str]) -> Layout:
    """Fold titles and texts together; a title is the first sentence of its candidate."""
    joined = fold("".join(f"{title}\n{text}\x00" for title, text in zip(titles, texts, strict=True)))
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.array([len(a) + len(b) + 2 for a, b in zip(titles, texts, strict=True)], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    candidate = np.repeat(np.arange(len(lengths)), lengths)
    steps = _among(_SENTENCE_ENDS)[codes].astype(np.int64)
    steps[np.cumsum(lengths) - 1] = 2  # so that no two neighbouring sentences are of two candidates
    sentence = np.cumsum(steps) - steps
    owner = np.zeros(int(sentence[-1]) + 3, dtype=np.int64)
    owner[sentence] = candidate
    return Layout(joined, codes, candidate, sentence, np.arange(len(codes)) - starts[candidate], owner)


def find_units(layout: Layout, units: Units) -> tuple[Ints, Ints]:
    """Return where units stand in the layout, in order, and which unit each one is."""
    places = [_find_pairs(layout, units.pairs)] if units.pairs else []
    for number, word in enumerate(units.words, start=len(units.pairs)):
        at = np.array([match.start() for match in re.finditer(_bounded(word), layout.text)], dtype=np.int64)
        places.append((at, np.full(len(at), number, dtype=np.int64)))
    if not places:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    positions = np.concatenate([at for at, _ in places])
    which = np.concatenate([number for _, number in places])
    order = np.argsort(positions, kind="stable")
    return positions[order], which[order]


def _find_pairs(layout: Layout, pairs: Sequence[str]) -> tuple[Ints, Ints]:
    characters = np.frombuffer("".join(pairs).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    keys = (characters[0::2].astype(np.int64) << _CODE_BITS) | characters[1::2]
    order = np.argsort(keys)
    known = _among(characters)[layout.codes]
    at = np.flatnonzero(known[:-1] & known[1:])
    held = (layout.codes[at].astype(np.int64) << _CODE_BITS) | layout.codes[at + 1]
    place = np.minimum(np.searchsorted(keys[order], held), len(keys) - 1)
    hit = keys[order][place] == held
    return at[hit], order[place[hit]]


def _bounded(word: str) -> str:
    """Return a pattern for a word that is not the middle of a longer one of its kind."""
    before = r"(?<![0-9.])" if word[0].isdigit() else r"(?<![a-z])" if word[0].isascii() else ""
    last = word[-1]
    after = r"(?![0-9])" if last.isdigit() else r"(?![a-z])" if last.isascii() and last.isalpha() else ""
    return before + re.escape(word) + after
