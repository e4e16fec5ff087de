"""Measure answers that take several articles, or a whole long one: comparisons, parts, summaries.

Run `python -m benchmarks.several --data DIR` (the folder that holds `dev/`). `evidence` is the share of the
4-grams of each reference sentence that the cited text holds; `verdict` is counted on questions which event came
first, or whether they fell in one year, month or day.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.answer import Answer
from assistant.answering import Answering, Request
from assistant.chain import answer_chain
from assistant.comparison import read_comparison
from assistant.evaluate import is_cited, match_short
from assistant.session import open_reader
from assistant.settings import Settings
from benchmarks.answers import Row, library_of, read_rows
from vectorstore.fold import fold
from vectorstore.library import Library
from vectorstore.retriever import HybridRetriever

RESULTS = Path(__file__).parent / "results" / "several.json"
SETS = ("rageval_zh", "chronoqa")
_NO = re.compile("不|否|没")
_UNANSWERABLE = "无法回答"
_GRAM = 4
Pair = tuple[Row, Answer]


def ask_all(dev: Path, name: str, limit: int | None) -> list[Pair]:
    """Return the questions of a set, spread over it, with their answers as of each question's own date."""
    settings = Settings()
    rows = read_rows(dev / f"{name}.questions.jsonl")
    rows = rows[:: max(1, len(rows) // limit)][:limit] if limit else rows
    opened = Library.open(library_of(dev, name, settings.embedder), embedder=settings.embedder)
    retriever = HybridRetriever(library=opened, limit=settings.passages)
    reader, weights = open_reader()
    pairs = []
    for row in rows:
        asked_on = settings.model_copy(update={"as_of": _day(row.get("question_date"))})
        answering = Answering(retriever, settings=asked_on, reader=reader, weights=weights)
        pairs.append((row, answer_chain(answering).invoke(Request(row["question"]))))
    opened.close()
    return pairs


def _day(written: str | None) -> datetime.date | None:
    match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", written or "")
    return datetime.date(*map(int, match.groups())) if match else None


def measure(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Return the figures of the questions of one kind, shares in 0..1."""
    answerable = [(row, answer) for row, answer in pairs if row["answers"][0][:4] != _UNANSWERABLE]
    times = sorted(answer.timings_ms["total"] for _, answer in pairs)
    answered = [answer for _, answer in answerable if not answer.refused]
    verdicts = [found for row, answer in answerable if (found := verdict(row, answer))]
    figures = {
        "questions": len(pairs),
        "refused_wrongly": _mean([answer.refused for _, answer in answerable]),
        "refused_rightly": _mean([a.refused for row, a in pairs if row["answers"][0][:4] == _UNANSWERABLE]),
        "evidence": _mean([evidence(row, answer) for row, answer in answerable if row.get("evidence")]),
        "all_articles_cited": _mean([cites_all(row, answer) for row, answer in answerable]),
        "cited": _mean([
            is_cited(answer, tuple(gold.rstrip("。") for gold in row["answers"]))
            for row, answer in answerable if row.get("answer_in_passage")
        ]),
        "compared": len(verdicts) or None,
        "verdict_right": _mean([found == "right" for found in verdicts]),
        "verdict_wrong": _mean([found == "wrong" for found in verdicts]),
        "cited_chars": _mean([sum(len(c.cited_text) for c in answer.citations) for answer in answered]),
        "p50_ms": statistics.median(times),
        "p95_ms": times[int(0.95 * (len(times) - 1))],
    }  # fmt: skip
    return {name: round(value, 3) for name, value in figures.items() if value is not None}


def evidence(row: Row, answer: Answer) -> float:
    """Return how much of the reference sentences is cited: the mean of their shares, in 0..1."""
    cited = _grams("\n".join(citation.cited_text for citation in answer.citations))
    shares = [len(grams & cited) / len(grams) for sentence in row["evidence"] if (grams := _grams(sentence))]
    return sum(shares) / max(1, len(shares))


def _grams(text: str) -> set[str]:
    folded = re.sub(r"\s", "", fold(text))
    return {folded[at : at + _GRAM] for at in range(len(folded) - _GRAM + 1)}


def cites_all(row: Row, answer: Answer) -> bool:
    """Tell whether every article that the reference answer needs is cited."""
    return set(row["positive_ids"]) <= {citation.source.rsplit("#", 1)[-1] for citation in answer.citations}


def verdict(row: Row, answer: Answer) -> str | None:
    """Return "right", "wrong" or "none" for a question that compares events in time, None for others."""
    comparison = read_comparison(row["question"])
    if comparison is None or row.get("kind") != "time_aggregate":
        return None
    short, gold = answer.short_answer, row["answers"][0]
    if short is None or not any("按引文比较" in warning for warning in answer.warnings):
        return "none"
    if comparison.wanted == "same":
        return "right" if (short == "是") == (_NO.match(gold) is None) else "wrong"
    nearest = max(comparison.names, key=lambda name: match_short(name, (gold,)))
    return "right" if short == nearest else "wrong"


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def table(figures: dict[str, Any]) -> str:
    """Return the figures as a Markdown table, a line for each kind of question."""
    columns = ("questions", "evidence", "cited", "all_articles_cited", "refused_wrongly", "refused_rightly", "compared",
               "verdict_right", "verdict_wrong", "cited_chars", "p50_ms", "p95_ms")  # fmt: skip
    lines = ["| kind | " + " | ".join(columns) + " |", "|" + "---|" * (len(columns) + 1)]
    for name, found in figures["kinds"].items():
        lines.append(
            f"| {name} | " + " | ".join(f"{found[c]:g}" if c in found else "" for c in columns) + " |"
        )
    return f"`{figures['command']}`, {figures['date']}, {figures['machine']}\n\n" + "\n".join(lines) + "\n"


def main() -> None:
    """Print all figures and write them to `benchmarks/results/`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=None, help="questions a set, spread over it")
    arguments = parser.parse_args()
    figures: dict[str, Any] = {
        "command": "python -m benchmarks.several " + " ".join(sys.argv[1:]),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "kinds": {},
    }
    for name in SETS:
        pairs = ask_all(arguments.data / "dev", name, arguments.limit)
        for kind in dict.fromkeys(row["kind"] for row, _ in pairs):
            figures["kinds"][kind] = measure([pair for pair in pairs if pair[0]["kind"] == kind])
            print(kind, figures["kinds"][kind], flush=True)
    RESULTS.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    RESULTS.with_suffix(".md").write_text("# Answers of several parts\n\n" + table(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
