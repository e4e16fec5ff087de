"""The splitter: passages rebuild the article, end at sentence ends, and keep within their budgets."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.split import PASSAGE_CHARS, PASSAGE_TOKENS, pack, split
from vectorstore.tokens import count_tokens

NEWS = "腾讯在北京发布了人工智能计划，将开放一百项技术。会上，负责人说：“今年会更好！”与会者很多……\n第二段从这里开始？"
TEXTS = st.one_of(
    st.text(max_size=3000),
    st.text(alphabet="甲乙丙。！？；…，、”“ \n\u3000a1.", max_size=4000),
    st.lists(
        st.sampled_from(["长" * 500, NEWS, "短。", "\n\n", "https://example.com/" + "x" * 300, "😀" * 40]),
        max_size=30,
    ).map("".join),
)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_passages_rebuild_the_article(text: str) -> None:
    passages = split("article", text)
    at = 0
    for passage in passages:
        assert text[at : passage.start_char].strip() == "", "only white space is left between two passages"
        assert text[passage.start_char : passage.end_char] == passage.text
        assert passage.text.strip() == passage.text != ""
        at = passage.end_char
    assert text[at:].strip() == ""


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_passages_keep_within_their_budgets(text: str) -> None:
    for passage in split("article", text):
        assert len(passage.text) <= PASSAGE_CHARS
        assert passage.tokens == count_tokens(passage.text)
        assert passage.tokens <= PASSAGE_TOKENS or len(passage.text) == 1


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_ids_are_stable_and_differ(text: str) -> None:
    ids = [passage.id for passage in split("article", text)]
    assert ids == [passage.id for passage in split("article", text)]
    assert len(set(ids)) == len(ids)
    assert not {passage.id for passage in split("another", text)} & set(ids)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=40))
def test_sentences_that_fit_are_never_cut(lengths: list[int]) -> None:
    text = "".join("字" * (length - 1) + "。" for length in lengths)
    for passage in split("article", text):
        assert passage.text.endswith("。")
        assert passage.start_char == 0 or text[passage.start_char - 1] == "。"


def test_real_sentences() -> None:
    text = NEWS * 40
    passages = split("article", text)
    assert all(passage.text[-1] in "。！？；…”" for passage in passages)
    assert max(len(passage.text) for passage in passages) > PASSAGE_CHARS * 0.8


def test_the_last_two_share_evenly() -> None:
    spans = [(at, at + 100) for at in range(0, 400, 100)]
    assert pack(spans, 360) == [(0, 200), (200, 400)]


def test_nothing_in_nothing() -> None:
    assert split("article", "") == []
    assert split("article", " \n\u3000") == []
