"""Choose the characters and bigrams the reader knows and give them first embeddings.

The embeddings are the left singular vectors of a positive pointwise mutual information matrix
(Levy and Goldberg 2014) between units and the bigrams two to seven characters away: five minutes
of one core instead of an hour of masked pre-training.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.reading.neural_reader import BUCKETS, Alphabet

CHARACTERS, BIGRAMS, CONTEXTS = 5800, 40_000, 6000
REACH = range(2, 8)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Characters and bigrams with their embeddings and rarity; row 0 is padding or unknown."""

    characters: str
    bigrams: list[str]
    character_table: NDArray[np.float32]
    bigram_table: NDArray[np.float32]
    character_rarity: NDArray[np.float32]
    bigram_rarity: NDArray[np.float32]

    @property
    def alphabet(self) -> Alphabet:
        """Return what turns text into ids."""
        return Alphabet(self.characters, "".join(self.bigrams))


def _counts(texts: list[str]) -> tuple[str, list[str]]:
    single: Counter[str] = Counter()
    double: Counter[str] = Counter()
    for text in texts:
        single.update(text)
        double.update(map("".join, pairwise(text)))
    characters = sorted(
        character for character, _ in single.most_common(CHARACTERS) if ord(character) < 0x30000
    )
    known = set(characters) - {" ", "\n", "\u3000"}
    pairs = [pair for pair, _ in double.most_common(2 * BIGRAMS) if known.issuperset(pair)]
    return "".join(characters), pairs[:BIGRAMS]


def _rarity(ids: NDArray[np.int64], size: int, passages: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return each unit's inverse passage frequency, scaled to at most 1."""
    seen = np.unique(passages * size + ids) % size
    frequency = np.bincount(seen, minlength=size)
    total = passages[-1] + 1
    rarity: NDArray[np.float64] = np.log((total + 1) / (frequency + 0.5)) / np.log(2 * total + 2)
    return rarity.clip(0, 1).astype(np.float32)


def _cooccurrence(units: NDArray[np.int64], size: int, contexts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Count units (rows) against the contexts near them (columns); a context of -1 is not counted."""
    counts = np.zeros(size * CONTEXTS, dtype=np.float32)
    for shift in REACH:
        for left, right in (
            (slice(None, -shift), slice(shift, None)),
            (slice(shift, None), slice(None, -shift)),
        ):
            unit, context = units[left], contexts[right]
            keep = (context >= 0) & (unit >= 0)
            np.add.at(counts, unit[keep] * CONTEXTS + context[keep], np.float32(1))
    return counts.reshape(size, CONTEXTS)


def _factor(counts: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return the leading singular directions of the positive PMI of `counts`, unit root mean square."""
    torch.manual_seed(0)
    rows, columns = counts.sum(1, keepdims=True) + 1, (counts.sum(0, keepdims=True) + 1) ** 0.75
    matrix = torch.from_numpy(counts)
    matrix.mul_(float(columns.sum())).div_(torch.from_numpy(rows)).div_(torch.from_numpy(columns))
    matrix.clamp_(min=1.0).log_()
    left, values, _ = torch.svd_lowrank(matrix, q=width + 16, niter=2)
    table = left[:, :width] * values[:width].sqrt()
    return (table / table.pow(2).mean().sqrt()).numpy().astype(np.float32)


def learn_vocabulary(texts: list[str], *, width: int, sample: int = 20_000_000) -> Vocabulary:
    """Choose the vocabulary of folded `texts` and factor its neighbourhoods over `sample` characters."""
    characters, bigrams = _counts(texts)
    alphabet = Alphabet(characters, "".join(bigrams))
    encoded = [alphabet.encode(text + "\n") for text in texts]
    ids = np.concatenate(encoded, axis=1)
    passages = np.repeat(np.arange(len(encoded)), [row.shape[1] for row in encoded])
    size, pairs = alphabet.size, len(bigrams) + 1
    character_rarity = _rarity(ids[0], size, passages)
    bigram_rarity = _rarity(ids[1], pairs, passages)
    bigram_rarity[0] = 1.0
    ids = ids[:, :sample]
    contexts = np.where((ids[1] > 0) & (ids[1] <= CONTEXTS), ids[1] - 1, -1)
    units = np.where(ids[1] > 0, ids[1], -1)
    bigram_table = _factor(_cooccurrence(units, pairs, contexts), width)
    character_table = _factor(_cooccurrence(ids[0], size, contexts), width)
    character_table[: BUCKETS + 1] *= 0.1
    return Vocabulary(characters, bigrams, character_table, bigram_table, character_rarity, bigram_rarity)


def save_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write the vocabulary to an `.npz` file."""
    np.savez(
        path,
        characters=np.array(vocabulary.characters),
        bigrams=np.array("".join(vocabulary.bigrams)),
        character_table=vocabulary.character_table,
        bigram_table=vocabulary.bigram_table,
        character_rarity=vocabulary.character_rarity,
        bigram_rarity=vocabulary.bigram_rarity,
    )


def load_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary from its `.npz` file."""
    with np.load(path) as saved:
        bigrams = str(saved["bigrams"])
        return Vocabulary(
            str(saved["characters"]),
            [bigrams[at : at + 2] for at in range(0, len(bigrams), 2)],
            saved["character_table"],
            saved["bigram_table"],
            saved["character_rarity"],
            saved["bigram_rarity"],
        )
