"""Errors of the assistant.

AssistantError
├── NoSuchArticle             the library has no article with that id
├── PageUnavailable           the chat page cannot be served as asked (port in use, no password beyond loopback)
├── BadQuestionFile           `yinju evaluate` cannot read its file
├── ChatModelError
│   ├── ChatModelUnknown      the setting names no provider, or one nobody knows
│   ├── ChatModelMissing      the provider's package is not installed
│   ├── ChatModelKeyMissing   the provider wants a key and none is set
│   └── ChatModelFailed       the model was called and gave nothing usable: fall back to the reader
└── TraceInvalid              a trace file cannot be replayed
"""

from __future__ import annotations


class AssistantError(Exception):
    """Root of every error that the assistant raises on purpose."""


class NoSuchArticle(AssistantError):
    """The library has no article with that id."""

    def __init__(self, article_id: str) -> None:
        super().__init__(
            f"没有编号为 {article_id!r} 的文章，用 yinju articles list 查看编号 "
            f"(no article {article_id!r}; yinju articles list shows the ids)"
        )
        self.article_id = article_id


class PageUnavailable(AssistantError):
    """The chat page cannot be served as asked; the message says what to change."""


class BadQuestionFile(AssistantError):
    """The question file cannot be read, or a row is not a question."""


class ChatModelError(AssistantError):
    """Something about the chat model."""


class ChatModelUnknown(ChatModelError):
    """The chat model setting cannot be understood."""


class ChatModelMissing(ChatModelError):
    """The package of the chat model's provider is not installed."""


class ChatModelKeyMissing(ChatModelError):
    """The provider wants a key, and neither the environment nor `.env` has one."""


class ChatModelFailed(ChatModelError):
    """The chat model gave nothing usable; `reason` is one line for the reader of the answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TraceInvalid(AssistantError):
    """A trace is not one of ours, or was written by another version."""
