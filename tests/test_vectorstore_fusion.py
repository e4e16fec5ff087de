from __future__ import annotations

from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from vectorstore.catalog_reader import StoredPassage
from vectorstore.crowding import collapse_reposts, spread
from vectorstore.fusion import FusionWeights, fuse

PAIRS = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 50), max_size=8)


def passage(name: str, article: str, *, repost_of: str | None = None) -> StoredPassage:
    return StoredPassage(name, article, 0, 1, "x", "", article, None, date(2020, 1, 1), repost_of)


def test_a_leg_that_found_nothing_changes_no_order() -> None:
    assert [id_ for id_, _ in fuse([("a", 9.0), ("b", 3.0)], [], weights=FusionWeights())] == ["a", "b"]
    assert [id_ for id_, _ in fuse([], [("b", 0.9), ("a", 0.1)], weights=FusionWeights())] == ["b", "a"]


def test_what_both_legs_find_beats_what_one_finds() -> None:
    fused = fuse([("a", 9.0), ("b", 8.9)], [("b", 0.8), ("c", 0.79), ("d", 0.1)], weights=FusionWeights(0.3))
    assert fused[0][0] == "b"


@given(PAIRS, PAIRS)
@example({"e": 5e-324}, {"a": 0.0, "e": 1.0})
def test_fused_scores_lie_between_0_and_1_and_fall(
    lexical: dict[str, float], dense: dict[str, float]
) -> None:
    fused = fuse(list(lexical.items()), list(dense.items()), weights=FusionWeights(0.4))
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1.000001 for score in scores)
    assert {id_ for id_, _ in fused} == lexical.keys() | dense.keys()


def test_of_an_article_and_its_reposts_the_first_stays() -> None:
    ranked = [
        (passage("r1", "r", repost_of="o"), 0.9),
        (passage("o1", "o"), 0.8),
        (passage("r2", "r", repost_of="o"), 0.7),
    ]
    assert [one.passage_id for one, _ in collapse_reposts(ranked)] == ["r1", "r2"]


def test_one_article_does_not_fill_the_first_hits() -> None:
    ranked = [(passage(f"a{i}", "a"), 1 - i / 10) for i in range(6)] + [
        (passage(f"b{i}", f"b{i}"), 0.3 - i / 100) for i in range(5)
    ]
    names = [one.passage_id for one, _ in spread(ranked, 8)]
    assert names[:3] == ["a0", "a1", "a2"]
    assert sum(name.startswith("a") for name in names) == 3


def test_what_was_held_back_fills_free_places() -> None:
    ranked = [(passage(f"a{i}", "a"), 1 - i / 10) for i in range(6)]
    assert [one.passage_id for one, _ in spread(ranked, 5)] == ["a0", "a1", "a2", "a3", "a4"]
