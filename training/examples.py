"""Turn the training files into examples: queries and the passages that answer them.

Two kinds. Labelled: a title and its body, a question and its context. Cloze: a stretch of a
sentence and the passage it was taken from, so that running text teaches matching too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from training.corpus import read_rows
from training.held_out import is_held_out
from vectorstore.fold import fold

Ids: TypeAlias = npt.NDArray[np.int32]

LABELLED_FILES = {
    "cmrc2018_train.qa": 3.0,
    "squad2_zh_mt.qa": 2.0,
    "dureader2_demo.pairs": 6.0,
    "crud_title_body.pairs": 1.5,
    "cctv_news.text": 0.6,
    "medical_qa.pairs": 0.7,
    "csl.pairs": 1.0,
    "laws_cn.pairs": 0.15,
}
"""How often a row of each file is drawn, relative to the others: first guesses, not tuned."""
CLOZE_FILES = ("crud_news.text", "cctv_news.text", "cmrc2018_train.qa", "csl_abstracts.text")
MAX_PASSAGE_CHARS = 450
CLOZE_PASSAGE_TOKENS = (50, 200)
SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]*")


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labelled examples: query `i` is answered by passage `answers[i]` and drawn with `weights[i]`."""

    query_texts: list[str]
    passage_texts: list[str]
    queries: list[Ids]
    passages: list[Ids]
    answers: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cloze:
    """Passages of running text, each a list of sentences."""

    passages: list[list[Ids]]


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Ids]:
    """Return the ids of every folded text."""
    ids: list[Ids] = []
    for start in range(0, len(texts), 4096):
        batch = tokenizer.encode_batch_fast(list(texts[start : start + 4096]), False, False)
        ids += [np.array(encoding.ids, dtype=np.int32) for encoding in batch]
    return ids


def read_labelled(data: Path, tokenizer: Tokenizer) -> Labelled:
    """Read what is not held out of every labelled file; a passage of several questions is kept once."""
    places: dict[str, int] = {}
    queries: list[str] = []
    answers: list[int] = []
    weights: list[float] = []
    for name, weight in LABELLED_FILES.items():
        for row in read_rows(data, name):
            if is_held_out(_whole(row)):
                continue
            query, passage = _query_and_passage(row)
            if len(query) > 3 and len(passage) > 20:
                queries.append(fold(query))
                answers.append(places.setdefault(fold(passage), len(places)))
                weights.append(weight)
    passages = list(places)
    shares = np.array(weights) / np.sum(weights)
    return Labelled(
        query_texts=queries,
        passage_texts=passages,
        queries=encode(tokenizer, queries),
        passages=encode(tokenizer, passages),
        answers=np.array(answers),
        weights=shares,
    )


def _whole(row: dict[str, Any]) -> str:
    return str(row.get("context") or row.get("text") or row.get("b") or "")


def _query_and_passage(row: dict[str, Any]) -> tuple[str, str]:
    query = row.get("question") or row.get("title") or row.get("a") or ""
    passage = _whole(row)
    start = max([0, *row.get("answer_starts", [])[:1]])
    first = max(0, min(start - MAX_PASSAGE_CHARS // 2, len(passage) - MAX_PASSAGE_CHARS))
    return query[:100], passage[first : first + MAX_PASSAGE_CHARS]


def read_cloze(data: Path, tokenizer: Tokenizer, *, seed: int) -> Cloze:
    """Read running text and pack its sentences into passages of random lengths, in random order."""
    random = np.random.default_rng(seed)
    passages: list[list[Ids]] = []
    for name in CLOZE_FILES:
        texts = {_whole(row): None for row in read_rows(data, name) if not is_held_out(_whole(row))}
        sentences: list[str] = []
        ends: list[int] = []
        for text in texts:
            sentences += [found for found in SENTENCE.findall(fold(text)) if found]
            ends.append(len(sentences))
        ids = encode(tokenizer, sentences)
        for start, end in zip([0, *ends], ends, strict=False):
            passages += _pack(ids[start:end], random)
    order = random.permutation(len(passages))
    return Cloze([passages[place] for place in order])


def _pack(sentences: list[Ids], random: np.random.Generator) -> Iterator[list[Ids]]:
    low, high = CLOZE_PASSAGE_TOKENS
    packed: list[Ids] = []
    limit = random.integers(low, high)
    for sentence in sentences:
        if len(sentence) == 0:
            continue
        packed.append(sentence[:high])
        if sum(map(len, packed)) >= limit:
            yield packed
            packed, limit = [], random.integers(low, high)
    if len(packed) > 1 and sum(map(len, packed)) >= low:
        yield packed
