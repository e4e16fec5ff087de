"""Select the sentences that make an answer: the best, its neighbours where needed, others that add to it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.question import Asked
from assistant.reading.weighing import Weighed
from assistant.subject import coverage
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
MAX_OF_ARTICLE = 2  # sentences of one article in a summary of several
LEAD_CHARS, LEAD_WORTH = 200, 1.5  # where an article begins, and what a sentence there is worth in a summary
FULL_SENTENCE, FIGURE_WORTH = 40, 1.2  # shorter sentences are captions and calls; figures tell more
MAX_IN_TURN = 8  # sentences of an enumeration (一是…二是…)
NEIGHBOUR_SHARE = 0.15  # the sentence next to the best one is shown from this share of its score on
WIDE_NEIGHBOUR_SHARE = 0.03  # the same where a few sentences are wanted
_SAME_WORDS = 0.7
_ASKS = re.compile(r"[?？]\W*$")
_NOTICE = re.compile(
    r"如若转载|转载请|未经[^。]{0,6}授权|责任编辑|版权所有|(?:图片|图|视频)(?:来源|来自)|摄影[：:]|记者[^。]{0,6}摄"
)
_IN_TURN = re.compile(
    r"^(?:[二三四五六七八九十]是|其[二三四五]|第[二三四五六七八][，,、是：:]|其次|再次|另一(?:方面|[种个类项]))"
)
_LONGEST_HEADING = 40
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


def points_back(text: str) -> bool:
    """Tell whether a text begins with words that mean something said before it (它, 该公司, 当日)."""
    return _POINTS_BACK.search(text) is not None


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
        * _trust(item.hit.text[start:end])
        for (start, end), score in zip(item.sentences, reading.sentence_scores, strict=True)
    ]
    most = max(shares, default=0.0) or 1.0
    return [share / most for share in shares]


def _trust(sentence: str) -> float:
    return ASKING_SHARE if _asks(sentence) else NOTICE_SHARE if _NOTICE.search(sentence) else 1.0


def choose(asked: Asked, ranked: Sequence[RankedSentence]) -> list[RankedSentence]:
    """Return the sentences to show, best first: one and its close neighbours, or as many as the kind needs."""
    if asked.kind == "summary":
        return choose_summary(asked, ranked)
    best = ranked[0]
    several = not asked.wants_short_answer
    share = LIST_SHARE if several else CLOSE_SHARE
    beside = _neighbours(best, ranked, WIDE_NEIGHBOUR_SHARE if several else NEIGHBOUR_SHARE)
    in_turn = several and any(_IN_TURN.match(item.text) for item in (best, *beside))
    chosen = [best, *beside][: MAX_IN_TURN if in_turn else MAX_SENTENCES]
    most = MAX_SENTENCES if several else len(chosen) + 1
    for evidence in ranked[1:]:
        if len(chosen) >= most or evidence.score < share * best.score:
            break
        adds = not _asks(evidence.text) and not any(_repeats(evidence, other) for other in chosen)
        if evidence not in chosen and adds:
            chosen.append(evidence)
    return chosen


def choose_summary(asked: Asked, ranked: Sequence[RankedSentence]) -> list[RankedSentence]:
    """Return what the articles say first, and of the subject: no reader is trained to find a summary.

    That the first sentences of a news article sum it up is the strongest simple rule (lead-3, Nallapati et al. 2017).
    """
    told = [item for item in ranked if not _asks(item.text) and not _is_heading(item.text)]
    worth = {item: _tells_of(asked, item) for item in told}
    chosen: list[RankedSentence] = []
    for item in sorted(told, key=lambda item: -worth[item]):
        of_article = [other for other in chosen if other.hit.article_id == item.hit.article_id]
        if len(chosen) == MAX_SENTENCES or worth[item] < LIST_SHARE * max(worth.values()):
            break
        if len(of_article) < MAX_OF_ARTICLE and not any(_repeats(item, other) for other in chosen):
            chosen.append(item)
    return chosen or [ranked[0]]


def _tells_of(asked: Asked, item: RankedSentence) -> float:
    """Return how much a sentence tells of the subject: what it and its title hold of it, more where it stands first."""
    folded = fold(item.text)
    held = coverage(asked.words, folded) + coverage(asked.words, f"{fold(item.hit.title)}\n{folded}")
    leads = LEAD_WORTH if item.start < LEAD_CHARS else 1.0
    says = min(1.0, len(folded) / FULL_SENTENCE) * (FIGURE_WORTH if re.search(r"\d", folded) else 1.0)
    return held * leads * says * _trust(item.text) * item.hit.score


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
            stands_apart = _is_heading(evidence.text) or _asks(evidence.text)
            if stands_apart or (evidence.score < share * best.score and not in_turn):
                break
            found.append(evidence)
    return found


def _asks(text: str) -> bool:
    return _ASKS.search(text) is not None


def _is_heading(text: str) -> bool:
    """Tell whether a line is a heading: short, and without a mark at its end."""
    return len(text) <= _LONGEST_HEADING and text[-1:].isalnum()


def _repeats(one: RankedSentence, other: RankedSentence) -> bool:
    """Tell whether two sentences say the same words."""
    first, second = _pairs(one.text), _pairs(other.text)
    return len(first & second) >= _SAME_WORDS * min(len(first), len(second))


def _pairs(text: str) -> set[str]:
    folded = fold(text)
    return {folded[at : at + 2] for at in range(len(folded) - 1)}


def overlap(one: RankedSentence, other: RankedSentence) -> bool:
    """Tell whether two stretches share words of the same article."""
    return one.hit.article_id == other.hit.article_id and one.start < other.end and other.start < one.end


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
