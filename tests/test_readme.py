"""The README does what it says: its tables are current, its code runs, its commands exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from assistant.cli import app
from benchmarks.readme import render

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def commands() -> list[list[str]]:
    lines = "\n".join(blocks("console")).splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip()]


def test_tables_are_current() -> None:
    assert render(README) == README, "run: python -m benchmarks.readme"


def test_the_python_example_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ingest").symlink_to(ROOT / "ingest")
    monkeypatch.chdir(tmp_path)
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})


@pytest.mark.parametrize("words", [words for words in commands() if "yinju" in words], ids=" ".join)
def test_every_yinju_command_exists(words: list[str]) -> None:
    _, *arguments = words[words.index("yinju") :]
    group = get_command(app)
    name, *rest = arguments
    command = group.commands[name]  # type: ignore[attr-defined]  # the app is a group of commands
    with command.make_context(name, list(rest)) as context:
        assert context.params is not None


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    used = {words[1] for words in commands() if words[0] == "make"}
    assert used <= targets


def test_every_linked_file_exists() -> None:
    for target in re.findall(r"\]\((?!http|#)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
