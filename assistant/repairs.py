"""The faults that no ingest ends: a setting that is wrong, a library that we may not use, a full disk."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from assistant.both_languages import both, halves
from assistant.machine import Finding, command

_ENV_FILE = Path(".env")  # as in `Settings`
_CLOSED = os.R_OK | os.W_OK


def wrong_setting(
    error: Exception | str, folder: Path, *, name: str, words: str = "doctor", env: str = ""
) -> Finding:
    """Return the fault of a setting; its repair runs a command for the library at `folder` without it.

    The environment goes before `.env`, where the line is commented out. `env` is put before the command
    instead where the variable itself is not to go.
    """
    chinese, english = halves(str(error))
    in_file = None if os.environ.get(name) else _line_of(name)
    if in_file is None:
        text = both(f"{chinese}；{name} 设在环境变量里", f"{english}; {name} is set in the environment")
        return Finding("fault", text, command(folder, words, env=env or f"env -u {name} "))
    file = str(_ENV_FILE.absolute())
    text = both(f"{chinese}；{name} 设在 {file!r} 里", f"{english}; {name} is set in {file!r}")
    pattern = f"s/^[[:space:]]*(export[[:space:]]+)?{in_file}[[:space:]]*=/# &/"
    comment_out = f"sed -i.bak -E {shlex.quote(pattern)} {shlex.quote(file)}"
    return Finding("fault", text, f"{comment_out} && {command(folder, words)}")


def _line_of(name: str) -> str | None:
    """Return the variable's name as `.env` writes it, or None where it does not."""
    try:
        text = _ENV_FILE.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(rf"^\s*(?:export\s+)?({name})\s*=", text, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else None


def cannot_use(folder: Path, error: Exception) -> Finding:
    """Return the fault of a library that cannot be read or written; a command mends only what is closed to us."""
    if _is_closed(folder):
        text = both(
            f"没有权限读写资料库 {str(folder)!r}", f"we may not read or write the library {str(folder)!r}"
        )
        return Finding("fault", text, f"chmod -R u+rwX {shlex.quote(str(folder))}")
    text = both(
        f"资料库 {str(folder)!r} 所在的磁盘满了或只读（{error}）：请腾出空间或改为可写，资料库没有损坏",
        f"the disk of the library {str(folder)!r} is full or read-only: make room or make it writable; "
        "the library is not damaged",
    )
    return Finding("fault", text)


def _is_closed(folder: Path) -> bool:
    """Tell whether the permissions of the library's own files and folders keep us out, whatever the disk."""
    try:
        if hasattr(os, "statvfs") and os.statvfs(folder).f_flag & os.ST_RDONLY:
            return False
    except OSError:  # a folder on the way to it is closed
        return False
    if not os.access(folder, _CLOSED | os.X_OK):
        return True
    return any(not os.access(path, _CLOSED) for path in folder.rglob("*"))
