"""Search one generation: both legs, fused, reranked, reposts collapsed, as hits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vectorstore.article import Hit
from vectorstore.catalog_reader import Filters, StoredPassage
from vectorstore.crowding import collapse_reposts, spread
from vectorstore.features import Candidate, measure
from vectorstore.fusion import FusionWeights, fuse
from vectorstore.layout import units_of
from vectorstore.library import Snapshot
from vectorstore.query import Query, query_terms, read_query
from vectorstore.rerank import RankModel, probability, rank_model
from vectorstore.synonyms import Synonyms
from vectorstore.time_wish import TimeWish, time_bonus

__all__ = ["Plan", "query_terms", "search"]

Pairs = Sequence[tuple[str, float]]

BM25_LIMIT = 2.2  # k1 + 1: what a term's weight times its idf approaches
TIMED_CANDIDATES = 30


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
    vector = snapshot.embedder.embed_question(query)
    depth = max(plan.candidates, 2 * limit)
    lexical, dense = _legs(snapshot, read, vector, depth=depth, filters=filters, time=time, plan=plan)
    fused = fuse(lexical, dense, weights=weights or FusionWeights())[: max(plan.reranked, 3 * limit)]
    passages = snapshot.reader.passages([id_ for id_, _ in fused])
    ranked = [(passages[id_], score) for id_, score in fused if id_ in passages]
    if plan.rerank and ranked:
        candidates = _candidates(snapshot, vector, [passage for passage, _ in ranked], dict(lexical), dict(dense))
        ranked = _reranked(snapshot, read, ranked, candidates, time=time, plan=plan)
    chosen = spread(collapse_reposts(ranked), limit)
    return [_hit(snapshot, passage, score, rank) for rank, (passage, score) in enumerate(chosen, start=1)]


def _legs(
    snapshot: Snapshot, query: Query, vector: NDArray[np.float32], *, depth: int, filters: Filters | None,
    time: TimeWish | None, plan: Plan,
) -> tuple[Pairs, Pairs]:  # fmt: skip
    """Return what each leg finds; where a time is wished for, also what the lexical leg finds in it."""
    terms = dict(query.terms)
    allowed = snapshot.reader.allowed(filters) if filters else None
    lexical: Pairs = snapshot.lexical.search(terms, depth, only=allowed) if plan.lexical else []
    dense: Pairs = []
    if plan.dense and allowed is not None:
        dense = snapshot.rank_among(vector, allowed, depth)
    elif plan.dense:
        dense = snapshot.dense.search(vector, depth)
    if time is not None and time.is_range and allowed is None and plan.lexical:
        timed = snapshot.reader.allowed(Filters(since=time.start, until=time.end))
        known = {id_ for id_, _ in lexical}
        found = snapshot.lexical.search(terms, TIMED_CANDIDATES, only=timed)
        lexical = [*lexical, *(pair for pair in found if pair[0] not in known)]
    return lexical, dense


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
    snapshot: Snapshot, query: Query, ranked: Sequence[tuple[StoredPassage, float]],
    candidates: Sequence[Candidate], *, time: TimeWish | None, plan: Plan,
) -> list[tuple[StoredPassage, float]]:  # fmt: skip
    model = plan.model or rank_model(snapshot.embedder.fingerprint, snapshot.reader.dense_weight())
    features = measure_candidates(snapshot, query, candidates)
    log_odds = model.log_odds(features).tolist()
    passages = [passage for passage, _ in ranked]
    if time is not None:
        newest = max((passage.published for passage in passages if passage.published), default=None)
        log_odds = [
            value + time_bonus(time, published=passage.published, text=passage.text, newest=newest)
            for value, passage in zip(log_odds, passages, strict=True)
        ]
    order = sorted(range(len(passages)), key=lambda at: -log_odds[at])
    return [(passages[at], probability(log_odds[at])) for at in order]


def measure_candidates(
    snapshot: Snapshot, query: Query, candidates: Sequence[Candidate]
) -> NDArray[np.float64]:
    """Return the features of the candidates, terms weighed by how rare they are in the library."""
    passages = len(snapshot.lexical)
    idf = {term: _idf(snapshot.lexical.document_frequency(term), passages) for term in query.terms}
    ideal = BM25_LIMIT * sum(weight * idf[term] for term, weight in query.terms.items())
    return measure(query, units_of(query, idf), candidates, ideal=ideal)


def _idf(frequency: int, passages: int) -> float:
    return math.log(1 + (max(passages - frequency, 0) + 0.5) / (frequency + 0.5))


def _hit(snapshot: Snapshot, passage: StoredPassage, score: float, rank: int) -> Hit:
    original = passage.repost_of or passage.article_id
    return Hit(
        rank=rank, score=score, passage_id=passage.passage_id, article_id=passage.article_id,
        start_char=passage.start_char, end_char=passage.end_char, text=passage.text, title=passage.title,
        source=passage.source, url=passage.url, published=passage.published,
        reposts=snapshot.reader.repost_count(original),
    )  # fmt: skip
