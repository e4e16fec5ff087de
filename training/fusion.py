"""Fit the reranker on made and labelled training questions, and write `vectorstore/models/ranking.json`.

Run `python -m training.fusion --data DIR` (the folder with `train/`); `--embedder NAME` for another one. All
weights are fitted together by the cross entropy of each list of candidates, none below zero: each feature is
evidence for a passage, and weights of both signs fit the sets at hand and lose elsewhere. Another embedder gets
a weight of its own for the cosine, beside the weights that there are. Last, the probability that the first
passage answers, with half of the lists stripped of their answers.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.passage_set import PassageSet
from training.questions import QuestionSet, read_sets
from vectorstore.embedders import Embedder, open_embedder
from vectorstore.features import FEATURES
from vectorstore.query import read_query
from vectorstore.search import gather, measure_candidates

if TYPE_CHECKING:
    import torch

OUT = Path("vectorstore/models/ranking.json")
LEARNT_FROM = {
    "cmrc2018_train.qa": "CC BY-SA 4.0", "csl.pairs": "Apache-2.0",
    "crud_title_body.pairs": "Apache badge on the repository", "crud_news.text": "Apache badge on the repository",
    "cctv_news.text": "badge on the repository", "antiterror_mrc_train.qa": "none stated",
}  # fmt: skip
GENERAL_SHARE = 0.7  # an embedder that nobody calibrated gets this share of ours
FEWEST_LISTS = 50  # every set counts alike: a small one would be given too much weight
STEPS, RATE, DECAY = 300, 0.05, 1e-3
DENSE, SHARE, COVERAGE = (FEATURES.index(name) for name in ("cosine_z", "lexical_share", "coverage"))


@dataclass(frozen=True, slots=True)
class Lists:
    """The candidates of each question of a set: features and which of them answer."""

    name: str
    features: list[NDArray[np.float64]]
    answers: list[NDArray[np.bool_]]


def lists_of(questions: QuestionSet, embedder: Embedder) -> Lists:
    """Search each question of a set and measure its candidates."""
    with tempfile.TemporaryDirectory() as folder:
        snapshot = PassageSet(questions.passages, embedder=embedder, folder=Path(folder)).snapshot
        found = Lists(questions.name, [], [])
        for question in questions.questions:
            query = read_query(question.text)
            gathered = gather(snapshot, query, limit=10)
            right = np.array([candidate.passage_id in question.answers for candidate in gathered.candidates])
            if right.any() and not right.all():
                found.features.append(measure_candidates(snapshot, query, gathered.candidates))
                found.answers.append(right)
    return found


def without_answers(features: NDArray[np.float64], answers: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the list as it were if the library held no answer."""
    kept = features[~answers].copy()
    kept[:, SHARE] /= kept[:, SHARE].max() or 1.0
    kept[:, DENSE] = (kept[:, DENSE] - kept[:, DENSE].mean()) / (kept[:, DENSE].std() or 1.0)
    return kept


def fit_weights(sets: Sequence[Lists], kept: dict[str, float]) -> dict[str, float]:
    """Return the weight of each feature, those `kept` unchanged; every set counts alike."""
    import torch  # heavy, and only training needs it

    torch.set_num_threads(1)
    lists = [pair for one in sets for pair in zip(one.features, one.answers, strict=True)]
    scale = np.concatenate([features for features, _ in lists]).std(axis=0) + 1e-6
    values, right, real = _padded([(features / scale, answers) for features, answers in lists])
    heft = torch.tensor([1 / len(one.features) / len(sets) for one in sets for _ in one.features])
    free = torch.tensor([float(name not in kept) for name in FEATURES])
    first = [kept[name] * scale[at] if name in kept else 0.1 for at, name in enumerate(FEATURES)]
    weights = torch.tensor(first, dtype=torch.float32, requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=RATE)
    for _ in range(STEPS):
        scores = values @ weights - (1 - real) * 1e4
        listed = torch.logsumexp(scores, 1) - torch.logsumexp(scores - (1 - right) * 1e4, 1)
        loss = (heft * listed).sum() + DECAY * (weights**2).sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own signature
        weights.grad *= free  # type: ignore[operator]  # it has one after backward
        optimiser.step()
        with torch.no_grad():
            weights.clamp_(min=0)
    raw = weights.detach().numpy() / scale
    return {name: kept.get(name, round(float(raw[at]), 4)) for at, name in enumerate(FEATURES)}


def _padded(
    lists: Sequence[tuple[NDArray[np.float64], NDArray[np.bool_]]],
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return features, answers and which rows are real, each list as long as the longest."""
    import torch

    size = max(len(features) for features, _ in lists)
    values = np.zeros((len(lists), size, len(FEATURES)), dtype=np.float32)
    right, real = np.zeros((len(lists), size), np.float32), np.zeros((len(lists), size), np.float32)
    for row, (features, answers) in enumerate(lists):
        values[row, : len(features)] = features
        right[row, : len(features)] = answers
        real[row, : len(features)] = 1
    return torch.tensor(values), torch.tensor(right), torch.tensor(real)


def fit_probability(sets: Sequence[Lists], weights: NDArray[np.float64]) -> dict[str, float]:
    """Return the logistic regression of "the first passage answers" on its coverage and its lead."""
    rows, truth = [], []
    for features, answers in (pair for one in sets for pair in zip(one.features, one.answers, strict=True)):
        rows.append(_first(features, weights))
        truth.append(bool(answers[np.argmax(features @ weights)]))
        if (~answers).sum() > 1:
            rows.append(_first(without_answers(features, answers), weights))
            truth.append(False)
    found = _logistic(np.array(rows), np.array(truth, dtype=np.float64))
    return dict(zip(("bias", "coverage", "lead"), (round(float(value), 4) for value in found), strict=True))


def _first(features: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, float, float]:
    scores = features @ weights
    best = int(np.argmax(scores))
    second = float(np.partition(scores, -2)[-2])
    return 1.0, float(features[best, COVERAGE]), float(scores[best]) - second


def _logistic(rows: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the maximum of the likelihood, by Newton's method."""
    weights = np.zeros(rows.shape[1])
    for _ in range(25):
        shares = 1 / (1 + np.exp(-rows @ weights))
        curve = (rows * (shares * (1 - shares))[:, None]).T @ rows + 1e-6 * np.eye(len(weights))
        weights = weights + np.linalg.solve(curve, rows.T @ (truth - shares))
    return weights


def recall_at_1(one: Lists, weights: NDArray[np.float64]) -> float:
    """Return the share of lists that the weights put an answer on top of, in points."""
    tops = [
        answers[np.argmax(features @ weights)]
        for features, answers in zip(one.features, one.answers, strict=True)
    ]
    return 100.0 * float(np.mean(tops))


def main() -> None:
    """Fit, show what each weight of the cosine does, and write the model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds train/")
    parser.add_argument("--embedder", default="yinju")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    embedder = open_embedder(options.embedder)
    sets = []
    for questions in read_sets(options.data / "train"):
        found = lists_of(questions, embedder)
        print(questions.name, len(found.features), "lists", flush=True)
        if len(found.features) >= FEWEST_LISTS:
            sets.append(found)
    before = json.loads(options.out.read_text(encoding="utf-8")) if options.out.is_file() else None
    model = fitted(sets, embedder, before=None if options.embedder == "yinju" else before)
    options.out.write_text(json.dumps(model, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def fitted(sets: Sequence[Lists], embedder: Embedder, *, before: dict[str, Any] | None) -> dict[str, Any]:
    """Return the model; where there is one `before`, with no more than this embedder added to it."""
    name = embedder.fingerprint.split("@", maxsplit=1)[0]
    found = fit_weights(sets, before["weights"] if before else {})
    vector = np.array([found[feature] for feature in FEATURES])
    for one in sets:
        print(f"{one.name}: R@1 {recall_at_1(one, vector):.1f}")
    dense = round(found.pop("cosine_z"), 2)
    if before:
        return {**before, "embedders": {**before["embedders"], name: {"cosine_z": dense}}}
    return {
        "weights": found,
        "probability": fit_probability(sets, vector),
        "embedders": {"*": {"cosine_z": round(GENERAL_SHARE * dense, 2)}, name: {"cosine_z": dense}},
        "fitted_with": embedder.fingerprint,
        "learnt_from": LEARNT_FROM,
    }


if __name__ == "__main__":
    main()
