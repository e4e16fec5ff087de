from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.verification.facts import Facts, facts_of_folded, same_date, same_number, same_unit
from vectorstore.fold import fold
from vectorstore.numbers import parse_han

NEWS_DAY = date(2017, 11, 9)


def find_facts(text: str, *, published: date | None = None) -> Facts:
    return facts_of_folded(fold(text), published=published)


def numbers(text: str) -> list[tuple[float, str]]:
    return [(float(number.value), number.unit) for number in find_facts(text).numbers]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.3万", [(13000, "")]),
        ("13000", [(13000, "")]),
        ("１３，０００", [(13000, "")]),
        ("1万3千", [(13000, "")]),
        ("一万三千", [(13000, "")]),
        ("准确率９０％", [(90, "%")]),
        ("百分之九十", [(90, "%")]),
        ("百分之九十点五", [(90.5, "%")]),
        ("近七成", [(70, "%")]),
        ("一百二十人", [(120, "人")]),
        ("一百五", [(150, "")]),
        ("两千零五名", [(2005, "人")]),
        ("3亿5000万元", [(350_000_000, "元")]),
        ("2879 亿元人民币（397 亿美元）", [(287_900_000_000, "元"), (39_700_000_000, "美元")]),
        ("1.2万亿", [(1_200_000_000_000, "")]),
        ("$100", [(100, "美元")]),
        ("￥30", [(30, "元")]),
        ("3.5公里", [(3500, "米")]),
        ("三分之一", [(float(Decimal(1) / Decimal(3)), "")]),
        ("10-20%", [(10, "%"), (20, "%")]),
        ("3至5年", [(3, "年"), (5, "年")]),
        ("5个百分点", [(5, "百分点")]),
        ("第二季度", [(2, "季度")]),
        ("20世纪90年代", [(20, "世纪"), (90, "年代")]),
        ("净利润为-5.2亿元", [(-520_000_000, "元")]),
        ("净利润−3,500万，同比－12%", [(-35_000_000, ""), (-12, "%")]),
        ("贡献为負0.26个百分点", [(-0.26, "百分点")]),
        ("零下35摄氏度", [(-35, "度")]),
        ("-10至-3℃", [(-10, "度"), (-3, "度")]),
        ("5万-10万元", [(50_000, "元"), (100_000, "元")]),
        ("0.09元/升-0.10元/升", [(0.09, "元"), (0.1, "元")]),
        ("歼-20", [(20, "")]),
        ("第3-5章", [(3, "章"), (5, "章")]),
        ("3胜2负", [(3, ""), (2, "")]),
        ("为企业减负3000亿元", [(300_000_000_000, "元")]),
        ("1600万千瓦", [(16_000_000, "千瓦")]),
    ],
)
def test_numbers_are_normalised(text: str, expected: list[tuple[float, str]]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "十分好",
        "一般来说",
        "百度和万科",
        "三亚、四川、九江",
        "统一",
        "数百人",
        "GPT-4",
        "5G",
        "H100",
        "千万不要",
        "两会",
    ],
)
def test_words_are_not_numbers(text: str) -> None:
    assert numbers(text) == []


@pytest.mark.parametrize(
    ("claim", "evidence", "same"),
    [
        ("13000人", "1.3万人", True),
        ("13000人", "1.3万名", True),
        ("100项", "100多项", True),
        ("超过100项", "100多项", True),
        ("超过100项", "100项", False),
        ("约100项", "100项", True),
        ("100项", "不足100项", False),
        ("超过100项", "不足100项", False),
        ("约2900亿元", "2879亿元", True),
        ("2900亿元", "2879亿元", False),
        ("约2800亿元", "2879亿元", False),
        ("100家", "100人", False),
        ("100个", "100项", True),
        ("5%", "5个百分点", False),
        ("100元", "100美元", False),
        ("2879亿", "2879亿元", True),
    ],
)
def test_same_number(claim: str, evidence: str, same: bool) -> None:
    assert same_number(find_facts(claim).numbers[0], find_facts(evidence).numbers[0]) is same


def test_general_units_are_open() -> None:
    assert same_unit("个", "项")
    assert not same_unit("", "%")
    assert not same_unit("家", "人")


@given(st.integers(1, 99_999_999))
def test_chinese_numerals_are_read_back(value: int) -> None:
    assert parse_han(_han(value)) == value


def _han(value: int) -> str:
    if value >= 10_000:
        rest = value % 10_000
        return _han(value // 10_000) + "万" + (("零" if rest < 1000 else "") + _han(rest) if rest else "")
    text, zero = "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // scale % 10
        if digit:
            text += ("零" if zero and text else "") + "零一二三四五六七八九"[digit] + name
        zero = digit == 0
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2017年11月8日", (2017, 11, 8)),
        ("二〇一七年十一月八日", (2017, 11, 8)),
        ("2017-11-08", (2017, 11, 8)),
        ("2017/11/8", (2017, 11, 8)),
        ("2017 年 11 月", (2017, 11, None)),
        ("昨日", (2017, 11, 8)),
        ("去年", (2016, None, None)),
        ("今年3月", (2017, 3, None)),
        ("上月15日", (2017, 10, 15)),
        ("11月8日", (None, 11, 8)),
        ("8日", (None, None, 8)),
    ],
)
def test_dates_are_read(text: str, expected: tuple[int | None, int | None, int | None]) -> None:
    mention = find_facts(text, published=NEWS_DAY).dates[0]
    assert (mention.year, mention.month, mention.day) == expected


@pytest.mark.parametrize("text", ["30多年", "3个月", "每天5次", "5号线", "90年代", "第3届", "1号楼"])
def test_durations_are_not_dates(text: str) -> None:
    assert find_facts(text).dates == ()


@pytest.mark.parametrize(
    ("claim", "evidence", "same"),
    [
        ("2017年11月8日", "11月8日", True),
        ("11月8日", "2017年11月8日", True),
        ("2017年11月", "2017年11月8日", True),
        ("2017年11月8日", "昨日", True),
        ("2016年11月8日", "11月8日", False),
        ("2017年11月9日", "11月8日", False),
        ("2017年11月8日", "2017年11月", False),
        ("2016年", "去年", True),
        ("2017年", "去年", False),
    ],
)
def test_dates_are_compared_by_the_articles_date(claim: str, evidence: str, same: bool) -> None:
    one, other = (find_facts(text, published=NEWS_DAY).dates[0] for text in (claim, evidence))
    assert same_date(one, other) is same


def test_a_date_without_a_year_may_be_the_year_before() -> None:
    (mention,) = find_facts("12月30日", published=date(2018, 1, 9)).dates
    assert set(mention.years) == {2017, 2018}


def test_a_later_date_takes_the_year_named_before() -> None:
    dates = find_facts("2003年1月开工，5月完成", published=NEWS_DAY).dates
    assert 2003 in dates[1].years


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("首款产品“腾讯觅影”发布", ("quoted", "腾讯觅影")),
        ("《流浪地球》上映", ("quoted", "流浪地球")),
        ("使用GPT-4训练", ("latin", "gpt-4")),
        ("主任张潼出席", ("person", "张潼")),
        ("王兰表示同意", ("person", "王兰")),
        ("与博康集团共建", ("organisation", "博康集团")),
        ("在上海举行", ("place", "上海")),
    ],
)
def test_names_are_found(text: str, expected: tuple[str, str]) -> None:
    assert expected in [(name.kind, name.text) for name in find_facts(text).names]


def test_a_transliterated_name_is_one_name() -> None:
    names = [name.text for name in find_facts("作者乔纳森·诺兰出席").names]
    assert any(name.endswith("乔纳森·诺兰") for name in names)


def test_directions_and_their_opposites() -> None:
    up, down = (find_facts(text).directions[0] for text in ("净利润增长5%", "净利润下降5%"))
    assert up.family == down.family
    assert (up.up, down.up) == (True, False)


@pytest.mark.parametrize("text", ["他没有参加", "并非如此", "尚未完成", "无法使用"])
def test_negations_are_found(text: str) -> None:
    assert find_facts(text).negations


@pytest.mark.parametrize(
    "text", ["不仅如此", "未来五年", "非常好", "不断增加", "无人机", "莫斯科", "不得不走", "非洲"]
)
def test_words_that_deny_nothing(text: str) -> None:
    assert not find_facts(text).negations


@given(st.text(max_size=200))
def test_every_fact_points_into_its_text(text: str) -> None:
    facts = find_facts(text, published=NEWS_DAY)
    spans = [(fact.start, fact.end) for fact in facts.numbers]
    spans += [(fact.start, fact.end) for fact in facts.dates]
    spans += [(fact.start, fact.end) for fact in facts.names]
    spans += [(fact.start, fact.end) for fact in facts.directions]
    spans += [(fact.start, fact.end) for fact in facts.negations]
    assert all(0 <= start < end <= len(text) for start, end in spans)
