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
from assistant.subject import coverage
from assistant.verification.dates_in_text import DateMention, find_dates
from assistant.verification.numerals import find_numbers
from vectorstore.fold import fold
from vectorstore.numbers import parse_han

Day: TypeAlias = tuple[int, ...]
"""Year, month and day, as far as the words tell."""
Amount: TypeAlias = tuple[str, Decimal]
"""A unit and how many of it."""

LEAST_COVERAGE = 0.5
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
    day: Day = ()
    amount: Amount | None = None


def compose_compared(
    comparison: Comparison, read: Sequence[tuple[Asked, Sequence[Weighed]]], *, threshold: float
) -> Composed:
    """Return what is cited of each thing compared, with the verdict; refused where nothing is found.

    `read` has, for each name of the comparison, the question for its date or figure and the hits as read.
    """
    answers = [compose(asked, weighed, threshold=threshold) for asked, weighed in read]
    found = [
        find_value(name, asked, answer, of_dates=comparison.of_dates)
        for name, (asked, _), answer in zip(comparison.names, read, answers, strict=True)
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


def find_value(name: str, asked: Asked, answer: Composed, *, of_dates: bool) -> Found | None:
    """Return the date or figure that an answer cites, from a sentence that speaks of what is asked."""
    for citation in answer.citations:
        if not _speaks(name, asked, citation):
            continue
        words = (
            answer.short_answer if answer.short_answer and answer.short_answer in citation.cited_text else ""
        )
        if of_dates and (day := _day(words, citation)):
            return Found(name, citation, *day)
        if not of_dates and (amount := _amount(words)):
            return Found(name, citation, words, amount=amount)
    return None


def _speaks(name: str, asked: Asked, citation: Citation) -> bool:
    """Tell whether a sentence has enough of what is asked about a name, or of an event, which is its own name."""
    of_name = [word for word in asked.words if word.text not in fold(name)]
    said = fold(f"{citation.title}\n{citation.cited_text}")
    return coverage(of_name or asked.words, said) >= LEAST_COVERAGE


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
    if not comparison.of_dates:
        amounts = [one.amount for one in found if one.amount is not None]
        units = {unit for unit, _ in amounts}
        return _by_value(comparison, found, [(value,) for _, value in amounts]) if len(units) == 1 else None
    shared = min(len(one.day) for one in found)
    if comparison.wanted != "same":
        exact = all(len(one.day) == shared for one in found)
        which = _by_value(comparison, found, [one.day[:shared] for one in found])
        return which if exact or which != _SAME else None
    parts = _PARTS[comparison.precision or "day"]
    differ = len({one.day[: min(shared, parts)] for one in found}) > 1
    return "否" if differ else "是" if shared >= parts else None


def _by_value(
    comparison: Comparison, found: Sequence[Found], values: Sequence[tuple[Decimal | int, ...]]
) -> str | None:
    """Return the name with the least or the most; 相同 where all are the same, None where some are."""
    alike = len(set(values)) == 1
    if comparison.wanted == "same":
        return "是" if alike else "否"
    if alike:
        return _SAME
    ordered = sorted(
        zip(values, found, strict=True), key=lambda pair: pair[0], reverse=comparison.wanted == "most"
    )
    return ordered[0][1].name if ordered[0][0] != ordered[1][0] else None


def compose_on_the_day(day: Found, answer: Composed) -> Composed:
    """Return an answer about the day of an event, after the sentence that dates the event."""
    others = [citation for citation in answer.citations if _place(citation) != _place(day.citation)]
    numbered = enumerate((day.citation, *others), start=1)
    return replace(answer, pieces=tuple(piece_of(replace(one, number=number)) for number, one in numbered))


def _numbered(found: Sequence[Found]) -> list[Found]:
    """Return what was found with its citations numbered anew; what is told of two things in one place is one."""
    numbers: dict[tuple[str, int, int], int] = {}
    numbered = []
    for one in found:
        number = numbers.setdefault(_place(one.citation), len(numbers) + 1)
        numbered.append(replace(one, citation=replace(one.citation, number=number)))
    return numbered


def _place(citation: Citation) -> tuple[str, int, int]:
    return citation.article_id, citation.start_char, citation.end_char


def _told(found: Sequence[Found], missing: Sequence[str]) -> tuple[str, ...]:
    """Return what a reader should know of a comparison: by which words it was made, and what was not found."""
    words = "；".join(f"{one.name} {one.words}[{one.citation.number}]" for one in found)
    told = f"按引文比较：{words} (compared by what is cited)"
    return (told, missing_warning(missing)) if missing else (told,)


def missing_warning(names: Sequence[str]) -> str:
    """Return what to tell a reader about parts of a question to which nothing was found."""
    listed = "、".join(name.rstrip("？?") for name in names)
    return f"没有找到：{listed} (not found: {listed})"
