"""Measure the reader on gold passages and its refusal on passages without an answer.

Run `python -m benchmarks.reading --data DIR` (the folder that holds `dev/`). Sentence hit@1, EM and
F1 follow the official CMRC 2018 script (punctuation removed, F1 over the longest common substring of
characters); the baseline picks the sentence that shares the rarest bigrams with the question.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import platform
import re
import sys
import time
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

from assistant.reading.neural_reader import NeuralReader
from vectorstore.fold import fold
from vectorstore.sentences import sentence_spans

TOKEN = re.compile(r"[a-z0-9_]+|\S")
RESULTS = Path(__file__).parent / "results" / "reading.json"
Span = tuple[int, int]


def rows(path: Path) -> list[dict[str, Any]]:
    """Read a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def tokens(text: str) -> list[str]:
    """Split as the CMRC 2018 script does: characters, and runs of letters or digits, no punctuation."""
    kept = "".join(" " if unicodedata.category(c)[0] in "PSZ" else c for c in text.lower())
    return TOKEN.findall(kept)


def f1(answer: str, gold: str) -> float:
    """Return the F1 of the longest common run of tokens."""
    one, two = tokens(answer), tokens(gold)
    best, row = 0, [0] * (len(two) + 1)
    for left in one:
        row = [0] + [row[at] + 1 if left == right else 0 for at, right in enumerate(two)]
        best = max(best, *row)
    return 2 * best / (len(one) + len(two)) if best else 0.0


def exact(answer: str, gold: str) -> bool:
    """Say whether two answers are the same without punctuation."""
    return tokens(answer) == tokens(gold)


def overlap_scores(question: str, passage: str, spans: list[Span]) -> list[float]:
    """Score sentences by the bigrams they share with the question, rarer ones counting more."""
    asked = {question[at : at + 2] for at in range(len(question) - 1)}
    held = [asked & {passage[at : at + 2] for at in range(low, high - 1)} for low, high in spans]
    frequency = Counter(pair for pairs in held for pair in pairs)
    return [sum(math.log(1 + len(spans) / frequency[pair]) for pair in pairs) for pairs in held]


def is_hit(passage: str, spans: list[Span], scores: list[float], question: dict[str, Any]) -> bool:
    """Say whether the best sentence holds a gold answer (or most of one that crosses sentences)."""
    low, high = spans[max(range(len(spans)), key=lambda at: scores[at])]
    if any(answer in passage[low:high] for answer in question["answers"]):
        return True
    return any(
        2 * (min(high, start + len(answer)) - max(low, start)) >= len(answer)
        for answer, start in zip(question["answers"], question["answer_starts"], strict=True)
        if not any(answer in passage[left:right] for left, right in spans)
    )


def read_gold(reader: NeuralReader, dev: Path, name: str, limit: int | None) -> dict[str, float]:
    """Measure sentence hit@1, EM and F1 with the gold passage given."""
    passages = {row["id"]: row["text"] for row in rows(dev / f"{name}.passages.jsonl")}
    questions = rows(dev / f"{name}.questions.jsonl")[:limit]
    totals = dict.fromkeys(("overlap_hit", "hit", "em", "f1", "answerable"), 0.0)
    begun = time.perf_counter()
    for question in questions:
        passage = passages[question["positive_ids"][0]]
        spans = sentence_spans(passage)
        reading = reader.read(question["question"], [passage], [spans])[0]
        answer = passage[slice(*reading.span)]
        overlap = overlap_scores(fold(question["question"]), fold(passage), spans)
        totals["overlap_hit"] += is_hit(passage, spans, overlap, question)
        totals["hit"] += is_hit(passage, spans, list(reading.sentence_scores), question)
        totals["em"] += max(exact(answer, gold) for gold in question["answers"])
        totals["f1"] += max(f1(answer, gold) for gold in question["answers"])
        totals["answerable"] += reading.answerable
    figures = {key: round(value / len(questions), 4) for key, value in totals.items()}
    return figures | {"questions": len(questions), "seconds": round(time.perf_counter() - begun, 1)}


def best_answerable(reader: NeuralReader, question: str, passages: list[str]) -> float:
    """Return the highest answerable probability of any passage."""
    return max(
        reading.answerable
        for reading in reader.read(question, passages, [sentence_spans(p) for p in passages])
    )


def read_refusal(reader: NeuralReader, dev: Path, threshold: float) -> dict[str, float]:
    """Measure how well answered and unanswered news questions part by their best passage."""
    scores: dict[str, list[float]] = {}
    for name, ids in (("rgb_noise", "positive_ids"), ("rgb_reject", "negative_ids")):
        passages = {row["id"]: row["text"] for row in rows(dev / f"{name}.passages.jsonl")}
        scores[name] = [
            best_answerable(reader, row["question"], [passages[key] for key in row[ids]])
            for row in rows(dev / f"{name}.questions.jsonl")
            if row[ids]
        ]
    answered, refused = sorted(scores["rgb_noise"]), scores["rgb_reject"]
    tenth = answered[len(answered) // 10]
    pairs = sum((a > r) + 0.5 * (a == r) for a in answered for r in refused)
    return {
        "auc": round(pairs / len(answered) / len(refused), 4),
        "reject_refused_at_10_percent_of_noise": round(sum(r < tenth for r in refused) / len(refused), 4),
        "threshold_there": round(tenth, 4),
        "threshold": threshold,
        "reject_refused": round(sum(r < threshold for r in refused) / len(refused), 4),
        "noise_refused": round(sum(a < threshold for a in answered) / len(answered), 4),
    }


def latency(reader: NeuralReader) -> float:
    """Return the median milliseconds for six passages of 400 characters."""
    passage = ("天文学家在一年轻星系中发现水蒸气，类地行星或正在形成，据英国媒体报道。" * 12)[:400]
    times = []
    for _ in range(15):
        begun = time.perf_counter()
        reader.read("天文学家在哪里发现了水蒸气？", [passage] * 6, [sentence_spans(passage)] * 6)
        times.append(time.perf_counter() - begun)
    return round(1000 * sorted(times)[7], 1)


def main() -> None:
    """Print all figures and write them to `benchmarks/results/reading.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--threshold", type=float, default=0.5)
    arguments = parser.parse_args()
    dev = arguments.data / "dev"
    reader = NeuralReader(arguments.model)
    figures: dict[str, Any] = {
        "command": "python -m benchmarks.reading " + " ".join(sys.argv[1:]),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
    }
    for name in ("cmrc2018_trial", "drcd_dev"):
        figures[name] = read_gold(reader, dev, name, arguments.limit)
        print(name, figures[name], flush=True)
    figures["refusal"] = read_refusal(reader, dev, arguments.threshold)
    print("refusal", figures["refusal"])
    figures["six_passages_ms"] = {
        str(threads): latency(NeuralReader(arguments.model, threads=threads)) for threads in (1, 2)
    }
    print("six passages of 400 characters, ms by threads", figures["six_passages_ms"])
    if arguments.limit is None:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
