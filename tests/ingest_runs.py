"""Run ingests in children that die at chosen moments: `python -m tests.ingest_runs`, one order a line.

The heavy imports are made once; each order forks a child that ingests with the hash embedder. An order is
JSON: {"library", "roots", "signal"?, "after"? (seconds), "at"? (a point: see `_die_at`), "nth"?, "apart"?: with
reading and the lexical index in processes of their own}; the reply
{"status", "seconds", "error"?}: a negative status is the signal that ended the child.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from typing import Any


def main() -> None:
    """Obey until the orders end."""
    import chromadb  # noqa: F401  # the heavy ones, before the first fork
    import tantivy  # noqa: F401
    from chromadb.config import Settings

    from vectorstore import dense, fold, tokens

    tokens.count_tokens("引据")
    fold.fold("引據")
    dense._read_settings()
    del Settings
    for line in sys.stdin:
        print(json.dumps(_obey(json.loads(line))), flush=True)  # noqa: T201


def _obey(order: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(order, writing)
    os.close(writing)
    ended, status = os.waitpid(child, os.WNOHANG if "after" in order else 0)
    while not ended and time.perf_counter() - started < order["after"]:
        time.sleep(0.002)
        ended, status = os.waitpid(child, os.WNOHANG)
    if not ended:
        os.kill(child, order["signal"])
        _, status = os.waitpid(child, 0)
    seconds = time.perf_counter() - started
    with os.fdopen(reading) as pipe:
        return {"status": os.waitstatus_to_exitcode(status), "seconds": seconds, "error": pipe.read()}


def _child(order: dict[str, Any], errors: int) -> None:
    import ingest.read_ahead
    import vectorstore.indexing
    from ingest.pipeline import ingest_paths

    def leave(_number: int, _frame: object) -> None:  # as the command line does
        raise SystemExit(143)

    status = 1
    try:
        signal.signal(signal.SIGTERM, leave)
        if order.get("apart"):
            ingest.read_ahead.MIN_BYTES = 0
            vectorstore.indexing.MIN_APART = 0
        if "at" in order:
            _die_at(order["at"], order.get("nth", 1), order["signal"])
        ingest_paths(order["roots"], library=order["library"], embedder="hash")
        status = 0
    except SystemExit as left:
        status = int(str(left.code))
    except BaseException as error:
        os.write(errors, f"{type(error).__name__}: {error}".encode()[:4000])
    os._exit(status)


def _die_at(point: str, nth: int, number: int) -> None:
    """Send this process a signal the n-th time that it logs the message, or raises the audit event, `point`."""
    seen = 0

    def passed(name: str) -> None:
        nonlocal seen
        if name.startswith(point):
            seen += 1
            if seen == nth:
                os.kill(os.getpid(), number)

    class Watcher(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            passed(record.getMessage())

    logger = logging.getLogger("vectorstore")
    logger.setLevel(logging.INFO)
    logger.addHandler(Watcher())
    sys.addaudithook(lambda event, _arguments: passed(event))


if __name__ == "__main__":
    main()
