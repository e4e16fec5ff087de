"""Measure retrieval on the development sets: each leg, their fusion, the reranker, and the stock pipeline.

Run `python -m benchmarks.retrieval --data DIR` (the folder that holds `dev/`); `--questions N` takes the first
N questions of each set, `--sets A,B` some sets, `--ablations` adds what happens with one part off. Each passage
of a set is indexed as it is, one passage an article. A hit is any passage that the set names as an answer or
as a near duplicate of one.

The stock pipeline is what a LangChain user gets today: RecursiveCharacterTextSplitter with its defaults, BM25
over words parted by white space, dense search, reciprocal rank fusion 1:1; with our embedder, because the
default one of Chroma (all-MiniLM-L6-v2) is a download.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.passage_set import PassageSet, SetQuestion, recalls, rows, stored
from vectorstore.catalog_reader import StoredPassage
from vectorstore.embedders import Embedder, open_embedder
from vectorstore.query import query_terms
from vectorstore.rerank import rank_model
from vectorstore.search import Plan, search

SETS = {
    "cmrc2018_trial": "cmrc2018_trial", "drcd_dev": "drcd_dev", "dureader_robust_dev": "dureader_robust_dev",
    "rgb_noise": "rgb_noise", "rgb_int": "rgb_int", "crud_1doc": "crud", "chronoqa": "chronoqa",
    "rageval_zh": "rageval_zh",
}  # fmt: skip
RESULTS = Path(__file__).parent / "results"
RRF = 60
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Set:
    """A development set."""

    name: str
    passages: list[StoredPassage]
    questions: list[SetQuestion]


def read_set(dev: Path, name: str, *, limit: int | None) -> Set:
    """Read a set; its questions without an answer among the passages are left out."""
    passages = [
        stored(row["id"], row.get("title") or "", row["text"], row.get("date"))
        for row in rows(dev / f"{SETS[name]}.passages.jsonl")
    ]
    questions = [
        SetQuestion(row["question"], frozenset([*row["positive_ids"], *row.get("near_dup_ids", [])]))
        for row in rows(dev / f"{name}.questions.jsonl")
        if row["positive_ids"]
    ]
    return Set(name, passages, questions[:limit])


def columns(one: Set, index: PassageSet, plans: dict[str, Plan]) -> Row:
    """Return R@1 and R@10 of both legs and of each plan, and what a search costs."""
    legs: dict[str, Callable[[str], list[str]]] = {
        "bm25": lambda text: [id_ for id_, _ in index.lexical.search(query_terms(text), 10)],
        "dense": lambda text: [id_ for id_, _ in index.search(index.embedder.embed_question(text), 10)],
    }
    table: Row = {"set": one.name, "passages": len(one.passages), "questions": len(one.questions)}
    for name, leg in legs.items():
        table[name] = _rounded(recalls(one.questions, leg))
    seconds: list[float] = []
    for name, plan in plans.items():
        table[name] = _rounded(recalls(one.questions, _timed(index, plan, seconds)))
    table["p50_ms"] = round(1000 * float(np.median(seconds)), 1)
    return table


def _timed(index: PassageSet, plan: Plan, seconds: list[float]) -> Callable[[str], list[str]]:
    def ranked(text: str) -> list[str]:
        started = time.perf_counter()
        hits = search(index.snapshot, text, limit=10, plan=plan)
        seconds.append(time.perf_counter() - started)
        return [hit.passage_id for hit in hits]

    return ranked


def _rounded(shares: Sequence[float]) -> list[float]:
    return [round(share, 1) for share in shares]


def stock(one: Set, embedder: Embedder) -> list[float]:
    """Return R@1 and R@10 of the stock pipeline."""
    from langchain_text_splitters import (
        RecursiveCharacterTextSplitter,
    )

    splitter = RecursiveCharacterTextSplitter()
    pieces = [
        stored(f"{passage.passage_id}\t{number}", "", piece)
        for passage in one.passages
        for number, piece in enumerate(splitter.split_text(passage.text))
    ]
    with tempfile.TemporaryDirectory() as folder, patch("vectorstore.lexical.terms", str.split):
        index = PassageSet(pieces, embedder=embedder, folder=Path(folder) / "stock")

        def ranked(text: str) -> list[str]:
            legs = (
                index.lexical.search(dict.fromkeys(text.split(), 1.0), 20),
                index.search(embedder.embed_question(text), 20),
            )
            scores: dict[str, float] = {}
            for leg in legs:
                for rank, (id_, _) in enumerate(leg, start=1):
                    scores[id_] = scores.get(id_, 0.0) + 1 / (RRF + rank)
            best = sorted(scores, key=lambda id_: -scores[id_])
            return list(dict.fromkeys(id_.partition("\t")[0] for id_ in best))[:10]

        return _rounded(recalls(one.questions, ranked))


@contextmanager
def off(part: str) -> Iterator[None]:
    """Switch folding or number terms off, in every module that uses them."""
    with ExitStack() as stack:
        if part == "folding":
            for module in ("words", "query", "layout", "embedders"):
                stack.enter_context(patch(f"vectorstore.{module}.fold", str.lower))
        elif part == "numbers":
            stack.enter_context(patch("vectorstore.words.number_terms", lambda _folded: []))
        yield


def measure_set(one: Set, embedder: Embedder, *, ablations: bool) -> Row:
    """Return the row of a set, with ablations where asked for."""
    model = rank_model(embedder.fingerprint)
    plans = {"hybrid": Plan(rerank=False), "full": Plan()}
    if ablations:
        plans |= {
            "full_without_lexical_leg": Plan(lexical=False), "full_without_dense_leg": Plan(dense=False),
            "full_without_cosine": Plan(model=model.without("cosine_z")),
            "full_without_places": Plan(model=model.without("sentence", "window")),
        }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        row = columns(one, PassageSet(one.passages, embedder=embedder, folder=Path(folder) / "ours"), plans)
    row["stock"] = stock(one, embedder)
    for part in ("folding", "numbers") if ablations else ():
        with off(part), tempfile.TemporaryDirectory() as folder:
            index = PassageSet(one.passages, embedder=embedder, folder=Path(folder) / "off")
            row[f"full_without_{part}"] = _rounded(recalls(one.questions, _timed(index, Plan(), [])))
    return row


def as_markdown(found: dict[str, object], table: Sequence[Row]) -> str:
    """Return the table as a page."""
    names = [name for name in table[0] if isinstance(table[0][name], list)]
    lines = [
        "# Retrieval", "", f"`{found['command']}`, {found['date']}, {found['machine']}, {found['embedder']}.",
        "R@1 / R@10 in points; p50 of a full search in ms, exact dense search over whole passages.", "",
        "| set | passages | questions | " + " | ".join(names) + " | p50 ms |", "|---" * (len(names) + 4) + "|",
    ]  # fmt: skip
    for row in table:
        cells = []
        for name in names:
            shares = row[name]
            cells.append(f"{shares[0]} / {shares[1]}" if isinstance(shares, list) else "")
        lines.append(
            f"| {row['set']} | {row['passages']} | {row['questions']} | {' | '.join(cells)} | {row['p50_ms']} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and write `results/retrieval.json` and `.md`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds dev/")
    parser.add_argument("--embedder", default="yinju")
    parser.add_argument("--questions", type=int, help="the first N questions of each set")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--ablations", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    embedder = open_embedder(options.embedder)
    table = []
    for name in options.sets.split(","):
        one = read_set(options.data / "dev", name, limit=options.questions)
        table.append(measure_set(one, embedder, ablations=options.ablations))
        print(json.dumps(table[-1], ensure_ascii=False), flush=True)
    found: dict[str, object] = {
        "command": " ".join(["python -m benchmarks.retrieval", *sys.argv[1:]]),
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "embedder": embedder.fingerprint,
    }
    options.out.mkdir(parents=True, exist_ok=True)
    whole = json.dumps({**found, "sets": table}, ensure_ascii=False, indent=1)
    (options.out / "retrieval.json").write_text(whole + "\n", encoding="utf-8")
    (options.out / "retrieval.md").write_text(as_markdown(found, table), encoding="utf-8")
    print(as_markdown(found, table))


if __name__ == "__main__":
    main()
