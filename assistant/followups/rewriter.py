"""Complete a follow-up with a small trained model: which words of the history to put where, which to drop.

The model (`training/rewriting.py`, run by onnxruntime) reads the last question, its answer and the follow-up,
and says for each gap of the follow-up whether words are missing there and which span of the history they are,
and for each character whether it goes (a pronoun). Nothing is ever written that was not said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.fold import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

MODEL_DIR = Path(__file__).parents[1] / "models" / "rewriter"
MAX_CHARS = 90
BETWEEN = "\x01"
_LAST, _END = "\x02", "\x03"
FOLLOWUP = 2  # the part of the text that is completed: the follow-up and the mark of its end
INPUTS = ("ids", "parts", "shared")
OUTPUTS = ("missing", "goes", "starts", "ends_by_gap", "ends_by_start")
_STARTS = 4  # how many starts of a span are tried


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A completed follow-up, and how sure the model is of every decision in it (0..1)."""

    text: str
    confidence: float


class Rewriter:
    """Completes follow-ups; the same input always gives the same text."""

    def __init__(self, folder: Path | None = None) -> None:
        from onnxruntime import InferenceSession, SessionOptions  # 60 ms: only where follow-ups are asked

        folder = folder or MODEL_DIR
        options = SessionOptions()
        options.intra_op_num_threads = 1  # the text is short: more threads only wait for one another
        self._session = InferenceSession(
            str(folder / "rewriter.onnx"), options, providers=["CPUExecutionProvider"]
        )
        characters = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["characters"]
        self._ids = {character: number for number, character in enumerate(characters, start=2)}

    def rewrite(self, question: str, answer: str, followup: str) -> Rewritten:
        """Return the follow-up completed from the question and answer before it."""
        history, current = f"{_short(question)}{BETWEEN}{_short(answer)}", _short(followup)
        missing, goes, starts, ends_by_gap, ends_by_start = self._run(fold(history), fold(current))
        missing, goes = _sigmoid(missing), _sigmoid(goes[: len(current)])
        sure = float(np.prod(np.maximum(missing, 1 - missing)) * np.prod(np.maximum(goes, 1 - goes)))
        past, pieces = len(history), []
        for gap in range(len(current) + 1):
            if missing[gap] > 0.5:
                ends = ends_by_gap[gap, :past] + ends_by_start[:past, :past]
                start, end, chance = best_span(history, starts[gap, :past], ends)
                pieces.append(history[start:end])
                sure *= chance
            if gap < len(current) and goes[gap] <= 0.5:
                pieces.append(current[gap])
        return Rewritten("".join(pieces), sure)

    def _run(self, history: str, current: str) -> list[Array]:
        text, parts = whole_text(history, current)
        ids = [self._ids.get(character, 1) for character in text]
        given = (np.array([ids]), np.array([parts]), shared_characters(history, current)[None])
        outputs: list[Array] = self._session.run(list(OUTPUTS), dict(zip(INPUTS, given, strict=True)))
        return outputs


def best_span(history: str, starts: Array, ends: Array) -> tuple[int, int, float]:
    """Return the likeliest (start, end, probability) inside one utterance; `ends` are logits by start."""
    starts = _softmax(starts)
    best = (0, 0, 0.0)
    for start in map(int, np.argsort(-starts)[:_STARTS]):
        stop = history.find(BETWEEN, start)
        stop = len(history) if stop < 0 else stop
        if stop > start:
            chances = _softmax(ends[start])
            end = start + int(np.argmax(chances[start:stop]))
            found = (start, end + 1, float(starts[start] * chances[end]))
            best = max(best, found, key=lambda span: span[2])
    return best


@cache
def open_rewriter() -> Rewriter | None:
    """Return the model that ships, or None where it is missing."""
    return Rewriter() if (MODEL_DIR / "rewriter.onnx").is_file() else None


def _short(text: str) -> str:
    return " ".join("".join(filter(str.isprintable, text)).split())[:MAX_CHARS]


def whole_text(history: str, current: str) -> tuple[str, list[int]]:
    """Return what the network reads, and for each character in which of its four parts it stands."""
    text = f"{history}{_LAST}{current}{_END}"
    number, parts = 0, []
    for character in text:
        parts.append(number)
        number += character in (BETWEEN, _LAST)
    return text, parts


def shared_characters(history: str, current: str) -> Array:
    """Return for each character whether it, and whether the pair it begins, stands on the other side too."""
    text, _ = whole_text(history, current)
    past, now = set(history), set(current)
    past_pairs = {history[at : at + 2] for at in range(len(history) - 1)}
    now_pairs = {current[at : at + 2] for at in range(len(current) - 1)}
    rows = [
        (character in now, text[at : at + 2] in now_pairs)
        if at < len(history)
        else (character in past, text[at : at + 2] in past_pairs)
        for at, character in enumerate(text)
    ]
    return np.array(rows, dtype=np.float32)


def _sigmoid(values: Array) -> Array:
    result: Array = (1 / (1 + np.exp(-np.clip(values, -50, 50)))).astype(np.float32)
    return result


def _softmax(values: Array) -> Array:
    shifted = np.exp(values - values.max(axis=-1, keepdims=True))
    result: Array = shifted / shifted.sum(axis=-1, keepdims=True)
    return result
