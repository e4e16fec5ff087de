"""Find the words of a folded Chinese text that turn its meaning round: directions and negations."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PAIRS = {
    "change": (
        "扭亏为盈|增长|增加|增多|增强|增至|增幅|增速|新增|净增|大增|激增|递增|猛增|上涨|涨幅|大涨|涨停|上升|上调|上扬|上浮|提高|提升|回升|攀升|升至|升高|"
        "升值|升温|升幅|涨至|涨价|走高|走强|飙升|扩大|扩张|加快|加速|加大|加强|提速",
        "减少|减至|减幅|锐减|递减|骤减|下跌|跌幅|大跌|暴跌|跌停|下降|下滑|下调|下挫|下浮|降低|降幅|降至|降价|降温|降息|贬值|回落|走低|走弱|滑落|"
        "缩小|缩减|收缩|萎缩|减缓|放缓|减慢|减小|减弱|削减|衰退|跌破|跌至",
    ),
    "profit": ("盈利|获利|赚|净赚|盈余|顺差", "亏损|净亏|赔|赤字|逆差"),
    "compare": (
        "高于|大于|多于|强于|优于|领先|超过|超出|胜过|早于|长于|重于|快于|以上",
        "低于|小于|少于|弱于|劣于|落后|不及|不如|不足|晚于|短于|轻于|慢于|以下",
    ),
    "extreme": ("最高|最大|最多|最长|最早|最快|最强|最好|最重|最新|首次|首个|首位", "最低|最小|最少|最短|最晚|最慢|最弱|最差|最轻|最旧|末位"),
    "stance": ("同意|赞成|赞同|支持|批准|通过|承认|允许|许可|肯定|接受", "反对|否决|否认|驳回|禁止|拒绝|抵制|否定"),
    "outcome": ("成功|胜利|获胜|战胜|取胜|击败|打败|合格|达标|赢", "失败|失利|败给|落败|战败|不合格|未达标|不敌|输给"),
    "trade": ("买入|购买|买进|增持|进口|流入|收购|引进|输入", "卖出|出售|抛售|减持|出口|流出|剥离|输出"),
    "presence": ("上市|开放|开启|开幕|打开|启用|开始|上线|加入|进入|当选|上任|就任", "退市|关闭|闭幕|停用|结束|下线|退出|离开|落选|卸任|离任"),
    "sign": ("正面|积极|乐观|有利|优势|正增长|利好|安全|主动|合法|优点|长处", "负面|消极|悲观|不利|劣势|负增长|利空|危险|被动|非法|违法|缺点|短处"),
    "time": ("上半年|上午|前者|之前|以前|此前|早期|前期|年初", "下半年|下午|后者|之后|以后|此后|晚期|后期|年底|年末"),
}  # fmt: skip
_SHORT = {"增": ("change", True, "长加多至了"), "涨": ("change", True, "超逾近约至到了"),
          "升": ("change", True, "至到超逾近约了"), "减": ("change", False, "少至了"),
          "跌": ("change", False, "超逾近约至到了"), "降": ("change", False, "至到超逾近约了"),
          "亏": ("profit", False, "了")}  # fmt: skip
"""One-character directions, and what must follow them (or a digit): 涨5%, 升至."""


def _meanings() -> dict[str, tuple[str, bool]]:
    return {
        word: (family, sign)
        for family, pair in _PAIRS.items()
        for words, sign in zip(pair, (True, False), strict=True)
        for word in words.split("|")
    }


_MEANINGS = _meanings()
_DIRECTION = re.compile(
    "|".join(
        [
            *sorted(_MEANINGS, key=len, reverse=True),
            *(f"{c}(?=[{after}\\d ])" for c, (_, _, after) in _SHORT.items()),
        ]
    )
)
_NEGATION = re.compile(
    "并不是|并没有|并没|并不|并非|并未|没有|从未|从不|从没|尚未|尚无|还未|还没|不是|不会|不能|不可能|不可(?!或缺|思议)|不得(?!不|已)|"
    "不再|不曾|未曾|未能|未必|无法|无需|无须|无意|毫无|毫不|决不|绝不|绝非|难以|不必|不应|不该|不予|不具|不存在|"
    "不(?![仅断同少过久但得论管料一及如妨禁满惜时足到乏免错利良光止单独])|"
    "未(?![来知婚成])|没(?![收落有])|"
    "无(?![论锡人线数疑限辜非形奈尾菌机声缝])|"
    "非(?![常洲法典遗裔婚凡])|勿|(?<![分级特区告离识])别(?=[再让忘急去用把])|莫(?=[要再])"
)
_DOUBLE = re.compile("不得不|不能不|不可不|无不|并非不|无非|不无|并非没有|不是不|未必不")
_EMPTY = re.compile(
    "不仅|不断|不同|不少|不过|不久|不但|不论|不管|不料|不一|不妨|不禁|不惜|不时|不乏|不免|不错|不良|不光|不止|不单|"
    "差不多|对不起|了不起|不得了|是不是|能不能|有没有|要不要|不亚于|来不及|不可或缺|不可思议|不约而同|不知不觉|无论如何|"
    "未来|未知|无论|无数|无疑|无限|无非|非常|非洲|非遗|不低于|不少于|不超过|不高于|不多于|不足|不到|不满|不锈钢|不动产|"
    "不当|无期|非经常|不适|不力|不幸|不法|不明|不定|不妥|不服|不动|不变|不安|不便|不解|不朽|不锈|不计|不齐|不平|不孕|不育|无辜|无常|无私|无畏|无忧|"
    "无边|无比|无穷|无尽|无上|无声|无害|无党派|无产|无机|无菌|无烟|无缘|无奈|无故|无端|无障碍|非农|非法|非凡|非同|非金|非营利|没收|没落|别人|别墅|"
    "无人机|无人驾驶|无线|莫斯科|莫过于|不等|不计其数|不遗余力|不可避免"
)


@dataclass(frozen=True, slots=True)
class Direction:
    """A word with an opposite: 上涨 (change, up), 亏损 (profit, down)."""

    family: str
    up: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Negation:
    """A word that denies what follows it."""

    start: int
    end: int


def find_directions(folded: str) -> tuple[Direction, ...]:
    """Return the words with an opposite, in reading order."""
    found = []
    for match in _DIRECTION.finditer(folded):
        family, up = _MEANINGS.get(match[0]) or _SHORT[match[0]][:2]
        found.append(Direction(family, up, match.start(), match.end()))
    return tuple(found)


def find_negations(folded: str) -> tuple[Negation, ...]:
    """Return the words that deny what follows them; a double negation and 不仅, 未来, 非常 deny nothing."""
    empty = [match.span() for pattern in (_DOUBLE, _EMPTY) for match in pattern.finditer(folded)]
    return tuple(
        Negation(match.start(), match.end())
        for match in _NEGATION.finditer(folded)
        if not any(start <= match.start() < end for start, end in empty)
    )
