"""Weigh the evidence for each candidate: a linear model whose weights ship in `models/ranking.json`.

`python -m training.fusion` fits it. What an embedder's cosine is worth depends on the embedder: its weight is
kept by name, a library may carry its own (`vectorstore.calibration`), and others get the general one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from vectorstore.features import FEATURES
from vectorstore.layout import Floats

MODEL_FILE = "ranking.json"
GENERAL = "*"


@dataclass(frozen=True, slots=True)
class RankModel:
    """How the evidence is weighed: a score for the order, and a probability for the passage that comes first.

    The scores of one question's candidates are comparable with each other alone. What makes them comparable
    across questions is how much of the question the first passage covers, and by how much it leads.
    """

    weights: tuple[float, ...]
    """One for each of `FEATURES`."""
    bias: float
    coverage: float
    lead: float

    def scores(self, features: Floats) -> Floats:
        """Return the score of each row of features: higher is better."""
        return np.asarray(features @ np.array(self.weights))

    def probabilities(self, ranked: Sequence[float], *, coverage: float) -> list[float]:
        """Return the probability that each passage answers; `ranked` are its scores, best first."""
        lead = ranked[0] - ranked[1] if len(ranked) > 1 else 0.0
        first = self.bias + self.coverage * coverage + self.lead * lead
        return [_probability(first - (ranked[0] - score)) for score in ranked]

    def without(self, *names: str) -> RankModel:
        """Return the model blind to some features; for ablations."""
        weights = (
            0.0 if name in names else weight for name, weight in zip(FEATURES, self.weights, strict=True)
        )
        return replace(self, weights=tuple(weights))


def _probability(log_odds: float) -> float:
    """Return the probability of log odds."""
    return 1.0 / (1.0 + math.exp(-min(max(log_odds, -30.0), 30.0)))


@cache
def _stored() -> dict[str, Any]:
    text = (files("vectorstore") / "models" / MODEL_FILE).read_text(encoding="utf-8")
    stored: dict[str, Any] = json.loads(text)
    return stored


def stored_dense_weight(fingerprint: str) -> float:
    """Return what the cosine of an embedder is worth, as shipped; embedders are known by name."""
    embedders = _stored()["embedders"]
    named = embedders.get(fingerprint.split("@", maxsplit=1)[0], embedders[GENERAL])
    return float(named["cosine_z"])


@cache
def rank_model(fingerprint: str, dense_weight: float | None = None) -> RankModel:
    """Return the model for an embedder; `dense_weight` is what this library's calibration found, if it ran."""
    worth = stored_dense_weight(fingerprint) if dense_weight is None else dense_weight
    stored = _stored()
    weights = {**stored["weights"], "cosine_z": worth}
    return RankModel(
        weights=tuple(float(weights.get(name, 0.0)) for name in FEATURES), **stored["probability"]
    )
