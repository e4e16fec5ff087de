"""Measure dense retrieval: how often the best passage of a whole set answers the question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from training.examples import Ids, encode
from vectorstore.fold import fold

SETS = {
    "dureader_robust_dev": "dureader_robust_dev",
    "drcd_dev": "drcd_dev",
    "rgb_noise": "rgb_noise",
    "cmrc2018_trial": "cmrc2018_trial",
    "rgb_int": "rgb_int",
    "crud_1doc": "crud",
    "chronoqa": "chronoqa",
    "rageval_zh": "rageval_zh",
}
"""Question set and the passage set it is asked of."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A tokenised question set; `answers[i]` are the places of passages that count as a hit."""

    name: str
    queries: list[Ids]
    passages: list[Ids]
    answers: list[set[int]]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_benchmark(dev: Path, name: str, tokenizer: Tokenizer) -> Benchmark:
    """Read and tokenise one question set and all passages of its passage set."""
    passages = list(_rows(dev / f"{SETS[name]}.passages.jsonl"))
    questions = list(_rows(dev / f"{name}.questions.jsonl"))
    places = {row["id"]: place for place, row in enumerate(passages)}
    return Benchmark(
        name=name,
        queries=encode(tokenizer, [fold(row["question"]) for row in questions]),
        passages=encode(tokenizer, [fold(row["text"]) for row in passages]),
        answers=[
            {places[key] for key in [*row["positive_ids"], *row.get("near_dup_ids", [])] if key in places}
            for row in questions
        ],
    )


def embed(ids: list[Ids], rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the L2-normalised mean of each text's rows, as the product computes it."""
    means = np.zeros((len(ids), rows.shape[1]), dtype=np.float32)
    for place, tokens in enumerate(ids):
        if len(tokens):
            means[place] = rows[tokens].mean(axis=0)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return means


def recall_at_1(benchmark: Benchmark, rows: npt.NDArray[np.float32]) -> float:
    """Return the share of questions whose best passage is an answer, by brute force."""
    passages = embed(benchmark.passages, rows)
    best = (embed(benchmark.queries, rows) @ passages.T).argmax(axis=1)
    return float(np.mean([int(b) in hits for b, hits in zip(best, benchmark.answers, strict=True)]))
