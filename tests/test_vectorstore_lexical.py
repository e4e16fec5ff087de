"""A damaged lexical index: whatever tantivy makes of it, one clear error, and the check-up sees it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.library_state import fast_folder, ingest
from vectorstore import Library
from vectorstore.catalog import Catalog
from vectorstore.catalog_reader import CatalogReader
from vectorstore.errors import LibraryDamaged
from vectorstore.generations import Generations, indexes_folder
from vectorstore.lexical import is_current
from vectorstore.search import search
from vectorstore.verify import check_indexes


@pytest.fixture
def library() -> Iterator[Path]:
    with fast_folder() as home:
        (home / "articles").mkdir()
        for number in range(8):
            text = f"# 第{number}篇\n\n腾讯在第{number}天发布了人工智能计划。\n"
            (home / "articles" / f"{number}.md").write_text(text, encoding="utf-8")
        ingest(home / "articles", library=home / "library")
        yield home / "library"


def ask(library: Path) -> int:
    opened = Library.open(library, embedder="hash")
    try:
        with opened.reading() as snapshot:
            return len(search(snapshot, "人工智能计划", limit=5))
    finally:
        opened.close()


def check(library: Path) -> None:
    catalog, generations = Catalog(library), Generations(library)
    dense = generations.open_dense(1)
    try:
        check_indexes(
            dense=dense, lexical=generations.open_lexical(1), reader=CatalogReader(catalog, 1),
            fingerprint="hash@1/64", passages=8,
        )  # fmt: skip
    finally:
        dense.close()
        catalog.close()


def file_of(library: Path, suffix: str) -> Path:
    (found,) = (indexes_folder(library) / "1" / "lexical").glob(f"*.{suffix}")
    return found


@pytest.mark.parametrize("suffix", ["fast", "pos", "idx", "term", "fieldnorm", "store"])
@pytest.mark.parametrize("how", ["gone", "empty", "head", "tail", "half"])
def test_damage_is_one_clear_error(library: Path, suffix: str, how: str) -> None:
    path = file_of(library, suffix)
    sound = path.read_bytes()
    damaged = {
        "gone": None, "empty": b"", "head": b"\xa5" * 16 + sound[16:], "tail": sound[:-16] + b"\xa5" * 16,
        "half": sound[: len(sound) // 2],
    }[how]  # fmt: skip
    path.unlink()  # a file of its own: to cut short one that is still mapped is a bus error
    if damaged is not None:
        path.write_bytes(damaged)
    with contextlib.suppress(LibraryDamaged):
        ask(library)
    with pytest.raises(LibraryDamaged, match="yinju reingest --rebuild"):
        check(library)


def test_a_column_that_has_lost_its_values_is_seen(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check(library)
    keys = Generations(library).open_lexical(1).keys()
    assert len(keys) == 8
    monkeypatch.setattr("vectorstore.lexical.LexicalIndex.keys", lambda _: keys * 0)
    with pytest.raises(LibraryDamaged, match="词语索引里没有段落"):
        check(library)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"0.0"])
def test_an_unreadable_version_is_not_ours(library: Path, content: bytes) -> None:
    folder = indexes_folder(library) / "1" / "lexical"
    assert is_current(folder)
    (folder / "terms-version").write_bytes(content)
    assert not is_current(folder)
    assert not Generations(library).usable(1)
    with pytest.raises(LibraryDamaged, match="yinju reingest"):
        ask(library)
