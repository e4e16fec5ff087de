"""Find what stands in a row in a question (香港和澳门, 甲、乙和丙): names of one kind between joining words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Literal, TypeAlias

from assistant.subject import cut, words_of
from vectorstore.fold import fold

Row: TypeAlias = list[tuple[int, int]]
"""The spans of what stands in a row, as they follow one another."""

Twins: TypeAlias = Callable[[str, int, int], tuple[int, int]]
"""What finds the lengths of two of a kind that stand before and after a joining word."""

JOINS = r"(?<![共参涉普埃])(?:以及|和|与|及|、|跟)(?!谐|平|氏|睦|解)"
JOIN = re.compile(rf"{JOINS}(?!第|其)")
_YEARS = re.compile(r"(?:(?:19|20)\d\d年?(?:和|与|、|以及))+(?:19|20)\d\d(?!\d)(?P<unit>年?)")
_YEAR_IN_ROW = re.compile(r"\d{4}年?")
_MAX_TWIN = 14
_MAX_ROW = 8
_MAX_JOINS = 12
_NEAR = 40  # characters on each side of a joining word that are looked at
_OF = re.compile(rf"的(?P<left>[^的，,。、和与及]{{2,{_MAX_TWIN}}})$")
_UNTIL_VERB = re.compile(rf"(?P<right>[^的，,。、和与及]{{2,{_MAX_TWIN}}}?)(?:分别|各|[是为在]|有(?!限))")
_APART = re.compile("[的，,、。：:]")
_UNTIL_OF = re.compile(rf"(?P<right>[^的，,。、和与及]{{2,{_MAX_TWIN}}}?)(?:的|$|分别|各|[是为在]|有(?!限))")
_PHRASE = re.compile(r"[^的，,。、：:]+$")
_IN_A_ROW = re.compile(rf"[^，,。？?的]{{2,{_MAX_TWIN}}}")
_BODY = "(?:有限公司|公司|集团|银行|大学|学院|医院|法院|检察院|研究院|研究所|中心|协会|基金会|委员会|俱乐部|出版社|百货|酒店|机场)"
_YEAR = r"(?:(?:19|20)\d\d年度?的?)?"
_IN_YEAR = r"(?:在?(?:19|20)\d\d年)?"
_BODY_BEFORE = re.compile(
    rf"(?:^|[，,。：:；;的])(?:请问|请|比较|对比|根据|按照|按|结合|在)*"
    rf"(?P<name>(?P<year>{_YEAR})[^，,。、：:；;的]{{1,20}}?{_BODY}+(?P<then>{_IN_YEAR}))$"
)
_BODY_AFTER = re.compile(rf"(?P<year>{_YEAR})[^，,。、：:；;的]{{1,20}}?{_BODY}+(?P<then>{_IN_YEAR})")
_BREAK = re.compile("[，,：:；;]")
_YEAR_FIRST = re.compile(r"(?:19|20)\d\d年度?的?")
_TIME_INSIDE = re.compile(r"第?[一二三四]季|[上下]半年|(?:19|20)\d\d年")
_ENDS_NAME = re.compile(
    r"的|[都均](?!市)|分别|同样|各自?|[在是](?!线)|第?[一二三四]季|[上下]半年|(?:19|20)\d\d年"
)
_MAX_COMPARED_CHARS = 40
_SOMEBODY_BEFORE = re.compile("[㐀-鿿]某{1,2}$")
_SOMEBODY_AFTER = re.compile("[㐀-鿿]某{1,2}")


def rows_of(question: str) -> list[Row]:
    """Return the rows of a question, surest first: years, then organisations and persons, then other twins."""
    rows: list[Row] = []
    if years := _YEARS.search(question):
        rows.append([match.span() for match in _YEAR_IN_ROW.finditer(question, *years.span())])
    joins = list(islice(JOIN.finditer(question), _MAX_JOINS))
    for find in (_bodies, _twins):
        for join in joins:
            if not any(row[0][0] <= join.start() < row[-1][1] for row in rows):
                row = _row(question, join, find)
                if row and all(row[-1][1] <= other[0][0] or other[-1][1] <= row[0][0] for other in rows):
                    rows.append(row)
    return rows


def pair_of(question: str) -> Row | None:
    """Return the two that a comparison sets side by side (甲银行和乙集团的…), None where more joins or nothing does.

    The first is all that stands before the joining word, and not only a word like the other's: what is compared
    comes first. The second goes to its end word where the first has a 的 or a year of its own, else to the 的.
    """
    joins = [join for join in JOIN.finditer(question) if not inside_quotes(question, join.start())]
    if len(joins) != 1 or joins[0][0] == "、":
        return None
    before, after = question[: joins[0].start()], question[joins[0].end() :]
    start = max((mark.end() for mark in _BREAK.finditer(before)), default=0)
    after = _BREAK.split(after)[0]
    if (year := _YEAR_FIRST.match(before, start)) and not _YEAR_FIRST.match(after):
        start = year.end()
    if "的" not in after:  # 公司的营业收入和净利润: two of one
        start = max(start, before.rfind("的") + 1)
    left = before[start:]
    if len(left) < 2 or len(left) > _MAX_COMPARED_CHARS:
        return None
    if is_body(left) and (body := _BODY_AFTER.match(after)):
        size = body.end()
    elif "的" in left or _TIME_INSIDE.search(left, 1):
        alike = re.compile(f"{re.escape(left[-1])}+").search(after, max(after.find("的"), 0) + 1)
        size = alike.end() if alike else 0
    else:
        end = _ENDS_NAME.search(after, 2)
        size = end.start() if end else len(after)
    return [(start, len(before)), (joins[0].end(), joins[0].end() + size)] if size >= 2 else None


def _row(question: str, join: re.Match[str], find: Twins) -> Row:
    """Return the spans of the twins that a joining word stands between, and of those in a row with them (甲、乙和丙)."""
    joins = [join]
    while (
        joins[-1][0] == "、" and len(joins) < _MAX_ROW and (another := JOIN.search(question, joins[-1].end()))
    ):
        if not _IN_A_ROW.fullmatch(question, joins[-1].end(), another.start()):
            break
        joins.append(another)
    first, last = find(question, *join.span()), find(question, *joins[-1].span())
    if first[0] < 2 or last[1] < 2:
        return []
    starts = [join.start() - first[0], *(one.end() for one in joins)]
    ends = [*(one.start() for one in joins), joins[-1].end() + last[1]]
    return list(zip(starts, ends, strict=True))


def _bodies(question: str, before: int, after: int) -> tuple[int, int]:
    """Return the lengths of two organisations, or of two persons whose names are withheld (张某和李某某), 0 for none."""
    left, right = fold(question[max(before - _NEAR, 0) : before]), fold(question[after : after + _NEAR])
    persons = _SOMEBODY_BEFORE.search(left), _SOMEBODY_AFTER.match(right)
    if persons[0] and persons[1]:
        return len(persons[0][0]), len(persons[1][0])
    first, second = _BODY_BEFORE.search(left), _BODY_AFTER.match(right)
    if first is None or second is None:
        return 0, 0
    skipped = 0 if second["year"] else len(first["year"])  # 2021年甲公司和乙公司: a year of both
    then = 0 if first["then"] else len(second["then"])
    return len(first["name"]) - skipped, len(second[0]) - then


def _twins(question: str, before: int, after: int) -> tuple[int, int]:
    """Return how many characters before and after a joining word are two of a kind (女单 and 男单), 0 for none."""
    if inside_quotes(question, before):
        return 0, 0
    left, right = fold(question[max(before - _NEAR, 0) : before]), fold(question[after : after + _NEAR])
    for size in range(min(_MAX_TWIN, len(left), len(right)), 1, -1):
        one, other = left[-size:], right[:size]
        same = sum(first == second for first, second in zip(one, other, strict=True))
        if (
            one != other
            and 2 * same >= size
            and one[-1] == other[-1]
            and not _APART.search(one)
            and _begins_word(left, len(left) - size)
        ):
            return size, size
    if phrases := _same_ending(left, right):
        return phrases
    owned, verb = _OF.search(left), _UNTIL_VERB.match(right)
    if owned and verb:  # 公司的创始人和首席科学家是谁
        return len(owned["left"]), len(verb["right"])
    return len(_edge(left, -1)), len(_edge(right, 0))


def is_body(words: str) -> bool:
    """Tell whether words name an organisation by their end (…有限公司, …医院)."""
    return re.search(f"{_BODY}$", words) is not None


def _begins_word(text: str, at: int) -> bool:
    """Tell whether a word may begin at a place: no number and no known word runs over it."""
    if at and re.match(r"[a-z0-9.]{2}|\d[年月日号]|[年月]\d", text[at - 1 :]):
        return False
    run = re.search(r"(?P<unit>(?<=\d)[年月日号])?(?P<han>[㐀-鿿]+)$", text[:at])
    after = re.match(r"[㐀-鿿]+", text[at:])
    if run is None or after is None:
        return True
    whole = run["han"] + after[0]
    known = frozenset(word.text for word in words_of(whole))
    return any(start == len(run["han"]) for _, start in cut(whole, known=known))


def _same_ending(left: str, right: str) -> tuple[int, int] | None:
    """Return the lengths of two phrases that end alike (平原县地震 and 汶川地震), None where they do not.

    The first one begins at the word that makes it most nearly as long as the second.
    """
    before, after = _PHRASE.search(left), _UNTIL_OF.match(right)
    if before is None or not left[-1:].isalnum():
        return None
    ends_alike = after is not None and after["right"][-1] == left[-1]
    size = len(after["right"]) if after and ends_alike else _until_ending(before[0], right)
    starts = [at for at in range(len(before[0]) - 1) if _begins_word(left, before.start() + at)]
    lengths = [len(before[0]) - at for at in starts]
    own = min(lengths, key=lambda length: (abs(length - size), -length), default=0)
    return (own, size) if size and 2 <= own <= _MAX_TWIN else None


def _until_ending(phrase: str, text: str) -> int:
    """Return how far a text goes to the longest ending of a phrase that it holds, 0 where it holds none."""
    for size in range(min(len(phrase) - 1, _MAX_TWIN), 1, -1):
        ending = phrase[-size:]
        found = re.match(rf"[^的，,。、和与及]{{1,{_MAX_TWIN}}}?{re.escape(ending)}", text)
        if found and re.fullmatch("[㐀-鿿]+", ending):
            return found.end()
    return 0


def _edge(text: str, at: Literal[0, -1]) -> str:
    """Return the first or the last word of a text, latin and quoted runs as they are."""
    runs = re.findall(r"《[^》]*》|[a-z0-9.+-]+(?: [a-z0-9.+-]+)*年?|[㐀-鿿]+|.", text)
    run = runs[at] if runs else ""
    if not re.fullmatch(r"[㐀-鿿]+", run):
        return run
    pieces = [piece for piece, _ in cut(run, known=frozenset(word.text for word in words_of(run)))]
    return pieces[at] if len(pieces[at]) > 1 else "".join(pieces[:2] if at == 0 else pieces[-2:])


def inside_quotes(text: str, at: int) -> bool:
    """Tell whether a place stands between quotes or brackets."""
    return any(
        text.count(opening, 0, at) > text.count(closing, 0, at)
        for opening, closing in ("《》", "“”", "「」", "『』", "（）")
    )
