"""Make text that comes from outside valid, before anything stores, searches or prints it. Pure."""

from __future__ import annotations

from typing import Any


def whole(text: str) -> str:
    """Return a text whose lone surrogates (half an emoji, a byte that is no UTF-8) are U+FFFD; pairs are joined."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def whole_values(value: Any) -> Any:
    """Return plain JSON values with every text in them whole."""
    match value:
        case str():
            return whole(value)
        case list():
            return [whole_values(item) for item in value]
        case dict():
            return {whole_values(name): whole_values(item) for name, item in value.items()}
        case _:
            return value
