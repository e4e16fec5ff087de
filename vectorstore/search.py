"""Search one generation: both legs, fused, reranked, reposts collapsed, as hits."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from vectorstore.allowed import Allowed
from vectorstore.article import Hit
from vectorstore.catalog_reader import Filters, StoredPassage
from vectorstore.crowding import collapse_reposts, spread
from vectorstore.features import FEATURES, Candidate, measure
from vectorstore.fusion import FusionWeights, fuse
from vectorstore.layout import units_of
from vectorstore.query import Query, query_terms, read_query
from vectorstore.rerank import RankModel, rank_model
from vectorstore.snapshot import Snapshot
from vectorstore.synonyms import Synonyms
from vectorstore.time_wish import TimeWish, time_bonus

__all__ = ["Plan", "query_terms", "search"]

Pairs = Sequence[tuple[str, float]]

TIMED_CANDIDATES = 30
COMPARED_PER_FETCHED = 10
"""How many vectors are compared in the time that the dense index gives one more hit (1 and 10 microseconds)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a search goes; everything is on but in ablations."""

    candidates: int = 100
    reranked: int = 50
    lexical: bool = True
    dense: bool = True
    model: RankModel | None = None
    """Reranks instead of the model that ships for the embedder."""
    rerank: bool = True


DEFAULT = Plan()


@cache
def _beside(_process: int) -> ThreadPoolExecutor:
    """Return where a process runs the lexical leg beside the dense one: both let go of the interpreter.

    A forked process has its own: it gets no copy of its parent's threads.
    """
    return ThreadPoolExecutor(thread_name_prefix="lexical")


def search(
    snapshot: Snapshot, query: str, *, limit: int, filters: Filters | None = None,
    weights: FusionWeights | None = None, time: TimeWish | None = None, synonyms: Synonyms | None = None,
    plan: Plan = DEFAULT,
) -> list[Hit]:  # fmt: skip
    """Return up to `limit` hits, best first; nothing for a query without words.

    A hit's score is the probability that it answers, as the reranker sees it. `time` is preferred, and never
    required: that is what `filters` are for.
    """
    if not query.strip() or limit < 1:
        return []
    read = read_query(query, ignored=time.words if time and time.relative else "", synonyms=synonyms)
    gathered = gather(snapshot, read, limit=limit, filters=filters, weights=weights, time=time, plan=plan)
    ranked: Sequence[tuple[StoredPassage, float]] = list(zip(gathered.passages, gathered.fused, strict=True))
    if plan.rerank and ranked:
        ranked = _reranked(snapshot, read, gathered, time=time, plan=plan)
    chosen = spread(collapse_reposts(ranked), limit)
    return _hits(snapshot, chosen)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The candidates of a question, best first by fusion, each with what both legs say of it."""

    passages: tuple[StoredPassage, ...]
    fused: tuple[float, ...]
    candidates: tuple[Candidate, ...]


def gather(
    snapshot: Snapshot, query: Query, *, limit: int, filters: Filters | None = None,
    weights: FusionWeights | None = None, time: TimeWish | None = None, plan: Plan = DEFAULT,
) -> Gathered:  # fmt: skip
    """Return what the legs find for a question, fused."""
    vector = snapshot.embedder.embed_question(query.text)
    depth = max(plan.candidates, 2 * limit)
    lexical, dense = _legs(snapshot, query, vector, depth=depth, filters=filters, time=time, plan=plan)
    fused = fuse(lexical, dense, weights=weights or FusionWeights())[: max(plan.reranked, 3 * limit)]
    passages = snapshot.reader.passages([id_ for id_, _ in fused])
    kept = [(passages[id_], score) for id_, score in fused if id_ in passages]
    found = tuple(passage for passage, _ in kept)
    candidates = _candidates(snapshot, vector, found, dict(lexical), dict(dense)) if plan.rerank else []
    return Gathered(found, tuple(score for _, score in kept), tuple(candidates))


def _legs(
    snapshot: Snapshot, query: Query, vector: NDArray[np.float32], *, depth: int, filters: Filters | None,
    time: TimeWish | None, plan: Plan,
) -> tuple[Pairs, Pairs]:  # fmt: skip
    """Return what each leg finds; where a time is wished for, also what the lexical leg finds in it."""
    terms = dict(query.terms)
    if filters:
        return _filtered_legs(
            snapshot, terms, vector, snapshot.reader.allowed(filters), depth=depth, plan=plan
        )
    beside = _beside(os.getpid()).submit(snapshot.lexical.search, terms, depth) if plan.lexical else None
    dense: Pairs = snapshot.rank(vector, depth) if plan.dense else []
    lexical: Pairs = beside.result() if beside else []
    if time is not None and time.is_range and plan.lexical:
        timed = snapshot.reader.allowed(Filters(since=time.start, until=time.end))
        known = {id_ for id_, _ in lexical}
        found = snapshot.lexical.search_among(terms, TIMED_CANDIDATES, allowed=timed)
        lexical = [*lexical, *(pair for pair in found if pair[0] not in known)]
    return lexical, dense


def _filtered_legs(
    snapshot: Snapshot, terms: dict[str, float], vector: NDArray[np.float32], allowed: Allowed, *,
    depth: int, plan: Plan,
) -> tuple[Pairs, Pairs]:  # fmt: skip
    if not len(allowed):
        return [], []
    lexical = snapshot.lexical.search_among(terms, depth, allowed=allowed) if plan.lexical else []
    if not plan.dense:
        return lexical, []
    more = 2 * depth * len(snapshot.lexical) // len(allowed)
    if len(allowed) > COMPARED_PER_FETCHED * more:
        dense = [pair for pair in snapshot.rank(vector, more) if pair[0] in allowed][:depth]
        if 2 * len(dense) >= depth:
            return lexical, dense
    return lexical, snapshot.rank_among(vector, allowed, depth)


def _candidates(
    snapshot: Snapshot, vector: NDArray[np.float32], passages: Sequence[StoredPassage],
    lexical: Mapping[str, float], dense: Mapping[str, float],
) -> list[Candidate]:  # fmt: skip
    """Return the candidates with both scores; a cosine that the dense leg did not give is computed."""
    missing = [passage.passage_id for passage in passages if passage.passage_id not in dense]
    ids, vectors = snapshot.reader.vectors(snapshot.embedder.fingerprint, missing)
    cosines = {**dense, **dict(zip(ids, (vectors @ vector).tolist() if ids else [], strict=True))}
    floor = min(cosines.values(), default=0.0)
    return [
        Candidate(
            passage.passage_id, passage.title, passage.text,
            lexical.get(passage.passage_id, 0.0), cosines.get(passage.passage_id, floor),
        )
        for passage in passages
    ]  # fmt: skip


def _reranked(
    snapshot: Snapshot, query: Query, gathered: Gathered, *, time: TimeWish | None, plan: Plan
) -> list[tuple[StoredPassage, float]]:
    fingerprint = snapshot.embedder.fingerprint
    model = plan.model or rank_model(fingerprint, snapshot.reader.dense_weight(fingerprint))
    features = measure_candidates(snapshot, query, gathered.candidates)
    scores = model.scores(features).tolist()
    passages = gathered.passages
    if time is not None:
        newest = max((passage.published for passage in passages if passage.published), default=None)
        scores = [
            score + time_bonus(time, published=passage.published, text=passage.text, newest=newest)
            for score, passage in zip(scores, passages, strict=True)
        ]
    order = sorted(range(len(passages)), key=lambda at: -scores[at])
    coverage = float(features[order[0], FEATURES.index("coverage")])
    found = model.probabilities([scores[at] for at in order], coverage=coverage)
    return [(passages[at], share) for at, share in zip(order, found, strict=True)]


def measure_candidates(
    snapshot: Snapshot, query: Query, candidates: Sequence[Candidate]
) -> NDArray[np.float64]:
    """Return the features of the candidates, terms weighed by how rare they are in the library."""
    passages = len(snapshot.lexical)
    frequencies = snapshot.lexical.document_frequencies(query.terms)
    idf = {term: _idf(frequency, passages) for term, frequency in frequencies.items()}
    return measure(units_of(query, idf), candidates)


def _idf(frequency: int, passages: int) -> float:
    return math.log(1 + (max(passages - frequency, 0) + 0.5) / (frequency + 0.5))


def _hits(snapshot: Snapshot, chosen: Sequence[tuple[StoredPassage, float]]) -> list[Hit]:
    originals = [passage.repost_of or passage.article_id for passage, _ in chosen]
    reposts = snapshot.reader.repost_counts(originals)
    return [
        Hit(
            rank=rank, score=score, passage_id=passage.passage_id, article_id=passage.article_id,
            start_char=passage.start_char, end_char=passage.end_char, text=passage.text, title=passage.title,
            source=passage.source, url=passage.url, published=passage.published,
            reposts=reposts.get(original, 0),
        )
        for rank, (original, (passage, score)) in enumerate(zip(originals, chosen, strict=True), start=1)
    ]  # fmt: skip
