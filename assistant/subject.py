"""Find what a question is about: its words, how rare each is, and how much of them a text holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assistant.verification.names import common_words, find_names
from vectorstore.fold import fold

RAREST = 15
NAME_WEIGHT = 0.75
"""A word at least this heavy is likely a name or a term that the answer cannot do without."""

MEASURES = "个家人项篇名位款次年天亿万倍成座台种岁层届所部集块枚支条架辆艘本张件套只首场间门户头枝株根轮颗级"
"""Measure words after 几 (几架无人机)."""

# Words that only ask, or only hold a question together: their absence from a text says nothing.
_ASKING = re.compile(
    r"^请?(?:结合|根据|比较|对比|按照|依据)|请问|请介绍一下|介绍一下|一下|告诉我|我想知道|什么时候|什么样|什么地方|什么人|什么是|为什么|为何|为啥|是什么|叫什么|有什么|什么|甚么|多少|哪一年"
    rf"|哪一天|哪一[{MEASURES}国]|哪年|哪天|哪一|哪些|哪个|哪里|哪儿|哪位|哪家|哪种|哪几|哪国|哪|怎么样|怎么|怎样|如何|是谁|谁|是否|是不是|有没有"
    rf"|能不能|几月份?|几号|几年|几[{MEASURES}]|多久|多长|多大|多高|多远|何时|何处|何地|何人|何种|何|总结|概括|概述"
    r"|(?<![\d〇零一二两三四五六七八九十百千万几多第每近])(?:\d{1,2}|[一二两三四五六七八九十]{1,3})(?:年|个月|周|个?星期|天)(?:以|之)?前(?!后|夕|期)|主要内容|分别|一共|总共|具体|请|吗|呢|么|吧|啊|呀|[?？]"
)
_STOP_WORDS = frozenset(
    "的 了 在 和 与 及 是 由 对 为 向 从 到 将 被 把 以 该 这 那 其 之 而 于 等 并 就 也 都 还 又 或 让 使 给 比 按 据 因 但 若 如 有 会 要 能 可"
    " 个 家 人 名 位 次 年 月 日 号 时 中 上 下 里 内 外 前 后 多 大 小 可以 以及 以来 自己 因为 所以 由于 关于 对于 根据 按照 通过 进行 具有"
    " 成为 作为 属于 包括 包含 存在 时间 时候 日期 地点 地方 数量 名字 名称 情况 方面 问题 东西 内容 哪些 一个 一种 这个 那个 它 他 她 我 你 们"
    " 他们 我们 主要 目前 现在 已经 曾经 当时 之后 之前 以后 以前 其中 期间 称为 叫做 位于 来自 使用 采用 得到 达到 提到 认为 表示 指出 文章 文中"
    " 意思 含义 原因 方法 方式 步骤 区别 不同 特点 作用 影响 例如 比如 需要 应该 没有 不是 就是 还是 只有 如果 各 最 更 很 之一 所 当 同 第".split()
)
_GLUE = frozenset("的了在和与及是由被把将对为以于等并也都还又或让使给但若所从指最地时我你您她他很较更")
_NAMES_WITH_GLUE = frozenset("华为 和硕 以岭 和记 中和 信和 仁和".split())
# What an unknown stretch may begin and end with and not be part of it; one of two characters is more likely a name.
_BEFORE_NAMES = "有个着著虽曾除较仅各每为因要会能就仍才此其向部先再只之内里"
_AFTER_NAMES = "有个着著曾除较仅各每后前时为中因要会就仍才此内里之其向先再只用卖买捐偷判"
_NEVER_IN_NAMES = "要会就仍才因此内里之其向吃喝"
_COUNTS = re.compile("[前后头第]?[一二两三四五六七八九十百千几多]+")
_AFTER_DIGITS = re.compile("[十百千万亿]+[多余]?元?|[年月日号时]|")
_RUN = re.compile(
    r"(?P<year>(?<!\d)(?:1[5-9]|20)\d\d(?=年|\D|$)年?)|(?P<word>[a-z0-9]+(?:[.\-+_%][a-z0-9]+)*%?)|(?P<han>[㐀-鿿豈-﫿]+)"
)
_MAX_WORD = 4
_SINGLE_WEIGHT = 0.25
_MAX_TITLE = 20
_PLACE_WEIGHT = 0.75


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question, folded; `weight` in 0..1 says how rare it is, `start` where it stands."""

    text: str
    weight: float
    start: int
    is_common: bool = False

    @property
    def is_name_like(self) -> bool:
        """Tell whether an answer can hardly do without this word: it is rare, and not in the dictionary."""
        return self.weight >= NAME_WEIGHT and not self.is_common


@cache
def _levels() -> dict[str, int]:
    text = (files("assistant") / "words" / "rarity.txt").read_text(encoding="utf-8")
    levels: dict[str, int] = {}
    for line in text.splitlines():
        if line[:1] != "#":
            level, *terms = line.split(" ")
            levels.update(dict.fromkeys(terms, int(level)))
    return levels


def rarity(text: str) -> float:
    """Return how rare a folded word is, in 0..1, by its rarest pair of characters."""
    levels = _levels()
    if text.isascii():
        return levels.get(text, RAREST) / RAREST
    if len(text) == 1:
        return _SINGLE_WEIGHT
    pairs = (text[at : at + 2] for at in range(len(text) - 1))
    return max(levels.get(pair, RAREST) for pair in pairs) / RAREST


def words_of(question: str) -> tuple[Word, ...]:
    """Return the words that carry the subject of a question, in order, without those that only ask."""
    folded = fold(question)
    masked = _ASKING.sub(lambda match: "，" * len(match[0]), folded)
    names = find_names(masked)
    places = frozenset(name.text for name in names if name.kind == "place")
    known = places | _NAMES_WITH_GLUE
    quoted = [name for name in names if name.kind == "quoted" and len(name.text) <= _MAX_TITLE]
    found = [Word(name.text, 1.0, name.start) for name in quoted if "，" not in name.text]
    for match in _RUN.finditer(masked):
        if match.lastgroup == "han":
            run, start = match[0], match.start()
            if masked[start - 1 : start].isdigit():  # 2000万能抵税
                part_of_number = _AFTER_DIGITS.match(run)
                run = run[part_of_number.end() :] if part_of_number else run
                start = match.end() - len(run)
            found += [_word(text, start + at, places) for text, at in cut(run, known=known)]
        else:
            text = match[0].rstrip("年")
            found.append(Word(text, 0.6 if match.lastgroup == "year" else rarity(text), match.start()))
    return tuple(word for word in found if word.text not in _STOP_WORDS)


def _word(text: str, start: int, places: frozenset[str]) -> Word:
    common = text in common_words() and text not in places
    if not common and text not in places:  # an unknown stretch may have caught a particle at its ends
        before, after = (_BEFORE_NAMES, _AFTER_NAMES) if len(text) > 2 else (_NEVER_IN_NAMES, _NEVER_IN_NAMES)
        if name := text.lstrip(before).rstrip(after):
            start += text.index(name)
            text = name
        else:
            common = True
    common = common or len(text) == 1 or _COUNTS.fullmatch(text) is not None
    return Word(text, _weight(text, places), start, is_common=common)


def _weight(text: str, places: frozenset[str]) -> float:
    """Return a word's rarity; a place is never light, since another place is another question."""
    return max(rarity(text), _PLACE_WEIGHT) if text in places and text != "中国" else rarity(text)


def cut(run: str, *, known: frozenset[str] = frozenset()) -> list[tuple[str, int]]:
    """Cut a run of Chinese into known words and the unknown stretches between them, with their offsets."""
    best: list[tuple[float, int, bool]] = [(0.0, 0, True)]  # cost up to here, length of the last piece, known
    for end in range(1, len(run) + 1):
        options = []
        for size in range(1, min(_MAX_WORD, end) + 1):
            cost = _cost(run[end - size : end], known)
            if cost is not None:
                options.append((best[end - size][0] + cost[0], size, cost[1]))
        best.append(min(options))
    pieces: list[tuple[str, int, bool]] = []
    end = len(run)
    while end:
        _, size, is_known = best[end]
        pieces.append((run[end - size : end], end - size, is_known))
        end -= size
    return _join_unknown(pieces[::-1])


def _cost(piece: str, known: frozenset[str]) -> tuple[float, bool] | None:
    if len(piece) == 1:
        return (0.8, True) if piece in _GLUE else (1.0, False)
    is_known = piece in known or piece in common_words() or piece in _STOP_WORDS
    return (1.0 - 0.01 * len(piece), True) if is_known else None


def _join_unknown(pieces: Sequence[tuple[str, int, bool]]) -> list[tuple[str, int]]:
    joined: list[tuple[str, int, bool]] = []
    for text, at, known in pieces:
        if joined and not known and not joined[-1][2]:
            joined[-1] = (joined[-1][0] + text, joined[-1][1], False)
        else:
            joined.append((text, at, known))
    return [(text, at) for text, at, _ in joined]


def presence(word: str, folded: str) -> float:
    """Return how far a folded text holds a word: 1 whole, less where only parts of a long word are there."""
    if word.isascii():
        return _latin_presence(word, folded)
    if word in folded:
        return 1.0
    if len(word) < 3:
        return 0.0
    pairs = [word[at : at + 2] for at in range(len(word) - 1)]
    return 0.8 * sum(pair in folded for pair in pairs) / len(pairs)


def _latin_presence(word: str, folded: str) -> float:
    if re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", folded):
        return 1.0
    parts = re.findall(r"[a-z]+|\d+", word)
    if len(parts) < 2:
        return 0.0
    return sum(_latin_presence(part, folded) for part in parts) / len(parts)


def coverage(words: Sequence[Word], folded: str) -> float:
    """Return the share of the words' weight that a folded text holds, in 0..1."""
    total = sum(word.weight for word in words)
    return sum(word.weight * presence(word.text, folded) for word in words) / total if total else 1.0


def missing_words(words: Sequence[Word], folded: str) -> list[Word]:
    """Return the words that a folded text does not hold, heaviest first."""
    absent = [word for word in words if presence(word.text, folded) < 0.5]
    return sorted(absent, key=lambda word: (-word.weight, word.start))
