"""Measure build time, size on disk, memory and search latency against the number of passages.

Run `python -m benchmarks.scale --data DIR --sizes 1000,10000,100000` (the folder that holds `dev/`). Articles
are the news of the crud set with their sentences recombined, so that words, lengths and dates are real while
no two articles are alike; they are ingested by the product, and searched with the questions of crud_1doc.
Each size is built and searched in a process of its own, then asked: warm, and from the shell. Writes `results/scale.json` and `scale.svg`; a size
that was measured before is replaced, others are kept.

Of the memory, `memory_mb` counts the pages of the files that are mapped too, which the system takes back when
it needs them; `own_memory_mb` is what the process itself holds.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from assistant import Assistant
from benchmarks.passage_set import rows
from ingest import ingest_paths
from vectorstore.catalog_reader import Filters
from vectorstore.library import Library
from vectorstore.search import search
from vectorstore.sentences import sentence_spans
from vectorstore.time_wish import TimeWish

RESULTS = Path(__file__).parent / "results"
ARTICLE_CHARS = 1000
PASSAGES_PER_ARTICLE = 3.4
QUERIES = 200


def articles(dev: Path, *, seed: int = 0) -> Iterator[str]:
    """Yield articles without end: a dated headline and sentences of many news."""
    chance = random.Random(seed)
    sentences = [
        row["text"][start:end]
        for row in rows(dev / "crud.passages.jsonl")
        for start, end in sentence_spans(row["text"])
    ]
    while True:
        day = datetime.date(2015, 1, 1) + datetime.timedelta(days=chance.randrange(3200))
        body, size = [], 0
        while size < ARTICLE_CHARS:
            body.append(chance.choice(sentences))
            size += len(body[-1])
        title = "".join(character for character in body[0] if character.isalnum())[:24]
        yield f"# {title}\n\n{day.isoformat()} 来源：新闻\n\n" + "\n\n".join(body) + "\n"


def measure(dev: Path, size: int, home: Path) -> dict[str, Any]:
    """Search a library of about `size` passages, built in `home` where it is not there yet."""
    folder, library, record = home / "articles", home / "library", home / "built.json"
    if not record.exists():
        record.write_text(json.dumps(build(dev, size, folder, library)), encoding="utf-8")
    found: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    for part in ("--search", "--ask"):
        script = [sys.executable, "-m", "benchmarks.scale", "--data", str(dev.parent), part, str(library)]
        found |= json.loads(subprocess.run(script, check=True, capture_output=True, text=True).stdout)
    return found | {"cold_ask_s": cold_ask(dev, library)}


def build(dev: Path, size: int, folder: Path, library: Path) -> dict[str, Any]:
    """Write the articles of about `size` passages to `folder` and ingest them into `library`."""
    for number, text in zip(range(max(1, round(size / PASSAGES_PER_ARTICLE))), articles(dev), strict=False):
        place = folder / f"{number // 1000}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.md").write_text(text, encoding="utf-8")
    wall, cpu = time.perf_counter(), time.process_time()
    report = ingest_paths([folder], library=library)
    return {
        "passages": report.passages,
        "build_s": round(time.perf_counter() - wall, 1),
        "build_cpu_s": round(time.process_time() - cpu, 1),
        "disk_mb": round(sum(path.stat().st_size for path in library.rglob("*") if path.is_file()) / 1e6, 1),
    }


def measure_search(dev: Path, library: Path) -> dict[str, Any]:
    """Search a library with real questions, warm; with a filter that half of the passages meet, and a time."""
    questions = [row["question"] for row in rows(dev / "crud_1doc.questions.jsonl")][:QUERIES]
    half = Filters(since=datetime.date(2019, 6, 1))
    month = Filters(since=datetime.date(2019, 6, 1), until=datetime.date(2019, 6, 30))
    wish = TimeWish(datetime.date(2019, 1, 1), datetime.date(2019, 12, 31), "2019年")
    opened = Library.open(library)
    try:
        with opened.reading() as snapshot:
            found: dict[str, Any] = {}
            for name, options in {
                "search": {}, "half": {"filters": half}, "month": {"filters": month}, "timed": {"time": wish}
            }.items():  # fmt: skip
                one: Callable[[str], object] = lambda text, o=options: search(snapshot, text, limit=8, **o)  # type: ignore[misc]  # noqa: E731
                found |= {f"{name}_{key}": value for key, value in latencies(one, questions).items()}
    finally:
        opened.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**found, "memory_mb": round(peak), "own_memory_mb": own_memory_mb()}


def measure_answers(dev: Path, library: Path) -> dict[str, Any]:
    """Ask real questions of a warm assistant: search, reading and checked quotes."""
    questions = [row["question"] for row in rows(dev / "crud_1doc.questions.jsonl")][:QUERIES]
    with Assistant.open(library) as assistant:
        found = latencies(assistant.ask, questions)
        return {f"answer_{key}": value for key, value in found.items()} | {
            "answer_own_memory_mb": own_memory_mb()
        }


def cold_ask(dev: Path, library: Path) -> float:
    """Return the seconds that `yinju ask` takes from the shell, the median of five."""
    question = rows(dev / "crud_1doc.questions.jsonl")[0]["question"]
    script = [sys.executable, "-m", "assistant.cli", "ask", question, "--library", str(library)]
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run(script, check=False, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return round(statistics.median(seconds), 2)


def own_memory_mb() -> int | None:
    """Return the memory of this process without the pages of mapped files; None where Linux does not tell."""
    rollup = Path("/proc/self/smaps_rollup")
    found = re.search(r"Anonymous:\s+(\d+)", rollup.read_text("utf-8")) if rollup.exists() else None
    return int(found[1]) // 1024 if found else None


def latencies(one: Callable[[str], object], questions: list[str]) -> dict[str, float]:
    """Return the median and the 95th percentile in ms, wall clock and CPU, after a few to warm up."""
    for question in questions[:20]:
        one(question)
    wall, cpu = [], []
    for question in questions:
        started, worked = time.perf_counter(), time.thread_time()
        one(question)
        wall.append(1000 * (time.perf_counter() - started))
        cpu.append(1000 * (time.thread_time() - worked))
    return {
        "p50_ms": round(float(np.percentile(wall, 50)), 1), "p95_ms": round(float(np.percentile(wall, 95)), 1),
        "cpu_p50_ms": round(float(np.percentile(cpu, 50)), 1),
    }  # fmt: skip


def plot(table: list[dict[str, Any]]) -> str:
    """Return an SVG of search latency and build time against size, both axes logarithmic."""
    series = (("search_p50_ms", "search p50, ms", "#1f6f54"), ("search_p95_ms", "search p95, ms", "#8ab8a4"),
              ("build_s", "build, s", "#a6502a"))  # fmt: skip
    left, top, width, height = 60, 20, 520, 280
    values = [max(float(row[key]), 0.1) for row in table for key, _, _ in series]
    low, high = np.floor(np.log10(min(values))), np.ceil(np.log10(max(values)))
    sizes = [float(np.log10(row["passages"])) for row in table]
    first, last = np.floor(sizes[0]), np.ceil(sizes[-1])

    def x(power: float) -> float:
        return float(round(left + width * (power - first) / max(last - first, 1), 1))

    def y(power: float) -> float:
        return float(round(top + height * (high - power) / max(high - low, 1), 1))

    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 350" font-family="sans-serif" font-size="12">',
        '<rect width="760" height="350" fill="white"/>',
    ]
    parts += [
        f'<path d="M{left} {y(power)}H{left + width}" stroke="#ddd"/>'
        f'<text x="{left - 8}" y="{y(power) + 4}" text-anchor="end">{10.0**power:g}</text>'
        for power in np.arange(low, high + 1)
    ]
    parts += [
        f'<text x="{x(power)}" y="{top + height + 20}" text-anchor="middle">{int(10**power):,}</text>'
        for power in np.arange(first, last + 1)
    ]
    for number, (key, label, colour) in enumerate(series):
        points = [
            (x(size), y(np.log10(max(float(row[key]), 0.1)))) for size, row in zip(sizes, table, strict=True)
        ]
        parts.append(_line(points, colour))
        parts.append(
            f'<text x="{left + width + 16}" y="{top + 20 + 20 * number}" fill="{colour}">{label}</text>'
        )
    parts.append(
        f'<text x="{left + width / 2}" y="{top + height + 42}" text-anchor="middle">passages</text></svg>'
    )
    return "\n".join(parts) + "\n"


def _line(points: list[tuple[float, float]], colour: str) -> str:
    joined = " ".join(f"{x},{y}" for x, y in points)
    circles = "".join(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>' for x, y in points)
    return f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>{circles}'


def main() -> None:
    """Measure every size, print, and write `results/scale.json` and `scale.svg`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds dev/")
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--home", type=Path, help="keep the libraries here: a later run only searches them")
    options = parser.parse_args()
    dev = options.data / "dev"
    if options.search:
        print(json.dumps(measure_search(dev, options.search)))
        return
    if options.ask:
        print(json.dumps(measure_answers(dev, options.ask)))
        return
    run = {
        "command": " ".join(["python -m benchmarks.scale", *sys.argv[1:]]),
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }
    measured = {}
    with tempfile.TemporaryDirectory() as scratch:
        for size in map(int, options.sizes.split(",")):
            home = (options.home or Path(scratch)) / str(size)
            home.mkdir(parents=True, exist_ok=True)
            measured[size] = {"size": size, **measure(dev, size, home), **run}
            print(json.dumps(measured[size]), flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    before = options.out / "scale.json"
    known = json.loads(before.read_text(encoding="utf-8"))["sizes"] if before.exists() else []
    table = sorted(
        ({row["size"]: row for row in known} | measured).values(), key=lambda row: int(row["passages"])
    )
    found = {**run, "sizes": table}
    (options.out / "scale.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (options.out / "scale.svg").write_text(plot(table), encoding="utf-8")


if __name__ == "__main__":
    main()
