"""Train the small rewriter of follow-ups (`assistant/followups/rewriter.py`) from nothing.

`python -m training.rewriting --data DIR --steps 15000` learns from rewrite_acl19.train (each rewrite is aligned
with its follow-up: what was put in must be a span of the history) and from made follow-ups: two questions on
one context, the words that the second shares with the first, or with its answer, replaced by a pronoun or left
out. Now and then what a rewrite puts in is exchanged for other words, in the history and in the rewrite, so that the
network learns where words belong and not which. Two bidirectional recurrent layers with attention between them; for each
gap of the follow-up the chance that words are missing and a pointer to their start and end, for each character the chance that it goes.
The learning rate falls to nothing over the given steps. It writes `assistant/models/rewriter/`.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path
from random import Random

import torch
from torch import Tensor, nn

from assistant.followups.rewriter import (
    BETWEEN,
    FOLLOWUP,
    INPUTS,
    MODEL_DIR,
    OUTPUTS,
    shared_characters,
    whole_text,
)
from training.corpus import read_rows
from vectorstore.fold import fold

QUESTION_FILES = ("cmrc2018_train.qa", "squad2_zh_mt.qa", "cjrc_dev.qa")
PRONOUNS = (
    "它 他 她 他们 它们 其 该 这个 这 那个 此 该公司 这家公司 该机构 这个项目 这部作品 这里 那里 那".split()
)
ASKING = ("什么", "哪", "谁", "多少", "如何", "为何", "怎", "几")
EDGES = "的是在有和与为了被于，,？? "
WIDTH, EMBEDDED, POINTED = 144, 128, 96
BATCH = 48
MADE_IN_A_ROUND = 3500
EXCHANGED = 0.3
"""The share of rewrites whose words are exchanged for those of another rewrite."""


@dataclass(frozen=True, slots=True)
class Example:
    """A follow-up to complete: spans of the history to put in gaps, and the characters that go."""

    history: str
    current: str
    inserted: tuple[tuple[int, int, int], ...]
    goes: tuple[int, ...]


def align(history: str, current: str, rewritten: str) -> Example | None:
    """Return how the follow-up becomes the rewrite; None where a piece put in is not in the history."""
    goes = [1] * len(current)
    added: dict[int, str] = {}
    for tag, low, high, start, end in SequenceMatcher(None, current, rewritten, autojunk=False).get_opcodes():
        if tag == "equal":
            goes[low:high] = [0] * (high - low)
        elif end > start:
            added[low] = added.get(low, "") + rewritten[start:end]
    inserted = []
    for gap, words in added.items():
        kept = words if words in history else words.strip("的是")
        at = history.rfind(kept) if kept else -1
        if at < 0:
            return None
        inserted.append((gap, at, at + len(kept)))
    return Example(history, current, tuple(inserted), tuple(goes))


def spoken(data: Path) -> list[Example]:
    """Return the rewrites of rewrite_acl19.train that can be made from spans of their history."""
    found = (
        align(
            BETWEEN.join(_clean(said) for said in row["history"]),
            _clean(row["current"]),
            _clean(row["rewritten"]),
        )
        for row in read_rows(data, "rewrite_acl19.train")
    )
    return [example for example in found if example]


def made(data: Path, chance: Random) -> list[Example]:
    """Return made follow-ups: the second of two questions on one context, with what they share left out."""
    contexts: dict[str, list[tuple[str, str]]] = {}
    for name in QUESTION_FILES:
        for row in read_rows(data, name):
            answer = _clean(row["answers"][0]) if row["answers"] else ""
            contexts.setdefault(row["context"], []).append((_clean(row["question"]), answer[:90]))
    examples = []
    for questions in contexts.values():
        for first, answer in questions:
            second = chance.choice(questions)[0]
            if second != first and max(len(first), len(second)) <= 60:
                examples.append(_leave_out(f"{first}{BETWEEN}{answer}", first, answer, second, chance))
    return [example for example in examples if example]


def _leave_out(history: str, first: str, answer: str, second: str, chance: Random) -> Example | None:
    if chance.random() < 0.22:  # stands alone: nothing to do
        return Example(history, second, (), (0,) * len(second))
    if 2 <= len(answer) <= 12 and answer in second and answer not in first:
        start, shared = second.find(answer), answer
    else:
        match = SequenceMatcher(None, first, second, autojunk=False).find_longest_match()
        start, shared = match.b, second[match.b : match.b + match.size]
    start += len(shared) - len(shared.lstrip(EDGES))
    shared = shared.strip(EDGES)
    before, after = second[:start], second[start + len(shared) :]
    at = history.rfind(shared)
    if (
        not 2 <= len(shared) <= 24
        or not after
        or len(before) > 12
        or at < 0
        or any(ask in shared for ask in ASKING)
    ):
        return None
    span = (at, at + len(shared))
    if not before and chance.random() < 0.4:
        rest = after.lstrip("的")
        return Example(history, rest, ((0, *span),), (0,) * len(rest)) if len(rest) > 2 else None
    pronoun = chance.choice(PRONOUNS)
    goes = (0,) * len(before) + (1,) * len(pronoun) + (0,) * len(after)
    return Example(history, before + pronoun + after, ((len(before), *span),), goes)


def _clean(text: str) -> str:
    return " ".join(fold("".join(filter(str.isprintable, text))).split())


class Network(nn.Module):
    """Two bidirectional recurrent layers with attention between them, and the heads of each decision."""

    def __init__(self, characters: int) -> None:
        super().__init__()
        self.emb = nn.Embedding(characters + 2, EMBEDDED, padding_idx=0)
        self.seg = nn.Embedding(4, 16)
        self.g1 = nn.GRU(EMBEDDED + 18, WIDTH, batch_first=True, bidirectional=True)
        self.q, self.k = nn.Linear(2 * WIDTH, POINTED), nn.Linear(2 * WIDTH, POINTED)
        self.g2 = nn.GRU(4 * WIDTH, WIDTH, batch_first=True, bidirectional=True)
        self.ins = nn.Sequential(nn.Linear(4 * WIDTH, 128), nn.Tanh(), nn.Linear(128, 1))
        self.dele = nn.Sequential(nn.Linear(2 * WIDTH, 96), nn.Tanh(), nn.Linear(96, 1))
        self.ps, self.pe = nn.Linear(4 * WIDTH, 2 * WIDTH), nn.Linear(6 * WIDTH, 2 * WIDTH)
        self.drop = nn.Dropout(0.3)

    def forward(self, ids: Tensor, segments: Tensor, shared: Tensor) -> tuple[Tensor, Tensor]:
        """Return the state of each character, and of the gap before it."""
        inputs = torch.cat([self.drop(self.emb(ids)), self.seg(segments), shared], -1)
        first = self.drop(self.g1(inputs)[0])
        weights = self.q(first) @ self.k(first).transpose(1, 2) / math.sqrt(POINTED)
        weights = weights.masked_fill((ids == 0)[:, None, :], -1e4).softmax(-1)
        states: Tensor = self.drop(self.g2(torch.cat([first, weights @ first], -1))[0])
        before = nn.functional.pad(states, (0, 0, 1, 0))[:, :-1]
        return states, torch.cat([before, states], -1)


class _Exported(nn.Module):
    """What `assistant/followups/rewriter.py` asks of the network, for one history and follow-up."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor, segments: Tensor, shared: Tensor) -> tuple[Tensor, ...]:
        """Return logits: words missing and going (gaps), starts (gaps, characters), ends by gap and by start."""
        network = self.network
        states, around = (part[0] for part in network(ids, segments, shared))
        followup = torch.nonzero(segments[0] == FOLLOWUP).squeeze(1)
        gaps, width = around[followup], around.shape[1]
        by_gap = gaps @ network.pe.weight[:, :width].T + network.pe.bias
        by_start = states @ network.pe.weight[:, width:].T
        missing, goes = network.ins(gaps)[:, 0], network.dele(states[followup])[:, 0]
        return missing, goes, network.ps(gaps) @ states.T, by_gap @ states.T, by_start @ states.T


def export(network: Network, characters: list[str], out: Path) -> None:
    """Write the network (its recurrent layers at full precision, the rest at 8 bits) and the vocabulary."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    out.mkdir(parents=True, exist_ok=True)
    text, parts = whole_text(f"谁写了它{BETWEEN}某人", "它呢")
    example = (
        torch.full((1, len(text)), 2),
        torch.tensor([parts]),
        torch.zeros(1, len(text), 2),
    )
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = Path(scratch) / "rewriter.onnx"
        torch.onnx.export(
            _Exported(network.eval()),
            example,
            str(plain),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={name: {1: "characters"} for name in INPUTS},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(
            plain,
            out / "rewriter.onnx",
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        )
    vocabulary = json.dumps({"characters": "".join(characters)}, ensure_ascii=False)
    (out / "vocab.json").write_text(vocabulary, encoding="utf-8")


def loss_of(network: Network, rows: Sequence[Example], ids: dict[str, int]) -> Tensor:
    """Return the mean loss of a batch: gaps, characters that go, and both ends of each span put in."""
    longest = max(len(row.history) + len(row.current) + 2 for row in rows)
    shape = (len(rows), longest)
    tokens, segments = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    shared, gaps, goes = torch.zeros(*shape, 2), torch.full(shape, -1.0), torch.full(shape, -1.0)
    past, points = torch.zeros(shape, dtype=torch.bool), []
    for at, row in enumerate(rows):
        text, parts = whole_text(row.history, row.current)
        tokens[at, : len(text)] = torch.tensor([ids.get(character, 1) for character in text])
        segments[at, : len(text)] = torch.tensor(parts)
        shared[at, : len(text)] = torch.from_numpy(shared_characters(row.history, row.current))
        offset, past[at, : len(row.history)] = len(row.history) + 1, True
        gaps[at, offset : offset + len(row.current) + 1] = 0.0
        goes[at, offset : offset + len(row.current)] = torch.tensor(row.goes, dtype=torch.float)
        for gap, start, end in row.inserted:
            gaps[at, offset + gap] = 1.0
            points.append((at, offset + gap, start, end - 1))
    states, around = network(tokens, segments, shared)
    total = _binary(network.ins(around)[..., 0], gaps) + _binary(network.dele(states)[..., 0], goes)
    if points:
        which, gap, first, last = torch.tensor(points).T
        total = total + _pointed(network.ps(around[which, gap]), states[which], past[which], first)
        asked = torch.cat([around[which, gap], states[which, first]], -1)
        total = total + _pointed(network.pe(asked), states[which], past[which], last)
    return total / len(rows)


def _binary(logits: Tensor, truth: Tensor) -> Tensor:
    known = truth >= 0
    return nn.functional.binary_cross_entropy_with_logits(logits[known], truth[known], reduction="sum")


def _pointed(asked: Tensor, states: Tensor, allowed: Tensor, truth: Tensor) -> Tensor:
    scores = (states @ asked[..., None])[..., 0].masked_fill(~allowed, -1e4)
    return nn.functional.cross_entropy(scores, truth, reduction="sum")


def exchanged(row: Example, words: str) -> Example:
    """Return `row` with `words` where it puts in a piece of the history; as it is where it puts in several."""
    piece = {row.history[start:end] for _, start, end in row.inserted}
    if len(piece) != 1 or (old := piece.pop()) in row.current or BETWEEN in words:
        return row
    history = row.history.replace(old, words)
    at = history.rfind(words)
    return Example(
        history,
        row.current,
        tuple((gap, at, at + len(words)) for gap, _, _ in row.inserted),
        row.goes,
    )


def batches(chat: list[Example], others: list[Example], chance: Random) -> Iterator[list[Example]]:
    """Yield batches of like length without end: all rewrites and some made ones in each round."""
    pieces = [row.history[start:end] for row in chat for _, start, end in row.inserted if end - start > 1]
    while True:
        rows = [exchanged(row, chance.choice(pieces)) if chance.random() < EXCHANGED else row for row in chat]
        rows += chance.sample(others, min(MADE_IN_A_ROUND, len(others)))
        rows = [row for row in rows if len(row.history) + len(row.current) < 160]
        chance.shuffle(rows)
        chunks = [
            sorted(rows[at : at + 960], key=lambda row: len(row.history + row.current))
            for at in range(0, len(rows), 960)
        ]
        found = [chunk[at : at + BATCH] for chunk in chunks for at in range(0, len(chunk), BATCH)]
        chance.shuffle(found)
        yield from found


def train(data: Path, steps: int, out: Path) -> None:
    """Train for the given steps, and export the network and its vocabulary."""
    torch.manual_seed(1)
    torch.set_num_threads(1)
    chance = Random(1)
    chat, others = spoken(data), made(data, chance)
    counts = Counter(character for row in [*chat, *others] for character in row.history + row.current)
    characters = [character for character, count in counts.most_common(5200) if count >= 3]
    ids = {character: number for number, character in enumerate(characters, start=2)}
    network = Network(len(characters))
    solver = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.01)
    started = time.monotonic()
    for step, rows in enumerate(islice(batches(chat, others, chance), steps)):
        for group in solver.param_groups:
            group["lr"] = 2e-3 * min(1.0, (step + 1) / 200, 1.02 - step / steps)
        loss = loss_of(network, rows, ids)
        solver.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        solver.step()
        if step % 50 == 0:
            print(
                f"step {step}, loss {float(loss.detach()):.3f}, {time.monotonic() - started:.0f} s",
                flush=True,
            )
    export(network, characters, out)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=15_000)
    parser.add_argument("--out", type=Path, default=MODEL_DIR)
    arguments = parser.parse_args()
    train(arguments.data, arguments.steps, arguments.out)


if __name__ == "__main__":
    main()
