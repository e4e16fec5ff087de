"""What `Assistant.stream` yields, in order: Understood, Found, any number of Draft and Sentence, Finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from assistant.answer import Answer, Citation
from vectorstore.article import Hit

if TYPE_CHECKING:
    from assistant.writing.trace import Trace

Verdict: TypeAlias = Literal["supported", "unverified"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question and its answer, oldest first in a history."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Understood:
    """The question as it will be searched, and the filters read from it (name -> shown value)."""

    standalone_question: str
    filters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of the search, before anything is read or written."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """The sentence that a chat model is writing, not checked yet; the next Draft or Sentence replaces it."""

    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A finished piece of the answer with its markers, the citations it adds, and the verdict on it."""

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Finished:
    """The whole answer; its text may differ from the joined sentences (a refusal, a fallback)."""

    answer: Answer
    trace: Trace | None = None


Event: TypeAlias = Understood | Found | Draft | Sentence | Finished
