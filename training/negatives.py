"""Find hard negatives: passages that BM25 over character bigrams ranks high for another's query."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # ships no types

K1, B = 1.2, 0.75
RUN = re.compile(r"[a-z0-9]+|[^\W\da-z]+")


def terms(text: str) -> list[str]:
    """Return the words, numbers and overlapping character bigrams of a folded text."""
    found: list[str] = []
    for run in RUN.findall(text):
        if run.isascii() or len(run) == 1:
            found.append(run)
        else:
            found += map("".join, pairwise(run))
    return found


def count_terms(texts: Sequence[str], columns: dict[str, int], *, grow: bool) -> csr_matrix:
    """Return the (texts, terms) counts; unknown terms get a column only if `grow`."""
    ends = [0]
    found: list[int] = []
    for text in texts:
        for term in terms(text):
            column = columns.setdefault(term, len(columns)) if grow else columns.get(term, -1)
            if column >= 0:
                found.append(column)
        ends.append(len(found))
    ones = np.ones(len(found), dtype=np.float32)
    counts = csr_matrix((ones, np.array(found, dtype=np.int32), ends), (len(texts), len(columns)))
    counts.sum_duplicates()
    return counts


def bm25_weights(counts: csr_matrix) -> csr_matrix:
    """Return counts weighted as BM25 does (Robertson and Zaragoza 2009)."""
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    holders = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log1p((counts.shape[0] - holders + 0.5) / (holders + 0.5)).astype(np.float32)
    weighted = counts.copy()
    norm = np.repeat(K1 * (1 - B + B * lengths / lengths.mean()), np.diff(counts.indptr))
    weighted.data = idf[counts.indices] * counts.data * (K1 + 1) / (counts.data + norm)
    return weighted


def mine(
    queries: Sequence[str],
    passages: Sequence[str],
    answers: npt.NDArray[np.int64],
    *,
    keep: int,
) -> npt.NDArray[np.int64]:
    """Return, for each query, the `keep` best passages that are not its answer: (queries, keep)."""
    columns: dict[str, int] = {}
    index = bm25_weights(count_terms(passages, columns, grow=True)).T.tocsr()
    asked = count_terms(queries, columns, grow=False)
    hard = np.empty((len(queries), keep), dtype=np.int64)
    for start in range(0, len(queries), 512):
        scores = (asked[start : start + 512] @ index).toarray()
        rows = np.arange(len(scores))
        scores[rows, answers[start : start + len(scores)]] = -1.0
        hard[start : start + len(scores)] = np.argpartition(-scores, keep, axis=1)[:, :keep]
    return hard
