"""Record what an answer of a chat model was made from, and make it again offline: same text, same citations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from assistant.answer import REFUSAL, Answer, Citation
from assistant.errors import TraceInvalid
from assistant.writing.context import ContextPassage
from assistant.writing.proofread import proofread

VERSION = 1


@dataclass(frozen=True, slots=True)
class Trace:
    """The context as it was shown, the model's own words, and the settings that turn them into the answer."""

    question: str
    passages: tuple[ContextPassage, ...]
    raw_text: str
    unverified: Literal["mark", "drop"]
    prompt: str
    prompt_digest: str
    model: str
    context_tokens: int
    output_tokens: int

    def to_dict(self) -> dict[str, object]:
        """Return the trace as plain JSON values, as `yinju ask --trace` writes it."""
        values = asdict(self)
        for passage in values["passages"]:
            passage["published"] = passage["published"] and passage["published"].isoformat()
        return {"yinju_trace": VERSION, **values}

    def to_json(self) -> str:
        """Return the trace as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)


def write_trace(file: Path, answer: Answer, trace: Trace | None) -> None:
    """Write an answer and, where a chat model wrote it, all that it takes to make it again offline."""
    how = trace.to_dict() if trace else {"yinju_trace": VERSION}
    values = {**how, "answer": answer.to_dict()}
    file.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")


def read_trace(values: Mapping[str, Any]) -> Trace:
    """Return the trace that `to_dict` wrote.

    Raises:
        TraceInvalid: it is not a trace, or another version's.
    """
    if values.get("yinju_trace") != VERSION:
        raise TraceInvalid(
            f"不是第 {VERSION} 版的 yinju 记录（{values.get('yinju_trace')!r}），请用写它的版本重放。 Not a trace of this version."
        )
    rest = {key: value for key, value in values.items() if key not in ("yinju_trace", "answer")}
    try:
        passages = tuple(_passage(passage) for passage in rest.pop("passages"))
        return Trace(passages=passages, **rest)
    except (KeyError, TypeError, ValueError) as error:
        raise TraceInvalid(f"记录不完整（{error}）。 The trace is incomplete.") from error


def _passage(values: Mapping[str, Any]) -> ContextPassage:
    published = values["published"]
    ids = tuple((int(start), str(passage_id)) for start, passage_id in values["passage_ids"])
    return ContextPassage(
        **{**values, "published": date.fromisoformat(published) if published else None, "passage_ids": ids}
    )


def replay(trace: Trace) -> tuple[str, tuple[Citation, ...]]:
    """Return the text and the citations again, from the trace alone."""
    proofed = proofread(trace.raw_text, trace.passages, unverified=trace.unverified)
    return (REFUSAL, ()) if proofed.refused else (proofed.text, proofed.citations)
