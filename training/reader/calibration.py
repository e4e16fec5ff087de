"""Fit the scale of the answerable logit on questions held out of training (Platt 1999)."""

from __future__ import annotations

import logging
from random import Random

import torch
from torch import Tensor

from assistant.reading.neural_reader import Alphabet
from training.reader.cloze import news_questions
from training.reader.learning import batches, make_batch
from training.reader.material import HELD_ARTICLES, Readings
from training.reader.model import Reader
from training.reader.negatives import hard_negatives
from training.reader.texts import Example, crops

logger = logging.getLogger(__name__)


def held_out(readings: Readings, articles: list[tuple[str, str]]) -> list[Example]:
    """Return held-out human questions, each with a passage that answers and one near it, and news ones."""
    chance = Random(3)
    found = list(crops(readings.held_rows, chance))
    found += [near[0] for near in hard_negatives(readings.held_rows, readings.pool, count=2) if near]
    return found + list(news_questions(articles[-HELD_ARTICLES:], seed=3))


def answerable_logits(reader: Reader, examples: list[Example], alphabet: Alphabet) -> tuple[Tensor, Tensor]:
    """Return the logits and the truth of examples."""
    reader.eval()
    logits, truth = [], []
    with torch.no_grad():
        for rows in batches(examples, Random(0)):
            batch = make_batch(rows, alphabet)
            logits.append(reader(batch.passage, batch.pairs, batch.question, batch.question_pairs).answerable)
            truth.append(batch.answerable)
    return torch.cat(logits), torch.cat(truth)


def calibrate(logits: Tensor, truth: Tensor) -> dict[str, float]:
    """Return the shift and temperature that make the sigmoid of the logits a probability."""
    slope, intercept = torch.ones(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    weight = torch.where(truth > 0, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))  # both kinds count alike
    solver = torch.optim.LBFGS([slope, intercept], max_iter=100)

    def closure() -> Tensor:
        solver.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            slope * logits + intercept, truth, weight=weight
        )
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return loss

    solver.step(closure)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    fitted = {
        "answerable_shift": round(float(-intercept / slope), 4),
        "answerable_temperature": round(float(1 / slope), 4),
    }
    right = ((logits > fitted["answerable_shift"]) == (truth > 0)).float().mean()
    logger.info("calibrated on %d held-out passages: %s, %.3f right", len(truth), fitted, right)
    return fitted
