"""Keep one event from filling the first hits: reposts, and many passages of one article. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vectorstore.catalog_reader import StoredPassage

Ranked = tuple[StoredPassage, float]
MAX_PER_ARTICLE = 3


def collapse_reposts(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Keep, of an article and its reposts, only the one that ranks first."""
    chosen: dict[str, str] = {}
    kept = []
    for passage, score in ranked:
        original = passage.repost_of or passage.article_id
        if chosen.setdefault(original, passage.article_id) == passage.article_id:
            kept.append((passage, score))
    return kept


def spread(ranked: Sequence[Ranked], limit: int, *, most: int = MAX_PER_ARTICLE) -> list[Ranked]:
    """Return the first `limit`, with at most `most` passages an article while others can fill the places.

    What is left out comes back, in its order, where nothing else is left.
    """
    counts: Counter[str] = Counter()
    kept: list[Ranked] = []
    spare: list[Ranked] = []
    for pair in ranked:
        counts[pair[0].article_id] += 1
        (kept if counts[pair[0].article_id] <= most else spare).append(pair)
    chosen = (kept + spare)[:limit]
    return sorted(chosen, key=lambda pair: -pair[1])
