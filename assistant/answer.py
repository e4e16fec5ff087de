"""What an answer is: text with markers, the citations behind them, and the hits it was drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from vectorstore.article import Hit

REFUSAL = "文章里没有提到。"


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words behind a marker: `article.text[start_char:end_char] == cited_text`."""

    number: int
    cited_text: str
    article_id: str
    title: str
    source: str
    url: str | None
    published: date | None
    start_char: int
    end_char: int
    passage_id: str

    def to_dict(self) -> dict[str, object]:
        """Return the citation as plain JSON values."""
        return {
            "number": self.number,
            "cited_text": self.cited_text,
            "article_id": self.article_id,
            "title": self.title,
            "source": self.source,
            "url": self.url,
            "published": self.published.isoformat() if self.published else None,
            "start_char": self.start_char,
            "end_char": self.end_char,
            "passage_id": self.passage_id,
        }


@dataclass(frozen=True, slots=True)
class Usage:
    """What a chat model's answer cost: tokens as counted, and which model and prompt wrote it."""

    model: str
    prompt_digest: str
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `refused` means: no citations, `short_answer` is None, `hits` are still listed."""

    question: str
    standalone_question: str
    answer: str
    short_answer: str | None
    refused: bool
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    answered_by: str
    timings_ms: Mapping[str, float]
    warnings: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    usage: Usage | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the answer as plain JSON values, as `yinju ask --json` prints it."""
        usage = self.usage
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "answer": self.answer,
            "short_answer": self.short_answer,
            "refused": self.refused,
            "citations": [citation.to_dict() for citation in self.citations],
            "hits": [hit.to_dict() for hit in self.hits],
            "answered_by": self.answered_by,
            "timings_ms": {name: round(value, 1) for name, value in self.timings_ms.items()},
            "warnings": list(self.warnings),
            "filters": dict(self.filters),
            "usage": None
            if usage is None
            else {
                "model": usage.model,
                "prompt_digest": usage.prompt_digest,
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
            },
        }
