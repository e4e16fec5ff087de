"""Verify one sentence of an answer against the numbered passages it cites. Pure, offline, no model.

A sentence is supported when the sentences chosen from its passages cover its words and say its numbers, dates,
names, directions and negations. The chosen sentences, in the article's own words, become its citations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from assistant.verification.checks import (
    Problem,
    check_date,
    check_direction,
    check_name,
    check_negations,
    check_number,
)
from assistant.verification.claim import Claim, content_length, read_claim
from assistant.verification.evidence import Evidence, EvidenceSentence
from assistant.verification.novelty import check_novelty, content_share, cover_facts, covered, overlap

MIN_SHARE = 0.5
"""Share of a claim's characters that the chosen sentences must cover (benchmarks/mutations.py)."""
MIN_SHARE_UNCITED = 0.65
MIN_CLAUSE_SHARE = 0.25
MAX_SENTENCES = 4
MIN_GAIN = 0.12
"""A further sentence must add this share of the claim's bigrams, or a fact."""

Check: TypeAlias = Callable[[Sequence[EvidenceSentence]], Problem | None]


@dataclass(frozen=True, slots=True)
class Proof:
    """The article's words that support a claim: a span of the article of passage `number`."""

    number: int
    start_char: int
    end_char: int


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one sentence: its proofs, or the problem that leaves it unverified.

    `recited` says that the proofs are not of the passages the model cited: a marker was wrong or forgotten, and
    exactly one passage proves the sentence.
    """

    proofs: tuple[Proof, ...]
    problem: Problem | None
    recited: bool = False

    @property
    def supported(self) -> bool:
        """Say whether the sentence is proven."""
        return self.problem is None and bool(self.proofs)


def verify_sentence(text: str, cited: Iterable[int], evidence: Mapping[int, Evidence]) -> Finding:
    """Return the verdict on one sentence without its markers, which cites the passages `cited`."""
    claim = read_claim(text)
    numbers = [number for number in dict.fromkeys(cited) if number in evidence]
    if content_length(claim.folded) < 2:
        return Finding((), Problem("content", text.strip()))
    first = _prove(claim, [evidence[number] for number in numbers], MIN_SHARE) if numbers else None
    if first is not None and first.supported:
        return _with_other_witnesses(claim, first, [evidence[number] for number in numbers])
    recited = _only_witness(claim, [passage for n, passage in evidence.items() if n not in numbers])
    if recited is not None:
        return recited
    return first or Finding((), Problem("uncited", text.strip()))


def _only_witness(claim: Claim, passages: Sequence[Evidence]) -> Finding | None:
    """Return the proof by the one passage that supports the whole claim; None if none or several do."""
    near = [p for p in passages if len(claim.bigrams & p.bigrams) >= MIN_SHARE * len(claim.bigrams)]
    found = [finding for p in near if (finding := _prove(claim, [p], MIN_SHARE_UNCITED)).supported]
    return Finding(found[0].proofs, None, recited=True) if len(found) == 1 else None


def _with_other_witnesses(claim: Claim, finding: Finding, passages: Sequence[Evidence]) -> Finding:
    """Keep the other cited passages that prove the whole claim by themselves."""
    proofs = list(finding.proofs)
    used = {proof.number for proof in proofs}
    for passage in passages:
        if passage.number not in used:
            proofs += _prove(claim, [passage], MIN_SHARE_UNCITED).proofs
    return Finding(tuple(proofs), None)


def _prove(claim: Claim, passages: Sequence[Evidence], min_share: float) -> Finding:
    sentences = _choose(claim, passages)
    problem = None if sentences else Problem("content", claim.folded.strip())
    for check in (_check_facts, _check_words):
        problem = problem or check(claim, sentences, passages)
    marks = covered(claim, sentences)
    if problem is None and content_share(claim, marks) < min_share:
        problem = Problem("content", claim.folded.strip())
    return Finding((), problem) if problem else Finding(_proofs(sentences), None)


def _choose(claim: Claim, passages: Sequence[Evidence]) -> list[EvidenceSentence]:
    """Choose the fewest sentences that cover the claim's words, the best one first."""
    rest, chosen = set(claim.bigrams), list[EvidenceSentence]()
    pool = [sentence for passage in passages for sentence in passage.statements]
    least = max(2.0, MIN_GAIN * len(claim.bigrams))
    if len(rest) == 1:  # two characters: a name or a number may be the whole answer, a common word may not
        pool = [sentence for sentence in pool if _is_fact(claim, sentence)]
        least = 1.0
    while pool and len(chosen) < MAX_SENTENCES:
        best = max(pool, key=lambda sentence: len(rest & sentence.bigrams))
        if len(rest & best.bigrams) < least:
            break
        chosen.append(best)
        pool.remove(best)
        rest -= best.bigrams
    return chosen


def _is_fact(claim: Claim, sentence: EvidenceSentence) -> bool:
    """Tell whether a claim of two characters is a number or a date, or a name that the sentence has."""
    (word,) = claim.bigrams
    if claim.facts.numbers or claim.facts.dates:
        return True
    is_name = any(word in name.text for name in claim.facts.names)
    named = {name.text for name in sentence.facts.names}
    return word in named or (is_name and word in sentence.folded)


def _check_facts(
    claim: Claim, sentences: list[EvidenceSentence], passages: Sequence[Evidence]
) -> Problem | None:
    """Check the facts; a fact may bring in one more sentence that shares its clause's words."""
    facts = claim.facts
    checks: list[tuple[int, Check]] = []
    checks += [(number.start, partial(check_number, claim, number)) for number in facts.numbers]
    checks += [(mention.start, partial(check_date, claim, at)) for at, mention in enumerate(facts.dates)]
    checks += [(one.start, partial(check_direction, claim, one)) for one in facts.directions]
    for at, check in checks:
        if problem := _with_help(claim, at, sentences, passages, check):
            return problem
    return check_negations(claim, sentences)


def _with_help(
    claim: Claim,
    at: int,
    sentences: list[EvidenceSentence],
    passages: Sequence[Evidence],
    check: Check,
) -> Problem | None:
    """Run a check; where it fails, run it again with the sentence nearest to the fact's clause added."""
    problem = check(sentences)
    if problem is None:
        return None
    clause = claim.clause_at(at)
    pool = [s for passage in passages for s in passage.statements if s not in sentences]
    for sentence in sorted(pool, key=lambda s: -overlap(clause, s))[:2]:
        if overlap(clause, sentence) >= 0.4 and check([*sentences, sentence]) is None:
            sentences.append(sentence)
            return None
    return problem


def _check_words(
    claim: Claim, sentences: Sequence[EvidenceSentence], passages: Sequence[Evidence]
) -> Problem | None:
    for name in claim.facts.names:
        if problem := check_name(name, sentences, passages):
            return problem
    marks = covered(claim, sentences)
    cover_facts(claim, marks)
    for clause in claim.clauses:
        if content_share(claim, marks, clause) < MIN_CLAUSE_SHARE:
            return Problem("content", claim.folded[clause.start : clause.end].strip())
    return check_novelty(claim, marks, sentences, passages)


def _proofs(sentences: Sequence[EvidenceSentence]) -> tuple[Proof, ...]:
    """Return the spans of the sentences, best passage first, neighbours joined."""
    order = {number: at for at, number in enumerate(dict.fromkeys(s.passage.number for s in sentences))}
    proofs: list[Proof] = []
    for sentence in sorted(sentences, key=lambda s: (order[s.passage.number], s.start_char)):
        number, start = sentence.passage.number, sentence.start_char
        last = proofs[-1] if proofs else None
        if last and last.number == number and not sentence.passage.between(last.end_char, start).strip():
            proofs[-1] = Proof(number, last.start_char, sentence.end_char)
        else:
            proofs.append(Proof(number, start, sentence.end_char))
    return tuple(proofs)
