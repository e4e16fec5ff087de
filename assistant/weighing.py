"""Read the hits of a search and weigh each one: what the reader found, and how likely it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.question import Asked
from assistant.reader import PassageReading, Reader, Span
from assistant.refusal import Weights, features, probability
from vectorstore.article import Hit
from vectorstore.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class Weighed:
    """A hit that was read; `probability` is the calibrated chance that it answers."""

    hit: Hit
    sentences: tuple[Span, ...]
    reading: PassageReading
    probability: float


def weigh(asked: Asked, hits: Sequence[Hit], *, reader: Reader, weights: Weights) -> list[Weighed]:
    """Return the hits as read, likeliest to answer first."""
    if not hits:
        return []
    sentences = [tuple(sentence_spans(hit.text)) for hit in hits]
    readings = reader.read(asked.text, [hit.text for hit in hits], sentences)
    weighed = [
        Weighed(hit, spans, reading, probability(features(asked, hit, reading, spans), weights))
        for hit, spans, reading in zip(hits, sentences, readings, strict=True)
    ]
    return sorted(weighed, key=lambda item: (-item.probability, item.hit.rank))
