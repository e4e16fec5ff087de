"""Read a question that compares: which came first, whether two fell in one month, which is larger. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from assistant.event_lists import events_of, shared_end
from assistant.parts import in_step, of_each
from assistant.rows import is_body, pair_of, rows_of

Wanted: TypeAlias = Literal["least", "most", "same"]
Precision: TypeAlias = Literal["year", "month", "day"]

MAX_COMPARED = 6
_MAX_NAME = 10
_UNITS: dict[str, Precision] = {"年": "year", "月": "month", "天": "day", "日": "day"}
_LEAST = "早|先|前|低|小|少|短|慢|轻|近|便宜|年轻"
_MOST = "晚|迟|后|高(?![兴级])|大(?!众)|多(?!样)|长|快|重(?![要视点大])|远|贵|强(?!调)|老(?!实)"
_OF_TIME = frozenset("早先前晚迟后")
_SAID_TWICE = re.compile(
    rf"(?P<who>[谁誰孰]|哪[个個件家])(?P<how>{_LEAST}|{_MOST})(?P=who)(?:{_LEAST}|{_MOST})"
)
_ENDING = re.compile(r"(?:一?[些点]儿?)?(?:的?[呢啊呀嘛哈吧]+)?[\s?？!！。]*$")
_SAME_TIME = re.compile(
    r"^(?P<items>.+?)[，,]?(?:这(?:些|[两二三四]个?)(?:事件|件事|事)?)?(?:是否|是不是|是|都|均|发生|进行|在|于|为)*"
    r"同一?个?(?P<unit>年(?![级代龄轻纪会报])|月(?!亮|球)|天(?![空气])|日)[份度]?(?P<then>[^，,。；;年月天日哪谁何几什怎]{0,8}?)的?(?:事[儿情]?)?[吗么嗎]?$"
)
_SAME_VALUE = re.compile(
    r"^(?P<items>(?!.*(?:什么|哪|谁|怎|如何|为何)).+?)(?:是否|是不是)?(?:都?是)?(?<!不)(?:相同|一样|一致|相等)的?(?:吗|么)?$"
)
_WHICH = re.compile(
    r"[，,、：:]?(?:按照?时间(?:顺序|先后)?[，,]?|从时间(?:顺序)?(?:上)?(?:来)?看[，,]?)?"
    r"(?P<who>哪(?:一)?(?:[个個]|件|起|项|场|家|位|国|座|支|款|种|所|艘|条|本|首|只|部|省|市|县|者)?|[谁誰]|何者|孰)(?P<of>(?!是)[^，,。；;?？]*?)"
    rf"(?:(?:更加?|最|比?较)(?P<how>{_LEAST}|{_MOST})|(?P<first>先|(?<=在)[前后]|后(?=发生))|(?P<bare>{_LEAST}|{_MOST})(?=$))"
    r"(?P<then>[^，,。；;?？高低大小多少]{0,20})$"
)
_MOST_IS_WHICH = re.compile(
    r"[，,、：:]?(?:当?中[，,])?(?:更|最|较)(?P<how>早|先|晚|迟|后)(?P<then>[^，,。?？]{0,6}?)的?(?:事件)?是(?:[哪谁][^，,。?？]{0,4})?$"
)
_BEFOREHAND = re.compile(
    r"^[^：:?？，,]{0,14}(?:以下|下列|下面)[^：:?？]{0,24}?(?:最|更|较)(?P<how>早|先|晚|迟|后)[^：:?？]{0,8}[：:?？]\s*(?P<items>.+?)[?？。]?$"
)
_AMONG = re.compile(
    r"[，,、：:\s]*(?:在?[这那]|以上|上述)?(?P<count>[两二三四五六])(?:[个件家者位支款座起项所部种国]|(?=[人地]))(?:公司|企业|城市|国家|事件|事情?|人|地|学校|医院)?"
    r"(?:里面?|当?中|之[中间])?的?(?P<then>[^，,、：:\d]{0,8})$"
)
_HEAD = re.compile(
    r"^(?:请问|请|(?:试)?比较一?下?|对比一?下?|在(?=.{0,40}之间$))|^(?:以下|下列)[^：:]{0,12}[：:]"
)
_TAIL = re.compile(
    r"(?:[，,、：:\s]|按照?时间(?:顺序|先后)?+|这(?:些|[两二三四五几]个?|几)?+(?:事件|件事情?|事|项)?+|的?(?:事件|事情)|其中|当?中|里|之间|相比(?:较|之下)?+|比较?(?=[，,]*$)|两者|二者|分别|的?(?:发生)?(?:时间|日期)(?:上)?+|在)++$"
)
_LONGEST_TAIL = 60
_WHEN = re.compile(r"^在?(?P<when>(?:19|20)\d\d年(?:\d{1,2}月|[上下]半年|[初中末底])?)[，,]")
_OWNER = re.compile(r"^(?:公司|企业|家公司|城市|国家|医院|学校|人|地方|产品|地区)?的?")
_SAYS_NOTHING = re.compile(
    r"^(?:[是在内]|赛?事[件情]?|(?:19|20)\d\d年|[年月]份)+|[，,]?按照?时间(?:顺序|先后)*|发生[在于]?|發生|举行|进行|作出|出现|时间上?|時間|日期|[得的了在]+$"
)
_DONE_TO = re.compile(r"^[^的]的(?=..)")  # 谁赚的净利润
_NAMED_TIME = re.compile(r"(?<!的)(?:发生)?(?:时间|日期)(?:上)?(?:是否|是不是|是|为|都|[，,])*$")
_PLURAL = re.compile("(?:他|她|它)们的?|(?:两|二)[人者家]的?|(?<=[㐀-鿿a-zA-Z）)])(?:都|均)(?!市)")
_HOW_MUCH = {
    "高": "多高",
    "低": "多高",
    "长": "多长",
    "短": "多长",
    "重": "多重",
    "轻": "多重",
    "贵": "多少钱",
    "便宜": "多少钱",
}
_OF_DATES = re.compile(r"时间|日期|年份|哪[年天月]|何时|什么时候|诞生|成立$")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a question compares: the names as it writes them, and for each the question for its date or figure.

    `wanted` is which of them is asked for: that with the least (earliest) or most value, or whether all are the same,
    down to `precision` for dates.
    """

    names: tuple[str, ...]
    questions: tuple[str, ...]
    of_dates: bool
    wanted: Wanted
    precision: Precision | None = None


def read_comparison(question: str) -> Comparison | None:
    """Return what a question compares by date or figure, or None where it does not."""
    text = _SAID_TWICE.sub(r"\g<who>\g<how>", _ENDING.sub("", question.strip(), count=1))
    if same := _SAME_TIME.match(text):
        return _of_events(same["items"], "same", _UNITS[same["unit"]], then=same["then"])
    if asked := _BEFOREHAND.match(text):
        return _of_events(asked["items"], _wanted(asked["how"]))
    if asked := _MOST_IS_WHICH.search(text):
        return _of_events(text[: asked.start()], _wanted(asked["how"]), then=asked["then"])
    if asked := _WHICH.search(text):
        return _which(text, asked)
    return _alike(alike["items"]) if (alike := _SAME_VALUE.match(text)) else None


def _alike(items: str) -> Comparison | None:
    if _NAMED_TIME.search(items) and "的" not in items:
        return _of_events(items, "same")
    parts = _values(items, "", same=True)
    return Comparison(*parts, wanted="same") if parts else None


def _which(text: str, asked: re.Match[str]) -> Comparison | None:
    how, head = asked["how"] or asked["first"] or asked["bare"], text[: asked.start()]
    if len(head) < 4:
        return None
    wanted, of_dates = _wanted(how), how in _OF_TIME
    who = asked["who"]
    by_name = who in ("谁", "誰", "何者", "孰") or who[-1] in "家位国座支款种艘条本首所只部省市县"
    of, then = _OWNER.sub("", asked["of"]), _OWNER.sub("", asked["then"])
    happened = _said(then) if of_dates else ""
    noun = happened or of or then
    names_no_date = not _said(noun) and not _OF_DATES.search(head)
    if of_dates and (names_no_date if by_name else not head.startswith(("比较", "对比"))):
        return _of_events(head, wanted, then=noun)
    joint = "" if noun == then or noun.endswith("得") else "的"
    if noun.endswith("得"):  # 谁卖得更贵: how it is done is the question
        noun = noun[:-1] if of_dates else ""
        if not noun and how not in _HOW_MUCH:
            return None
    parts = _values(head, _DONE_TO.sub("", noun), how=how if by_name else "", of_dates=of_dates, joint=joint)
    return Comparison(*parts, wanted=wanted) if parts else None


def _said(words: str) -> str:
    """Return words without those that say nothing of what happened (发生的时间)."""
    said = _SAYS_NOTHING.sub("", _SAYS_NOTHING.sub("", words))
    return "" if said.endswith(("和", "与", "并")) else said


def _wanted(how: str) -> Wanted:
    return "least" if re.fullmatch(_LEAST, how) else "most"


def _of_events(
    listed: str, wanted: Wanted, precision: Precision | None = None, *, then: str = ""
) -> Comparison | None:
    """Return the comparison of the events of a list; `then` is what befell all of them (同一年成立, 最早成立)."""
    lead = _WHEN.match(listed)
    when, listed = (lead["when"], listed[lead.end() :]) if lead else ("", listed)
    among = _AMONG.search(listed)
    listed = listed[: among.start()] if among else listed
    said = _said(then) or (_said(among["then"]) if among else "")
    count = "一两三四五六".find(among["count"].replace("二", "两")) + 1 if among else 0
    names = events_of(_without_tail(_HEAD.sub("", listed.strip())), count=count)
    if not 2 <= len(names) <= MAX_COMPARED or (count and len(names) != count):
        return None
    if not said and (said := shared_end(names, named_time=bool(_NAMED_TIME.search(listed)))):
        names = tuple(name.removesuffix(said).removesuffix("的") for name in names)
    events = [f"{name}{said}" if said and said not in name and _is_name(name) else name for name in names]
    if all(map(is_body, events)):  # nothing is said of them that has a date
        return None
    questions = tuple(f"{when}{event}是什么时候？" for event in events)
    return Comparison(names, questions, of_dates=True, wanted=wanted, precision=precision)


def _without_tail(listed: str) -> str:
    """Return a list without what only leads over to the asking part (这三件事中，按时间顺序)."""
    return listed[:-_LONGEST_TAIL] + _TAIL.sub("", listed[-_LONGEST_TAIL:])


def _is_name(words: str) -> bool:
    """Tell whether words only name something; longer ones say what happened already."""
    return is_body(words) or len(words) <= _MAX_NAME


def _values(
    head: str, noun: str, *, how: str = "", of_dates: bool = False, same: bool = False, joint: str = "的"
) -> tuple[tuple[str, ...], tuple[str, ...], bool] | None:
    """Return the names compared, the question for the value of each, and whether that is a date."""
    of_dates = of_dates or (same and bool(_OF_DATES.search(noun or head)))
    head = _without_tail(_HEAD.sub("", head))
    pair = pair_of(head)
    rows = [pair] if pair else rows_of(head)
    if not rows:
        return None
    rows = in_step(head, rows)
    row = next((row for row in rows[::-1] if not head[slice(*row[0])][:4].isdigit()), rows[0])
    names = tuple(head[slice(*span)] for span in row)
    parts = [_PLURAL.sub("", part) for part in of_each(head, rows)]
    middle = head[row[-1][1] :]
    asks = "是什么时候？" if of_dates else "是多少？"
    if not of_dates and not noun and not middle:
        asks = f"{_HOW_MUCH[how]}？" if how in _HOW_MUCH else asks
        if how not in _HOW_MUCH and len({name[-1] for name in names}) > 1:  # nothing is said to be measured
            return None
    missing = noun and noun not in head and not (of_dates and noun.endswith(("时间", "日期")))
    joint = "，" if middle else "" if noun.startswith("的") else joint
    return (
        names,
        tuple(f"{part}{joint}{noun}{asks}" if missing else f"{part}{asks}" for part in parts),
        of_dates,
    )
