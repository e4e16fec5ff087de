"""Examine the machine that Yinju runs on: SQLite, disk, the reader's files, the chat page's port."""

from __future__ import annotations

import json
import shlex
import shutil
import socket
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vectorstore.writing import MIN_FREE_BYTES

_MIN_SQLITE = (3, 35, 0)
_LOW_DISK_BYTES = 1_000_000_000
_READER = Path(__file__).parent / "models" / "reader"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found; `repair` is the command that ends a fault."""

    level: Literal["ok", "note", "fault"]
    message: str
    repair: str | None = None

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


def examine_machine(folder: Path, *, port: int) -> Iterator[Finding]:
    """Yield what is found; `folder` is where the library is, or will be."""
    yield from _sqlite()
    yield from _disk(folder)
    yield from _reader_files()
    yield from _port(folder, port)


def _sqlite() -> Iterator[Finding]:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _MIN_SQLITE:
        yield Finding("note", f"SQLite {version} 太旧，请升级 Python (SQLite is too old: upgrade Python)")
    else:
        yield Finding("ok", f"SQLite {version}")


def _disk(folder: Path) -> Iterator[Finding]:
    place = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    text = f"磁盘剩余 {free / 1e9:.1f} GB (free disk space)"
    if free < MIN_FREE_BYTES:
        text = f"磁盘快满了，只剩 {free // 1_000_000} MB，无法收录：请腾出空间 (disk nearly full: make room)"
    yield Finding("note" if free < _LOW_DISK_BYTES else "ok", text)


def _reader_files() -> Iterator[Finding]:
    if any(_READER.glob("*.onnx")):
        yield Finding("ok", "阅读模型 reader model")
    else:
        yield Finding(
            "note", f"阅读模型文件缺失 {_READER}：改用词语重合挑选句子 (no reader model: using word overlap)"
        )


def _port(folder: Path, port: int) -> Iterator[Finding]:
    if _is_free(port):
        yield Finding("ok", f"端口 {port} 空闲 (port is free)")
    elif _is_ours(port):
        yield Finding("note", f"端口 {port}：聊天页正在运行 (the chat page is running)")
    else:
        other = next((number for number in range(port + 1, port + 200) if _is_free(number)), 0)
        yield Finding(
            "fault",
            f"端口 {port} 被别的程序占用 (port {port} is in use by another program)",
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
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=0.5) as reply:
            return isinstance(json.loads(reply.read(10_000)), dict)
    except (OSError, ValueError):
        return False
