"""Facts that a question can ask for, and the question that is left when one is taken out of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import rjieba

from training.reader.texts import Span

ASKED = {
    "date": ("什么时候", "何时", "哪一天", "哪天", "什么时间", "哪一年", "几月几日"),
    "nr": ("谁", "谁", "哪位", "什么人", "何人"),
    "ns": ("哪里", "哪儿", "什么地方", "哪个地方", "何处", "哪个城市", "哪个国家"),
    "nt": ("哪家机构", "哪个单位", "什么机构", "哪家公司", "哪个部门"),
    "title": ("什么", "哪部作品", "什么名字", "哪个"),
    "phrase": ("什么", "什么", "哪个", "哪些", "怎样"),
}
HEADS = {
    "国家": "共和国 王国 帝国 公国 国", "省份": "省", "城市": "市", "地区": "地区 自治区 特区 区", "岛屿": "群岛 岛",
    "山脉": "山脉 山", "河流": "江 河 溪", "湖泊": "湖", "大学": "大学", "学校": "学院 中学 小学 学校",
    "公司": "公司 集团 企业", "政党": "党", "球队": "球队 队", "军队": "军团 军队 军", "宗教": "教", "民族": "民族 族",
    "语言": "语", "战争": "战争 之战 战役", "条约": "条约 协定 协议", "奖项": "奖", "比赛": "杯 赛 锦标赛 联赛 运动会",
    "电视台": "电视台", "报纸": "日报 时报 晚报", "杂志": "杂志 周刊", "组织": "协会 联盟 联合会 组织", "委员会": "委员会",
    "法院": "法院", "银行": "银行", "医院": "医院", "博物馆": "博物馆", "车站": "车站", "机场": "机场", "铁路": "铁路 线",
    "朝代": "王朝 朝", "时期": "时代 时期", "世纪": "世纪", "理论": "理论 定律 效应 定理", "主义": "主义", "学科": "学",
    "法律": "法律 条例 法", "制度": "制度 制", "运动": "运动 革命 起义", "事件": "事件 事变", "政策": "政策 计划",
    "系统": "系统", "技术": "技术", "疾病": "病 症 炎", "物质": "酸 素 元素 化合物", "植物": "植物 树 草", "动物": "动物 鱼 鸟",
    "部门": "部 局 署 司 厅", "职位": "总统 总理 主席 校长 教授 部长 将军", "建筑": "寺 庙 宫 教堂 城堡 塔 桥 大厦",
}  # fmt: skip
"""What a noun phrase names, by how it ends: 尼西亚帝国 is asked for as 哪个国家."""
_HEAD_OF = {ending: head for head, endings in HEADS.items() for ending in endings.split()}
_LONGEST_ENDING = max(map(len, _HEAD_OF))
WHICH = ("哪个", "哪个", "哪一个", "什么", "哪一", "何种")
DATE = re.compile(
    r"(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日)?|\d{4}年(?:底|初)?|(?:本月|上月)?\d{1,2}日(?:上午|下午|晚)?"
)
NUMBER = re.compile(
    r"(?:约|近|超过?)?\d+(?:[.,]\d+)*(?:%|个百分点|[万亿千百]*(?:多|余)?"
    r"(?:美元|欧元|人民币|元|人次|人|名|个|家|次|岁|公里|千米|平方米|平方公里|米|吨|公斤|辆|架|套|起|例|项|种|倍|分|度|部|款|亩|户|集|小时|分钟|秒|天|年)?)"
)
TITLE = re.compile(r"(?<=《)[^《》]{2,20}(?=》)|(?<=“)[^“”，。]{2,12}(?=”)")
NAMED = {"nr": "nr", "nrt": "nr", "nrfg": "nr", "ns": "ns", "nt": "nt"}
NOUNS = {"n", "nz", "vn", "an", "eng", "nt", "ns", "b", "l"}
LIGHT = {"d", "u", "uj", "ul", "y", "c", "zg", "e", "o", "r", "uz", "ud"}
CONTENT = {"n", "nr", "ns", "nt", "nz", "v", "vn", "eng", "a", "i", "j", "l", "nrt", "m"}
MARKS = '。！？；!?;…\n，,、：:“”"（）()【】'


@dataclass(frozen=True, slots=True)
class Fact:
    """A span of an article that a question can ask for."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word of an article, with its tag and offsets."""

    text: str
    tag: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """Return the tagged words of `text`."""
    found: list[Word] = []
    at = 0
    for word, tag in rjieba.tag(text):
        found.append(Word(word, tag, at, at + len(word)))
        at += len(word)
    return found


def facts(text: str, tagged: list[Word]) -> list[Fact]:
    """Return the spans that can be asked for, none over another."""
    found = [Fact(*match.span(), "date") for match in DATE.finditer(text)]
    found += [Fact(*match.span(), "title") for match in TITLE.finditer(text)]
    found += [Fact(*match.span(), "number") for match in NUMBER.finditer(text)]
    phrases = list(_noun_phrases(tagged))
    found += [Fact(*span, "which") for span in phrases if _head(text[slice(*span)])]
    found += [Fact(w.start, w.end, NAMED[w.tag]) for w in tagged if w.tag in NAMED and w.end - w.start > 1]
    found += [Fact(*span, "phrase") for span in phrases]
    taken = bytearray(len(text) + 1)
    kept = []
    for fact in found:
        if not any(taken[fact.start : fact.end]):
            taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
            kept.append(fact)
    return kept


def _noun_phrases(tagged: list[Word]) -> Iterator[Span]:
    """Yield runs of up to four nouns, of three characters or more."""
    at = 0
    while at < len(tagged):
        last = at
        while last < len(tagged) and tagged[last].tag in NOUNS and last - at < 4:
            last += 1
        if last > at and tagged[last - 1].end - tagged[at].start > 2:
            yield tagged[at].start, tagged[last - 1].end
        at = max(last, at + 1)


def _head(phrase: str) -> str | None:
    """Return what a noun phrase names (国家 for 尼西亚帝国), by its longest known ending."""
    sizes = range(min(_LONGEST_ENDING, len(phrase) - 1), 0, -1)
    return next((_HEAD_OF[phrase[-size:]] for size in sizes if phrase[-size:] in _HEAD_OF), None)


def _asking(fact: Fact, surface: str, chance: Random) -> str:
    """Return the question words for a fact: a number keeps its unit, a noun phrase what it names."""
    head = _head(surface) if fact.kind == "which" else None
    if head:
        return chance.choice(WHICH) + head
    if fact.kind != "number":
        return chance.choice(ASKED[fact.kind])
    unit = re.sub(r"^.*\d", "", surface).lstrip("万亿千百多余")
    if unit in {"%", ""} or chance.random() < 0.3:
        return chance.choice(("多少", "多少", "几"))
    return chance.choice(("多少", "多少", "几")) + unit


def _clauses(text: str, sentence: Span, fact: Fact) -> Span:
    """Return the clause of the sentence that holds the fact."""
    start, end = fact.start, fact.end
    while start > sentence[0] and text[start - 1] not in MARKS:
        start -= 1
    while end < sentence[1] and text[end] not in MARKS:
        end += 1
    return start, end


def _around(text: str, sentence: Span, fact: Fact, chance: Random) -> Span:
    """Return the stretch of the sentence that becomes the question, 8 to about 36 characters."""
    start, end = _clauses(text, sentence, fact)
    target = chance.randint(10, 34)
    while end - start < target and (start > sentence[0] or end < sentence[1]):
        if start > sentence[0] and (chance.random() < 0.75 or end >= sentence[1]):
            start, _ = _clauses(text, sentence, Fact(max(sentence[0], start - 2), start - 1, ""))
            if text[start - 1 : start] and start - 1 <= sentence[0]:
                start = sentence[0]
        elif end < sentence[1]:
            _, end = _clauses(text, sentence, Fact(end + 1, end + 1, ""))
            end = min(end, sentence[1])
    if end - start > 48:
        start, end = max(start, fact.start - 22), min(end, fact.end + 22)
    return start, end


def ask(text: str, tagged: list[Word], sentence: Span, fact: Fact, chance: Random) -> str:
    """Return a question for the fact from the words around it; light and some other words are left out."""
    start, end = _around(text, sentence, fact, chance)
    before = [w for w in tagged if w.start >= start and w.end <= fact.start]
    after = [w for w in tagged if w.start >= fact.end and w.end <= end]
    loss = chance.choice((0.0, 0.05, 0.15))

    def kept(side: list[Word]) -> str:
        light = chance.random() < 0.5
        return "".join(
            w.text
            for w in side
            if chance.random() >= loss and w.text not in MARKS and not (w.tag in LIGHT and light)
        )

    left, right = kept(before), kept(after)
    asking = _asking(fact, text[fact.start : fact.end], chance)
    style = chance.random()
    if style < 0.55:
        question = left + asking + right
    elif style < 0.75:
        question = (
            left + right + ("是" if chance.random() < 0.7 else "在" if fact.kind == "ns" else "为") + asking
        )
    elif style < 0.9:
        question = asking + left + right
    else:
        question = (
            left
            + right
            + {"date": "的时间", "ns": "的地点", "number": "的数量", "nr": "的人"}.get(fact.kind, "")
        )
    return question + ("？" if chance.random() < 0.7 else "")
