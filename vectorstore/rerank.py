"""Weigh the evidence for each candidate: a logistic model whose weights ship in `models/ranking.json`.

`python -m training.fusion` fits it. What an embedder's cosine is worth depends on the embedder: its weight is
kept by name, a library may carry its own (`vectorstore.calibration`), and others get the general one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np

from vectorstore.features import FEATURES
from vectorstore.layout import Floats

MODEL_FILE = "ranking.json"
GENERAL = "*"


@dataclass(frozen=True, slots=True)
class RankModel:
    """Log odds that a passage answers = bias + weights · features; one weight for each of `FEATURES`."""

    bias: float
    weights: tuple[float, ...]

    def log_odds(self, features: Floats) -> Floats:
        """Return the log odds of each row of features."""
        return np.asarray(features @ np.array(self.weights) + self.bias)

    def without(self, *names: str) -> RankModel:
        """Return the model blind to some features; for ablations."""
        weights = (0.0 if name in names else weight for name, weight in zip(FEATURES, self.weights, strict=True))
        return replace(self, weights=tuple(weights))


def probability(log_odds: float) -> float:
    """Return the probability of log odds."""
    return float(1.0 / (1.0 + np.exp(-np.clip(log_odds, -30.0, 30.0))))


@cache
def rank_model(fingerprint: str, dense_weight: float | None = None) -> RankModel:
    """Return the model for an embedder; `dense_weight` is what this library's calibration found, if it ran."""
    stored = json.loads((files("vectorstore") / "models" / MODEL_FILE).read_text(encoding="utf-8"))
    named = stored["embedders"].get(fingerprint.split("@")[0], stored["embedders"][GENERAL])
    weights = {**stored["weights"], "cosine_z": dense_weight if dense_weight is not None else named["cosine_z"]}
    return RankModel(stored["bias"], tuple(float(weights.get(name, 0.0)) for name in FEATURES))
