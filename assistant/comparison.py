"""Read a question that compares: which came first, whether two fell in one month, which is larger. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from assistant.parts import in_step, of_each
from assistant.rows import JOINS, inside_quotes, rows_of

Wanted: TypeAlias = Literal["least", "most", "same"]
Precision: TypeAlias = Literal["year", "month", "day"]

MAX_COMPARED = 6
_UNITS: dict[str, Precision] = {"年": "year", "月": "month", "天": "day", "日": "day"}
_LEAST = "早|先|前|低|小|少|短|慢|轻|近|便宜|年轻"
_MOST = "晚|迟|后|高|大|多|长|快|重|远|贵|强|老"
_OF_TIME = frozenset("早先前晚迟后")
_SAME_TIME = re.compile(
    r"^(?P<items>.+?)[，,]?(?:这(?:些|[两二三四]个?)(?:事件|件事|事)?)?(?:是否|是不是|是|都|均|发生|进行|在|于)*"
    r"同一?个?(?P<unit>年|月|天|日)[份度]?[^，,。；;年月天日]{0,8}[?？]?$"
)
_SAME_VALUE = re.compile(
    r"^(?P<items>.+?)(?:是否|是不是)?(?:都?是)?(?:相同|一样|一致|相等)的?(?:吗|么)?[?？]?$"
)
_WHICH = re.compile(
    r"[，,、：:]?(?:按照?时间(?:顺序|先后)?[，,]?|从时间(?:顺序)?(?:上)?(?:来)?看[，,]?)?"
    r"(?P<who>哪(?:一)?(?:个|件|起|项|场|家|位|国|座|支|款|种|所|只|部|省|市|县|者)?|谁|何者)(?P<of>[^，,。；;?？]*?)"
    rf"(?:(?:更加?|最|比?较)(?P<how>{_LEAST}|{_MOST})|(?P<first>先|(?<=在)[前后]|后(?=发生)))(?P<then>[^，,。；;?？高低大小多少]{{0,20}})[?？]?$"
)
_MOST_IS_WHICH = re.compile(
    r"[，,、：:]?(?:当?中[，,])?(?:更|最|较)(?P<how>早|先|晚|迟|后)[^，,。?？]{0,6}的?(?:事件)?是(?:哪|谁)[^，,。?？]{0,4}[?？]?$"
)
_BEFOREHAND = re.compile(
    r"^[^：:?？，,]{0,14}(?:以下|下列|下面)[^：:?？]{0,24}?(?:最|更|较)(?P<how>早|先|晚|迟|后)[^：:?？]{0,8}[：:?？]\s*(?P<items>.+?)[?？。]?$"
)
_HEAD = re.compile(
    r"^(?:请问|请|(?:试)?比较一?下?|对比一?下?|在(?=.{0,40}之间$))|^(?:以下|下列)[^：:]{0,12}[：:]"
)
_TAIL = re.compile(
    r"(?:[，,、：:\s]|这(?:些|[两二三四五几]个?|几)?(?:事件|件事情?|事|项)?|的?(?:事件|事情)|其中|当?中|里|之间|相比(?:较|之下)?|比较|两者|二者|分别|的?(?:发生)?(?:时间|日期)(?:上)?|在)+$"
)
_NUMBERED = re.compile(r"(?:^|[，,、；;。\s])\s*(?:\d{1,2}[.．、)）]|[①-⑨]|[(（]\d{1,2}[)）])\s*(?!\d)")
_WHEN = re.compile(r"^在?(?P<when>(?:19|20)\d\d年(?:\d{1,2}月|[上下]半年|[初中末底])?)[，,]")
_JOIN = re.compile(JOINS)
_LISTED = re.compile(r"[，,、；;]")
_OWNER = re.compile(r"^(?:公司|企业|家公司|城市|国家|医院|学校|人|地方|产品|地区)?的?")
_OF_DATES = re.compile(r"时间|日期|年份|哪[年天月]|何时|什么时候|诞生|成立$")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a question compares: the names as it writes them, and for each the question for its date or figure.

    `wanted` is which of them is asked for: that with the least (earliest) or most value, or whether all are the same,
    down to `precision` for dates.
    """

    names: tuple[str, ...]
    questions: tuple[str, ...]
    of_dates: bool
    wanted: Wanted
    precision: Precision | None = None


def read_comparison(question: str) -> Comparison | None:
    """Return what a question compares by date or figure, or None where it does not."""
    text = question.strip()
    if same := _SAME_TIME.match(text):
        return _of_events(same["items"], "same", _UNITS[same["unit"]])
    if asked := _BEFOREHAND.match(text):
        return _of_events(asked["items"], _wanted(asked["how"]))
    if asked := _MOST_IS_WHICH.search(text):
        return _of_events(text[: asked.start()], _wanted(asked["how"]))
    if asked := _WHICH.search(text):
        return _which(text, asked)
    if (alike := _SAME_VALUE.match(text)) and (parts := _values(alike["items"], "")):
        return Comparison(*parts, wanted="same")
    return None


def _which(text: str, asked: re.Match[str]) -> Comparison | None:
    how, head = asked["how"] or asked["first"], text[: asked.start()]
    if len(head) < 4:
        return None
    wanted = _wanted(how)
    by_name = asked["who"] in ("谁", "何者") or asked["who"][-1] in "家位国座支款种所只部省市县"
    if not by_name and how in _OF_TIME and not head.startswith(("比较", "对比")):
        return _of_events(head, wanted)
    noun = _OWNER.sub("", asked["of"]) or _OWNER.sub("", asked["then"])
    parts = _values(head, noun, of_dates=how in _OF_TIME)
    return Comparison(*parts, wanted=wanted) if parts else None


def _wanted(how: str) -> Wanted:
    return "least" if re.fullmatch(_LEAST, how) else "most"


def _of_events(listed: str, wanted: Wanted, precision: Precision | None = None) -> Comparison | None:
    lead = _WHEN.match(listed)
    when, listed = (lead["when"], listed[lead.end() :]) if lead else ("", listed)
    names = _events(listed)
    if not 2 <= len(names) <= MAX_COMPARED:
        return None
    questions = tuple(f"{when}{name}是什么时候？" for name in names)
    return Comparison(names, questions, of_dates=True, wanted=wanted, precision=precision)


def _values(
    head: str, noun: str, *, of_dates: bool = False
) -> tuple[tuple[str, ...], tuple[str, ...], bool] | None:
    """Return the names compared, the question for the value of each, and whether that is a date."""
    head = _TAIL.sub("", _HEAD.sub("", head))
    rows = rows_of(head)
    if not rows:
        return None
    rows = in_step(head, rows)
    row = next((row for row in rows[::-1] if not head[slice(*row[0])][:4].isdigit()), rows[0])
    names = tuple(head[slice(*span)] for span in row)
    parts = of_each(head, rows)
    of_dates = of_dates or bool(_OF_DATES.search(noun or head))
    asks = "是什么时候？" if of_dates else "是多少？"
    missing = noun and noun not in head and not (of_dates and noun.endswith(("时间", "日期")))
    middle = head[row[-1][1] :]
    joint = "的" if not middle and not noun.startswith("的") else "" if not middle else "，"
    return (
        names,
        tuple(f"{part}{joint}{noun}{asks}" if missing else f"{part}{asks}" for part in parts),
        of_dates,
    )


def _events(listed: str) -> tuple[str, ...]:
    """Return the events that stand in a list, as the question writes them."""
    text = _TAIL.sub("", _HEAD.sub("", listed.strip()))
    numbered = [piece for piece in _NUMBERED.split(text) if piece.strip()]
    if len(numbered) > 1:
        return tuple(_TAIL.sub("", piece).strip(" ，,、；;。") for piece in numbered)
    pieces = [text[start:end] for start, end in _listed(text)]
    if len(pieces) == 1:
        found = list(_halves(text))
    else:
        last = re.sub(rf"^(?:{_JOIN.pattern})", "", pieces[-1])
        usual = sum(map(len, pieces[:-1])) / (len(pieces) - 1)
        cut_last = _halves(last) if last == pieces[-1] else (last,)
        found = [*pieces[:-1], *(cut_last if len(last) > 0.8 * usual else (last,))]
    return _with_shared_end([_TAIL.sub("", name).strip() for name in found if name.strip()])


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
