"""The dense index: what is stored is found, opening it replays nothing, its files are let go."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from tests.library_state import open_files
from vectorstore.dense import open_embedded
from vectorstore.errors import LibraryDamaged


def unit_vectors(count: int, *, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((count, 16)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def waiting(folder: Path) -> int:
    """Return how many changes are in the log but not in the graph: each opening would replay them."""
    connection = sqlite3.connect(folder / "chroma.sqlite3")
    try:
        newest = connection.execute("SELECT max(seq_id) FROM embeddings_queue").fetchone()[0]
        written = connection.execute("SELECT min(seq_id) FROM max_seq_id").fetchone()[0]
        return int(newest) - int(written)
    finally:
        connection.close()


def test_found_by_its_own_vector(tmp_path: Path) -> None:
    vectors = unit_vectors(1200)
    index = open_embedded(tmp_path / "dense", create_for=1200)
    index.add([f"p{i}" for i in range(1200)], vectors)
    index.close()
    assert open_files(tmp_path) == []
    assert waiting(tmp_path / "dense") == 0
    index = open_embedded(tmp_path / "dense")
    assert len(index) == 1200
    for row in (0, 17, 1199):
        (best, cosine), *others = index.search(vectors[row], 5)
        assert best == f"p{row}"
        assert cosine == pytest.approx(1.0, abs=1e-5)
        assert len(others) == 4
        assert all(score <= cosine for _, score in others)
    index.close()


def test_changes_are_in_the_graph_when_it_is_closed(tmp_path: Path) -> None:
    vectors = unit_vectors(60)
    index = open_embedded(tmp_path / "dense", create_for=50)
    index.add([f"p{i}" for i in range(50)], vectors[:50])
    index.close()
    index = open_embedded(tmp_path / "dense", create_for=17)
    index.remove([f"p{i}" for i in range(7)])
    index.add([f"p{i}" for i in range(50, 60)], vectors[50:])
    assert len(index) == 53
    index.close()
    assert waiting(tmp_path / "dense") == 0
    index = open_embedded(tmp_path / "dense")
    assert index.search(vectors[3], 1)[0][0] != "p3"
    assert index.search(vectors[55], 1)[0][0] == "p55"
    assert len(index.search(vectors[0], 100)) == 53
    index.close()
    assert open_files(tmp_path) == []


def test_adding_again_replaces(tmp_path: Path) -> None:
    vectors = unit_vectors(2)
    index = open_embedded(tmp_path / "dense", create_for=2)
    index.add(["p"], vectors[:1])
    index.add(["p"], vectors[1:])
    ((found, cosine),) = index.search(vectors[1], 5)
    assert (found, round(cosine, 4)) == ("p", 1.0)
    index.remove(["p", "unknown"])
    assert index.search(vectors[1], 5) == []
    index.close()


def test_missing_and_damaged_files(tmp_path: Path) -> None:
    with pytest.raises(LibraryDamaged, match=r"打不开（没有文件）.*\(.* cannot be read: no files; run .*\)$"):
        open_embedded(tmp_path / "dense")
    assert not (tmp_path / "dense").exists()
    (tmp_path / "dense").mkdir()
    (tmp_path / "dense" / "chroma.sqlite3").write_bytes(b"\xff" * 8192)
    with pytest.raises(LibraryDamaged, match="yinju reingest --rebuild"):
        open_embedded(tmp_path / "dense")
    (tmp_path / "dense" / "chroma.sqlite3").unlink()
    index = open_embedded(tmp_path / "dense", create_for=1)  # what failed before does not stand in the way
    index.add(["p"], unit_vectors(1))
    assert len(index) == 1
    index.close()
