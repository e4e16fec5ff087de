"""How fast the page starts and how it holds under load: `python -m benchmarks.page_load`.

Starts `yinju chat` on a free port of this machine, waits until the front page answers and until a browser
can ask, then lets many visitors ask at once over the streaming API, and watches the server's memory.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

SAMPLES = Path(__file__).parent.parent / "ingest" / "samples"
RESULTS = Path(__file__).parent / "results" / "page_load.json"
CHROMIUM = "/usr/bin/chromium"
COMMAND = [sys.executable, "-m", "assistant.cli"]


@contextmanager
def running(library: Path) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """Start the page; give its process, its address and the seconds until the front page answered."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, "chat", "--library", str(library), "--port", "0", "--no-browser"],
        stdout=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        found = None
        while found is None:
            line = process.stdout.readline()
            if not line:
                raise SystemExit("the page did not start")
            found = re.search(r"http://\S+", line)
        httpx.get(found[0], timeout=60).raise_for_status()
        yield process, found[0], time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(20)


def browser_seconds(url: str) -> float | None:
    """Return the seconds until a browser that opens the page can ask; None without chromium."""
    if not Path(CHROMIUM).exists():
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        started = time.perf_counter()
        page.goto(url)
        page.wait_for_selector("#question")
        seconds = time.perf_counter() - started
        browser.close()
    return seconds


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


async def chat(client: httpx.AsyncClient, questions: list[str], seconds: list[float]) -> None:
    """Ask one question after another, and note how long each whole answer took."""
    history: list[dict[str, str]] = []
    for question in questions:
        started = time.perf_counter()
        body = {"question": question, "history": history[-3:], "stream": True}
        async with client.stream("POST", "/v1/ask", json=body) as response:
            response.raise_for_status()
            text = (await response.aread()).decode()
        if "event: finished" not in text:
            raise SystemExit(f"no whole answer: {text[:300]}")
        seconds.append(time.perf_counter() - started)
        answer = json.loads(text.rsplit("data: ", 1)[1])["answer"]
        history.append({"question": question, "answer": answer[:500]})


async def crowd(url: str, questions: list[str], *, visitors: int, turns: int) -> list[float]:
    """Let visitors chat at the same time; return the seconds of every answer."""
    seconds: list[float] = []
    limits = httpx.Limits(max_connections=visitors)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        chats = [
            chat(client, [questions[(visitor + turn) % len(questions)] for turn in range(turns)], seconds)
            for visitor in range(visitors)
        ]
        await asyncio.gather(*chats)
    return seconds


def measure(library: Path, *, visitors: int, turns: int, rounds: int) -> dict[str, Any]:
    """Return the figures."""
    with running(library) as (process, url, ready):
        browser = browser_seconds(url)
        questions = httpx.get(f"{url}page/examples", timeout=60).json()["questions"]
        asyncio.run(crowd(url, questions, visitors=visitors, turns=1))  # warm
        before = memory_mb(process.pid)
        seconds: list[float] = []
        started = time.perf_counter()
        for _ in range(rounds):
            seconds += asyncio.run(crowd(url, questions, visitors=visitors, turns=turns))
        took = time.perf_counter() - started
        after = memory_mb(process.pid)
    ordered = sorted(seconds)
    return {
        "ready_seconds": round(ready, 2),
        "browser_seconds": None if browser is None else round(browser, 2),
        "visitors": visitors,
        "answers": len(ordered),
        "p50_seconds": round(statistics.median(ordered), 3),
        "p95_seconds": round(ordered[int(0.95 * (len(ordered) - 1))], 3),
        "answers_per_second": round(len(ordered) / took, 1),
        "memory_before_mb": round(before),
        "memory_after_mb": round(after),
        "load_average": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    """Print the figures as JSON; they mean something only on a quiet machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=Path, help="an ingested library (default: the samples)")
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument(
        "--rounds", type=int, default=1, help="10 with 4 turns and 50 visitors ask 2,000 times"
    )
    parser.add_argument("--write", action="store_true", help="keep the figures in results/page_load.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = options.library
        if library is None:
            library = Path(folder) / "library"
            subprocess.run(
                [*COMMAND, "ingest", str(SAMPLES), "--library", str(library), "--json"], check=True
            )
        figures = measure(library, visitors=options.visitors, turns=options.turns, rounds=options.rounds)
    run = {
        "command": " ".join(["python -m benchmarks.page_load", *sys.argv[1:]]),
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
    }
    found = json.dumps({**run, **figures}, ensure_ascii=False, indent=1)
    print(found)
    if options.write:
        RESULTS.write_text(found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
