"""Messages that say it twice, 中文 (English): the command line prints them whole, the page one half. Pure."""

from __future__ import annotations

import re

_HAN = re.compile(r"[\u3400-\u9fff]")
_QUOTED = re.compile(r"(?<![A-Za-z])(?:'[^']*'|\"[^\"]*\")")  # a path or a name may be Chinese in either half
_SENTENCES = re.compile(r"^(?P<zh>.*[\u3400-\u9fff].*?[。！？])\s+(?P<en>[^\u3400-\u9fff]+)$", re.DOTALL)


def both(chinese: str, english: str) -> str:
    """Return a message that says it in both languages, as `halves` takes it apart again."""
    return f"{chinese} ({english})"


def halves(words: str) -> tuple[str, str]:
    """Return the Chinese and the English half of `中文 (English)` or `中文。 English`; of any other, it twice."""
    words = words.strip()
    start = _last_bracket(words)
    chinese, english = words[:start].rstrip(), words[start + 1 : -1].strip()
    if start > 0 and _HAN.search(chinese) and _is_english(english):
        return chinese, english
    sentences = _SENTENCES.match(words)
    return (sentences["zh"], sentences["en"]) if sentences else (words, words)


def _is_english(words: str) -> bool:
    """Tell whether words are English, but for names and what a library of others says in between."""
    han = len(_HAN.findall(_QUOTED.sub("", words)))
    return bool(words) and not _HAN.match(words) and 10 * han <= len(words)


def _last_bracket(words: str) -> int:
    """Return where the bracket opens that closes at the very end; -1 where none does."""
    depth = 0
    for place in range(len(words) - 1, -1, -1) if words.endswith(")") else ():
        depth += {")": 1, "(": -1}.get(words[place], 0)
        if depth == 0:
            return place
    return -1
