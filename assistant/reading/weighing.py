"""Read the hits of a search and weigh each one: what the reader found, and how likely it answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.question import Asked
from assistant.reading.reader import PassageReading, Reader, Span
from assistant.reading.refusal import Weights, all_features, probability
from vectorstore.article import Hit
from vectorstore.sentences import sentence_spans

LEAST_CHARS = 4
ALWAYS_READ = 4
LEAST_SCORE = (
    0.003  # on training questions four passages in ten are left out, and one question in 867 loses its answer
)
_LONGEST_TITLE = 40
_INITIAL = re.compile(r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|St|No|Inc|Ltd|Co|vs))\.$")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A hit that was read; `probability` is the calibrated chance that it answers."""

    hit: Hit
    sentences: tuple[Span, ...]
    reading: PassageReading
    probability: float


def weigh(
    asked: Asked, hits: Sequence[Hit], *, reader: Reader, weights: Weights, read_for: str | None = None
) -> list[Weighed]:
    """Return the hits that are worth reading as read, likeliest to answer first.

    `read_for` is the question as the reader gets it, where it is not the one that the passages are judged by.
    """
    hits = worth_reading(hits)
    if not hits:
        return []
    sentences = [whole_sentences(hit.text) for hit in hits]
    readings = read_passages(reader, read_for or asked.text, [hit.text for hit in hits], sentences)
    found = all_features(asked, hits, readings, sentences)
    weighed = [
        Weighed(hit, spans, reading, probability(row, weights))
        for hit, spans, reading, row in zip(hits, sentences, readings, found, strict=True)
    ]
    return sorted(weighed, key=lambda item: (-item.probability, item.hit.rank))


def likeliest(weighed: Sequence[Weighed]) -> list[Weighed]:
    """Return each passage once, as it was read with the higher probability, likeliest first."""
    best: dict[str, Weighed] = {}
    for item in sorted(weighed, key=lambda item: (-item.probability, item.hit.rank)):
        best.setdefault(item.hit.passage_id, item)
    return list(best.values())


def worth_reading(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits without those that the search itself hardly believes in: reading is most of an answer's work."""
    return [hit for hit in hits if hit.rank <= ALWAYS_READ or hit.score >= LEAST_SCORE]


def whole_sentences(text: str) -> tuple[Span, ...]:
    """Return the spans of the sentences, those cut after an initial or inside a title joined again (Andrew W. Mellon)."""
    spans: list[Span] = []
    for start, end in sentence_spans(text):
        if spans and (
            _INITIAL.search(text, spans[-1][0], spans[-1][1]) or _open_title(text[slice(*spans[-1])])
        ):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans)


def _open_title(text: str) -> bool:
    return text.count("《") > text.count("》") and text.rfind("《") > len(text) - _LONGEST_TITLE


def read_passages(
    reader: Reader, question: str, passages: Sequence[str], sentences: Sequence[Sequence[Span]]
) -> list[PassageReading]:
    """Return the readings; very short texts are filled up, since the network looks at several characters at once."""
    filled = [passage.ljust(LEAST_CHARS) for passage in passages]
    return reader.read(question.ljust(LEAST_CHARS, "？"), filled, sentences)
