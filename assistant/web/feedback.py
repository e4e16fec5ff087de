"""What visitors thought of answers, kept in the library's folder and nowhere else."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from vectorstore.catalog import now

FILE = "feedback.jsonl"
MAX_FILE_BYTES = 50_000_000
_lock = threading.Lock()


class Feedback(BaseModel):
    """One visitor's verdict on one answer."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["like", "dislike", "none"]
    reason: str = Field("", max_length=200)
    note: str = Field("", max_length=2000)
    question: str = Field(max_length=2000)
    answer: str = Field("", max_length=20_000)
    citations: list[str] = Field(default_factory=list, max_length=50)
    answered_by: str = Field("", max_length=200)


def keep(folder: Path, feedback: Feedback) -> bool:
    """Append a verdict to the library's file; tell whether there was room for it."""
    path = folder / FILE
    line = json.dumps({"at": now(), **feedback.model_dump()}, ensure_ascii=False) + "\n"
    with _lock:
        if path.exists() and path.stat().st_size > MAX_FILE_BYTES:
            return False
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
    return True
