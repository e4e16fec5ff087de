"""Read the training files: xz JSONL rows, plain texts, and the pairs an embedder learns from."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TEXT_FILES = ("crud_news.text", "cctv_news.text", "csl_abstracts.text", "headlines.text")
"""Running text, in the order it is read."""


def read_rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of `<data>/<name>.jsonl.xz`."""
    with lzma.open(data / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_texts(data: Path, name: str) -> list[str]:
    """Return the texts of a `.text`, `.qa` or `.pairs` file, whatever its columns are called."""
    return [
        row[column]
        for row in read_rows(data, name)
        for column in ("title", "text", "context", "question", "a", "b")
        if row.get(column)
    ]
