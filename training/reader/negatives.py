"""Find passages that look like they answer a question and do not: hard negatives by rare shared bigrams."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import rjieba
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # scipy ships no types

from training.reader.texts import Example, Row, windows

NAMES = {"nr", "ns", "nt", "nz", "nrt", "m", "n"}
POOL_LENGTH = 300


def _bigrams(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _incidence(texts: Sequence[str], numbers: dict[str, int]) -> csr_matrix:
    rows: list[int] = []
    columns: list[int] = []
    for row, text in enumerate(texts):
        found = [numbers[pair] for pair in _bigrams(text) if pair in numbers]
        rows += [row] * len(found)
        columns += found
    return csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(len(texts), len(numbers)))


def _nearest(questions: list[str], pool: list[str], count: int) -> NDArray[np.int64]:
    """Return for each question the pool texts that share most rare bigrams with it, best first."""
    numbers = {pair: at for at, pair in enumerate(sorted(set().union(*map(_bigrams, questions))))}
    passages = _incidence(pool, numbers)
    frequency = np.asarray((passages > 0).sum(0)).ravel()
    passages = passages.multiply(np.log(1 + len(pool) / (frequency + 1))[None]).tocsr().T.tocsr()
    asked = _incidence(questions, numbers)
    found = [
        np.argsort(-(asked[at : at + 256] @ passages).toarray(), axis=1, kind="stable")[:, :count]
        for at in range(0, len(questions), 256)
    ]
    return np.concatenate(found)


def hard_negatives(rows: list[Row], extra: list[str], *, count: int = 6) -> list[list[Example]]:
    """Return for each answerable row some passages near its question that hold none of its answers."""
    contexts = sorted({row.context for row in rows})
    pool = [text[low:high] for text in contexts for low, high in windows(text, longest=POOL_LENGTH)] + extra
    found: list[list[Example]] = []
    for row, near in zip(rows, _nearest([row.question for row in rows], pool, 4 * count), strict=True):
        answers = [row.context[low:high] for low, high in row.spans]
        lacking = [pool[at] for at in near if not any(_holds(pool[at], answer) for answer in answers)]
        found.append([Example(row.question, text, (), row.source) for text in lacking[:count]])
    return found


def _holds(passage: str, answer: str) -> bool:
    """Say whether a passage may hold an answer: all of it, or half of its bigrams where it is long."""
    if answer in passage:
        return True
    pairs = _bigrams(answer)
    return len(answer) > 5 and len(pairs & _bigrams(passage)) > 0.5 * len(pairs)


class Swapper:
    """Turns an answered question into one about something else that the passage does not speak of."""

    def __init__(self, questions: list[str]) -> None:
        self._pool: dict[str, list[str]] = {}
        for question in questions:
            for word, tag in rjieba.tag(question):
                if tag in NAMES and len(word) > 1:
                    self._pool.setdefault(tag, []).append(word)

    def swap(self, example: Example, chance: Random) -> Example | None:
        """Return the example with one name of its question exchanged, unanswerable; None without a name."""
        named = [
            (word, tag)
            for word, tag in rjieba.tag(example.question)
            if len(word) > 1 and tag in self._pool and word in example.passage
        ]
        if not named:
            return None
        word, tag = chance.choice(named)
        for _ in range(10):
            other = chance.choice(self._pool[tag])
            if other not in example.passage:
                return Example(example.question.replace(word, other, 1), example.passage, (), example.source)
        return None
