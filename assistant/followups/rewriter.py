"""Complete a follow-up with a small trained model: which words of the history to put where, which to drop.

The model (`training/rewriting.py`) reads the last question, its answer and the follow-up with two recurrent
layers, and says for each gap of the follow-up whether words are missing there and which span of the history
they are, and for each character whether it goes (a pronoun). Nothing is ever written that was not said.
It runs on numpy alone.
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
_STARTS = 4  # how many starts of a span are tried


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A completed follow-up, and how sure the model is of every decision in it (0..1)."""

    text: str
    confidence: float


class Rewriter:
    """Completes follow-ups; the same input always gives the same text."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or MODEL_DIR
        with np.load(folder / "rewriter.npz") as stored:
            self._weights: dict[str, Array] = {name: stored[name].astype(np.float32) for name in stored.files}
        characters = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["characters"]
        self._ids = {character: number for number, character in enumerate(characters, start=2)}

    def rewrite(self, question: str, answer: str, followup: str) -> Rewritten:
        """Return the follow-up completed from the question and answer before it."""
        history = f"{_short(question)}{BETWEEN}{_short(answer)}"
        current = _short(followup)
        states = self._encode(fold(history), fold(current))
        offset = len(history) + 1
        gaps = np.hstack([np.vstack([np.zeros_like(states[:1]), states[:-1]]), states])[offset:][
            : len(current) + 1
        ]
        missing = _sigmoid(self._two_layers("ins", gaps))
        goes = _sigmoid(self._two_layers("dele", states[offset : offset + len(current)]))
        return self._write(history, current, states, gaps, missing, goes)

    def _write(
        self, history: str, current: str, states: Array, gaps: Array, missing: Array, goes: Array
    ) -> Rewritten:
        sure = float(np.prod(np.maximum(missing, 1 - missing)) * np.prod(np.maximum(goes, 1 - goes)))
        pieces = []
        for at in range(len(current) + 1):
            if missing[at] > 0.5:
                start, end, chance = self._span(history, states[: len(history)], states, gaps[at])
                pieces.append(history[start:end])
                sure *= chance
            if at < len(current) and goes[at] <= 0.5:
                pieces.append(current[at])
        return Rewritten("".join(pieces), sure)

    def _span(self, history: str, past: Array, states: Array, gap: Array) -> tuple[int, int, float]:
        """Return the likeliest span of the history for a gap, inside one utterance."""
        starts = _softmax(past @ self._linear("ps", gap))
        best = (0, 0, 0.0)
        for start in np.argsort(-starts)[:_STARTS]:
            stop = history.find(BETWEEN, start)
            stop = len(history) if stop < 0 else stop
            if stop > start:
                ends = _softmax(past @ self._linear("pe", np.concatenate([gap, states[start]])))
                end = int(start + np.argmax(ends[start:stop]))
                best = max(
                    best, (int(start), end + 1, float(starts[start] * ends[end])), key=lambda span: span[2]
                )
        return best

    def _encode(self, history: str, current: str) -> Array:
        text, parts = whole_text(history, current)
        weights = self._weights
        ids = [self._ids.get(character, 1) for character in text]
        shared = shared_characters(history, current)
        inputs = np.hstack([weights["emb.weight"][ids], weights["seg.weight"][parts], shared])
        first = self._recurrent("g1", inputs)
        query, key = self._linear("q", first), self._linear("k", first)
        attention = _softmax(query @ key.T / np.sqrt(np.float32(query.shape[1])))
        return self._recurrent("g2", np.hstack([first, attention @ first]))

    def _recurrent(self, name: str, inputs: Array) -> Array:
        """Return both directions of a gated recurrent layer (Cho et al. 2014, as torch.nn.GRU)."""
        forward = self._direction(name, "l0", inputs)
        backward = self._direction(name, "l0_reverse", inputs[::-1])[::-1]
        return np.hstack([forward, backward])

    def _direction(self, name: str, layer: str, inputs: Array) -> Array:
        weights = self._weights
        recurrent, bias = weights[f"{name}.weight_hh_{layer}"], weights[f"{name}.bias_hh_{layer}"]
        given = inputs @ weights[f"{name}.weight_ih_{layer}"].T + weights[f"{name}.bias_ih_{layer}"]
        width = recurrent.shape[1]
        state = np.zeros(width, dtype=np.float32)
        states = np.empty((len(inputs), width), dtype=np.float32)
        for at, row in enumerate(given):
            own = recurrent @ state + bias
            reset, update = (
                _sigmoid(row[:width] + own[:width]),
                _sigmoid(row[width:-width] + own[width:-width]),
            )
            fresh = np.tanh(row[-width:] + reset * own[-width:])
            state = (1 - update) * fresh + update * state
            states[at] = state
        return states

    def _linear(self, name: str, inputs: Array) -> Array:
        result: Array = inputs @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return result

    def _two_layers(self, name: str, inputs: Array) -> Array:
        return self._linear(f"{name}.2", np.tanh(self._linear(f"{name}.0", inputs)))[:, 0]


@cache
def open_rewriter() -> Rewriter | None:
    """Return the model that ships, or None where it is missing."""
    return Rewriter() if (MODEL_DIR / "rewriter.npz").is_file() else None


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
