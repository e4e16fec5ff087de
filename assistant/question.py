"""Read a question: what kind of answer it asks for, its subject, and the smaller questions it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeAlias

from assistant.subject import MEASURES, Word, cut, words_of
from assistant.time_words import COUNTED
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
    ("list", r"哪些|哪几|哪[两三四五六七八九]|分别|各[是为有占](?:多少|什么|几|谁)|都有什么|有什么[^么]{0,6}[?？]?$|有哪|列举|包括什么"
     r"|主演|成员有|都有谁"),
    ("manner", r"如何|怎么样|怎样|怎么|(?:什么|哪种)(?:方法|步骤|方式)"),
    ("date", r"什么时候|何时|哪一年|哪年|哪天|几月|几号|哪个月|(?<!多[长少久])时间(?:是|为|[?？]?$)|日期|几时|哪一天|哪一日|何年|何月|几点"),
    ("number", rf"多少|几[{MEASURES}]|多大|多高|多长|多远|多重|多久|百分之几"
     r"|(?:比例|占比|规模|金额|数量|增速|增长率|准确率|票房|营收|营业收入|净利润|市值|估值|人数|总额|价格|售价|(?<!效)率|[销产交付吞吐出货流雨水电客储载容]量)(?:是|为)?[?？]?$"),
    ("person", r"谁|哪位|何人|哪个人|什么人|(?:创始人|ceo|总裁|董事长|导演|作者|编剧|市长|主任|校长|院长)(?:是|叫)?(?:什么名字)?[?？]?$"),
    ("place", r"哪里|哪儿|何处|在哪|哪个城市|哪个省|哪个国家|哪个地区|什么地方|地点|哪座|哪国|地址|举办地|举办国"),
    ("yes_no", r"是不是|是否|有没有|能不能|会不会|可不可以|对不对|吗[?？]?$"),
    ("definition", r"什么是|^[^的]{1,14}是什么[?？]?$|何为|什么叫|指的是什么|是指什么|什么意思|(?:是|为)何物|定义"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)
SEVERAL_SENTENCES: frozenset[Kind] = frozenset(
    {"definition", "reason", "manner", "list", "compare", "summary"}
)
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
_BARE_YEAR = re.compile(rf"(?<!\d)(?:1[5-9]|20)\d\d(?!\d|[-.]\d| ?年| ?{COUNTED})")
_NOW = r"(?:(?:1\d|20)\d\d|[今去前]年|今|现在|目前|如今)"
_OPEN = re.compile(
    rf"年?[初底末]?(?:以前|之前|前(?=[的，,、?？]|$)|以后|之后|后(?![半备卫勤])|起(?![诉草])|[^，,。?？]{{0,4}}?(?:以来|至今)|[到至~—–-] ?(?={_NOW}))"
)
_SEASON = re.compile(r"年?(?:赛季|学年|财年)")
_OPENED = re.compile(r"\d ?[年月日]?[初底末]? ?[到至~—–-] ?$")
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
    return Asked(question, kind_of(question), words_of(question), years_of(question))


def years_of(question: str) -> tuple[int, ...]:
    """Return the years a question asks of; those that only bound a time (2015年以来, 2015年到2020年) are none.

    That of a whole date is one all the same: articles say on which day a rule begins.
    """
    folded = fold(question)
    found = {
        mention.year
        for mention in find_dates(folded)
        if mention.year and (mention.day or not _bounds(folded, mention.start, mention.end))
    }
    found |= {int(match[0]) for match in _BARE_YEAR.finditer(folded) if not _bounds(folded, *match.span())}
    return tuple(sorted(found))


def _bounds(folded: str, start: int, end: int) -> bool:
    """Tell whether a year only begins or ends a time; that of a season (2018-2019赛季) names it."""
    opened = _OPENED.search(folded[max(start - 8, 0) : start]) and not _SEASON.match(folded, end)
    return bool(opened or _OPEN.match(folded, end))


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
