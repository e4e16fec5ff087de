"""Examine the machine that Yinju runs on: SQLite, disk, the reader's files, the chat page's port."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from itertools import pairwise
from pathlib import Path
from typing import Literal, TypeAlias

from assistant.both_languages import both
from vectorstore.writing import MIN_FREE_BYTES

_MIN_SQLITE = (3, 35, 0)
_LOW_DISK_BYTES = 1_000_000_000
_PATIENCE_SECONDS = 2  # a page that is answering a question takes its time to say that it is there
_READER = Path(__file__).parent / "models" / "reader"
Fix: TypeAlias = Literal["reingest", "rebuild"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found; `repair` is the command that ends it.

    `fix` names that command where it loses nothing and may run while the page answers: then a button may run it.
    """

    level: Literal["ok", "note", "fault"]
    message: str
    repair: str | None = None
    fix: Fix | None = None

    @property
    def is_fault(self) -> bool:
        """Tell whether something has to be done."""
        return self.level == "fault"

    def to_dict(self) -> dict[str, object]:
        """Return the finding as plain JSON values."""
        return {"level": self.level, "message": self.message, "repair": self.repair}


def command(folder: Path, words: str, *, env: str = "") -> str:
    """Return a command for the library at `folder`, as one types it."""
    return f"{env}yinju {words} --library {shlex.quote(str(folder))}"


def examine_machine(folder: Path, *, port: int | None) -> Iterator[Finding]:
    """Yield what is found; `folder` is where the library is, or will be; None for the port leaves it out."""
    yield from _sqlite()
    yield from _disk(folder)
    yield from _reader_files()
    if port is not None:
        yield from _port(folder, port)


def closed_at(root: Path) -> Path | None:
    """Return what we may not look into, the root or a folder on the way to it; None where all is open."""
    try:
        for folder, inner in pairwise((*reversed(root.parents), root)):
            closed = folder
            inner.stat()
        closed = root
        (root.open("rb") if root.is_file() else os.scandir(root)).close()
    except PermissionError:
        return closed
    except OSError:  # gone, say
        pass
    return None


def _sqlite() -> Iterator[Finding]:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _MIN_SQLITE:
        text = both(f"SQLite {version} 太旧，请升级 Python", f"SQLite {version} is too old: upgrade Python")
        yield Finding("note", text)
    else:
        yield Finding("ok", f"SQLite {version}")


def _disk(folder: Path) -> Iterator[Finding]:

    place = next(p for p in (folder, *folder.absolute().parents) if os.path.exists(p))  # noqa: PTH110
    free = shutil.disk_usage(place).free
    text = both(f"磁盘剩余 {free / 1e9:.1f} GB", f"{free / 1e9:.1f} GB of disk space left")
    if free < MIN_FREE_BYTES:
        left = f"{free // 1_000_000} MB"
        text = both(
            f"磁盘快满了，只剩 {left}，无法收录：请腾出空间",
            f"the disk is nearly full, {left} left: make room before the next ingest",
        )
    yield Finding("note" if free < _LOW_DISK_BYTES else "ok", text)


def _reader_files() -> Iterator[Finding]:
    if any(_READER.glob("*.onnx")):
        yield _reader_opened()
    else:
        text = both(
            f"内置阅读器的模型文件不见了（{_READER}）：改为按词语重合挑选句子",
            f"the built-in reader's model is missing from {str(_READER)!r}: sentences are picked by word overlap",
        )
        yield Finding("note", text)


def _reader_opened() -> Finding:
    from assistant.reading.neural_reader import NeuralReader

    try:
        NeuralReader(_READER)
    except Exception as error:  # whatever a damaged file makes onnxruntime say
        text = both(f"内置阅读器打不开：{error}"[:300], "the built-in reader cannot be opened")
        return Finding("fault", text, "python -m pip install --force-reinstall --no-deps yinju")
    return Finding("ok", both("内置阅读器可用", "the built-in reader works"))


def _port(folder: Path, port: int) -> Iterator[Finding]:
    if _is_free(port):
        yield Finding("ok", both(f"端口 {port} 空闲", f"port {port} is free"))
    elif _is_ours(port):
        text = both(f"聊天页正在端口 {port} 运行", f"the chat page is running at port {port}")
        yield Finding("note", text)
    else:
        other = next((number for number in range(port + 1, port + 200) if _is_free(number)), 0)
        yield Finding(
            "fault",
            both(f"端口 {port} 被别的程序占用", f"port {port} is in use by another program"),
            command(folder, f"chat --port {other}"),
        )


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
        return True


def _is_ours(port: int) -> bool:
    straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy knows this machine
    try:
        with straight.open(f"http://127.0.0.1:{port}/health", timeout=_PATIENCE_SECONDS) as reply:
            return isinstance(json.loads(reply.read(10_000)), dict)
    except (OSError, ValueError, HTTPException):
        return False
