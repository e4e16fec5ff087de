from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.writing.markers import MARKER
from prompts import FIELDS, Language, PromptInvalid, load_prompt


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_shipped_prompts_load_and_fill(name: str, language: Language) -> None:
    prompt = load_prompt(name, language=language)
    filled = prompt.fill(**{field: f"<{field}>" for field in FIELDS[name]})
    assert all(f"<{field}>" in "".join(filled) for field in FIELDS[name])
    assert "${" not in "".join(filled)
    assert re.fullmatch(r"[0-9a-f]{16}", prompt.digest)


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_sample_citation_can_be_a_real_one(name: str, language: Language) -> None:
    prompt = load_prompt(name, language=language)
    assert MARKER.search(prompt.system + prompt.user) is None


def test_an_own_template_is_loaded_by_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text(
        "规则 ${mark} ${today}，每项 $$5\n---\n${passages}${history}${question}", encoding="utf-8"
    )
    prompt = load_prompt("answer", path=path)
    system, _ = prompt.fill(mark="m", today="t", passages="p", history="h", question="q")
    assert system == "规则 m t，每项 $5"
    assert prompt.digest != load_prompt("answer").digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${mark}${today}\n---\n${passages}${history}", "缺少字段.*question"),
        ("${mark}${today}\n---\n${passages}${history}${question}${oops}", "未知字段.*oops"),
        ("${mark}${today}${passages}${history}${question}", "---"),
        ("$ ${mark}${today}\n---\n${passages}${history}${question}", r"\$\$"),
    ],
)
def test_a_wrong_template_is_refused_at_load(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PromptInvalid, match=message):
        load_prompt("answer", path=path)


def test_a_missing_template_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PromptInvalid, match="YINJU_PROMPT"):
        load_prompt("answer", path=tmp_path / "none.md")
