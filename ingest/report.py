"""What an ingest did: the counts and failures that `yinju ingest --json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.parsed import Failure


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Counts of articles by what happened to them; `articles` and `passages` are what the library holds now."""

    added: int
    changed: int
    moved: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    articles: int
    passages: int
    seconds: float
    embedded: int = 0
    encodings: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Return the report as plain JSON values."""
        return {
            "added": self.added,
            "changed": self.changed,
            "moved": self.moved,
            "removed": self.removed,
            "unchanged": self.unchanged,
            "failed": [{"source": failure.source, "reason": failure.reason} for failure in self.failed],
            "articles": self.articles,
            "passages": self.passages,
            "seconds": round(self.seconds, 3),
        }
