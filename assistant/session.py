"""The assistant: a library opened for questions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from assistant.answer import Answer
from assistant.answering import Answering, Request
from assistant.characters import whole
from assistant.events import Event
from assistant.followups.complete import History, turns_of
from assistant.reading.reader import OverlapReader, Reader
from assistant.reading.refusal import NEURAL, OVERLAP, Weights
from assistant.settings import Settings
from vectorstore.article import Article, Hit
from vectorstore.catalog_reader import Filters
from vectorstore.library import Library
from vectorstore.retriever import HybridRetriever
from vectorstore.time_wish import TimeWish

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from assistant.answering import Progress
    from assistant.writing.writer import ChatWriter


_WRITING = {"chat_model", "context_tokens", "output_tokens", "timeout_seconds", "unverified", "prompt"}


class Assistant:
    """Answers questions from a library, every sentence cited; open it with `Assistant.open`."""

    def __init__(
        self, library: Library, *, settings: Settings, reader: Reader, weights: Weights = OVERLAP,
        writer: ChatWriter | None = None,
    ) -> None:  # fmt: skip
        self._library = library
        self.retriever = HybridRetriever(library=library, limit=settings.passages, synonyms=settings.synonyms)
        self._answering = Answering(
            self.retriever, settings=settings, reader=reader, weights=weights, writer=writer
        )

    @classmethod
    def open(cls, library: Path | str, *, settings: Settings | None = None) -> Self:
        """Open the library at a folder; each process that a fork makes opens its own.

        Raises:
            VectorstoreError: there is no library there, or it cannot be read with these settings.
            ChatModelError: the settings name a chat model that cannot be opened.
        """
        chosen = settings or Settings()
        writer = open_writer(chosen)
        opened = Library.open(
            library,
            embedder=chosen.embedder,
            server_url=chosen.chroma_url,
            server_headers=chosen.server_headers,
        )
        try:
            reader, weights = open_reader()
        except BaseException:
            opened.close()
            raise
        return cls(opened, settings=chosen, reader=reader, weights=weights, writer=writer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def with_settings(self, settings: Settings) -> Assistant:
        """Return an assistant with other settings over the same open library."""
        now = self._answering
        same_writing = settings.model_dump(include=_WRITING) == now.settings.model_dump(include=_WRITING)
        return Assistant(
            self._library, settings=settings, reader=now.reader, weights=now.weights,
            writer=now.writer if same_writing else open_writer(settings),
        )  # fmt: skip

    def close(self) -> None:
        """Close the library."""
        self._library.close()

    def search(
        self, query: str, *, limit: int = 10, filters: Filters | None = None, time: TimeWish | None = None
    ) -> list[Hit]:
        """Return the best passages for a query, without reading them; `time` is preferred, `filters` required."""
        return self.retriever.search(whole(query), limit=limit, filters=filters, time=time)

    def article(self, article_id: str) -> Article | None:
        """Return an article by its id, or None."""
        with self._library.reading() as snapshot:
            return snapshot.reader.article(article_id)

    def articles(self) -> list[Article]:
        """Return every article, newest first."""
        with self._library.reading() as snapshot:
            return snapshot.reader.articles()

    def ask(
        self,
        question: str,
        *,
        history: History = (),
        filters: Filters | None = None,
        ignore_time: bool = False,
    ) -> Answer:
        """Answer a question from the library; the answer's `refused` is true where the articles do not say.

        `history` holds the turns before it: `Turn`, (question, answer) pairs, or role/content messages.
        `ignore_time` searches all articles, whatever the question says of 去年 or 2019年以来.

        Raises:
            ValueError: the question is empty or too long.
        """
        return self.chain.invoke(Request(question, tuple(turns_of(history)), filters, ignore_time))

    async def aask(
        self,
        question: str,
        *,
        history: History = (),
        filters: Filters | None = None,
        ignore_time: bool = False,
    ) -> Answer:
        """Answer a question without blocking the event loop."""
        return await self.chain.ainvoke(Request(question, tuple(turns_of(history)), filters, ignore_time))

    def stream(
        self,
        question: str,
        *,
        history: History = (),
        filters: Filters | None = None,
        ignore_time: bool = False,
    ) -> Iterator[Event]:
        """Yield the answer as it is made: Understood, Found, each Draft and Sentence, Finished.

        Closing it stops the chat model's request.
        """
        request = Request(question, tuple(turns_of(history)), filters, ignore_time)
        progress = self._events.stream(request)
        last: Event | None = None
        with closing(progress):  # type: ignore[type-var]  # LangChain's streams are generators
            for step in progress:
                if step.event is not None and step.event is not last:
                    last = step.event
                    yield last

    async def astream(
        self,
        question: str,
        *,
        history: History = (),
        filters: Filters | None = None,
        ignore_time: bool = False,
    ) -> AsyncIterator[Event]:
        """Yield the same events as `stream`, without blocking the event loop."""
        request = Request(question, tuple(turns_of(history)), filters, ignore_time)
        last: Event | None = None
        async for step in self._events.astream(request):
            if step.event is not None and step.event is not last:
                last = step.event
                yield last

    @cached_property
    def chain(self) -> Runnable[Any, Answer]:
        """The assistant as a LangChain Runnable: a question, or {"question", "history"}, -> Answer."""
        from assistant.chain import answer_chain  # langchain_core: not for a bare import

        return answer_chain(self._answering)

    @cached_property
    def _events(self) -> Runnable[Any, Progress]:
        from assistant.chain import events_chain

        return events_chain(self._answering)


def open_reader() -> tuple[Reader, Weights]:
    """Return the trained reader with the weights fitted to it; where its model is missing, the one by words."""
    from assistant.reading.neural_reader import (
        MODEL_DIR,
        NeuralReader,
    )  # numpy and onnxruntime: not for a bare import

    if (MODEL_DIR / "reader.onnx").is_file():
        return NeuralReader(), NEURAL
    return OverlapReader(), OVERLAP


def open_writer(settings: Settings) -> ChatWriter | None:
    """Return the writer over the chat model that the settings name, or None where they name none.

    Raises:
        ChatModelError: it cannot be opened; the message says what to install or set.
        PromptInvalid: the settings name an answer template that cannot be used.
    """
    if settings.chat_model is None:
        return None
    from assistant.writing.chat_model import open_chat_model
    from assistant.writing.writer import ChatWriter
    from vectorstore.tokens import count_tokens

    return ChatWriter(open_chat_model(settings), settings, count_tokens=count_tokens)
