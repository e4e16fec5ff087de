from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.verification.locate import Span, locate, locate_all_parts
from vectorstore.fold import fold

ARTICLE = "騰訊覓影使用AI\n Lab技術，發現早期食管癌的準確率已高達９０％；“云＋创业”计划投入15%，共1.12亿。"


def test_an_exact_quote_is_located() -> None:
    assert locate("準確率", ARTICLE) == Span(ARTICLE.index("準確率"), ARTICLE.index("準確率") + 3)


def test_a_folded_quote_has_true_offsets() -> None:
    span = locate("早期食管癌的准确率已高达90%", ARTICLE)
    assert span is not None
    assert ARTICLE[span.start : span.end] == "早期食管癌的準確率已高達９０％"


def test_white_space_and_quotation_marks_may_differ() -> None:
    span = locate("使用AI Lab技术", ARTICLE)
    assert span is not None
    assert ARTICLE[span.start : span.end] == "使用AI\n Lab技術"
    assert locate("「云+创业」计划", ARTICLE) is not None


@pytest.mark.parametrize("quote", ["准确率已高达95%", "5%，共", "共1.1", "12亿", "准确率高达90%", "", "  "])
def test_nothing_fuzzy_is_located(quote: str) -> None:
    span = locate(quote, ARTICLE)
    assert span is None or fold(ARTICLE[span.start : span.end]) == fold(quote)


def test_digits_are_not_joined_over_white_space() -> None:
    assert locate("12", "共 1 2 项") is None


def test_a_quote_with_an_ellipsis() -> None:
    span = locate_all_parts("騰訊覓影……準確率", ARTICLE)
    assert span is not None
    assert ARTICLE[span.start : span.end].endswith("準確率")
    assert locate_all_parts("準確率……騰訊覓影", ARTICLE) is None


@given(st.text(max_size=80), st.integers(0, 80), st.integers(1, 80))
def test_every_piece_of_a_text_is_located(text: str, start: int, size: int) -> None:
    piece = text[start : start + size].strip()
    span = locate(piece, text)
    assert (span is None) == (not piece)
    if span is not None:
        assert text[span.start : span.end] == piece
