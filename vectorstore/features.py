"""Compare a question with its candidate passages: the evidence that the reranker weighs. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vectorstore.layout import Floats, Ints, Layout, Units, find_units, lay_out
from vectorstore.query import Query

FEATURES = (
    "lexical_share",  # BM25 against the best candidate
    "lexical_ideal",  # BM25 against what a passage with every term would get
    "lexical_top",  # 1 / rank by BM25
    "coverage",  # share of the question's units, by weight, that title and text hold
    "count_share",  # the same, every unit counting alike
    "words_share",  # the same for latin words and numbers alone
    "rarest",  # whether it holds the rarest unit
    "sentence",  # coverage of the best sentence
    "window",  # of the best two sentences
    "near",  # of the best hundred characters
    "typed",  # of the best sentence with a number of its own, where a number is asked
    "longest",  # weight of the longest run of units in the question's order
    "runs",  # root sum of squares of such runs
    "title",  # coverage of the title
    "lead",  # of title and first characters
    "saturated",  # BM25 over the candidates alone
    "digits",  # whether it holds any number where one is asked
    "cosine_z",  # cosine, standardised over the candidates
    "cosine",
)
LEAD_CHARS = 80
NEAR_CHARS = 100


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
        self, groups: Ints, size: int, *, chosen: NDArray[np.bool_] | None = None, weights: Floats | None = None
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

    def near(self) -> Floats:
        """Return the best coverage of any `NEAR_CHARS` characters that begin with a unit."""
        best = np.zeros(self.candidates)
        rows = np.arange(len(self.positions))
        sizes = np.searchsorted(self.positions, self.positions + NEAR_CHARS) - rows
        window = np.repeat(rows, sizes)
        member = np.arange(len(window)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + window
        same = self.owner[member] == self.owner[window]
        key = np.unique(window[same] * self.count + self.which[member[same]])
        found = np.bincount(key // self.count, weights=self.weights[key % self.count], minlength=len(rows))
        np.maximum.at(best, self.owner, found / self.total)
        return best

    def runs(self) -> tuple[Floats, Floats]:
        """Return the weight of the longest run in the question's order, and the root sum of squares of runs."""
        longest, best = np.zeros(self.candidates), np.zeros((self.candidates, self.count))
        if len(self.positions):
            breaks = (np.diff(self.positions) > 2) | (np.diff(self.which) != 1)
            run = np.concatenate(([0], np.cumsum(breaks)))
            first = np.concatenate(([True], breaks))
            heft = np.bincount(run, weights=self.weights[self.which]) / self.total
            np.maximum.at(longest, self.owner[first], heft)
            np.maximum.at(best, (self.owner[first], self.which[first]), heft)
        return np.minimum(longest, 1.0), np.minimum(np.sqrt((best**2).sum(axis=1)), 1.0)

    def saturated(self, lengths: Floats) -> Floats:
        """Return BM25 with b = 0.4 over the candidates alone, against its maximum."""
        key = self.owner * self.count + self.which
        counts = np.bincount(key, minlength=self.candidates * self.count).reshape(-1, self.count)
        room = 1.2 * (0.6 + 0.4 * lengths / (lengths.mean() or 1.0))
        weights = self.weights if len(self.weights) else np.zeros(1)
        return np.asarray((counts / (counts + room[:, None])) @ weights / self.total)


def measure(query: Query, units: Units, candidates: Sequence[Candidate], *, ideal: float) -> Floats:
    """Return the features of each candidate, shape (len(candidates), len(FEATURES)).

    `ideal` is the BM25 score that a passage holding every term of the question would be near.
    """
    matches = Matches(lay_out([c.title for c in candidates], [c.text for c in candidates]), units, len(candidates))
    lexical = np.array([candidate.lexical for candidate in candidates])
    cosine = np.array([candidate.cosine for candidate in candidates])
    columns = (
        lexical / (lexical.max() or 1.0), lexical / (ideal or 1.0), 1 / (1 + _ranks(-lexical)),
        *_shares(matches, units), *_places(matches, query), *matches.runs(), *_headings(matches, candidates),
        matches.saturated(np.array([float(len(candidate.text)) for candidate in candidates])),
        _digits(matches) if query.number_asked else np.zeros(len(candidates)),
        (cosine - cosine.mean()) / (cosine.std() or 1.0), cosine,
    )  # fmt: skip
    return np.column_stack(columns)


def _shares(matches: Matches, units: Units) -> tuple[Floats, Floats, Floats, Floats]:
    size = matches.candidates
    coverage = matches.covered(matches.owner, size)
    counts = matches.covered(matches.owner, size, weights=np.ones(matches.count))
    is_word = np.arange(matches.count) >= len(units.pairs)
    heft = float(matches.weights[is_word[: len(units)]].sum())
    words = matches.covered(matches.owner, size, chosen=is_word[matches.which]) / heft if heft else coverage
    rarest = int(np.argmax(matches.weights)) if len(units) else 0
    has_rarest = np.bincount(matches.owner[matches.which == rarest], minlength=size) > 0
    share = coverage / matches.total
    return share, counts / matches.count, words if heft else share, has_rarest.astype(np.float64)


def _places(matches: Matches, query: Query) -> tuple[Floats, Floats, Floats, Floats]:
    sentences = matches.sentences()
    best = matches.best(sentences)
    typed = best
    if query.number_asked:
        layout = matches.layout
        held = np.bincount(layout.sentence[_own_digits(matches)], minlength=layout.sentences) > 0
        typed = matches.best(np.where(held[: len(sentences)], sentences, 0.0))
    return best, matches.best(matches.windows()), matches.near(), typed


def _headings(matches: Matches, candidates: Sequence[Candidate]) -> tuple[Floats, Floats]:
    lengths = np.array([len(candidate.title) for candidate in candidates])[matches.owner]
    offset = matches.layout.offset[matches.positions]
    size = matches.candidates
    title = matches.covered(matches.owner, size, chosen=offset < lengths)
    lead = matches.covered(matches.owner, size, chosen=offset < lengths + 1 + LEAD_CHARS)
    return title / matches.total, lead / matches.total


def _own_digits(matches: Matches) -> NDArray[np.bool_]:
    """Return where digits stand that are not the start of a unit of the question."""
    codes = matches.layout.codes
    digits = (codes >= ord("0")) & (codes <= ord("9"))
    digits[matches.positions] = False
    return np.asarray(digits)


def _digits(matches: Matches) -> Floats:
    held = np.bincount(matches.layout.candidate[_own_digits(matches)], minlength=matches.candidates) > 0
    return held.astype(np.float64)


def _ranks(keys: Floats) -> Floats:
    ranks = np.empty(len(keys))
    ranks[np.argsort(keys, kind="stable")] = np.arange(len(keys))
    return ranks
