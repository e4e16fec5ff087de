"""Take a question apart: the smaller questions that it holds (香港和澳门的GDP), or none where it holds one. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Literal

from assistant.question import kind_of
from assistant.subject import cut, words_of
from vectorstore.fold import fold

_CLAUSES = re.compile(r"[?？;；]+")
_COMMAS = re.compile(r"[,，]")
_ASKS = re.compile(r"^(?!不[管论]|无论|当).*(?:多[少久长大高远重]|几|谁|哪|何|什么|怎|是否|是不是|有没有|吗)")
_JOIN = re.compile(r"(?<![共参涉普埃])(?:以及|和|与|及|、|跟)(?!谐|平|氏|睦|解|第|其)")
_ASKS_INSIDE = re.compile(r"什么|哪|谁|几|多少|何|怎|是否")
_ASKS_EACH = re.compile(
    r"(?:分别|各自?)?(?:(?:是|为|有|叫)(?:谁|什么(?!关系|区别|不同)|哪|多少|几)|多少|几|何时|什么时候)"
)
_TOGETHER = re.compile(r"相比|合作|一起|会见|有关|联合|之间|无关")
_AS_ONE = re.compile(r"相比|合作|区别|差异|差距|之间|关系|共同")
_BOTH_SEXES = re.compile("(?P<both>男女)(?:(?P<match>[单双]打)|[主配]角|[主配]演|[单双篮排足])")
_YEARS = re.compile(r"(?:(?:19|20)\d\d年?(?:和|与|、|以及))+(?:19|20)\d\d(?!\d)(?P<unit>年?)")
_MAX_PARTS = 4
_MAX_TWIN = 14
_MAX_ROW = 8
_MAX_JOINS = 24
_NEAR = 40  # characters on each side of a joining word that are looked at
_EACH = re.compile(r"分别|各自?(?=[是为有占])")
_OF = re.compile(rf"的(?P<left>[^的，,。、和与及]{{2,{_MAX_TWIN}}})$")
_UNTIL_VERB = re.compile(rf"(?P<right>[^的，,。、和与及]{{2,{_MAX_TWIN}}}?)(?:分别|各|[是为在]|有(?!限))")
_APART = re.compile("[的，,、。：:]")
_UNTIL_OF = re.compile(rf"(?P<right>[^的，,。、和与及]{{2,{_MAX_TWIN}}}?)(?:的|$|分别|各|[是为在]|有(?!限))")
_PHRASE = re.compile(r"[^的，,。、：:]+$")
_IN_A_ROW = re.compile(rf"[^，,。？?的]{{2,{_MAX_TWIN}}}")


def parts_of(question: str) -> tuple[str, ...]:
    """Return the smaller questions that a question holds (香港和澳门的GDP → two), or none where it holds one."""
    clauses = [clause.strip() for clause in _CLAUSES.split(question) if len(clause.strip()) > 1]
    if len(clauses) > 1:
        return tuple(clauses[:_MAX_PARTS]) if _each_asks(clauses) else ()
    clauses = _COMMAS.split(question)
    if len(clauses) > 1 and all(_ASKS.search(fold(clause)) for clause in clauses):
        return tuple(clauses[:_MAX_PARTS])
    if both := _BOTH_SEXES.search(question):
        each = ("男子", "女子") if both["match"] else ("男", "女")
        return _with_each(question, both.span("both"), each)
    years = _YEARS.search(question)
    if years:
        named = [f"{year}{years['unit']}" for year in re.findall(r"\d{4}", years[0])]
        return _with_each(question, years.span(), named)
    for match in islice(_JOIN.finditer(question), _MAX_JOINS):
        row = _row(question, match)
        if row and not _asked_together(fold(question), row[0][0], row[-1][1]):
            return _with_each(question, (row[0][0], row[-1][1]), [question[slice(*span)] for span in row])
    return ()


def _with_each(question: str, row: tuple[int, int], names: Sequence[str]) -> tuple[str, ...]:
    head, tail = question[: row[0]], question[row[1] :]
    return tuple(_EACH.sub("", f"{head}{name}{tail}", count=1) for name in names[:_MAX_PARTS])


def _row(question: str, join: re.Match[str]) -> list[tuple[int, int]]:
    """Return the spans of the twins that a joining word stands between, and of those in a row with them (甲、乙和丙)."""
    joins = [join]
    while (
        joins[-1][0] == "、"
        and len(joins) < _MAX_ROW
        and (another := _JOIN.search(question, joins[-1].end()))
    ):
        if not _IN_A_ROW.fullmatch(question, joins[-1].end(), another.start()):
            break
        joins.append(another)
    first, last = _twins(question, *join.span()), _twins(question, *joins[-1].span())
    if first[0] < 2 or last[1] < 2:
        return []
    starts = [join.start() - first[0], *(one.end() for one in joins)]
    ends = [*(one.start() for one in joins), joins[-1].end() + last[1]]
    return list(zip(starts, ends, strict=True))


def _asked_together(folded: str, start: int, end: int) -> bool:
    """Tell whether what stands in a row is asked of as one (A和B合作的…), or the row holds an asking word."""
    if _ASKS_INSIDE.search(folded, start, end) or _TOGETHER.search(folded, start, end + 2):
        return True
    if not _EACH.search(folded, end) and _AS_ONE.search(folded, end):
        return True
    return bool(_ASKS_INSIDE.search(folded, end, end + 2)) and not _ASKS_EACH.match(folded, end)


def _each_asks(clauses: Sequence[str]) -> bool:
    """Tell whether the later clauses ask something too, rather than the first one only setting the scene."""
    return all(kind_of(clause) != "other" or words_of(clause) for clause in clauses)


def _twins(question: str, before: int, after: int) -> tuple[int, int]:
    """Return how many characters before and after a joining word are two of a kind (女单 and 男单), 0 for none."""
    if _inside_quotes(question, before):
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


def _inside_quotes(text: str, at: int) -> bool:
    return any(
        text.count(opening, 0, at) > text.count(closing, 0, at)
        for opening, closing in ("《》", "“”", "「」", "『』", "（）")
    )
