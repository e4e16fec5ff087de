"""Merge the lexical and the dense ranking into one list of candidates for the reranker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """How much the dense leg counts against the lexical one (0: lexical alone, 1: dense alone)."""

    dense: float = 0.3


def fuse(
    lexical: Sequence[tuple[str, float]], dense: Sequence[tuple[str, float]], *, weights: FusionWeights
) -> list[tuple[str, float]]:
    """Return (id, score) pairs, best first: a weighted sum of both legs, each scaled to 0..1.

    BM25 is divided by its best score; a cosine is scaled between the worst and the best of the list, so that
    neither leg's unit matters. An id that one leg did not find gets 0 from it.
    """
    best_lexical = max((score for _, score in lexical), default=1.0) or 1.0
    cosines = [score for _, score in dense]
    floor, ceiling = (min(cosines), max(cosines)) if cosines else (0.0, 1.0)
    width = (ceiling - floor) or 1.0
    scores: dict[str, float] = {}
    for id_, score in lexical:
        scores[id_] = (1.0 - weights.dense) * (score / best_lexical)
    for id_, score in dense:
        scores[id_] = scores.get(id_, 0.0) + weights.dense * ((score - floor) / width)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
