"""Tell a title from the other short lines that stand at the head of a text, or in a file's properties."""

from __future__ import annotations

import re

MAX_TITLE_CHARS = 80
_NO_TITLE = re.compile(
    r"附\s?[件录錄表]\s?[0-9０-９一二三四五六七八九十]{0,3}\s?[:：]?"
    r"|(?:https?://|www\.)\S+"
    r"|[\W\d_]+"  # a number, a date in digits, a rule
    r"|.*(?:总第|第)\s?[0-9０-９一二三四五六七八九十百]{1,6}\s?[期版](?:$|[\s（(）)】,，|·/—-].*)"  # a newspaper's head
)
_NO_NAME = re.compile(
    r"untitled|无标题|microsoft word\b.*|.*\.(?:docx?|pdf|html?|indd|wps)|about:blank|幻灯片.*|powerpoint 演示文稿|"
    r"文档\s?\d*|document\d*|",
    re.IGNORECASE,
)
_OPEN_END = ("，", "；", "：", "、", ",", ";", ":")


def may_be_title(line: str, *, styled: bool = False) -> bool:
    """Say whether a clean line can be an article's title; one styled as a title may end as it likes."""
    if not line or len(line) > MAX_TITLE_CHARS or line.endswith("。") or is_label(line):
        return False
    return styled or not line.endswith(_OPEN_END)


def is_label(line: str) -> bool:
    """Say whether a line stands above titles: 附件1, an address, a number, a newspaper's head."""
    return _NO_TITLE.fullmatch(line) is not None


def stated_title(name: str) -> str:
    """Return the title in a file's properties, or "" where a program filled it in."""
    return "" if _NO_NAME.fullmatch(name) else name
