"""The assistant that every visitor shares, with the strictness and number of passages that each one chose."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

from assistant.session import Assistant
from assistant.settings import Settings
from vectorstore.library import Library
from vectorstore.retriever import HybridRetriever


class Assistants:
    """One opened assistant, and views of it with other settings; the library and the reader are shared."""

    def __init__(self, assistant: Assistant, *, settings: Settings) -> None:
        self.base = assistant
        self.settings = settings
        self._reading_only = self._with({"chat_model": None}) if settings.chat_model else assistant

    @property
    def library(self) -> Library:
        """The library behind every view."""
        return self.base.retriever.library

    @property
    def reading_only(self) -> Assistant:
        """A view that never calls a chat model: for checking example questions, which must cost nothing."""
        return self._reading_only

    def chosen(self, *, strictness: float | None = None, passages: int | None = None) -> Assistant:
        """Return the assistant with these settings; None leaves one as the server was started."""
        wanted: dict[str, object] = {}
        if strictness is not None and strictness != self.settings.strictness:
            wanted["strictness"] = strictness
        if passages is not None and passages != self.settings.passages:
            wanted["passages"] = passages
        return self._with(wanted) if wanted else self.base

    def _with(self, changed: Mapping[str, object]) -> Assistant:
        settings = self.settings.model_copy(update=dict(changed))
        view = copy(self.base)
        view._settings = settings
        view.retriever = HybridRetriever(library=self.library, limit=settings.passages)
        return view
