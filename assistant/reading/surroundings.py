"""Add what a chosen sentence cannot stand without: the one that says who 它 is, the rest of its quotation. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.question import Asked
from assistant.reading.selection import RankedSentence, overlap
from assistant.reading.weighing import Weighed

_POINTS_BACK = re.compile(
    r"^[“\"「（(]?(?:它|他|她|其[^他中实次余]|该|此[^外前]|这[^样]|那[^么]|上述|前者|后者|两者|二者|双方|同[年月日]|当[年日天])"
    r"|^.{0,8}(?:该(?:公司|项目|计划|产品|机构|平台|系统|企业|集团|校|院|书|片|剧)|这[一个]|它们?)"
)
_GOES_ON = re.compile(
    r"^(?:但|然而|不过|可是|因此|因而|所以|于是|故[而此]|为此|对此|结果|最终|最后|此后|其后|随后|之后|后来|随即|同时|同[年月日]|次[年月日])"
)
"""How a sentence begins that tells a consequence or a turn of what was said before it."""
_QUOTES = {"“": "”", "「": "」", "『": "』"}
_LONGEST_QUOTE = 300  # characters that a quotation may go on after the sentence it begins in


def points_back(text: str) -> bool:
    """Tell whether a text begins with words that mean something said before it (它, 该公司, 当日)."""
    return _POINTS_BACK.search(text) is not None


def with_antecedents(
    asked: Asked, chosen: Sequence[RankedSentence], weighed: Sequence[Weighed]
) -> list[RankedSentence]:
    """Add, before a sentence that begins with 它 or 该公司, the sentence that says who that is.

    Where a few sentences are wanted, one that begins with 但 or 因此 has the one before it added too.
    """
    found = list(chosen)
    for evidence in chosen:
        goes_on = not asked.wants_short_answer and _GOES_ON.match(evidence.text)
        before = _sentence_before(evidence, weighed) if goes_on or points_back(evidence.text) else None
        if before is not None and not any(overlap(before, other) for other in found):
            found.append(before)
    return found


def _sentence_before(evidence: RankedSentence, weighed: Sequence[Weighed]) -> RankedSentence | None:
    for item in weighed:
        if item.hit.passage_id == evidence.hit.passage_id:
            offset = item.hit.start_char
            earlier = [span for span in item.sentences if offset + span[1] <= evidence.start]
            if earlier:
                return RankedSentence(
                    item.hit, offset + earlier[-1][0], offset + earlier[-1][1], evidence.score
                )
    return None


def with_whole_quotes(chosen: Sequence[RankedSentence], weighed: Sequence[Weighed]) -> list[RankedSentence]:
    """Let a sentence in which a quotation begins run on to the sentence in which it ends."""
    return [_to_the_end_of_its_quote(evidence, weighed) for evidence in chosen]


def _to_the_end_of_its_quote(evidence: RankedSentence, weighed: Sequence[Weighed]) -> RankedSentence:
    offset, text = evidence.hit.start_char, evidence.text
    for opening, closing in _QUOTES.items():
        if text.count(opening) > text.count(closing):
            stop = evidence.end - offset
            at = evidence.hit.text.find(closing, stop, stop + _LONGEST_QUOTE)
            ends = [
                end
                for item in weighed
                if at >= 0 and item.hit.passage_id == evidence.hit.passage_id
                for start, end in item.sentences
                if start <= at < end
            ]
            if ends:
                return RankedSentence(evidence.hit, evidence.start, offset + ends[0], evidence.score)
    return evidence
