"""Find the names in a folded Chinese text by light rules, and tell names from common words.

The rules see names that announce themselves: 《》 and “” quotes, Latin words and model numbers,
transliterations with ·, organisation and place suffixes, well-known places, and people beside a title or a
verb of saying. What they miss shows as Chinese that no common word covers (`covered_by_words`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

NameKind: TypeAlias = Literal["quoted", "latin", "person", "organisation", "place"]

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞"
    "熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣邓郁"
    "单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊甄曲封芮储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘"
    "厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂"
    "濮牛寿通边扈燕冀浦尚农温别庄晏柴瞿阎充慕连茹习艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东殴殳沃利蔚越夔隆师巩"
    "厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖覃佟"
)
_PLACES = (
    "中国 美国 英国 法国 德国 日本 韩国 朝鲜 俄罗斯 苏联 印度 巴西 加拿大 澳大利亚 意大利 西班牙 葡萄牙 荷兰 比利时 瑞士 瑞典 挪威 "
    "芬兰 丹麦 冰岛 爱尔兰 奥地利 波兰 捷克 匈牙利 希腊 土耳其 乌克兰 白俄罗斯 以色列 伊朗 伊拉克 叙利亚 约旦 沙特 阿联酋 卡塔尔 "
    "也门 埃及 南非 尼日利亚 肯尼亚 墨西哥 阿根廷 智利 古巴 秘鲁 泰国 越南 老挝 缅甸 柬埔寨 马来西亚 新加坡 印尼 印度尼西亚 菲律宾 "
    "巴基斯坦 孟加拉国 斯里兰卡 尼泊尔 阿富汗 蒙古 哈萨克斯坦 新西兰 欧盟 欧洲 亚洲 非洲 美洲 北美 南美 大洋洲 北京 上海 天津 重庆 "
    "河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 "
    "广西 西藏 宁夏 新疆 香港 澳门 广州 深圳 珠海 东莞 佛山 杭州 宁波 温州 南京 苏州 无锡 徐州 合肥 福州 厦门 泉州 南昌 济南 青岛 "
    "烟台 和田 于都 郑州 洛阳 武汉 长沙 成都 贵阳 昆明 西安 兰州 西宁 银川 乌鲁木齐 拉萨 南宁 桂林 海口 三亚 石家庄 太原 呼和浩特 沈阳 大连 "
    "长春 哈尔滨 台北 高雄 台中 台南 新竹 东京 大阪 京都 首尔 平壤 曼谷 河内 新德里 孟买 莫斯科 伦敦 巴黎 柏林 慕尼黑 罗马 马德里 "
    "维也纳 布鲁塞尔 阿姆斯特丹 日内瓦 纽约 华盛顿 洛杉矶 旧金山 芝加哥 波士顿 西雅图 硅谷 多伦多 悉尼 墨尔本 开罗 迪拜 耶路撒冷"
).split()  # fmt: skip
_TITLES = (
    "董事长|总经理|副总裁|总裁|首席执行官|首席|创始人|ceo|cto|cfo|主席|总统|总理|首相|部长|外长|省长|市长|县长|书记|主任|局长|处长|院长|"
    "校长|所长|教授|院士|博士|研究员|分析师|专家|律师|医生|医师|记者|导演|演员|编剧|歌手|作家|作者|教练|队长|选手|先生|女士|将军|皇帝|国王"
)
_SAYS = "表示|认为|指出|称|介绍|告诉|透露|强调|坦言|回应|宣布|出任|担任|说(?!明|法|服)|任(?=[^何务期])"
_ORG_ENDS = (
    "有限公司|公司|集团|大学|学院|银行|医院|研究院|研究所|实验室|法院|检察院|委员会|协会|基金会|出版社|电视台|日报|证监局|交易所|俱乐部|"
    "博物馆|图书馆|中学|小学|事务所|工作室|人民政府|证券|保险|科技"
)
_PLACE_ENDS = "自治区|特别行政区|新区|省|市|县|镇|乡|村|州|岛|山脉|河|湖|机场|火车站|高速"
_STOP = "的了在和与及是由对为向从到将被把以该这那其之而于等并就也都还又或及让使给比按据因但若如"
_HAN = "\u4e00-\u9fff"
_QUOTED = re.compile(
    r"《([^《》]{1,60})》|“([^“”]{1,200})”|「([^「」]{1,200})」|『([^『』]{1,200})』|\"([^\"]{2,200})\""
)
_LATIN = re.compile(
    r"(?<![a-z0-9])(?:[a-z](?:[a-z]|\d{1,3}(?!\d|\.\d))*(?:[-_.+&'’][a-z0-9]+|\+)*|\d+[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*)"
)
_DOTS = re.compile(r"[·•・‧∙]")
_DOTTED = re.compile(rf"[{_HAN}]{{1,6}}(?:[·•・‧∙][{_HAN}]{{1,8}})+")
_SUFFIXED = re.compile(
    rf"(?P<stem>[{_HAN}a-z0-9]{{2,8}}?)(?P<end>{_ORG_ENDS}|{_PLACE_ENDS})(?![{_STOP[:4]}]?{_ORG_ENDS[:2]})"
)
_AFTER_TITLE = re.compile(rf"(?:{_TITLES})(?P<name>[{SURNAMES}][{_HAN}]{{1,2}})")
_BEFORE_SAYING = re.compile(rf"(?<![{_HAN}])(?P<name>[{SURNAMES}][{_HAN}]{{1,2}}?)(?={_SAYS}|(?:{_TITLES}))")
_SOMEBODY = re.compile(rf"[{SURNAMES}]某(?:某|[甲乙丙丁])?(?![些个种项负部位地市省区县年月日天次])")
"""How reports of courts and police name people: 唐某, 李某某, 王某甲."""
_ENDS_NAME = re.compile(rf"$|[^{_HAN}]|[{_STOP}]|{_SAYS}")
_PLACE = re.compile("|".join(sorted(_PLACES, key=len, reverse=True)))
_UNITS = frozenset(
    "km kg cm mm mb gb tb hz db kw mw mg ml nm kwh mah pct usd rmb am pm vs the of and a an in".split()
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name as the folded text has it, without its quotation marks."""

    text: str
    kind: NameKind
    start: int
    end: int


def find_names(folded: str) -> tuple[Name, ...]:
    """Return the names of a folded text, in reading order; they may overlap."""
    found = [*_quoted(folded), *_latin(folded), *_people(folded), *_organisations(folded), *_places(folded)]
    return tuple(sorted(found, key=lambda name: (name.start, name.end)))


def _quoted(folded: str) -> list[Name]:
    found = []
    for match in _QUOTED.finditer(folded):
        group = match.lastindex or 1
        found.append(Name(match[group], "quoted", *match.span(group)))
    return found


def _latin(folded: str) -> list[Name]:
    return [
        Name(match[0], "latin", *match.span())
        for match in _LATIN.finditer(folded)
        if match[0] not in _UNITS and len(match[0]) > 1
    ]


def _people(folded: str) -> list[Name]:
    found = [_dotted(match) for match in _DOTTED.finditer(folded)]
    for pattern in (_AFTER_TITLE, _BEFORE_SAYING):
        for match in pattern.finditer(folded):
            start, end = match.start("name"), _name_end(folded, *match.span("name"))
            if end and folded[start:end] not in common_words():
                found.append(Name(folded[start:end], "person", start, end))
    found += [
        Name(match[0], "person", *match.span())
        for match in _SOMEBODY.finditer(folded)
        if folded[max(match.start() - 1, 0) : match.start() + 1] not in common_words()  # 公司某
    ]
    return found


def person_end(folded: str, start: int, end: int) -> int:
    """Return where the person's name ends that two characters begin (宁攸 of 宁攸同介绍), else `end`."""
    goes_on = (
        end - start == 2
        and folded[start] in SURNAMES
        and not _ENDS_NAME.match(folded, end)
        and folded[end : end + 2] not in common_words()
        and _ENDS_NAME.match(folded, end + 1)
    )
    return end + 1 if goes_on else end


def _name_end(folded: str, start: int, end: int) -> int | None:
    """Return where a person's name ends: before a common word or a mark; None if no such place is near."""
    for at in (end, end - 1):
        if at - start > 1 and (_ENDS_NAME.match(folded, at) or folded[at : at + 2] in common_words()):
            return at
    return None


def _dotted(match: re.Match[str]) -> Name:
    """Return a transliterated name without the common words that stand before and after it."""
    text, start = match[0], match.start()
    words = common_words()
    while text[:2] in words and _DOTS.search(text[2:3] or "·") is None:
        text, start = text[2:], start + 2
    last = max(found.end() for found in _DOTS.finditer(text))
    for at in range(last + 1, len(text)):
        if text[at : at + 2] in words or text[at] in _STOP:
            text = text[:at]
            break
    return Name(text, "person", start, start + len(text))


def _organisations(folded: str) -> list[Name]:
    """Return stem + suffix; the stem is the unusual word beside the suffix (腾讯 in 由腾讯公司)."""
    found = []
    for match in _SUFFIXED.finditer(folded):
        stem = unusual_end(match["stem"])
        if len(stem) > 1:
            kind: NameKind = "organisation" if re.fullmatch(_ORG_ENDS, match["end"]) else "place"
            start = match.start("end") - len(stem)
            found.append(Name(folded[start : match.end()], kind, start, match.end()))
    return found


def _places(folded: str) -> list[Name]:
    return [Name(match[0], "place", *match.span()) for match in _PLACE.finditer(folded)]


@cache
def common_words() -> frozenset[str]:
    """Return some 28,000 common words of two to four characters that are not names."""
    text = (files("assistant") / "words" / "common.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if line[:1] != "#" for word in line.split())


def covered_by_words(folded: str) -> bytearray:
    """Return 1 for each character that is part of a common word, else 0."""
    words = common_words()
    marks = bytearray(len(folded))
    for size in (4, 3, 2):
        for start in range(len(folded) - size + 1):
            if folded[start : start + size] in words:
                marks[start : start + size] = b"\1" * size
    return marks


def unusual_end(folded: str) -> str:
    """Return the characters at the end of a text that are part of no common word."""
    marks = covered_by_words(folded)
    start = len(folded)
    while start and not marks[start - 1] and folded[start - 1] not in _STOP:
        start -= 1
    return folded[start:]
