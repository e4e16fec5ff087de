"""Units of measure in Chinese text and their canonical forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """A canonical unit and how many of it one of the written unit is."""

    name: str
    factor: Decimal


_SPELLINGS = {
    "%": "% 个百分比",
    "百分点": "个百分点 百分点 pct",
    "元": "元人民币 人民币元 元 块钱 rmb 人民币",
    "美元": "美元 美金 usd",
    "港元": "港元 港币",
    "欧元": "欧元",
    "英镑": "英镑",
    "日元": "日元 日圆",
    "韩元": "韩元",
    "卢布": "卢布",
    "卢比": "卢比",
    "澳元": "澳元 澳大利亚元",
    "加元": "加元 加拿大元",
    "瑞士法郎": "瑞士法郎 瑞郎",
    "泰铢": "泰铢",
    "新台币": "新台币元 元新台币 新台币 台币",
    "人": "人 名 位 口人",
    "人次": "人次",
    "家": "家 间",
    "个": "个",
    "岁": "周岁 岁",
    "年": "年",
    "月": "个月",
    "周": "个星期 星期 周",
    "日": "天 日",
    "小时": "个小时 小时",
    "分钟": "分钟",
    "秒": "秒钟 秒",
    "季度": "季度",
    "世纪": "世纪",
    "年代": "年代",
    "度": "摄氏度 度 ℃",
    "公顷": "公顷 hm2",
    "亩": "亩",
    "倍": "倍",
    "折": "折",
    "票": "票 张选票",
    "赫兹": "赫兹 hz",
    "兆瓦": "兆瓦 mw",
    "千瓦时": "度电 kwh",
    "立方米": "立方米 m3",
    "像素": "像素",
    "毫安时": "毫安时 mah",
    "英寸": "英寸 寸",
    "海里": "海里",
    "英里": "英里",
    "英尺": "英尺 呎",
    "光年": "光年",
    "桶": "桶",
    "马力": "马力",
    "gb": "gb",
    "mb": "mb",
    "tb": "tb",
    "nm": "纳米 nm",
    "db": "分贝 db",
}
_SCALED = {
    "米": {"公里": "1000", "千米": "1000", "km": "1000", "米": "1", "公尺": "1", "厘米": "0.01", "公分": "0.01",
          "cm": "0.01", "毫米": "0.001", "mm": "0.001"},
    "千克": {"公斤": "1", "千克": "1", "kg": "1", "斤": "0.5", "克": "0.001", "毫克": "0.000001",
           "mg": "0.000001"},
    "千瓦": {"千瓦": "1", "kw": "1", "瓦": "0.001"},
    "千瓦时": {"千瓦时": "1", "瓦时": "0.001"},
    "吨": {"吨": "1", "公吨": "1"},
    "平方米": {"平方公里": "1000000", "平方千米": "1000000", "平方米": "1", "平米": "1", "㎡": "1",
            "km2": "1000000", "m2": "1"},
    "升": {"毫升": "0.001", "ml": "0.001", "升": "1", "公升": "1"},
    "%": {"成": "10"},
}  # fmt: skip
_COUNTERS = (
    "项 款 种 台 辆 部 篇 次 层 集 届 期 号 座 架 艘 所 户 起 例 件 条 场 张 只 头 股 手 点 分 级 类 套 份 支 枚 "
    "颗 粒 棵 株 幅 首 卷 册 章 节 页 站 路 队 组 批 轮 局 盘 球 门 处 段 道 档 "
    "版 代 线 箱 瓶 杯 片 匹 步 席 宗 笔 单 室 厅 卫 寸 尺 丈 里 顷 发 枪 核"
).split()


def _table() -> dict[str, Unit]:
    table = {word: Unit(name, Decimal(1)) for name, words in _SPELLINGS.items() for word in words.split()}
    for name, scaled in _SCALED.items():
        table.update({word: Unit(name, Decimal(factor)) for word, factor in scaled.items()})
    table.update({word: Unit(word, Decimal(1)) for word in _COUNTERS if word not in table})
    return table


UNITS = _table()
UNIT_NAMES = {word: unit.name for word, unit in UNITS.items()} | {
    "¥": "元",
    "人民币": "元",
    "$": "美元",
    "us$": "美元",
    "hk$": "港元",
    "€": "欧元",
    "£": "英镑",
}

_GUARDED = {
    "成": "成(?![为立功本都员长绩果就分交熟员])",
    "分": "分(?![之布别析公])",
}
UNIT = "|".join(_GUARDED.get(word, re.escape(word)) for word in sorted(UNITS, key=len, reverse=True))
"""A regular expression for one written unit, longest first."""
