"""Find what an embedder's cosine is worth in a library, from the library itself: no labels, no training data.

The inverse cloze task (Lee et al. 2019): a sentence is the question, the passage it was taken from, without
it, is the answer, and other passages are not. How far apart the embedder holds the two, in standard
deviations (d'), against how far our own embedder does on the same sentences, scales the weight that training
gave to ours: for a normal score the best weight in a sum of log odds grows with d'.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vectorstore.embedders import Embedder, StaticEmbedder
from vectorstore.fold import fold
from vectorstore.library import Library
from vectorstore.rerank import stored_dense_weight
from vectorstore.sentences import sentence_spans

META_KEY = "dense_weight"
QUESTIONS = 400
MIN_QUESTIONS = 30
MIN_REFERENCE = 0.5  # below it the passages are such that nothing can be learnt from them
MIN_WEIGHT, MAX_WEIGHT = 0.2, 3.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was found: d' of the embedder and of ours over `questions`, and the weight that follows."""

    fingerprint: str
    questions: int
    separation: float
    reference: float
    dense_weight: float


def calibrate(library: Library, *, questions: int = QUESTIONS, seed: int = 0) -> Calibration | None:
    """Measure the library's embedder on its own passages; None where they are too few or hold together too little."""
    with library.reading() as snapshot:
        ids, _ = snapshot.reader.probes(snapshot.embedder.fingerprint, 3 * questions)
        texts = [passage.text for passage in snapshot.reader.passages(ids).values()]
    pairs = cloze_pairs(texts, seed=seed)[:questions]
    if len(pairs) < MIN_QUESTIONS:
        return None
    found, reference = separation(library.embedder, pairs), separation(StaticEmbedder(), pairs)
    if reference < MIN_REFERENCE:
        return None
    weight = stored_dense_weight(StaticEmbedder().fingerprint) * found / reference
    return Calibration(
        library.embedder.fingerprint, len(pairs), found, reference,
        round(float(np.clip(weight, MIN_WEIGHT, MAX_WEIGHT)), 3),
    )  # fmt: skip


def keep(library: Library, calibration: Calibration) -> None:
    """Record the weight in the library; searches use it from now on, for this embedder only."""
    library.catalog.set_meta(META_KEY, f"{calibration.dense_weight} {calibration.fingerprint}")


def cloze_pairs(texts: Sequence[str], *, seed: int = 0) -> list[tuple[str, str]]:
    """Return (sentence, the rest of its passage) of every text with a sentence to spare."""
    chance = random.Random(seed)  # noqa: S311  # a sample, not a secret
    pairs = []
    for text in texts:
        spans = [(start, end) for start, end in sentence_spans(text) if 10 <= end - start <= 80]
        if len(spans) > 1:
            start, end = chance.choice(spans)
            pairs.append((fold(text[start:end]), text[:start] + text[end:]))
    return pairs


def separation(embedder: Embedder, pairs: Sequence[tuple[str, str]]) -> float:
    """Return d': how many standard deviations the right passages lie above the others, by cosine."""
    questions = np.stack([embedder.embed_question(question) for question, _ in pairs])
    cosines = questions @ embedder.embed_passages([passage for _, passage in pairs]).T
    right = np.diagonal(cosines)
    wrong = cosines[~np.eye(len(pairs), dtype=bool)]
    spread = np.sqrt((right.var() + wrong.var()) / 2)
    return float((right.mean() - wrong.mean()) / max(spread, 1e-6))
