"""Let the chat model rewrite a follow-up into a question that needs no history."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from assistant.errors import ChatModelFailed
from assistant.events import Turn
from assistant.writing.background import iterate
from assistant.writing.calling import stream_text
from assistant.writing.history import show_history
from assistant.writing.plain import VisibleText, defuse, plain
from prompts import language_of, load_prompt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig

HISTORY_TOKENS = 1200
MAX_CHARS = 300
TIMEOUT_SHARE = 0.25
"""Share of `timeout_seconds` that the rewriting may take."""
_PREFIX = re.compile(
    r"^\s*(?:改写后的?(?:问题)?|独立问题|完整问题|问题|standalone question|question)\s*[:：]\s*",
    re.IGNORECASE,
)


def rewrite(
    model: BaseChatModel,
    question: str,
    history: Sequence[Turn],
    *,
    count_tokens: Callable[[str], int],
    timeout_seconds: float,
    config: RunnableConfig | None = None,
) -> str:
    """Return the standalone question.

    Raises:
        ChatModelFailed: the model gave no usable question: rewrite by rules.
    """
    return next(
        iterate(
            lambda: _rewritten(model, question, history, count_tokens, timeout_seconds, config),
        )
    )


async def _rewritten(
    model: BaseChatModel,
    question: str,
    history: Sequence[Turn],
    count_tokens: Callable[[str], int],
    timeout_seconds: float,
    config: RunnableConfig | None,
) -> AsyncGenerator[str, None]:
    """Yield the question once; a generator so that `iterate` can run and cancel it."""
    from langchain_core.messages import HumanMessage, SystemMessage  # 0.1 s, only with a chat model

    shown = show_history(history, budget_tokens=HISTORY_TOKENS, count_tokens=count_tokens)
    prompt = load_prompt("standalone", language=language_of(question))
    system, user = prompt.fill(question=defuse(question), history=shown, mark=secrets.token_hex(4))
    pieces: list[str] = []
    calling = stream_text(
        model,
        [SystemMessage(system), HumanMessage(user)],
        timeout_seconds=timeout_seconds * TIMEOUT_SHARE,
        config=config,
    )
    async with aclosing(calling) as stream:
        async for piece in stream:
            pieces += [piece] if isinstance(piece, str) else []
            if sum(map(len, pieces)) > 20 * MAX_CHARS:
                break
    yield clean_question("".join(pieces), question)


def clean_question(text: str, question: str) -> str:
    """Return the one question in what the model wrote.

    Raises:
        ChatModelFailed: there is none, or it is an essay.
    """
    visible = VisibleText()
    shown = visible.feed(text) + visible.finish()
    lines = [line for line in plain(shown).splitlines() if line.strip()]
    rewritten = _PREFIX.sub("", lines[0] if lines else "").strip().strip("\"“”「」'`").strip()
    if not 1 < len(rewritten) <= max(MAX_CHARS, 3 * len(question)):
        raise ChatModelFailed("对话模型没有改写出问题 (no standalone question)")
    return rewritten
