"""Read a question: what kind of answer it asks for, its subject, and the smaller questions it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from assistant.reading.subject import Word, cut, words_of
from assistant.verification.dates_in_text import find_dates
from vectorstore.fold import fold

Kind: TypeAlias = Literal[
    "number", "date", "person", "place", "yes_no", "definition", "reason", "manner", "list", "compare", "summary",
    "other",
]  # fmt: skip

_KINDS: tuple[tuple[Kind, str], ...] = (
    ("summary", r"总结|概括|概述|主要内容|主要讲|介绍一下|讲了什么|说了什么|有什么看法|简要介绍|简述"),
    ("compare", r"相比|区别|不同之处|有何不同|有什么不同|差异|对比|谁更|哪个更|哪一个更|哪家更"),
    ("reason", r"为什么|为何|为啥|原因|何以|怎么会|缘何"),
    ("list", r"哪些|哪几|哪[两三四五六七八九]|分别|都有什么|有什么[^么]{0,6}[?？]?$|有哪|列举|包括什么|主演|成员有|都有谁"),
    ("manner", r"如何|怎么样|怎样|怎么|(?:什么|哪种)(?:方法|步骤|方式)"),
    ("date", r"什么时候|何时|哪一年|哪年|哪天|几月|几号|哪个月|时间(?:是|为)?[?？]?$|的?时间(?:是|为)|日期|几时|哪一天|哪一日|何年|何月|几点"),
    ("number", r"多少|几[个家人项篇名位款次年天亿万倍成座台种岁层届所部集块枚支条]|多大|多高|多长|多远|多重|多久|百分之几"
     r"|(?:比例|占比|规模|金额|数量|增速|增长率|准确率|票房|营收|营业收入|净利润|市值|估值|销量|交付量|产量|吞吐量|人数|总额|价格|售价)(?:是|为)?[?？]?$"),
    ("person", r"谁|哪位|何人|哪个人|什么人|(?:创始人|ceo|总裁|董事长|导演|作者|编剧|市长|主任|校长|院长)(?:是|叫)?(?:什么名字)?[?？]?$"),
    ("place", r"哪里|哪儿|何处|在哪|哪个城市|哪个省|哪个国家|哪个地区|什么地方|地点|哪座|哪国|地址|举办地|举办国"),
    ("yes_no", r"是不是|是否|有没有|能不能|会不会|可不可以|对不对|吗[?？]?$"),
    ("definition", r"什么是|^[^的]{1,14}是什么[?？]?$|何为|什么叫|指的是什么|是指什么|什么意思|(?:是|为)何物|定义"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)
SEVERAL_SENTENCES: frozenset[Kind] = frozenset(
    {"definition", "reason", "manner", "list", "compare", "summary"}
)
_SHORT_DESPITE = re.compile(r"(?:谁|多少|哪年|几)")
_CLAUSES = re.compile(r"[?？;；]+")
_JOIN = re.compile(r"(?<![共参涉普埃])(?:以及|和|与|及|、|跟)(?!谐|平|氏|睦|解|第|其)")
_NOT_TWINS = re.compile(r"什么|哪|谁|几|多少|何|如何|怎|是否|相比|合作|一起|会见|有关|联合|之间|无关")
_TWO_YEARS = re.compile(
    r"(?P<one>(?:19|20)\d\d)年?(?:和|与|、|以及)(?P<two>(?:19|20)\d\d)(?!\d)(?P<unit>年?)"
)
_MAX_PARTS = 4
_MAX_TWIN = 14


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is understood: the kind of answer it wants, the words of its subject, its years."""

    text: str
    kind: Kind
    words: tuple[Word, ...]
    years: tuple[int, ...]

    @property
    def wants_short_answer(self) -> bool:
        """Tell whether a few words can answer, so that they are shown before the sentence."""
        return self.kind not in SEVERAL_SENTENCES


def read_question(question: str) -> Asked:
    """Return what a question asks for."""
    years = {mention.year for mention in find_dates(fold(question)) if mention.year}
    years |= {int(year) for year in re.findall(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d|[-.]\d)", question)}
    return Asked(question, kind_of(question), words_of(question), tuple(sorted(years)))


def kind_of(question: str) -> Kind:
    """Return what kind of answer a question asks for."""
    folded = fold(question).strip()
    for kind, pattern in _COMPILED:
        if pattern.search(folded):
            return kind
    return "other"


def parts_of(question: str) -> tuple[str, ...]:
    """Return the smaller questions that a question holds (香港和澳门的GDP → two), or none where it holds one."""
    clauses = [clause.strip() for clause in _CLAUSES.split(question) if len(clause.strip()) > 1]
    if len(clauses) > 1:
        return tuple(clauses[:_MAX_PARTS]) if _each_asks(clauses) else ()
    years = _TWO_YEARS.search(question)
    if years:
        head, tail = question[: years.start()], question[years.end() :].replace("分别", "", 1)
        return tuple(f"{head}{year}{years['unit']}{tail}" for year in (years["one"], years["two"]))
    for match in _JOIN.finditer(question):
        twins = _twins(question, match.start(), match.end())
        if twins is not None:
            left, right = twins
            if _NOT_TWINS.search(question[match.start() - left : match.end() + right + 2]):
                continue
            first = question[: match.start()] + question[match.end() + right :]
            second = question[: match.start() - left] + question[match.end() :]
            return (first.replace("分别", "", 1), second.replace("分别", "", 1))
    return ()


def _each_asks(clauses: Sequence[str]) -> bool:
    """Tell whether the later clauses ask something too, rather than the first one only setting the scene."""
    return all(kind_of(clause) != "other" or words_of(clause) for clause in clauses)


def _twins(question: str, before: int, after: int) -> tuple[int, int] | None:
    """Return how many characters before and after a joining word are two of a kind (女单 and 男单), or None."""
    folded = fold(question)
    if _inside_quotes(question, before):
        return None
    for size in range(min(_MAX_TWIN, before, len(folded) - after), 1, -1):
        left, right = folded[before - size : before], folded[after : after + size]
        same = sum(one == other for one, other in zip(left, right, strict=True))
        if left != right and 2 * same >= size and left[-1] == right[-1]:
            return size, size
    left_words = _pieces(folded[:before])
    right_words = _pieces(folded[after:])
    if not left_words or not right_words or len(left_words[-1]) < 2 or len(right_words[0]) < 2:
        return None
    return len(left_words[-1]), len(right_words[0])


def _pieces(text: str) -> list[str]:
    """Return the words of a text whole, latin and quoted runs as they are."""
    pieces: list[str] = []
    for match in re.finditer(r"《[^》]*》|[a-z0-9.+-]+年?|[㐀-鿿]+|.", text):
        run = match[0]
        if re.fullmatch(r"[㐀-鿿]+", run):
            places = [word.text for word in words_of(run)]
            pieces += [piece for piece, _ in cut(run, known=frozenset(places))]
        else:
            pieces.append(run)
    return pieces


def _inside_quotes(text: str, at: int) -> bool:
    return any(
        text.count(opening, 0, at) > text.count(closing, 0, at)
        for opening, closing in ("《》", "“”", "「」", "『』", "（）")
    )
