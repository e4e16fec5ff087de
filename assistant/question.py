"""Read a question: what kind of answer it asks for, the words of its subject, the years it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from assistant.subject import MEASURES, Word, cut, words_of
from assistant.time_words import COUNTED
from assistant.verification.dates_in_text import find_dates
from assistant.verification.names import common_words
from vectorstore.fold import fold

Kind: TypeAlias = Literal[
    "number", "date", "person", "place", "yes_no", "definition", "reason", "manner", "list", "compare", "summary",
    "other",
]  # fmt: skip

_KINDS: tuple[tuple[Kind, str], ...] = (
    ("summary", r"总结|概括|概述|主要内容|主要讲|介绍一下|讲了什么|说了什么|有什么看法|简要介绍|简述"),
    ("compare", r"相比|区别|不同之处|有何不同|有什么不同|差异|对比|(?:谁|哪一?[个家座种款位国省市])[^，,。?？]{0,8}更"),
    ("reason", r"为什么|为何|为啥|原因|何以|怎么会|缘何"),
    ("list", r"哪些|哪几|哪[两三四五六七八九]|分别|各[是为有占](?:多少|什么|几|谁)|都有什么|有什么[^么]{0,6}[?？]?$|有哪|列举|包括什么"
     r"|主演|成员有|都有谁"),
    ("manner", r"如何|怎么样|怎样|怎么|(?:什么|哪种)(?:方法|步骤|方式)"),
    ("date", r"什么时候|何时|哪一年|哪年|哪天|几月|几号|哪个月|(?<!多[长少久])时间(?:是|为|[?？]?$)|日期|几时|哪一天|哪一日|何年|何月|几点"),
    ("number", rf"多少|几[{MEASURES}]|多大|多高|多长|多远|多重|多快|多宽|多深|多久|百分之几"
     r"|(?:比例|占比|规模|射程|续航|面积|人口|重量|体重|身高|海拔|票价|学费|金额|数量|增速|增长率|准确率|票房|营收|营业收入|净利润|市值|估值|人数|总额|价格|售价|(?<!效)率|[销产交付吞吐出货流雨水电客储载容]量)(?:是|为)?[?？]?$"),
    ("person", r"谁|哪位|何人|哪个人|什么人|(?:创始人|ceo|总裁|董事长|导演|作者|编剧|市长|主任|校长|院长)(?:是|叫)?(?:什么名字)?[?？]?$"),
    ("place", r"哪里|哪儿|何处|在哪|哪个城市|哪个省|哪个国家|哪个地区|什么地方|地点|哪座|哪国|地址|举办地|举办国"),
    ("yes_no", r"是不是|是否|有没有|能不能|会不会|可不可以|对不对|吗[?？]?$"),
    ("definition", r"什么是|^[^的]{1,14}是什么[?？]?$|何为|什么叫|指的是什么|是指什么|什么意思|(?:是|为)何物|定义"),
)  # fmt: skip
_WHO_IS = re.compile(r"^(?P<name>[^\W的a-z]{2,8}?)(?:到底|究竟)?是(?:谁|什么人|何许人)[?？]?$")
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)
SEVERAL_SENTENCES: frozenset[Kind] = frozenset(
    {"definition", "reason", "manner", "list", "compare", "summary"}
)
_BARE_YEAR = re.compile(rf"(?<!\d)(?:1[5-9]|20)\d\d(?!\d|[-.]\d| ?年| ?{COUNTED})")
_NOW = r"(?:(?:1\d|20)\d\d|[今去前]年|今|现在|目前|如今)"
_OPEN = re.compile(
    rf"年?[初底末]?(?:以前|之前|前(?=[的，,、?？]|$)|以后|之后|后(?![半备卫勤])|起(?![诉草])|[^，,。?？]{{0,4}}?(?:以来|至今)|[到至~—–-] ?(?={_NOW}))"
)
_SEASON = re.compile(r"年?(?:赛季|学年|财年)")
_OPENED = re.compile(r"\d ?[年月日]?[初底末]? ?[到至~—–-] ?$")


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


def named_person(folded: str) -> str | None:
    """Return whom a question asks about by name (张三是谁), None where it asks for one (主教练是谁)."""
    who = _WHO_IS.match(folded)
    return who["name"] if who and cut(who["name"])[-1][0] not in common_words() else None


def kind_of(question: str) -> Kind:
    """Return what kind of answer a question asks for."""
    folded = fold(question).strip()
    if named_person(folded):
        return "definition"
    for kind, pattern in _COMPILED:
        if pattern.search(folded):
            return kind
    return "other"
