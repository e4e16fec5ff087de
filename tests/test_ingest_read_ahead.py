"""Reading in a second process gives what reading in this one gives, and survives that process."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.discover import SourceFile, scan
from ingest.parsed import Failure
from ingest.read_ahead import reader
from ingest.reading import Item, ReadArticle, read_file
from tests import folder_edits
from tests.library_state import contents, fast_folder
from tests.library_state import ingest as ingest_hash
from vectorstore.errors import StorageFull, VectorstoreError


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr("ingest.read_ahead.MIN_BYTES", 0)
    with fast_folder() as folder:
        folder_edits.start(folder / "articles", random.Random(21))
        (folder / "articles" / "empty.md").write_bytes(b"")
        odd = os.fsdecode(os.fsencode(folder / "articles") + "/新.md".encode("gb18030"))
        Path(odd).write_text("# 题\n\n文件名不是 UTF-8。\n", encoding="utf-8")
        yield folder


def none(_path: str) -> frozenset[str]:
    return frozenset()


def ahead(files: list[SourceFile]) -> list[list[Item]]:
    with reader(files, none) as read:
        assert read is not read_file
        return [list(read(file, frozenset())) for file in files]


def test_the_same_items(home: Path) -> None:
    files = scan(home / "articles").files
    assert len(files) == 7
    assert ahead(files) == [list(read_file(file, frozenset())) for file in files]


def test_what_is_known_is_not_worked_on(home: Path) -> None:
    (file, *_) = scan(home / "articles").files
    (item,) = read_file(file, frozenset())
    assert isinstance(item, ReadArticle)
    assert item.spans
    with reader([file], lambda _: frozenset({item.digest})) as read:
        (known,) = read(file, frozenset())
    assert isinstance(known, ReadArticle)
    assert (known.digest, known.spans, known.signature) == (item.digest, None, None)


def test_the_same_library(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vectorstore.indexing.MIN_APART", 0)
    stages: dict[str, int] = {}
    report = ingest_hash(
        home / "articles",
        library=home / "apart",
        on_progress=lambda stage, done, _: stages.update({stage: done}),
    )
    assert stages["lexical"] == stages["dense"] == report.passages
    monkeypatch.undo()
    ingest_hash(home / "articles", library=home / "here")
    assert contents(home / "apart") == contents(home / "here")


def test_a_file_that_cannot_be_read(home: Path) -> None:
    files = scan(home / "articles").files
    files[1].location.unlink()
    with reader(files, none) as read:
        for file in files:
            if file is files[1]:
                with pytest.raises(FileNotFoundError):
                    list(read(file, frozenset()))
            else:
                assert list(read(file, frozenset())) == list(read_file(file, frozenset()))


def test_a_worker_that_dies(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*given: object, **named: object) -> object:
        started.append(popen(*given, **named))  # type: ignore[call-overload]  # handed through
        os.kill(started[0].pid, signal.SIGSTOP)  # it reads nothing before it dies
        return started[-1]

    monkeypatch.setattr("ingest.read_ahead.subprocess.Popen", start)
    files = scan(home / "articles").files
    with reader(files, none) as read:
        os.kill(started[0].pid, signal.SIGKILL)
        with pytest.raises(OSError, match="内存不够"):
            list(read(files[0], frozenset()))
        rest = [item for file in files[1:] for item in read(file, frozenset())]
    assert sum(isinstance(item, ReadArticle) for item in rest) >= 5
    assert sum(isinstance(item, Failure) for item in rest) == 1


def test_small_loads_are_read_here(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.read_ahead.MIN_BYTES", 1 << 40)
    with reader(scan(home / "articles").files, none) as read:
        assert read is read_file


@pytest.mark.parametrize(
    ("script", "error", "words"),
    [
        ("echo a warning >&2; kill -9 $$", VectorstoreError, "Killed"),
        ("exit 3", VectorstoreError, "exit 3"),
        ("echo MemoryError >&2; exit 1", VectorstoreError, "MemoryError"),
        ("echo 'OSError: [Errno 28] No space left on device' >&2; exit 1", StorageFull, "No space left"),
    ],
)
def test_a_lexical_worker_that_fails(
    home: Path, monkeypatch: pytest.MonkeyPatch, script: str, error: type[Exception], words: str
) -> None:
    monkeypatch.setattr("vectorstore.indexing.MIN_APART", 0)
    worker = home / "worker"
    worker.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    worker.chmod(0o755)
    monkeypatch.setattr("ingest.read_ahead.MIN_BYTES", 1 << 40)
    monkeypatch.setattr("vectorstore.lexical_worker.sys.executable", str(worker))
    with pytest.raises(error, match=rf"{words}.*library is as it was") as raised:
        ingest_hash(home / "articles", library=home / "library")
    assert type(raised.value) is error
    assert [path.name for path in (home / "library" / "indexes").iterdir()] == []
