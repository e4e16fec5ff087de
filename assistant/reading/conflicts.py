"""Find where sources disagree, with one another or with what the question takes for granted. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assistant.question import Asked
from assistant.reading.refusal import years_in
from assistant.reading.short_answers import short_answer
from assistant.reading.weighing import Weighed
from assistant.subject import coverage
from assistant.verification.dates_in_text import dates_clash, find_dates, in_chinese, same_date
from assistant.verification.facts import facts_of_folded
from assistant.verification.numerals import Number, find_numbers, same_number, same_unit
from vectorstore.fold import fold

# How sure the reader must be that the other source answers too, as a share of how sure it is of the best one,
# and how much of the question its sentence (with its title) must hold. Chosen on rgb_fact against rgb_noise.
SURE_SHARE = 0.85
LEAST_SPAN = 0.3
LEAST_COVERAGE = 0.75
_CLOSE = Decimal("0.02")  # 8.1% and 8.2% may both be right: rounding, or another month's figure
_CLAUSE = re.compile("[，,；;、。：]")
_NUMERALS = "一二三四五六七八九十百千万亿两"
_BEFORE_DIGIT = r"(?<!\d)(?<!\d[.,])(?<![^\d年月日号万亿元%][-−–])(?<!负)(?<!零下)"  # no minus, but 3日-5日
_BEFORE_NUMERAL = rf"(?<![{_NUMERALS}])"


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What one source answers: the few words, the sentence around them (as a span of the article)."""

    item: Weighed
    words: str
    start: int
    end: int

    @property
    def published(self) -> date | None:
        """Return the date of the article."""
        return self.item.hit.published


def source_answers(asked: Asked, weighed: Sequence[Weighed], *, threshold: float) -> list[SourceAnswer]:
    """Return what the sources that surely answer say, likeliest first."""
    least = SURE_SHARE * (weighed[0].reading.answerable if weighed else 1.0)
    sure = (item for item in weighed if item.probability >= threshold and item.reading.answerable >= least)
    found = (_source_answer(asked, item) for item in sure)
    return [answer for answer in found if answer is not None]


def _source_answer(asked: Asked, item: Weighed) -> SourceAnswer | None:
    low, high = item.reading.span
    if item.reading.span_score < LEAST_SPAN:
        return None
    for start, end in item.sentences:
        if start <= low < high <= end:
            sentence = item.hit.text[start:end]
            words = short_answer(asked, sentence, (low - start, high - start))
            held = coverage(asked.words, fold(sentence) + fold(item.hit.title))
            if words and held >= LEAST_COVERAGE:
                offset = item.hit.start_char
                return SourceAnswer(item, words, offset + start, offset + end)
    return None


def find_conflict(
    asked: Asked, weighed: Sequence[Weighed], *, threshold: float
) -> tuple[SourceAnswer, SourceAnswer] | None:
    """Return the likeliest answer and the likeliest one of another article that contradicts it, or None."""
    if asked.kind not in ("number", "date", "person", "place", "other"):
        return None
    found = source_answers(asked, weighed, threshold=threshold)
    for other in found[1:]:
        if other.item.hit.article_id != found[0].item.hit.article_id and differ(asked, found[0], other):
            return found[0], other
    return None


def differ(asked: Asked, one: SourceAnswer, other: SourceAnswer) -> bool:
    """Tell whether two short answers cannot both be meant."""
    first, second = fold(one.words), fold(other.words)
    if _within(first, fold(other.item.hit.text)) or _within(second, fold(one.item.hit.text)):
        return False
    if asked.kind == "number":
        return _numbers_differ(first, second)
    if asked.kind == "date":
        return _dates_differ(one, other)
    return _unlike(first, second)


def _within(words: str, text: str) -> bool:
    """Tell whether a text says the words, and not as the end or the start of another figure (5% in 15%)."""
    before = _BEFORE_DIGIT if words[0].isdigit() else _BEFORE_NUMERAL if words[0] in _NUMERALS else ""
    after = r"(?!\d|\.\d)" if words[-1].isdigit() else ""
    return re.search(before + re.escape(words) + after, text) is not None


def _numbers_differ(first: str, second: str) -> bool:
    ours, theirs = find_numbers(first), find_numbers(second)
    if len(ours) != 1 or len(theirs) != 1:
        return False
    return same_unit(ours[0].unit, theirs[0].unit) and not _close(ours[0], theirs[0])


def _close(one: Number, other: Number) -> bool:
    most = max(abs(one.value), abs(other.value))
    return abs(one.value - other.value) <= _CLOSE * most


def _dates_differ(one: SourceAnswer, other: SourceAnswer) -> bool:
    ours = find_dates(fold(one.words), published=one.published)
    theirs = find_dates(fold(other.words), published=other.published)
    if not ours or not theirs:
        return False
    return dates_clash(ours[0], theirs[0]) and not same_date(ours[0], theirs[0])


def _unlike(first: str, second: str) -> bool:
    """Tell whether two names share less than a third of their characters."""
    if first.isascii() != second.isascii():  # Nabiullina is 纳比乌林娜 in Chinese
        return False
    ours, theirs = (Counter(filter(str.isalnum, text)) for text in (first, second))
    return 3 * (ours & theirs).total() < min(ours.total(), theirs.total())


def premise_warning(asked: Asked, sentence: str, title: str = "") -> str | None:
    """Return the warning that a sentence has another figure than a yes-or-no question names (收入是50亿元，对吗？).

    Of several such figures, the one counts whose clause holds most of the question.
    """
    words = [word for word in asked.words if not word.text[:1].isdigit()]
    folded = fold(sentence)
    if asked.kind != "yes_no" or not words or coverage(words, f"{fold(title)}\n{folded}") < LEAST_COVERAGE:
        return None
    years = {year for year, _ in years_in(folded)}
    if asked.years and years and years.isdisjoint(asked.years):
        return None
    said = facts_of_folded(folded).numbers
    for number in facts_of_folded(fold(asked.text)).numbers:
        alike = [other for other in said if number.unit and same_unit(number.unit, other.unit)]
        near = [coverage(words, _clause(folded, other)) for other in alike]
        if alike and near.count(max(near)) == 1 and not any(same_number(number, other) for other in alike):
            meant = alike[near.index(max(near))]
            ours, theirs = asked.text[number.start : number.end], sentence[meant.start : meant.end]
            return f"原文写的是“{theirs}”，不是“{ours}” (the article says “{theirs}”, the question “{ours}”)"
    return None


def _clause(folded: str, number: Number) -> str:
    start = max((mark.end() for mark in _CLAUSE.finditer(folded, 0, number.start)), default=0)
    end = _CLAUSE.search(folded, number.end)
    return folded[start : end.start() if end else len(folded)]


def conflict_warning(one: SourceAnswer, other: SourceAnswer, *, numbers: tuple[int, int]) -> str:
    """Return the warning that shows both answers with their dates, the later one named as later."""
    later = _later(one, other)
    first = _shown(one, numbers[0], later is one)
    second = _shown(other, numbers[1], later is other)
    return f"来源不一致：{first}，{second}，请核对原文 (the sources disagree: see [{numbers[0]}] and [{numbers[1]}])"


def _later(one: SourceAnswer, other: SourceAnswer) -> SourceAnswer | None:
    if one.published is None or other.published is None or one.published == other.published:
        return None
    return one if one.published > other.published else other


def _shown(answer: SourceAnswer, number: int, is_later: bool) -> str:
    day = in_chinese(answer.published) if answer.published else "日期不明"
    return f"[{number}]（{day}{'，较晚' if is_later else ''}）说“{answer.words}”"
