"""Read files ahead in a second process, where there is much to read.

Parsing, splitting and signing are Python's work and take as long as everything after them. Files go in pickled,
items come out pickled.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, cast

from ingest.discover import SourceFile
from ingest.reading import UNREADABLE, Item, read_file

MIN_BYTES = 6_000_000  # worth a second process: it takes half a second to start
Work = tuple[SourceFile, frozenset[str]]  # a file, and the digests of the articles it is known to hold
ReadFile = Callable[[SourceFile, frozenset[str]], Iterator[Item]]


@contextmanager
def reader(files: Sequence[SourceFile], known: Callable[[str], frozenset[str]]) -> Iterator[ReadFile]:
    """Give a function that reads each of `files`, in their order; `known` gives a path's known digests."""
    if sum(file.size for file in files) < MIN_BYTES:
        yield read_file
        return
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", "from ingest.read_ahead import main; main()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment,
    )  # fmt: skip
    orders, replies = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    work = [(file, known(file.path)) for file in files]
    feeder = threading.Thread(target=_feed, args=(work, orders), daemon=True)
    feeder.start()
    try:
        yield _Ahead(replies).read
    finally:
        process.kill()
        feeder.join()
        replies.close()
        process.wait()


def _feed(work: Sequence[Work], orders: IO[bytes]) -> None:
    """Order all the work; the pipe takes a little at a time."""
    with suppress(BrokenPipeError), orders:
        for item in work:
            pickle.dump(item, orders)


class _Ahead:
    """Hands out what the worker read; should it die of a file, the others are read here."""

    def __init__(self, replies: IO[bytes]) -> None:
        self._replies = replies
        self._dead = False

    def read(self, file: SourceFile, known: frozenset[str]) -> Iterator[Item]:
        """Yield what the next file holds: `file`, by the order in which they were given."""
        if self._dead:
            yield from read_file(file, known)
            return
        try:
            while (reply := pickle.load(self._replies)) is not None:  # noqa: S301  # our own process
                if isinstance(reply, UNREADABLE):
                    raise reply
                yield reply
        except (EOFError, pickle.UnpicklingError) as error:
            self._dead = True
            raise OSError("内存不够或程序崩溃 (out of memory, or a crash)") from error


def main() -> None:
    """Be that process: read what is ordered until the orders end; None ends each file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    replies = sys.stdout.buffer
    sys.stdout = sys.stderr  # a stray print must not end up between the replies
    with suppress(EOFError, BrokenPipeError):
        while True:
            file, known = pickle.load(sys.stdin.buffer)  # noqa: S301  # our own process
            last: Exception | None = None
            try:
                for item in read_file(file, known):
                    pickle.dump(item, replies)
            except BrokenPipeError:
                os._exit(1)  # nobody is left to read for
            except UNREADABLE as error:
                last = error
            pickle.dump(last, replies)
            replies.flush()
