"""Train the reader in stages; a stage whose file is in the output folder is not run again.

`python -m training.reader --data DIR --out DIR` learns the vocabulary, then from questions made of
the news, then twice from human questions mixed with more news, fits the calibration and exports to
`<out>/model`. One core goes at about 8,000 characters a second.
"""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from pathlib import Path

import torch

from training.corpus import read_rows
from training.reader.calibration import answerable_logits, calibrate, held_out
from training.reader.export import export
from training.reader.learning import Plan, learn
from training.reader.material import HELD_ARTICLES, Mixture, Readings, news_rounds, read_news
from training.reader.model import Reader, Shape
from training.reader.vocabulary import (
    Vocabulary,
    learn_vocabulary,
    load_vocabulary,
    save_vocabulary,
)
from vectorstore.fold import fold

QUESTION_FILES = ("cmrc2018_train", "squad2_zh_mt")
logger = logging.getLogger("training.reader")


@dataclass(frozen=True, slots=True)
class Recipe:
    """The stages in the order they are run."""

    news: Plan
    reading: tuple[tuple[Plan, Mixture], ...]


SHIPPED = Recipe(
    news=Plan("news", peak=2e-3, steps=258, batch_characters=13_000),
    reading=(
        (Plan("reading_first", peak=1.5e-3, steps=820), Mixture(news=2000)),
        (Plan("reading_second", peak=1.8e-3, steps=7300, seed=100), Mixture(news=5000)),
    ),
)
"""What the shipped weights came from; the rates and lengths were set by the hours there were, not searched."""


def vocabulary_texts(data: Path, articles: list[tuple[str, str]]) -> list[str]:
    """Return the folded texts that the vocabulary is learned from: questions and contexts, then news."""
    questions = [row for name in QUESTION_FILES for row in read_rows(data, f"{name}.qa")]
    texts = dict.fromkeys([row["context"] for row in questions] + [row["question"] for row in questions])
    return [fold(text) for text in texts] + [body for _, body in articles]


def make_vocabulary(data: Path, out: Path, articles: list[tuple[str, str]]) -> Vocabulary:
    """Learn the vocabulary, or read it where it was learned before."""
    path = out / "vocabulary.npz"
    if not path.exists():
        save_vocabulary(learn_vocabulary(vocabulary_texts(data, articles), width=Shape().embedding), path)
    return load_vocabulary(path)


def train(data: Path, out: Path, recipe: Recipe) -> None:
    """Run every stage that `out` lacks and export the result."""
    articles = read_news(data)
    vocabulary = make_vocabulary(data, out, articles)
    torch.manual_seed(0)
    reader = Reader(vocabulary, Shape())
    logger.info("%d weights", sum(weight.numel() for weight in reader.parameters()))
    news = news_rounds(articles[:-HELD_ARTICLES], recipe.news.seed)
    learn(reader, news, vocabulary.alphabet, recipe.news, out)
    readings = Readings(data, QUESTION_FILES, articles[:-HELD_ARTICLES])
    for plan, mixture in recipe.reading:
        learn(reader, readings.rounds(mixture, plan.seed), vocabulary.alphabet, plan, out)
    logits, truth = answerable_logits(reader, held_out(readings, articles), vocabulary.alphabet)
    export(reader, vocabulary, out / "model", **calibrate(logits, truth))


def main() -> None:
    """Parse the arguments and train."""
    parser = argparse.ArgumentParser(prog="python -m training.reader", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training files (*.jsonl.xz)")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the model")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    train(arguments.data, arguments.out, SHIPPED)


if __name__ == "__main__":
    main()
