"""The steps from a question to an answer: understand, find, read, and with a chat model write."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from assistant.answer import Answer, Citation
from assistant.errors import ChatModelFailed
from assistant.events import Event, Finished, Found, Sentence, Turn, Understood
from assistant.followups.complete import standalone
from assistant.followups.rewriter import open_rewriter
from assistant.inquiry import Inquiry
from assistant.question import read_question
from assistant.reading.compose import Composed
from assistant.reading.reader import Reader
from assistant.reading.refusal import Weights, threshold_for
from assistant.reading.short_answers import short_answer
from assistant.reading.weighing import read_passages
from assistant.settings import Settings
from assistant.time_words import read_time
from assistant.wish import Wish
from vectorstore.article import Hit
from vectorstore.catalog_reader import Filters
from vectorstore.retriever import HybridRetriever
from vectorstore.sentences import sentence_spans

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from assistant.writing.context import Context
    from assistant.writing.writer import ChatWriter, Written

MAX_QUESTION_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a question, the turns before it, limits on the search, and whether 去年 counts as one."""

    question: str
    history: tuple[Turn, ...] = ()
    filters: Filters | None = None
    ignore_time: bool = False


_MARKER = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer has come: the last event, and all that the next step needs."""

    request: Request
    event: Event | None = None
    wish: Wish = field(default_factory=lambda: Wish(""))
    hits: tuple[Hit, ...] = ()
    composed: Composed | None = None
    context: Context | None = None
    ended: tuple[float, ...] = field(
        default_factory=lambda: (time.perf_counter(),)
    )  # of each step, in seconds

    def __add__(self, later: Progress) -> Progress:
        """Return the later of two: how LangChain joins the stream of a step."""
        return later

    def after(self, event: Event, **changes: object) -> Progress:
        """Return the progress with one more step ended."""
        return replace(self, event=event, ended=(*self.ended, time.perf_counter()), **changes)  # type: ignore[arg-type]


class Answering:
    """The steps of an answer over one open library; each takes the progress so far and yields what follows."""

    def __init__(
        self, retriever: HybridRetriever, *, settings: Settings, reader: Reader, weights: Weights,
        writer: ChatWriter | None = None,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.reader = reader
        self.weights = weights
        self.writer = writer
        self._retriever = retriever

    def understand(self, progress: Progress, config: RunnableConfig) -> Iterator[Progress]:
        """Make the question stand alone, and read the time it speaks of."""
        request = progress.request
        alone = (
            self._standalone(request, config)[:MAX_QUESTION_CHARS] if request.history else request.question
        )
        wish = Wish(alone, None if request.ignore_time else read_time(alone, self._today))
        yield progress.after(Understood(wish.question, wish.shown), wish=wish)

    @property
    def _today(self) -> date:
        return self.settings.as_of or datetime.now(UTC).astimezone().date()

    def _standalone(self, request: Request, config: RunnableConfig) -> str:
        if self.writer is not None:
            try:
                return self.writer.standalone(request.question, request.history, config=config)
            except ChatModelFailed:
                pass  # the rules below need no model; a model that is away is reported when it should write
        rewriter = open_rewriter()
        rewrite = rewriter.rewrite if rewriter else None
        return standalone(request.question, request.history, answer_in=self._answer_in, rewrite=rewrite)

    def _answer_in(self, question: str, answer: str) -> str | None:
        """Return the few words of an earlier answer that answered its question."""
        asked = read_question(question)
        sentences = sentence_spans(answer)
        start, end = read_passages(self.reader, question, [answer], [sentences])[0].span
        around = next((span for span in sentences if span[0] <= start < end <= span[1]), None)
        if around is None:
            return None
        return short_answer(asked, answer[slice(*around)], (start - around[0], end - around[0]))

    def find(self, progress: Progress, config: RunnableConfig) -> Iterator[Progress]:  # noqa: ARG002  # a step's shape
        """Find the passages."""
        found = self._retriever.search(
            progress.wish.question, filters=progress.request.filters, time=progress.wish.time
        )
        hits = tuple(found)
        yield progress.after(Found(hits), hits=hits)

    def read(self, progress: Progress, config: RunnableConfig) -> Iterator[Progress]:  # noqa: ARG002
        """Read the passages; where they do not answer, or no chat model is to write, this is the answer."""
        inquiry = self._inquiry(progress)
        composed = inquiry.answer(progress.hits)
        progress = replace(progress, hits=inquiry.with_cited(progress.hits, composed))
        if self.writer is None or composed.refused:
            yield from _as_read(progress, composed)
        else:
            yield replace(progress, composed=composed, ended=(*progress.ended, time.perf_counter()))

    def fit(self, progress: Progress, config: RunnableConfig) -> Iterator[Progress]:  # noqa: ARG002
        """Number the passages for the chat model, as many as its budget holds."""
        with self._retriever.library.reading() as snapshot:
            found = [
                snapshot.reader.article(id_) for id_ in dict.fromkeys(h.article_id for h in progress.hits)
            ]
        articles = {article.id: article for article in found if article is not None}
        yield replace(progress, context=self._chat_writer.fit(progress.hits, articles))

    def write(self, progress: Progress, config: RunnableConfig) -> Iterator[Progress]:
        """Have the chat model write and verify each sentence; where it fails, the reader's answer stands."""
        from assistant.writing.writer import Written  # with a chat model only

        if progress.composed is None or progress.context is None:
            raise ValueError("write comes after read and fit")
        request = progress.request
        writing = self._chat_writer.stream(
            progress.wish.question, progress.context, history=request.history, config=config
        )
        try:
            for written in writing:
                if isinstance(written, Written):
                    yield _finished_writing(progress, progress.composed, written)
                else:
                    yield replace(progress, event=written)
        except ChatModelFailed as error:
            warnings = (*progress.composed.warnings, error.reason)
            yield from _as_read(progress, replace(progress.composed, warnings=warnings))
        finally:
            writing.close()

    @property
    def _chat_writer(self) -> ChatWriter:
        if self.writer is None:
            raise ValueError("no chat model is set")
        return self.writer

    def _inquiry(self, progress: Progress) -> Inquiry:
        return Inquiry(
            self._retriever, reader=self.reader, weights=self.weights, wish=progress.wish,
            filters=progress.request.filters, today=self._today,
            threshold=threshold_for(self.settings.strictness, self.weights),
        )  # fmt: skip


def _as_read(progress: Progress, composed: Composed) -> Iterator[Progress]:
    for piece in composed.pieces:
        yield replace(progress, event=Sentence(piece.text, (piece.citation,), "supported"))
    answer = replace(
        _answer(progress), answer=composed.text, short_answer=composed.short_answer, refused=composed.refused,
        citations=composed.citations, warnings=composed.warnings,
    )  # fmt: skip
    yield replace(progress, event=Finished(answer))


def _finished_writing(progress: Progress, composed: Composed, written: Written) -> Progress:
    conflicts = [_renumbered(text, composed.citations, written.citations) for text in composed.warnings]
    answer = replace(
        _answer(progress), answer=written.text, short_answer=written.short_answer,
        refused=written.refused, citations=written.citations, answered_by=written.usage.model,
        warnings=(*conflicts, *written.warnings), usage=written.usage,
    )  # fmt: skip
    return replace(progress, event=Finished(answer, written.trace))


def _renumbered(warning: str, read: Sequence[Citation], written: Sequence[Citation]) -> str:
    """Return a warning about the reader's citations with the numbers, or else titles, of what the model cites."""
    names = {}
    for citation in read:
        same = (other for other in written if _overlap(citation, other))
        names[f"[{citation.number}]"] = next((f"[{other.number}]" for other in same), f"《{citation.title}》")
    return _MARKER.sub(lambda match: names.get(match[0], match[0]), warning)


def _overlap(one: Citation, other: Citation) -> bool:
    same = one.article_id == other.article_id
    return same and one.start_char < other.end_char and other.start_char < one.end_char


def _answer(progress: Progress) -> Answer:
    """Return an answer that says nothing yet, with what was asked and found and how long each step took."""
    started, *ended = *progress.ended, time.perf_counter()
    steps = zip(("retrieve", "read", "write"), pairwise(ended), strict=False)
    seconds = {name: after - before for name, (before, after) in steps} | {"total": ended[-1] - started}
    return Answer(
        question=progress.request.question,
        standalone_question=progress.wish.question,
        answer="", short_answer=None, refused=True, citations=(), hits=progress.hits, answered_by="reader",
        timings_ms={name: 1000 * value for name, value in seconds.items()},
        filters=progress.wish.shown,
    )  # fmt: skip
