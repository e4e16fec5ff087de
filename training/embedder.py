"""Train the embedder that ships, `zh-static-256`.

Run `python -m training.embedder --data DIR --out DIR`; DIR holds the `*.jsonl.xz` training files.
Steps: learn the pieces, give them first rows from co-occurrence, read examples, mine hard negatives,
train by contrast, save. `--dev` adds a table of retrieval figures to the model card; it is only
ever read after training. Seeds are fixed; a step count, not a clock, ends the training.
"""

from __future__ import annotations

import argparse
import logging
import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # ships no types
from tokenizers import Tokenizer

from training.batches import QUESTION_WORDS, Batch, cloze_part, join, labelled_part
from training.contrast import Table, contrast
from training.corpus import read_texts
from training.examples import Cloze, Labelled, encode, read_cloze, read_labelled
from training.initial_rows import initial_rows
from training.model_card import write_card
from training.negatives import mine
from training.retrieval import SETS, embed, read_benchmark, recall_at_1
from training.static_model import check_readers, save_model
from training.vocabulary import learn_tokenizer, parts_of_pieces
from vectorstore.fold import fold

logger = logging.getLogger(__name__)

SEED = 20240501
PIECES = 33_500
DIMENSION = 256
SAMPLE_TEXT_CHARS = 600
TEXT_WEIGHTS = {
    "crud_news.text": 1.0,
    "cctv_news.text": 1.0,
    "csl_abstracts.text": 1.0,
    "headlines.text": 4.0,
    "cmrc2018_train.qa": 4.0,
    "squad2_zh_mt.qa": 3.0,
    "medical_qa.pairs": 2.0,
    "laws_cn.pairs": 0.3,
    "dureader2_demo.pairs": 20.0,
}
"""Files that the pieces are counted in; weights keep news from drowning everyday words."""
SAMPLE_CHARS = 800_000
"""Characters of each file on which the pieces' probabilities are estimated."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    Random first rows in proportion to rarity and 600 steps at a third of the rate gain 1 to 4 points of R@1 on
    encyclopaedic and search questions and lose 6 on news; the hybrid is better with these (dev sets, 2026-11-22).
    """

    steps: int = 2_500
    rate: float = 1e-2
    weight_rate: float = 3e-2
    scale: float = 25.0
    warm_up_steps: int = 50
    last_rate_share: float = 0.02
    refresh_steps: int = 500
    hard_negatives: int = 8

    def rate_share(self, step: int) -> float:
        """Return the share of the learning rate at `step`: a warm-up, then half a cosine."""
        cosine = (1 + math.cos(math.pi * step / self.steps)) / 2
        return min(1.0, (step + 1) / self.warm_up_steps) * max(self.last_rate_share, cosine)


def learn_pieces(data: Path, *, seed: int) -> tuple[Tokenizer, list[str]]:
    """Return the tokenizer, and the folded texts that it was learnt from."""
    shuffle = random.Random(seed).shuffle
    joined: dict[str, str] = {}
    sample: list[str] = []
    every: list[str] = []
    for name in TEXT_WEIGHTS:
        texts = sorted({fold(text) for text in read_texts(data, name)})
        joined[name] = "\n".join(texts)
        shuffle(texts)
        every += texts
        budget_chars = SAMPLE_CHARS
        for text in texts:
            sample.append(text[:SAMPLE_TEXT_CHARS])
            budget_chars -= len(sample[-1])
            if budget_chars < 0:
                break
    return learn_tokenizer(joined, TEXT_WEIGHTS, sample=sample, size=PIECES), every


def draw_batches(
    labelled: Labelled,
    hard: npt.NDArray[np.int64],
    cloze: Cloze,
    table: Table,
    tokenizer: Tokenizer,
    recipe: Recipe,
) -> Iterator[Batch]:
    """Yield one batch a step; neighbours are found anew, with the rows of the day, now and then."""
    drawer = np.random.default_rng(SEED)
    noise = encode(tokenizer, QUESTION_WORDS)
    whole = [np.concatenate(sentences) for sentences in cloze.passages]
    for step in range(recipe.steps):
        if step % recipe.refresh_steps == 0:
            embeddings = embed(whole, table.folded())
        first = labelled_part(labelled, hard, drawer)
        second = cloze_part(cloze, embeddings, drawer, noise)
        yield join(first, second, offset=len(labelled.passages))


def train(
    rows: npt.NDArray[np.float32],
    parts: csr_matrix,
    labelled: Labelled,
    hard: npt.NDArray[np.int64],
    cloze: Cloze,
    tokenizer: Tokenizer,
    recipe: Recipe,
    checkpoint: Path,
) -> npt.NDArray[np.float32]:
    """Return the trained rows; those of the way there are left in `checkpoint`."""
    table = Table(rows, parts)
    groups = [
        {"params": [table.own, table.shared], "lr": recipe.rate},
        {"params": [table.weight], "lr": recipe.weight_rate},
    ]
    optimiser = torch.optim.Adam(groups, betas=(0.9, 0.99), fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, recipe.rate_share)
    for step, batch in enumerate(draw_batches(labelled, hard, cloze, table, tokenizer, recipe)):
        loss = contrast(table(), batch, scale=recipe.scale)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            logger.info("step %d of %d: loss %.3f", step, recipe.steps, loss.item())
            np.save(checkpoint, table.folded())
    return table.folded()


def measure(dev: Path, rows: npt.NDArray[np.float32], tokenizer: Tokenizer) -> dict[str, float]:
    """Return recall at 1 on every evaluation set of the folder."""
    return {name: recall_at_1(read_benchmark(dev, name, tokenizer), rows) for name in SETS}


def learn_rows(
    data: Path, tokenizer: Tokenizer, texts: list[str], recipe: Recipe, checkpoint: Path
) -> npt.NDArray[np.float32]:
    """Return trained rows: from co-occurrence first, then by contrast."""
    size = tokenizer.get_vocab_size()
    first = initial_rows(encode(tokenizer, texts), size=size, dimension=DIMENSION, seed=SEED)
    logger.info("first rows are ready")
    labelled = read_labelled(data, tokenizer)
    hard = mine(
        labelled.query_texts,
        labelled.passage_texts,
        labelled.answers,
        keep=recipe.hard_negatives,
    )
    logger.info("%d labelled queries have hard negatives", len(labelled.queries))
    cloze = read_cloze(data, tokenizer, seed=SEED)
    parts = parts_of_pieces(tokenizer)
    return train(first, parts, labelled, hard, cloze, tokenizer, recipe, checkpoint)


def main() -> None:
    """Train, save and measure the model named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of *.jsonl.xz files")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the model")
    parser.add_argument("--dev", type=Path, help="folder of evaluation sets, for the model card")
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(SEED)
    started = time.perf_counter()
    tokenizer, texts = learn_pieces(arguments.data, seed=SEED)
    logger.info("%d pieces from %d texts", tokenizer.get_vocab_size(), len(texts))
    arguments.out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(arguments.out / "tokenizer.json"))
    recipe, checkpoint = Recipe(steps=arguments.steps), arguments.out / "rows.npy"
    rows = learn_rows(arguments.data, tokenizer, texts, recipe, checkpoint)
    minutes = (time.perf_counter() - started) / 60
    half = (rows / np.abs(rows).max()).astype(np.float16)
    model = arguments.out / "model"
    save_model(model, tokenizer, half)
    difference = check_readers(model, texts[:500])
    figures = measure(arguments.dev, half.astype(np.float32), tokenizer) if arguments.dev else {}
    write_card(
        model,
        figures,
        pieces=tokenizer.get_vocab_size(),
        difference=difference,
        minutes=minutes,
    )
    print(f"{minutes:.0f} minutes; readers differ by {difference:.1e}; {figures}")


if __name__ == "__main__":
    main()
