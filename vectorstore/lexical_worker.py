"""Fill the lexical index of the next generation in a process of its own.

Cutting text into terms is Python's work, and Chroma keeps the interpreter to itself while it builds its
graph: in one process the two would take turns.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

from vectorstore.catalog import Catalog
from vectorstore.causes import bare_reason
from vectorstore.errors import VectorstoreError
from vectorstore.generations import Generations, Progress
from vectorstore.staging import ALL, Staging

COMMAND = "from vectorstore.lexical_worker import main; main()"


def fill_apart(library: Path, *, total: int, on_progress: Progress, stopped: Callable[[], bool]) -> None:
    """Start the worker and wait for it.

    Raises:
        VectorstoreError: it failed; the message has its own last words.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-P", "-c", COMMAND, str(library)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        for line in cast(IO[str], process.stdout):
            on_progress("lexical", int(line), total)
            if stopped():
                return
        words = cast(IO[str], process.stderr).read()
        if process.wait():
            reason = _reason(process.returncode, words)
            raise VectorstoreError(_failure(reason)) from ChildProcessError(reason)
    finally:
        process.kill()
        process.communicate()


def _reason(status: int, words: str) -> str:
    last = " ".join(words.splitlines()[-1:])
    return f"{signal.strsignal(-status)}" if status < 0 else last or f"exit {status}"


def _failure(reason: str) -> str:
    return (
        f"建立词语索引的进程失败了（{reason}）：请重新运行，原来的资料库不受影响 "
        f"(the process that fills the lexical index failed: {reason}; run again; the library is as it was)"
    )


def main() -> None:
    """Be that process: fill the index from the catalog; print after each batch how many passages are in."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    library = Path(sys.argv[1])
    staging = Staging(Catalog(library))
    lexical = Generations(library).open_lexical(staging.generation, create=True)
    done = 0

    def batches() -> object:
        nonlocal done
        for batch in staging.entries(ALL):
            yield [(entry.passage_id, entry.title, entry.text) for entry in batch]
            done += len(batch)
            print(done, flush=True)  # noqa: T201  # the protocol

    try:
        lexical.change([], batches())  # type: ignore[arg-type]  # an iterator of batches
    except VectorstoreError as error:  # the parent says what is to be done
        raise SystemExit(str(bare_reason(error))) from error


def _end_with_parent() -> None:
    """End at once when the process that started this one is gone: its generation is nobody's any more."""
    sys.stdin.read()
    os._exit(1)
