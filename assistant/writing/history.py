"""Show the turns of a conversation to a chat model, newest kept, within a token budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.events import Turn
from assistant.writing.markers import MARKER
from assistant.writing.plain import defuse

MAX_ANSWER_CHARS = 400


def show_history(turns: Sequence[Turn], *, budget_tokens: int, count_tokens: Callable[[str], int]) -> str:
    """Return the latest turns that fit, oldest first, without markers: they named other passages."""
    shown: list[str] = []
    for turn in reversed(turns):
        answer = MARKER.sub("", turn.answer)
        text = defuse(f"用户：{turn.question.strip()}\n回答：{answer.strip()[:MAX_ANSWER_CHARS]}")
        budget_tokens -= count_tokens(text)
        if budget_tokens < 0:
            break
        shown.append(text)
    return "\n".join(reversed(shown))
