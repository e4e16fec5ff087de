"""Call a chat model so that it always ends: one deadline for everything, retries that help, a real cancel."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from assistant.errors import ChatModelFailed

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.runnables import RunnableConfig

logger = logging.getLogger(__name__)

ATTEMPTS = 3
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 529})
_REASONS = {
    400: "对话模型不接受这个请求 (bad request)",
    401: "对话模型的密钥无效，请检查环境变量或 .env (401: check the key)",
    402: "对话模型的账户余额不足 (402: no credit)",
    403: "对话模型的密钥没有权限 (403: no permission)",
    404: "对话模型不存在或地址不对 (404: no such model or address)",
    413: "给对话模型的上下文太长，请调小 YINJU_CONTEXT_TOKENS (413: context too long)",
    429: "对话模型限流或额度用完 (429: rate limit)",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a stream ended: the provider's reason (stop, length, …) and the tokens it counted, if it did."""

    reason: str | None
    prompt_tokens: int | None
    completion_tokens: int | None


_KINDS = (
    (("Timeout",), "对话模型没有在时限内答完 (timed out)"),
    (("EmptyStream",), "对话模型没有给出任何内容 (empty output)"),
    (("Unicode", "JSONDecode"), "对话模型返回了乱码 (broken output)"),
    (("ProtocolError", "IncompleteRead", "ReadError"), "对话模型的回答中途断开 (stream cut)"),
    (("Connect", "OSError"), "连不上对话模型，请检查地址和网络 (unreachable)"),
)
"""What the names of an exception and its causes tell, the most telling first."""


async def stream_text(
    model: BaseChatModel,
    messages: Sequence[BaseMessage],
    *,
    timeout_seconds: float,
    backoff_seconds: float = 0.5,
    config: RunnableConfig | None = None,
) -> AsyncGenerator[str | Ending, None]:
    """Yield the model's text as it comes, then its Ending; closing the generator closes the request.

    Before the first text, what may pass (unreachable, 429, 5xx, a cut stream) is tried again, waiting longer
    each time and as long as the server asks. Nothing goes on beyond `timeout_seconds` in all.

    Raises:
        ChatModelFailed: nothing usable came, or the stream broke off.
    """
    deadline = time.monotonic() + timeout_seconds
    for attempt in range(1, ATTEMPTS + 1):
        started = False
        try:
            async with aclosing(_attempt(model, messages, deadline, config)) as pieces:
                async for piece in pieces:
                    started = started or isinstance(piece, str)
                    yield piece
            return
        except ChatModelFailed:
            raise
        except Exception as error:  # providers raise what they like; all of it means the same to the reader
            logger.debug("chat model attempt %d failed: %s", attempt, type(error).__name__)
            wait = _wait(error, attempt, backoff_seconds)
            left = deadline - time.monotonic()
            if started or attempt == ATTEMPTS or not may_pass(error) or wait >= left:
                raise ChatModelFailed(reason_for(error)) from None  # the cause may repeat a key
            model = _without_usage(model, error)
        await asyncio.sleep(wait)


async def _attempt(
    model: BaseChatModel, messages: Sequence[BaseMessage], deadline: float, config: RunnableConfig | None
) -> AsyncGenerator[str | Ending, None]:
    finish: str | None = None
    usage: dict[str, int] = {}
    seen = False
    stream = model.astream(list(messages), config)
    try:
        while (chunk := await _next(stream, deadline)) is not None:
            finish = _finish_reason(chunk.response_metadata) or finish
            usage = dict(chunk.usage_metadata or usage)
            if text := text_of(chunk.content):
                seen = True
                yield text
    finally:
        await stream.aclose()  # type: ignore[attr-defined]  # a generator, typed as an iterator
    if not seen:
        raise EmptyStream
    yield Ending(finish, usage.get("input_tokens"), usage.get("output_tokens"))


class EmptyStream(Exception):
    """The stream ended before any text."""


async def _next(stream: AsyncIterator[Any], deadline: float) -> Any:
    """Return the next chunk, or None at the end; the deadline holds even while bytes trickle in.

    A cancellation that comes together with a chunk is lost in `asyncio.wait_for` before Python 3.12, with which
    langchain-openai waits: it is made good here.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    task = cast(asyncio.Task[object], asyncio.current_task())
    cancelled_before = task.cancelling()
    async with asyncio.timeout(left):
        chunk = await anext(stream, None)
    if task.cancelling() > cancelled_before:
        raise asyncio.CancelledError
    return chunk


def text_of(content: object) -> str:
    """Return the text of a message's content: a string, or the text blocks of a list."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    texts = [block if isinstance(block, str) else _block_text(block) for block in blocks]
    return "".join(texts)


def _block_text(block: object) -> str:
    if isinstance(block, dict) and block.get("type", "text") in ("text", "output_text"):
        return str(block.get("text") or "")
    return ""


def _finish_reason(metadata: dict[str, Any]) -> str | None:
    for key in ("finish_reason", "done_reason", "stop_reason"):
        if value := metadata.get(key):
            return str(value)
    return None


def _chain(error: BaseException) -> list[BaseException]:
    """Return an exception and what caused it."""
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status that a provider's exception carries."""
    for one in _chain(error):
        status = getattr(one, "status_code", None) or getattr(
            getattr(one, "response", None), "status_code", None
        )
        if isinstance(status, int) and status > 0:
            return status
    return None


def may_pass(error: BaseException) -> bool:
    """Say whether trying again may help."""
    status = status_of(error)
    if status is not None:
        return status in _RETRIED or (status in (400, 422) and _mentions_usage(error))
    return not isinstance(error, (TimeoutError, asyncio.CancelledError))


def _mentions_usage(error: BaseException) -> bool:
    return "stream_options" in str(error)


def _without_usage(model: BaseChatModel, error: BaseException) -> BaseChatModel:
    """Stop asking for token counts where the server does not know that option."""
    if status_of(error) in (400, 422) and getattr(model, "stream_usage", None):
        return model.model_copy(update={"stream_usage": False})
    return model


def _wait(error: BaseException, attempt: int, backoff_seconds: float) -> float:
    wait: float = backoff_seconds * 2 ** (attempt - 1) * random.uniform(0.8, 1.2)  # noqa: S311  # jitter, not a secret
    for one in _chain(error):
        headers = getattr(getattr(one, "response", None), "headers", None) or {}
        try:
            return max(wait, float(headers.get("retry-after", 0)))
        except (TypeError, ValueError):
            continue
    return wait


def reason_for(error: BaseException) -> str:
    """Return one line for the reader of the answer; never the provider's own text, which may repeat a key."""
    status = status_of(error)
    if status is not None:
        return _REASONS.get(status) or f"对话模型的服务器出错 ({status}: server error)"
    names = " ".join(kind.__name__ for one in _chain(error) for kind in type(one).__mro__)
    found = next((reason for words, reason in _KINDS if any(word in names for word in words)), None)
    return found or f"对话模型出错（{type(error).__name__}） (chat model error)"
