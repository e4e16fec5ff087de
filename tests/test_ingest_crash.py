"""Kill ingests at any moment: the next one leaves the library as if nothing had happened.

`YINJU_CRASHES=2000 python -m pytest tests/test_ingest_crash.py` soaks; benchmarks/crashes.py counts.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import folder_edits
from tests.library_state import answers, contents, fast_folder, ingest, left_behind

CRASHES = int(os.environ.get("YINJU_CRASHES", "30"))
POINTS = [
    ("copying", 1), ("shutil.copyfile", 1), ("shutil.copyfile", 4), ("filling", 1), ("verifying", 1),
    ("making", 1), ("flipping", 1), ("flipped", 1), ("shutil.rmtree", 1), ("sqlite3.connect", 1),
]  # fmt: skip


class Runs:
    """Talks to `tests.ingest_runs`."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent.parent)])}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ingest_runs"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip

    def __call__(self, library: Path, folder: Path, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(
            json.dumps({"library": str(library), "roots": [str(folder)], **order}) + "\n"
        )
        self._process.stdin.flush()
        reply: dict[str, Any] = json.loads(self._process.stdout.readline())
        return reply

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.wait(60)


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    opened = Runs()
    yield opened
    opened.close()


@pytest.fixture
def home() -> Iterator[Path]:
    with fast_folder() as folder:
        yield folder


def check(runs: Runs, home: Path, label: str) -> None:
    """Finish the interrupted work; then the library is what a fresh one would be."""
    reply = runs(home / "library", home / "articles")
    assert reply["status"] == 0, (label, reply)
    fresh = home / f"fresh-{label}"
    assert runs(fresh, home / "articles")["status"] == 0
    assert contents(home / "library") == contents(fresh), label
    assert answers(home / "library") == answers(fresh), label
    assert left_behind(home / "library") == [], label


@pytest.mark.slow
@pytest.mark.parametrize("group", range(5))
def test_killed_at_random(runs: Runs, home: Path, group: int) -> None:
    dice = random.Random(f"{group}/{CRASHES}")
    folder_edits.start(home / "articles", dice)
    first = runs(home / "library", home / "articles")
    assert first["status"] == 0, first
    usual = float(first["seconds"])
    for crash in range(CRASHES // 5):
        for _ in range(dice.randrange(1, 4)):
            folder_edits.edit(home / "articles", dice)
        number = dice.choice((signal.SIGKILL, signal.SIGTERM))
        reply = runs(home / "library", home / "articles", signal=number, after=dice.random() * usual)
        assert reply["status"] in (0, -signal.SIGKILL, -signal.SIGTERM, 143), reply
        if reply["status"] == 0:
            usual = reply["seconds"]
        if crash % 10 == 9:
            answers(home / "library")  # whatever happened, it answers
            check(runs, home, f"{group}-{crash}")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SIGTERM"])
def test_killed_at_a_point(runs: Runs, home: Path, number: int) -> None:
    dice = random.Random(number)
    folder_edits.start(home / "articles", dice)
    assert runs(home / "library", home / "articles")["status"] == 0
    for point, nth in POINTS:
        folder_edits.edit(home / "articles", dice)
        (home / "articles" / "new.md").write_text(folder_edits.article_text(dice), encoding="utf-8")
        before = contents(home / "library")
        reply = runs(home / "library", home / "articles", signal=number, at=point, nth=nth)
        assert reply["status"] in (-number, 143), (point, reply)
        if point not in ("flipped", "shutil.rmtree"):  # before the flip: all is as it was
            after = contents(home / "library")
            assert after["articles"] == before["articles"], point
            assert after["indexed"] == before["indexed"], point
    check(runs, home, "points")


@pytest.mark.slow
def test_killed_with_processes_of_its_own(runs: Runs, home: Path) -> None:
    dice = random.Random(9)
    folder_edits.start(home / "articles", dice)
    for point in ("sqlite3.connect", "copying", "filling", "verifying"):
        reply = runs(home / "library", home / "articles", signal=signal.SIGKILL, at=point, apart=True)
        assert reply["status"] in (-signal.SIGKILL, 0), reply  # a first ingest copies nothing
        folder_edits.edit(home / "articles", dice)
    check(runs, home, "apart")


@pytest.mark.slow
def test_first_ingest_killed_then_the_file_is_gone(runs: Runs, home: Path) -> None:
    folder_edits.start(home / "articles", random.Random(1))
    assert runs(home / "library", home / "articles", signal=signal.SIGKILL, at="filling")["status"] < 0
    (home / "articles" / "1.md").unlink()
    check(runs, home, "first")


def test_a_removed_article_is_not_found_after_a_crash(runs: Runs, home: Path) -> None:
    folder = home / "articles"
    folder.mkdir()
    (folder / "a.md").write_text("# 甲\n\n独一无二的麒麟芯片在深圳发布。\n", encoding="utf-8")
    (folder / "b.md").write_text("# 乙\n\n上海的工厂开始生产。\n", encoding="utf-8")
    ingest(folder, library=home / "library")
    (folder / "a.md").unlink()
    assert runs(home / "library", folder, signal=signal.SIGKILL, at="flipped")["status"] < 0
    assert {title for title, _ in answers(home / "library", ["麒麟芯片"])["麒麟芯片"]} <= {"乙"}
