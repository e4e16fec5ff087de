"""Choose, from the hits as read, the sentences that answer; or find that none does. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import REFUSAL, Citation
from assistant.parts import parts_of
from assistant.question import Asked, read_question
from assistant.reading.conflicts import SourceAnswer, conflict_warning, find_conflict, premise_warning
from assistant.reading.digest import choose_of_article
from assistant.reading.passages import quotable
from assistant.reading.reader import VALUE
from assistant.reading.selection import (
    CLOSE_SHARE,
    RankedSentence,
    choose,
    in_reading_order,
    joined,
    overlap,
    rank_sentences,
)
from assistant.reading.short_answers import short_answer
from assistant.reading.summary import choose_summary
from assistant.reading.surroundings import points_back, with_antecedents, with_whole_quotes
from assistant.reading.weighing import Weighed
from assistant.subject import coverage
from assistant.verification.dates_in_text import in_chinese
from vectorstore.fold import fold

LONG_SENTENCE = 120
PART_COVERAGE = 0.7
PART_SENTENCES = 2
SUMMARY_SHARE = 0.3
LEAST_SPAN = 0.1
"""On the dev sets, six in ten spans below it share no character with the answer; a figure is right all the same."""
_RELATIVE_DATE = re.compile(
    r"[今去前明]年|本年|[昨今明前]日|[昨今明前]天|今晚|昨晚|当[日天年]|近日|日前|本[月周]|上[个]?[月周]|下[个]?[月周]"
)
_OWN_MARKER = re.compile(r"\[(\d+)\]")
_YEARLESS = re.compile(r"(?<!\d)(?<!年)\d{1,2}月\d{1,2}日")


@dataclass(frozen=True, slots=True)
class Piece:
    """A cited sentence as it is shown: its words, its marker, and what was added in brackets."""

    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer made of cited sentences, and the words that answer in short."""

    pieces: tuple[Piece, ...]
    short_answer: str | None
    warnings: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Tell whether nothing was found that answers."""
        return not self.pieces

    @property
    def text(self) -> str:
        """Return the answer with its markers."""
        return "".join(piece.text for piece in self.pieces) or REFUSAL

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Return the citations in the order of their markers."""
        return tuple(piece.citation for piece in self.pieces)


REFUSED = Composed((), None)


def compose(
    asked: Asked, weighed: Sequence[Weighed], *, threshold: float, parts: Sequence[Sequence[Weighed]] = (),
    article: Sequence[Weighed] = (),
) -> Composed:  # fmt: skip
    """Return the answer that the readings support; refuse when the best one is below `threshold`.

    `parts` are the readings for the smaller questions that a question holds: the best sentence of each is shown,
    and that of the whole question where it answers and a part does not. `article` are all passages of the one article
    that a summary is asked of: it is made of them alone.
    """
    if asked.kind == "summary":  # no single passage answers: what is near enough is shown
        threshold *= SUMMARY_SHARE
    ranked = rank_sentences(weighed)
    answered = [part for part in parts if part and part[0].probability >= threshold]
    if not ranked or (weighed[0].probability < threshold and not answered):
        return REFUSED
    if article:
        told = with_whole_quotes(choose_of_article(asked, article), article)
        return Composed(pieces(joined(in_reading_order(told))), None)
    if parts and answered:
        if len(answered) < len(parts) and weighed[0].probability >= threshold:
            answered = [weighed, *answered]
        chosen = _best_of_parts(asked, answered)
        return Composed(_finished(asked, chosen, [item for part in answered for item in part]), None)
    chosen = (choose_summary if asked.kind == "summary" else choose)(asked, ranked)
    best = chosen[0]
    shown_from = min(
        threshold, CLOSE_SHARE * weighed[0].probability
    )  # what is cited beside the best may disagree
    conflict = None if parts_of(asked.text) else find_conflict(asked, weighed, threshold=shown_from)
    if conflict:
        chosen = _with_both(chosen, conflict)
    short = _short(asked, best, weighed)
    finished = _finished(asked, chosen, weighed)
    disagree = conflict_warning(*conflict, numbers=_numbers(finished, conflict)) if conflict else None
    warnings = (disagree, premise_warning(asked, best.text, best.hit.title))
    return Composed(finished, short, tuple(warning for warning in warnings if warning))


def _short(asked: Asked, best: RankedSentence, weighed: Sequence[Weighed]) -> str | None:
    """Return the few words that answer, unless they are words that the reader itself hardly believes in."""
    needs_span = asked.kind not in VALUE and asked.kind != "yes_no"
    if not asked.wants_short_answer or (needs_span and _span_score(best, weighed) < LEAST_SPAN):
        return None
    parts = parts_of(asked.text)
    if parts and all(part in asked.text for part in parts):  # 何时成立，在哪里: one would stay unanswered
        return None
    short = short_answer(asked, best.text, _span_in(best, weighed))
    return shown(short) if short else None


def _span_score(evidence: RankedSentence, weighed: Sequence[Weighed]) -> float:
    return next(item.reading.span_score for item in weighed if item.hit.passage_id == evidence.hit.passage_id)


def _best_of_parts(asked: Asked, parts: Sequence[Sequence[Weighed]]) -> list[RankedSentence]:
    chosen: list[RankedSentence] = []
    for part in parts:
        shown = sorted(choose(asked, rank_sentences(part)), key=lambda item: -item.score)
        for best in shown[:PART_SENTENCES]:
            if not any(overlap(best, other) for other in chosen):
                chosen.append(best)
    return chosen


def _with_both(
    chosen: list[RankedSentence], conflict: tuple[SourceAnswer, SourceAnswer]
) -> list[RankedSentence]:
    """Return the sentences of both answers, which make the answer where sources disagree."""
    both = [
        RankedSentence(answer.item.hit, answer.start, answer.end, answer.item.probability)
        for answer in conflict
    ]
    return both + [item for item in chosen[:1] if not any(overlap(item, answer) for answer in both)]


def _numbers(finished: Sequence[Piece], conflict: tuple[SourceAnswer, SourceAnswer]) -> tuple[int, int]:
    first, second = (
        next(
            piece.citation.number
            for piece in finished
            if piece.citation.article_id == answer.item.hit.article_id
            and piece.citation.start_char < answer.end
            and answer.start < piece.citation.end_char
        )
        for answer in conflict
    )
    return first, second


def _finished(
    asked: Asked, chosen: Sequence[RankedSentence], weighed: Sequence[Weighed]
) -> tuple[Piece, ...]:
    whole = with_antecedents(asked, chosen, weighed)
    if not asked.wants_short_answer:
        return pieces(joined(in_reading_order(with_whole_quotes(whole, weighed))))
    return pieces(joined(in_reading_order([narrow(asked, item, weighed) for item in whole])))


def _span_in(evidence: RankedSentence, weighed: Sequence[Weighed]) -> tuple[int, int] | None:
    """Return the reader's span, counted from the start of the sentence, where it lies inside it."""
    for item in weighed:
        if item.hit.passage_id == evidence.hit.passage_id:
            start, end = (item.hit.start_char + at for at in item.reading.span)
            if evidence.start <= start < end <= evidence.end:
                return start - evidence.start, end - evidence.start
    return None


def narrow(asked: Asked, evidence: RankedSentence, weighed: Sequence[Weighed]) -> RankedSentence:
    """Return the clauses of a very long sentence that answer, where they hold all the question asks of it."""
    span = _span_in(evidence, weighed)
    text = evidence.text
    if len(text) <= LONG_SENTENCE or span is None or not asked.wants_short_answer:
        return evidence
    wanted = coverage(asked.words, fold(text))
    ends = [match.end() for match in re.finditer(r"[，；,;]", text)] + [len(text)]
    starts = [0, *ends[:-1]]
    windows = [
        (start, end)
        for start in starts
        for end in ends
        if start <= span[0] and span[1] <= end and start < end
    ]
    fitting = [pair for pair in windows if coverage(asked.words, fold(text[slice(*pair)])) >= wanted - 1e-9]
    start, end = min(fitting, key=lambda pair: pair[1] - pair[0], default=(0, len(text)))
    if end - start > len(text) / 2 or points_back(text[start:end]):
        return evidence
    return RankedSentence(evidence.hit, evidence.start + start, evidence.start + end, evidence.score)


def pieces(chosen: Sequence[RankedSentence]) -> tuple[Piece, ...]:
    """Return the sentences with their markers, numbered from 1."""
    return tuple(piece_of(cite(evidence, number)) for number, evidence in enumerate(chosen, start=1))


def piece_of(citation: Citation) -> Piece:
    """Return a citation as it is shown: its words, its marker, and the article's date where it is needed."""
    return Piece(f"{shown(citation.cited_text)}[{citation.number}]{added_date(citation)}", citation)


def shown(words: str) -> str:
    """Return the words of an article as an answer shows them: its own [3] full-width, so that it names no citation."""
    return _OWN_MARKER.sub(r"［\1］", words)


def added_date(citation: Citation) -> str:
    """Return the article's date, in brackets, for a sentence that says 今年 or 8日 without its year."""
    relative = _RELATIVE_DATE.search(citation.cited_text) or _YEARLESS.search(citation.cited_text)
    return f"（文章日期：{in_chinese(citation.published)}）" if relative and citation.published else ""


def cite(evidence: RankedSentence, number: int) -> Citation:
    """Return the citation of a sentence, without half of a pair of quotes at its ends."""
    hit = evidence.hit
    text = evidence.text
    start, end = quotable(text)
    return Citation(
        number=number, cited_text=text[start:end],
        article_id=hit.article_id, title=hit.title, source=hit.source, url=hit.url, published=hit.published,
        start_char=evidence.start + start, end_char=evidence.start + end, passage_id=hit.passage_id,
    )  # fmt: skip


def parts_missed(asked: Asked, composed: Composed) -> list[Asked]:
    """Return the smaller questions of a question, where the answer leaves what sets one of them apart unsaid."""
    parts = [read_question(part) for part in parts_of(asked.text)]
    if not parts:
        return []
    own_clauses = all(
        part.text in asked.text for part in parts
    )  # 谁演的？导演是谁？: one name answers one of them
    if (
        composed.refused
        or parts_unsaid(parts, composed)
        or (own_clauses and len(composed.citations) < len(parts))
    ):
        return parts
    value = VALUE.get(parts[0].kind)
    return parts if value is not None and _values(value, composed) < len(parts) else []


def parts_unsaid(parts: Sequence[Asked], composed: Composed) -> list[Asked]:
    """Return those of the parts whose own words, that no other part has, are not in what is cited."""
    said = fold("\n".join(f"{citation.title}\n{citation.cited_text}" for citation in composed.citations))
    shared = set.intersection(*({word.text for word in part.words} for part in parts))
    own = [[word for word in part.words if word.text not in shared] for part in parts]
    return [part for part, words in zip(parts, own, strict=True) if coverage(words, said) < PART_COVERAGE]


def _values(value: re.Pattern[str], composed: Composed) -> int:
    """Return how many different figures or dates the answer cites."""
    return len(
        {match[0] for citation in composed.citations for match in value.finditer(fold(citation.cited_text))}
    )
