"""Measure how often the publication date is right: `python -m benchmarks.dates --data ../shared/data`.

Samples crud news rows with a fixed seed and reads each twice: as a row (its date column counts) and as
bare text. The label of a row is its column; the label of a bare text is the date in its own dateline,
found by a scan that shares no code with the parser. Prints each head for checking by eye.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from datetime import date
from pathlib import Path

from ingest.dates import date_from_head, parse_date

_DISPATCH = ("电", "讯", "消息", "报道", "专电")
_HEAD_CHARS = 150


def label_head(text: str) -> date | None:
    """Return the date that the head states for itself, by looking backwards from the word for a dispatch."""
    head = re.sub(r"\s", "", text[:_HEAD_CHARS])
    stamp = re.search(r"(20\d\d)-(\d\d)-(\d\d)\d\d:\d\d", head)
    if stamp:
        return date(*map(int, stamp.groups()))
    for position, character in enumerate(head):
        if character != "日" or not head[position + 1 :].startswith(_DISPATCH):
            continue
        before = re.search(r"(\d{4}年)?(\d{1,2})月(\d{1,2})$", head[:position])
        sentence = re.split(r"[。！？]", head[:position])[-1]
        if before is None or "据" in sentence or "援" in sentence or position > 120:
            continue
        year = before[1][:4] if before[1] else _nearby_year(text[:400], int(before[2]), int(before[3]))
        return date(int(year), int(before[2]), int(before[3])) if year else None
    return None


def _nearby_year(head: str, month: int, day: int) -> str | None:
    """Return the year of a whole date one to three days before the dateline, if it is the only year."""
    years = set(re.findall(r"(?<!\d)((?:19|20)\d\d)\s?年", head))
    for year, other_month, other_day in re.findall(
        r"(20\d\d)\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?[日号]", head
    ):
        gap = (date(int(year), month, day) - date(int(year), int(other_month), int(other_day))).days
        if (
            1 <= gap <= 3
            and len(years) == 1
            and not re.search("周年|纪念|去年|曾|历史|岁|年前|当年|生日|出生", head)
        ):
            return str(year)
    return None


def main() -> None:
    """Print the sample and the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="the folder that holds dev/crud.passages.jsonl"
    )
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20171109)
    options = parser.parse_args()
    with (options.data / "dev" / "crud.passages.jsonl").open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    row_right = text_right = 0
    for row in random.Random(options.seed).sample(rows, options.sample):
        text, column = row["text"], row.get("date") or ""
        label, bare = label_head(text), date_from_head(text)
        whole = parse_date(column) or bare
        wanted = date.fromisoformat(column) if column else label
        row_right += whole == wanted
        text_right += bare == label
        mark = "ok " if whole == wanted and bare == label else "BAD"
        print(f"{mark} row {whole} (label {wanted})  text {bare} (label {label})  {text[:80]!r}")
    print(f"\nas rows: {row_right}/{options.sample} = {row_right / options.sample:.1%} right")
    print(f"as bare text: {text_right}/{options.sample} = {text_right / options.sample:.1%} right")
    _report_dated_texts(rows)


def _report_dated_texts(rows: list[dict[str, str]]) -> None:
    """Compare every date found in a bare text with the row's own column, over all rows."""
    both = [(date_from_head(row["text"]), row["date"], row["text"]) for row in rows if row.get("date")]
    found = [(bare, date.fromisoformat(column), text) for bare, column, text in both if bare]
    wrong = [entry for entry in found if abs((entry[0] - entry[1]).days) > 1]
    print(
        f"all rows: {len(found)} of {len(both)} bare texts are dated, {len(wrong)} more than a day from the column"
    )
    for bare, stated, text in wrong:
        print(f"  {bare} against {stated}: {text[:100]!r}")


if __name__ == "__main__":
    main()
