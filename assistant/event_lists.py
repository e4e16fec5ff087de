"""Find the events that a question lists (青桥通车、云湖机场启用和…), and what it says of all of them at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.rows import JOINS, inside_quotes, is_body
from assistant.subject import cut
from vectorstore.fold import fold

_NUMBERED = re.compile(r"(?:^|[，,、；;。\s])\s*(?:\d{1,2}[.．、)）]|[①-⑨]|[(（]\d{1,2}[)）])\s*(?!\d)")
_JOIN = re.compile(JOINS)
_LISTED = re.compile(r"[，,、；;]")
_MODEL = re.compile("[a-zA-Z0-9]$")
_MARKED = re.compile("[的“”《》]")
_ABOUT = 2
_MAX_NAME = 12
_LEFT_OVER = re.compile(
    r"(?:[，,、：:\s]|的?(?:事件|事情)|其中|当?中|里|之间|两者|二者|分别|的?(?:发生)?(?:时间|日期)(?:上)?+|在)++$"
)
_LONGEST_LEFT_OVER = 60


def events_of(text: str, *, count: int = 0) -> tuple[str, ...]:
    """Return the events that stand in a list, as the question writes them; `count` is how many it says they are."""
    numbered = [piece for piece in _NUMBERED.split(text) if piece.strip()]
    if len(numbered) > 1:
        return tuple(_trimmed(piece).strip(" ，,、；;。") for piece in numbered)
    pieces = [text[start:end] for start, end in _listed(text)]
    by_comma = text.split("，")
    if (
        len(pieces) > 2
        and len(by_comma) == 2
        and (count == 2 if count else re.match("[和与跟]", by_comma[1]))
    ):
        pieces = by_comma  # 甲、乙的事，和丙的事
    if len(pieces) < 2:
        found = list(_halves(text))
    else:
        last = re.sub(rf"^(?:{_JOIN.pattern})", "", pieces[-1])
        usual = sum(map(len, pieces[:-1])) / (len(pieces) - 1)
        cut_last = _halves(last) if last == pieces[-1] else (last,)
        found = [*pieces[:-1], *(cut_last if len(last) > 0.8 * usual else (last,))]
    return _with_shared_end([_trimmed(name).strip() for name in found if name.strip()])


def _trimmed(name: str) -> str:
    return name[:-_LONGEST_LEFT_OVER] + _LEFT_OVER.sub("", name[-_LONGEST_LEFT_OVER:])


def _listed(text: str) -> list[tuple[int, int]]:
    """Return the spans between the commas of a list that stand outside quotes."""
    marks = [match.start() for match in _LISTED.finditer(text) if not inside_quotes(text, match.start())]
    return [
        (start, end)
        for start, end in zip([0, *(at + 1 for at in marks)], [*marks, len(text)], strict=True)
        if start < end
    ]


def _halves(text: str) -> tuple[str, ...]:
    """Return a text cut at the joining word that leaves the most even halves, one that a date follows before others."""
    joins = [match for match in _JOIN.finditer(text) if not inside_quotes(text, match.start())]
    joins = [match for match in joins if match.start() >= 2 and match.end() <= len(text) - 2]

    def evenness(match: re.Match[str]) -> float:
        before, after = match.start(), len(text) - match.end()
        dated = re.match(r"(?:19|20)\d\d", text[match.end() :]) or text[: match.start()].endswith("事件")
        return bool(dated) + min(before, after) / max(before, after)

    if not joins:
        return (text,)
    best = max(joins, key=evenness)
    return text[: best.start()], text[best.end() :]


def _with_shared_end(names: list[str]) -> tuple[str, ...]:
    """Return the names, those before the last with what follows its 的 where they have no verb of their own."""
    shared = re.search(r"的[^的]{2,6}$", names[-1]) if names else None
    if shared and len(names) > 1 and all("的" not in name and len(name) <= 4 for name in names[:-1]):
        return (*(f"{name}{shared[0]}" for name in names[:-1]), names[-1])
    return tuple(names)


def shared_end(names: Sequence[str], *, named_time: bool) -> str:
    """Return what is said of all names but stands after the last one (iOS 15和iOS 16发布), empty where each has its own.

    What is left of the last must end as the others do: names of one kind do, and an event that is complete does not
    end like half of another. `named_time` tells that 时间 follows (甲和乙成立时间): the word before it is of all.
    """
    *before, last = names
    cuts = [at for _, at in cut(fold(last)) if 0 < at <= len(last) - 2]
    if not cuts or any(_alike(name, last) for name in before):
        return ""
    alike = [at for at in cuts if all(_alike(name, last[:at]) for name in before)]
    usual = sum(map(len, before)) / len(before)
    if alike and all(len(name) <= _MAX_NAME or is_body(name) for name in before):
        return last[min(alike, key=lambda at: abs(at - usual)) :]
    is_short = abs(cuts[-1] - usual) <= _ABOUT and not any(_MARKED.search(name) for name in names)
    return last[cuts[-1] :] if named_time and is_short else ""


def _alike(name: str, other: str) -> bool:
    """Tell whether two names end in one way: in the same two characters, as organisations, or as names of models do."""
    models = _MODEL.search(name) and _MODEL.search(other)
    return name[-2:] == other[-2:] or bool(models) or (is_body(name) and is_body(other))
