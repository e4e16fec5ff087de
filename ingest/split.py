"""Split an article into passages: whole sentences packed up to a size, with offsets that rebuild it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from vectorstore.article import Passage
from vectorstore.catalog_writer import CatalogWriter
from vectorstore.sentences import sentence_spans, trim_span
from vectorstore.tokens import count_tokens

PASSAGE_CHARS = 360
PASSAGE_TOKENS = 384
SPLITTER = f"sentences-{PASSAGE_CHARS}-{PASSAGE_TOKENS}-1"  # recorded: another value means other passages
Span = tuple[int, int, int]  # start, end, tokens
_CLAUSE_END = "，、,：: "


def split(article_id: str, text: str) -> list[Passage]:
    """Return the passages of an article, in reading order."""
    return to_passages(article_id, text, split_spans(text))


def split_spans(text: str) -> list[Span]:
    """Return (start, end, tokens) of the passages of a text, in reading order.

    Each is at most `PASSAGE_CHARS` characters and `PASSAGE_TOKENS` tokens, starts and ends at a sentence
    end where one is near enough, and between two of them there is only white space.
    """
    packed = pack(_fitting_sentences(text), PASSAGE_CHARS)
    return [part for start, end in packed for part in _within_tokens(text, start, end)]


def to_passages(article_id: str, text: str, spans: Sequence[Span]) -> list[Passage]:
    """Return the passages that spans cut out of an article."""
    return [_passage(article_id, text, *span) for span in spans]


def split_again(writer: CatalogWriter) -> None:
    """Split every article anew where another splitter made the library's passages; no file is read."""
    if writer.catalog.meta("splitter") == SPLITTER:
        return
    for article in writer.live_articles():
        passages = split(article["id"], article["text"])
        if writer.passage_spans(article["row"]) != [(passage.id, passage.tokens) for passage in passages]:
            writer.replace_passages(article["row"], article["title"], passages)
    writer.catalog.set_meta("splitter", SPLITTER)


def pack(spans: list[tuple[int, int]], max_chars: int) -> list[tuple[int, int]]:
    """Join neighbouring spans as long as they fit; the last two share their length evenly."""
    packed: list[list[tuple[int, int]]] = []
    for span in spans:
        if packed and span[1] - packed[-1][0][0] <= max_chars:
            packed[-1].append(span)
        else:
            packed.append([span])
    if len(packed) > 1:
        _even_out(packed[-2], packed[-1])
    return [(group[0][0], group[-1][1]) for group in packed]


def _even_out(before: list[tuple[int, int]], last: list[tuple[int, int]]) -> None:
    """Move sentences into the last group while that brings the two lengths closer."""
    while len(before) > 1:
        left = before[-2][1] - before[0][0]
        right = last[-1][1] - before[-1][0]
        if right > left:
            return
        last.insert(0, before.pop())


def _fitting_sentences(text: str) -> list[tuple[int, int]]:
    fitting = []
    for start, end in sentence_spans(text):
        while end - start > PASSAGE_CHARS:
            cut = _clause_cut(text, start, start + PASSAGE_CHARS)
            fitting.append(trim_span(text, start, cut))
            start = trim_span(text, cut, end)[0]  # noqa: PLW2901  # the rest of the sentence
        if start < end:
            fitting.append((start, end))
    return fitting


def _clause_cut(text: str, start: int, limit: int) -> int:
    """Return where to cut an overlong sentence: after the last clause mark, else at the limit."""
    for position in range(limit, start + (limit - start) // 2, -1):
        if text[position - 1] in _CLAUSE_END:
            return position
    return limit


def _within_tokens(text: str, start: int, end: int) -> list[Span]:
    """Return the span with its tokens, halved until each half is within the token budget."""
    tokens = count_tokens(text[start:end])
    if tokens <= PASSAGE_TOKENS or end - start < 2:
        return [(start, end, tokens)]
    sentences = sentence_spans(text[start:end])
    cut = start + sentences[len(sentences) // 2][0] if len(sentences) > 1 else (start + end) // 2
    parts = (trim_span(text, start, cut), trim_span(text, cut, end))
    return [piece for first, last in parts if first < last for piece in _within_tokens(text, first, last)]


def _passage(article_id: str, text: str, start: int, end: int, tokens: int) -> Passage:
    words = text[start:end]
    digest = hashlib.sha256(f"{article_id}\n{start}\n{end}\n{words}".encode()).hexdigest()
    return Passage(
        id=digest[:16], article_id=article_id, start_char=start, end_char=end, text=words, tokens=tokens
    )
