"""Soak the ingest: `python -m benchmarks.crashes [--crashes N] [--examples N]` kills N ingests at random moments.

After every tenth the library must equal one built from scratch (tests/test_ingest_crash.py), and any random
order of edits and ingests must end so too (tests/test_ingest_sync.py).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time


def main() -> None:
    """Run both tests with larger counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crashes", type=int, default=2000)
    parser.add_argument("--examples", type=int, default=100)
    arguments = parser.parse_args()
    started = time.perf_counter()
    environment = {
        **os.environ,
        "YINJU_CRASHES": str(arguments.crashes),
        "YINJU_EXAMPLES": str(arguments.examples),
    }
    wanted = ["tests/test_ingest_crash.py", "tests/test_ingest_sync.py", "-k", "killed or any_order"]
    done = subprocess.run([sys.executable, "-m", "pytest", *wanted], env=environment, check=False)
    verdict = "all equal" if done.returncode == 0 else "FAILED"
    print(f"{arguments.crashes} crashes: {verdict} in {time.perf_counter() - started:.0f} s")
    raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
