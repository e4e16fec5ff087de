"""Every word that the page shows, in Chinese and English; the browser's language chooses."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from assistant.both_languages import both, halves

LANGUAGES = ("zh", "en")


@cache
def tables() -> dict[str, dict[str, str]]:
    """Return the texts by language and key."""
    stored = (files("assistant.web") / "assets" / "texts.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = json.loads(stored)
    return loaded


def text(language: str, key: str, **values: object) -> str:
    """Return a text with its `{names}` filled in."""
    return tables()[language][key].format(**values)


def language_of(accept_language: str | None) -> str:
    """Return the first language of an Accept-Language header that the page speaks; Chinese where none is named.

    Browsers send their languages in order of preference, so that the weights need no reading.
    """
    for part in (accept_language or "").split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return "en" if (accept_language or "").strip(" *") else "zh"


def one_language(language: str, words: str) -> str:
    """Return a message written as `中文 (English)` or `中文。 English` in one of the two; any other as it is."""
    return halves(words)[LANGUAGES.index(language)]


def in_both(key: str, **values: object) -> str:
    """Return a text as the API says it: in both languages."""
    return both(text("zh", key, **values), text("en", key, **values))
