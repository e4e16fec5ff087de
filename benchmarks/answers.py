"""Measure the answers end to end: retrieve over each set's whole passage pool, read, answer or refuse.

Run `python -m benchmarks.answers --data DIR` (the folder that holds `dev/`). Each set's library is built once
in the cache folder and used again. Baselines: the same path with the word-overlap reader, and the best
passage shown whole as the answer. `mix` takes the gold articles of every second question away.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assistant.answer import Answer
from assistant.answering import Answering, Request
from assistant.chain import answer_chain
from assistant.evaluate import is_cited, match_short
from assistant.reading.reader import OverlapReader, Reader
from assistant.reading.refusal import OVERLAP, Weights
from assistant.session import open_reader
from assistant.settings import Settings
from ingest import ingest_paths
from vectorstore.article import Hit
from vectorstore.catalog_reader import Filters
from vectorstore.fold import fold
from vectorstore.library import Library
from vectorstore.retriever import HybridRetriever
from vectorstore.time_wish import TimeWish

RESULTS = Path(__file__).parent / "results" / "answers.json"
CACHE = Path.home() / ".cache" / "yinju-benchmarks"
HIDDEN_MOST = 40  # more passages than any question of these sets has with its answer
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Set:
    """Questions over a pool of passages; `mix` takes the gold away from every second one."""

    name: str
    questions: str
    pool: str
    targets: dict[str, float] = field(default_factory=dict)
    mix: bool = False


SETS = (
    Set("cmrc2018_trial", "cmrc2018_trial", "cmrc2018_trial", {"cited": 0.88}),
    Set("drcd_dev", "drcd_dev", "drcd_dev", {"cited": 0.84}),
    Set("rgb_noise", "rgb_noise", "rgb_noise", {"cited": 0.78, "refused at most": 0.10}),
    Set("rgb_int", "rgb_int", "rgb_int", {"all parts cited": 0.40}),
    Set("rgb_fact", "rgb_fact", "rgb_fact"),
    Set("rgb_reject", "rgb_reject", "rgb_reject", {"refused": 0.80}),
    Set("crud_1doc", "crud_1doc", "crud", {"cited": 0.72}),
    Set("dureader_robust_dev", "dureader_robust_dev", "dureader_robust_dev"),
    Set(
        "mix_cmrc2018_trial",
        "cmrc2018_trial",
        "cmrc2018_trial",
        {"precision": 0.85, "recall": 0.85},
        mix=True,
    ),
    Set("mix_rgb_noise", "rgb_noise", "rgb_noise", {"precision": 0.85, "recall": 0.85}, mix=True),
    Set("mix_crud_1doc", "crud_1doc", "crud", {"precision": 0.85, "recall": 0.85}, mix=True),
)


class WithoutGold(HybridRetriever):
    """A retriever that cannot find the articles named by `hidden`."""

    hidden: frozenset[str] = frozenset()

    def search(
        self,
        query: str,
        *,
        limit: int | None = None,
        filters: Filters | None = None,
        time: TimeWish | None = None,
    ) -> list[Hit]:
        """Return the best passages of the other articles, ranked anew."""
        if not self.hidden:
            return super().search(query, limit=limit, filters=filters, time=time)
        most = self.limit if limit is None else limit
        found = super().search(query, limit=most + HIDDEN_MOST, filters=filters, time=time)
        kept = [hit for hit in found if hit.source.rsplit("#", 1)[-1] not in self.hidden][:most]
        return [replace(hit, rank=rank) for rank, hit in enumerate(kept, start=1)]


def read_rows(path: Path) -> list[Row]:
    """Read a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def library_of(dev: Path, pool: str, embedder: str) -> Path:
    """Return the library of a pool, built on first use and brought up to date after that."""
    folder = CACHE / pool
    ingest_paths([dev / f"{pool}.passages.jsonl"], library=folder, embedder=embedder)
    return folder


def hidden_ids(row: Row) -> frozenset[str]:
    """Return the ids of every passage that may answer a question."""
    return frozenset([*row["positive_ids"], *row.get("near_dup_ids", ()), *row.get("wrong_ids", ())])


def ask_all(
    retriever: WithoutGold, reading: tuple[Reader, Weights], questions: Sequence[Row], *, mix: bool
) -> Iterator[tuple[Row, Answer]]:
    """Yield each question with its answer; with `mix`, every second one has lost its gold (no answers)."""
    reader, weights = reading
    chain = answer_chain(Answering(retriever, settings=Settings(), reader=reader, weights=weights))
    for number, row in enumerate(questions):
        lost = mix and number % 2 == 1
        retriever.hidden = hidden_ids(row) if lost else frozenset()
        yield (row | {"answers": []} if lost else row), chain.invoke(Request(row["question"]))


def measure(pairs: Sequence[tuple[Row, Answer]]) -> dict[str, float]:
    """Return the figures of one set, shares in 0..1 and milliseconds."""
    answerable = [(row, answer) for row, answer in pairs if row["answers"]]
    unanswerable = [answer for row, answer in pairs if not row["answers"]]
    refused = [(row, answer) for row, answer in pairs if answer.refused]
    times = sorted(answer.timings_ms["total"] for _, answer in pairs)
    figures: dict[str, float | None] = {"questions": len(pairs)}
    figures["cited"] = _share([is_cited(answer, tuple(row["answers"])) for row, answer in answerable])
    stated = [(row, answer) for row, answer in answerable if row.get("answer_in_passage", True)]
    if len(stated) < len(answerable):
        figures["cited_where_stated"] = _share([is_cited(a, tuple(row["answers"])) for row, a in stated])
    grouped = [(row, answer) for row, answer in answerable if len(row.get("answer_groups", ())) > 1]
    figures["all_parts_cited"] = _share(
        [all(is_cited(answer, tuple(group)) for group in row["answer_groups"]) for row, answer in grouped]
    )
    figures["refused_wrongly"] = _share([answer.refused for _, answer in answerable])
    figures["refusal_recall"] = _share([answer.refused for answer in unanswerable])
    if unanswerable and answerable:
        figures["refusal_precision"] = _share([not row["answers"] for row, _ in refused])
    shorts = [(row, answer.short_answer) for row, answer in answerable if answer.short_answer]
    figures["short_answer_f1"] = _mean([match_short(short, tuple(row["answers"])) for row, short in shorts])
    figures["short_answers"] = len(shorts)
    figures["warned"] = _share([any("不一致" in warning for warning in a.warnings) for _, a in pairs])
    answered = [answer for _, answer in pairs if not answer.refused]
    figures["citations"] = _mean([len(answer.citations) for answer in answered])
    figures["cited_chars"] = _mean([sum(len(c.cited_text) for c in answer.citations) for answer in answered])
    figures["p50_ms"] = statistics.median(times)
    figures["p95_ms"] = times[int(0.95 * (len(times) - 1))]
    return {name: round(value, 4) for name, value in figures.items() if value is not None}


def best_passage(pairs: Sequence[tuple[Row, Answer]]) -> float | None:
    """Return how often the first hit, shown whole, holds a gold answer."""
    return _share(
        [
            bool(answer.hits) and any(fold(gold) in fold(answer.hits[0].text) for gold in row["answers"])
            for row, answer in pairs
            if row["answers"]
        ]
    )


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def run_set(chosen: Set, dev: Path, *, limit: int | None, dump: Path | None) -> dict[str, Any]:
    """Return the figures of one set, with its baselines and targets."""
    settings = Settings()
    folder = library_of(dev, chosen.pool, settings.embedder)
    rows = read_rows(dev / f"{chosen.questions}.questions.jsonl")
    questions = [row for row in rows if row["question"].strip()]  # two of cmrc2018_trial are empty
    questions = questions[:: max(1, len(questions) // limit)][:limit] if limit else questions
    opened = Library.open(folder, embedder=settings.embedder)
    retriever = WithoutGold(library=opened, limit=settings.passages)
    pairs = list(ask_all(retriever, open_reader(), questions, mix=chosen.mix))
    baseline = measure(list(ask_all(retriever, (OverlapReader(), OVERLAP), questions, mix=chosen.mix)))
    opened.close()
    figures: dict[str, Any] = measure(pairs)
    figures["word_overlap"] = {
        name: baseline[name]
        for name in ("cited", "refused_wrongly", "refusal_recall", "refusal_precision")
        if name in baseline
    }
    figures["best_passage_cited"] = best_passage(pairs)
    figures["targets"] = chosen.targets
    if dump:
        write_dump(dump / f"{chosen.name}.jsonl", pairs)
    return figures


def write_dump(file: Path, pairs: Sequence[tuple[Row, Answer]]) -> None:
    """Write every question with its answer, to be looked at."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        for row, answer in pairs:
            shown = {
                "cited": is_cited(answer, tuple(row["answers"])), "refused": answer.refused,
                "question": row["question"], "gold": row["answers"], "short": answer.short_answer,
                "answer": answer.answer, "warnings": answer.warnings,
                "hits": [hit.source.rsplit("#", 1)[-1] for hit in answer.hits], "positive": row["positive_ids"],
                "in_hits": any(fold(g) in fold(hit.text) for g in row["answers"] for hit in answer.hits),
            }  # fmt: skip
            out.write(json.dumps(shown, ensure_ascii=False) + "\n")


def table(figures: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    columns = ("cited", "all_parts_cited", "refused_wrongly", "refusal_recall", "refusal_precision", "warned",
               "short_answer_f1", "p50_ms", "p95_ms")  # fmt: skip
    lines = [
        "| set | questions | " + " | ".join(columns) + " | word overlap cited | best passage | targets |"
    ]
    lines.append("|" + "---|" * (len(columns) + 5))
    for name, found in figures["sets"].items():
        cells = [f"{found[column]:.3f}" if column in found else "" for column in columns]
        overlap, best = found["word_overlap"].get("cited"), found["best_passage_cited"]
        cells += [f"{value:.3f}" if value is not None else "" for value in (overlap, best)]
        cells.append(", ".join(f"{key} {value}" for key, value in found["targets"].items()))
        lines.append(f"| {name} | {found['questions']} | " + " | ".join(cells) + " |")
    head = f"`{figures['command']}`, {figures['date']}, {figures['machine']}\n\n"
    return head + "\n".join(lines) + "\n"


def main() -> None:
    """Print all figures and write them to `benchmarks/results/`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", action="append", choices=[chosen.name for chosen in SETS])
    parser.add_argument("--limit", type=int, default=None, help="questions a set, spread over it")
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--dump", type=Path, default=None, help="write every answer here, to be looked at")
    arguments = parser.parse_args()
    figures: dict[str, Any] = {
        "command": "python -m benchmarks.answers " + " ".join(sys.argv[1:]),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "sets": {},
    }
    for chosen in SETS:
        if arguments.set and chosen.name not in arguments.set:
            continue
        started = time.perf_counter()
        figures["sets"][chosen.name] = run_set(
            chosen, arguments.data / "dev", limit=arguments.limit, dump=arguments.dump
        )
        print(chosen.name, figures["sets"][chosen.name], f"{time.perf_counter() - started:.0f} s", flush=True)
    print(table(figures))
    out = arguments.out or (RESULTS if not arguments.set else None)
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        out.with_suffix(".md").write_text("# Answers, end to end\n\n" + table(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
