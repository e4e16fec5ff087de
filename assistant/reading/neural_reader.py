"""Read passages with our own small trained reader: answer span, sentence scores, answerability.

The network (`training/reader`) runs on onnxruntime from two files, `reader.onnx` and `vocab.json`;
`config.json` holds its limits and the calibration of its scores. Nothing here imports torch.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from assistant.reading.reader import PassageReading
from vectorstore.fold import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Scores = NDArray[np.float32]

MODEL_DIR = Path(__file__).parents[1] / "models" / "reader"
BUCKETS = 63
"""Ids 1 to 63 stand for characters the vocabulary lacks, by code point; 0 is padding."""
INPUTS = ("passage", "pairs", "question", "question_pairs")
EDGE = " \t\r\n\u3000,.;:!?，。；：！？、…"
"""Trimmed from both ends of a span."""
PAIRS = {"《": "》", "“": "”", "「": "」", "『": "』", "(": ")", "（": "）", "〈": "〉", "【": "】"}


class Alphabet:
    """Turns folded text into character and bigram ids; `bigrams` holds them end to end."""

    def __init__(self, characters: str, bigrams: str) -> None:
        self.size = len(characters) + BUCKETS + 1
        self._table = 1 + np.arange(0x30000, dtype=np.int64) % BUCKETS
        self._table[[ord(character) for character in characters]] = np.arange(BUCKETS + 1, self.size)
        pairs = self._lookup(bigrams).reshape(-1, 2)
        codes = pairs[:, 0] * self.size + pairs[:, 1]
        self._order = np.argsort(codes, kind="stable")
        self._codes = codes[self._order]

    def _lookup(self, text: str) -> Ids:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        ids: Ids = self._table[np.minimum(points, len(self._table) - 1)]
        return ids

    def encode(self, folded: str) -> Ids:
        """Return a (2, length) array: character ids, and the id of the bigram that starts there (0: unknown)."""
        ids = self._lookup(folded)
        codes = ids[:-1] * self.size + ids[1:]
        at = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        bigrams = np.zeros_like(ids)
        bigrams[:-1] = np.where(self._codes[at] == codes, self._order[at] + 1, 0)
        return np.stack([ids, bigrams])


def pad(rows: Sequence[Ids]) -> Ids:
    """Stack (2, length) arrays into (2, rows, longest), filled up with zeros.

    The network looks for runs of up to four characters, so there are always at least four.
    """
    block = np.zeros((2, len(rows), max(4, *(row.shape[1] for row in rows))), dtype=np.int64)
    for number, row in enumerate(rows):
        block[:, number, : row.shape[1]] = row
    return block


class NeuralReader:
    """Reads passages for a question; the same input always gives the same readings."""

    def __init__(self, model_dir: Path | None = None, *, threads: int = 2) -> None:
        from onnxruntime import InferenceSession, SessionOptions  # 60 ms: only where the reader is used

        folder = model_dir or MODEL_DIR
        self._config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        self._alphabet = Alphabet(vocabulary["characters"], vocabulary["bigrams"])
        options = SessionOptions()
        options.intra_op_num_threads = (
            1  # recurrent layers gain nothing from more: rows are shared out instead
        )
        self._session = InferenceSession(
            str(folder / "reader.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._threads = max(1, threads)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="reader")

    def read(
        self, question: str, passages: Sequence[str], sentences: Sequence[Sequence[tuple[int, int]]]
    ) -> list[PassageReading]:
        """Read every passage (original text) for the question; `sentences` are spans of each passage."""
        asked = self._alphabet.encode(fold(question)[: self._config["max_question"]] or "?")
        windows: list[tuple[int, int, Ids]] = []
        for number, (passage, spans) in enumerate(zip(passages, sentences, strict=True)):
            folded = fold(passage) or " "
            starts = _window_starts(len(folded), [low for low, _ in spans], self._config["max_passage"])
            windows += [
                (number, at, self._alphabet.encode(folded[at : at + self._config["max_passage"]]))
                for at in starts
            ]
        found: list[list[PassageReading]] = [[] for _ in passages]
        for (number, offset, _), outputs in zip(
            windows, self._run(asked, [ids for _, _, ids in windows]), strict=True
        ):
            found[number].append(
                _interpret(outputs, passages[number], sentences[number], offset, self._config)
            )
        return [_merge(readings) for readings in found]

    def _run(self, asked: Ids, texts: list[Ids]) -> list[list[Scores]]:
        """Return start, end and evidence logits (per character) and the answerable logit of each text."""
        order = sorted(range(len(texts)), key=lambda at: (-texts[at].shape[1], at))
        size = max(1, min(self._config["batch"], -(-len(order) // self._threads)))

        def run(group: list[int]) -> list[Scores]:
            inputs = dict(
                zip(INPUTS, (*pad([texts[at] for at in group]), *pad([asked] * len(group))), strict=True)
            )
            outputs: list[Scores] = self._session.run(None, inputs)
            return outputs

        answers: list[list[Scores]] = [[] for _ in texts]
        groups = [order[at : at + size] for at in range(0, len(order), size)]
        for group, outputs in zip(groups, self._pool.map(run, groups), strict=True):
            for row, at in enumerate(group):
                answers[at] = [
                    output[row, ..., : texts[at].shape[1]] if output.ndim > 1 else output[row]
                    for output in outputs
                ]
        return answers


def _window_starts(length: int, sentence_starts: Sequence[int], limit: int) -> list[int]:
    """Return where overlapping windows of `limit` characters begin: at sentence starts where there are any."""
    starts = [0]
    while starts[-1] + limit < length:
        half = starts[-1] + limit // 2
        starts.append(max((low for low in sentence_starts if starts[-1] < low <= half), default=half))
    return starts


def _interpret(
    outputs: list[Scores], passage: str, spans: Sequence[tuple[int, int]], offset: int, config: dict[str, Any]
) -> PassageReading:
    """Turn the logits of one window, which starts at `offset`, into a reading of its passage."""
    start, end = (values - np.logaddexp.reduce(values) for values in outputs[:2])
    mass, evidence = (np.exp(start) + np.exp(end)) / 2, 1 / (1 + np.exp(-outputs[2]))
    logit = (float(outputs[3]) - config["answerable_shift"]) / config["answerable_temperature"]
    answerable = float(1 / (1 + np.exp(-np.clip(logit, -50, 50)))) if passage.strip() else 0.0
    home, scores = np.full(len(start), -1), []
    for number, (low, high) in enumerate(spans):
        inside = slice(max(0, low - offset), max(0, high - offset))
        home[inside] = number
        share = min(1.0, float(mass[inside].sum()))
        mean = float(evidence[inside].mean()) if home[inside].size else 0.0
        scores.append(answerable * (config["mass_weight"] * share + (1 - config["mass_weight"]) * mean))
    low, high, score = _best_span(start, end, home, config)
    return PassageReading(
        answerable, _trim(passage, low + offset, high + offset), float(np.exp(score)), tuple(scores)
    )


def _merge(readings: list[PassageReading]) -> PassageReading:
    """Return the reading of the likeliest window, with each sentence's best score of all windows."""
    best = max(readings, key=lambda reading: reading.answerable * reading.span_score**0.5)
    scores = tuple(map(max, zip(*(reading.sentence_scores for reading in readings), strict=True)))
    return PassageReading(max(reading.answerable for reading in readings), best.span, best.span_score, scores)


def _best_span(start: Scores, end: Scores, home: Ids, config: dict[str, Any]) -> tuple[int, int, float]:
    """Return the likeliest (start, end, log probability); leaving the sentence costs `crossing`."""
    reach = min(config["max_span"], len(start))
    ends = sliding_window_view(np.pad(end, (0, reach - 1), constant_values=-np.inf), reach)
    homes = sliding_window_view(np.pad(home, (0, reach - 1), constant_values=-2), reach)
    table = start[:, None] + ends - config["crossing"] * (homes != home[:, None])
    low, further = divmod(int(table.argmax()), reach)
    return low, low + further + 1, float(table[low, further])


def _trim(passage: str, low: int, high: int) -> tuple[int, int]:
    """Return the span without edge punctuation or half of a pair of quotes or brackets."""
    low, high = min(low, len(passage)), min(high, len(passage))
    text = passage[low:high]
    start, end = high - len(text.lstrip(EDGE)), low + len(text.rstrip(EDGE))
    if start >= end:
        return low, high
    if passage[start] in PAIRS and PAIRS[passage[start]] not in passage[start:end]:
        start += 1
    elif any(passage[end - 1] == close and mark not in passage[start:end] for mark, close in PAIRS.items()):
        end -= 1
    return (start, end) if start < end else (low, high)
