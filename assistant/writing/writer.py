"""Write an answer with a chat model: context and prompt in, verified sentences out while they arrive."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from assistant.answer import REFUSAL, Citation, Usage
from assistant.errors import ChatModelFailed
from assistant.events import Draft, Sentence, Turn
from assistant.writing.background import iterate
from assistant.writing.calling import Ending, stream_text
from assistant.writing.context import Context, ContextPassage, fit_context
from assistant.writing.history import show_history
from assistant.writing.plain import defuse
from assistant.writing.proofread import Proofed, Proofreader
from assistant.writing.short import short_fact
from assistant.writing.standalone import rewrite
from assistant.writing.trace import Trace
from prompts import Language, Prompt, language_of, load_prompt

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig

    from assistant.settings import Settings
    from vectorstore.article import Article, Hit

HISTORY_SHARE = 0.2
"""Share of the context budget that the history may take besides."""
CHARS_PER_TOKEN = 4
"""No model writes more characters than this for a token: past it, the limit on output did not hold."""
DRAFT_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Written:
    """What the chat model's answer comes to. `refused`: the text is the refusal, without citations."""

    text: str
    citations: tuple[Citation, ...]
    short_answer: str | None
    refused: bool
    warnings: tuple[str, ...]
    usage: Usage
    trace: Trace


Writing: TypeAlias = Draft | Sentence | Written
"""What a writer yields: drafts of the sentence being written, verified sentences, at the end Written."""


class ChatWriter:
    """Writes answers with one chat model; safe to share between threads."""

    def __init__(
        self,
        model: BaseChatModel,
        settings: Settings,
        *,
        count_tokens: Callable[[str], int],
        backoff_seconds: float = 0.5,
    ) -> None:
        self._model = model
        self._settings = settings
        self._count_tokens = count_tokens
        self._backoff_seconds = backoff_seconds
        self._prompts: dict[Language, Prompt] = {
            language: load_prompt("answer", language=language, path=settings.prompt)
            for language in ("zh", "en")
        }

    def standalone(
        self, question: str, history: Sequence[Turn], *, config: RunnableConfig | None = None
    ) -> str:
        """Return the question rewritten to need no history.

        Raises:
            ChatModelFailed: the model gave no usable question: rewrite by rules.
        """
        return rewrite(
            self._model, question, history, count_tokens=self._count_tokens,
            timeout_seconds=self._settings.timeout_seconds, config=config,
        )  # fmt: skip

    def fit(self, hits: Sequence[Hit], articles: Mapping[str, Article] | None = None) -> Context:
        """Return the numbered context for these hits, within the token budget."""
        return fit_context(
            hits,
            budget_tokens=self._settings.context_tokens,
            count_tokens=self._count_tokens,
            articles=articles,
        )

    def stream(
        self,
        question: str,
        context: Context,
        *,
        history: Sequence[Turn] = (),
        config: RunnableConfig | None = None,
    ) -> Generator[Writing, None, None]:
        """Yield drafts and verified sentences as they come, then Written; closing it closes the request.

        Raises:
            ChatModelFailed: fall back to the reader's answer; its `reason` is the warning.
        """
        return iterate(lambda: self.astream(question, context, history=history, config=config))

    async def astream(
        self,
        question: str,
        context: Context,
        *,
        history: Sequence[Turn] = (),
        config: RunnableConfig | None = None,
    ) -> AsyncGenerator[Writing, None]:
        """Yield the same as `stream`, without blocking the event loop."""
        prompt = self._prompts[language_of(question)]
        filled = self._fill(prompt, question, context, history)
        run = _Run(context, self._settings)
        async with aclosing(self._call(filled, config)) as pieces:
            async for piece in pieces:
                for event in run.take(piece):
                    yield event
                if run.full:
                    break
        for sentence in run.finish():
            yield sentence
        _must_be_whole(run, self._model)
        yield self._written(question, context, prompt, filled, run)

    def _fill(
        self, prompt: Prompt, question: str, context: Context, history: Sequence[Turn]
    ) -> tuple[str, str]:
        mark = secrets.token_hex(4)  # an article cannot close a delimiter that it cannot guess
        shown = show_history(
            history,
            budget_tokens=int(self._settings.context_tokens * HISTORY_SHARE),
            count_tokens=self._count_tokens,
        )
        today = self._settings.as_of or datetime.now(UTC).astimezone().date()
        return prompt.fill(
            question=defuse(question).strip(),
            history=f"此前的对话（只供理解问题）：\n{shown}\n" if shown else "",
            passages="\n\n".join(show_passage(passage, mark) for passage in context.passages),
            mark=mark,
            today=today.isoformat(),
        )

    def _call(
        self, filled: tuple[str, str], config: RunnableConfig | None
    ) -> AsyncGenerator[str | Ending, None]:
        from langchain_core.messages import HumanMessage, SystemMessage  # 0.1 s, only with a chat model

        return stream_text(
            self._model,
            [SystemMessage(filled[0]), HumanMessage(filled[1])],
            timeout_seconds=self._settings.timeout_seconds,
            backoff_seconds=self._backoff_seconds,
            config=config,
        )

    def _written(
        self, question: str, context: Context, prompt: Prompt, filled: tuple[str, str], run: _Run
    ) -> Written:
        proofed = run.result
        if not proofed.refused and not proofed.supported:
            raise ChatModelFailed("对话模型的回答没有一句能在文章里核实 (nothing could be verified)")
        usage = self._usage(prompt, filled, run)
        trace = Trace(
            question=question,
            passages=context.passages,
            raw_text=run.raw_text,
            unverified=self._settings.unverified,
            prompt=prompt.name,
            prompt_digest=prompt.digest,
            model=usage.model,
            context_tokens=self._settings.context_tokens,
            output_tokens=self._settings.output_tokens,
        )
        text, citations = (REFUSAL, ()) if proofed.refused else (proofed.text, proofed.citations)
        return Written(
            text=text,
            citations=citations,
            short_answer=None if proofed.refused else short_fact(question, proofed),
            refused=proofed.refused,
            warnings=() if proofed.refused else _warnings(context, run),
            usage=usage,
            trace=trace,
        )

    def _usage(self, prompt: Prompt, filled: tuple[str, str], run: _Run) -> Usage:
        ending = run.ending
        counted = ending and ending.prompt_tokens, ending and ending.completion_tokens
        return Usage(
            model=self._settings.chat_model or type(self._model).__name__,
            prompt_digest=prompt.digest,
            prompt_tokens=counted[0] or sum(map(self._count_tokens, filled)),
            completion_tokens=counted[1] or self._count_tokens(run.raw_text),
        )


class _Run:
    """One answer on its way: the raw text, its proofreader, and what ended it."""

    def __init__(self, context: Context, settings: Settings) -> None:
        self._reader = Proofreader(context.passages, unverified=settings.unverified)
        self._most_chars = settings.output_tokens * CHARS_PER_TOKEN
        self._raw: list[str] = []
        self._chars = 0
        self._drafted = 0.0
        self.ending: Ending | None = None
        self.cut_short = False

    @property
    def raw_text(self) -> str:
        return "".join(self._raw)

    @property
    def full(self) -> bool:
        return self.cut_short or self._reader.exhausted

    @property
    def result(self) -> Proofed:
        return self._reader.result()

    def take(self, piece: str | Ending) -> list[Draft | Sentence]:
        """Return the events that a piece of the stream gives."""
        if isinstance(piece, Ending):
            self.ending = piece
            return []
        piece = piece[: max(0, self._most_chars - self._chars)]
        self._chars += len(piece)
        self._raw.append(piece)
        self.cut_short = self._chars >= self._most_chars
        events: list[Draft | Sentence] = list(self._reader.feed(piece))
        return events + self._drafts()

    def _drafts(self) -> list[Draft | Sentence]:
        """Return the draft, at most twenty times a second."""
        now = time.monotonic()
        if now - self._drafted < DRAFT_SECONDS or (draft := self._reader.draft()) is None:
            return []
        self._drafted = now
        return [draft]

    def finish(self) -> list[Sentence]:
        """Return the last sentences."""
        return self._reader.finish()


def _must_be_whole(run: _Run, model: BaseChatModel) -> None:
    """Refuse an answer whose stream ended without the end that this kind of server announces."""
    announces = hasattr(model, "openai_api_base")
    unfinished = not run.raw_text.rstrip().endswith(tuple("。！？!?.”]】)）"))
    if announces and not run.full and unfinished and run.ending and not run.ending.reason:
        raise ChatModelFailed("对话模型的回答中途断开 (stream cut)")


def _warnings(context: Context, run: _Run) -> tuple[str, ...]:
    unverified = sum(not finding.supported for finding in run.result.findings)
    found = [
        context.warning,
        f"{unverified} 句在文章里核实不了，已标为未核实。 {unverified} sentences unverified."
        if unverified
        else None,
        f"删去了 {run.result.dropped} 句核实不了的话。 {run.result.dropped} unverified sentences dropped."
        if run.result.dropped
        else None,
        "回答太长，只留下前面的部分。 The answer was cut."
        if run.cut_short or (run.ending and run.ending.reason == "length")
        else None,
    ]
    return tuple(text for text in found if text)


def show_passage(passage: ContextPassage, mark: str) -> str:
    """Return a passage as the prompt shows it, between delimiters that only this call knows."""
    title = " ".join(defuse(passage.title).split())
    dated = f"（{passage.published.isoformat()}）" if passage.published else ""
    return f"⟦{mark} 段落 {passage.number}⟧《{title}》{dated}\n{defuse(passage.text).strip()}\n⟦{mark} 完⟧"


__all__ = ["ChatWriter", "Writing", "Written", "show_passage"]
