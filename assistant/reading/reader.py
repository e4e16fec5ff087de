"""The seam of reading: what a reader says about each passage, and a reader that only compares words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.question import Asked, Kind, read_question
from assistant.subject import coverage
from assistant.verification.units import UNITS
from vectorstore.fold import fold

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PassageReading:
    """What a reader found in one passage; offsets are characters of its text, end exclusive.

    `answerable` is the probability that the passage answers the question, `span` the best answer, within one
    sentence where possible, `span_score` the probability of that span given that the passage answers, and
    `sentence_scores` has, for each given sentence, the probability that it holds the answer. All in 0..1.
    """

    answerable: float
    span: Span
    span_score: float
    sentence_scores: tuple[float, ...]


class Reader(Protocol):
    """Reads passages for a question."""

    def read(
        self, question: str, passages: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[PassageReading]:
        """Return one reading a passage; `sentences` are the spans of each passage's sentences."""
        ...


_HAN_NUMBER = "一二三四五六七八九十百千万亿两几"
EXPECTED: dict[Kind, re.Pattern[str]] = {
    "number": re.compile(
        rf"\d[\d.,]*|[{_HAN_NUMBER}]+(?=[个家人项篇名位款次倍成座台种元度米岁层届所部集块枚支条年天月周日分秒小%])|半(?=[个小年天月分])|分之"
    ),
    "date": re.compile(
        rf"\d{{4}}(?: ?年|[-/.]\d)|\d+ ?月|\d+ ?[日号]|[一二三四五六七八九十]+[月日]|[今去前明]年|世纪|年代|[昨今明]天"
        rf"|[{_HAN_NUMBER}]+年|\d[时点](?!代)"
    ),
}
_LONG_UNITS = "|".join(map(re.escape, sorted((u for u in UNITS if len(u) > 1), key=len, reverse=True)))
# A whole figure or date: 8月29日至31日, 1,200.5亿元, 80多篇, 不低于60亿元.
VALUE: dict[Kind, re.Pattern[str]] = {
    "number": re.compile(
        rf"(?:不低于|不少于|不超过|不足|不到|超过|低于|高于|至少|最多|将近|接近|大约|逾|约|近|超)?(?:[百千万]分之)?"
        rf"(?:\d[\d.,]*[十百千万亿]*|[{_HAN_NUMBER}半]{{1,6}})[多余]?(?: ?[万亿]+)?"
        rf"(?: ?(?:(?:{_LONG_UNITS}|个季度|周年)(?![a-z])|克(?!拉)|g(?![a-z])|伏特?|匹|剂|升(?![至到级值温高])"
        r"|[%％‰℃个项家名位人篇款次倍成座台种度元米岁层届所部集块枚支条天年月日号周吨斤亩桶瓦股件辆票分秒页张只套架艘艇处间门首本场期户头颗株根片粒级枝例轮])(?:/(?:小时|秒|分|天|年|月|人|股|吨|平方米|公斤|度))?)?(?:以上|左右|以内|以下)?"
    ),
    "date": re.compile(
        r"(?:\d{4} ?年 ?|[今去前明]年)?\d{1,2} ?月(?: ?\d{1,2} ?[日号]|[上中下]旬)?(?:[至到—\-~](?:\d{1,2}月)?\d{1,2}[日号])?"
        r"(?:[上下]午|晚)?(?:\d{1,2}[时点](?:\d{1,2}分)?| \d{1,2}:\d\d)?"
        r"|\d{4} ?年(?:[上下]半年|年?[初底末内]|[春夏秋冬]季?)?|\d{1,2} ?日|[今去前明]年(?:年?[初底末内])?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
        r"|[昨今明][日天]"
        rf"|[一二][〇零{_HAN_NUMBER}]{{3}}年(?:[{_HAN_NUMBER}]{{1,2}}月(?:[{_HAN_NUMBER}]{{1,3}}[日号])?)?"
        r"|(?:凌晨|清晨|早上|上午|中午|下午|傍晚|晚上?|深夜)?\d{1,2}[时点](?!代)(?:\d{1,2}分)?许?"
    ),
}
_NEIGHBOUR_SHARE = 0.35  # what a word in the sentence before counts: the subject is often named there


class OverlapReader:
    """Scores a sentence by the weight of the question's words it holds; deterministic, needs no model."""

    def read(
        self, question: str, passages: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> list[PassageReading]:
        """Return readings by word overlap alone."""
        asked = read_question(question)
        return [_read(asked, *pair) for pair in zip(passages, sentences, strict=True)]


def _read(asked: Asked, passage: str, sentences: Sequence[Span]) -> PassageReading:
    folded = fold(passage)
    pieces = [folded[start:end] for start, end in sentences]
    scores = [_score(asked, piece, before) for piece, before in zip(pieces, ["", *pieces], strict=False)]
    best = max(range(len(scores)), key=lambda at: (scores[at], -at)) if scores else 0
    span = _span(asked, folded, sentences[best]) if sentences else (0, 0)
    return PassageReading(
        answerable=coverage(asked.words, folded),
        span=span,
        span_score=scores[best] if scores else 0.0,
        sentence_scores=tuple(scores),
    )


def _score(asked: Asked, sentence: str, before: str) -> float:
    own = coverage(asked.words, sentence)
    both = coverage(asked.words, before + sentence)
    expected = EXPECTED.get(asked.kind)
    fits = expected is None or expected.search(_without(asked, sentence)) is not None
    return (own + _NEIGHBOUR_SHARE * (both - own)) * (1.0 if fits else 0.5)


def _without(asked: Asked, sentence: str) -> str:
    """Return the sentence without the figures of the question, which cannot be the answer."""
    for word in asked.words:
        if word.text.isascii():
            sentence = sentence.replace(word.text, " ")
    return sentence


def _span(asked: Asked, folded: str, sentence: Span) -> Span:
    """Return the value of the asked kind that stands nearest to the question's words, else the sentence."""
    pattern = VALUE.get(asked.kind)
    if pattern is None:
        return sentence
    places = [
        at for word in asked.words if word.weight > 0.3 and (at := folded.find(word.text, *sentence)) >= 0
    ]
    known = {word.text for word in asked.words}
    matches = [match for match in pattern.finditer(folded, *sentence) if match[0] not in known]
    if not matches:
        return sentence
    middle = sum(places) / len(places) if places else sentence[0]
    return min((match.span() for match in matches), key=lambda span: abs(span[0] - middle))
