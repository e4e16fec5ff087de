"""Read the numbers in a folded Chinese text: value, canonical unit, and how exact the text says it is.

1.3万 = 13000 = 1万3千; 百分之九十 = 90%; 一百二十 = 120; 3亿5000万元 = 350000000 元; 零下5度 = -5 度.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Literal, TypeAlias

from assistant.verification.units import UNIT, UNIT_NAMES, UNITS, Unit
from vectorstore.numbers import SCALES, parse_han

Exactness: TypeAlias = Literal["", "about", "over", "under"]

_ARABIC = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_HAN = r"[一二两三四五六七八九十][零〇一二两三四五六七八九十百千万亿]*(?:点[零〇一二三四五六七八九]+)?(?:[十百千万亿]+)?"
_UNDER = "不超过|不高于|不多于|不足|不到|不满|低于|少于|小于|至多|最多|未达|未满"
_OVER = "超过|超出|不低于|不少于|不止|高于|多于|大于|至少|最少|突破|逾|超"
_ABOUT = "大约|大概|约为|约|接近|将近|近|估计"
_NUMBER = re.compile(
    rf"(?P<under>(?:{_UNDER})了?)?(?P<over>(?:{_OVER})了?)?(?P<about>{_ABOUT})? ?"
    r"(?P<money>us\$|hk\$|人民币|美元|\$|¥|€|£)? ?"
    r"(?P<part>[百千万]分之|(?P<below>[二三四五六七八九十]|\d+)分之)?"
    rf"(?:(?:(?<![a-z\d.])|(?<=[a-z])(?=\d{4}|\d+\.\d))(?<![a-z][-_/])(?P<arabic>{_ARABIC})(?: ?(?P<scale>[多余几]?[十百千万亿]+))?"
    rf"(?P<more>(?:\d+(?:\.\d+)?[十百千万亿]+)*)(?![\d.]*\d)"
    rf"|(?<![几数上好成])(?P<han>{_HAN}))"
    rf"(?P<plus>[多余来]|几(?=[个万亿]))? ?(?P<unit>{UNIT})?(?![a-z])"
    r"(?P<after>以上|之上|开外|多(?![次个种家名样元媒少])|以下|以内|之内|左右|上下)?"
)
_IDIOMS = re.compile(
    r"十分(?![之钟])|万分(?!之)|千万(?=不|别|要)|一二(?!十)|三三两两|七上八下|乱七八糟|四面八方|五花八门|"
    r"四分五裂|三心二意|两会|三农|四海|五官|五湖四海|千方百计|三星|四川|九寨沟|五粮液|八达岭|六合彩|三亚|"
    r"十堰|百度|万科|万达|千里马|百花|十字|万事|万物|两岸|三峡|九江|七夕|五金|三明|四平|六安|三门峡|双十一|"
    r"一一|万一|统一|唯一|第一时间|十足|百姓|万岁|三明治|五角大楼|八卦"
)
_SIGN = re.compile(
    r"(?P<sure>零下)$|(?:(?P<stated>[为是达至到约从由在:=(~$¥])|^|[\u4e00-\u9fff,;、\n]) ?(?P<sign>[-−–]|(?<![胜正减增税背担抱身自欠])负)$"
)
"""A minus sign before a number: 为-5, 增速-3%, 负0.1%."""
_BETWEEN = re.compile(r"[-~至到—](?:[-−–负]|零下)?")
_PER = re.compile(r"(?:/\w{1,2})? ?")
_SIGNED_UNITS = frozenset("% 百分点 度 元 美元 港元 欧元 英镑 日元 韩元 卢布 卢比 新台币".split())
_SIGNED_AMOUNT = 10**4


@dataclass(frozen=True, slots=True)
class Number:
    """A number as the text means it: `value` in the canonical `unit`, at `start`…`end` of the text."""

    value: Decimal
    unit: str
    exactness: Exactness
    start: int
    end: int


def find_numbers(folded: str) -> tuple[Number, ...]:
    """Return the numbers of a folded text, in reading order."""
    idioms = [match.span() for match in _IDIOMS.finditer(folded)]
    found: list[Number] = []
    for match in _NUMBER.finditer(folded):
        core = match.span("han") if match["han"] else match.span("arabic")
        if any(start <= core[0] < end for start, end in idioms):
            continue
        number = _read(match)
        if number is not None:
            found.append(number)
    return tuple(_with_sign(folded, _share_units(folded, found)))


def _read(match: re.Match[str]) -> Number | None:
    unit = UNITS.get(match["unit"] or "", Unit("", Decimal(1)))
    value = _value(match)
    if value is None or not _is_a_number(match):
        return None
    name = unit.name
    if match["part"]:
        value, name = _fraction(match, value, name)
    elif match["money"]:
        name = UNIT_NAMES[match["money"]]
    start = match.start("money") if match["money"] else match.start("part") if match["part"] else _core(match)
    return Number(value * unit.factor, name, _exactness(match), start, match.end())


def _core(match: re.Match[str]) -> int:
    return match.start("han") if match["han"] else match.start("arabic")


def _fraction(match: re.Match[str], value: Decimal, unit: str) -> tuple[Decimal, str]:
    if match["part"] == "百分之":
        return value, "%"
    if match["part"] == "千分之":
        return value / 10, "%"
    if match["part"] == "万分之":
        return value / 100, "%"
    below = parse_han(match["below"]) if not match["below"].isdigit() else Decimal(match["below"])
    return (value / below, unit) if below else (value, unit)


def _is_a_number(match: re.Match[str]) -> bool:
    """Refuse Chinese numerals that are more likely part of a word: 一般, 三亚, 两岸."""
    han = match["han"]
    if han is None or match["part"] or (len(han) > 1 and any(c in SCALES for c in han)):
        return True
    if han == "一" or len(han) == 2:
        return False
    return bool(match["unit"]) or len(han) > 2


def _value(match: re.Match[str]) -> Decimal | None:
    if match["han"]:
        return parse_han(match["han"])
    value = Decimal(match["arabic"].replace(",", "")) * _scale(match["scale"] or "")
    for piece in re.finditer(r"(\d+(?:\.\d+)?)([十百千万亿]+)", match["more"] or ""):
        value += Decimal(piece[1]) * _scale(piece[2])
    return value


def _scale(words: str) -> Decimal:
    value = Decimal(1)
    for character in words:
        value *= SCALES.get(character, 1)
    return value


def _exactness(match: re.Match[str]) -> Exactness:
    after = match["after"] or ""
    if match["under"] or after in ("以下", "以内", "之内"):
        return "under"
    if match["over"] or match["plus"] or after in ("以上", "之上", "开外", "多"):
        return "over"
    if (match["scale"] or "")[:1] in ("多", "余", "几"):
        return "over"
    return "about" if match["about"] or after in ("左右", "上下") else ""


def _share_units(folded: str, numbers: list[Number]) -> tuple[Number, ...]:
    """Give the first number of a range the unit of the second: 10-20%, 3至5年."""
    shared = list(numbers)
    for index, (first, second) in enumerate(pairwise(numbers)):
        between = folded[first.end : second.start].strip()
        if not first.unit and second.unit and _BETWEEN.fullmatch(between):
            shared[index] = Number(first.value, second.unit, first.exactness, first.start, first.end)
    return tuple(shared)


def _with_sign(folded: str, numbers: Sequence[Number]) -> Iterator[Number]:
    """Make those negative that a minus sign stands before, but not 10-12%, 5万-10万元, 歼-20 or 3胜2负."""
    before = 0
    for number in numbers:
        sign = _SIGN.search(folded[max(0, number.start - 4) : number.start])
        start = number.start - len(sign["sure"] or sign["sign"]) if sign else number.start
        is_range = before > 0 and _PER.fullmatch(folded, before, start) is not None
        if sign and (sign["sure"] or _is_minus(sign, number, is_range=is_range)):
            yield replace(number, value=-number.value, start=start)
        else:
            yield number
        before = number.end


def _is_minus(sign: re.Match[str], number: Number, *, is_range: bool) -> bool:
    is_amount = number.unit in _SIGNED_UNITS or (not number.unit and number.value >= _SIGNED_AMOUNT)
    return not is_range and (is_amount or bool(sign["stated"]))


def same_number(claim: Number, evidence: Number) -> bool:
    """Say whether the evidence supports the claimed number, its unit and how exact it is."""
    if not same_unit(claim.unit, evidence.unit):
        return False
    if claim.value == evidence.value:
        return _exactness_agrees(claim.exactness, evidence.exactness)
    return bool(claim.exactness) and _rounds_to(claim, evidence)


def same_unit(claim: str, evidence: str) -> bool:
    """Say whether two units can mean the same: equal, or one of them left out or general (个)."""
    if claim == evidence:
        return True
    open_ended = ("", "个")
    if claim in open_ended:
        return evidence not in ("%", "百分点", "倍")
    return evidence in open_ended and claim not in ("%", "百分点", "倍")


def _exactness_agrees(claim: Exactness, evidence: Exactness) -> bool:
    if claim in ("over", "under"):
        return claim == evidence
    return evidence != "under" or claim == "about"


def _rounds_to(claim: Number, evidence: Number) -> bool:
    """Accept 约2900亿 for 2879亿: a stated approximation at the claim's own precision."""
    digits = len(claim.value.normalize().as_tuple().digits)
    if not claim.value or not evidence.value or digits < 2:
        return False
    step = Decimal(10) ** (claim.value.adjusted() - digits + 1)
    difference = evidence.value - claim.value
    if claim.exactness == "over":
        return 0 < difference < step
    if claim.exactness == "under":
        return -step < difference < 0
    return abs(difference) <= step / 2
