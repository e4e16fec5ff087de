"""Choose, from the hits as read, the sentences that answer; or find that none does. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import REFUSAL, Citation
from assistant.conflicts import Claim, conflict_warning, find_conflict
from assistant.passages import quotable
from assistant.question import Asked, parts_of, read_question
from assistant.short_answers import short_answer
from assistant.subject import coverage
from assistant.weighing import Weighed
from vectorstore.article import Hit
from vectorstore.fold import fold

MAX_SENTENCES = 4
CLOSE_SHARE = 0.8  # a second sentence is shown beside the best when it scores at least this share of it
LIST_SHARE = 0.4  # the same where a few sentences are wanted
LONG_SENTENCE = 120
PART_COVERAGE = 0.7
_POINTS_BACK = re.compile(
    r"^[“\"「（(]?(?:它|他|她|其[^他中实次余]|该|此[^外前]|这[^样]|那[^么]|上述|前者|后者|两者|二者|双方|同[年月日]|当[年日天])"
    r"|^.{0,8}(?:该(?:公司|项目|计划|产品|机构|平台|系统|企业|集团|校|院|书|片|剧)|这[一个]|它们?)"
)
_GOES_ON = re.compile(r"^[“\"「]?(?:其中|一是|二是|三是|第[一二三四五]|首先|其次|再次|最后|此外|另外|同时|因此|所以|这(?:些|一|是|使)|为此|还有|[①②③④⑤(（]?[1-9一二三四五][、.)）])")
_RELATIVE_DATE = re.compile(r"[今去前明]年|本年|[昨今明前]日|[昨今明前]天|今晚|昨晚|当[日天年]|近日|日前|本[月周]|上[个]?[月周]|下[个]?[月周]")
_YEARLESS = re.compile(r"(?<!\d)(?<!年)\d{1,2}月\d{1,2}日")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that answers, with its score in 0..1; `start`, `end` count the article's characters."""

    hit: Hit
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """Return the sentence's words."""
        return self.hit.text[self.start - self.hit.start_char : self.end - self.hit.start_char]


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
    asked: Asked, weighed: Sequence[Weighed], *, threshold: float, parts: Sequence[Sequence[Weighed]] = ()
) -> Composed:
    """Return the answer that the readings support; refuse when the best one is below `threshold`.

    `parts` are the readings for the smaller questions that a question holds: the best sentence of each is shown.
    """
    ranked = rank_evidence(weighed)
    answered = [part for part in parts if part and part[0].probability >= threshold]
    if not ranked or (weighed[0].probability < threshold and not answered):
        return REFUSED
    if parts and answered:
        chosen = _best_of_parts(answered)
        return Composed(_finished(asked, chosen, [item for part in answered for item in part]), None)
    chosen = choose(asked, ranked, threshold=threshold)
    best = chosen[0]
    conflict = find_conflict(asked, weighed, threshold=threshold)
    if conflict:
        chosen = _with_claims(chosen, conflict)
    short = short_answer(asked, best.text, _span_in(best, weighed)) if asked.wants_short_answer else None
    finished = _finished(asked, chosen, weighed)
    warnings = (conflict_warning(asked, *conflict, _numbers(finished, conflict)),) if conflict else ()
    return Composed(finished, short, warnings)


def _best_of_parts(parts: Sequence[Sequence[Weighed]]) -> list[Evidence]:
    chosen: list[Evidence] = []
    for part in parts:
        best = rank_evidence(part)[0]
        if not any(_overlap(best, other) for other in chosen):
            chosen.append(best)
    return chosen


def _with_claims(chosen: list[Evidence], conflict: tuple[Claim, Claim]) -> list[Evidence]:
    """Return the sentences of both claims, which make the answer where sources disagree."""
    both = [Evidence(claim.item.hit, claim.start, claim.end, claim.item.probability) for claim in conflict]
    return both + [item for item in chosen[:1] if not any(_overlap(item, claim) for claim in both)]


def _numbers(finished: Sequence[Piece], conflict: tuple[Claim, Claim]) -> tuple[int, int]:
    first, second = (
        next(
            piece.citation.number
            for piece in finished
            if piece.citation.article_id == claim.item.hit.article_id
            and piece.citation.start_char < claim.end
            and claim.start < piece.citation.end_char
        )
        for claim in conflict
    )
    return first, second


def _finished(asked: Asked, chosen: Sequence[Evidence], weighed: Sequence[Weighed]) -> tuple[Piece, ...]:
    narrowed = [narrow(asked, item, weighed) for item in with_antecedents(chosen, weighed)]
    return pieces(in_reading_order(narrowed))


def rank_evidence(weighed: Sequence[Weighed]) -> list[Evidence]:
    """Return every sentence of every hit, best first."""
    evidence = []
    for item in weighed:
        scores = item.reading.sentence_scores
        most = max(scores, default=0.0) or 1.0
        for (start, end), score in zip(item.sentences, scores, strict=True):
            offset = item.hit.start_char
            evidence.append(Evidence(item.hit, offset + start, offset + end, item.probability * score / most))
    return sorted(evidence, key=lambda item: (-item.score, item.hit.rank, item.start))


def choose(asked: Asked, ranked: Sequence[Evidence], *, threshold: float) -> list[Evidence]:
    """Return the sentences to show, best first: one, or as many as the kind of question needs."""
    several = not asked.wants_short_answer
    most, share = (MAX_SENTENCES, LIST_SHARE) if several else (2, CLOSE_SHARE)
    chosen = [ranked[0]]
    for evidence in ranked[1:]:
        if len(chosen) == most or evidence.score < max(share * ranked[0].score, threshold if not several else 0.0):
            break
        if not any(_repeats(evidence, other) for other in chosen):
            chosen.append(evidence)
    return chosen


def _repeats(one: Evidence, other: Evidence) -> bool:
    """Tell whether two sentences say the same words."""
    first, second = fold(one.text), fold(other.text)
    pairs = {first[at : at + 2] for at in range(len(first) - 1)}
    more = {second[at : at + 2] for at in range(len(second) - 1)}
    return 2 * len(pairs & more) >= min(len(pairs), len(more)) * 1.4 if pairs and more else True


def _overlap(one: Evidence, other: Evidence) -> bool:
    return one.hit.article_id == other.hit.article_id and one.start < other.end and other.start < one.end


def with_antecedents(chosen: Sequence[Evidence], weighed: Sequence[Weighed]) -> list[Evidence]:
    """Add, before a sentence that begins with 它 or 该公司, the sentence that says who that is."""
    found = list(chosen)
    for evidence in chosen:
        if len(found) >= MAX_SENTENCES + 1 or not _POINTS_BACK.search(evidence.text):
            continue
        before = _sentence_before(evidence, weighed)
        if before is not None and not any(_overlap(before, other) for other in found):
            found.append(before)
    return found


def _sentence_before(evidence: Evidence, weighed: Sequence[Weighed]) -> Evidence | None:
    for item in weighed:
        if item.hit.passage_id == evidence.hit.passage_id:
            offset = item.hit.start_char
            earlier = [span for span in item.sentences if offset + span[1] <= evidence.start]
            if earlier:
                return Evidence(item.hit, offset + earlier[-1][0], offset + earlier[-1][1], evidence.score)
    return None


def _span_in(evidence: Evidence, weighed: Sequence[Weighed]) -> tuple[int, int] | None:
    """Return the reader's span, counted from the start of the sentence, where it lies inside it."""
    for item in weighed:
        if item.hit.passage_id == evidence.hit.passage_id:
            start, end = (item.hit.start_char + at for at in item.reading.span)
            if evidence.start <= start < end <= evidence.end:
                return start - evidence.start, end - evidence.start
    return None


def narrow(asked: Asked, evidence: Evidence, weighed: Sequence[Weighed]) -> Evidence:
    """Return the clauses of a very long sentence that answer, where they hold all the question asks of it."""
    span = _span_in(evidence, weighed)
    text = evidence.text
    if len(text) <= LONG_SENTENCE or span is None or not asked.wants_short_answer:
        return evidence
    wanted = coverage(asked.words, fold(text))
    ends = [match.end() for match in re.finditer(r"[，；,;]", text)] + [len(text)]
    starts = [0, *ends[:-1]]
    windows = [
        (start, end) for start in starts for end in ends if start <= span[0] and span[1] <= end and start < end
    ]
    fitting = [pair for pair in windows if coverage(asked.words, fold(text[slice(*pair)])) >= wanted - 1e-9]
    start, end = min(fitting, key=lambda pair: pair[1] - pair[0], default=(0, len(text)))
    if end - start > len(text) / 2 or _POINTS_BACK.search(text[start:end]):
        return evidence
    return Evidence(evidence.hit, evidence.start + start, evidence.start + end, evidence.score)


def in_reading_order(chosen: Sequence[Evidence]) -> list[Evidence]:
    """Group sentences by article, the best article first, and put each article's in reading order."""
    order = {evidence.hit.article_id: rank for rank, evidence in reversed(list(enumerate(chosen)))}
    return sorted(chosen, key=lambda item: (order[item.hit.article_id], item.start))


def pieces(chosen: Sequence[Evidence]) -> tuple[Piece, ...]:
    """Return the sentences with their markers, numbered from 1, and the article's date where it is needed."""
    found = []
    for number, evidence in enumerate(chosen, start=1):
        citation = cite(evidence, number)
        found.append(Piece(f"{citation.cited_text}[{number}]{added_date(citation)}", citation))
    return tuple(found)


def added_date(citation: Citation) -> str:
    """Return the article's date, in brackets, for a sentence that says 今年 or 8日 without its year."""
    relative = _RELATIVE_DATE.search(citation.cited_text) or _YEARLESS.search(citation.cited_text)
    return f"（文章日期：{citation.published.isoformat()}）" if relative and citation.published else ""


def cite(evidence: Evidence, number: int) -> Citation:
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
    said = fold("\n".join(f"{citation.title}\n{citation.cited_text}" for citation in composed.citations))
    shared = set.intersection(*({word.text for word in part.words} for part in parts))
    own = [[word for word in part.words if word.text not in shared] for part in parts]
    if not composed.refused and all(coverage(words, said) >= PART_COVERAGE for words in own):
        return []
    return parts
