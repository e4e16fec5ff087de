"""Write every number of a folded text one way, so that 1.3万, 13,000 and 一万三千 find each other.

The plain digits of a number are its index term (13000, 0.5, 2019); a percentage keeps its sign (90%).
"""

from __future__ import annotations

import re
from decimal import Decimal

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
# A lone Chinese digit is a number only before a word that is counted or dated by it.
_COUNTED = "月日号年季届期周%倍岁折成"
_RUN = re.compile(
    r"[0-9零〇一二两三四五六七八九十][0-9零〇一二两三四五六七八九十百千万亿点.,]*(?: ?[万亿]+)?(?: ?%)?"
)
_ARABIC = re.compile(
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?: ?(?P<scale>[十百千]?[万亿]+|[百千]))?(?P<rest>\d{1,4}千)?"
)
_HAN = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+[万亿]*)?")
_LARGEST = Decimal(10) ** 15


def number_terms(folded: str) -> list[str]:
    """Return the terms of the numbers whose plain digits do not already stand in the text."""
    found = []
    for match in _RUN.finditer(folded):
        run = match.group()
        if run.isdigit() and folded[match.start() - 3 : match.start()] != "百分之":
            continue
        term = _term(
            run, folded[max(match.start() - 3, 0) : match.start()], folded[match.end() : match.end() + 1]
        )
        if term is not None:
            found.append(term)
    return found


def _term(run: str, before: str, after: str) -> str | None:
    """Return the term of a run of digits and scales, or None where it is no number or stands there as it is."""
    percent = before == "百分之" or run.endswith("%")
    if run[0].isascii():
        if before and before[-1].isascii() and before[-1].isalpha():  # a model number: XeSS1.2
            return None
        value, written = _arabic(run)
    else:
        value, written = _han(run, counted=percent or (bool(after) and after in _COUNTED)), None
    if value is None or not 0 <= value < _LARGEST:
        return None
    term = plain(value) + ("%" if percent else "")
    return term if term != written else None


def _arabic(run: str) -> tuple[Decimal | None, str | None]:
    """Return the value of 1.3万, 13,000 or 90.5, and its digits; no value for a version or a list."""
    body = run.rstrip(" %").rstrip(".,")
    match = _ARABIC.fullmatch(body)
    if match is None:
        return None, None
    value = Decimal(match["digits"].replace(",", "")) * _scale(match["scale"] or "")
    if match["rest"]:
        value += int(match["rest"][:-1]) * 1000
    return value, match["digits"]


def _han(run: str, *, counted: bool) -> Decimal | None:
    match = _HAN.match(run)
    if match is None or (len(match.group()) == 1 and not counted):
        return None
    return parse_han(match.group())


def plain(value: Decimal) -> str:
    """Return a value in plain digits, without trailing zeros after the point."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scale(words: str) -> Decimal:
    value = Decimal(1)
    for character in words:
        value *= SCALES[character]
    return value


def parse_han(text: str) -> Decimal | None:
    """Return the value of a Chinese numeral (一百二十, 二〇一九, 三点五亿, 一万三), or None."""
    whole, _, tail = text.partition("点")
    decimals = tail.rstrip("".join(SCALES))
    value = _whole(whole)
    if value is None or not decimals:
        return value
    digits = "".join(str(_DIGITS[character]) for character in decimals)
    return (value + Decimal(f"0.{digits}")) * _scale(tail[len(decimals) :])


def _whole(text: str) -> Decimal | None:
    if all(character in _DIGITS for character in text):
        return Decimal("".join(str(_DIGITS[character]) for character in text)) if text else None
    if text[0] in "百千万亿":  # 百姓, 万科, 亿万: a word, not a number
        return None
    total = section = digit = 0
    last = 1
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
            last = last if digit else 10  # 一百零五: a zero ends the short form 一百五 = 150
            continue
        scale = SCALES[character]
        if scale >= 10**4:
            total, section = (
                (total + (section + digit)) * scale if scale > total else (total + (section + digit) * scale),
                0,
            )
        else:
            section += (digit or 1) * scale
        digit, last = 0, scale
    return Decimal(total + section + digit * max(last // 10, 1))
