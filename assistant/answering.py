"""The steps from a question to an answer: understand, find, read, and with a chat model write."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from assistant.answer import Answer, Citation
from assistant.comparison import read_comparison
from assistant.errors import ChatModelFailed
from assistant.events import Event, Finished, Found, Sentence, Turn, Understood
from assistant.followups.complete import standalone
from assistant.followups.rewriter import open_rewriter
from assistant.named_article import named_article
from assistant.question import Asked, read_question
from assistant.reading.absent import absence_warning
from assistant.reading.compare import compose_compared
from assistant.reading.compose import REFUSED, Composed, compose, parts_missed
from assistant.reading.reader import Reader
from assistant.reading.refusal import Weights, threshold_for
from assistant.reading.short_answers import short_answer
from assistant.reading.weighing import Weighed, likeliest, read_passages, weigh
from assistant.settings import Settings
from assistant.time_words import read_time
from vectorstore.article import Article, Hit
from vectorstore.catalog_reader import Filters
from vectorstore.retriever import HybridRetriever
from vectorstore.sentences import sentence_spans
from vectorstore.time_wish import TimeWish

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from assistant.writing.context import Context
    from assistant.writing.writer import ChatWriter, Written

MAX_QUESTION_CHARS = 2000
MOST_NAMED = 4
"""So many of the best hits may be of the article that a question names."""
READ_INSIDE = 4
"""So many passages of it are read."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a question, the turns before it, limits on the search, and whether 去年 counts as one."""

    question: str
    history: tuple[Turn, ...] = ()
    filters: Filters | None = None
    ignore_time: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What will be searched: a question that stands alone, and the time it speaks of, which is preferred."""

    question: str
    time: TimeWish | None = None

    @property
    def shown(self) -> Mapping[str, str]:
        """Return what was read from the question, as it is shown: name -> label."""
        return {"时间": self.time.label} if self.time else {}


_MARKER = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer has come: the last event, and all that the next step needs."""

    request: Request
    event: Event | None = None
    wish: Wish = Wish("")
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
        today = self.settings.as_of or datetime.now(UTC).astimezone().date()
        wish = Wish(alone, None if request.ignore_time else read_time(alone, today))
        yield progress.after(Understood(wish.question, wish.shown), wish=wish)

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
        hits = tuple(self._find(progress.wish, progress.request.filters))
        yield progress.after(Found(hits), hits=hits)

    def _find(self, wish: Wish, filters: Filters | None) -> list[Hit]:
        return self._retriever.search(wish.question, filters=filters, time=wish.time)

    def read(self, progress: Progress, config: RunnableConfig) -> Iterator[Progress]:  # noqa: ARG002
        """Read the passages; where they do not answer, or no chat model is to write, this is the answer."""
        composed = self._read(progress)
        if self.writer is None or composed.refused:
            yield from _as_read(progress, composed)
        else:
            yield replace(progress, composed=composed, ended=(*progress.ended, time.perf_counter()))

    def fit(self, progress: Progress, config: RunnableConfig) -> Iterator[Progress]:  # noqa: ARG002
        """Number the passages for the chat model, as many as its budget holds."""
        articles = {article.id: article for article in self._articles(progress.hits)}
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

    def _read(self, progress: Progress) -> Composed:
        """Return the answer that the hits hold, its parts read one by one where no sentence holds them all."""
        wish, hits = progress.wish, progress.hits
        asked = read_question(wish.question)
        threshold = threshold_for(self.settings.strictness, self.weights)
        compared = self._compare(progress, threshold)
        if compared.short_answer:
            return compared
        weighed = self._weigh(asked, hits, progress)
        composed = compose(asked, weighed, threshold=threshold)
        missed = parts_missed(asked, composed)
        if missed:
            parts = [self._find_and_weigh(part, progress) for part in completed(missed, wish.question)]
            composed = compose(asked, weighed, threshold=threshold, parts=parts)
        if composed.refused and not compared.refused:
            return compared
        if composed.refused:
            return replace(composed, warnings=self._what_is_absent(asked, hits))
        return composed

    def _compare(self, progress: Progress, threshold: float) -> Composed:
        """Return what is found of each thing that a question compares, with a verdict where all is found."""
        comparison = read_comparison(progress.wish.question)
        if comparison is None:
            return REFUSED
        asked = [read_question(question) for question in comparison.questions]
        read = [(part, self._find_and_weigh(part, progress)) for part in asked]
        return compose_compared(comparison, read, threshold=threshold)

    def _find_and_weigh(self, asked: Asked, progress: Progress) -> list[Weighed]:
        wish = replace(progress.wish, question=asked.text)
        return self._weigh(asked, self._find(wish, progress.request.filters), progress)

    def _weigh(self, asked: Asked, hits: Sequence[Hit], progress: Progress) -> list[Weighed]:
        """Return the hits as read, and what else the long article says that the question names, likeliest first."""
        weighed = weigh(asked, hits, reader=self.reader, weights=self.weights)
        named = named_article(asked.text, self._articles(hits[:MOST_NAMED]), hits)
        if named is None:
            return weighed
        article, rest = named
        filters = replace(progress.request.filters or Filters(), article=article.id)
        inside = self._retriever.search(rest, limit=READ_INSIDE, filters=filters, time=progress.wish.time)
        weighed += weigh(read_question(rest), inside, reader=self.reader, weights=self.weights)
        return likeliest(weighed)

    def _articles(self, hits: Sequence[Hit]) -> list[Article]:
        ids = dict.fromkeys(hit.article_id for hit in hits)
        with self._retriever.library.reading() as snapshot:
            found = [snapshot.reader.article(id_) for id_ in ids]
        return [article for article in found if article is not None]

    def _what_is_absent(self, asked: Asked, hits: Sequence[Hit]) -> tuple[str, ...]:
        with self._retriever.library.reading() as snapshot:
            warning = absence_warning(asked, hits, snapshot.lexical.document_frequency)
        return (warning,) if warning else ()


def completed(parts: Sequence[Asked], question: str) -> list[Asked]:
    """Return the parts of a question, a later one with the subject it leaves to the first (…成立？总部在哪里？)."""
    if not all(part.text in question for part in parts):  # 北京和上海的…: each was made to stand alone
        return list(parts)
    first, *later = parts
    before = [Turn(first.text, "")]
    return [first, *(read_question(standalone(part.text, before)) for part in later)]


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
