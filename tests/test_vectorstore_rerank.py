from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.calibration import cloze_pairs, separation
from vectorstore.embedders import HashEmbedder
from vectorstore.features import FEATURES, Candidate, measure
from vectorstore.layout import find_units, lay_out, units_of
from vectorstore.query import read_query
from vectorstore.rerank import RankModel, rank_model

QUESTION = "腾讯AI生态计划开放多少项技术？"


def features(question: str, *texts: str, titles: tuple[str, ...] | None = None) -> dict[str, np.ndarray]:
    query = read_query(question)
    idf = dict.fromkeys(query.terms, 2.0)
    candidates = [
        Candidate(str(at), titles[at] if titles else "", text, 1.0, 0.5) for at, text in enumerate(texts)
    ]
    table = measure(units_of(query, idf), candidates)
    assert table.shape == (len(texts), len(FEATURES))
    assert np.isfinite(table).all()
    return dict(zip(FEATURES, table.T, strict=True))


def test_a_passage_with_every_word_is_covered() -> None:
    found = features("人工智能公司", "人工智能公司在北京。", "北京的天气很好。")
    assert found["coverage"].tolist() == pytest.approx([1.0, 0.0])


def test_words_of_one_sentence_count_more_than_words_far_apart() -> None:
    far = "人工的东西。" + "别的话，" * 60 + "智能的东西。公司"
    found = features("人工智能公司", "人工智能公司。", far)
    assert found["sentence"][0] > found["sentence"][1]


def test_a_title_counts_as_a_part_of_its_passage() -> None:
    found = features("腾讯开放技术", "开放了100项技术。", "开放了100项技术。", titles=("腾讯", "阿里"))
    assert found["coverage"][0] > found["coverage"][1]
    assert found["title"].tolist()[1] == 0.0


def test_traditional_and_full_width_text_is_matched() -> None:
    found = features("腾讯AI技术", "騰訊ＡＩ技術")
    assert found["coverage"][0] == pytest.approx(1.0)


def test_a_model_number_is_not_found_inside_a_longer_one() -> None:
    layout = lay_out(["", ""], ["C919客机", "C9190客机"])
    query = read_query("C919")
    positions, _ = find_units(layout, units_of(query, dict.fromkeys(query.terms, 1.0)))
    assert layout.candidate[positions].tolist() == [0]


@given(st.text(max_size=20), st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_any_texts_are_measured(question: str, texts: list[str]) -> None:
    features(question, *texts)


def test_the_model_that_ships_knows_every_feature() -> None:
    model = rank_model("zh-static-256@0/256")
    assert len(model.weights) == len(FEATURES)
    assert rank_model("other@0/8").weights != model.weights
    assert rank_model("other@0/8", 0.5).weights[FEATURES.index("cosine_z")] == 0.5


MODEL = RankModel(tuple(float(at) for at in range(len(FEATURES))), bias=-4.0, coverage=4.0, lead=0.5)


def test_a_score_is_the_weighted_sum_of_features() -> None:
    row = np.ones((1, len(FEATURES)))
    assert MODEL.scores(row)[0] == sum(range(len(FEATURES)))
    assert MODEL.without(FEATURES[1]).scores(row)[0] == MODEL.scores(row)[0] - 1.0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0, 1))
def test_probabilities_fall_and_lie_between_0_and_1(scores: list[float], coverage: float) -> None:
    found = MODEL.probabilities(sorted(scores, reverse=True), coverage=coverage)
    assert found == sorted(found, reverse=True)
    assert all(0.0 <= share <= 1.0 for share in found)


def test_covering_more_of_the_question_and_leading_by_more_is_more_probable() -> None:
    poor, good = (MODEL.probabilities([1.0, 0.0], coverage=share)[0] for share in (0.2, 0.9))
    ahead = MODEL.probabilities([3.0, 0.0], coverage=0.2)[0]
    assert poor < ahead < good


def test_cloze_pairs_take_a_sentence_out() -> None:
    text = "第一句话写得足够长来做题目。第二句话也写得足够长来做题目。"
    question, rest = cloze_pairs([text, "短。"])[0]
    assert question in text
    assert question not in rest


def test_an_embedder_that_sees_words_separates_its_own_passages() -> None:
    pairs = [
        (f"关于{word}的问题{word}", f"{word}的段落说{word}，还有{word}") for word in "茶酒米面油盐酱醋糖"
    ]
    assert separation(HashEmbedder(256), pairs) > 0.5
