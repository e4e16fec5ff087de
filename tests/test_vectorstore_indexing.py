"""A disk that fills up under an ingest: one line that says so, and names no repair that would need more room."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.library_state import answers, fast_folder, ingest, left_behind
from vectorstore.errors import LibraryDamaged, StorageFull


@pytest.fixture
def home() -> Iterator[Path]:
    with fast_folder() as folder:
        (folder / "articles").mkdir()
        for number in range(4):
            text = f"# 第{number}篇\n\n腾讯在第{number}天发布了人工智能计划。\n"
            (folder / "articles" / f"{number}.md").write_text(text, encoding="utf-8")
        yield folder


FULL = "Error executing plan: database or disk is full"


@pytest.mark.parametrize(
    ("raised", "reason"),
    [(ValueError(FULL), FULL), (OSError(errno.ENOSPC, "No space left on device"), "No space left on device")],
)
@pytest.mark.parametrize("index", ["dense", "lexical"])
def test_a_full_disk_is_told_in_bare_words(
    home: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception, reason: str, index: str
) -> None:
    ingest(home / "articles", library=home / "library")
    before = answers(home / "library")
    (home / "articles" / "new.md").write_text("# 新\n\n新的人工智能计划。\n", encoding="utf-8")

    def fail(*_: object, **__: object) -> None:
        raise raised

    with monkeypatch.context() as patched:
        if index == "dense":
            patched.setattr("chromadb.api.models.Collection.Collection.upsert", fail)
            patched.setattr("chromadb.api.models.Collection.Collection.modify", fail)
        else:
            patched.setattr("vectorstore.lexical.terms", fail)
        with pytest.raises(StorageFull) as full:
            ingest(home / "articles", library=home / "library")
    said = str(full.value)
    assert said.count(reason) == 2, "once in each language"
    assert "rebuild" not in said
    assert "请检查磁盘空间和权限后重新运行，原来的资料库不受影响" in said
    assert answers(home / "library") == before
    assert left_behind(home / "library") == []


def test_a_full_disk_under_the_second_process_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vectorstore.indexing.MIN_APART", 0)
    worker = (
        "import errno, sys; from vectorstore import lexical, lexical_worker\n"
        "def fail(*_): raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "lexical.terms = fail; lexical_worker.main()"
    )
    monkeypatch.setattr("vectorstore.lexical_worker.COMMAND", worker)
    with pytest.raises(StorageFull) as full:
        ingest(home / "articles", library=home / "library")
    assert "（No space left on device）" in str(full.value)
    assert "rebuild" not in str(full.value)


def test_other_faults_keep_their_own_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("corrupt")

    monkeypatch.setattr("vectorstore.lexical.terms", fail)
    with pytest.raises(LibraryDamaged, match=r"corrupt.*yinju reingest --rebuild"):
        ingest(home / "articles", library=home / "library")
