"""Tell whether a few words can be what a question asks for: a figure in its unit, a date, a name. Pure."""

from __future__ import annotations

import re

from assistant.question import Asked
from assistant.reading.reader import EXPECTED
from assistant.verification.names import covered_by_words
from vectorstore.fold import fold

_OTHER_UNIT = "[元钱人名位家个台辆]"
_COUNTED = "[次轮人家项台辆件套只颗种款篇座所名位条片张]"


def _units(*rows: tuple[str, str]) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    return tuple((re.compile(asks), re.compile(holds)) for asks, holds in rows)


_IS_HOW_MUCH = "(?:约|大约)?(?:是|为|有|达)?(?:多[少大高重远]|几|$)"
_MONEY = "多少[钱元]|票房|营收|营业收入|净利润|市值|估值|总额|金额|售价|价格|奖金|罚款|工资"
_IS_MONEY = rf"元|[亿万](?!亿|{_COUNTED})|美金|欧|镑|币|块|卢|铢|郎|￥|\$"

# What a figure must be counted in, by the words of the question that ask for it: first what settles it alone
# (女性人数占比 asks for a share, not for people), then what must all hold.
_RATIOS = _units(
    (r"(?:多少|几)倍", r"倍"),
    (r"利率(?:现在|目前|约)*(?:是|为|达|达到|有)?(?:多少|$)", r"[%％‰]|百分|厘|基点"),
    (
        r"(?<![^毛净]利)(?<![效频汇税功速心帧辨新育码样射曲斜])率(?:现在|目前|约)*(?:是|为|达|达到|有)?(?:多少|$)|百分之几"
        rf"|(?:增速|增幅|占比|比例)(?!.*多少{_OTHER_UNIT})|同比(?:增长|下降)了?多少(?!{_OTHER_UNIT})",
        r"[%％‰]|百分|个点|成|倍|分之",
    ),
)
_UNITS = _units(
    (rf"^(?!.*[增降涨跌占比率]).*(?:{_MONEY})", _IS_MONEY),
    (rf"^(?=.*[增降涨跌占比率]).*(?:{_MONEY})", rf"{_IS_MONEY}|[%％]"),
    (
        rf"(?:多少|几){_COUNTED}|多少(?:项目|企业|公司|国家|城市|医院|学校)",
        r"^(?!.*(?:元|[%％]|个月|[年天日])$)",
    ),
    (
        r"多少人|几人|人数|人次|多少名|几名|多少位|多少个?(?:员工|职工|学生|教师|观众|用户|居民|医生|党员)",
        r"人|名|位|万|亿|\d$|余|户",
    ),
    (r"多少[辆台]|销量|交付量", r"辆|台|万|部|\d$|[%％]"),
    (r"(?:多少|几)天", r"[\d一二两三四五六七八九十百半多余数几来] ?[天周]|星期|个月"),
    (r"多少年|几年|多久|多长时间", r"年|月|天|日|周|小时|分|秒|个"),
    (r"震级", r"级|\d$"),
    (rf"(?:体重|重量){_IS_HOW_MUCH}|多重$", r"克|斤|吨|磅|g$|两"),
    (rf"多大年纪|多少岁|几岁|(?:年龄|享年){_IS_HOW_MUCH}", r"岁|\d$"),
    (rf"面积{_IS_HOW_MUCH}", r"平方|亩|公顷|顷|㎡|m2|坪"),
    (rf"(?:射程|海拔|身高){_IS_HOW_MUCH}", r"米|公里|里|尺|寸|m$"),
    (r"多高|多长(?!时间)|多远|多宽|多深", r"米|m|公里|里|尺|寸"),
)
# The office that a question for a person names, and how a text may say that somebody holds it.
_OFFICES: tuple[tuple[str, str], ...] = (
    ("联合创始人|创始人|创办人|创立者|创建者", "创始|创办|创立|创建|创业|成立"),
    ("ceo|首席执行官|行政总裁|执行长", "ceo|首席执行官|行政总裁|执行长|总裁"),
    ("导演", "导演|执导"),
    ("作者|作家", "作者|著|写|作|撰"),
    ("主演", "演|饰"),
    ("发起人", "发起"),
    (
        "首席科学家|首席财务官|首席技术官|首席运营官|董事长|总经理|总裁|主席|总统|总理|首相|部长|外长|省长|市长|区长|县长|书记|主任|局长|处长|院长|校长"
        "|所长|馆长|行长|社长|编剧|主编|主持人|主教练|队长|指令长|发言人|负责人|制片人|设计师|建筑师|cto|cfo|coo",
        "",
    ),
)
_OFFICE = re.compile(
    rf"(?P<office>{'|'.join(asks for asks, _ in _OFFICES)})(?:现在|目前|到底|究竟)?(?:(?:是|叫|为|由)?(?:谁|哪位|哪个人|什么名字|什么人))?[?？]?$"
)
# What is asked of somebody or something, and the words without which a text does not speak of it.
_FACTS = _units(
    (r"出生|生于", r"出生|生于|诞生|生人|年生|日生|[（(,，]\d{4}年[^）)]{0,12}(?:[－\-—–~至]|[）)])"),
    (r"死|亡|遇难|丧生|牺牲", r"死|亡|遇难|丧生|罹难|丧命|牺牲|殒命|去世|逝世|病逝|自杀|杀害|毙"),
    (r"受伤|伤了", r"伤"),
    (r"体重|多重|重量", r"重|斤|克|吨|\d ?k?g"),
    (r"身高", r"高"),
    (r"票价|门票", r"票"),
    (r"投票率", r"投票率"),
    (r"毕业", r"毕业|肄业|校友|就读|学位|博士|硕士"),
)
_FACT_KINDS = frozenset(("number", "date", "place", "person", "other"))
_MONTHS = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\b")
_DATELINE = re.compile(
    r"(?:\d{4} ?年 ?)?\d{1,2} ?月 ?\d{1,2} ?日 ?(?:综合|专|外)?(?:电(?![话脑影视池动力商信器网子能])|讯|消息|报道)"
)
_NOT_A_PERSON = re.compile(r"[《》？?]|有谁|是谁|^[\d\W]*$|^(?:前者|后者|他们|她们|双方|对方|自己|大家)")


def is_of_kind(asked: Asked, answer: str) -> bool:
    """Tell whether an answer, in its own words, can be what the question asks for."""
    folded = fold(answer).strip()
    if not folded or echoes(asked, folded):
        return False
    expected = EXPECTED.get(asked.kind)
    if expected is not None and expected.search(_MONTHS.sub("", folded)) is None:
        return False
    if asked.kind == "number":
        return has_unit(asked, folded)
    if asked.kind == "person":
        return is_person_like(folded)
    return True


def lacks_office(asked: Asked, folded: str) -> bool:
    """Tell whether a question asks who holds an office (创始人) that a text does not speak of."""
    match = _OFFICE.search(fold(asked.text)) if asked.kind == "person" else None
    if match is None:
        return False
    said = next(says or match["office"] for asks, says in _OFFICES if re.fullmatch(asks, match["office"]))
    deputy = "" if asked.text[: match.start()].endswith(("副", "名誉")) else "(?<!副)(?<!名誉)"
    return re.search(f"{deputy}(?:{said})", folded) is None


def lacks_fact(asked: Asked, folded: str) -> bool:
    """Tell whether a question asks for a birth, a weight, a ticket that a text does not speak of."""
    question = fold(asked.text)
    return asked.kind in _FACT_KINDS and any(
        asks.search(question) and not says.search(folded) for asks, says in _FACTS
    )


def is_dateline(asked: Asked, folded: str, start: int, end: int) -> bool:
    """Tell whether a span answers 什么时候 with no more than the day of the report (8月8日消息)."""
    return asked.kind == "date" and any(
        match.start() <= start and end <= match.end() for match in _DATELINE.finditer(folded)
    )


def echoes(asked: Asked, folded: str) -> bool:
    """Tell whether an answer only says words of the question again."""
    return asked.kind not in ("yes_no", "compare", "summary") and folded in fold(asked.text)


def has_unit(asked: Asked, folded: str) -> bool:
    """Tell whether a figure is counted in what the question asks for."""
    question = fold(asked.text).rstrip("?？。 ")
    for asks, holds in _RATIOS:
        if asks.search(question):
            return holds.search(folded) is not None
    return all(holds.search(folded) for asks, holds in _UNITS if asks.search(question))


def is_person_like(folded: str) -> bool:
    """Tell whether an answer may name somebody: it is not made of common words, and is no title."""
    return (
        _NOT_A_PERSON.search(folded) is None
        and _MONTHS.search(folded) is None
        and not all(covered_by_words(folded))
    )
