"""What the library holds, counted for the charts: over time, by publisher, industry and keyword. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

MOST_BARS = 10
MOST_PERIODS = 14
Unit: TypeAlias = Literal["month", "quarter", "year"]
_UNITS: dict[Unit, int] = {"month": 12, "quarter": 4, "year": 1}  # how many in a year
# The industries of GB/T 4754 (2002, 2011 and 2017) whose own names hold the 、 that also joins the items of a list.
_INDUSTRIES = """
农、林、牧、渔业 农、林、牧、渔服务业 农、林、牧、渔专业及辅助性活动
酒、饮料和精制茶制造业 纺织服装、服饰业 皮革、毛皮、羽毛及其制品和制鞋业
木材加工和木、竹、藤、棕、草制品业 木材加工及木、竹、藤、棕、草制品业 文教、工美、体育和娱乐用品制造业
石油、煤炭及其他燃料加工业 石油加工、炼焦和核燃料加工业 石油加工、炼焦及核燃料加工业
铁路、船舶、航空航天和其他运输设备制造业 计算机、通信和其他电子设备制造业 通信设备、计算机及其他电子设备制造业
金属制品、机械和设备修理业 电力、热力、燃气及水生产和供应业 电力、热力、燃气及水的生产和供应业
电力、燃气及水的生产和供应业 电力、热力生产和供应业 电力、热力的生产和供应业 建筑装饰、装修和其他建筑业
交通运输、仓储和邮政业 信息传输、软件和信息技术服务业 信息传输、计算机服务和软件业
电信、广播电视和卫星传输服务 科学研究、技术服务和地质勘查业 水利、环境和公共设施管理业
居民服务、修理和其他服务业 机动车、电子产品和日用产品修理业 卫生、社会保障和社会福利业
文化、体育和娱乐业 广播、电视、电影和录音制作业 广播、电视、电影和影视录音制作业
公共管理、社会保障和社会组织 人民政协、民主党派 群众团体、社会团体和其他成员组织
""".split()
_NAME = re.compile(rf"(?:{'|'.join(_INDUSTRIES)}|[^,，;；、|/\n])+")
_SPACE_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])[^\S\n]+(?=[\u3400-\u9fff])")


@dataclass(frozen=True, slots=True)
class Period:
    """A month (1 to 12), a quarter (1 to 4) or a whole year (number 1), with how many articles are of it."""

    unit: Unit
    year: int
    number: int
    count: int


def over_time(facts: Iterable[Mapping[str, Any]]) -> list[Period]:
    """Count articles by month, by quarter or by year: the finest that is still readable; gaps count as 0."""
    days = sorted(date.fromisoformat(str(fact["published"])) for fact in facts if fact["published"])
    if not days:
        return []
    for unit, a_year in _UNITS.items():
        counts = Counter(_number(day, a_year) for day in days)
        first, last = min(counts), max(counts)
        if last - first < MOST_PERIODS or unit == "year":
            return [Period(unit, at // a_year, at % a_year + 1, counts[at]) for at in range(first, last + 1)]
    raise AssertionError("years are the last unit")


def _number(day: date, a_year: int) -> int:
    """Return the number of a day's period, counted from the year 0; there are `a_year` of them in a year."""
    return day.year * a_year + (day.month - 1) * a_year // 12


def by_name(facts: Iterable[Mapping[str, Any]], name: str, *, most: int = MOST_BARS) -> list[tuple[str, int]]:
    """Count articles by each of the names in a field, the most frequent first."""
    counts: Counter[str] = Counter()
    for fact in facts:
        value = str(fact[name] or "").strip()
        counts.update({value} - {""} if name == "publisher" else names_in(value))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]


def names_in(value: str) -> set[str]:
    """Return the names that a field lists: between commas, and the 、 with which ingest joins a list's items.

    A space parts only two Chinese names (人工智能 芯片); within Real Estate or AI 芯片 it is part of one.
    """
    listed = _SPACE_BETWEEN_HAN.sub("、", value)
    return {name for found in _NAME.findall(listed) if (name := found.strip())}
