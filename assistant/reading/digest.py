"""Choose what one article says of the topic that a summary is asked of: the sections, paragraphs and rows of it. Pure."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.question import Asked
from assistant.reading.focus import topic_of
from assistant.reading.outline import Line, outline
from assistant.reading.reader import PassageReading
from assistant.reading.selection import RankedSentence, asks
from assistant.reading.summary import choose_summary
from assistant.reading.surroundings import points_back
from assistant.reading.weighing import Weighed, whole_sentences
from assistant.subject import Word, presence
from vectorstore.article import Hit
from vectorstore.catalog_reader import StoredPassage
from vectorstore.fold import fold

# Chosen on rageval_zh's summaries of one article (dev, 330 questions), where each may move by half without harm.
MOST_CHARS, MOST_OF_MANNER = 400, 300
SHORT = 25  # a row of a form costs a reader as much as so many characters
HEADING_WORTH = 3.0  # what a heading tells of a paragraph, where its words and its first sentence tell 1 each
LEAST_SENTENCES = 3
LEAST_SHARE = 0.3  # of the best sentence's worth
CARRIED = 0.9  # what the items of an enumeration keep of the worth of the line that opens it
CLOSING_WORTH = 0.6  # 综上所述 repeats what is shown
FULL_SENTENCE = 15
_GOES_ON = re.compile(
    r"^\W*(?:首先|其[次二三四五]|再次|再者|此外|另外|同时|与此同时|接着|随后|然后|最后|另一方面|第?[二三四五六七八九十][是，,、：:]"
    r"|在?(?:\d{4}年)?\d{1,2}月)"
)
_CLOSES = re.compile(r"^\W*(?:综上|总之|总的来说|总而言之|总体而言|总体来看)")


@dataclass(frozen=True, slots=True)
class _Told:
    """A line of the article with its sentences, and for each word of the topic how far it says it (0..1)."""

    line: Line
    sentences: tuple[RankedSentence, ...]
    first: tuple[float, ...]
    whole: tuple[float, ...]


def in_full(passages: Sequence[StoredPassage]) -> list[Weighed]:
    """Return the passages of an article as if read, so that what is chosen of them can be cited."""
    return [_unread(rank, passage) for rank, passage in enumerate(passages, start=1)]


def _unread(rank: int, passage: StoredPassage) -> Weighed:
    hit = Hit(
        rank, 0.0, passage.passage_id, passage.article_id, passage.start_char, passage.end_char, passage.text,
        passage.title, passage.source, passage.url, passage.published,
    )  # fmt: skip
    spans = whole_sentences(hit.text)
    return Weighed(hit, spans, PassageReading(0.0, (0, 0), 0.0, (0.0,) * len(spans)), 0.0)


def choose_of_article(asked: Asked, article: Sequence[Weighed]) -> list[RankedSentence]:
    """Return the sentences that tell of the topic asked, in reading order; the lead where all is asked, or none tells."""
    sentences = [
        RankedSentence(item.hit, item.hit.start_char + start, item.hit.start_char + end, 1.0)
        for item in article
        for start, end in item.sentences
    ]
    words = topic_of(asked.text, article[0].hit.title)
    told = _told(words, outline(_text(article)), sentences) if words else []
    worth = _worth(_Topic(words, told), told)
    if not any(worth.values()):
        return choose_summary(asked, sentences)
    return _fitting(sentences, worth, most_chars=MOST_CHARS if asked.kind == "summary" else MOST_OF_MANNER)


def _text(article: Sequence[Weighed]) -> str:
    """Return the article's text from its passages, with line ends for the space between them."""
    text = ""
    for hit in (item.hit for item in article):
        text += "\n" * (hit.start_char - len(text))
        text += hit.text[len(text) - hit.start_char :]
    return text


def _told(words: Sequence[Word], lines: Sequence[Line], sentences: Sequence[RankedSentence]) -> list[_Told]:
    starts = [item.start for item in sentences]
    found = []
    for line in lines:
        here = tuple(sentences[bisect_left(starts, line.start) : bisect_left(starts, line.end)])
        if here:
            folded = [fold(item.text) for item in here]
            said = [[presence(word.text, text) for word in words] for text in folded]
            whole = tuple(max(shares) for shares in zip(*said, strict=True))
            found.append(_Told(line, here, tuple(said[0]), whole))
    return found


class _Topic:
    """What is asked of an article; a word of it weighs the more the fewer lines say it."""

    def __init__(self, words: Sequence[Word], told: Sequence[_Told]) -> None:
        said = [sum(line.whole[at] for line in told) for at in range(len(words))]
        self._words = [word.text for word in words]
        self._weights = [math.log(1 + len(told) / (0.5 + count)) for count in said]

    def share(self, held: Sequence[float]) -> float:
        """Return how much of the topic is held, in 0..1, where so much of each word is."""
        total = sum(weight * part for weight, part in zip(self._weights, held, strict=True))
        return total / (sum(self._weights) or 1.0)

    def heads(self, words: str) -> float:
        """Return how far a heading says the topic and nothing else, in 0..1."""
        folded = fold(words)
        held = self.share([presence(word, folded) for word in self._words])
        of_topic = sum(len(word) for word in set(self._words) if word in folded)
        return math.sqrt(held * min(1.0, of_topic / len(folded)))


def _worth(topic: _Topic, told: Sequence[_Told]) -> dict[RankedSentence, float]:
    """Return what each sentence tells of the topic: by the headings above it, its line, and how that begins."""
    headings = {words: topic.heads(words) for words in {words for line in told for words in line.line.heads}}
    worth: dict[RankedSentence, float] = {}
    opening, heads = 0.0, None
    for line in told:
        begins = fold(line.sentences[0].text)
        above = max((headings[words] for words in line.line.heads), default=0.0)
        own = HEADING_WORTH * above + topic.share(line.whole) + topic.share(line.first)
        if _CLOSES.match(begins):
            own *= CLOSING_WORTH
        if heads == line.line.heads and _GOES_ON.match(begins):
            own = max(own, CARRIED * opening)
        else:
            opening, heads = own, line.line.heads
        for item in line.sentences:
            if not (line.line.is_heading or asks(item.text)):
                worth[item] = own * min(1.0, len(item.text) / FULL_SENTENCE)
    return worth


def _fitting(
    sentences: Sequence[RankedSentence], worth: dict[RankedSentence, float], *, most_chars: int
) -> list[RankedSentence]:
    """Return those worth most that a reader of a summary can take in, none of which points back at what is left out."""
    before = dict(zip(sentences[1:], sentences, strict=False))
    least = LEAST_SHARE * max(worth.values())
    chosen: list[RankedSentence] = []
    room = most_chars
    for item in sorted(worth, key=lambda item: -worth[item]):
        cost = max(SHORT, len(item.text))
        if not worth[item] or (worth[item] < least and len(chosen) >= LEAST_SENTENCES):
            break
        hangs = points_back(item.text) and before.get(item) not in chosen
        if (
            (cost <= room or not chosen)
            and not hangs
            and not any(item.text in other.text or other.text in item.text for other in chosen)
        ):
            chosen.append(item)
            room -= cost
    return sorted(chosen, key=lambda item: item.start)
