"""Measure how well a follow-up is completed: exact, or equivalent up to particles and punctuation.

Run `python -m benchmarks.rewrite --data DIR` (the folder that holds `dev/`). The dev set is chit-chat in which
every sentence needs completing; the news follow-ups are our own 40, some of which must be left alone.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from assistant.followups.complete import Rewrite, standalone
from assistant.followups.rewriter import open_rewriter
from vectorstore.fold import fold

NEWS = Path(__file__).parent.parent / "tests" / "news_followups.jsonl"
RESULTS = Path(__file__).parent / "results" / "rewrite.json"
Pair: TypeAlias = tuple[str, Sequence[str], str]
"""What it was completed to, the golds, and what was asked."""
_LIGHT = re.compile(r"[的了是呢吗啊呀吧嘛么哦哈嗯]|[^\w]")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def equivalent(one: str, other: str) -> bool:
    """Tell whether two questions are the same without particles and punctuation."""
    return _LIGHT.sub("", fold(one)) == _LIGHT.sub("", fold(other))


def score(pairs: Sequence[Pair]) -> dict[str, float]:
    """Return the shares that are exact, equivalent, and (the baseline) right when left as they are."""
    exact = sum(any(fold(got) == fold(gold) for gold in golds) for got, golds, _ in pairs)
    same = sum(any(equivalent(got, gold) for gold in golds) for got, golds, _ in pairs)
    raw = sum(any(equivalent(asked, gold) for gold in golds) for _, golds, asked in pairs)
    changed = sum(got != asked for got, _, asked in pairs)
    total = len(pairs)
    return {
        "rows": total,
        "exact": round(exact / total, 4),
        "exact_or_equivalent": round(same / total, 4),
        "left_as_it_is": round(raw / total, 4),
        "changed": round(changed / total, 4),
    }


def chat_pairs(data: Path, rewrite: Rewrite | None) -> list[Pair]:
    """Return the dev set: two utterances, then the one to complete."""
    pairs: list[Pair] = []
    for row in read_rows(data / "dev" / "rewrite.jsonl"):
        history = [(row["history"][0], row["history"][1])]
        pairs.append(
            (standalone(row["current"], history, rewrite=rewrite), [row["rewritten"]], row["current"])
        )
    return pairs


def news_pairs(rewrite: Rewrite | None) -> list[Pair]:
    """Return our news follow-ups."""
    pairs: list[Pair] = []
    for row in read_rows(NEWS):
        history = [tuple(turn) for turn in row["history"]]
        pairs.append(
            (standalone(row["question"], history, rewrite=rewrite), row["standalone"], row["question"])
        )
    return pairs


def main() -> None:
    """Print the figures and write them to `benchmarks/results/rewrite.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--show", type=int, default=0, help="print this many that went wrong")
    arguments = parser.parse_args()
    rewriter = open_rewriter()
    rewrite = rewriter.rewrite if rewriter else None
    chat, news = chat_pairs(arguments.data, rewrite), news_pairs(rewrite)
    figures = {
        "command": "python -m benchmarks.rewrite " + " ".join(sys.argv[1:]),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "rewrite_dev": score(chat),
        "news_followups": score(news),
        "rules_alone": {
            "rewrite_dev": score(chat_pairs(arguments.data, None)),
            "news_followups": score(news_pairs(None)),
        },
    }
    print(json.dumps(figures, ensure_ascii=False, indent=1))
    wrong = [pair for pair in [*news, *chat] if not any(equivalent(pair[0], gold) for gold in pair[1])]
    for got, golds, asked in wrong[: arguments.show]:
        print(f"{asked} -> {got} | {golds[0]}")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
