"""Take the few words that answer a question from its first proven sentence."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.question import read_question
from assistant.reading.answer_kinds import is_of_kind
from assistant.verification.claim import read_claim
from assistant.verification.facts import DateMention, Name, Number
from assistant.writing.markers import MARKER
from assistant.writing.proofread import Proofed


def short_fact(question: str, proofed: Proofed) -> str | None:
    """Return the first number, date or name of the first proven sentence, by what the question asks."""
    wanted = read_question(question)
    text = next((MARKER.sub("", s.text).strip() for s in proofed.sentences if s.citations), "")
    facts = read_claim(text).facts
    asked = read_claim(question).folded
    by_kind: dict[str, Sequence[Number | DateMention | Name]] = {
        "number": facts.numbers,
        "date": facts.dates,
        "person": tuple(name for name in facts.names if name.kind == "person"),
        "place": tuple(name for name in facts.names if name.kind == "place"),
    }
    found = by_kind.get(wanted.kind, ())
    words = [text[fact.start : fact.end].strip() for fact in found]
    if wanted.kind == "number":
        words = [word for word in words if is_of_kind(wanted, word)]
    return next((word for word in words if word and read_claim(word).folded not in asked), None)
