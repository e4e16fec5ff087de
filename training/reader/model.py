"""The reader network: match features, alignment both ways, bidirectional LSTMs, four heads.

A BiDAF/DrQA reader (Seo et al. 2017, Chen et al. 2017) over characters whose neighbours come in as
bigram embeddings. Everything is computed from ids inside the graph, so the exported file needs only
character and bigram ids.
"""

from __future__ import annotations

import string
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from assistant.reading.neural_reader import BUCKETS
from training.reader.vocabulary import Vocabulary

CLASSES = (
    string.digits,
    string.ascii_lowercase,
    "一二三四五六七八九十百千万亿零两几",
    "。！？；!?;…\n",
    "，,、：:",
    '“「『《(（〈【‘"',
    '”」』》)）〉】’"',
    " \u3000·-—%.",
    "年月日时分岁个名人元米次",
)
FEATURES = 9 + len(CLASSES)
DENSITY = (21, 61)
NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network."""

    embedding: int = 100
    mixed: int = 128
    hidden: int = 96
    attention: int = 96
    dropout: float = 0.2

    def record(self) -> dict[str, float]:
        """Return the sizes by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Logits:
    """What the heads say: per character start, end, evidence and inside; per passage answerable."""

    start: Tensor
    end: Tensor
    evidence: Tensor
    inside: Tensor
    answerable: Tensor


def character_classes(characters: str) -> Tensor:
    """Return a 0/1 row of classes for every character id."""
    table = torch.zeros(len(characters) + BUCKETS + 1, len(CLASSES))
    for column, members in enumerate(CLASSES):
        for row, character in enumerate(characters):
            table[row + BUCKETS + 1, column] = float(character in members)
    return table


def run_matches(equal: Tensor, length: int) -> Tensor:
    """Return where a run of `length` equal characters starts, in both texts."""
    run = equal
    for step in range(1, length):
        run = run & functional.pad(equal[:, step:, step:], (0, step, 0, step))
    return run


def covered(starts: Tensor, length: int) -> Tensor:
    """Spread run starts (rows, characters) over the `length` characters of each run."""
    return functional.max_pool1d(functional.pad(starts, (length - 1, 0)).unsqueeze(1), length, 1).squeeze(1)


def density(values: Tensor, width: int) -> Tensor:
    """Return the mean of `values` over a window of `width` characters."""
    return functional.avg_pool1d(values.unsqueeze(1), width, 1, width // 2).squeeze(1)


class Memory(nn.Module):
    """A bidirectional LSTM with input dropout that is the same at every character."""

    def __init__(self, inputs: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.lstm = nn.LSTM(inputs, hidden, bidirectional=True, batch_first=True)
        self.dropout = dropout

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """Return (rows, characters, 2 * hidden)."""
        values = drop_rows(values, self.dropout, training=self.training)
        output: Tensor = self.lstm(values)[0]
        return output * mask.unsqueeze(2)


def drop_rows(values: Tensor, rate: float, *, training: bool) -> Tensor:
    """Drop the same channels at every character of a row (Gal and Ghahramani 2016)."""
    if not training or rate == 0:
        return values
    keep = torch.empty(values.shape[0], 1, values.shape[2]).bernoulli_(1 - rate) / (1 - rate)
    return values * keep.to(values.dtype)


def _embedding(table: NDArray[np.float32]) -> nn.Embedding:
    """Return an embedding that starts from `table` and learns on."""
    rows, width = table.shape
    return nn.Embedding(rows, width, _weight=torch.from_numpy(table.copy()))


def softmax_over(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the last axis where `mask` (rows, length) allows."""
    return torch.softmax(scores.float() + (1 - mask.unsqueeze(1)) * NEVER, dim=2).to(scores.dtype)


class Reader(nn.Module):
    """Question and passage ids in, logits out."""

    classes: Tensor
    character_rarity: Tensor
    bigram_rarity: Tensor

    def __init__(self, vocabulary: Vocabulary, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        wide, hidden, mixed = shape.embedding, 2 * shape.hidden, shape.mixed
        self.characters = _embedding(vocabulary.character_table)
        self.bigrams = _embedding(vocabulary.bigram_table)
        self.register_buffer("classes", character_classes(vocabulary.characters))
        self.register_buffer("character_rarity", torch.from_numpy(vocabulary.character_rarity))
        self.register_buffer("bigram_rarity", torch.from_numpy(vocabulary.bigram_rarity))
        self.mix = nn.Linear(3 * wide, mixed)
        self.align = nn.Linear(mixed, shape.attention)
        self.encode = Memory(2 * mixed + FEATURES, shape.hidden, shape.dropout)
        self.key = nn.Linear(hidden, shape.attention)
        self.fuse = nn.Linear(4 * hidden + FEATURES, hidden)
        self.model = Memory(hidden, shape.hidden, shape.dropout)
        self.look = nn.Linear(hidden, 2 * shape.attention, bias=False)
        self.reflect = nn.Linear(2 * hidden, hidden)
        self.settle = Memory(hidden, shape.hidden, shape.dropout)
        self.pool = nn.Linear(hidden, 1)
        self.ask = nn.Linear(hidden, 2 * hidden)
        self.output = nn.Linear(3 * hidden, 4)
        self.reach = nn.Linear(hidden, hidden, bias=False)
        nn.init.zeros_(self.reach.weight)
        self.judge = nn.Sequential(
            nn.Linear(3 * hidden + 8, 128), nn.GELU(), nn.Dropout(0.2), nn.Linear(128, 1)
        )

    def embed(self, ids: Tensor, bigrams: Tensor) -> Tensor:
        """Return a character with the bigrams it ends and starts, mixed."""
        before = functional.pad(bigrams, (1, 0))[:, :-1]
        parts = torch.cat([self.characters(ids), self.bigrams(before), self.bigrams(bigrams)], 2)
        return torch.tanh(self.mix(drop_rows(parts, self.shape.dropout, training=self.training)))

    def match(self, ids: Tensor, bigrams: Tensor, runs: list[Tensor]) -> Tensor:
        """Return the features of a text, given where runs of 1 to 4 characters match the other text."""
        ones, twos, threes, fours = (covered(run.to(torch.float32), n + 1) for n, run in enumerate(runs))
        rare = ones * self.character_rarity[ids]
        rare2 = twos * torch.maximum(
            self.bigram_rarity[bigrams], self.bigram_rarity[functional.pad(bigrams, (1, 0))[:, :-1]]
        )
        columns = [ones, rare, twos, rare2, threes, fours]
        columns += [
            density(rare, DENSITY[0]),
            density(rare2, DENSITY[0]),
            density(rare2, DENSITY[1]),
        ]
        return torch.cat([torch.stack(columns, 2), self.classes[ids]], 2)

    def coverage(self, question: Tensor, asked: Tensor, features: Tensor, matched: Tensor) -> Tensor:
        """Return how much of the question the passage covers, by rarity, and where most at once."""
        weight = self.character_rarity[question] * asked
        weight = weight / weight.sum(1, keepdim=True).clamp(min=0.1)
        parts = [(matched[:, :, column] * weight).sum(1) for column in (0, 2, 4, 5)]
        parts += [features[:, :, column].amax(1) for column in (6, 7, 8)]
        parts.append(asked.sum(1) / 30)
        return torch.stack(parts, 1)

    def forward(self, passage: Tensor, pairs: Tensor, question: Tensor, question_pairs: Tensor) -> Logits:
        """Read questions (rows, length) on passages (rows, length); pairs are bigram ids."""
        here, asked = (passage > 0).float(), (question > 0).float()
        letters = (self.classes[question][:, :, 3:8].sum(2) < 1) & (question > 0)
        equal = (passage.unsqueeze(2) == question.unsqueeze(1)) & letters.unsqueeze(1)
        runs = [run_matches(equal, length) for length in (1, 2, 3, 4)]
        features = self.match(passage, pairs, [run.any(2) for run in runs])
        matched = self.match(question, question_pairs, [run.any(1) for run in runs])
        text, query = self.embed(passage, pairs), self.embed(question, question_pairs)
        text_key, query_key = torch.relu(self.align(text)), torch.relu(self.align(query))
        scores = text_key @ query_key.transpose(1, 2) * self.shape.attention**-0.5
        aligned = softmax_over(scores, asked) @ query
        aligned_query = softmax_over(scores.transpose(1, 2), here) @ text
        read = self.encode(torch.cat([text, aligned.to(text.dtype), features.to(text.dtype)], 2), here)
        heard = self.encode(
            torch.cat([query, aligned_query.to(text.dtype), matched.to(text.dtype)], 2), asked
        )
        modelled = self.model(self.attend(read, heard, here, asked, features), here)
        query_side, key_side = self.look(modelled).chunk(2, 2)
        looks = softmax_over(query_side @ key_side.transpose(1, 2) * self.shape.attention**-0.5, here)
        seen = torch.cat([modelled, (looks @ modelled).to(modelled.dtype)], 2)
        settled = self.settle(functional.gelu(self.reflect(seen)) + modelled, here)
        return self.heads(
            modelled, settled, heard, here, asked, self.coverage(question, asked, features, matched)
        )

    def attend(self, read: Tensor, heard: Tensor, here: Tensor, asked: Tensor, features: Tensor) -> Tensor:
        """Return the passage with the question seen from it, both ways."""
        scores = self.key(read) @ self.key(heard).transpose(1, 2) * self.shape.attention**-0.5
        toward, back = softmax_over(scores, asked), softmax_over(scores.transpose(1, 2), here)
        question = toward @ heard
        passage = toward @ (back @ read)
        seen = torch.cat([read, question, read * question, read * passage, features.to(read.dtype)], 2)
        return functional.gelu(self.fuse(drop_rows(seen, self.shape.dropout, training=self.training)))

    def heads(
        self,
        modelled: Tensor,
        settled: Tensor,
        heard: Tensor,
        here: Tensor,
        asked: Tensor,
        coverage: Tensor,
    ) -> Logits:
        """Return the logits of every character and of the passage."""
        weight = softmax_over(self.pool(heard).transpose(1, 2), asked)
        query = (weight @ heard).squeeze(1)
        gates = self.ask(query).unsqueeze(1)
        both = torch.cat([modelled, settled], 2)
        values = self.output(torch.cat([both * gates, settled], 2)).float()
        hidden = (1 - here) * NEVER
        start = values[:, :, 0] + hidden
        begun = torch.softmax(start, 1)
        first = (begun.unsqueeze(1).to(settled.dtype) @ settled).transpose(1, 2)
        end = values[:, :, 1] + hidden + (self.reach(settled) @ first).squeeze(2).float()
        focus = begun + torch.softmax(end, 1)
        found = (focus.unsqueeze(1).to(settled.dtype) @ settled).squeeze(1)
        top = (settled + hidden.unsqueeze(2).to(settled.dtype)).amax(1)
        judged = self.judge(torch.cat([found, top, query, coverage.to(query.dtype)], 1))
        return Logits(start, end, values[:, :, 2], values[:, :, 3], judged.float().squeeze(1))
