"""Time an ingest: `python -m benchmarks.ingest --data DIR [--articles N] [--json FILE]`.

Reads DIR/crud.passages.jsonl as one JSONL file and as a folder of one file each. Every step runs in its own
process, so that its peak memory is its own; CPU seconds stand beside wall time because machines are shared.
The yardstick is what Chroma and tantivy alone need for the same vectors and words, in one process, one after
the other.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

NEW = 10
TARGETS = {"passages_per_second": 2000, "unchanged_seconds": 2, "added_seconds": 3, "ratio": 1.3}


def main() -> None:
    """Run every step and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=0, help="how many (all)")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps(_step(*arguments.step)))
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = _run_all(Path(folder), arguments.data, arguments.articles)
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _run_all(home: Path, data: Path, count: int) -> list[dict[str, Any]]:
    lines = (data / "crud.passages.jsonl").read_text(encoding="utf-8").splitlines()
    lines = lines[:count] if count else lines
    kept, new = lines[:-NEW], lines[-NEW:]
    (home / "one").mkdir()
    (home / "one" / "articles.jsonl").write_text("\n".join(kept), encoding="utf-8")
    (home / "each").mkdir()
    for number, line in enumerate(kept):
        _write_one(home / "each", number, line)
    time.sleep(0.1)  # a file just written is read again: its clock ticks too coarsely to tell
    rows = []
    for shape in ("one", "each"):
        rows.append(_measure(f"{shape}: first", home / shape, home / f"{shape}-library", "ingest"))
        rows.append(_measure(f"{shape}: unchanged", home / shape, home / f"{shape}-library", "ingest"))
        if shape == "one":
            (home / "one" / "more.jsonl").write_text("\n".join(new), encoding="utf-8")
        else:
            for number, line in enumerate(new):
                _write_one(home / "each", len(kept) + number, line)
        rows.append(_measure(f"{shape}: {NEW} more", home / shape, home / f"{shape}-library", "ingest"))
    rows.append(_measure("rebuild", home / "one", home / "one-library", "rebuild"))
    alone = _measure("chroma + tantivy alone", home / "alone", home / "one-library", "alone")
    rows.append(alone)
    for row in rows:
        if row["step"].endswith("first"):
            row["ratio"] = round(row["seconds"] / alone["seconds"], 2)
            row["cpu_ratio"] = round(row["cpu_seconds"] / alone["cpu_seconds"], 2)
    return rows


def _write_one(folder: Path, number: int, line: str) -> None:
    row = json.loads(line)
    title = f"# {row['title']}\n\n" if row.get("title") else ""
    place = folder / f"{number // 1000:03}"
    place.mkdir(exist_ok=True)
    (place / f"{number:06}.md").write_text(f"{title}{row['text']}\n", encoding="utf-8")


def _measure(name: str, source: Path, library: Path, what: str) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.ingest",
        "--data",
        ".",
        "--step",
        what,
        str(source),
        str(library),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    row = {"step": name, **json.loads(done.stdout.splitlines()[-1])}
    print(row, file=sys.stderr, flush=True)
    return row


def _step(what: str, source: str, library: str) -> dict[str, Any]:
    return _alone(Path(source), Path(library)) if what == "alone" else _ingest(what, source, library)


def _ingest(what: str, source: str, library: str) -> dict[str, Any]:
    from ingest import ingest_paths

    started, cpu = time.perf_counter(), _cpu()
    ends: dict[str, float] = {}

    def on_progress(stage: str, _done: int, _total: int) -> None:
        ends[stage] = round(time.perf_counter() - started, 2)

    report = ingest_paths([source], library=library, rebuild=what == "rebuild", on_progress=on_progress)
    seconds = time.perf_counter() - started
    changed = report.added or (report.articles if what == "rebuild" else 0)
    rates: dict[str, Any] = {}
    if changed > NEW:
        rates = {
            "articles_per_second": round(report.articles / seconds),
            "passages_per_second": round(report.passages / seconds),
        }
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(_cpu() - cpu, 2),
        "peak_mb": _peak(),
        "articles": report.articles,
        "passages": report.passages,
        "embedded": report.embedded,
        **rates,
        "stage_ends": ends,
    }


def _alone(folder: Path, library: Path) -> dict[str, Any]:
    """Give Chroma and tantivy what the library gives them, from memory."""
    import chromadb  # noqa: F401  # an ingest imports it too, while it reads

    from vectorstore.catalog import Catalog
    from vectorstore.catalog_reader import CatalogReader
    from vectorstore.dense import open_embedded
    from vectorstore.lexical import LexicalIndex
    from vectorstore.staging import ALL, Staging

    catalog = Catalog(library)
    entries = [entry for batch in Staging(catalog).entries(ALL) for entry in batch]
    ids, vectors = CatalogReader(catalog, catalog.generation).vectors(
        str(catalog.fingerprint), [entry.passage_id for entry in entries]
    )
    started, cpu = time.perf_counter(), _cpu()
    dense = open_embedded(folder / "dense", create_for=len(ids))
    dense.add(ids, vectors)
    dense.close()
    middle = time.perf_counter()
    rows = [(entry.passage_id, entry.title, entry.text) for entry in entries]
    LexicalIndex(folder / "lexical", create=True).change([], [rows])
    ended = time.perf_counter()
    return {
        "seconds": round(ended - started, 2),
        "cpu_seconds": round(_cpu() - cpu, 2),
        "chroma_seconds": round(middle - started, 2),
        "tantivy_seconds": round(ended - middle, 2),
        "passages": len(ids),
    }


def _cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak() -> int:
    """Return the peak resident memory in MB, of this process and its largest child."""
    kilobytes = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    )
    return kilobytes // 1000


if __name__ == "__main__":
    main()
