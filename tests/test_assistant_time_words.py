from __future__ import annotations

from datetime import date

import pytest

from assistant.time_words import read_time
from vectorstore.time_wish import TimeWish, states_time, time_bonus

TODAY = date(2023, 8, 16)  # a Wednesday


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("2019年8月发生了什么", "2019-08-01", "2019-08-31"),
        ("2019-08-16发布的产品", "2019-08-16", "2019-08-16"),
        ("二〇一九年三月", "2019-03-01", "2019-03-31"),
        ("去年的净利润", "2022-01-01", "2022-12-31"),
        ("去年8月的会议", "2022-08-01", "2022-08-31"),
        ("去年底", "2022-11-01", "2022-12-31"),
        ("上周有什么新闻", "2023-08-07", "2023-08-13"),
        ("昨天的消息", "2023-08-15", "2023-08-15"),
        ("最近三个月的医疗AI", "2023-05-16", "2023-08-16"),
        ("近五年的变化", "2018-08-16", "2023-08-16"),
        ("截至2018年底有多少用户", "2018-11-01", "2018-12-31"),
        ("今年上半年营收", "2023-01-01", "2023-06-30"),
        ("三季度的票房", "2023-07-01", "2023-09-30"),
        ("2022年第一季度", "2022-01-01", "2022-03-31"),
        ("10月1日有什么活动", "2022-10-01", "2022-10-01"),
        ("2015年至2018年的销量", "2015-01-01", "2018-12-31"),
        ("2018年和2019年的区别", "2018-01-01", "2019-12-31"),
        ("2020年以前", None, "2019-12-31"),
        ("2021年以来", "2021-01-01", None),
        ("2020赛季中超冠军", "2020-01-01", "2020-12-31"),
        ("上个月", "2023-07-01", "2023-07-31"),
        ("2021年前三季度营收", "2021-01-01", "2021-09-30"),
        ("前三季度营收", "2022-01-01", "2022-09-30"),  # this year's are not over
        ("前两个季度营收", "2023-01-01", "2023-06-30"),
        ("1至7月的投资", "2023-01-01", "2023-07-31"),
        ("前两个月", "2023-06-16", "2023-08-16"),
        ("前七个月的进出口", "2023-01-01", "2023-07-31"),
        ("前11个月的进出口", "2022-01-01", "2022-11-30"),
        ("今年前5个月", "2023-01-01", "2023-05-31"),
        ("2022年前11个月", "2022-01-01", "2022-11-30"),
        ("2022年前两三个月", "2022-01-01", "2022-03-31"),
        ("2022年1至11月", "2022-01-01", "2022-11-30"),
        ("2022年3月到5月", "2022-03-01", "2022-05-31"),
        ("2021年11月-2月", "2021-11-01", "2022-02-28"),
        ("2019年前后", "2019-01-01", "2019-12-31"),
        ("五年前索尼曝光了哪种专利", "2018-01-01", "2018-12-31"),
        ("七个月前谁赢了比赛", "2023-01-01", "2023-01-31"),
        ("三天前的发布会说了什么", "2023-08-13", "2023-08-13"),
        ("两周之前的会议在哪里开", "2023-07-31", "2023-08-06"),
        ("三年前10月的会议", "2020-10-01", "2020-10-31"),
        ("这一两年", "2021-08-16", "2023-08-16"),
        ("最近两三个月", "2023-05-16", "2023-08-16"),
        ("最近三五年", "2018-08-16", "2023-08-16"),
        ("最近几十年", "1993-08-15", "2023-08-16"),
        ("临近3月", "2023-03-01", "2023-03-31"),
        ("最近10几年", "2013-08-16", "2023-08-16"),
        ("近20几天", "2023-07-27", "2023-08-16"),
        ("今日国际油价", "2023-08-16", "2023-08-16"),
        ("2019人工智能大会", "2019-01-01", "2019-12-31"),
    ],
)
def test_time_words_become_a_range(question: str, start: str | None, end: str | None) -> None:
    wish = read_time(question, TODAY)
    assert wish is not None
    assert (wish.start, wish.end) == (start and date.fromisoformat(start), end and date.fromisoformat(end))
    assert wish.label


@pytest.mark.parametrize(
    "question",
    [
        "苹果公司是谁创立的",
        "五月天的演唱会",
        "全长2020公里",
        "CR2032电池",
        "1990年代",
        "两年前",
        "几年前的会议在哪里开",
        "十多年前的会议在哪里开",
        "开学三天前后的天气",
        "一月球探测",
        "1.2亿",
        "20年后",
        "海拔1800到2500米的植物",
        "今日头条的日活",
        "今日资本投了谁",
        "今日国际的股价",
        "今日集团",
        "提前3个月完成",
        "接近5年",
        "将近3年",
        "附近5个月",
        "",
    ],
)
def test_no_time_is_read_where_none_is_named(question: str) -> None:
    assert read_time(question, TODAY) is None


@pytest.mark.parametrize(
    "question", ["最新的AI技术有哪些", "目前三个月", f"最近{'9' * 400}个月", "最近1十年"]
)
def test_newest_prefers_recent_without_a_range(question: str) -> None:
    wish = read_time(question, TODAY)
    assert wish is not None
    assert wish.prefers_recent
    assert not wish.is_range


def test_only_relative_words_are_no_words_to_look_for() -> None:
    relative, explicit = read_time("去年的净利润", TODAY), read_time("2022年的净利润", TODAY)
    assert relative is not None
    assert explicit is not None
    assert relative.words == "去年的"
    assert explicit.words == ""


WISH = TimeWish(date(2019, 8, 1), date(2019, 8, 31), "2019年8月")


@pytest.mark.parametrize(
    ("text", "published", "stated"),
    [
        ("公司于2019年8月16日上市", None, True),
        ("公司于2019年上市", None, False),
        ("8月16日消息", date(2019, 9, 1), True),
        ("8月16日消息", date(2018, 9, 1), False),
        ("2019-08-02 10:00", None, True),
        ("2019年13月", None, False),
    ],
)
def test_a_text_can_state_the_time(text: str, published: date | None, *, stated: bool) -> None:
    assert states_time(WISH, text, published=published) is stated


def test_time_in_range_gains_and_an_unknown_date_loses_nothing() -> None:
    inside = time_bonus(WISH, published=date(2019, 8, 3), text="", newest=None)
    unknown = time_bonus(WISH, published=None, text="", newest=None)
    outside = time_bonus(WISH, published=date(2015, 1, 1), text="", newest=None)
    assert inside > 0 == unknown > outside


def test_recent_articles_gain_more() -> None:
    wish = TimeWish(None, None, "最新", prefers_recent=True)
    newest = date(2023, 1, 1)
    gains = [
        time_bonus(wish, published=day, text="", newest=newest) for day in (newest, date(2022, 1, 1), None)
    ]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] == 0.0
