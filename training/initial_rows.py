"""Give every piece a first embedding: PPMI of neighbouring pieces, factored by a truncated SVD.

The method is Levy and Goldberg's (2014) with context-distribution smoothing; rows are then scaled
by smooth inverse frequency (Arora et al. 2017), so that a plain mean is already a weighted one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix, csr_matrix  # type: ignore[import-untyped]  # ships no types

Rows: TypeAlias = npt.NDArray[np.float32]
WINDOW = 5
RARE_PAIR = 3
SMOOTHING = 0.75
FREQUENCY_SCALE = 2e-4
POWER_ITERATIONS = 2
OVERSAMPLING = 16


def count_neighbours(ids: npt.NDArray[np.int32], *, size: int) -> csr_matrix:
    """Count how often two pieces stand within `WINDOW` of each other; -1 in `ids` is a border."""
    counts = csr_matrix((size, size), dtype=np.float32)
    for start in range(0, len(ids), 4_000_000):
        shard = ids[start : start + 4_000_000]
        for distance in range(1, WINDOW + 1):
            left, right = shard[:-distance], shard[distance:]
            inside = (left >= 0) & (right >= 0)
            weights = np.full(int(inside.sum()), 1.0 / distance, dtype=np.float32)
            pairs = coo_matrix((weights, (left[inside], right[inside])), shape=(size, size))
            counts = counts + pairs.tocsr()
    counts.data[counts.data < 1.0 / RARE_PAIR] = 0
    counts.eliminate_zeros()
    return csr_matrix(counts + counts.T)


def positive_information(counts: csr_matrix) -> csr_matrix:
    """Turn counts into positive pointwise mutual information, with smoothed contexts."""
    totals = np.asarray(counts.sum(axis=1)).ravel()
    smoothed = totals**SMOOTHING
    smoothed *= totals.sum() / smoothed.sum()
    cells = counts.tocoo()
    expected = totals[cells.row] * smoothed[cells.col] / totals.sum()
    values = np.maximum(np.log(cells.data / expected), 0).astype(np.float32)
    ppmi = csr_matrix((values, (cells.row, cells.col)), shape=counts.shape)
    ppmi.eliminate_zeros()
    return ppmi


def factor(matrix: csr_matrix, *, dimension: int, seed: int) -> Rows:
    """Return the leading left singular vectors, each times the root of its singular value."""
    random = np.random.default_rng(seed)
    sketch = random.standard_normal((matrix.shape[1], dimension + OVERSAMPLING), dtype=np.float32)
    basis, _ = np.linalg.qr(matrix @ sketch)
    for _ in range(POWER_ITERATIONS):
        basis, _ = np.linalg.qr(matrix.T @ basis)
        basis, _ = np.linalg.qr(matrix @ basis)
    small = np.asarray(matrix.T @ basis).T
    left, values, _ = np.linalg.svd(small, full_matrices=False)
    rows = (basis @ left)[:, :dimension] * np.sqrt(values[:dimension])
    return np.asarray(rows, dtype=np.float32)


def initial_rows(runs: Sequence[npt.NDArray[np.int32]], *, size: int, dimension: int, seed: int) -> Rows:
    """Return (size, dimension) rows for the pieces of `runs`, one array of ids per stretch of text."""
    border = np.array([-1], dtype=np.int32)
    ids = np.concatenate([part for run in runs for part in (run, border)])
    rows = factor(positive_information(count_neighbours(ids, size=size)), dimension=dimension, seed=seed)
    rows -= rows.mean(axis=0)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    frequency = np.bincount(ids[ids >= 0], minlength=size) / len(ids)
    weights = FREQUENCY_SCALE / (FREQUENCY_SCALE + frequency)
    return (rows * weights[:, None]).astype(np.float32)
