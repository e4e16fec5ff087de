"""The README and the pages of docs/ do what they say: tables are current, code runs, commands exist, bodies are read."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from assistant.cli import app
from assistant.web.api import AskBody, SearchBody
from benchmarks.readme import render

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
README, *DOCS = (page.read_text(encoding="utf-8") for page in PAGES)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", "\n".join([README, *DOCS]), re.S)


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


def test_every_request_is_one_that_the_api_reads() -> None:
    requests = [words for words in commands() if words[0] == "curl" and "-d" in words]
    assert requests
    for words in requests:
        body = json.loads(words[words.index("-d") + 1])
        (AskBody if "/v1/ask" in " ".join(words) else SearchBody).model_validate(body)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_linked_file_exists(page: Path) -> None:
    for target in re.findall(r"\]\((?!http|#)([^)]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
