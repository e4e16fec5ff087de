"""Both readers keep the seam's promises."""

from __future__ import annotations

import pytest

from assistant.reading.neural_reader import MODEL_DIR, NeuralReader
from assistant.reading.reader import OverlapReader, Reader
from vectorstore.sentences import sentence_spans

PASSAGES = [
    "腾讯发布了“AI生态计划”，将开放100项AI技术。王兰表示，该计划为1000个合作伙伴赋能。",
    "闵行区努力打造人工智能体验示范地。",
    "。",
]


@pytest.fixture(params=["overlap", "neural"])
def reader(request: pytest.FixtureRequest) -> Reader:
    if request.param == "overlap":
        return OverlapReader()
    if not (MODEL_DIR / "reader.onnx").is_file():
        pytest.skip("the trained reader is not here")
    return NeuralReader()


def test_there_is_one_reading_a_passage_and_one_score_a_sentence(reader: Reader) -> None:
    sentences = [sentence_spans(passage) for passage in PASSAGES]
    readings = reader.read("AI生态计划将开放多少项AI技术？", PASSAGES, sentences)
    assert len(readings) == len(PASSAGES)
    for reading, passage, spans in zip(readings, PASSAGES, sentences, strict=True):
        assert len(reading.sentence_scores) == len(spans)
        assert 0 <= reading.span[0] <= reading.span[1] <= len(passage)
        assert all(
            0 <= score <= 1 for score in (reading.answerable, reading.span_score, *reading.sentence_scores)
        )


def test_the_sentence_that_answers_scores_highest(reader: Reader) -> None:
    sentences = [sentence_spans(passage) for passage in PASSAGES]
    reading = reader.read("AI生态计划将开放多少项AI技术？", PASSAGES, sentences)[0]
    assert reading.sentence_scores[0] == max(reading.sentence_scores)
    assert "100项" in PASSAGES[0][slice(*reading.span)] or "100" in PASSAGES[0][slice(*reading.span)]


def test_reading_twice_gives_the_same(reader: Reader) -> None:
    sentences = [sentence_spans(passage) for passage in PASSAGES]
    assert reader.read("谁？", PASSAGES, sentences) == reader.read("谁？", PASSAGES, sentences)


def test_no_passages_give_no_readings(reader: Reader) -> None:
    assert reader.read("谁？", [], []) == []


def test_traditional_questions_find_simplified_sentences() -> None:
    reading = OverlapReader().read("閔行區努力打造什麼？", [PASSAGES[1]], [sentence_spans(PASSAGES[1])])[0]
    assert reading.sentence_scores[0] > 0.9
