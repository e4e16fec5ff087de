"""Measure the recognition of reposts: `python -m benchmarks.reposts --data ../shared/data`.

Signs every crud news article, finds the pairs that share a band, and prints the rate, how many pairs lie
on each side of the threshold, and a sample around it for reading by eye.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import time
from collections import defaultdict
from pathlib import Path

from ingest.reposts import REPOST_THRESHOLD, bands, signature, similarity


def main() -> None:
    """Print the rate, the histogram and the sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="the folder that holds dev/crud.passages.jsonl"
    )
    parser.add_argument("--sample", type=int, default=30)
    options = parser.parse_args()
    with (options.data / "dev" / "crud.passages.jsonl").open(encoding="utf-8") as stream:
        texts = [json.loads(line)["text"] for line in stream]
    started = time.process_time()
    marks = [signature(text) for text in texts]
    filed = [bands(mark) for mark in marks]
    seconds = time.process_time() - started
    print(
        f"{len(texts)} articles signed and filed in {seconds:.1f} s of CPU: {len(texts) / seconds:.0f} articles/s"
    )
    found: dict[str, list[int]] = defaultdict(list)
    for index, names in enumerate(filed):
        for name in names:
            found[name].append(index)
    pairs = {pair for group in found.values() for pair in itertools.combinations(group, 2)}
    scored = sorted((similarity(marks[a], marks[b]), a, b) for a, b in pairs)
    reposts = [entry for entry in scored if entry[0] >= REPOST_THRESHOLD]
    print(f"{len(pairs)} pairs share a band, {len(reposts)} of them reach {REPOST_THRESHOLD}")
    near = [entry for entry in scored if abs(entry[0] - REPOST_THRESHOLD) < 0.08]
    for score, a, b in sorted(random.Random(1).sample(near, min(options.sample, len(near)))):
        print(
            f"{'same ' if score >= REPOST_THRESHOLD else 'other'} {score:.2f}\n   {texts[a][:110]!r}\n   {texts[b][:110]!r}"
        )


if __name__ == "__main__":
    main()
