"""Make a true sentence false in one place: its number, date, name, direction or negation."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from opencc import OpenCC

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?![\d.]*[年月日号])(?=[%万亿元个人名家项次岁米公吨倍点多余成])")
_DATE = re.compile(r"(?:1[89]|20)\d\d(?= ?年)|(?<!\d)\d{1,2}(?= ?[月日](?![本圆元军]))")
_HAN_NUMBER = re.compile(r"[二三四五六七八九](?=[十百千万亿]|个百分点|倍|亿|人|名|个月|年(?!级))")
_OPPOSITES = [
    tuple(pair.split("/"))
    for pair in (
        "增长/下降 增加/减少 上涨/下跌 上升/下降 提高/降低 提升/降低 盈利/亏损 扩大/缩小 高于/低于 多于/少于 大于/小于 增多/减少 "
        "最高/最低 最大/最小 加快/放缓 回升/回落 上调/下调 同意/反对 支持/反对 成功/失败 超过/不及 流入/流出 出口/进口 买入/卖出 增持/减持"
    ).split()
]
_DIRECTIONS = {a: b for pair in _OPPOSITES for a, b in (pair, pair[::-1])}
_INSERTIONS = {
    "是": "不是", "会": "不会", "能够": "不能够", "可以": "不可以", "属于": "不属于", "包括": "不包括", "有": "没有", "位于": "不位于",
    "获得": "没有获得", "成为": "没有成为", "参加": "没有参加", "认为": "不认为", "支持": "不支持", "允许": "不允许", "发生": "没有发生",
    "进行": "没有进行", "完成": "没有完成", "达到": "没有达到", "需要": "不需要", "发现": "没有发现", "使用": "没有使用", "通过": "没有通过",
}  # fmt: skip
_DELETIONS = {
    "不是": "是", "没有": "有", "不能": "能", "不会": "会", "并未": "已经", "尚未": "已经", "无法": "可以", "不再": "仍然", "不得": "可以",
    "并非": "正是", "从未": "曾经", "不可": "可以", "不需": "需", "不愿": "愿",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a dev set and the names that annotators found in it (name -> kind)."""

    id: str
    text: str
    published: date | None
    names: Mapping[str, str]


def vary(sentence: str, rng: random.Random) -> str:
    """Return the sentence as a chat model might shorten it: a clause less, or simplified characters."""
    clauses = re.findall(r"[^，]+[，。！？]", sentence)
    roll = rng.random()
    if len(clauses) > 2 and roll < 0.3:
        sentence = "".join(clauses[1:])
    elif len(clauses) > 2 and roll < 0.5:
        sentence = "".join(clauses[:-1])[:-1] + "。"
    return str(OpenCC("t2s").convert(sentence)) if rng.random() < 0.5 else sentence


Mutation = tuple[str, str, str]


def mutate(kind: str, sentence: str, passage: Passage, pools: Pools, rng: random.Random) -> Mutation | None:
    """Return (mutated sentence, words before, words after), or None where the kind does not apply."""
    if kind == "passage":
        return sentence, "", ""
    return _MUTATORS[kind](sentence, passage, pools, rng)


@dataclass(frozen=True, slots=True)
class Pools:
    """Names of each kind in all passages, to replace one by another."""

    names: Mapping[str, Sequence[str]]


def _replace(sentence: str, match: re.Match[str], after: str) -> Mutation | None:
    if after == match[0]:
        return None
    return sentence[: match.start()] + after + sentence[match.end() :], match[0], after


def _pick(pattern: re.Pattern[str], sentence: str, rng: random.Random) -> re.Match[str] | None:
    found = list(pattern.finditer(sentence))
    return rng.choice(found) if found else None


def mutate_number(sentence: str, passage: Passage, _: Pools, rng: random.Random) -> Mutation | None:
    """Change a digit, the size, or take another number of the passage."""
    match = _pick(_NUMBER, sentence, rng)
    if match is None:
        match = _pick(_HAN_NUMBER, sentence, rng)
        return match and _replace(sentence, match, rng.choice("二三四五六七八九".replace(match[0], "")))
    others = [other for other in _NUMBER.findall(passage.text) if other != match[0]]
    if others and rng.random() < 0.3:
        return _replace(sentence, match, rng.choice(others))
    if rng.random() < 0.2:
        return _replace(sentence, match, match[0] + "0" if "." not in match[0] else match[0].replace(".", ""))
    at = rng.randrange(len(match[0].replace(".", "")))
    digits = [at for at, c in enumerate(match[0]) if c.isdigit()]
    at = digits[at]
    digit = rng.choice([d for d in "123456789" if d != match[0][at]])
    return _replace(sentence, match, match[0][:at] + digit + match[0][at + 1 :])


def mutate_date(sentence: str, _: Passage, __: Pools, rng: random.Random) -> Mutation | None:
    """Change the year, the month or the day."""
    match = _pick(_DATE, sentence, rng)
    if match is None:
        return None
    value = int(match[0])
    if len(match[0]) == 4:
        return _replace(sentence, match, str(value + rng.choice([-10, -3, -2, -1, 1, 2, 3, 10])))
    highest = 12 if sentence[match.end() :].lstrip().startswith("月") else 28
    return _replace(sentence, match, str(rng.choice([n for n in range(1, highest + 1) if n != value])))


def mutate_name(sentence: str, passage: Passage, pools: Pools, rng: random.Random) -> Mutation | None:
    """Replace a person, place or organisation by another of its kind."""
    t2s = OpenCC("t2s").convert
    names = {form: kind for name, kind in passage.names.items() for form in (name, t2s(name))}
    found = [name for name in names if name in sentence]
    if not found:
        return None
    name = rng.choice(found)
    others = [other for other in pools.names[names[name]] if other not in passage.text and name not in other]
    match = re.search(re.escape(name), sentence)
    return match and _replace(sentence, match, rng.choice(others))


def _by_table(table: Mapping[str, str]) -> Callable[[str, Passage, Pools, random.Random], Mutation | None]:
    pattern = re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True)))

    def mutator(sentence: str, _: Passage, __: Pools, rng: random.Random) -> Mutation | None:
        match = _pick(pattern, sentence, rng)
        return match and _replace(sentence, match, table[match[0]])

    return mutator


_insert, _delete = _by_table(_INSERTIONS), _by_table(_DELETIONS)


def mutate_negation(sentence: str, passage: Passage, pools: Pools, rng: random.Random) -> Mutation | None:
    """Take a negation away where there is one, else put one in."""
    if re.search("不|没|沒|未|无|無|非", sentence):
        return _delete(sentence, passage, pools, rng)
    return _insert(sentence, passage, pools, rng)


_MUTATORS = {
    "number": mutate_number,
    "date": mutate_date,
    "name": mutate_name,
    "direction": _by_table(_DIRECTIONS),
    "negation": mutate_negation,
}
