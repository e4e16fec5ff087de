"""Example questions and follow-ups: made by rule, kept only where the assistant answers from the right sentence."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from assistant.answer import Answer
from assistant.web.assistants import Assistants
from assistant.web.questions import Candidate, candidates
from vectorstore.article import Article
from vectorstore.errors import VectorstoreError

logger = logging.getLogger(__name__)
EXAMPLES = 4
PER_ARTICLE = 3  # good questions kept for an article
ENOUGH = 4  # follow-ups to choose from
TRIES = 8  # candidates asked for an article
NEWEST = 12  # articles looked at for examples
CACHED = 500  # articles whose questions are remembered


class Suggestions:
    """Questions that the library answers; made in the background, and again when it changes."""

    def __init__(self, assistants: Assistants) -> None:
        self._assistants = assistants
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._generation = 0
        self._examples: list[str] = []
        self._by_article: dict[tuple[str, bool], list[str]] = {}

    def examples(self) -> list[str] | None:
        """Return the example questions; None while they are being made."""
        generation = self._assistants.library.catalog.generation
        with self._lock:
            if generation == self._generation:
                return list(self._examples)
        return None

    def prepare(self) -> None:
        """Make the example questions of the library as it is now, once, however many ask for them."""
        with self._making:
            generation = self._assistants.library.catalog.generation
            if generation == self._generation:
                return
            with self._lock:
                self._by_article.clear()
            try:
                made = self._make_examples()
            except VectorstoreError:
                logger.warning("no example questions could be made", exc_info=True)
                made = []
            with self._lock:
                self._examples, self._generation = made, generation

    def _make_examples(self) -> list[str]:
        chosen: list[str] = []
        rest: list[str] = []
        for article in self._newest():
            good = self.about(article)
            chosen += good[:1]
            rest += good[1:]
            if len(chosen) == EXAMPLES:
                break
        return (chosen + rest)[:EXAMPLES]

    def _newest(self) -> list[Article]:
        from assistant.web.listing import newest_ids

        library = self._assistants.library
        with library.reading() as snapshot:
            found = [snapshot.reader.article(id_) for id_ in newest_ids(library, NEWEST)]
        return [article for article in found if article is not None]

    def about_any(self, article_ids: Iterable[str]) -> list[str]:
        """Return questions about the articles, in turn, until there are enough to choose from."""
        good: list[str] = []
        for article_id in article_ids:
            article = self._assistants.base.article(article_id)
            if article is not None and len(good) < ENOUGH:
                good += self.about(article, alone=False)
        return list(dict.fromkeys(good))

    def about(self, article: Article, *, alone: bool = True) -> list[str]:
        """Return questions that the assistant answers from an article; with `alone`, to who has not read it."""
        key = (article.id, alone)
        with self._lock:
            known = self._by_article.get(key)
        if known is not None:
            return known
        good = self._checked(candidates(article, most=TRIES, alone=alone))
        with self._lock:
            if len(self._by_article) >= CACHED:
                self._by_article.pop(next(iter(self._by_article)))
            self._by_article[key] = good
        return good

    def _checked(self, found: Iterable[Candidate]) -> list[str]:
        good: list[str] = []
        spans: set[tuple[int, int]] = set()
        for candidate in found:
            place = (candidate.start, candidate.end)
            if place in spans:
                continue
            if answered_from(self._assistants.reading_only.ask(candidate.question), candidate):
                good.append(candidate.question)
                spans.add(place)
            if len(good) == PER_ARTICLE:
                break
        return good


def answered_from(answer: Answer, candidate: Candidate) -> bool:
    """Tell whether an answer cites the sentence that a question was made from."""
    return any(
        citation.article_id == candidate.article_id
        and citation.start_char < candidate.end
        and candidate.start < citation.end_char
        for citation in answer.citations
    )
