"""A question file is measured; a bad one is a clear error."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import Assistant, Settings
from assistant.errors import BadQuestionFile
from assistant.evaluate import evaluate_file, match_short, read_questions
from ingest import ingest_paths


def test_questions_are_measured(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "闵行区努力打造人工智能体验示范地。\n嘉定区着力打造智能制造示范区。", encoding="utf-8"
    )
    ingest_paths([tmp_path / "a.txt"], library=tmp_path / "L", embedder="hash")
    file = tmp_path / "questions.jsonl"
    file.write_text(
        '{"question": "闵行区努力打造什么？", "answers": ["人工智能体验示范地"]}\n\n{"question": "《流浪地球》的票房是多少？", "answers": []}\n',
        encoding="utf-8",
    )
    with Assistant.open(tmp_path / "L", settings=Settings(embedder="hash")) as assistant:
        figures = evaluate_file(assistant, file)
    assert figures["questions"] == 2
    assert figures["cited_contains_answer"] == 1.0
    assert figures["refusal_recall"] == 1.0
    assert figures["refusal_precision"] == 1.0


def test_rows_end_at_line_feeds_alone(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_bytes('{"question": "甲\u2028乙\x85丙"}\r\n{"question": "丁"}\n'.encode())
    assert [question.question for question in read_questions(file)] == ["甲\u2028乙\x85丙", "丁"]


@pytest.mark.parametrize(
    "text",
    [
        "不是JSON",
        "[1]",
        '{"answers": []}',
        '"问"',
        '{"question": 1}',
        '{"question": " "}',
        '{"question": "几个？", "answers": [24]}',
        '{"question": "几个？", "answers": {"24": 1}}',
    ],
)
def test_a_bad_file_is_a_clear_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadQuestionFile, match="读不懂问题文件"):
        read_questions(file)


def test_one_answer_may_stand_for_itself(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(
        '{"question": "几个？", "answers": "24"}\n{"question": "谁？", "answers": [""]}', encoding="utf-8"
    )
    assert [question.answers for question in read_questions(file)] == [("24",), ()]


def test_short_answers_are_compared_by_their_characters() -> None:
    assert match_short("100项", ("100项",)) == 1.0
    assert match_short("高达90%", ("90%",)) == pytest.approx(2 * 2 / 6)
    assert match_short("甲", ("乙",)) == 0.0
    assert match_short("甲", ()) == 0.0
