"""Swap one part of the last question for another (那上海呢？), or ask its subject another thing. Pure."""

from __future__ import annotations

import re

from assistant.events import Turn
from assistant.followups.antecedents import find_pronoun
from assistant.followups.topic import ASKS, FIRST_ASK, NOT_THAT, subject_of
from assistant.subject import cut, words_of
from assistant.verification.names import find_names
from vectorstore.fold import fold

_SWAP = re.compile(
    rf"^(?:那么?{NOT_THAT}(?![里儿])|那如果是|至于|换成|和|与|再?说说)?(?P<what>[^？?，,。]{{1,24}}?)(?:又|则|的话)?(?:呢|怎么样呢|如何呢)[？?]?$"
)
_YEAR = re.compile(r"(?:\d{4}|[今去前明后])年(?:\d{1,2}月|[上下]半年|第[一二三四]季度|[一二三四]季度)?")
_MONTH = re.compile(r"\d{1,2}月(?:\d{1,2}日)?|[上下]半年|第?[一二三四]季度")
_ATTRIBUTE_ENDS = (
    "额|值|率|量|数|价|价格|时间|地点|人数|规模|面积|收入|利润|营收|票房|成本|速度|比例|作者|导演|主演|编剧|主任|院长|校长|总裁|总经理|董事长|创始人|负责人|ceo|cto"
    "|原因|目的|意义|方法|结果|特点|作用|影响|内容|对象|范围|金额|投资|估值|融资|产值|销量|产量|技术|产品|项目|计划|目标|政策|方面|层面|资金|人才"
)
_EDGE = re.compile(r"[的在和与是，,、：:]|\d{4}年(?:\d+月)?")
_LONGEST_ENDING, _LONGEST_TWIN = 6, 16


def swap(asked: str, last: Turn) -> str | None:
    """Return the last question with one part swapped (那上海呢？), or its subject asked another thing (总估值呢？)."""
    match = _SWAP.match(asked)
    if match is None or FIRST_ASK.search(match["what"]):
        return None
    what = match["what"].strip()
    old = last.question.strip()
    pronoun = find_pronoun(what)
    if pronoun and pronoun.start() == 0:
        what = what[pronoun.end() :].lstrip("的")
    if not what:
        return None
    year = _YEAR.search(old)
    if year and _MONTH.fullmatch(what) and not _MONTH.search(old):
        return old.replace(year[0], year[0] + what, 1)
    part = _same_kind(what, old)
    if part:
        return old.replace(_with_marks(part, what, old), what, 1)
    asked_for = _attribute(old)
    if asked_for:
        return old.replace(asked_for, what, 1)
    subject = subject_of(old)
    return f"{subject}的{what}是什么？" if subject else None


def _with_marks(part: str, what: str, old: str) -> str:
    """Return the part with the quotation marks around it, where the new one brings its own (《流浪地球2》呢？)."""
    marked = f"{what[0]}{part}{what[-1]}"
    return marked if what[0] in "《“「『" and marked in old else part


def _same_kind(what: str, old: str) -> str | None:
    """Return the part of the old question that is of the same kind as the new one: a year, a place, a name."""
    for pattern in (_YEAR, _MONTH):
        if pattern.fullmatch(what):
            found = pattern.search(old)
            return found[0] if found else None
    twin = _twin_phrase(what, old) or _twin_ending(what, old)
    if twin:
        return twin
    new = [name for name in find_names(fold(what)) if name.end - name.start >= len(what) - 2]
    kinds = {name.kind for name in new}
    places = [name for name in find_names(fold(old)) if name.kind in kinds and name.kind != "latin"]
    if places:
        longest = max(places, key=lambda name: (name.end - name.start, -name.start))
        return old[longest.start : longest.end]
    if _is_named(what) or kinds or max((word.weight for word in words_of(what)), default=0.0) >= 0.8:
        unknown = [
            name for name in find_names(fold(old)) if name.kind in ("organisation", "person", "quoted")
        ]
        if unknown and not _is_attribute(what):
            return old[unknown[0].start : unknown[0].end]
        subject = subject_of(old)
        return subject if subject and not _is_attribute(what) else None
    return None


def _twin_phrase(what: str, old: str) -> str | None:
    """Return the words of the old question that end in the same two characters or more (住房账户 and 储蓄账户)."""
    for size in range(min(len(what) - 1, _LONGEST_ENDING), 1, -1):
        at = old.find(what[-size:])
        if at >= 0:
            start = max((edge.end() for edge in _EDGE.finditer(old, 0, at)), default=0)
            found = old[start : at + size]
            return found if found != what and len(found) <= _LONGEST_TWIN else None
    return None


def _twin_ending(what: str, old: str) -> str | None:
    """Return the word of the old question that ends alike (闵行区 and 嘉定区)."""
    pieces = [piece for run in re.findall(r"[㐀-鿿]+", fold(old)) for piece, _ in cut(run)]
    alike = [piece for piece in pieces if len(piece) >= 2 and piece[-1] == what[-1] and piece != what]
    alike = [piece for piece in alike if abs(len(piece) - len(what)) <= 1 and piece[-1] in "区市省县州国队厂"]
    if alike:
        return alike[0]
    if len(what) == 2 and not _is_attribute(what):
        alike = [piece for piece in pieces if len(piece) == 2 and len({*piece} & {*what}) == 1]
    return alike[0] if alike else None


def _is_attribute(what: str) -> bool:
    return not _is_named(what) and re.search(rf"(?:{_ATTRIBUTE_ENDS})$", fold(what)) is not None


def _is_named(what: str) -> bool:
    """Tell whether a few words are a name by their writing: quoted, latin, a model number."""
    folded = fold(what)
    return re.search(r"[a-z0-9《“]", folded) is not None and not re.fullmatch(r"c[efpt]o", folded)


def _attribute(old: str) -> str | None:
    """Return the thing that a question asks of its subject: the words between 的 and the asking word."""
    match = re.search(rf"的(?P<what>[^的，,？?]{{1,12}}?)(?:是|为|有|达到?|约)?(?:{ASKS})", old)
    return match["what"] if match else None
