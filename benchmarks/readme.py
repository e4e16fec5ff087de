"""Write the README's tables from where their content lives: `python -m benchmarks.readme`."""

from __future__ import annotations

import re
from pathlib import Path

from assistant.settings import Settings

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def settings_table() -> str:
    """Return the settings as a Markdown table: variable, default, meaning."""
    rows = ["| 变量 variable | 默认 default | 含义 meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default in (None, {}) else f"`{default}`"
        rows.append(f"| `YINJU_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows)


def with_section(text: str, name: str, content: str) -> str:
    """Return `text` with the part between the markers `name:start` and `name:end` replaced."""
    pattern = re.compile(rf"(<!-- {name}:start -->\n).*?(<!-- {name}:end -->)", re.S)
    return pattern.sub(lambda match: f"{match[1]}{content}\n{match[2]}", text)


def render(text: str) -> str:
    """Return the README with its tables brought up to date."""
    return with_section(text, "settings", settings_table())


def main() -> None:
    """Rewrite the README."""
    README.write_text(render(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
