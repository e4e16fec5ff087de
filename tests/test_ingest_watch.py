"""A watched folder is ingested again after each change, and a failed ingest does not end the watch."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import watchfiles.main

from ingest.watch import follow
from tests.library_state import answers, as_nobody, fast_folder, ingest


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr("ingest.watch._DEBOUNCE_MILLISECONDS", 50)
    monkeypatch.setattr("ingest.watch._QUIET_MILLISECONDS", 20)
    with fast_folder() as folder:
        (folder / "articles").mkdir()
        yield folder


def wait_for(what: object, *, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():  # type: ignore[operator]  # a function without arguments
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_a_closed_folder_does_not_end_the_watch(home: Path) -> None:
    (home / "articles" / "a.md").write_text("# 甲\n\n腾讯发布了计划。\n", encoding="utf-8")
    ingest(home / "articles", library=home / "library")
    (home / "articles" / "closed").mkdir()
    calls: list[int] = []
    stop = threading.Event()

    def again() -> None:
        calls.append(1)
        stop.set()

    with as_nobody(home):
        (home / "articles" / "closed").chmod(0)
        follow(home / "library", again, stop=stop)
        (home / "articles" / "closed").chmod(0o700)
    assert calls == [1]


def rewrite(file: Path) -> None:
    """Save a file as editors do: whole, beside the old one, and then in its place."""
    file.with_suffix(".new").write_text("# 乙\n\n上海的工厂。\n", encoding="utf-8")
    file.with_suffix(".new").replace(file)


def make_anew(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "b.md").write_text("# 乙\n\n上海的工厂。\n", encoding="utf-8")


def move_away_and_back(folder: Path) -> None:
    folder.rename(folder.with_name("away"))
    time.sleep(0.2)
    folder.with_name("away").rename(folder)


@contextmanager
def followed(library: Path) -> Iterator[list[int]]:
    """Follow a library; give the list that grows with each turn."""
    calls: list[int] = []
    stop = threading.Event()
    watcher = threading.Thread(target=follow, args=(library, lambda: calls.append(1)), kwargs={"stop": stop})
    watcher.start()
    try:
        wait_for(lambda: calls)
        yield calls
    finally:
        stop.set()
        watcher.join(60)
    assert not watcher.is_alive()


def more_than(calls: list[int], number: int) -> bool:
    return len(calls) > number


def settled(calls: list[int]) -> int:
    """Return how many turns there were when no more came for a while."""
    before = -1
    while before != len(calls):
        before = len(calls)
        time.sleep(0.25)
    return before


@pytest.mark.parametrize(
    ("root", "change"),
    [("articles/a.md", rewrite), ("articles", make_anew), ("articles", move_away_and_back)],
    ids=["a file saved whole", "a folder made anew", "a folder moved"],
)
def test_a_root_put_in_the_place_of_another_is_followed(
    home: Path, root: str, change: Callable[[Path], None]
) -> None:
    (home / "articles" / "a.md").write_text("# 甲\n\n腾讯发布了计划。\n", encoding="utf-8")
    ingest(home / root, library=home / "library")
    with followed(home / "library") as calls:
        for _ in range(2):
            done = settled(calls)
            change(home / root)
            wait_for(partial(more_than, calls, done))
        done = settled(calls)
        assert (home / root).exists()
        target = home / root if (home / root).is_file() else home / root / "c.md"
        target.write_text("# 丙\n\n合肥的芯片。\n", encoding="utf-8")
        wait_for(lambda: len(calls) > done)


def test_a_root_that_is_not_there_is_named_and_waited_for(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (home / "articles" / "a.md").write_text("# 甲\n\n腾讯发布了计划。\n", encoding="utf-8")
    ingest(home / "articles", library=home / "library")
    (home / "articles").rename(home / "away")
    with followed(home / "library") as calls:
        done = settled(calls)
        assert caplog.text.count("等它回来") == 1
        (home / "away").rename(home / "articles")
        wait_for(lambda: len(calls) > done)


def test_a_watch_that_is_broken_off_begins_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (home / "articles" / "a.md").write_text("# 甲\n\n腾讯发布了计划。\n", encoding="utf-8")
    ingest(home / "articles", library=home / "library")
    broken: list[int] = []

    def watch(*roots: Path, **options: Any) -> Iterator[set[Any]]:
        if not broken:
            broken.append(1)
            raise PermissionError(13, "Permission denied", str(roots[0]))
        yield from watchfiles.main.watch(*roots, **options)

    monkeypatch.setattr("watchfiles.watch", watch)
    with followed(home / "library") as calls:
        assert "重新开始" in caplog.text
        done = settled(calls)
        (home / "articles" / "b.md").write_text("# 乙\n\n上海的工厂。\n", encoding="utf-8")
        wait_for(lambda: len(calls) > done)


@pytest.mark.slow
def test_changes_are_followed(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder, library = home / "articles", home / "articles" / "library"  # its own writes are no change
    inner = folder / "2019"
    inner.mkdir()
    (inner / "a.md").write_text("# 甲\n\n腾讯发布了计划。\n", encoding="utf-8")
    ingest(folder, library=library)
    (inner / "b.md").write_text("# 乙\n\n上海的工厂。\n", encoding="utf-8")  # before the watch begins
    calls: list[int] = []

    def again() -> None:
        calls.append(1)
        ingest(library=library)

    def titles() -> set[str]:
        return {title for title, _ in answers(library, ["工厂"])["工厂"]}

    stop = threading.Event()
    watcher = threading.Thread(target=follow, args=(library, again), kwargs={"stop": stop})
    watcher.start()
    try:
        wait_for(lambda: titles() == {"甲", "乙"})
        (inner / "c.md").write_text("# 丙\n\n合肥的芯片。\n", encoding="utf-8")
        wait_for(lambda: titles() == {"甲", "乙", "丙"})
        done = settled(calls)
        (folder / "photo.jpg").write_bytes(b"no article")
        time.sleep(0.3)
        assert len(calls) == done, "neither that file nor the library's own matter"
        (home / "2019.12").mkdir()
        (home / "2019.12" / "d.md").write_text("# 丁\n\n南京的工厂。\n", encoding="utf-8")
        (home / "2019.12").rename(folder / "2019.12")
        wait_for(lambda: "丁" in titles())
        (folder / "2019.12").rename(home / "2019.12")
        wait_for(lambda: "丁" not in titles())
        inner.rename(home / "2019")  # all of them at once: nothing is ingested in between
        wait_for(lambda: "--allow-empty" in caplog.text)
        assert titles() == {"甲", "乙", "丙"}
        (home / "2019" / "a.md").rename(folder / "a.md")
        wait_for(lambda: titles() == {"甲"})
    finally:
        stop.set()
        watcher.join(60)
    assert not watcher.is_alive()
