"""Select the sentences that make an answer: the best, its neighbours where needed, others that add to it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.question import Asked
from assistant.reading.weighing import Weighed
from vectorstore.article import Hit
from vectorstore.fold import fold

MAX_SENTENCES = 4
SPAN_BONUS = 0.6  # how much the sentence that holds the reader's span gains, against its own score
CLOSE_SHARE = (
    0.5  # another passage's sentence is shown beside the best when it scores at least this share of it
)
LIST_SHARE = 0.4  # the same where a few sentences are wanted
ASKING_SHARE = 0.5  # a sentence that asks seldom answers
NOTICE_SHARE = 0.2  # one about who may reprint or who took the picture even more seldom
MAX_IN_TURN = 8  # sentences of an enumeration (一是…二是…)
NEIGHBOUR_SHARE = 0.15  # the sentence next to the best one is shown from this share of its score on
WIDE_NEIGHBOUR_SHARE = 0.03  # the same where a few sentences are wanted
_SAME_WORDS = 0.7
_FROM_MANY = frozenset(
    ("list", "compare")
)  # what several articles answer together, rather than one at length
_ASKS = re.compile(r"[?？]\W*$")
_ASKING_HEADING = re.compile(r"是谁|是什么|哪里人|是哪|多少钱$|为什么|怎么[办样]$|吗$")
_NOTICE = re.compile(
    r"如若转载|转载请|未经[^。]{0,6}授权|责任编辑|版权所有|(?:图片|图|视频)(?:来源|来自)|摄影[：:]|记者[^。]{0,6}摄"
)
_IN_TURN = re.compile(
    r"^(?:[二三四五六七八九十]是|其[二三四五]|第[二三四五六七八][，,、是：:]|其次|再次|另一(?:方面|[种个类项]))"
)
_LONGEST_HEADING = 40


@dataclass(frozen=True, slots=True)
class RankedSentence:
    """A sentence that answers, with its score in 0..1; `start`, `end` count the article's characters."""

    hit: Hit
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """Return the sentence's words."""
        return self.hit.text[self.start - self.hit.start_char : self.end - self.hit.start_char]


def rank_sentences(weighed: Sequence[Weighed]) -> list[RankedSentence]:
    """Return every sentence of every hit, best first."""
    evidence = [
        RankedSentence(
            item.hit, item.hit.start_char + start, item.hit.start_char + end, item.probability * share
        )
        for item in weighed
        for (start, end), share in zip(item.sentences, sentence_shares(item), strict=True)
    ]
    return sorted(evidence, key=lambda item: (-item.score, item.hit.rank, item.start))


def sentence_shares(item: Weighed) -> list[float]:
    """Return how well each sentence of a passage answers, against its best one (1)."""
    reading = item.reading
    low, high = reading.span
    whole = max(reading.answerable, 1e-6)
    shares = [
        (score / whole + SPAN_BONUS * reading.span_score * (start < high and low < end))
        * trust(item.hit.text[start:end])
        for (start, end), score in zip(item.sentences, reading.sentence_scores, strict=True)
    ]
    most = max(shares, default=0.0) or 1.0
    return [share / most for share in shares]


def trust(sentence: str) -> float:
    """Return what a sentence's score is worth: less where it asks, least in a notice of rights or a heading that asks."""
    if _NOTICE.search(sentence) or (is_heading(sentence) and _ASKING_HEADING.search(sentence)):
        return NOTICE_SHARE
    return ASKING_SHARE if asks(sentence) else 1.0


def choose(asked: Asked, ranked: Sequence[RankedSentence]) -> list[RankedSentence]:
    """Return the sentences to show, best first: one and its close neighbours, or as many as the kind needs."""
    best = ranked[0]
    several = not asked.wants_short_answer
    beside = _neighbours(best, ranked, WIDE_NEIGHBOUR_SHARE if several else NEIGHBOUR_SHARE)
    if several and any(_IN_TURN.match(item.text) for item in (best, *beside)):
        return [best, *beside][:MAX_IN_TURN]
    least = (LIST_SHARE if several else CLOSE_SHARE) * best.score
    others: list[RankedSentence] = []
    for item in ranked[1:]:
        if item.score < least or len(others) == MAX_SENTENCES:
            break
        if trust(item.text) == 1.0 and not any(
            item == other or repeats(item, other) for other in (best, *beside, *others)
        ):
            others.append(item)
    if not several:
        return [best, *beside][:MAX_SENTENCES] + others[:1]
    if asked.kind in _FROM_MANY:  # other articles' before lesser ones of the same
        elsewhere = [item for item in others if item.hit.article_id != best.hit.article_id]
        beside = sorted([*beside, *elsewhere], key=lambda item: -item.score)
        others = [item for item in others if item not in elsewhere]
    return [best, *beside, *others][:MAX_SENTENCES]


def _neighbours(best: RankedSentence, ranked: Sequence[RankedSentence], share: float) -> list[RankedSentence]:
    """Return the sentences that stand next to the best one and answer too, without a gap."""
    here = sorted(
        (item for item in ranked if item.hit.passage_id == best.hit.passage_id), key=lambda item: item.start
    )
    at = here.index(best)
    found: list[RankedSentence] = []
    for side in (here[at:], here[: at + 1][::-1]):
        for beside, evidence in pairwise(side):
            in_turn = _IN_TURN.match(max(beside, evidence, key=lambda item: item.start).text)
            stands_apart = is_heading(evidence.text) or asks(evidence.text)
            if stands_apart or (evidence.score < share * best.score and not in_turn):
                break
            found.append(evidence)
    return found


def asks(text: str) -> bool:
    """Tell whether a sentence asks."""
    return _ASKS.search(text) is not None


def is_heading(text: str) -> bool:
    """Tell whether a line is a heading: short, and without a mark at its end."""
    return len(text) <= _LONGEST_HEADING and text[-1:].isalnum()


def repeats(one: RankedSentence, other: RankedSentence) -> bool:
    """Tell whether two sentences say the same words."""
    first, second = _pairs(one.text), _pairs(other.text)
    return len(first & second) >= _SAME_WORDS * min(len(first), len(second))


def _pairs(text: str) -> set[str]:
    folded = fold(text)
    return {folded[at : at + 2] for at in range(len(folded) - 1)}


def overlap(one: RankedSentence, other: RankedSentence) -> bool:
    """Tell whether two stretches share words of the same article."""
    return one.hit.article_id == other.hit.article_id and one.start < other.end and other.start < one.end


def in_reading_order(chosen: Sequence[RankedSentence]) -> list[RankedSentence]:
    """Group sentences by article, the best article first, and put each article's in reading order."""
    order = {evidence.hit.article_id: rank for rank, evidence in reversed(list(enumerate(chosen)))}
    return sorted(chosen, key=lambda item: (order[item.hit.article_id], item.start))


def joined(ordered: Sequence[RankedSentence]) -> list[RankedSentence]:
    """Join sentences that stand side by side in a passage, so that they are quoted as one."""
    found: list[RankedSentence] = []
    for evidence in ordered:
        last = found[-1] if found else None
        if last and last.hit.passage_id == evidence.hit.passage_id and _touch(last, evidence):
            score = max(last.score, evidence.score)
            found[-1] = RankedSentence(last.hit, last.start, max(last.end, evidence.end), score)
        else:
            found.append(evidence)
    return found


def _touch(one: RankedSentence, other: RankedSentence) -> bool:
    offset = one.hit.start_char
    gap = one.hit.text[one.end - offset : other.start - offset]
    return other.start <= one.end or (not gap.strip() and "\n" not in gap)
