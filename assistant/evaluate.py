"""Measure the assistant on a file of questions with known answers."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import BadQuestionFile
from vectorstore.fold import fold

if TYPE_CHECKING:
    from assistant.answer import Answer
    from assistant.session import Assistant


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the words that answer it; no answers means that it should be refused."""

    question: str
    answers: tuple[str, ...]


def read_questions(file: Path) -> list[Question]:
    """Return the questions of a JSONL file with rows {"question": …, "answers": […]}.

    Raises:
        BadQuestionFile: it cannot be read, or a row is not like that.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")  # only they end a row
        rows = [json.loads(line) for line in lines if line.strip()]
        return [_question(row["question"], row.get("answers") or []) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadQuestionFile(
            f'读不懂问题文件 {str(file)!r}（{error}）：每行应是 {{"question": "…", "answers": ["…"]}} '
            f'(cannot read {str(file)!r}: each line must be {{"question": "…", "answers": ["…"]}})'
        ) from error


def _question(question: object, answers: object) -> Question:
    golds = [answers] if isinstance(answers, str) else answers
    if not isinstance(question, str) or not question.strip():
        raise TypeError(f"question: {question!r}")
    if not isinstance(golds, list) or not all(isinstance(gold, str) for gold in golds):
        raise TypeError(f"answers: {answers!r}")
    return Question(question, tuple(gold for gold in golds if gold.strip()))


def is_cited(answer: Answer, golds: tuple[str, ...]) -> bool:
    """Tell whether a gold answer stands, folded, in what the answer cites."""
    cited = fold("\n".join(citation.cited_text for citation in answer.citations))
    return any(fold(gold) in cited for gold in golds)


def match_short(short: str, golds: tuple[str, ...]) -> float:
    """Return how well a short answer matches the best gold one: F1 of their characters, in 0..1."""
    return max((_f1(short, gold) for gold in golds), default=0.0)


def _f1(one: str, other: str) -> float:
    first, second = (Counter(filter(str.isalnum, fold(text))) for text in (one, other))
    shared = (first & second).total()
    return 2 * shared / (first.total() + second.total()) if shared else 0.0


def evaluate_file(assistant: Assistant, file: Path) -> dict[str, object]:
    """Return shares in 0..1, and seconds: answers cited, refusals right and wrong, time a question."""
    questions = read_questions(file)
    started = time.perf_counter()
    answers = [assistant.ask(question.question) for question in questions]
    seconds = time.perf_counter() - started
    pairs = list(zip(questions, answers, strict=True))
    answerable = [(q, a) for q, a in pairs if q.answers]
    unanswerable = [a for q, a in pairs if not q.answers]
    refused = [(q, a) for q, a in pairs if a.refused]
    shorts = [match_short(a.short_answer, q.answers) for q, a in answerable if a.short_answer]
    times = sorted(a.timings_ms["total"] for _, a in pairs)
    return {
        "questions": len(questions),
        "answerable": len(answerable),
        "cited_contains_answer": _share(sum(is_cited(a, q.answers) for q, a in answerable), len(answerable)),
        "refused_wrongly": _share(sum(a.refused for _, a in answerable), len(answerable)),
        "refusal_recall": _share(sum(a.refused for a in unanswerable), len(unanswerable)),
        "refusal_precision": _share(sum(not q.answers for q, _ in refused), len(refused)),
        "short_answer_f1": sum(shorts) / len(shorts) if shorts else None,
        "p50_ms": times[len(times) // 2] if times else None,
        "p95_ms": times[int(0.95 * (len(times) - 1))] if times else None,
        "milliseconds_per_question": 1000 * seconds / max(len(questions), 1),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
