"""Decide whether a passage answers: one calibrated probability from retrieval, reading and words.

The probability is a logistic regression over the features below, fitted by `python -m training.refusal` on
training questions, half of them with what answers taken away.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date

from assistant.question import Asked
from assistant.reading.answer_kinds import is_dateline, is_of_kind, lacks_fact, lacks_office
from assistant.reading.reader import PassageReading, Span
from assistant.reading.series import series_clash
from assistant.subject import NAME_WEIGHT, missing_words
from assistant.time_words import COUNTED
from assistant.verification.dates_in_text import dates_clash, find_dates, in_chinese
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
    """Log odds of the hit's score."""
    rank: float
    """1 / rank."""
    name_missing: float
    """Weight of the heaviest word of the question that passage, title and date lack, and no dictionary has."""
    year_clash: float
    """1 where the question names a year, or one of a series (第二届), and the evidence another one."""
    wrong_type: float
    """1 where the answer is not of the kind asked for (no figure, no date, no name), 2 where the passage does not speak
    of what is asked at all: nobody in that office, no birth, no weight."""
    apart: float
    """How many commas, up to five, part the answer from the farthest heavy word of the question; a fifth each."""
    agreement: float
    """How many other articles hold the same answer, each weighed by its own chance to answer; up to one."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted logistic regression over `Features`."""

    bias: float
    weights: tuple[float, ...]
    threshold: float


OVERLAP = Weights(
    bias=-0.429,
    weights=(0.000, 0.071, 0.000, 0.491, 0.833, -0.271, -0.472, -0.743, -0.282, 0.000),
    threshold=0.281,
)
"""Fitted by `training.refusal --limit 300 --reader overlap`."""
NEURAL = Weights(
    bias=-0.805,
    weights=(0.396, 0.000, 0.004, 0.326, 0.885, -0.016, -0.189, -1.072, 0.000, 1.292),
    threshold=0.276,
)
"""Fitted by `training.refusal --limit 300`, on training questions alone, the threshold too."""

# Safeguards beyond the fit, whose questions seldom name a wrong year or a wrong name: of the passages that answer,
# none of 250 on four dev sets names another year, and one in twenty lacks a name or a place of the question.
CLASH_PENALTY = 2.0
NAME_PENALTY = 1.2

_FLOOR = 1e-4
_HEAVY = 0.55
_MOST_COMMAS = 5
_LONGEST_ANSWER = 24
_COMMA = re.compile("[,，、;；]")
_BARE_YEAR = re.compile(rf"(?<![\d.a-z])(?:19|20)\d\d(?![\d.年,]|[-/]\d| ?{COUNTED})")


def log_odds(probability: float) -> float:
    """Return log(p / (1 - p)), with p kept away from 0 and 1."""
    kept = min(max(probability, _FLOOR), 1 - _FLOOR)
    return math.log(kept / (1 - kept))


def all_features(
    asked: Asked, hits: Sequence[Hit], readings: Sequence[PassageReading], sentences: Sequence[Sequence[Span]]
) -> list[Features]:
    """Return the features of the passages read for one question."""
    texts = [fold(hit.text) for hit in hits]
    agreed = agreements(asked, hits, readings, texts)
    articles: dict[str, str] = {}
    for hit, text in zip(hits, texts, strict=True):
        articles[hit.article_id] = f"{articles.get(hit.article_id, '')}\n{text}"
    found = zip(hits, texts, readings, sentences, agreed, strict=True)
    return [
        features(asked, hit, text, reading, spans, agreed=share, article=articles[hit.article_id])
        for hit, text, reading, spans, share in found
    ]


def agreements(
    asked: Asked, hits: Sequence[Hit], readings: Sequence[PassageReading], texts: Sequence[str]
) -> list[float]:
    """Return for each passage how surely other articles hold its answer too; `texts` are theirs, folded."""
    question = fold(asked.text)
    found = []
    for hit, reading, text in zip(hits, readings, texts, strict=True):
        answer = text[slice(*reading.span)]
        tells = 2 <= len(answer) <= _LONGEST_ANSWER and answer not in question
        others = (
            other_reading.answerable
            for other, other_reading, other_text in zip(hits, readings, texts, strict=True)
            if other.article_id != hit.article_id and answer in other_text
        )
        found.append(min(1.0, sum(others)) if tells else 0.0)
    return found


def features(
    asked: Asked,
    hit: Hit,
    passage: str,
    reading: PassageReading,
    sentences: Sequence[Span],
    *,
    agreed: float = 0.0,
    article: str = "",
) -> Features:
    """Return the features of one passage, given folded; `article` is all that was found of its article, folded."""
    title = fold(hit.title)
    scores = reading.sentence_scores
    best = max(range(len(scores)), key=lambda at: (scores[at], -at)) if scores else 0
    start = sentences[max(best - 1, 0)][0] if sentences else 0
    end = sentences[best][1] if sentences else 0
    around = f"{title}\n{_date_words(hit)}\n{passage}"
    tested = asked.kind == "yes_no"  # what a question asks to confirm need not be said: 收入是50亿元吗
    words = [word for word in asked.words if not (tested and word.text[:1].isdigit())]
    absent = missing_words(words, f"{around}\n{article}")
    return Features(
        answerable=log_odds(reading.answerable),
        sentence=log_odds(scores[best] if scores else 0.0),
        span=math.log(max(reading.span_score, _FLOOR)),
        retrieval=log_odds(hit.score),
        rank=1 / hit.rank,
        name_missing=max((word.weight for word in absent if not word.is_common), default=0.0),
        year_clash=max(
            year_clash(asked, hit, passage, (start, end)),
            float(series_clash(fold(asked.text), f"{title}\n{passage}")),
            month_clash(asked, hit, passage, (start, end)),
        ),
        wrong_type=_wrong_type(asked, passage, reading.span, around),
        apart=apart(asked, passage, sentences[best] if sentences else (0, 0), reading.span),
        agreement=agreed,
    )


def _wrong_type(asked: Asked, passage: str, span: Span, around: str) -> float:
    if lacks_office(asked, around) or lacks_fact(asked, around):
        return 2.0
    return float(not is_of_kind(asked, passage[slice(*span)]) or is_dateline(asked, passage, *span))


def _date_words(hit: Hit) -> str:
    return in_chinese(hit.published) if hit.published else ""


def apart(asked: Asked, passage: str, sentence: Span, answer: Span) -> float:
    """Return how far the answer stands from what is asked about, counted in commas: many names share a sentence."""
    if not sentence[0] <= answer[0] < sentence[1]:
        return 0.0
    most = 0
    for word in asked.words:
        if word.weight >= _HEAVY:
            places = [match.start() for match in re.finditer(re.escape(word.text), passage[slice(*sentence)])]
            counts = [_commas(passage, sentence[0] + place, answer) for place in places]
            most = max(most, min(counts, default=0))
    return min(most, _MOST_COMMAS) / _MOST_COMMAS


def _commas(passage: str, place: int, answer: Span) -> int:
    low, high = (place, answer[0]) if place < answer[0] else (answer[1], place)
    return len(_COMMA.findall(passage, low, high))


def years_in(folded: str, published: date | None = None) -> list[tuple[int, int]]:
    """Return each (year, place) of a folded text, with those written without 年 (2019世界人工智能大会)."""
    found = [
        (mention.year, mention.start) for mention in find_dates(folded, published=published) if mention.year
    ]
    return found + [(int(match[0]), match.start()) for match in _BARE_YEAR.finditer(folded)]


def year_clash(asked: Asked, hit: Hit, passage: str, evidence: Span) -> float:
    """Return 1 where the evidence names another year than the question, less where only its surroundings do."""
    if not asked.years:
        return 0.0
    wanted = set(asked.years)
    dates = years_in(passage, hit.published)
    inside = {year for year, place in dates if evidence[0] <= place < evidence[1]}
    if wanted <= inside:
        return 0.0
    titled = {year for year, _ in years_in(fold(hit.title))}
    if inside and not wanted & inside:
        return 1.0 if not wanted & titled else 0.5
    around = inside | titled | {year for year, _ in dates}
    if wanted <= around:
        return 0.0
    if hit.published is not None and hit.published.year in wanted:
        return 0.2
    return 0.8 if around or hit.published is not None else 0.4


def month_clash(asked: Asked, hit: Hit, passage: str, evidence: Span) -> float:
    """Return 1 where the question names a month of a year, the evidence only others, and the passage not this one."""
    wanted = [day for day in find_dates(fold(asked.text)) if day.year and day.month]
    if not wanted:
        return 0.0
    dated = [day for day in find_dates(passage, published=hit.published) if day.month]
    inside = [day for day in dated if evidence[0] <= day.start < evidence[1]]
    told = any(not dates_clash(one, other) for one in wanted for other in dated)
    return float(bool(inside) and not told)


def probability(found: Features, weights: Weights) -> float:
    """Return the calibrated probability that a passage answers."""
    total = weights.bias + sum(w * value for w, value in zip(weights.weights, astuple(found), strict=True))
    total -= CLASH_PENALTY * (found.year_clash >= 0.8) + NAME_PENALTY * (found.name_missing >= NAME_WEIGHT)
    return 1 / (1 + math.exp(-min(max(total, -50.0), 50.0)))


def threshold_for(strictness: float, weights: Weights) -> float:
    """Return the least probability that is answered; strictness 0.5 gives the fitted one, 0 none, 1 near 1.

    The threshold moves on the log-odds scale, so that steps feel alike at both ends.
    """
    shift = 6.0 * (strictness - 0.5)
    return 0.0 if strictness == 0 else 1 / (1 + math.exp(-(log_odds(weights.threshold) + shift)))


FEATURE_NAMES = tuple(field.name for field in fields(Features))
