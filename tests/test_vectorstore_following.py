"""An open library whose catalog is mended, deleted or made again, whose folder moves out of sight, or forks."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.library_state import fast_folder, found, ingest, open_files
from vectorstore import Library
from vectorstore.catalog import CATALOG_NAME, Catalog
from vectorstore.dense import DenseIndex
from vectorstore.embedders import open_embedder
from vectorstore.errors import LibraryMissing
from vectorstore.salvage import salvage
from vectorstore.search import search


@pytest.fixture
def home() -> Iterator[Path]:
    with fast_folder() as folder:
        (folder / "articles").mkdir()
        write(folder, "甲", "腾讯发布了人工智能计划。")
        ingest(folder / "articles", library=folder / "library")
        yield folder


@pytest.fixture
def opened(home: Path) -> Iterator[Library]:
    library = Library.open(home / "library", embedder="hash")
    yield library
    library.close()


def write(home: Path, title: str, body: str) -> None:
    (home / "articles" / f"{title}.md").write_text(f"# {title}\n\n{body}\n", encoding="utf-8")


def titles(library: Library) -> set[str]:
    return {title for title, _ in found(library, "人工智能计划")}


def damage(catalog: Path) -> None:
    with catalog.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xde\xad" * 20_000)


def test_a_mended_catalog_is_followed(home: Path, opened: Library) -> None:
    assert titles(opened) == {"甲"}
    damage(home / "library" / CATALOG_NAME)
    write(home, "乙", "新的人工智能计划。")
    ingest(library=home / "library", rebuild=True)
    assert opened.catalog.generation == Catalog(home / "library").generation == 2
    assert titles(opened) == {"甲", "乙"}
    write(home, "丙", "第三个人工智能计划。")
    ingest(library=home / "library")
    assert titles(opened) == {"甲", "乙", "丙"}


def test_while_a_catalog_is_mended_the_old_one_answers(home: Path, opened: Library) -> None:
    salvage(home / "library")  # and the ingest that follows was killed
    assert titles(opened) == {"甲"}
    assert opened.catalog.generation == 1
    path = home / "library" / CATALOG_NAME
    path.rename(path.with_suffix(".away"))
    assert titles(opened) == {"甲"}, "between two steps of the mending"
    path.write_bytes(b"")
    assert titles(opened) == {"甲"}, "so far an empty file"
    path.unlink()
    path.with_suffix(".away").rename(path)
    ingest(library=home / "library")
    assert titles(opened) == {"甲"}
    assert opened.catalog.generation == 2


def test_a_library_that_was_deleted_and_made_again_is_followed(home: Path, opened: Library) -> None:
    with opened.reading() as held:
        assert isinstance(held.dense, DenseIndex)  # by now it is open
        shutil.rmtree(home / "library")
        with pytest.raises(LibraryMissing, match="yinju ingest"):
            titles(opened)
        with pytest.raises(LibraryMissing, match="yinju ingest"):
            opened.catalog  # noqa: B018  # what /health asks
        (home / "articles" / "甲.md").unlink()
        write(home, "丁", "另一个人工智能计划。")
        ingest(home / "articles", library=home / "library")
        assert titles(opened) == {"丁"}
        (kept,) = held.reader.articles()
        assert kept.title == "甲", "a question that began before ends with what it began with"
        assert len(search(held, "人工智能", limit=3)) == 1
    del held
    gc.collect()
    assert open_files(home, deleted=True) == []
    assert titles(opened) == {"丁"}


def test_a_graph_that_fails_under_a_question_is_searched_without(
    home: Path, opened: Library, caplog: pytest.LogCaptureFixture
) -> None:
    """Chroma connects to its file again at times, and then meets the one that took its place."""
    write(home, "乙", "新的人工智能计划。")
    ingest(home / "articles", library=home / "library")
    with opened.reading() as held:
        before = search(held, "人工智能计划", limit=3)
        assert isinstance(held.dense, DenseIndex)
        held.dense.close()
        again = search(held, "人工智能计划", limit=3)
    left = weakref.ref(held)
    del held
    write(home, "丙", "第三个人工智能计划。")
    ingest(home / "articles", library=home / "library")
    assert titles(opened) == {"甲", "乙", "丙"}
    gc.collect()
    assert left() is None, "the record of the failure, which pytest keeps, does not hold its files"
    assert [hit.passage_id for hit in again] == [hit.passage_id for hit in before]
    assert [hit.score for hit in again] == pytest.approx([hit.score for hit in before], abs=1e-3)
    assert "searching without the dense index" in caplog.text


def test_another_working_directory_changes_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    relative = Library.open(Path("library"), embedder="hash")
    at_home = Library.open("~/library", embedder="hash")
    catalog = Catalog(Path("library"))
    monkeypatch.chdir("/")
    write(home, "乙", "新的人工智能计划。")
    ingest(home / "articles", library=home / "library")
    assert titles(relative) == titles(at_home) == {"甲", "乙"}
    assert relative.folder == at_home.folder == catalog.folder == home / "library"
    assert catalog.is_in_place()
    for each in (relative, at_home, catalog):
        each.close()


def in_child(work: str, opened: Library) -> str:
    """Return what a forked process says of its work; it is killed where it hangs."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            os.write(writing, CHILDREN[work](opened).encode())
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    assert os.waitpid(child, 0)[1] == 0, "it hangs"
    return said


def _search_anew(opened: Library) -> str:
    own = Library(opened.folder, embedder=open_embedder("hash"))
    with own.reading() as snapshot:
        hits = search(snapshot, "人工智能计划", limit=3)
        kind = type(snapshot.dense).__name__
    own.close()
    return f"{hits[0].title} {kind}"


CHILDREN = {
    "ask": lambda opened: str(titles(opened)),
    "count": lambda opened: str(opened.catalog.generation),
    "close": lambda opened: str(opened.close()),
    "open": _search_anew,
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_opens_its_own(home: Path, opened: Library) -> None:
    with opened.reading() as snapshot:
        assert search(snapshot, "人工智能计划", limit=3)
    for work in ("ask", "count"):
        assert in_child(work, opened).startswith("OpenedBeforeFork: 资料库是在派生")
    assert in_child("close", opened) == "None", "it does not wait for threads that only the parent has"
    assert in_child("open", opened) == "甲 DenseIndex"
    assert titles(opened) == {"甲"}
