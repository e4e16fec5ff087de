"""Measure the citation check: 500 true sentences, each made false once, and the true ones themselves.

    python -m benchmarks.mutations --data DIR

Sentences are taken from real passages as if a chat model had written them (some shortened, traditional text
also in simplified), and cite their own passage among six. Names are mutated where human annotators answered a
who or where question, so the mutator shares no list with the checker.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from assistant.verification.evidence import prepare
from assistant.verification.verify import Finding, verify_sentence
from assistant.writing.context import ContextPassage
from benchmarks.mutators import Passage, Pools, mutate, vary

SETS = ("cmrc2018_trial", "drcd_dev", "rgb_noise", "crud")
KINDS = ("number", "date", "name", "direction", "negation", "passage")
CASES = 500
NEIGHBOURS = 5
RESULTS = Path(__file__).parent / "results" / "mutations.json"

_SENTENCE = re.compile(r"[^。！？\n]+[。！？]")
_WHO_WHERE = {
    "person": re.compile("谁|誰|哪位|何人|哪一位|什么人"),
    "place": re.compile(
        "哪里|哪裡|哪儿|何地|哪个国家|哪個國家|哪个城市|哪個城市|哪座城市|哪个省|何处|何處|哪一国|哪一國"
    ),
    "organisation": re.compile(
        "哪家|哪所|哪一所|哪个公司|哪個公司|哪间|哪間|哪个机构|哪個機構|哪支|哪个组织|哪個組織"
    ),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A true sentence, the passage it is from, and its one mutation."""

    kind: str
    source: str
    sentence: str
    mutated: str
    original_words: str
    mutated_words: str
    at: int


def read_passages(data: Path, name: str) -> list[Passage]:
    """Return the passages of a set with the annotated names that occur in them."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    questions = data / f"{'crud_1doc' if name == 'crud' else name}.questions.jsonl"
    for row in map(json.loads, questions.open(encoding="utf-8")):
        kind = next((kind for kind, words in _WHO_WHERE.items() if words.search(row["question"])), None)
        for answer in row["answers"] if kind else ():
            if re.fullmatch(r"[\w·]{2,10}", answer) and not re.search(r"\d", answer):
                for passage_id in row["positive_ids"]:
                    names[passage_id][answer] = kind or ""
    rows = map(json.loads, (data / f"{name}.passages.jsonl").open(encoding="utf-8"))
    return [
        Passage(row["id"], row["text"], _published(row), names.get(row["id"], {}))
        for row in rows
        if len(row["text"]) >= 60
    ]


def _published(row: Mapping[str, str]) -> date | None:
    match = re.match(r"(\d{4})-(\d{2})-(\d{2})", row.get("date") or row["text"])
    return date(*map(int, match.groups())) if match else None


def make_cases(sets: Mapping[str, Sequence[Passage]], rng: random.Random) -> list[Case]:
    """Return 500 cases, the kinds as even as the sets allow."""
    names: dict[str, set[str]] = defaultdict(set)
    for passages in sets.values():
        for passage in passages:
            for name, kind in passage.names.items():
                names[kind].add(name)
    pools = Pools({kind: sorted(values) for kind, values in names.items()})
    cases: list[Case] = []
    counts: Counter[str] = Counter()
    for source, at, sentence in _sentences(sets, rng):
        wanted = sorted(KINDS, key=lambda kind: counts[kind])
        for kind in wanted[:4]:
            mutation = mutate(kind, sentence, sets[source][at], pools, rng)
            if mutation is not None:
                counts[kind] += 1
                cases.append(Case(kind, source, sentence, *mutation, at))
                break
        if len(cases) == CASES:
            return cases
    return cases


def _sentences(sets: Mapping[str, Sequence[Passage]], rng: random.Random) -> Iterator[tuple[str, int, str]]:
    """Yield sentences of the sets in turn, each passage once; passages with annotated names come first."""
    order = {}
    for name, passages in sets.items():
        places = rng.sample(range(len(passages)), len(passages))
        order[name] = iter(sorted(places, key=lambda at: not passages[at].names))
    while order:
        for name in list(order):
            at = next(order[name], None)
            if at is None:
                del order[name]
                continue
            passage = sets[name][at]
            found = [m[0].strip() for m in _SENTENCE.finditer(passage.text) if 15 <= len(m[0].strip()) <= 120]
            named = [s for s in found if any(n in s for n in passage.names)] or found
            if named:
                yield name, at, vary(rng.choice(named), rng)


def judge(case: Case, passages: Sequence[Passage]) -> tuple[Finding, Finding, float]:
    """Return the findings on the original and on the mutation, and the milliseconds of the two."""
    own = [(case.at + step) % len(passages) for step in range(NEIGHBOURS + 1)]
    context = [
        ContextPassage(
            number, passages[at].id, "", "", None, passages[at].published, 0, passages[at].text, ((0, ""),)
        )
        for number, at in enumerate(own, 1)
    ]
    started = time.perf_counter()
    original = verify_sentence(case.sentence, [1], prepare(context))
    mutated = verify_sentence(case.mutated, [2 if case.kind == "passage" else 1], prepare(context))
    return original, mutated, (time.perf_counter() - started) * 500


def caught(case: Case, finding: Finding) -> bool:
    """Say whether nothing false is left: unverified, or a wrong marker replaced by the right one."""
    if not finding.supported:
        return True
    return case.kind == "passage" and all(proof.number != 2 for proof in finding.proofs)


def main() -> None:
    """Print the table and write it to benchmarks/results/mutations.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of the dev sets")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", action="store_true", help="print every miss and false alarm")
    parser.add_argument("--no-write", action="store_true", help="only print")
    arguments = parser.parse_args()
    sets = {name: read_passages(arguments.data, name) for name in SETS}
    cases = make_cases(sets, random.Random(arguments.seed))
    table: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    times = []
    for case in cases:
        original, mutated, milliseconds = judge(case, sets[case.source])
        times.append(milliseconds)
        row = table[case.kind]
        row["cases"] += 1
        row["caught"] += caught(case, mutated)
        row["unverified"] += not mutated.supported
        row["false_alarms"] += not original.supported
        if arguments.misses:
            _show(case, original, mutated)
    result = _result(table, times, arguments.seed)
    _print(result)
    if not arguments.no_write:
        RESULTS.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _show(case: Case, original: Finding, mutated: Finding) -> None:
    if not caught(case, mutated):
        print(
            f"MISS {case.source} {case.kind} {case.original_words!r}->{case.mutated_words!r}: {case.mutated}"
        )
    if not original.supported:
        print(f"ALARM {case.source} {original.problem}: {case.sentence}")


def _result(table: Mapping[str, Counter[str]], times: Sequence[float], seed: int) -> dict[str, object]:
    total = sum(table.values(), Counter[str]())
    ordered = sorted(times)
    return {
        "what": "citation check: mutated sentences caught, false alarms on the originals",
        "command": f"python -m benchmarks.mutations --data {sys.argv[sys.argv.index('--data') + 1]} --seed {seed}",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "cases": total["cases"],
        "caught": round(total["caught"] / total["cases"], 4),
        "false_alarms": round(total["false_alarms"] / total["cases"], 4),
        "ms_per_sentence_p50": round(ordered[len(ordered) // 2], 2),
        "ms_per_sentence_p95": round(ordered[int(len(ordered) * 0.95)], 2),
        "by_kind": {
            kind: {**row, "caught_share": round(row["caught"] / max(row["cases"], 1), 4)}
            for kind, row in table.items()
        },
    }


def _print(result: Mapping[str, object]) -> None:
    print(f"{'kind':<10} {'cases':>5} {'caught':>7} {'unverified':>10} {'false alarms':>12}")
    by_kind = result["by_kind"]
    for kind, row in by_kind.items() if isinstance(by_kind, dict) else ():
        print(
            f"{kind:<10} {row.get('cases', 0):>5} {row['caught_share']:>7.3f} "
            f"{row.get('unverified', 0):>10} {row.get('false_alarms', 0):>12}"
        )
    print({key: value for key, value in result.items() if key not in ("by_kind", "what")})


if __name__ == "__main__":
    main()
