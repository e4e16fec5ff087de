"""Read the facts of a Chinese text that can be checked: numbers, dates, names, directions, negations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assistant.verification.dates_in_text import DateMention, find_dates, same_date
from assistant.verification.names import Name, find_names
from assistant.verification.numerals import Number, find_numbers, same_number, same_unit
from assistant.verification.polarity import Direction, Negation, find_directions, find_negations

__all__ = [
    "DateMention",
    "Direction",
    "Facts",
    "Name",
    "Negation",
    "Number",
    "facts_of_folded",
    "same_date",
    "same_number",
    "same_unit",
]


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one text; every `start` and `end` counts characters of that text."""

    numbers: tuple[Number, ...]
    dates: tuple[DateMention, ...]
    names: tuple[Name, ...]
    directions: tuple[Direction, ...]
    negations: tuple[Negation, ...]

    def __bool__(self) -> bool:
        return bool(self.numbers or self.dates or self.names or self.directions or self.negations)


def facts_of_folded(
    folded: str, *, published: date | None = None, dates: tuple[DateMention, ...] | None = None
) -> Facts:
    """Return the facts of a folded text, whose dates may be known already.

    `published` (the article's date) gives 今年, 昨日 and 8日 their meaning.
    """
    dates = find_dates(folded, published=published) if dates is None else dates
    numbers = tuple(
        number
        for number in find_numbers(folded)
        if not any(mention.start < number.end and number.start < mention.end for mention in dates)
    )
    return Facts(numbers, dates, find_names(folded), find_directions(folded), find_negations(folded))
