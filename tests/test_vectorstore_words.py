from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.numbers import number_terms
from vectorstore.query import read_query
from vectorstore.synonyms import expand, parse_synonyms
from vectorstore.words import TERMS_VERSION, terms

PROBE = (
    "2019年8月16日，英特尔XeSS 1.2.0版发布；“觅影”准确率达百分之九十，1.3万人（13,000元）参加。茶，007号C919客机，"
    "GPT-4與5G手機，３．５亿，第十二届，二十分之一，1/20，a_b，𠮷野家，http://a.cn/x-1，一两万，两千零二十年"
)


def test_terms_change_only_with_their_version() -> None:
    digest = hashlib.sha256(" ".join(terms(PROBE)).encode()).hexdigest()[:12]
    assert (TERMS_VERSION, digest) == (1, "ea6c2fae859d"), (
        "raise TERMS_VERSION: libraries must build their index anew"
    )


def test_han_runs_give_bigrams_and_a_lone_character_itself() -> None:
    assert terms("人工智能，茶") == ["人工", "工智", "智能", "茶"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("英特尔XeSS 1.2.0版", {"xess", "1.2.0", "1.2"}),
        ("XeSS1.2", {"xess1.2", "xess", "1.2"}),
        ("5G手机与C919客机", {"5g", "c919", "919"}),
        ("GPT-4", {"gpt-4", "gpt", "4"}),
        ("2019-08-16", {"2019-08-16", "2019", "8", "16"}),
    ],
)
def test_latin_words_and_model_numbers_are_whole_and_in_parts(text: str, found: set[str]) -> None:
    assert found <= set(terms(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.3万人", "13000人"),
        ("13,000元", "一万三千元"),
        ("1万3千", "13000"),
        ("百分之九十", "90%"),
        ("百分之90", "９０％"),
        ("二十", "20"),
        ("3.5亿元", "三点五亿元"),
        ("3.5万亿", "3500000000000"),
        ("二〇一九年", "2019年"),
        ("八月", "08月"),
        ("十二亿三千万", "12.3亿"),
        ("两千万", "2000万"),
        ("一百零五", "105"),
        ("一百五", "150"),
    ],
)
def test_numbers_written_two_ways_share_a_term(one: str, other: str) -> None:
    shared = set(terms(one)) & set(terms(other))
    assert any(any(character.isdigit() for character in term) for term in shared)


@pytest.mark.parametrize(
    "text", ["百姓", "万科集团", "三亚", "十分", "第一", "一般", "千方百计", "2019", "1.2.3.4"]
)
def test_what_is_no_number_or_stands_there_already_adds_no_term(text: str) -> None:
    assert number_terms(text) == []


@given(st.text(alphabet="0123456789.,%零一二三四五六七八九十百千万亿点分之 月a"))
def test_any_run_of_digits_is_read_without_error(text: str) -> None:
    terms(text)


def test_words_that_only_ask_are_no_terms() -> None:
    assert set(read_query("腾讯在2017年开放了多少项技术？").terms) >= {"腾讯", "2017", "技术"}
    assert not {"多少", "少项"} & set(read_query("开放了多少项技术？").terms)


def test_a_question_of_asking_words_alone_keeps_them() -> None:
    assert read_query("为什么？").terms


def test_pairs_with_a_particle_count_less() -> None:
    weights = read_query("茶叶的功效").terms
    assert weights["的功"] < weights["功效"] == 1.0


def test_time_words_can_be_left_out() -> None:
    assert not {"去年", "年的"} & set(read_query("去年的净利润", ignored="去年的").terms)


def test_synonyms_of_a_group_find_each_other() -> None:
    groups = parse_synonyms(["# 注释", "新冠, 新型冠状病毒，COVID-19", "AI 人工智能", ""])
    assert expand("新冠疫情", groups) == ["新型冠状病毒", "covid-19"]
    assert expand("ai公司", groups) == ["人工智能"]
    assert expand("said", groups) == []
    terms_of = read_query("AI公司", synonyms=groups).terms
    assert 0 < terms_of["人工"] < terms_of["公司"]
