"""Load prompt templates: `prompts/NAME.LANGUAGE.md`, or a file of the user's own.

A template has a system part and a user part, divided by a line `---`; its fields are `${field}`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]

FIELDS: Mapping[str, frozenset[str]] = {
    "answer": frozenset({"question", "history", "passages", "mark", "today"}),
    "standalone": frozenset({"question", "history", "mark"}),
}
_HAN = re.compile("[㐀-鿿]")
_DIVIDER = re.compile(r"^---[ \t]*$", re.MULTILINE)


class PromptInvalid(Exception):
    """A template cannot be read, or its fields are not the ones the program fills in."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A template that has been checked; `digest` names its exact text."""

    name: str
    system: str
    user: str
    digest: str

    def fill(self, **values: str) -> tuple[str, str]:
        """Return the system and the user message."""
        return Template(self.system).substitute(values), Template(self.user).substitute(values)


def language_of(question: str) -> Language:
    """Return the language of the prompt for a question: English only where it has no Chinese at all."""
    return "zh" if _HAN.search(question) else "en"


def load_prompt(name: str, *, language: Language = "zh", path: Path | None = None) -> Prompt:
    """Return the template `name` in a language, or the one at `path`, its fields checked both ways."""
    where = str(path) if path else f"prompts/{name}.{language}.md"
    try:
        text = path.read_text("utf-8-sig") if path else _shipped(f"{name}.{language}.md")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptInvalid(
            f"读不了提示词模板 {where!r}，请检查 YINJU_PROMPT。 Cannot read the prompt template."
        ) from error
    parts = _DIVIDER.split(text, maxsplit=1)
    if len(parts) != 2:
        raise PromptInvalid(
            f"提示词模板 {where!r} 缺少单独一行的 ---（上面是系统部分，下面是用户部分）。 "
            "The template has no line --- between its system and user parts."
        )
    _check_fields(text, FIELDS[name], where)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Prompt(f"{name}.{language}", parts[0].strip(), parts[1].strip(), digest)


def _shipped(file_name: str) -> str:
    return (files("prompts") / file_name).read_text(encoding="utf-8")


def _check_fields(text: str, expected: frozenset[str], where: str) -> None:
    template = Template(text)
    if not template.is_valid():
        raise PromptInvalid(f"提示词模板 {where!r} 里有不成对的 $，请写成 $$。 A stray $ must be written $$.")
    found = frozenset(template.get_identifiers())
    if unknown := sorted(found - expected):
        raise PromptInvalid(
            f"提示词模板 {where!r} 有未知字段 {unknown!r}，可用的是 {sorted(expected)!r}。 Unknown fields."
        )
    if missing := sorted(expected - found):
        raise PromptInvalid(f"提示词模板 {where!r} 缺少字段 {missing!r}。 Missing fields.")
