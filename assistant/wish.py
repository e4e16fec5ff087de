"""What will be searched for a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vectorstore.time_wish import TimeWish


@dataclass(frozen=True, slots=True)
class Wish:
    """What will be searched: a question that stands alone, and the time it speaks of, which is preferred."""

    question: str
    time: TimeWish | None = None

    @property
    def shown(self) -> Mapping[str, str]:
        """Return what was read from the question, as it is shown: name -> label."""
        return {"时间": self.time.label} if self.time else {}
