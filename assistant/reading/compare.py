"""Compare what was read of each thing that a question compares: dates or figures, by the words that are cited. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from assistant.answer import Citation
from assistant.comparison import Comparison, Precision
from assistant.question import Asked
from assistant.reading.compose import REFUSED, Composed, compose, piece_of
from assistant.reading.weighing import Weighed
from assistant.verification.dates_in_text import DateMention, find_dates
from assistant.verification.numerals import find_numbers
from vectorstore.fold import fold
from vectorstore.numbers import parse_han

Day: TypeAlias = tuple[int, ...]
"""Year, month and day, as far as the words tell."""
Amount: TypeAlias = tuple[str, Decimal]
"""A unit and how many of it."""

_PARTS: dict[Precision, int] = {"year": 1, "month": 2, "day": 3}
_NUMERAL = "[\\d一二两三四五六七八九十百]+"
_TERM = re.compile(rf"(?:(?P<years>{_NUMERAL})年)?(?:零?(?P<months>{_NUMERAL})个月)?")
_SAME = "相同"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one of the things compared: its citation, the words that tell, and what they mean."""

    name: str
    citation: Citation
    words: str
    value: Day | Amount


def compose_compared(
    comparison: Comparison, read: Sequence[tuple[Asked, Sequence[Weighed]]], *, threshold: float
) -> Composed:
    """Return what is cited of each thing compared, with the verdict; refused where nothing is found.

    `read` has, for each name of the comparison, the question for its date or figure and the hits as read.
    """
    answers = [compose(asked, weighed, threshold=threshold) for asked, weighed in read]
    found = [
        _found(name, answer, of_dates=comparison.of_dates)
        for name, answer in zip(comparison.names, answers, strict=True)
    ]
    known = _numbered([one for one in found if one is not None])
    if not known:
        return REFUSED
    missing = [name for name, one in zip(comparison.names, found, strict=True) if one is None]
    citations = dict.fromkeys(one.citation for one in known)
    return Composed(
        tuple(piece_of(citation) for citation in citations),
        None if missing else verdict(comparison, known),
        _told(known, missing),
    )


def _found(name: str, answer: Composed, *, of_dates: bool) -> Found | None:
    """Return the date or figure that an answer cites; an event without a date of its own has its article's."""
    for citation in answer.citations:
        words = (
            answer.short_answer if answer.short_answer and answer.short_answer in citation.cited_text else ""
        )
        if of_dates and (day := _day(words, citation)):
            return Found(name, citation, *day)
        if not of_dates and (amount := _amount(words)):
            return Found(name, citation, words, amount)
    return None


def _day(words: str, citation: Citation) -> tuple[str, Day] | None:
    """Return the date that a citation tells: that of the words that answer, as the whole sentence has it; else its first."""
    text = citation.cited_text
    dated = [
        (text[mention.start : mention.end], _parts(mention), mention.start)
        for mention in find_dates(fold(text), published=citation.published)
    ]
    dated = [one for one in dated if one[1]]
    at = text.find(words) if words else -1
    meant = [one for one in dated if at >= 0 and at <= one[2] < at + len(words)] or dated[:1]
    fuller = [one for one in dated if meant and one[1][: len(meant[0][1])] == meant[0][1]]
    return max(fuller, key=lambda one: len(one[1]))[:2] if fuller else None


def _parts(mention: DateMention) -> Day:
    """Return the parts of a date that are known from the year on; a year left out is the one it most likely means."""
    year = mention.year or (mention.years[-1] if mention.years else None)
    month = mention.month or (mention.months[-1] if mention.months else None)
    known: list[int] = []
    for part in (year, month, mention.day):
        if part is None:
            break
        known.append(part)
    return tuple(known)


def _amount(words: str) -> Amount | None:
    folded = fold(words)
    term = next((match for match in _TERM.finditer(folded) if match[0]), None)
    if term:
        return "月", Decimal(12 * _count(term["years"]) + _count(term["months"]))
    numbers = find_numbers(folded)
    return (numbers[0].unit, numbers[0].value) if len(numbers) == 1 else None


def _count(numeral: str | None) -> int:
    value = parse_han(numeral) if numeral and not numeral.isdigit() else numeral
    return int(value) if value else 0


def verdict(comparison: Comparison, found: Sequence[Found]) -> str | None:
    """Return which is asked for, by name, 是 or 否 where the question is whether they are the same, or None."""
    days = [one.value for one in found if comparison.of_dates]
    shared = min((len(day) for day in days), default=0)
    if comparison.of_dates and comparison.wanted == "same":
        parts = _PARTS[comparison.precision or "day"]
        differ = len({day[: min(shared, parts)] for day in days}) > 1
        return "否" if differ else "是" if shared >= parts else None
    values = [one.value[:shared] if comparison.of_dates else one.value for one in found]
    if not comparison.of_dates and len({value[0] for value in values}) > 1:  # 亿元 and 亿美元
        return None
    if comparison.wanted == "same":
        return "是" if len(set(values)) == 1 else "否"
    best = min(values) if comparison.wanted == "least" else max(values)
    if values.count(best) == 1:
        return found[values.index(best)].name
    alike = all(one.value == best for one in found)
    return _SAME if alike else None


def _numbered(found: Sequence[Found]) -> list[Found]:
    """Return what was found with its citations numbered anew; what is told of two things in one place is one."""
    numbers: dict[tuple[str, int, int], int] = {}
    numbered = []
    for one in found:
        place = one.citation.article_id, one.citation.start_char, one.citation.end_char
        number = numbers.setdefault(place, len(numbers) + 1)
        numbered.append(replace(one, citation=replace(one.citation, number=number)))
    return numbered


def _told(found: Sequence[Found], missing: Sequence[str]) -> tuple[str, ...]:
    """Return what a reader should know of a comparison: by which words it was made, and what was not found."""
    words = "；".join(f"{one.name} {one.words}[{one.citation.number}]" for one in found)
    told = f"按引文比较：{words} (compared by what is cited)"
    names = "、".join(missing)
    return (told, f"没有找到：{names} (not found: {names})") if missing else (told,)
