"""The dense index: what is stored is found, opening it replays nothing, its files are let go."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.library_state import open_files
from vectorstore.causes import is_panic
from vectorstore.dense import open_embedded
from vectorstore.errors import LibraryDamaged, StorageFull


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


def test_many_threads_open_and_close_the_same_folder(tmp_path: Path) -> None:
    vectors = unit_vectors(20)
    index = open_embedded(tmp_path / "dense", create_for=20)
    index.add([f"p{i}" for i in range(20)], vectors)
    index.close()
    found: list[object] = []

    def work() -> None:
        for _ in range(6):
            try:
                with closing(open_embedded(tmp_path / "dense")) as opened:
                    found.append(opened.search(vectors[3], 1)[0][0])
            except Exception as error:
                found.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["p3"] * 36
    assert open_files(tmp_path) == []


def test_no_more_at_once_than_chroma_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = open_embedded(tmp_path / "dense", create_for=25)
    sizes: list[int] = []
    upsert = index._collection.upsert

    def noted(*, ids: list[str], embeddings: Any) -> None:
        sizes.append(len(ids))
        upsert(ids=ids, embeddings=embeddings)

    monkeypatch.setattr(index._collection, "upsert", noted)
    for most in (10, -1):
        monkeypatch.setattr(index._client, "get_max_batch_size", lambda most=most: most)
        index.add([f"p{i}" for i in range(25)], unit_vectors(25))
    assert sizes == [10, 10, 5, 25], "-1: a server that does not say"
    monkeypatch.setattr(index._client, "get_max_batch_size", lambda: 10)
    index.remove([f"p{i}" for i in range(25)])
    assert len(index) == 0
    index.close()


class PanicException(BaseException):  # as PyO3 names and derives its own
    """Stands for code written in Rust that gives up."""


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (PanicException("index out of bounds"), LibraryDamaged),
        (ValueError("corrupt"), LibraryDamaged),
        (ValueError("database or disk is full"), StorageFull),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (SystemExit(143), SystemExit),
    ],
)
def test_what_chroma_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: BaseException, expected: type[BaseException]
) -> None:
    def fail() -> None:
        raise raised

    with closing(open_embedded(tmp_path / "dense", create_for=1)) as index:
        monkeypatch.setattr(index._collection, "count", fail)
        with pytest.raises(expected):
            len(index)


def test_a_real_panic_is_known() -> None:
    """PyO3 makes the class when it is first needed; ours is told by the name."""
    assert is_panic(PanicException())
    assert not is_panic(KeyboardInterrupt())
