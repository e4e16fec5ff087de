from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.writing.context import fit_context
from vectorstore.article import Article, Hit

TEXT = "".join(f"第{n}句说明了某件事情的经过。" for n in range(60))


def hit(rank: int, start: int, end: int, article_id: str = "a", text: str = TEXT) -> Hit:
    return Hit(
        rank,
        1 / rank,
        f"{article_id}:{start}",
        article_id,
        start,
        end,
        text[start:end],
        "标题",
        "s",
        None,
        None,
    )


def test_touching_passages_of_one_article_become_one() -> None:
    context = fit_context([hit(1, 100, 200), hit(2, 50, 110)], budget_tokens=2000, count_tokens=len)
    (passage,) = context.passages
    assert (passage.number, passage.start_char, passage.end_char) == (1, 50, 200)
    assert passage.text == TEXT[50:200]
    assert passage.passage_id_at(60) == "a:50"
    assert passage.passage_id_at(150) == "a:100"


def test_a_small_gap_is_filled_from_the_article() -> None:
    articles = {"a": Article("a", "标题", TEXT, "s")}
    hits = [hit(1, 0, 100), hit(2, 150, 200)]
    assert len(fit_context(hits, budget_tokens=2000, count_tokens=len).passages) == 2
    (passage,) = fit_context(hits, budget_tokens=2000, count_tokens=len, articles=articles).passages
    assert passage.text == TEXT[0:200]


def test_other_articles_stay_apart() -> None:
    context = fit_context([hit(1, 0, 50), hit(2, 50, 90, "b")], budget_tokens=2000, count_tokens=len)
    assert [passage.number for passage in context.passages] == [1, 2]


def test_what_the_budget_leaves_out_is_said() -> None:
    context = fit_context(
        [hit(n + 1, n * 100, n * 100 + 90, f"a{n}") for n in range(5)], budget_tokens=250, count_tokens=len
    )
    assert len(context.passages) == 2
    assert context.left_out == 3
    assert context.warning is not None
    assert "3" in context.warning


def test_a_passage_larger_than_the_budget_is_shortened_at_a_sentence_end() -> None:
    (passage,) = fit_context([hit(1, 0, 500)], budget_tokens=200, count_tokens=len).passages
    assert passage.text.endswith("。")
    assert 0 < len(passage.text) <= 200


def test_no_hits_no_context() -> None:
    assert fit_context([], budget_tokens=200, count_tokens=len).passages == ()


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 120), st.sampled_from("ab")), max_size=8))
def test_offsets_stay_true_and_the_budget_holds(spans: list[tuple[int, int, str]]) -> None:
    hits = [
        hit(n, start, min(start + size, len(TEXT)), which) for n, (start, size, which) in enumerate(spans, 1)
    ]
    articles = {which: Article(which, "标题", TEXT, "s") for which in "ab"}
    context = fit_context(hits, budget_tokens=300, count_tokens=len, articles=articles)
    assert [passage.number for passage in context.passages] == list(range(1, len(context.passages) + 1))
    for passage in context.passages:
        assert TEXT[passage.start_char : passage.end_char] == passage.text
    assert context.tokens <= 300 or len(context.passages) == 1
