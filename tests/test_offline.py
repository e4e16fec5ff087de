"""Nothing is fetched at run time: files to answer, with every connection refused and recorded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# Runs before anything of ours is imported: every way that Python code has to leave the machine is recorded.
GUARD = """
import os, socket
def refuse(self, address, *rest):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        with open(os.environ["GUARD_LOG"], "a") as log: log.write(f"{address}\\n")
        raise OSError("no network")
    return connect(self, address, *rest)
connect = socket.socket.connect
socket.socket.connect = socket.socket.connect_ex = refuse
def resolve(host, *rest, **options):
    with open(os.environ["GUARD_LOG"], "a") as log: log.write(f"{host}\\n")
    raise OSError("no network")
socket.getaddrinfo = resolve
"""
RUN = """
from assistant import Assistant
from ingest import ingest_paths
ingest_paths(["ingest/samples"], library=LIBRARY)
with Assistant.open(LIBRARY) as assistant:
    assert assistant.ask("云汀人工智能产业园实际签约企业为多少家？").citations
    assert assistant.chain.invoke("云汀人工智能产业园实际签约企业为多少家？").citations
    assert assistant.retriever.invoke("产业园")
"""


def test_files_to_answer_without_a_single_connection(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    log = tmp_path / "connections.log"
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", f"LIBRARY = {str(tmp_path / 'library')!r}\n{RUN}"],
        cwd=root, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}", "GUARD_LOG": str(log)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not log.exists(), log.read_text(encoding="utf-8")
