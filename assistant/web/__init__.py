"""The chat page in the browser, and the HTTP API beside it."""

from assistant.web.serve import serve

__all__ = ["serve"]
