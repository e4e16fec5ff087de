"""Read the date or the figure that a cited sentence tells of what is asked, and not of what stands beside it. Pure.

A sentence often tells several: 一家2005年成立的公司，2010年上市. Which one is meant follows from the clause.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypeAlias

from assistant.answer import Citation
from assistant.question import Asked
from assistant.verification.dates_in_text import DateMention, find_dates
from assistant.verification.numerals import find_numbers
from vectorstore.fold import fold
from vectorstore.numbers import parse_han

Day: TypeAlias = tuple[int, ...]
"""Year, month and day, as far as the words tell."""
Amount: TypeAlias = tuple[str, Decimal]
"""A unit and how many of it."""

_NUMERAL = "(?:\\d{1,2}(?!\\d)|[一二两三四五六七八九十百]+)"
_TERM = re.compile(rf"(?<!\d)(?:(?P<years>{_NUMERAL})年)?(?:零?(?P<months>{_NUMERAL})个月)?")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d年?")
_CLAUSE_END = re.compile("[，,。；;!?！？]")
_ONLY_WHEN = 4
"""A clause with no more characters than this beside its date only says when the next one happened."""
_PEOPLE = re.compile(r"\d[万亿]?[余多]?[名人位]")
_GOES_ON = re.compile("(?:使[其之])?(?:分别)?(?:达到?|降低?到|降至|[增升]至|为|约|仅|高达|超过?)")
_OPENING = 2
_LINK = re.compile("[㐀-鿿]{0,3}[于为是：: ]|(?:时间|日期)?[在将定]?")
_LETTER = re.compile("[㐀-鿿a-z]")
_AFTER_IT = re.compile(
    r"^(?:了|的)?(?:[\d一二三四五六七八九十百]+(?:多|余)?(?:个?月|周年|年|天|周|日|小时)|前夕|倒计时|以来|之?[前后](?=[的，,。；;]|$))"
)
_OTHER_MEASURE = re.compile(r"(?:人均|户均|平均|扣非|每股|单季度?|同比|环比)\S{0,2}$")
_RATIO = re.compile(r"[率比幅速度]是多少|百分|比例")
_SAID = re.compile(r"^[^，,。；;\d]{0,8}?(?P<figure>-?\d[^，,。；;（(]*)")


def day_told(asked: Asked, words: str, citation: Citation) -> tuple[str, Day] | None:
    """Return the date that a citation tells of what is asked, and its words; the fullest that the sentence has of it.

    It is the one in the clause of what happened, else that of the words that answer, else the first.
    """
    text = citation.cited_text
    folded = fold(text)
    event = _last_word(asked)
    dated = [one for one in find_dates(folded, published=citation.published) if _parts(one)]
    at = text.find(words) if words else -1
    meant = [one for one in dated if at >= 0 and at <= one.start < at + len(words)]
    beside = [one for one in dated if _beside(one, folded, event)]
    first = next((one for one in meant if one in beside), next(iter(beside[::-1]), None))
    told = first or next((one for one in (*meant, *dated[:1]) if _dates(folded, one, event)), None)
    if told is None or (asked.years and _parts(told)[0] not in asked.years):
        return None
    known = _parts(told)
    fuller = [one for one in dated if _parts(one)[: len(known)] == known]
    best = max(fuller, key=lambda one: len(_parts(one)))
    return text[best.start : best.end], _parts(best)


def _last_word(asked: Asked) -> str:
    """Return the word for what happened, or for what is measured: the last one that a question has of a dictionary."""
    return next((word.text for word in asked.words[::-1] if word.is_common and len(word.text) > 1), "")


def _clause(text: str, at: int) -> str:
    start, end = _clause_span(text, at)
    return text[start:end]


def _clause_span(text: str, at: int) -> tuple[int, int]:
    start = max((mark.end() for mark in _CLAUSE_END.finditer(text, 0, at)), default=0)
    end = _CLAUSE_END.search(text, at)
    return start, end.start() if end else len(text)


def _beside(mention: DateMention, text: str, event: str) -> bool:
    """Tell whether a date and what happened stand in one clause: 2005年成立, 成立于2005年; not 指控他在2020年密谋."""
    start, end = _clause_span(text, mention.start)
    at = text.find(event, start, end) if event else -1
    return at >= 0 and (at >= mention.end or bool(_LINK.fullmatch(text, at + len(event), mention.start)))


def _dates(text: str, mention: DateMention, event: str) -> bool:
    """Tell whether a date holds for what another clause tells: it opens its own, or is nearly all of it."""
    start, end = _clause_span(text, mention.start)
    if not event or event not in text or text.find(event, start, end) > mention.start:
        return True
    before, after = text[start : mention.start], text[mention.end : end]
    if len(_LETTER.findall(before)) > _OPENING and len(_LETTER.findall(before + after)) > _ONLY_WHEN:
        return False
    follows = text.find(event, end)
    return follows < 0 or not _AFTER_IT.match(text[follows + len(event) :])


def _parts(mention: DateMention) -> Day:
    """Return the parts of a date that are known from the year on; a year left out is the one it most likely means."""
    year = mention.year or (mention.years[-1] if mention.years else None)
    month = mention.month or (mention.months[-1] if mention.months else None)
    known: list[int] = []
    for part in (year, month, mention.day):
        if part is None:
            break
        known.append(part)
    return tuple(known)


def amount_told(asked: Asked, words: str, citation: Citation) -> tuple[str, Amount] | None:
    """Return the figure that a citation tells of what is measured, and its words.

    It is that of the words that answer where they stand in the clause of what is measured, else what follows it there.
    """
    text = fold(citation.cited_text)
    measure = measure_of(asked)
    years = {mention.year for mention in find_dates(text) if mention.year}
    if asked.years and years and not years & set(asked.years):
        return None
    at = text.find(fold(words)) if words else -1
    if at >= 0 and (not measure or measure not in text or _measures(measure, text, at)):
        where, figure = at, words
    elif measure and (
        said := _SAID.match(text[text.find(measure) + len(measure) :] if measure in text else "")
    ):
        where, figure = text.find(measure), said["figure"]
    else:
        return None
    amount = _amount(figure)
    clause = _clause(text, where)
    if amount is None or (amount[0] == "%" and measure and not _RATIO.search(asked.text)):
        return None
    other = _OTHER_MEASURE.search(clause[: clause.find(measure)]) if measure and measure in clause else None
    several = "分别" in clause and len(find_numbers(clause)) > 1
    return None if several or (other and other[0] not in fold(asked.text)) else (figure, amount)


def _measures(measure: str, text: str, at: int) -> bool:
    """Tell whether a figure stands in the clause of what is measured, or in the next one, which goes on with it."""
    start, end = _clause_span(text, at)
    before = _clause(text, start - 2) if start > 1 and _GOES_ON.match(text, start) else ""
    return says(measure, text[start:end]) or says(measure, before)


def measure_of(asked: Asked) -> str:
    """Return the word for what is measured (…的净利润是多少 → 净利润), empty where only its size is asked (多高)."""
    if not asked.text.endswith("是多少？"):
        return ""
    return next((word.text for word in asked.words[::-1] if len(word.text) > 1), "")


def says(word: str, text: str) -> bool:
    """Tell whether a text has a word, or the longer one that two characters stand for (刑期: 有期徒刑, 营收: 营业收入)."""
    if word in text or (word == "人数" and _PEOPLE.search(text)):
        return True
    if len(word) != 2:
        return False
    first, second = map(re.escape, word)
    return re.search(f"{first}.{{0,2}}{second}|{second}.{{0,2}}{first}", text) is not None


def _amount(words: str) -> Amount | None:
    folded = fold(words)
    if _YEAR.fullmatch(folded):
        return None
    term = next((match for match in _TERM.finditer(folded) if match[0]), None)
    if term:
        return "月", Decimal(12 * _count(term["years"]) + _count(term["months"]))
    numbers = find_numbers(folded)
    return (numbers[0].unit, numbers[0].value) if len(numbers) == 1 else None


def _count(numeral: str | None) -> int:
    value = parse_han(numeral) if numeral and not numeral.isdigit() else numeral
    return int(value) if value else 0
