"""Find the few words that answer, inside the sentence that holds them. Pure."""

from __future__ import annotations

import re

from assistant.question import Asked
from assistant.reading.answer_kinds import is_of_kind
from assistant.reading.passages import quotable
from assistant.reading.reader import VALUE
from assistant.reading.subject import coverage
from assistant.verification.polarity import find_negations
from vectorstore.fold import fold

MAX_CHARS = 40
MAX_FIGURE = 16
_MEASURES = "个项家名位人篇款次倍成座台种度元米岁层届所部集块枚支条年天日月号万亿千百%％‰股吨件辆票分秒页张只套架艘艇处间门首本场期"
_ENDS_IN_NUMBER = re.compile(r"[\d一二三四五六七八九十百千万亿几两多余]$")
_AFTER_NAME = re.compile(r"等|表示|说|称|介绍|认为|指出|透露|强调|坦言|出任|担任|在|悉数|[，。；、（(]|，")
_YES_COVERAGE = 0.75


def short_answer(asked: Asked, sentence: str, span: tuple[int, int] | None) -> str | None:
    """Return the short answer in a sentence, in its own words (是 or 否 for a yes-or-no question), or None."""
    if asked.kind == "yes_no":
        return yes_or_no(asked, sentence)
    if span is None:
        return None
    start, end = trimmed(asked, sentence, *span)
    words = sentence[start:end]
    if not words or len(words) > MAX_CHARS or len(words) >= 0.9 * len(sentence):
        return None
    if asked.kind in ("number", "date") and len(words) > MAX_FIGURE and "，" in words:
        return None
    return words if is_of_kind(asked, words) else None


def trimmed(asked: Asked, sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return the span as it can stand alone: the figure with its measure, the name without 表示 or 等."""
    if asked.kind in ("number", "date"):
        start, end = the_value(asked, sentence, start, end)
    if asked.kind == "person":
        match = _AFTER_NAME.search(sentence, start + 2, end)
        end = match.start() if match else end
    start, end = _closed(sentence, *with_measure(sentence, start, end))
    low, high = quotable(sentence[start:end])
    return start + low, start + high


def the_value(asked: Asked, sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return the one figure or date inside the span, or in the whole sentence where the span has none."""
    folded = fold(sentence)
    pattern = VALUE[asked.kind]
    asked_for = {word.text for word in asked.words}
    for low, high in ((start, end), (0, len(sentence))):
        found = [match for match in pattern.finditer(folded, low, high) if match[0] not in asked_for]
        found = [match for match in found if re.search(r"\d", match[0])] or found
        if len(found) == 1:
            return found[0].span()
        if found:
            return start, end
    return start, end


def _closed(sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return the span with the bracket or quote that closes one opened in it, where that is next to it."""
    for opening, closing in (("（", "）"), ("(", ")"), ("《", "》"), ("“", "”"), ("「", "」")):
        inside = sentence[start:end]
        if inside.count(opening) > inside.count(closing) and sentence[end : end + 1] == closing:
            end += 1
        elif inside.count(opening) > inside.count(closing) and inside.rfind(opening) > 0:
            end = start + inside.rfind(opening)
    return start, end


def with_measure(sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return the span with the rest of its number and its measure word (100 → 100项)."""
    while start > 0 and sentence[start].isdigit() and sentence[start - 1] in "0123456789.":
        start -= 1
    while end < len(sentence) and sentence[end - 1].isdigit() and sentence[end] in "0123456789.%％":
        end += 1
    for _ in range(2):
        if (
            end < len(sentence)
            and _ENDS_IN_NUMBER.search(sentence[start:end])
            and sentence[end] in _MEASURES + "多余"
        ):
            end += 1
    return start, end


def yes_or_no(asked: Asked, sentence: str) -> str | None:
    """Return 是 or 否 where the sentence says what the question asks, or denies it; None where it is unsure."""
    folded = fold(sentence)
    if coverage(asked.words, folded) < _YES_COVERAGE:
        return None
    asks = re.sub(r"是不是|有没有|能不能|会不会|可不可以|对不对|是否", "", fold(asked.text))
    same = len(find_negations(folded)) % 2 == len(find_negations(asks)) % 2
    return "是" if same else "否"
