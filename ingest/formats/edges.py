"""Find the bylines at the edges of a text: the lines above and below it that are none of it.

The same words inside a text tell of a book, a lecture or a day: a line that recurs is one of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import dropwhile

from ingest.dates import date_from_head, first_date
from ingest.formats.byline import FILLER, MAX_BYLINE_CHARS, PUBLISHER_LABELS, STAMP, Byline, read_byline
from ingest.formats.markup import is_furniture

_MAX_HEAD_LINE_CHARS = 80
_HEAD_LINES, _FOOT_LINES = 8, 16  # how many lines above and below a text may be none of it
_EVENT_LABELS = ("时间", "時間", "日期")  # a notice states with them when something takes place
_ENDS_HEAD = re.compile(r"[。！？；…]")
_LABEL = re.compile(r"\s{0,9}[（(【\[]?\s?([\u4e00-\u9fffA-Za-z]{1,8})\s{0,2}[:：|｜丨/]{1,2}\s{0,3}(?=\S)")
# what is said of the text itself may stand between bylines; any other label begins a list
_PARTS_OF_TEXT = frozenset(
    "标题 標題 原标题 原標題 副标题 题目 摘要 概要 提要 导读 導讀 导语 按语 编者按 核心提示 内容提要 内容摘要 关键词 關鍵詞".split()
)
_SIGNED = re.compile(
    r"[0-9〇○零一二三四五六七八九\s]{4,8}年[0-9一二三四五六七八九十\s]{1,4}月[0-9一二三四五六七八九十\s]{1,5}日"
)
_STATES_ISSUE = re.compile(r"发布|發布|發佈|发表|發表|编辑于|更新|修改|刊发|发送|Published|Posted|Updated")


def take_bylines(lines: Sequence[str]) -> tuple[Byline, list[str]]:
    """Return what the lines at the edges of a text state about it, and the lines with those left blank."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    foot = _foot(lines, filled)
    head = _head(lines, [index for index in filled if index not in foot], last=filled[-1:])
    byline = Byline()
    for index in (*head, *reversed(foot)):
        byline = byline.over(_read_edge(lines[index]) or Byline())
    taken = {*head, *foot}
    if len(taken) == len(filled):  # a text of nothing else is still a text
        taken = {index for index in taken if not is_furniture(lines[index])}
    return byline, ["" if index in taken else line for index, line in enumerate(lines)]


def signed_date(text: str) -> date | None:
    """Return the date that stands alone under a text, where nothing in its head dates it."""
    above, _, last = text.rpartition("\n")
    if not above or not _SIGNED.fullmatch(last.strip()) or _recurs(last, above[-10_000:].split("\n")):
        return None
    return None if date_from_head(text) else first_date(last)


def _foot(lines: Sequence[str], filled: Sequence[int]) -> list[int]:
    """Return the lines below the text that credit it or are its platform's, the last one first.

    Credits that the text has more of are a list's: 作者 and 来源 of each book in turn.
    """
    foot: list[int] = []
    for index in reversed(filled[1:][-_FOOT_LINES:]):
        if not is_furniture(lines[index]) and not _is_credit(lines[index]):
            break
        foot.append(index)
    credited = [index for index in foot if not is_furniture(lines[index])]
    text = [lines[index] for index in filled[: len(filled) - len(foot)]]
    text = list(dropwhile(lambda line: _read_edge(line) is not None, text))  # the head may state the same
    beside = text[-1:] if foot[-1:] == credited[-1:] else []
    listed = any(_recurs(lines[index], text) for index in credited) or any(map(_is_item, beside))
    return [index for index in foot if not (listed and index in credited)]


def _head(lines: Sequence[str], filled: Sequence[int], *, last: Sequence[int]) -> list[int]:
    """Return the lines above the text that state something about it or are its platform's."""
    head: list[int] = []
    for place, index in enumerate(filled[:_HEAD_LINES]):
        line = lines[index]
        if _read_edge(line) is None:
            if _ENDS_HEAD.search(line) or len(line) > _MAX_HEAD_LINE_CHARS or _is_item(line):
                break
            continue
        label = _form(line)
        below = [lines[other] for other in filled[place + 1 :] if other not in last]
        outlet = label in PUBLISHER_LABELS and len(head) == place  # charts below name their own sources
        beside = [lines[other] for other in filled[max(place - 1, 0) : place + 2]]
        event = label in _EVENT_LABELS and any(map(_is_item, beside))
        if event or (not outlet and _recurs(line, below)):
            break
        head.append(index)
    return head


def states_issue(line: str) -> bool:
    """Say whether a line says of its date that the text was issued or changed then."""
    return _STATES_ISSUE.search(line) is not None


def _read_edge(line: str) -> Byline | None:
    """Return what a line states that is no part of the text, None for a line of the text."""
    return Byline() if is_furniture(line) else read_byline(line.strip("（）() \u3000"))


def _is_credit(line: str) -> bool:
    """Say whether a line names who made or issued the text; a date under it is its signature, and stays."""
    byline = read_byline(line.strip("（）() \u3000"))
    if byline is None or _form(line) == "图":  # a caption is text
        return False
    return bool(byline.publisher or byline.author or byline.fields or states_issue(line))


def _form(line: str) -> str:
    """Return how a line opens: the label, or the shape of the date; "" for other lines."""
    line = line.strip(FILLER)
    if stamp := STAMP.match(line):
        return re.sub(r"[0-9]+", "0", stamp[0])
    label = _LABEL.match(line)
    return label[1] if label else ""


def _recurs(line: str, others: Iterable[str]) -> bool:
    """Say whether other lines open as this one: then it is one of a list, a chronicle or a conversation."""
    form = _form(line)
    alike = (other for other in others if form and len(other) <= MAX_BYLINE_CHARS and _form(other) == form)
    return any(not form.startswith("0") or read_byline(other) is not None for other in alike)


def _is_item(line: str) -> bool:
    """Say whether a line is an item of labelled facts ("地点：三楼会议室")."""
    label = _LABEL.match(line)
    if label is None or label[1] in _PARTS_OF_TEXT or len(label[1]) < 2 or "/" in label[0]:
        return False
    return read_byline(line) is None
