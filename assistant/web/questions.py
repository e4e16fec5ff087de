"""Questions that an article answers, made from its own sentences by rule. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vectorstore.article import Article
from vectorstore.sentences import sentence_spans

MIN_CLAUSE, MAX_CLAUSE = 9, 34
_AMOUNT = re.compile(
    r"(?P<number>(?:大约|约|将近|接近|近|远超|不超过|超过|超|逾|不到|不足|至少|最多|多达|高达)?\d[\d,，.]*(?:万亿|亿|千万|百万|万|千|百)?(?:多|余)?)"
    r"(?P<unit>亿元|万元|美元|欧元|元|%|％|个百分点|公里|平方米|千米|米|吨|台|套|家|人|名|所|项|个|款|篇|倍|座|辆|部|条|种|次|秒|分钟|小时)"
)
_DATE = re.compile(
    r"(?:(?:19|20)\d{2}年)?\d{1,2}月\d{1,2}日(?:(?:至|到|-|—)(?:\d{1,2}月)?\d{1,2}日)?(?:上午|下午|晚|凌晨)?|(?:19|20)\d{2}年(?:\d{1,2}月)?(?!\d)"
)
_POSTS = "主任|院长|校长|总经理|总裁|董事长|创始人|负责人|首席执行官|首席技术官|CEO|CTO|局长|市长"
_PERSON = re.compile(
    rf"(?P<post>[\u4e00-\u9fffA-Za-z][\u4e00-\u9fffA-Za-z0-9 ]{{2,16}}?(?:{_POSTS}))"
    r"(?P<name>[\u4e00-\u9fff]{2,3})(?=表示|说|介绍|指出|认为|透露|坦言|强调)"
)
# What follows a date that the gap would cut, or that only says when something was reported.
_CUTS_DATE = re.compile(
    r"^(?:[\d年月日号初中末底前后以之起间期至到等的电讯早晚夜当、]|[上下]半?[旬年]|第?[一二三四]季|[春夏秋冬]|凌晨|清晨|报道|消息)"
)
# What precedes a number that the gap would cut, or that counts several things together.
_CUTS_NUMBER = re.compile(r"(?:[\d.．,~—\-和与及或等不]|(?<!目)前|\d\s*\w)$")
_NEXT_IN_LIST = re.compile(r"(?:以及|[和与及或])(?=[\d一二两三四五六七八九十])")
# A clause that starts so leans on the one before it, and makes no question by itself.
_LEANS = re.compile(
    r"^(?:据|经|至此|总共|总体|当地时间|北京时间|其中|此外|同时|目前|而且|而|并且|并|且|但是|但|也|还|又|这|那|该|其|它|他|她|我|我们|你|因此|所以|由此|为此|对此|据此|如|例如|比如"
    r"|当天|当晚|同期|同年|同日|[一二三四五六两几]年后|事后|会后|会上|现场|双方|后者|前者|公司|当时|截至|截止|随后|之后|此前|近日|日前|今年|去年|昨日|今天|第[一二三四五]|以及|和|与|将|已|已经|仅|只|共|从|在|到|以|用|使用|通过|根据|不|没|有|是|为|占|另|一方面|未来|如今|预计)"
)
# Words in a clause that set it against what was said before.
_ADDS = re.compile(
    r"(?<![冷退忘])却|(?<![规原法准细否守])则|(?<![归偿返退交生])还(?![原款贷])|也(?![门许])|又|更(?![新换改替正名])|仍|反而|依然|同样|其中"
)
_HANGS = re.compile(r"(?:说|称|表示|指出|认为|介绍|的|了|在|和|与|或|并|里|中|后|前|时)$")
_NAME = re.compile(
    r"[A-Za-z][A-Za-z0-9]+|“[^”]{2,}”|《[^》]{2,}》|[\u4e00-\u9fff]{2,}(?:公司|大学|学院|研究院|研究所|大会|集团|银行|医院|计划|平台|园区|产业园|实验室|市|区|县|省)"
)
_CLAUSE_ENDS = re.compile(r"[，。；！？：\n…（）();]|(?<!\d),|,(?!\d)")
_MORE_OR_LESS = re.compile(r"^(?:人民币)?(?:左右|以上|以下|以内|上下|之多|有余|不等|多)?")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question made from a sentence: `start`, `end` are the sentence's place in its article."""

    question: str
    article_id: str
    start: int
    end: int
    rank: float


def candidates(article: Article, *, most: int = 12, alone: bool = True) -> list[Candidate]:
    """Return questions that sentences of an article should answer, the likeliest good ones first.

    With `alone`, only those that can be understood by who has not read anything of the article.
    """
    found: dict[str, Candidate] = {}
    topic = _pairs(article.title)
    for place, (start, end) in enumerate(sentence_spans(article.text)):
        for question, weight in _questions(article.text[start:end]):
            shared = len(_pairs(question) & topic)
            if alone and shared < 2 and not _NAME.search(question):
                continue  # nobody could tell what it asks about
            rank = weight + 0.08 * min(shared, 6) - 0.004 * place  # what matters stands early in a news text
            known = found.get(question)
            if known is None or rank > known.rank:
                found[question] = Candidate(question, article.id, start, end, rank)
    return sorted(found.values(), key=lambda item: (-item.rank, item.start, item.question))[:most]


def _pairs(text: str) -> set[str]:
    words = re.sub(r"[^\u4e00-\u9fffA-Za-z0-9]", " ", text)
    return {words[i : i + 2] for i in range(len(words) - 1) if " " not in words[i : i + 2]}


def _questions(sentence: str) -> Iterator[tuple[str, float]]:
    for match in _PERSON.finditer(sentence):
        if not _LEANS.match(match["post"]):
            yield f"{match['post'].strip()}是谁？", 1.2
    for clause in _CLAUSE_ENDS.split(sentence):
        fits = MIN_CLAUSE <= len(clause) <= MAX_CLAUSE and "、" not in clause and _balanced(clause)
        if fits and not (_LEANS.match(clause) or _ADDS.search(clause) or _HANGS.search(clause)):
            yield from _dated(clause)
            yield from _counted(clause)


def _counted(clause: str) -> Iterator[tuple[str, float]]:
    matches = list(_AMOUNT.finditer(clause))
    if len(matches) == 1 and matches[0].start() >= 5:
        match = matches[0]
        before, rest = clause[: match.start()].rstrip(), _MORE_OR_LESS.sub("", clause[match.end() :])
        after, *others = _NEXT_IN_LIST.split(rest)
        unit = {"%": "", "％": "", "亿元": "钱", "万元": "钱", "元": "钱"}.get(match["unit"], match["unit"])
        whole = not re.search(r"[\d/／]", after) and (after or not others)
        if whole and not _CUTS_NUMBER.search(before):
            yield f"{before}多少{unit}{after}？", 0.8


def _dated(clause: str) -> Iterator[tuple[str, float]]:
    matches = list(_DATE.finditer(clause))
    if len(matches) == 1 and matches[0].start() >= 4 and len(clause) - matches[0].end() >= 2:
        match = matches[0]
        before, after = clause[: match.start()], clause[match.end() :]
        # A date elsewhere may only name something: 2019年世界杯, 3月1日公布的数据.
        tells_when = before.endswith("于") or ("月" in match[0] and "的" not in after)
        if tells_when and not before.endswith("年") and not _CUTS_DATE.match(after):
            yield f"{before}什么时候{after}？", 1.0


def _balanced(clause: str) -> bool:
    return all(clause.count(left) == clause.count(right) for left, right in ("“”", "《》", "‘’", "「」"))
