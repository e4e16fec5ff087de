"""Find the words of a claim that its evidence does not have, and tell a changed name from a paraphrase."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from assistant.verification.checks import Problem
from assistant.verification.dates_in_text import DateMention
from assistant.verification.evidence import Evidence, EvidenceSentence, bigrams
from assistant.verification.locate import Span
from assistant.verification.names import covered_by_words
from assistant.verification.numerals import Number

if TYPE_CHECKING:
    from assistant.verification.claim import Claim

_FRAME = 2
_LONGEST_NAME = 16
_BREAKS = frozenset("的了在是和与及由对于从到将被把也都但并或而且这那其")
"""Words that end a novel run."""
_SURNAMES = frozenset("于曾成时万应里")
"""Small words that are parts of names too: they may begin or end a novel run (于谦, 阿里)."""
_FUNCTION = frozenset(
    "有为以达已共曾获由于从到将被把也都还又而且但并或等这那其此该不很最更就才只能会可要应须上下中内外前后里间时年月日"
    "人个们约近超说称指表据因所使令让给向对比跟同各每某另我你他她它们之者性化型类式次名位项家款种第数多余来去过着地得做作用成出入进"
    "起开始当如若则即均仅非无未没零一二三四五六七八九十百千万亿两元美分角米克吨点号"
)


_SMALL = _BREAKS | _FUNCTION


def covered(claim: Claim, sentences: Sequence[EvidenceSentence]) -> list[bool]:
    """Return for each character of the claim whether a neighbouring pair with it is in the evidence."""
    shared: frozenset[str] = frozenset().union(*(sentence.bigrams for sentence in sentences))
    marks = [False] * len(claim.folded)
    places = [at for at, character in enumerate(claim.folded) if character.isalnum()]
    for at, after in pairwise(places):
        if claim.folded[at] + claim.folded[after] in shared:
            marks[at] = marks[after] = True
    return marks


def check_novelty(
    claim: Claim, marks: Sequence[bool], sentences: Sequence[EvidenceSentence], passages: Sequence[Evidence]
) -> Problem | None:
    """Report a name-like run of the claim that the evidence lacks, or has another name in place of."""
    usual = covered_by_words(claim.folded)
    for run in _novel_runs(claim, marks, bytes(len(usual))):
        if _replaces_a_name(claim, run, sentences, name_like=not any(usual[run.start : run.end])):
            return Problem("name", claim.folded[run.start : run.end])
    for run in _novel_runs(claim, marks, usual):
        words = claim.folded[run.start : run.end]
        if len(words) > 1 and not any(
            words in passage.folded or words in passage.title for passage in passages
        ):
            return Problem("name", words)
    return None


def _novel_runs(claim: Claim, marks: Sequence[bool], usual: Sequence[int]) -> Iterator[Span]:
    """Yield the runs of Chinese characters neither in the evidence nor marked as usual."""
    taken: list[Number | DateMention] = [*claim.facts.numbers, *claim.facts.dates]
    places = "".join(_place(c, known=marks[at] or bool(usual[at])) for at, c in enumerate(claim.folded))
    for match in re.finditer("s?x(?:[xfs]*[xs])?", places):
        if not any(fact.start < match.end() and match.start() < fact.end for fact in taken):
            yield Span(match.start(), match.end())


def _place(character: str, *, known: bool) -> str:
    """Return x for a character of a novel run, f for one that may stand inside, s for one that may be its end."""
    if known or not "\u3400" <= character <= "\u9fff":
        return " "
    if character in _SURNAMES:
        return "s"
    return " " if character in _BREAKS else "f" if character in _FUNCTION else "x"


def _replaces_a_name(
    claim: Claim, run: Span, sentences: Sequence[EvidenceSentence], *, name_like: bool
) -> bool:
    """Say whether a sentence has the words around the run, but others in its place, one of the two a name."""
    words = claim.folded[run.start : run.end]
    pattern = _frame(claim.folded, run)
    if pattern is None:
        return False
    for sentence in sentences:
        found = list(pattern.finditer(sentence.folded))
        if any(match[1] == words for match in found):
            continue
        if any(name_like if len(words) > 1 else _is_name(sentence, match) for match in found):
            return True
        if any(_is_name(sentence, match) and len(match[1]) > 1 for match in found):
            return True
    return False


def _frame(folded: str, run: Span) -> re.Pattern[str] | None:
    """Return the two characters before and after the run, anything between; four where one side is bare."""
    before = folded[max(0, run.start - _FRAME) : run.start].strip()
    after = folded[run.end : run.end + _FRAME].strip()
    if len(before) < _FRAME:
        after = folded[run.end : run.end + 2 * _FRAME]
    elif len(after) < _FRAME:
        before = folded[max(0, run.start - 2 * _FRAME) : run.start]
    if len(before) + len(after) < 2 * _FRAME:
        return None
    return re.compile(f"{re.escape(before)}([^,。;!?]{{1,{_LONGEST_NAME}}}?){re.escape(after)}")


def _is_name(sentence: EvidenceSentence, match: re.Match[str]) -> bool:
    """Say whether common words cover less than half of the match: 克里斯·希普金斯."""
    start, end = match.span(1)
    unusual = [
        c
        for c, usual in zip(match[1], sentence.usual[start:end], strict=True)
        if not usual and c not in _SMALL
    ]
    return 2 * len(unusual) >= len(match[1])


def cover_facts(claim: Claim, marks: list[bool]) -> None:
    """Count the claim's numbers and dates as covered, once they are checked."""
    facts: list[Number | DateMention] = [*claim.facts.numbers, *claim.facts.dates]
    for fact in facts:
        marks[fact.start : fact.end] = [True] * (fact.end - fact.start)


def content_share(claim: Claim, marks: Sequence[bool], span: Span | None = None) -> float:
    """Return the share of the claim's (or one clause's) content characters that the evidence covers."""
    start, end = (span.start, span.end) if span else (0, len(claim.folded))
    places = [at for at in range(start, end) if claim.folded[at].isalnum()]
    return sum(marks[at] for at in places) / len(places) if places else 0.0


def overlap(text: str, sentence: EvidenceSentence) -> float:
    """Return the share of the shorter one's content bigrams that the text and the sentence have in common."""
    pairs = bigrams(text)
    shorter = min(len(pairs), len(sentence.bigrams))
    return len(pairs & sentence.bigrams) / shorter if shorter else 0.0
