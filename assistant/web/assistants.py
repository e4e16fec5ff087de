"""The assistant that every visitor shares, with the strictness and number of passages that each one chose."""

from __future__ import annotations

from functools import lru_cache

from assistant.session import Assistant
from assistant.settings import Settings
from vectorstore.library import Library

KEPT = 32  # views with other settings; each is a few small objects over the same library


class Assistants:
    """One opened assistant, and views of it with other settings; the library and the reader are shared."""

    def __init__(self, assistant: Assistant, *, settings: Settings) -> None:
        self.base = assistant
        self.settings = settings
        self._with = lru_cache(maxsize=KEPT)(self._open_view)
        without_model = settings.model_copy(update={"chat_model": None})
        self.reading_only = assistant.with_settings(without_model) if settings.chat_model else assistant
        """A view that never calls a chat model: for checking example questions, which must cost nothing."""

    @property
    def library(self) -> Library:
        """The library behind every view."""
        return self.base.retriever.library

    def chosen(self, *, strictness: float | None = None, passages: int | None = None) -> Assistant:
        """Return the assistant with these settings; None leaves one as the server was started."""
        now = self.settings
        wanted = (
            now.strictness if strictness is None else round(strictness, 2),
            now.passages if passages is None else passages,
        )
        return self.base if wanted == (now.strictness, now.passages) else self._with(*wanted)

    def _open_view(self, strictness: float, passages: int) -> Assistant:
        changed = {"strictness": strictness, "passages": passages}
        return self.base.with_settings(self.settings.model_copy(update=changed))
