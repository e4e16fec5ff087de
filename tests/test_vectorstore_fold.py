from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.fold import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("臺灣的電腦", "台湾的电脑"),
        ("２０２３年８月，ＡＩ（人工智慧）", "2023年8月,ai(人工智慧)"),
        ("OpenAI", "openai"),
        ("", ""),
        ("ﬁ連㎏", "ﬁ连㎏"),  # a form of two characters is left as it is
        ("İ", "İ"),
    ],
)
def test_fold_simplifies_narrows_and_lowers(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_keeps_the_length_of_any_text(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_every_character_that_has_a_form_of_one_character_folds() -> None:
    characters = (chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    forms = {one: unicodedata.normalize("NFKC", one).lower() for one in characters}
    assert [one for one, form in forms.items() if len(form) == 1 and form != one and fold(one) == one] == []


def test_a_lone_surrogate_is_no_error() -> None:
    assert fold("中\ud800文") == "中\ud800文"


def test_phrases_that_would_grow_keep_their_length() -> None:
    text = "乾坤乾燥頭髮發展皇后後來"
    assert len(fold(text)) == len(text)
