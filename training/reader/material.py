"""Serve the stages their examples: endless lists of fresh crops, so that no two rounds are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from training.corpus import read_rows
from training.reader.cloze import news_questions
from training.reader.negatives import POOL_LENGTH, Swapper, hard_negatives
from training.reader.texts import Example, Row, crops, read_questions, windows
from vectorstore.fold import fold

NEWS_FILES = ("crud_news.text", "cctv_news.text")
ARTICLES_AT_ONCE = 1500
HELD_ARTICLES = 400
HELD_CONTEXTS = {"cmrc2018_train": 100, "antiterror_mrc_train": 60}
"""Contexts of each file that are kept out of training: the calibration is fitted on their questions."""


def held_contexts(rows: Sequence[Row]) -> set[str]:
    """Return the contexts that are kept out of training, every so many of each file in sorted order."""
    held: set[str] = set()
    for name, count in HELD_CONTEXTS.items():
        contexts = sorted({row.context for row in rows if row.source == name})
        held.update(contexts[:: len(contexts) // count] if contexts else [])
    return held


def read_news(data: Path) -> list[tuple[str, str]]:
    """Return (title, text) of every news article, folded, in a fixed random order."""
    rows = [row for name in NEWS_FILES for row in read_rows(data, name)]
    Random(1).shuffle(rows)
    return [(fold(row.get("title") or ""), fold(row["text"])) for row in rows]


def news_rounds(articles: list[tuple[str, str]], seed: int) -> Iterator[list[Example]]:
    """Yield questions on a few articles at a time, round and round."""
    while True:
        for at in range(0, len(articles), ARTICLES_AT_ONCE):
            yield list(news_questions(articles[at : at + ARTICLES_AT_ONCE], seed * 1_000_003 + at))
        seed += 1


@dataclass(frozen=True, slots=True)
class Mixture:
    """What one round of reading holds: the files of its questions, and shares of each kind of example."""

    files: tuple[str, ...]
    hard: float = 0.3
    impossible: float = 0.5
    swapped: float = 0.05
    news: int = 2000
    contexts: int = 0
    """Questions made of the contexts of the human questions, as those of the news are made."""


class Readings:
    """The human questions with their hard negatives, cropped anew in every round."""

    def __init__(self, data: Path, mixture: Mixture, articles: list[tuple[str, str]]) -> None:
        rows = [row for name in mixture.files for row in read_questions(data, name)]
        self.mixture = mixture
        held = held_contexts(rows)
        self.held_rows = [row for row in rows if row.context in held]
        rows = [row for row in rows if row.context not in held]
        self.answered = [row for row in rows if row.spans]
        self.impossible = [row for row in rows if not row.spans]
        self.articles = articles
        self.contexts = [("", context) for context in sorted({row.context for row in rows})]
        texts = [body for _, body in articles[:6000]]
        self.pool = [text[low:high] for text in texts for low, high in windows(text, longest=POOL_LENGTH)[:1]]
        self.negatives = hard_negatives(self.answered, self.pool)
        self.swapper = Swapper([row.question for row in self.answered])

    def round(self, seed: int) -> list[Example]:
        """Return one round of examples."""
        mixture, chance = self.mixture, Random(seed)
        found = list(crops(self.answered, chance))
        swapped = [
            self.swapper.swap(example, chance) for example in found if chance.random() < mixture.swapped
        ]
        found += [example for example in swapped if example]
        found += [chance.choice(near) for near in self.negatives if near and chance.random() < mixture.hard]
        found += crops((row for row in self.impossible if chance.random() < mixture.impossible), chance)
        start = chance.randrange(len(self.articles) - 2000)
        for texts, wanted in (
            (self.articles[start : start + mixture.news // 3], mixture.news),
            (chance.sample(self.contexts, min(mixture.contexts // 3, len(self.contexts))), mixture.contexts),
        ):
            made = list(news_questions(texts, seed))
            found += chance.sample(made, min(wanted, len(made)))
        return found

    def rounds(self, seed: int) -> Iterator[list[Example]]:
        """Yield rounds without end."""
        while True:
            yield self.round(seed)
            seed += 1
