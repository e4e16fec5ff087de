"""Train rows by contrast: a query must lie nearer to its passage than to all others of the batch.

The loss is InfoNCE (van den Oord et al. 2018), which sentence-transformers calls
MultipleNegativesRankingLoss. A piece's row is its own row plus the mean of the shared rows of the
pieces inside it (as fastText sums n-grams), so rare words learn from their characters; the sum is
folded into one plain table, and the product never knows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # ships no types
from torch import Tensor, nn
from torch.nn import functional

from training.batches import Batch
from training.examples import Ids


class Table(nn.Module):
    """Rows of pieces, partly shared between a piece and the pieces inside it."""

    def __init__(self, rows: npt.NDArray[np.float32], parts: csr_matrix) -> None:
        super().__init__()
        lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-3)
        self.own = nn.Parameter(torch.from_numpy(rows / lengths))
        self.shared = nn.Parameter(torch.zeros_like(self.own))
        self.weight = nn.Parameter(torch.from_numpy(np.log(lengths)))
        cells = parts.tocoo()
        places = torch.from_numpy(np.stack([cells.row, cells.col]).astype(np.int64))
        matrix = torch.sparse_coo_tensor(places, torch.from_numpy(cells.data), cells.shape)
        self.parts = matrix.coalesce()

    def forward(self) -> Tensor:
        """Return the folded table: (pieces, dimension)."""
        inside: Tensor = torch.sparse.mm(self.parts, self.shared)
        return self.weight.exp() * (self.own + inside)

    def folded(self) -> npt.NDArray[np.float32]:
        """Return the folded table as an array, without gradients."""
        with torch.no_grad():
            return np.asarray(self.forward().numpy(), dtype=np.float32)


def mean_rows(table: Tensor, texts: list[Ids]) -> Tensor:
    """Return the normalised mean row of each text: (texts, dimension)."""
    starts = np.cumsum([0, *map(len, texts)][:-1])
    ids = torch.from_numpy(np.concatenate(texts).astype(np.int64))
    means = functional.embedding_bag(ids, table, torch.from_numpy(starts), mode="mean")
    return functional.normalize(means, dim=1)


def contrast(table: Tensor, batch: Batch, *, scale: float) -> Tensor:
    """Return the mean InfoNCE loss; other copies of a query's own passage are left out."""
    queries = mean_rows(table, batch.queries)
    passages = mean_rows(table, batch.passages)
    scores = scale * queries @ passages.T
    answers = torch.from_numpy(batch.answers)
    keys = torch.from_numpy(batch.keys)
    copies = keys[answers][:, None] == keys[None, :]
    copies[torch.arange(len(answers)), answers] = False
    return functional.cross_entropy(scores.masked_fill(copies, -1e4), answers)
