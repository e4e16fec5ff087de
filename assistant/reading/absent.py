"""Say, for a refusal, which words of the question the articles lack. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.question import Asked
from assistant.subject import Word, presence
from assistant.verification.dates_in_text import in_chinese
from vectorstore.article import Hit
from vectorstore.fold import fold
from vectorstore.words import terms

MAX_SHOWN = 4
LEAST_WEIGHT = 0.4

Frequency = Callable[[str], int]
"""In how many passages of the library a term stands."""


def absence_warning(asked: Asked, hits: Sequence[Hit], frequency: Frequency) -> str | None:
    """Return what to tell the reader about the words of the question that were not found, or None."""
    near = fold("\n".join(f"{hit.title}\n{_day(hit)}\n{hit.text}" for hit in hits))
    phrases = missing_phrases(asked, near)
    nowhere = [phrase for phrase in phrases if any(frequency(term) == 0 for term in terms(phrase))]
    if nowhere:
        words = "、".join(nowhere[:MAX_SHOWN])
        return f"文章里没有出现：{words} (the articles do not have: {words})"
    if phrases:
        words = "、".join(phrases[:MAX_SHOWN])
        return f"最接近的段落里没有出现：{words} (the nearest passages do not have: {words})"
    return None


def _day(hit: Hit) -> str:
    return in_chinese(hit.published) if hit.published else ""


def missing_phrases(asked: Asked, folded: str) -> list[str]:
    """Return the phrases of the question that a folded text lacks, as the question writes them, in order.

    Words that are lacking side by side make one phrase (营业 + 收入); one that no dictionary has must lack
    more than one character (金饰 is there, 偷金饰 is not: it may well be two words).
    """
    lacking = [
        word
        for word in sorted(asked.words, key=lambda item: item.start)
        if presence(word.text, folded) < 0.5
        and word.weight >= LEAST_WEIGHT
        and (word.is_common or _lacks_much(word.text, folded))
    ]
    return list(dict.fromkeys(_shown(asked.text, start, end) for start, end in _joined(lacking)))


def _lacks_much(unknown: str, folded: str) -> bool:
    """Tell whether more than one character of an unknown stretch is in no pair of it that the text holds."""
    held = {
        place for at in range(len(unknown) - 1) if unknown[at : at + 2] in folded for place in (at, at + 1)
    }
    return unknown.isascii() or len(unknown) - len(held) > 1


def _joined(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Return the spans of the words, those that stand side by side as one."""
    spans: list[tuple[int, int]] = []
    for word in words:
        start, end = word.start, word.start + len(word.text)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _shown(question: str, start: int, end: int) -> str:
    words = question[start:end]
    return f"{words}年" if words.isdigit() and len(words) == 4 and question[end : end + 1] == "年" else words
