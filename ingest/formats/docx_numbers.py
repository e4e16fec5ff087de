"""Count a Word file's numbered paragraphs: 第一条, 1.2, （三） stand in no text, only in its list levels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.formats.docx_parts import attribute, child, children, integer, is_on

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MAX_STYLES = 20  # one based on another, and so on
_HAN_DIGITS = "零一二三四五六七八九"
_HAN_TENS = frozenset(("chineseCounting", "japaneseCounting", "taiwaneseCounting"))  # they differ from 100 on
_HAN_ALL = frozenset(("chineseCountingThousand", "taiwaneseCountingThousand"))


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    form: str
    text: str
    gap: str
    legal: bool  # all its numbers in digits


class Numbering:
    """The running numbers of a document's lists; ask for each paragraph once, in order."""

    def __init__(self, numbering: Element | None, styles: Element | None) -> None:
        self._lists = {
            attribute(node, "abstractNumId"): {
                integer(level, "ilvl"): _level(level) for level in children(node, "lvl")
            }
            for node in children(numbering, "abstractNum")
        }
        self._numbers = {attribute(node, "numId"): node for node in children(numbering, "num")}
        self._styles = {attribute(node, "styleId"): node for node in children(styles, "style")}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def label(self, paragraph: Element) -> str:
        """Return the number that Word shows before a paragraph, with the space after it; "" for none."""
        properties = child(paragraph, "pPr")
        number, depth = self._place(properties)
        node = self._numbers.get(number)
        name = attribute(child(node, "abstractNumId"))
        levels = self._lists.get(name, {})
        if node is None or depth not in levels:
            return ""
        counts = self._counts.setdefault(name, {})
        if (number, depth) not in self._begun:
            self._begun.add((number, depth))
            _start_over(node, depth, counts)
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        return _shown(levels, depth, counts)

    def _place(self, properties: Element | None) -> tuple[str, int]:
        """Return the list and the level of a paragraph: its own, or those of its style."""
        style = attribute(child(properties, "pStyle"))
        for _ in range(_MAX_STYLES):
            number = child(properties, "numPr", "numId")
            if number is not None:
                return attribute(number), integer(child(properties, "numPr", "ilvl"))
            node = self._styles.get(style)
            properties, style = child(node, "pPr"), attribute(child(node, "basedOn"))
            if node is None:
                break
        return "", 0


def _level(node: Element) -> _Level:
    suffix = attribute(child(node, "suff"))
    return _Level(
        start=integer(child(node, "start"), default=0 if child(node, "start") is not None else 1),
        form=attribute(child(node, "numFmt")) or "decimal",
        text=attribute(child(node, "lvlText")),
        gap="" if suffix == "nothing" else " ",
        legal=is_on(node, "isLgl"),
    )


def _start_over(number: Element, depth: int, counts: dict[int, int]) -> None:
    """Begin again where this list says so, though it shares its levels with another."""
    for override in children(number, "lvlOverride"):
        start = child(override, "startOverride")
        if start is not None and integer(override, "ilvl") == depth:
            counts[depth] = integer(start) - 1


def _shown(levels: dict[int, _Level], depth: int, counts: dict[int, int]) -> str:
    """Return the text of a level with its numbers; "" where one is of a form that we do not write."""
    level = levels[depth]
    text = level.text
    for place in sorted(set(re.findall("%([1-9])", text))):
        other = levels.get(int(place) - 1)
        if other is None:
            return ""
        words = _written(counts.get(int(place) - 1, other.start), "decimal" if level.legal else other.form)
        if not words:
            return ""
        text = text.replace(f"%{place}", words)
    return text + level.gap if text != level.text else ""


def _written(number: int, form: str) -> str:
    if form == "decimal":
        return str(number)
    if form in _HAN_ALL or (form in _HAN_TENS and number < 100):
        return _han(number)
    if form.startswith("decimalEnclosedCircle") and 1 <= number <= 20:
        return chr(0x245F + number)
    return ""


def _han(number: int) -> str:
    """Return 1 to 9999 in Chinese: 十二, 一百零三."""
    if not 0 < number < 10_000:
        return ""
    words = ""
    for digit, unit in zip(f"{number:04}", "千百十 ", strict=True):
        words += _HAN_DIGITS[int(digit)] + (unit if digit != "0" else "")
    words = re.sub("零+", "零", words).strip("零 ").replace(" ", "").rstrip("零")
    return words.removeprefix("一") if words.startswith("一十") else words
