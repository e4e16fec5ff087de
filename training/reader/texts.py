"""Questions on passages: read the training rows, cut their contexts into passages at sentence ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from training.corpus import read_rows
from vectorstore.fold import fold

MAX_PASSAGE = 420
"""Characters of a training passage; the product cuts its own at 150 to 400."""
MAX_QUESTION = 60
SENTENCE = re.compile(r"[^。！？；!?;…\n]*[。！？；!?;…\n]+[”’」』）)\"]*|[^。！？；!?;…\n]+$")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """A question on a context, all folded; no spans where the context does not answer it."""

    question: str
    context: str
    spans: tuple[Span, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Example:
    """A question on one passage; `spans` are in the passage, none where it does not answer."""

    question: str
    passage: str
    spans: tuple[Span, ...]
    source: str


def sentences(text: str) -> list[Span]:
    """Return the sentence spans of `text`, which cover it."""
    return [found.span() for found in SENTENCE.finditer(text)]


def read_questions(data: Path, name: str) -> Iterator[Row]:
    """Yield the rows of a `.qa` file."""
    for row in read_rows(data, f"{name}.qa"):
        spans = {
            (at, at + len(answer)) for answer, at in zip(row["answers"], row["answer_starts"], strict=True)
        }
        yield Row(
            question=fold(row["question"])[:MAX_QUESTION],
            context=fold(row["context"]),
            spans=tuple(sorted(span for span in spans if span[0] < span[1])),
            source=name,
        )


def windows(text: str, *, longest: int = MAX_PASSAGE) -> list[Span]:
    """Return spans of whole sentences, each up to `longest` characters, one after the other."""
    found: list[Span] = []
    for start, end in sentences(text):
        if found and end - found[-1][0] <= longest:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, min(end, start + longest)))
    return found


def crop(context: str, spans: tuple[Span, ...], chance: Random, *, longest: int = MAX_PASSAGE) -> Span:
    """Return a random window of whole sentences around one of the spans (or anywhere)."""
    cuts = sentences(context)
    low, high = chance.choice(spans) if spans else cuts[chance.randrange(len(cuts))]
    inside = [number for number, (start, end) in enumerate(cuts) if start < high and end > low]
    first, last = (inside[0], inside[-1]) if inside else (0, 0)
    target = chance.randint(80, 280) if chance.random() < 0.85 else longest
    while True:
        wider = [
            pair for pair in ((first - 1, last), (first, last + 1)) if pair[0] >= 0 and pair[1] < len(cuts)
        ]
        wider = [pair for pair in wider if cuts[pair[1]][1] - cuts[pair[0]][0] <= target]
        if not wider:
            break
        first, last = chance.choice(wider)
    start, end = cuts[first][0], cuts[last][1]
    if end - start > longest:  # one very long sentence: cut it around the span
        start = max(start, low - chance.randint(0, longest // 2))
        end = min(end, start + longest)
    return start, end


def cut_example(row: Row, window: Span) -> Example:
    """Return the row read on one window of its context."""
    start, end = window
    spans = tuple((low - start, high - start) for low, high in row.spans if start <= low and high <= end)
    return Example(row.question, row.context[start:end], spans, row.source)


def crops(rows: Iterable[Row], chance: Random) -> Iterator[Example]:
    """Yield one random crop of each row; rows whose answer does not fit are left out."""
    for row in rows:
        example = cut_example(row, crop(row.context, row.spans, chance))
        if bool(example.spans) == bool(row.spans):
            yield example
