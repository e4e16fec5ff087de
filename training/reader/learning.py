"""Teach the reader: batches of like length, the loss of its heads, averaged weights, checkpoints."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from torch import Tensor
from torch.nn import functional

from assistant.reading.neural_reader import Alphabet, pad
from training.reader.model import Logits, Reader
from training.reader.side_by_side import average_gradients
from training.reader.texts import Example, sentences

logger = logging.getLogger(__name__)

AVERAGING = 0.999
EVIDENCE, INSIDE, ANSWERABLE = 1.0, 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Ids and targets of some examples."""

    passage: Tensor
    pairs: Tensor
    question: Tensor
    question_pairs: Tensor
    starts: Tensor
    ends: Tensor
    evidence: Tensor
    inside: Tensor
    answerable: Tensor


def make_batch(examples: list[Example], alphabet: Alphabet) -> Batch:
    """Encode examples and mark their targets."""
    passages = torch.from_numpy(pad([alphabet.encode(example.passage) for example in examples]))
    questions = torch.from_numpy(pad([alphabet.encode(example.question) for example in examples]))
    marks = torch.zeros(4, *passages.shape[1:])
    for row, example in enumerate(examples):
        cuts = sentences(example.passage)
        for low, high in example.spans:
            marks[0, row, low] = marks[1, row, high - 1] = 1
            marks[3, row, low:high] = 1
            for start, end in cuts:
                if start < high and end > low:
                    marks[2, row, start:end] = 1
    answerable = torch.tensor([float(bool(example.spans)) for example in examples])
    return Batch(
        passages[0],
        passages[1],
        questions[0],
        questions[1],
        marks[0],
        marks[1],
        marks[2],
        marks[3],
        answerable,
    )


def batches(examples: list[Example], chance: Random, *, characters: int = 4500) -> Iterator[list[Example]]:
    """Yield shuffled batches of about `characters`, padding counted, each of passages of like length."""
    order = sorted(examples, key=lambda example: len(example.passage) + chance.uniform(0, 40))
    grouped: list[list[Example]] = [[]]
    for example in order:
        if grouped[-1] and (len(grouped[-1]) + 1) * (len(example.passage) + 40) > characters:
            grouped.append([])
        grouped[-1].append(example)
    chance.shuffle(grouped)
    yield from grouped


def _pointer(scores: Tensor, gold: Tensor) -> Tensor:
    """Return minus the log probability of any gold position, per row that has one."""
    log = torch.log_softmax(scores, 1)
    return -torch.logsumexp(log + (gold - 1) * 1e4, 1)


def loss_of(logits: Logits, batch: Batch) -> Tensor:
    """Return the summed loss of all heads."""
    rows = batch.answerable > 0
    loss = ANSWERABLE * functional.binary_cross_entropy_with_logits(logits.answerable, batch.answerable)
    if not rows.any():
        return loss
    here = (batch.passage > 0).float()[rows]
    span = _pointer(logits.start[rows], batch.starts[rows]) + _pointer(logits.end[rows], batch.ends[rows])
    for weight, scores, gold in (
        (EVIDENCE, logits.evidence[rows], batch.evidence[rows]),
        (INSIDE, logits.inside[rows], batch.inside[rows]),
    ):
        cost = functional.binary_cross_entropy_with_logits(scores, gold, reduction="none")
        span = span + weight * (cost * here).sum(1) / here.sum(1)
    return loss + span.sum() / len(batch.answerable)


class Averages:
    """An exponential moving average of a reader's weights (what is exported)."""

    def __init__(self, reader: Reader) -> None:
        self.weights = {name: value.detach().clone() for name, value in reader.state_dict().items()}
        self.steps = 0

    def update(self, reader: Reader) -> None:
        """Move a little towards the reader; faster in the first steps."""
        self.steps += 1
        rate = 1 - min(AVERAGING, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for name, value in reader.named_parameters():
                self.weights[name].lerp_(value, rate)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a stage is learned."""

    name: str
    peak: float
    """Highest learning rate; it falls to 3 % of that along a cosine."""
    steps: int
    seed: int = 0
    batch_characters: int = 4500


def learn(
    reader: Reader,
    examples: Iterator[list[Example]],
    alphabet: Alphabet,
    plan: Plan,
    out: Path,
    *,
    rank: int = 0,
) -> None:
    """Run one stage over lists of examples for its steps; leave the averaged weights.

    Of several processes each brings its own examples, and the first one (rank 0) writes. A stage that
    was cut off goes on from its last checkpoint (with fresh examples); one that was finished is read back.
    """
    finished = out / f"{plan.name}.pt"
    if finished.exists():
        reader.load_state_dict(torch.load(finished))
        return
    run = _Run(reader, plan, out, rank)
    for chunk in examples:
        for rows in batches(chunk, Random(plan.seed + run.step), characters=plan.batch_characters):
            if run.step >= plan.steps:
                reader.load_state_dict(run.averages.weights)
                if rank == 0:
                    torch.save(run.averages.weights, finished)
                return
            run.take(make_batch(rows, alphabet))


class _Run:
    """A stage under way: the optimiser, the averages, the clock and the checkpoint."""

    def __init__(self, reader: Reader, plan: Plan, out: Path, rank: int) -> None:
        torch.manual_seed(plan.seed + rank)
        self.writes = rank == 0
        self.reader, self.plan, self.checkpoint = reader, plan, out / f"{plan.name}.part.pt"
        self.averages = Averages(reader)
        self.optimiser = torch.optim.AdamW(
            reader.parameters(), lr=plan.peak, weight_decay=1e-3, betas=(0.9, 0.98), fused=True
        )
        self.step, self._total, self._before = 0, 0.0, 0.0
        if self.checkpoint.exists():
            saved = torch.load(self.checkpoint)
            reader.load_state_dict(saved["reader"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.averages.weights, self.averages.steps = saved["averages"], saved["step"]
            self.step, self._before = saved["step"], saved["minutes"]
        self._begun = time.monotonic()

    @property
    def minutes(self) -> float:
        """Minutes spent, those before a restart counted in."""
        return self._before + (time.monotonic() - self._begun) / 60

    def take(self, batch: Batch) -> None:
        """Learn from one batch."""
        warm = min(1.0, (self.step + 1) / 100)
        rate = (
            self.plan.peak * warm * (0.03 + 0.97 * (1 + math.cos(math.pi * self.step / self.plan.steps)) / 2)
        )
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self._total += _step(self.reader, self.optimiser, batch)
        self.averages.update(self.reader)
        self.step += 1
        if self.writes and self.step % 50 == 0:
            logger.info(
                "%s step %d, %.1f min, loss %.3f",
                self.plan.name,
                self.step,
                self.minutes,
                self._total / 50,
            )
            self._total = 0.0
        if self.writes and self.step % 200 == 0:
            self._save()

    def _save(self) -> None:
        torch.save(
            {
                "reader": self.reader.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "averages": self.averages.weights,
                "step": self.step,
                "minutes": self.minutes,
            },
            self.checkpoint,
        )


def _step(reader: Reader, optimiser: torch.optim.Optimizer, batch: Batch) -> float:
    reader.train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = reader(batch.passage, batch.pairs, batch.question, batch.question_pairs)
    loss = loss_of(logits, batch)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    average_gradients(reader)
    torch.nn.utils.clip_grad_norm_(reader.parameters(), 5.0)
    optimiser.step()
    return float(loss.detach())
