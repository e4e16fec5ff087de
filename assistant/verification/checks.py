"""Check the facts of a claim against the sentences chosen to prove it, one kind of fact at a time.

Each check asks where the sentences say the nearest thing to what the claim says (the same neighbours left and
right), and compares what stands there. A number that occurs, but beside other words, proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

from assistant.verification.claim import Claim
from assistant.verification.dates_in_text import dates_clash
from assistant.verification.evidence import Evidence, EvidenceSentence, bigrams
from assistant.verification.facts import DateMention, Name, Number, same_date, same_number, same_unit
from assistant.verification.locate import locate, locate_all_parts
from assistant.verification.polarity import Direction, Negation

ProblemKind: TypeAlias = Literal[
    "number", "date", "name", "quote", "direction", "negation", "content", "uncited", "marker"
]

NEIGHBOURS = 9
"""Characters on each side of a fact that tell where it stands."""
RIVAL_MARGIN = 0.3
STATED_FAMILIES = frozenset({"change", "profit"})
"""Directions that must be said by the evidence; of the others only the opposite is a contradiction."""
_DATELINE = re.compile(r"[电讯]")
"""新华社7月21日电: the day of the report, not of what it reports."""
_FALL = re.compile(r"(?:[降跌滑]|减少?|亏损?)了?[约近逾超]?$")
_DOTS = re.compile(r"[·•・‧∙]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a claim is not supported, and by which of its words."""

    kind: ProblemKind
    words: str


class Placed(Protocol):
    """A fact with its place in a text."""

    @property
    def start(self) -> int:
        """Return where it starts."""

    @property
    def end(self) -> int:
        """Return where it ends."""


def neighbourhood(folded: str, fact: Placed) -> tuple[frozenset[str], frozenset[str]]:
    """Return the content bigrams left and right of a fact."""
    left = folded[max(0, fact.start - NEIGHBOURS) : fact.start]
    right = folded[fact.end : fact.end + NEIGHBOURS]
    return bigrams(left), bigrams(right)


def likeness(claim: Claim, fact: Placed, sentence: EvidenceSentence, other: Placed) -> float:
    """Return how much of what surrounds the claim's fact surrounds the other one, 0…1."""
    left, right = neighbourhood(claim.folded, fact)
    other_left, other_right = neighbourhood(sentence.folded, other)
    size = len(left) + len(right)
    return (len(left & other_left) + len(right & other_right)) / size if size > 2 else 0.0


def _outdone(right: Iterable[float], wrong: Iterable[float]) -> bool:
    """Say whether a place that says otherwise is clearly nearer to the claim than any that agrees."""
    best = max(wrong, default=0.0)
    return best >= 0.5 and best > max(right, default=0.0) + RIVAL_MARGIN


def check_number(claim: Claim, number: Number, sentences: Sequence[EvidenceSentence]) -> Problem | None:
    """Check value, unit and exactness, and that the sentences do not say another number there."""
    right: list[float] = []
    wrong: list[float] = []
    found = False
    for sentence in sentences:
        for other in sentence.facts.numbers:
            if same_number(number, other) or same_number(
                _as_change(claim.folded, number), _as_change(sentence.folded, other)
            ):
                found = True
                right.append(likeness(claim, number, sentence, other))
            elif same_unit(number.unit, other.unit):
                wrong.append(likeness(claim, number, sentence, other))
        if not number.unit and any(mention.year == number.value for mention in sentence.facts.dates):
            found = True
            right.append(1.0)
    if found and not _outdone(right, wrong):
        return None
    return Problem("number", claim.folded[number.start : number.end])


def _as_change(folded: str, number: Number) -> Number:
    """Return 下降5% and 亏损5亿元 as -5% and -5亿元."""
    falls = number.value > 0 and _FALL.search(folded[max(0, number.start - 4) : number.start])
    return replace(number, value=-number.value) if falls else number


def check_date(claim: Claim, index: int, sentences: Sequence[EvidenceSentence]) -> Problem | None:
    """Check the claim's date number `index`, read as each sentence's article would mean it."""
    right: list[float] = []
    wrong: list[float] = []
    for sentence in sentences:
        mention = claim.dates(sentence.passage.published)[index]
        for other in sentence.facts.dates:
            near = likeness(claim, mention, sentence, other)
            if same_date(mention, other):
                right.append(near)
            elif dates_clash(mention, other) and not _DATELINE.match(sentence.folded, other.end):
                wrong.append(near)
    mention = claim.facts.dates[index]
    words = claim.folded[mention.start : mention.end]
    if right:
        return Problem("date", words) if _outdone(right, wrong) else None
    if any(words in sentence.folded for sentence in sentences) and not words[:1].isdigit():
        return None
    return None if _is_publication_date(claim, index, sentences) else Problem("date", words)


def _is_publication_date(claim: Claim, index: int, sentences: Sequence[EvidenceSentence]) -> bool:
    """Accept the article's own date where its sentences name no other."""
    for sentence in sentences:
        published = sentence.passage.published
        mention = claim.dates(published)[index]
        own = published and DateMention(published.year, published.month, published.day, (), (), 0, 0)
        said = [other for one in sentences for other in one.facts.dates if _as_exact(other, mention)]
        if own and same_date(mention, own) and not said:
            return True
    return False


def _as_exact(other: DateMention, mention: DateMention) -> bool:
    """Say whether a date names the day (the month, the year) as the other does."""
    if mention.day:
        return other.day is not None
    return other.month is not None if mention.month else other.year is not None


def check_direction(
    claim: Claim, direction: Direction, sentences: Sequence[EvidenceSentence]
) -> Problem | None:
    """Check that the nearest word of this family points the same way."""
    right: list[float] = []
    wrong: list[float] = []
    same = False
    for sentence in sentences:
        for other in sentence.facts.directions:
            if other.family == direction.family:
                near = likeness(claim, direction, sentence, other)
                (right if other.up == direction.up else wrong).append(near)
        same = same or claim.folded[direction.start : direction.end] in sentence.folded
    words = claim.folded[direction.start : direction.end]
    if right or same:
        best = max(right, default=0.0)
        return Problem("direction", words) if max(wrong, default=0.0) > best + RIVAL_MARGIN / 2 else None
    stated = direction.family in STATED_FAMILIES
    contradicted = max(wrong, default=0.0) >= RIVAL_MARGIN
    return Problem("direction", words) if stated or contradicted else None


def check_negations(claim: Claim, sentences: Sequence[EvidenceSentence]) -> Problem | None:
    """Check that the claim denies what the sentences deny, and nothing else."""
    for negation in claim.facts.negations:
        if not _denied(claim, negation, sentences):
            return Problem("negation", claim.folded[negation.start : negation.end + 2])
    for sentence in sentences:
        for negation in sentence.facts.negations:
            if _affirmed(claim, negation, sentence, sentences):
                return Problem("negation", sentence.folded[negation.start : negation.end + 2])
    return None


def _tail(folded: str, negation: Negation, size: int) -> str:
    match = re.match(r"[\w%]*", folded[negation.end :].replace(" ", ""))
    return match[0][:size] if match else ""


def _places(tail: str, folded: str) -> Iterator[int]:
    at = folded.find(tail) if tail else -1
    while at >= 0:
        yield at
        at = folded.find(tail, at + 1)


def _negated(at: int, negations: Sequence[Negation]) -> bool:
    return any(at - 3 <= negation.end <= at or negation.start < at < negation.end for negation in negations)


def _denied(claim: Claim, negation: Negation, sentences: Sequence[EvidenceSentence]) -> bool:
    """Say whether the sentences deny what the claim denies; said plainly, it is a contradiction."""
    tail = _tail(claim.folded, negation, 2)
    plain = False
    for sentence in sentences:
        for at in _places(tail, sentence.folded):
            if _negated(at, sentence.facts.negations):
                return True
            plain = True
    words = claim.folded[negation.start : negation.end]
    return not plain and any(sentence.facts.negations or words in sentence.folded for sentence in sentences)


def _affirmed(
    claim: Claim, negation: Negation, sentence: EvidenceSentence, sentences: Sequence[EvidenceSentence]
) -> bool:
    """Say whether the claim says plainly what the sentence denies, in the same surroundings."""
    tail = _tail(sentence.folded, negation, 2)
    if len(tail) < 2 or any(
        not _negated(at, other.facts.negations) for other in sentences for at in _places(tail, other.folded)
    ):
        return False
    longer = _tail(sentence.folded, negation, 4)
    head = bigrams(sentence.folded[max(0, negation.start - 5) : negation.start])
    for at in _places(tail, claim.folded):
        if _negated(at, claim.facts.negations):
            continue
        same_head = head & bigrams(claim.folded[max(0, at - 7) : at])
        if same_head or (len(longer) == 4 and claim.folded.startswith(longer, at)):
            return True
    return False


def check_name(
    name: Name, sentences: Sequence[EvidenceSentence], passages: Sequence[Evidence]
) -> Problem | None:
    """Check that the cited passages, or the title of their article, have the name."""
    held = _has_quote if name.kind == "quoted" else _has_name
    texts = [one.folded for one in sentences] + [text for p in passages for text in (p.folded, p.title)]
    if any(held(name, text) for text in texts):
        return None
    return Problem("quote" if name.kind == "quoted" else "name", name.text)


def _has_quote(name: Name, folded: str) -> bool:
    quote = name.text
    return locate(quote, folded, folded=folded) is not None or (
        "…" in quote and locate_all_parts(quote, folded, folded=folded) is not None
    )


def _has_name(name: Name, folded: str) -> bool:
    if name.kind == "latin":
        return re.search(rf"(?<![a-z0-9]){re.escape(name.text)}(?![a-z])", folded) is not None
    if name.text in folded:
        return True
    pieces = _DOTS.split(name.text)
    if len(pieces) > 1:  # the first piece may begin with words before the name: 编剧乔纳森·诺兰
        return all(piece in folded for piece in [pieces[0][-2:], *pieces[1:]])
    return name.kind == "organisation" and name.text[:2] in folded
