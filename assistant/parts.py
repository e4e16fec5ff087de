"""Take a question apart: the smaller questions that it holds (香港和澳门的GDP), or none where it holds one. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from assistant.question import kind_of
from assistant.rows import Row, is_body, rows_of
from assistant.subject import cut, words_of
from assistant.verification.names import common_words
from vectorstore.fold import fold

_CLAUSES = re.compile(r"[?？;；]+")
_COMMAS = re.compile(r"[,，]")
_ASKS = re.compile(r"^(?!不[管论]|无论|当).*(?:多[少久长大高远重]|几|谁|哪|何|什么|怎|是否|是不是|有没有|吗)")
_ASKS_INSIDE = re.compile(r"什么|哪|谁|几|多少|何|怎|是否")
_ASKS_EACH = re.compile(
    r"(?:分别|各自?)?(?:(?:是|为|有|叫)(?:谁|什么(?!关系|区别|不同)|哪|多少|几)|多少|几|何时|什么时候)"
)
_TOGETHER = re.compile(r"相比|合作|一起|会见|有关|联合|之间|无关")
_AS_ONE = re.compile(r"相比|合作|区别|差异|差距|之间|关系|共同")
_BOTH_SEXES = re.compile("(?P<both>男女)(?:(?P<match>[单双]打)|[主配]角|[主配]演|[单双篮排足])")
_MEANS = re.compile(
    r"^(?P<who>.{2,60}?)(?:都?是)?(?:如何|怎样|怎么)通过(?P<ways>[^？?]{4,80}?)来[^？?]{2,60}[？?]?$"
)
_DIFFER = re.compile(
    r"(?:之间|相比|比较)?[，,]?的?(?:是否)?(?:有|存在)?(?:着)?(?:哪些|什么|何|多大)?(?:主要|明显|重要)?的?"
    r"(?:不同|区别|差异|差别|异同)(?:点|之处)?(?:有哪些|在哪里?|在于什么|是什么|如何|吗)?[?？]?$"
)
_MAX_PARTS = 4
_EACH = re.compile(r"分别|各自?(?=[是为有占])")
_THEIR_OWN = re.compile("各自的?")


@lru_cache(maxsize=64)
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
        return tuple(f"{question[: both.start('both')]}{name}{question[both.end('both') :]}" for name in each)
    if means := _MEANS.match(question):  # 如何通过收购和融资来扩张: how it buys, how it raises money
        return tuple(f"{means['who']}如何{way}？" for way in _ways(means["ways"]))
    if differ := _DIFFER.search(question):  # 甲和乙的症状有什么不同: the symptoms of each
        head = question[: differ.start()]
        rows = rows_of(head)
        return tuple(f"{part}是什么？" for part in of_each(head, in_step(head, rows)))
    folded = fold(question)
    rows = [row for row in rows_of(question) if not _asked_together(folded, row[0][0], row[-1][1])]
    return of_each(question, in_step(question, rows) if _EACH.search(question) else rows[:1])


def _ways(listed: str) -> list[str]:
    """Return the members of a list of things that are done (资产收购、债务重组和融资)."""
    ways = [way for way in re.split("[、，,]|以及|和|与", listed) if way]
    return ways[:_MAX_PARTS] if len(ways) > 1 and all(len(way) > 1 for way in ways) else []


def in_step(question: str, rows: Sequence[Row]) -> list[Row]:
    """Return the rows whose members belong together, one by one (A和B分别在2019年和2021年: A in 2019, B in 2021).

    What common words name is no member's own: of 2019年和2020年的产量和销量 each year has both.
    """
    first = rows[:1]
    return [
        *first,
        *(
            row
            for row in rows[1:]
            if len(row) == len(first[0]) and not all(_is_plain(question[slice(*span)]) for span in row)
        ),
    ]


def _is_plain(words: str) -> bool:
    return not is_body(words) and all(piece in common_words() for piece, _ in cut(fold(words)))


def of_each(question: str, rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the question once for each member of its rows, with what stands at the member's place in every one."""
    parts = []
    for at in range(min(len(rows[0]), _MAX_PARTS) if rows else 0):
        part = question
        for row in sorted(rows, reverse=True):
            part = f"{part[: row[0][0]]}{_member(question, row, at)}{part[row[-1][1] :]}"
        parts.append(_THEIR_OWN.sub("", _EACH.sub("", part, count=1)))
    return tuple(parts)


def _member(question: str, row: Row, at: int) -> str:
    """Return the words of a member of a row, a bare year with the 年 that the last one has (2019和2020年)."""
    words = question[slice(*row[at])]
    return f"{words}年" if words.isdigit() and question[: row[-1][1]].endswith("年") else words


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
