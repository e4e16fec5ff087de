"""The stages that the shipped reader went through, and how they are run one after the other."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from training.corpus import read_rows
from training.reader.calibration import answerable_logits, calibrate, held_out
from training.reader.export import export
from training.reader.learning import Plan, learn
from training.reader.material import HELD_ARTICLES, Mixture, Readings, news_rounds, read_news
from training.reader.model import Reader, Shape
from training.reader.vocabulary import learn_vocabulary, load_vocabulary, save_vocabulary
from vectorstore.fold import fold

OPEN_FILES = ("cmrc2018_train", "squad2_zh_mt")
ALL_FILES = (*OPEN_FILES, "antiterror_mrc_train", "cjrc_dev")
VOCABULARY = "vocabulary.npz"


@dataclass(frozen=True, slots=True)
class Recipe:
    """The stages in the order they are run."""

    news: Plan
    reading: tuple[tuple[Plan, Mixture], ...]
    blend: float = 1.0
    """The share of the last stage's weights in the reader, the others being those of the stage before."""


SHIPPED = Recipe(
    news=Plan("news", peak=2e-3, steps=258, batch_characters=13_000),
    reading=(
        (Plan("reading_first", peak=1.5e-3, steps=820), Mixture(OPEN_FILES, news=2000)),
        (Plan("reading_second", peak=1.8e-3, steps=7300, seed=100), Mixture(OPEN_FILES, news=5000)),
        (
            Plan("reading_third", peak=1.5e-3, steps=8_000, seed=200),
            Mixture(ALL_FILES, hard=0.6, impossible=0.6, news=2500),
        ),
        (
            Plan("reading_fourth", peak=1.2e-3, steps=5_500, seed=300),
            Mixture(ALL_FILES, hard=0.6, impossible=0.6, news=2000, contexts=6000),
        ),
    ),
    blend=0.6,
)
"""What the shipped weights came from; the rates and lengths were set by the hours there were, not searched."""


def vocabulary_texts(data: Path, articles: list[tuple[str, str]]) -> list[str]:
    """Return the folded texts that the vocabulary is learned from: questions and contexts, then news."""
    questions = [row for name in OPEN_FILES for row in read_rows(data, f"{name}.qa")]
    texts = dict.fromkeys([row["context"] for row in questions] + [row["question"] for row in questions])
    return [fold(text) for text in texts] + [body for _, body in articles]


def make_vocabulary(data: Path, out: Path) -> None:
    """Learn the vocabulary where it is not learned yet."""
    path = out / VOCABULARY
    if not path.exists():
        texts = vocabulary_texts(data, read_news(data))
        save_vocabulary(learn_vocabulary(texts, width=Shape().embedding), path)


def train(data: Path, out: Path, recipe: Recipe, rank: int) -> None:
    """Run every stage that `out` lacks and export the result; `rank` is which of the processes this is."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    articles = read_news(data)
    vocabulary = load_vocabulary(out / VOCABULARY)
    torch.manual_seed(0)
    reader = Reader(vocabulary, Shape())
    other = rank * 1_000_000
    news = news_rounds(articles[:-HELD_ARTICLES], recipe.news.seed + other)
    learn(reader, news, vocabulary.alphabet, recipe.news, out, rank=rank)
    for plan, mixture in recipe.reading:
        readings = Readings(data, mixture, articles[:-HELD_ARTICLES])
        learn(reader, readings.rounds(plan.seed + other), vocabulary.alphabet, plan, out, rank=rank)
    if rank == 0:
        if recipe.blend < 1:
            reader.load_state_dict(_blended(recipe, out))
        logits, truth = answerable_logits(reader, held_out(readings, articles), vocabulary.alphabet)
        export(reader, vocabulary, out / "model", **calibrate(logits, truth))


def _blended(recipe: Recipe, out: Path) -> dict[str, Tensor]:
    """Return the weights between the last two stages: the encyclopedia learned, the news kept (Wortsman et al. 2022)."""
    before, last = (torch.load(out / f"{plan.name}.pt") for plan, _ in recipe.reading[-2:])
    return {
        name: before[name].lerp(value, recipe.blend) if value.is_floating_point() else value
        for name, value in last.items()
    }
