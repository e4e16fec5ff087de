"""Fit the evidence probability (`assistant.reading.refusal`), and count how rare terms are (`assistant.subject`).

`python -m training.refusal --data DIR [--reader FOLDER]` asks the questions of training contexts that the
reader was not trained on (of cmrc2018_train, antiterror_mrc_train, and cloze questions on held-out news) over the
whole pool they come from, once as they are and once without an answer: the article that answers taken away, or
only its passages that do, or a name or year of the question swapped; fits a logistic
regression to whether a passage answers; and chooses the threshold that refuses four of a hundred questions
that are answered. It prints the numbers that stand in `assistant/reading/refusal.py`.

`python -m training.refusal --data DIR --rarity` counts terms and writes `assistant/words/rarity.txt`.
"""

from __future__ import annotations

import argparse
import json
import math
import pickle
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from random import Random
from typing import Literal, TypeAlias

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]  # ships no types

from assistant.question import read_question
from assistant.reading.reader import OverlapReader, PassageReading, Reader, Span
from assistant.reading.refusal import FEATURE_NAMES, Features, Weights, all_features, probability
from assistant.reading.weighing import read_passages, whole_sentences, worth_reading
from assistant.subject import words_of
from ingest import ingest_paths
from training.corpus import read_rows
from training.reader.cloze import news_questions
from training.reader.material import HELD_ARTICLES, held_contexts, read_news
from training.reader.texts import read_questions
from vectorstore.article import Hit
from vectorstore.fold import fold
from vectorstore.library import Library
from vectorstore.search import search
from vectorstore.words import terms

CACHE = Path.home() / ".cache" / "yinju-benchmarks"
POOL_ARTICLES = 6000
READ = 8
RIDGE = 1.0
LEAST_PASSAGES = 60
RARITY_PASSAGES = 12_000
RARITY_FILE = Path("assistant/words/rarity.txt")
Lacking: TypeAlias = Literal["article", "passage", "question"]
LACKING: tuple[Lacking, ...] = ("article", "article", "passage", "question")
AGAINST = {"name_missing", "year_clash", "wrong_type", "apart"}
"""Features that speak against a passage; the others speak for it."""
WRONGLY_REFUSED = 0.04
"""The share of answerable questions that the threshold may refuse."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A question, the article that answers it, and the answers in its words, folded."""

    question: str
    article: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the passages read for it, and which of them answer."""

    question: str
    hits: tuple[Hit, ...]
    sentences: tuple[tuple[Span, ...], ...]
    readings: tuple[PassageReading, ...]
    labels: tuple[bool, ...]

    def rows(self) -> np.ndarray:
        """Return the features, one row a passage."""
        found = all_features(read_question(self.question), self.hits, self.readings, self.sentences)
        return np.array([astuple(row) for row in found])


def held_probes(data: Path, name: str, extra: int = 0) -> tuple[list[dict[str, str]], list[Probe]]:
    """Return the contexts of a question file as a pool, and the questions of those held out of training.

    `extra` news articles are added to the pool.
    """
    rows = [row for row in read_rows(data, f"{name}.qa") if row["answers"]]
    contexts = {fold(row["context"]): row["context"] for row in rows}
    held = held_contexts(list(read_questions(data, name)))
    names = {context: f"c{number}" for number, context in enumerate(sorted(contexts))}
    pool = [{"id": names[folded], "text": text, "title": ""} for folded, text in contexts.items()]
    for number, (title, text) in enumerate(read_news(data)[:extra]):
        pool.append({"id": f"n{number}", "title": title, "text": text})
    probes = [
        Probe(row["question"], names[fold(row["context"])], tuple(fold(answer) for answer in row["answers"]))
        for row in rows
        if fold(row["context"]) in held
    ]
    return pool, probes


def news_probes(data: Path) -> tuple[list[dict[str, str]], list[Probe]]:
    """Return news articles as a pool, and cloze questions on those held out of training."""
    articles = read_news(data)
    held = articles[-HELD_ARTICLES:]
    pool = [
        {"id": f"n{number}", "title": title, "text": text}
        for number, (title, text) in enumerate([*held, *articles[:POOL_ARTICLES]])
    ]
    probes = []
    for number, article in enumerate(held):
        for example in list(news_questions([article], seed=3))[:2]:
            answers = tuple(example.passage[start:end] for start, end in example.spans)
            if answers:
                probes.append(Probe(example.question, f"n{number}", answers))
    return pool, probes


def library(name: str, pool: Sequence[dict[str, str]], embedder: str) -> Library:
    """Return the library of a pool, built once in the cache folder."""
    folder = CACHE / name
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "pool.jsonl"
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in pool)
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")
    ingest_paths([file], library=folder / "library", embedder=embedder)
    return Library.open(folder / "library", embedder=embedder)


def ask(opened: Library, probe: Probe, reader: Reader, *, lacking: Lacking | None) -> Asked | None:
    """Return the features and labels of the passages that a question finds."""
    with opened.reading() as snapshot:
        hits = search(snapshot, probe.question, limit=READ + (40 if lacking else 0))
    if lacking == "article":
        hits = [hit for hit in hits if _article(hit) != probe.article]
    if lacking in ("article", "passage"):
        hits = [hit for hit in hits if not _holds(hit, probe)]
    hits = worth_reading([replace(hit, rank=rank) for rank, hit in enumerate(hits[:READ], start=1)])
    return (
        read(probe if lacking != "question" else replace(probe, answers=()), hits, reader) if hits else None
    )


def swapped(probe: Probe, others: Sequence[Probe], text: str, chance: Random) -> Probe | None:
    """Return the question with its year, or its heaviest word, changed to one that its article lacks."""
    year = re.search(r"(?<!\d)(?:1[89]|20)\d\d(?=年)", probe.question)
    if year:
        choices = [str(int(year[0]) + step) for step in (-3, -2, -1, 1, 2, 3)]
        choices = [choice for choice in choices if choice not in text]
        if choices:
            return replace(probe, question=probe.question.replace(year[0], chance.choice(choices), 1))
    heavy = max(words_of(probe.question), key=lambda word: word.weight, default=None)
    if heavy is None or not heavy.is_name_like:
        return None
    for other in chance.sample(others, 40):
        for word in words_of(other.question):
            if word.is_name_like and len(word.text) == len(heavy.text) and word.text not in text:
                start, end = heavy.start, heavy.start + len(heavy.text)
                return replace(probe, question=probe.question[:start] + word.text + probe.question[end:])
    return None


def read(probe: Probe, hits: Sequence[Hit], reader: Reader) -> Asked:
    """Read the hits and say which of them answer: those that hold an answer, in whatever article."""
    sentences = tuple(whole_sentences(hit.text) for hit in hits)
    readings = read_passages(reader, probe.question, [hit.text for hit in hits], sentences)
    labels = tuple(_holds(hit, probe) for hit in hits)
    return Asked(probe.question, tuple(hits), sentences, tuple(readings), labels)


def _article(hit: Hit) -> str:
    return hit.source.rsplit("#", 1)[-1]


def _holds(hit: Hit, probe: Probe) -> bool:
    return any(answer in fold(hit.text) for answer in probe.answers)


def collect(data: Path, reader: Reader, embedder: str, *, limit: int) -> Iterator[tuple[Asked, bool]]:
    """Yield each question twice: as it is (True), and without an answer (False)."""
    chance = Random(5)
    kinds = {
        "held_cmrc": held_probes(data, "cmrc2018_train"),
        "held_affairs": held_probes(data, "antiterror_mrc_train", extra=POOL_ARTICLES // 2),
        "held_news": news_probes(data),
    }
    for name, (pool, probes) in kinds.items():
        opened = library(name, pool, embedder)
        texts = {row["id"]: fold(row["text"]) for row in pool}
        for number, probe in enumerate(chance.sample(probes, min(limit, len(probes)))):
            asked = ask(opened, probe, reader, lacking=None)
            if asked is not None and any(asked.labels):
                yield asked, True
            lacking = LACKING[number % len(LACKING)]
            other = swapped(probe, probes, texts[probe.article], chance) if lacking == "question" else probe
            asked = ask(opened, other, reader, lacking=lacking) if other else None
            if asked is not None:
                yield asked, False
        opened.close()


def fit(rows: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Return bias and weights of a ridge logistic regression on scaled features, no weight against its sense.

    Weights of both signs fit the training sets a little better and the development sets worse.
    """
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    design = np.hstack([np.ones((len(rows), 1)), (rows - mean) / scale])
    bounds = [(None, None)] + [(None, 0) if name in AGAINST else (0, None) for name in FEATURE_NAMES]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        score = design @ weights
        penalty = RIDGE * np.r_[0.0, weights[1:]]
        cost = np.sum(np.logaddexp(0, score) - labels * score) + penalty @ weights / 2
        return float(cost), design.T @ (1 / (1 + np.exp(-score)) - labels) + penalty

    found = minimize(loss, np.zeros(design.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B").x
    scaled = found[1:] / scale
    return float(found[0] - scaled @ mean), scaled


def choose_threshold(best: np.ndarray, answerable: np.ndarray) -> float:
    """Return the highest threshold that refuses no more answerable questions than `WRONGLY_REFUSED`."""
    return float(np.quantile(best[answerable], WRONGLY_REFUSED))


def report(asked: Sequence[tuple[Asked, bool]]) -> None:
    """Fit, choose the threshold, and print both with what they reach on the data they were fitted on."""
    rows = [found.rows() for found, _ in asked]
    bias, weights = fit(
        np.vstack(rows), np.hstack([np.array(found.labels, dtype=float) for found, _ in asked])
    )
    fitted = Weights(bias, tuple(weights), threshold=0.5)
    best = np.array([max(probability(Features(*row), fitted) for row in found) for found in rows])
    answerable = np.array([is_answerable for _, is_answerable in asked])
    threshold = choose_threshold(best, answerable)
    refused = best < threshold
    print(f"questions {len(asked)}, answerable {answerable.sum()}")
    for name, weight in zip(FEATURE_NAMES, weights, strict=True):
        print(f"  {name:18} {weight:8.3f}")
    print(
        f"bias={bias:.3f}, weights=({', '.join(f'{w:.3f}' for w in weights)}), threshold={threshold:.3f}\n"
        f"refusal precision {(~answerable)[refused].mean():.3f}, recall {refused[~answerable].mean():.3f}, "
        f"wrongly refused {refused[answerable].mean():.3f}"
    )


def count_rarity(data: Path) -> None:
    """Count in how many passages each term stands, and write the levels of the common ones."""
    frequency: Counter[str] = Counter()
    passages = 0
    sources = (
        ("crud_news.text", "text"),
        ("cctv_news.text", "text"),
        ("csl_abstracts.text", "text"),
        ("cmrc2018_train.qa", "context"),
    )
    for name, key in sources:
        texts = sorted({row[key] for row in read_rows(data, name)})
        Random(7).shuffle(texts)
        for text in texts[:RARITY_PASSAGES]:
            for start in range(0, min(len(text), 1080), 360):
                frequency.update(set(terms(text[start : start + 360])))
                passages += 1
    levels: dict[int, list[str]] = {}
    for term, count in frequency.items():
        if count >= LEAST_PASSAGES and len(term) <= 12:
            levels.setdefault(int(math.log2(passages / count) * 1.5), []).append(term)
    head = (
        "# How rare a term is: level = 1.5 * log2(passages / passages that hold it), one level a line; a term that is",
        f"# not here is at level 15. Counted by training/refusal.py in {passages:,} passages of crud_news, cctv_news,",
        "# csl_abstracts and cmrc2018_train (see the model card of the reader for their licences).",
    )
    lines = [f"{level} {' '.join(sorted(levels[level]))}" for level in sorted(levels)]
    RARITY_FILE.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--reader", default="", help="folder of a neural reader, 'overlap', or empty: the shipped one"
    )
    parser.add_argument("--embedder", default="yinju")
    parser.add_argument("--limit", type=int, default=500, help="questions of each kind")
    parser.add_argument("--keep", type=Path, default=None, help="keep the features here, to be looked at")
    parser.add_argument("--rarity", action="store_true")
    arguments = parser.parse_args()
    if arguments.rarity:
        count_rarity(arguments.data)
        return
    from assistant.reading.neural_reader import NeuralReader

    folder = Path(arguments.reader) if arguments.reader else None
    reader: Reader = OverlapReader() if arguments.reader == "overlap" else NeuralReader(folder)
    asked = list(collect(arguments.data, reader, arguments.embedder, limit=arguments.limit))
    if arguments.keep:
        arguments.keep.write_bytes(pickle.dumps(asked))
    report(asked)


if __name__ == "__main__":
    main()
