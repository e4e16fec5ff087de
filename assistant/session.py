"""The assistant: a library opened for questions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from assistant.answer import Answer
from assistant.absent import absence_warning
from assistant.compose import Composed, compose, parts_missed
from assistant.events import Event, Finished, Found, Sentence, Understood
from assistant.followups import History, standalone
from assistant.question import Asked, read_question
from assistant.reader import OverlapReader, Reader
from assistant.refusal import NEURAL, OVERLAP, Weights, threshold_for
from assistant.settings import Settings
from assistant.short_answers import short_answer
from assistant.weighing import Weighed, weigh
from vectorstore.article import Article, Hit
from vectorstore.catalog_reader import Filters
from vectorstore.library import Library
from vectorstore.retriever import HybridRetriever
from vectorstore.sentences import sentence_spans

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

MAX_QUESTION_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Wish:
    """What will be searched: a question that stands alone, and the filters read from it as they are shown."""

    question: str
    shown: Mapping[str, str]


class Assistant:
    """Answers questions from a library, every sentence cited; open it with `Assistant.open`."""

    def __init__(self, library: Library, *, settings: Settings, reader: Reader, weights: Weights = OVERLAP) -> None:
        self._library = library
        self._settings = settings
        self._reader = reader
        self._weights = weights
        self.retriever = HybridRetriever(library=library, limit=settings.passages)

    @classmethod
    def open(cls, library: Path | str, *, settings: Settings | None = None) -> Self:
        """Open the library at a folder.

        Raises:
            VectorstoreError: there is no library there, or it cannot be read with these settings.
        """
        chosen = settings or Settings()
        opened = Library.open(
            Path(library),
            embedder=chosen.embedder,
            server_url=chosen.chroma_url,
            server_headers={name: value.get_secret_value() for name, value in chosen.chroma_headers.items()},
        )
        reader, weights = open_reader()
        return cls(opened, settings=chosen, reader=reader, weights=weights)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read_with(self, reader: Reader, weights: Weights) -> None:
        """Read with another reader, and the weights fitted to it, from now on."""
        self._reader = reader
        self._weights = weights

    def close(self) -> None:
        """Close the library."""
        self._library.close()

    def search(self, query: str, *, limit: int = 10, filters: Filters | None = None) -> list[Hit]:
        """Return the best passages for a query, without reading them."""
        return self.retriever.search(query, limit=limit, filters=filters)

    def article(self, article_id: str) -> Article | None:
        """Return an article by its id, or None."""
        with self._library.reading() as snapshot:
            return snapshot.reader.article(article_id)

    def articles(self) -> list[Article]:
        """Return every article, newest first."""
        with self._library.reading() as snapshot:
            return snapshot.reader.articles()

    def ask(
        self, question: str, *, history: History = (), filters: Filters | None = None, ignore_time: bool = False
    ) -> Answer:
        """Answer a question from the library; the answer's `refused` is true where the articles do not say."""
        for event in self.stream(question, history=history, filters=filters, ignore_time=ignore_time):
            if isinstance(event, Finished):
                return event.answer
        raise AssertionError("a stream ends with Finished")

    async def aask(
        self, question: str, *, history: History = (), filters: Filters | None = None, ignore_time: bool = False
    ) -> Answer:
        """Answer a question without blocking the event loop."""
        return await asyncio.to_thread(
            self.ask, question, history=history, filters=filters, ignore_time=ignore_time
        )

    def stream(
        self, question: str, *, history: History = (), filters: Filters | None = None, ignore_time: bool = False
    ) -> Iterator[Event]:
        """Yield the answer as it is made: Understood, Found, each Sentence, Finished.

        `ignore_time` searches all articles, whatever the question says of 去年 or 2019年以来.
        """
        started = time.perf_counter()
        check_question(question)
        wish = self._understand(question, history, ignore_time=ignore_time)
        yield Understood(wish.question, wish.shown)
        hits = tuple(self._find(wish, filters))
        retrieved = time.perf_counter()
        yield Found(hits)
        composed = self._read(wish, hits, filters)
        for piece in composed.pieces:
            yield Sentence(piece.text, (piece.citation,), "supported")
        finished = time.perf_counter()
        timings = {"retrieve": retrieved - started, "read": finished - retrieved, "total": finished - started}
        yield Finished(_answer(question, wish, hits, composed, timings))

    async def astream(
        self, question: str, *, history: History = (), filters: Filters | None = None, ignore_time: bool = False
    ) -> AsyncIterator[Event]:
        """Yield the same events as `stream`, without blocking the event loop."""
        events = self.stream(question, history=history, filters=filters, ignore_time=ignore_time)
        while (event := await asyncio.to_thread(next, events, None)) is not None:
            yield event

    def _understand(self, question: str, history: History, *, ignore_time: bool) -> Wish:
        """Return the question as it will be searched: standing alone, with the time it speaks of."""
        alone = standalone(question, history, answer_in=self._answer_in) if history else question
        return Wish(alone[:MAX_QUESTION_CHARS], {})

    def _answer_in(self, question: str, answer: str) -> str | None:
        """Return the few words of an earlier answer that answered its question."""
        asked = read_question(question)
        sentences = sentence_spans(answer)
        start, end = self._reader.read(question, [answer], [sentences])[0].span
        around = next((span for span in sentences if span[0] <= start < end <= span[1]), None)
        if around is None:
            return None
        return short_answer(asked, answer[slice(*around)], (start - around[0], end - around[0]))

    def _find(self, wish: Wish, filters: Filters | None) -> list[Hit]:
        return self.search(wish.question, limit=self._settings.passages, filters=filters)

    def _read(self, wish: Wish, hits: Sequence[Hit], filters: Filters | None) -> Composed:
        """Return the answer that the hits hold, its parts read one by one where no sentence holds them all."""
        asked = read_question(wish.question)
        threshold = threshold_for(self._settings.strictness, self._weights)
        composed = compose(asked, self._weigh(asked, hits), threshold=threshold)
        missed = parts_missed(asked, composed)
        if missed:
            parts = [self._weigh(part, self._find(Wish(part.text, {}), filters)) for part in missed]
            composed = compose(asked, self._weigh(asked, hits), threshold=threshold, parts=parts)
        if composed.refused:
            return replace(composed, warnings=self._what_is_absent(asked, hits))
        return composed

    def _weigh(self, asked: Asked, hits: Sequence[Hit]) -> list[Weighed]:
        return weigh(asked, hits, reader=self._reader, weights=self._weights)

    def _what_is_absent(self, asked: Asked, hits: Sequence[Hit]) -> tuple[str, ...]:
        with self._library.reading() as snapshot:
            warning = absence_warning(asked, hits, snapshot.lexical.document_frequency)
        return (warning,) if warning else ()

    @cached_property
    def chain(self) -> Runnable[str, Answer]:
        """The assistant as a LangChain Runnable: question -> Answer."""
        from langchain_core.runnables import RunnableLambda

        return RunnableLambda(self.ask, afunc=self.aask, name="yinju")


def _answer(
    question: str, wish: Wish, hits: tuple[Hit, ...], composed: Composed, timings: Mapping[str, float]
) -> Answer:
    return Answer(
        question=question,
        standalone_question=wish.question,
        answer=composed.text,
        short_answer=composed.short_answer,
        refused=composed.refused,
        citations=composed.citations,
        hits=hits,
        answered_by="reader",
        timings_ms={name: seconds * 1000 for name, seconds in timings.items()},
        warnings=composed.warnings,
        filters=wish.shown,
    )


def open_reader() -> tuple[Reader, Weights]:
    """Return the trained reader with the weights fitted to it; where its model is missing, the one by words."""
    from assistant.neural_reader import MODEL_DIR, NeuralReader  # numpy and onnxruntime: not for a bare import

    if (MODEL_DIR / "reader.onnx").is_file():
        return NeuralReader(), NEURAL
    return OverlapReader(), OVERLAP


def check_question(question: str) -> None:
    """Refuse what is no question.

    Raises:
        ValueError: it is empty, or longer than `MAX_QUESTION_CHARS`.
    """
    if not question.strip():
        raise ValueError("问题是空的：请输入一个问题 (the question is empty: type one)")
    if len(question) > MAX_QUESTION_CHARS:
        raise ValueError(
            f"问题太长：{len(question)} 个字，最多 {MAX_QUESTION_CHARS} 个字 "
            f"(the question has {len(question)} characters, at most {MAX_QUESTION_CHARS} are read)"
        )
