"""Draw training batches: queries, the passages that answer them, and passages that nearly do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.examples import Cloze, Ids, Labelled

LABELLED_QUERIES = 512
CLOZE_QUERIES = 768
NEIGHBOURS = 24
"""Cloze passages are drawn in groups of this size that lie near one another: harder negatives."""
NEIGHBOURHOOD = 20_000
"""Neighbours are looked for among this many passages at a time, in shuffled order."""
MAX_PASSAGE_TOKENS = 220
REMOVED_SHARE = 0.4
"""How often the sentence that a cloze query was cut from is missing from its passage."""
NOISE_SHARE = 0.5
QUESTION_WORDS = (
    "什么 是什么 为什么 怎么 怎么样 如何 多少 有多少 多少钱 哪 哪个 哪些 哪里 哪一年 哪年 谁 是谁 几 多久 多长时间"
    " 什么时候 何时 何地 什么意思 有什么 有哪些 怎么办 怎么做 吗 呢 是 的 了 在 请问 是否 能不能 好不好 哪种 多大"
).split()


@dataclass(frozen=True, slots=True)
class Batch:
    """Queries and candidate passages; `answers[i]` is query i's passage, `keys` tell passages apart."""

    queries: list[Ids]
    passages: list[Ids]
    answers: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]


def cut_query(sentence: Ids, random: np.random.Generator, noise: Sequence[Ids]) -> Ids:
    """Return a query-like stretch of a sentence: a few pieces, some lost, question words added."""
    length = min(len(sentence), int(random.integers(3, 18)))
    start = int(random.integers(0, len(sentence) - length + 1))
    stretch = sentence[start : start + length]
    kept = stretch[random.random(length) < random.uniform(0.5, 1.0)]
    query = kept if len(kept) > 1 else stretch
    if random.random() < NOISE_SHARE:
        words = [noise[place] for place in random.integers(0, len(noise), random.integers(1, 3))]
        query = np.concatenate([query, *words])
    return query


def cut_passage(passage: Ids, random: np.random.Generator) -> Ids:
    """Return the passage, or its first part of random length where it is long."""
    return passage[: int(random.integers(120, MAX_PASSAGE_TOKENS))]


def labelled_part(
    examples: Labelled,
    hard: npt.NDArray[np.int64],
    random: np.random.Generator,
) -> Batch:
    """Draw labelled queries, their passages, and one mined hard negative for each."""
    drawn = random.choice(len(examples.queries), LABELLED_QUERIES, p=examples.weights)
    drawn = drawn[np.unique(examples.answers[drawn], return_index=True)[1]]
    answers = examples.answers[drawn]
    wrong = hard[drawn, random.integers(0, hard.shape[1], len(drawn))]
    keys = np.concatenate([answers, np.setdiff1d(wrong, answers)])
    return Batch(
        queries=[examples.queries[place] for place in drawn],
        passages=[cut_passage(examples.passages[place], random) for place in keys],
        answers=np.arange(len(drawn)),
        keys=keys,
    )


def cloze_part(
    examples: Cloze,
    embeddings: npt.NDArray[np.float32],
    random: np.random.Generator,
    noise: Sequence[Ids],
) -> Batch:
    """Draw groups of neighbouring passages, and cut a query from each passage."""
    first = int(random.integers(0, max(1, len(examples.passages) - NEIGHBOURHOOD)))
    near_by = embeddings[first : first + NEIGHBOURHOOD]
    seeds = random.integers(0, len(near_by), CLOZE_QUERIES // NEIGHBOURS)
    near = np.argpartition(-(near_by[seeds] @ near_by.T), NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    drawn = first + np.unique(near)
    queries, passages = [], []
    for place in drawn:
        sentences = examples.passages[place]
        chosen = int(random.integers(0, len(sentences)))
        queries.append(cut_query(sentences[chosen], random, noise))
        others = sentences[:chosen] + sentences[chosen + 1 :]
        removed = len(others) > 0 and random.random() < REMOVED_SHARE
        passages.append(np.concatenate(others if removed else sentences))
    return Batch(queries, passages, np.arange(len(drawn)), drawn)


def join(labelled: Batch, cloze: Batch, *, offset: int) -> Batch:
    """Return one batch of both; `offset` keeps the keys of cloze passages apart."""
    return Batch(
        queries=labelled.queries + cloze.queries,
        passages=labelled.passages + cloze.passages,
        answers=np.concatenate([labelled.answers, cloze.answers + len(labelled.passages)]),
        keys=np.concatenate([labelled.keys, cloze.keys + offset]),
    )
