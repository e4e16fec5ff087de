"""Compare what was read of each thing that a question compares: dates or figures, by the words that are cited. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.answer import Citation
from assistant.both_languages import both
from assistant.comparison import Comparison, Precision
from assistant.question import Asked
from assistant.reading.compose import REFUSED, Composed, compose, piece_of
from assistant.reading.measured import Amount, Day, amount_told, day_told, measure_of, says
from assistant.reading.weighing import Weighed
from assistant.subject import coverage, presence, words_of
from vectorstore.fold import fold

LEAST_COVERAGE = 0.5
LEAST_OF_NAME = 0.4
"""How much of an event's names a sentence has at least, or else its title LEAST_OF_TITLE (她的父亲去世: whose?)."""
LEAST_OF_TITLE = 0.8
_PARTS: dict[Precision, int] = {"year": 1, "month": 2, "day": 3}
_SAME = "相同"
_MARKER = re.compile(r"\[(\d+)\]")
_NUMBERED = re.compile(r"[a-z]*\d[a-z\d.]*")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")


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
    found = [one if one and _is_of(one, comparison.names) else None for one in found]
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
        short = answer.short_answer or ""
        words = short if short in citation.cited_text else ""
        if of_dates and (day := day_told(asked, words, citation)):
            return Found(name, citation, day[0], day=day[1])
        if not of_dates and (amount := amount_told(asked, words, citation)):
            return Found(name, citation, amount[0], amount=amount[1])
    return None


def _is_of(found: Found, names: Sequence[str]) -> bool:
    """Tell whether the words that tell are not another's: in a sentence that names both, those after its own name."""
    text = fold(found.citation.cited_text)
    at = text.find(fold(found.words))
    before = {name: text.rfind(fold(name), 0, max(at, 0)) for name in names}
    nearest = max(before, key=lambda name: (before[name], len(name)))
    return at < 0 or before[nearest] < 0 or nearest == found.name


def _speaks(name: str, asked: Asked, citation: Citation) -> bool:
    """Tell whether a sentence has enough of what is asked about a name, or of an event, which is its own name.

    A number that a name has (iOS 16.6, SU7) tells it from others of its kind: it must be there.
    """
    of_name = [word for word in asked.words if word.text not in fold(name)]
    said = fold(f"{citation.title}\n{citation.cited_text}")
    numbered = [word.text for word in words_of(name) if _NUMBERED.search(word.text)]
    if any(presence(text, said) < 1 for text in numbered if not _YEAR.fullmatch(text)):
        return False
    if of_name:
        return coverage(of_name, said) >= LEAST_COVERAGE or says(of_name[-1].text, said)
    names = [word for word in asked.words if word.is_name_like]
    told = coverage(names, fold(citation.cited_text)), coverage(names, fold(citation.title))
    if told[0] < LEAST_OF_NAME and told[1] < LEAST_OF_TITLE:
        return False  # told of somebody else
    return coverage(asked.words, said) >= LEAST_COVERAGE and says(measure_of(asked), said)


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
    if alike:  # one date of a sentence that tells of both may be that of one of them
        return _SAME if len({one.citation.cited_text for one in found}) == len(found) else None
    ordered = sorted(
        zip(values, found, strict=True), key=lambda pair: pair[0], reverse=comparison.wanted == "most"
    )
    return ordered[0][1].name if ordered[0][0] != ordered[1][0] else None


def compose_on_the_day(day: Found, answer: Composed) -> Composed | None:
    """Return an answer about the day of an event, after the sentence that dates the event; None where it is no more."""
    others = [citation for citation in answer.citations if _place(citation) != _place(day.citation)]
    if not others:
        return None
    numbers = {citation.number: 1 for citation in answer.citations}
    numbers |= {citation.number: number for number, citation in enumerate(others, start=2)}
    pieces = [replace(day.citation, number=1), *(replace(one, number=numbers[one.number]) for one in others)]
    warnings = [_MARKER.sub(lambda m: f"[{numbers.get(int(m[1]), m[1])}]", text) for text in answer.warnings]
    return replace(answer, pieces=tuple(map(piece_of, pieces)), warnings=tuple(warnings))


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
    words = "；".join(f"{one.name} {_meant(one)}[{one.citation.number}]" for one in found)
    english = ", ".join(f"'{one.name}' '{_meant(one)}' [{one.citation.number}]" for one in found)
    told = both(f"按引文比较：{words}", f"compared by what is cited: {english}")
    return (told, missing_warning(missing)) if missing else (told,)


def _meant(found: Found) -> str:
    """Return the date that was compared, with the year that the words may leave to the article; or the words."""
    return "".join(f"{part}{unit}" for part, unit in zip(found.day, "年月日", strict=False)) or found.words


def missing_warning(names: Sequence[str]) -> str:
    """Return what to tell a reader about parts of a question to which nothing was found."""
    parts = [name.rstrip("？?") for name in names]
    return both(f"没有找到：{'、'.join(parts)}", "not found: " + ", ".join(f"'{part}'" for part in parts))
