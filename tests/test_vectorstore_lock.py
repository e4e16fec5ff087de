"""One writer at a time, and generations that are kept for as long as they are read, across processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vectorstore.errors import LibraryDamaged, LibraryInUse
from vectorstore.lock import Lease, leases, lock_holder, unleased, writer_lock

HOLD = """
import sys
from pathlib import Path
from vectorstore.lock import Lease, writer_lock
folder = Path(sys.argv[2])
if sys.argv[1] == "write":
    with writer_lock(folder):
        print("held", flush=True)
        sys.stdin.read()
else:
    lease = Lease(folder, 3)
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(what: str, folder: Path) -> subprocess.Popen[str]:
    """Start a process that holds the writer's lock or a lease until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, what, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def let_go(process: subprocess.Popen[str]) -> None:
    process.communicate()


def test_the_second_writer_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    holder = hold("write", tmp_path)
    with pytest.raises(LibraryInUse, match=rf"pid {holder.pid}.*等它结束后再运行"), writer_lock(tmp_path):
        pass
    assert (lock_holder(tmp_path) or {})["pid"] == holder.pid
    holder.kill()  # the system releases the lock of a killed process
    let_go(holder)
    assert lock_holder(tmp_path) is None
    with writer_lock(tmp_path):
        assert (lock_holder(tmp_path) or {})["pid"] == os.getpid()
    assert lock_holder(tmp_path) is None


def test_nobody_holds_what_was_never_written(tmp_path: Path) -> None:
    assert lock_holder(tmp_path) is None


def test_a_read_generation_is_kept(tmp_path: Path) -> None:
    (tmp_path / "3").mkdir()
    holder = hold("read", tmp_path)
    with unleased(tmp_path, 3) as free:
        assert not free
    assert leases(tmp_path) == [3]
    let_go(holder)
    with unleased(tmp_path, 3) as free:
        assert free
    assert leases(tmp_path) == []


def test_no_lease_on_what_is_gone(tmp_path: Path) -> None:
    with pytest.raises(LibraryDamaged, match="yinju reingest --rebuild"):
        Lease(tmp_path, 7)
    assert leases(tmp_path) == []


def test_a_generation_removed_while_a_reader_waits(tmp_path: Path) -> None:
    (tmp_path / "3").mkdir()
    with unleased(tmp_path, 3) as free:
        assert free
        reader = subprocess.Popen(
            [sys.executable, "-c", HOLD, "read", str(tmp_path)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        with pytest.raises(subprocess.TimeoutExpired):  # it waits for the lease
            reader.wait(1.0)
        (tmp_path / "3").rmdir()
    assert b"LibraryDamaged" in reader.communicate()[1]
    assert leases(tmp_path) == []
