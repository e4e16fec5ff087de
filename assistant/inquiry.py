"""Find out what the articles say to one question: of its parts, of what it compares, of the day that it asks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from assistant.comparison import read_comparison
from assistant.events import Turn
from assistant.followups.complete import standalone
from assistant.named_article import freed_of_years, named_article
from assistant.on_the_day import read_on_the_day
from assistant.question import Asked, read_question
from assistant.reading.absent import absence_warning
from assistant.reading.compare import compose_compared, compose_on_the_day, find_value, missing_warning
from assistant.reading.compose import REFUSED, Composed, compose, parts_missed, parts_unsaid
from assistant.reading.digest import in_full
from assistant.reading.focus import summarised, wants_summing_up
from assistant.reading.reader import Reader
from assistant.reading.refusal import Weights
from assistant.reading.weighing import Weighed, likeliest, weigh
from assistant.time_words import read_time
from assistant.wish import Wish
from vectorstore.article import Article, Hit
from vectorstore.catalog_reader import Filters
from vectorstore.retriever import HybridRetriever

MOST_NAMED = 4
"""So many of the best hits may be of the article that a question names."""
READ_INSIDE = 4
"""So many passages of it are read."""
READ_OF_PART = 5
"""So many hits of a smaller question are read: several of them are asked."""


class Inquiry:
    """One question to a library; smaller questions that it turns out to hold are searched and read on the way."""

    def __init__(
        self, retriever: HybridRetriever, *, reader: Reader, weights: Weights, wish: Wish, filters: Filters | None,
        today: date, threshold: float,
    ) -> None:  # fmt: skip
        self._retriever = retriever
        self._reader = reader
        self._weights = weights
        self._wish = wish
        self._filters = filters
        self._today = today
        self._threshold = threshold
        self._seen: dict[str, Hit] = {}
        self._opened: dict[str, Article | None] = {}

    def answer(self, hits: Sequence[Hit]) -> Composed:
        """Return what the hits, and those of the smaller questions, answer."""
        composed = self._compared()
        if composed.short_answer is None:
            direct = self._on_the_day() or self._read(self._wish, hits)
            composed = composed if direct.refused else direct
        return replace(composed, warnings=self._what_is_absent(hits)) if composed.refused else composed

    def with_cited(self, hits: Sequence[Hit], composed: Composed) -> tuple[Hit, ...]:
        """Return the hits, then those that were found on the way and are cited."""
        known = {hit.passage_id for hit in hits}
        cited = dict.fromkeys(citation.passage_id for citation in composed.citations)
        further = [self._seen[id_] for id_ in cited if id_ not in known and id_ in self._seen]
        return (*hits, *(replace(hit, rank=rank) for rank, hit in enumerate(further, start=len(hits) + 1)))

    def _read(self, wish: Wish, hits: Sequence[Hit]) -> Composed:
        """Return the answer that the hits hold, its parts read one by one where no sentence holds them all."""
        asked = read_question(wish.question)
        article = self._in_full(asked, hits)
        weighed = self._weigh_these(asked, hits) if article else self._weigh(asked, hits)
        composed = compose(asked, weighed, threshold=self._threshold, article=article)
        missed = parts_missed(asked, composed) if composed.refused or not article else []
        if not missed:
            return composed
        alone = completed(missed, asked.text)
        parts = [self._find_and_weigh(part, wish) for part in alone]
        composed = compose(asked, weighed, threshold=self._threshold, parts=parts, article=article)
        unanswered = [part for part, read in zip(alone, parts, strict=True) if not self._answers(read)]
        unsaid = [part.text for part in parts_unsaid(alone, composed) if part in unanswered]
        if composed.refused or not unsaid:
            return composed
        return replace(composed, warnings=(*composed.warnings, missing_warning(unsaid)))

    def _answers(self, read: Sequence[Weighed]) -> bool:
        return bool(read) and read[0].probability >= self._threshold

    def _compared(self) -> Composed:
        """Return what is found of each thing that the question compares, with a verdict where all is found."""
        comparison = read_comparison(self._wish.question)
        if comparison is None:
            return REFUSED
        asked = [read_question(question) for question in comparison.questions]
        read = [(part, self._find_and_weigh(part, self._wish)) for part in asked]
        return compose_compared(comparison, read, threshold=self._threshold)

    def _on_the_day(self) -> Composed | None:
        """Return what is said of the day of an event (开幕当天，…), None where none is asked of, dated and told of."""
        wanted = read_on_the_day(self._wish.question)
        if wanted is None:
            return None
        asked = read_question(wanted.question)
        dated = compose(asked, self._find_and_weigh(asked, self._wish), threshold=self._threshold)
        found = find_value(wanted.event, asked, dated, of_dates=True)
        if found is None or len(found.day) < wanted.parts:
            return None
        question = wanted.asked_of(found.day)
        wish = Wish(question, read_time(question, self._today))
        told = self._read(wish, self._find(wish))
        return None if told.refused else compose_on_the_day(found, told)

    def _find(self, wish: Wish, limit: int | None = None) -> list[Hit]:
        return self._retriever.search(wish.question, limit=limit, filters=self._filters, time=wish.time)

    def _find_and_weigh(self, asked: Asked, wish: Wish) -> list[Weighed]:
        return self._weigh(asked, self._find(replace(wish, question=asked.text), READ_OF_PART))

    def _weigh(self, asked: Asked, hits: Sequence[Hit]) -> list[Weighed]:
        """Return the hits as read, and what else the long article says that the question names, likeliest first."""
        weighed = self._weigh_these(asked, hits) + self._inside_named(asked, hits)
        self._seen.update((item.hit.passage_id, item.hit) for item in weighed)
        return likeliest(weighed)

    def _weigh_these(self, asked: Asked, hits: Sequence[Hit]) -> list[Weighed]:
        return weigh(asked, hits, reader=self._reader, weights=self._weights)

    def _in_full(self, asked: Asked, hits: Sequence[Hit]) -> list[Weighed]:
        """Return every passage of the one article that is to be summed up, none where several or none are meant."""
        meant = summarised(asked.text, self._articles(hits), hits) if wants_summing_up(asked) else None
        with self._retriever.library.reading() as snapshot:
            article = in_full(snapshot.reader.passages_of(meant.id)) if meant else []
        self._seen.update((item.hit.passage_id, item.hit) for item in article)
        return article

    def _articles(self, hits: Sequence[Hit]) -> list[Article]:
        """Return the articles of some hits; each is read from the catalog once, however many parts ask for it."""
        ids = dict.fromkeys(hit.article_id for hit in hits)
        with self._retriever.library.reading() as snapshot:
            self._opened |= {id_: snapshot.reader.article(id_) for id_ in ids if id_ not in self._opened}
        return [article for id_ in ids if (article := self._opened[id_]) is not None]

    def _inside_named(self, asked: Asked, hits: Sequence[Hit]) -> list[Weighed]:
        named = named_article(asked.text, self._articles(hits[:MOST_NAMED]), hits)
        if named is None:
            return []
        article, rest = named
        filters = replace(self._filters or Filters(), article=article.id)
        best = max(hit.score for hit in hits if hit.article_id == article.id)
        found = self._retriever.search(rest, limit=READ_INSIDE, filters=filters, time=self._wish.time)
        inside = [replace(hit, score=max(hit.score, best)) for hit in found]
        return weigh(
            read_question(rest), inside, reader=self._reader, weights=self._weights,
            read_for=freed_of_years(rest, article),
        )  # fmt: skip

    def _what_is_absent(self, hits: Sequence[Hit]) -> tuple[str, ...]:
        asked = read_question(self._wish.question)
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
