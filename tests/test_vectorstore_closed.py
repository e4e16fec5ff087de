"""A library that may be read and not written to, or lies on a full disk: it answers, or says why it cannot."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.library_state import as_nobody, fast_folder, ingest
from vectorstore import Library
from vectorstore.catalog import CATALOG_NAME, Catalog
from vectorstore.catalog_file import connect
from vectorstore.dense import DenseIndex, open_embedded
from vectorstore.errors import StorageFull
from vectorstore.exact import ExactIndex
from vectorstore.generations import Generations
from vectorstore.search import search

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")


@pytest.fixture
def home() -> Iterator[Path]:
    with fast_folder() as folder:
        (folder / "articles").mkdir()
        write(folder, "甲", "腾讯发布了人工智能计划。")
        ingest(folder / "articles", library=folder / "library")
        library = Library.open(folder / "library", embedder="hash")
        ask(library)  # what is imported late may be out of nobody's reach
        library.close()
        yield folder


def write(home: Path, title: str, body: str) -> None:
    (home / "articles" / f"{title}.md").write_text(f"# {title}\n\n{body}\n", encoding="utf-8")


def ask(library: Library) -> set[str]:
    """Return the titles that a whole search finds."""
    with library.reading() as snapshot:
        return {hit.title for hit in search(snapshot, "人工智能计划", limit=5)}


@contextmanager
def read_only(library: Path) -> Iterator[None]:
    """Be somebody who may read everything in a folder and write nothing."""
    with as_nobody(library.parent):
        everything = [library, *library.rglob("*")]
        for path in everything:
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            yield
        finally:
            for path in everything:
                path.chmod(0o755 if path.is_dir() else 0o644)


def state(library: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.stat().st_mtime_ns) for path in library.rglob("*"))


def test_a_read_only_library_answers(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    library = home / "library"
    before = state(library)
    with read_only(library):
        opened = Library.open(library, embedder="hash")
        with opened.reading() as snapshot:
            assert isinstance(snapshot.dense, ExactIndex)
        assert ask(opened) == {"甲"}
        opened.close()
    assert state(library) == before
    assert "Chroma 要能写入" in caplog.text
    assert "rebuild" not in caplog.text, "nothing is damaged"


def test_a_library_read_without_writing_is_followed(home: Path) -> None:
    with read_only(home / "library"):
        opened = Library.open(home / "library", embedder="hash")
        assert ask(opened) == {"甲"}
    write(home, "乙", "新的人工智能计划。")
    ingest(home / "articles", library=home / "library")
    assert ask(opened) == {"甲", "乙"}
    with opened.reading() as snapshot:
        assert isinstance(snapshot.dense, DenseIndex)
    opened.close()


def test_a_read_only_library_that_its_owner_has_open(home: Path) -> None:
    """The catalog's log then holds what the file alone does not."""
    owner = Catalog(home / "library")
    owner.set_meta("note", "in the log")
    with read_only(home / "library"):
        reader = Catalog(home / "library")
        assert reader.meta("note") == "in the log"
        with pytest.raises(StorageFull, match=r"无法读写资料库.*检查磁盘空间和权限") as raised:
            reader.set_meta("note", "ours")
        assert "\n" not in str(raised.value)
        reader.close()
    owner.close()


def test_what_a_killed_process_left_in_the_log_is_not_passed_over(home: Path) -> None:
    catalog = home / "library" / CATALOG_NAME
    owner = Catalog(home / "library")
    owner.set_meta("note", "in the log")
    kept = catalog.with_name(f"{CATALOG_NAME}-wal").read_bytes()
    owner.close()
    catalog.with_name(f"{CATALOG_NAME}-wal").write_bytes(kept)
    with read_only(home / "library"), pytest.raises(StorageFull, match="检查磁盘空间和权限"):
        Catalog(home / "library")


def test_a_disk_without_a_byte_left(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *, frozen: bool) -> sqlite3.Connection:
        if frozen:
            return connect(path, frozen=True)
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    monkeypatch.setattr("vectorstore.catalog.connect", full)
    opened = Library.open(home / "library", embedder="hash")
    assert ask(opened) == {"甲"}
    opened.close()
    with pytest.raises(StorageFull, match="disk I/O error"):
        Catalog(home / "library", create=True)


def test_a_folder_that_is_closed_to_us_is_one_clear_line(home: Path) -> None:
    library = home / "library"
    with as_nobody(home):
        library.chmod(0o000)
        with pytest.raises(StorageFull, match="检查磁盘空间和权限") as raised:
            Library.open(library, embedder="hash")
        library.chmod(0o755)
        (library / CATALOG_NAME).chmod(0o000)
        with pytest.raises(StorageFull, match="检查磁盘空间和权限"):
            Library.open(library, embedder="hash")
        (library / CATALOG_NAME).chmod(0o644)
    assert "\n" not in str(raised.value)


def test_chroma_says_that_it_must_write(home: Path) -> None:
    dense = home / "library" / "indexes" / "1" / "dense"
    with read_only(home / "library"), pytest.raises(StorageFull, match="Chroma 要能写入") as raised:
        open_embedded(dense)
    assert "rebuild" not in str(raised.value)


def test_others_may_read_what_the_owner_wrote(home: Path) -> None:
    """Tantivy would keep some of its files to their owner."""
    for path in (home / "library").rglob("*"):
        assert path.stat().st_mode & 0o044 == 0o044, path
    assert len(Generations(home / "library").open_lexical(1)) == 1


def test_a_read_only_library_of_the_schema_before_answers(home: Path) -> None:
    with closing(sqlite3.connect(home / "library" / CATALOG_NAME)) as catalog:
        catalog.execute("""UPDATE files SET failures = '[["旧稿.doc", "读不了"]]'""")
        catalog.execute("PRAGMA user_version = 1")
        catalog.commit()
        catalog.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with read_only(home / "library"):
        opened = Library.open(home / "library", embedder="hash")
        assert ask(opened) == {"甲"}
        assert ("旧稿.doc", "读不了", "failed") in opened.catalog.failures()
        opened.close()
