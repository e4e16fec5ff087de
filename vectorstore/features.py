"""Compare a question with its candidate passages: the evidence that the reranker weighs. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vectorstore.layout import Floats, Ints, Layout, Units, find_units, lay_out

FEATURES = (
    "lexical_share",  # BM25 against the best candidate
    "coverage",  # share of the question's units, by weight, that title and text hold
    "count_share",  # the same, every unit counting alike
    "words_share",  # the same for latin words and numbers alone
    "sentence",  # coverage of the best sentence
    "window",  # of the best two sentences
    "title",  # coverage of the title
    "cosine_z",  # cosine, standardised over the candidates
)
"""Tried on the training questions and left out. Their weight was nothing once no weight may be negative: the
coverage of the best sentence with a number of its own where one is asked, whether there is a number at all, the
rarest unit, the best hundred characters, the longest run in the question's order, the lead, a second BM25.
The rank by BM25 held its first passage in place. Late interaction over our token vectors moved R@1 by 0 to 1
point on a part of the development sets, and needs every candidate cut into tokens."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that a leg found, with what both legs say of it."""

    passage_id: str
    title: str
    text: str
    lexical: float
    cosine: float


class Matches:
    """Where the units of a question stand in its candidates."""

    def __init__(self, layout: Layout, units: Units, candidates: int) -> None:
        self.layout = layout
        self.positions, self.which = find_units(layout, units)
        self.owner: Ints = layout.candidate[self.positions]
        self.candidates = candidates
        self.weights = units.weights
        self.count = max(len(units), 1)
        self.total = float(units.weights.sum()) or 1.0

    def covered(
        self,
        groups: Ints,
        size: int,
        *,
        chosen: NDArray[np.bool_] | None = None,
        weights: Floats | None = None,
    ) -> Floats:
        """Return, for each group of matches, the weight of the distinct units among them."""
        key = groups * self.count + self.which
        key = np.unique(key if chosen is None else key[chosen])
        weights = self.weights if weights is None else weights
        found = np.bincount(key // self.count, weights=weights[key % self.count], minlength=size)
        return np.asarray(found, dtype=np.float64)

    def best(self, sentences: Floats) -> Floats:
        """Return the largest value of each candidate's sentences."""
        best = np.zeros(self.candidates)
        np.maximum.at(best, self.layout.sentence_candidate[: len(sentences)], sentences)
        return best

    def sentences(self) -> Floats:
        """Return the coverage of each sentence."""
        return self.covered(self.layout.sentence[self.positions], self.layout.sentences) / self.total

    def windows(self) -> Floats:
        """Return the coverage of each sentence and the one after it."""
        sentence = self.layout.sentence[self.positions]
        key = np.concatenate((sentence, np.maximum(sentence - 1, 0))) * self.count
        key = np.unique(key + np.concatenate((self.which, self.which)))
        found = np.bincount(
            key // self.count, weights=self.weights[key % self.count], minlength=self.layout.sentences
        )
        return np.asarray(found / self.total)


def measure(units: Units, candidates: Sequence[Candidate]) -> Floats:
    """Return the features of each candidate, shape (len(candidates), len(FEATURES))."""
    layout = lay_out(
        [candidate.title for candidate in candidates], [candidate.text for candidate in candidates]
    )
    matches = Matches(layout, units, len(candidates))
    lexical = np.array([candidate.lexical for candidate in candidates])
    cosine = np.array([candidate.cosine for candidate in candidates])
    columns = (
        lexical / (lexical.max() or 1.0), *_shares(matches, units), *_places(matches),
        _title(matches, candidates), (cosine - cosine.mean()) / (cosine.std() or 1.0),
    )  # fmt: skip
    return np.column_stack(columns)


def _shares(matches: Matches, units: Units) -> tuple[Floats, Floats, Floats]:
    size = matches.candidates
    coverage = matches.covered(matches.owner, size) / matches.total
    counts = matches.covered(matches.owner, size, weights=np.ones(matches.count)) / matches.count
    is_word = np.arange(matches.count) >= len(units.pairs)
    heft = float(matches.weights[is_word[: len(units)]].sum())
    if not heft:
        return coverage, counts, coverage
    return coverage, counts, matches.covered(matches.owner, size, chosen=is_word[matches.which]) / heft


def _places(matches: Matches) -> tuple[Floats, Floats]:
    return matches.best(matches.sentences()), matches.best(matches.windows())


def _title(matches: Matches, candidates: Sequence[Candidate]) -> Floats:
    lengths = np.array([len(candidate.title) for candidate in candidates])[matches.owner]
    inside = matches.layout.offset[matches.positions] < lengths
    return np.asarray(matches.covered(matches.owner, matches.candidates, chosen=inside) / matches.total)
