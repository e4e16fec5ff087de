"""What visitors thought of answers, kept in the library's folder and nowhere else."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Literal

from pydantic import Field

from assistant.web.api import Body
from vectorstore.catalog import now

logger = logging.getLogger(__name__)
FILE = "feedback.jsonl"
MAX_FILE_BYTES = 50_000_000
_lock = threading.Lock()


class Feedback(Body):
    """One visitor's verdict on one answer."""

    verdict: Literal["like", "dislike", "none"]
    reason: str = Field("", max_length=200)
    note: str = Field("", max_length=2000)
    question: str = Field(max_length=2000)
    answer: str = Field("", max_length=20_000)
    citations: list[str] = Field(default_factory=list, max_length=50)
    answered_by: str = Field("", max_length=200)


def keep(folder: Path, feedback: Feedback) -> bool:
    """Append a verdict to the library's file; tell whether there was a place and room for it."""
    path = folder / FILE
    line = json.dumps({"at": now(), **feedback.model_dump()}, ensure_ascii=False) + "\n"
    try:
        with _lock, path.open("a", encoding="utf-8") as file:
            if file.tell() > MAX_FILE_BYTES:
                return False
            file.write(line)
    except OSError as error:  # the library is gone, the disk full or read-only
        logger.warning("a verdict could not be kept: %s", error)
        return False
    return True
