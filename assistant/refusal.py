"""Decide whether a passage answers: one calibrated probability from retrieval, reading and words.

The probability is a logistic regression over the features below. Its weights and the threshold are fitted by
`python -m training.refusal` on training questions, half of them with the passage that answers taken away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

from assistant.dates_in_text import find_dates
from assistant.question import Asked
from assistant.reader import EXPECTED, PassageReading, Span
from assistant.subject import coverage, missing_words
from vectorstore.article import Hit
from vectorstore.fold import fold


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for and against one passage."""

    answerable: float
    """Log odds of the reader's probability that the passage answers."""
    sentence: float
    """Log odds of the best sentence's score."""
    span: float
    """Log of the span's probability."""
    retrieval: float
    """The hit's score, 0..1."""
    rank: float
    """1 / rank."""
    missing: float
    """Weight share of the question's words that passage, title and date lack."""
    name_missing: float
    """Weight of the heaviest such word."""
    sentence_missing: float
    """The same share for the best sentence and the one before it."""
    year_clash: float
    """1 where the question names a year and the evidence another one."""
    wrong_type: float
    """1 where a number or date is asked and the best sentence has none."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted logistic regression over `Features`."""

    bias: float
    weights: tuple[float, ...]
    threshold: float


OVERLAP = Weights(
    bias=3.0, weights=(0.0, 0.5, 0.0, 0.5, 0.5, -5.0, -2.0, -3.0, -3.0, -1.5), threshold=0.5
)
NEURAL = OVERLAP

_FLOOR = 1e-4


def log_odds(probability: float) -> float:
    """Return log(p / (1 - p)), with p kept away from 0 and 1."""
    kept = min(max(probability, _FLOOR), 1 - _FLOOR)
    return math.log(kept / (1 - kept))


def features(asked: Asked, hit: Hit, reading: PassageReading, sentences: Sequence[Span]) -> Features:
    """Return the features of one passage."""
    passage = fold(hit.text)
    title = fold(hit.title)
    scores = reading.sentence_scores
    best = max(range(len(scores)), key=lambda at: (scores[at], -at)) if scores else 0
    start = sentences[max(best - 1, 0)][0] if sentences else 0
    end = sentences[best][1] if sentences else 0
    sentence = passage[sentences[best][0] : end] if sentences else ""
    around = f"{title}\n{_date_words(hit)}\n{passage}"
    absent = missing_words(asked.words, around)
    expected = EXPECTED.get(asked.kind)
    return Features(
        answerable=log_odds(reading.answerable),
        sentence=log_odds(scores[best] if scores else 0.0),
        span=math.log(max(reading.span_score, _FLOOR)),
        retrieval=hit.score,
        rank=1 / hit.rank,
        missing=1 - coverage(asked.words, around),
        name_missing=absent[0].weight if absent else 0.0,
        sentence_missing=1 - coverage(asked.words, passage[start:end] + title),
        year_clash=year_clash(asked, hit, passage, (start, end)),
        wrong_type=float(expected is not None and expected.search(sentence) is None),
    )


def _date_words(hit: Hit) -> str:
    day = hit.published
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def year_clash(asked: Asked, hit: Hit, passage: str, evidence: Span) -> float:
    """Return 1 where the evidence names another year than the question, less where only its surroundings do."""
    if not asked.years:
        return 0.0
    wanted = set(asked.years)
    dates = find_dates(passage, published=hit.published)
    inside = {date.year for date in dates if date.year and evidence[0] <= date.start < evidence[1]}
    if wanted <= inside:
        return 0.0
    titled = {date.year for date in find_dates(fold(hit.title)) if date.year}
    if inside and not wanted & inside:
        return 1.0 if not wanted & titled else 0.5
    around = inside | titled | {date.year for date in dates if date.year}
    if wanted <= around:
        return 0.0
    if hit.published is not None and hit.published.year in wanted:
        return 0.2
    return 0.8 if around or hit.published is not None else 0.4


def probability(found: Features, weights: Weights) -> float:
    """Return the calibrated probability that a passage answers."""
    total = weights.bias + sum(w * value for w, value in zip(weights.weights, astuple(found), strict=True))
    return 1 / (1 + math.exp(-min(max(total, -50.0), 50.0)))


def threshold_for(strictness: float, weights: Weights) -> float:
    """Return the least probability that is answered; strictness 0.5 gives the fitted one, 0 none, 1 near 1.

    The threshold moves on the log-odds scale, so that steps feel alike at both ends.
    """
    shift = 6.0 * (strictness - 0.5)
    return 0.0 if strictness == 0 else 1 / (1 + math.exp(-(log_odds(weights.threshold) + shift)))


FEATURE_NAMES = tuple(field.name for field in fields(Features))
