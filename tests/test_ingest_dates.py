"""A publication date is stated or unknown; publisher and author are read from bylines."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.dates import date_from_head, date_from_name, date_from_url, date_in_cell, parse_date
from ingest.formats.byline import read_byline, read_head

TODAY = date(2024, 1, 15)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2017-11-09", date(2017, 11, 9)),
        ("2017-11-09T23:30:00Z", date(2017, 11, 10)),
        ("2017-11-08T16:00:00.000+00:00", date(2017, 11, 9)),
        ("2017-11-09T23:30:00+08:00", date(2017, 11, 9)),
        ("2017-11-09T23:30:00-05:00", date(2017, 11, 9)),
        ("Thu, 09 Nov 2017 23:30:00 GMT", date(2017, 11, 10)),
        ("Thu, 09 Nov 2017 23:30:00 -0500", date(2017, 11, 9)),
        ("Nov 9, 2017", date(2017, 11, 9)),
        ("November 9th 2017 10:00 AM", date(2017, 11, 9)),
        ("9 Nov 2017", date(2017, 11, 9)),
        ("09-Nov-2017", date(2017, 11, 9)),
        ("Thursday, 9 November 2017", date(2017, 11, 9)),
        ("2017/11/9 10:00", date(2017, 11, 9)),
        ("2017.11.09", date(2017, 11, 9)),
        ("20171109", date(2017, 11, 9)),
        ("20171109103000", date(2017, 11, 9)),
        (20171109, date(2017, 11, 9)),
        ("2017年11月9日 星期四", date(2017, 11, 9)),
        ("2017 年 11 月 9 日", date(2017, 11, 9)),
        ("二〇一七年十一月九日", date(2017, 11, 9)),
        ("二零一九年十月三十一日", date(2019, 10, 31)),
        ("Thu, 09 Nov 2017 10:00:00 +0800", date(2017, 11, 9)),
        (1510185600, date(2017, 11, 9)),
        (1510185600000, date(2017, 11, 9)),
        ("1510185600", date(2017, 11, 9)),
        (date(2017, 11, 9), date(2017, 11, 9)),
    ],
)
def test_stated_dates(value: object, found: date) -> None:
    assert parse_date(value, today=TODAY) == found


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2017",
        "2017-11",
        "11月9日",
        "昨天",
        "2019-02-30",
        "2019-13-01",
        "2099-01-01",
        "1017-01-01",
        "v2.3.4",
        "1-2-3",
        5,
        -1,
        1e300,
        float("nan"),
        float("inf"),
        True,
        None,
        [],
        {},
    ],
)
def test_what_is_no_date_stays_unknown(value: object) -> None:
    assert parse_date(value, today=TODAY) is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("43697", date(2019, 8, 20)),
        (43697, date(2019, 8, 20)),
        ("43697.5208", date(2019, 8, 20)),
        (43697.5208, date(2019, 8, 20)),
        ("2019-08-20", date(2019, 8, 20)),
        ("12345", None),
        ("99999", None),
        ("310000", None),
        ("2021年8月", None),
        ("Aug 2019", None),
        ("Aug 32, 2019", None),
        ("20/08/2019", None),
        (True, None),
        (None, None),
    ],
)
def test_a_date_column_may_hold_day_numbers(value: object, found: date | None) -> None:
    assert date_in_cell(value, today=TODAY) == found


def test_a_date_may_lie_a_little_ahead() -> None:
    assert parse_date("2024-02-01", today=TODAY) == date(2024, 2, 1)
    assert parse_date("2024-05-01", today=TODAY) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("某社北京2018年8月8日电（记者某某）", date(2018, 8, 8)),
        ("某网 2018 年 8 月 16 日消息，某公司发布新品。", date(2018, 8, 16)),
        ("发布时间：2018-06-07 来源：某网 某公司", date(2018, 6, 7)),
        ("原标题：某事2018-08-15 13:40:22 作者：某人 某公司", date(2018, 8, 15)),
        ("某网8月5日电 2018年8月3日，某公司发布新品。", date(2018, 8, 5)),
        ("某网8月16日电 某公司发布新品。", None),
        ("某网8月16日消息，2018年上半年某公司收入增长。", None),
        ("当地时间2018年8月15日，某地举行会议。", None),
        ("某网8月2日电 2日，1998年8月1日出生的熊猫迎来20岁生日。", None),
        ("某网8月8日讯 某公司2017年8月8日上市。", None),
        ("据某通讯社2018年8月1日报道，某公司发布新品。", None),
        ("2018年8月1日，某公司发布新品。", None),
        ("某公司在2018年2月30日电话会议上", None),
        ("2018年8月16日电动车销量公布。", None),
    ],
)
def test_the_head_of_a_text(text: str, found: date | None) -> None:
    assert date_from_head(text, today=TODAY) == found


@pytest.mark.parametrize(
    ("stem", "found"),
    [
        ("2019-08-20-新品", date(2019, 8, 20)),
        ("20190820", date(2019, 8, 20)),
        ("2019_8_20_a", date(2019, 8, 20)),
        ("新闻2019年8月20日", date(2019, 8, 20)),
        ("crawl_20190820", None),
        ("导出20190820", None),
        ("12019082011", None),
        ("000_e3f66ecb8c2a117a", None),
        ("20191320", None),
    ],
)
def test_file_names(stem: str, found: date | None) -> None:
    assert date_from_name(stem, today=TODAY) == found


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://e.com/2019/08/20/a.html", date(2019, 8, 20)),
        ("https://e.com/2019/0820/c1.html", date(2019, 8, 20)),
        ("https://e.com/t20190820_12.html", date(2019, 8, 20)),
        ("https://e.com/a/index.shtml?id=ABCDv3kU190820", None),
        ("https://e.com/201908201/", None),
        ("http://[broken", None),
    ],
)
def test_addresses(url: str, found: date | None) -> None:
    assert date_from_url(url, today=TODAY) == found


@pytest.mark.parametrize(
    ("line", "published", "publisher", "author"),
    [
        ("2019-08-20 10:22:33 来源：江岸网 作者：甲某 编辑：乙某", date(2019, 8, 20), "江岸网", "甲某"),
        ("来源：江岸报  2019年8月20日", date(2019, 8, 20), "江岸报", None),
        ("作者 | 甲某", None, None, "甲某"),
        ("文/甲某", None, None, "甲某"),
        ("2019年8月20日", date(2019, 8, 20), None, None),
    ],
)
def test_bylines(line: str, published: date | None, publisher: str | None, author: str | None) -> None:
    byline = read_byline(line, today=TODAY)
    assert byline is not None
    assert (byline.published, byline.publisher, byline.author) == (published, publisher, author)


@pytest.mark.parametrize(
    ("line", "account"),
    [
        ("发布于 2019-08-20 10:14・IP 属地北京", None),
        ("编辑于 2019-08-20 10:14", None),
        ("Published on 2019-08-20 10:14", None),
        ("时间：2019-08-20 浏览：123 次", None),
        ("甲某 发表于 2019-08-20 10:14", "甲某"),
        ("原创 甲某 江岸观察  2019-08-20 10:14 临江", "甲某 江岸观察 临江"),
    ],
)
def test_what_is_said_of_a_date_is_nobodys_name(line: str, account: str | None) -> None:
    byline = read_byline(line, today=TODAY)
    assert byline is not None
    assert (byline.published, byline.account) == (date(2019, 8, 20), account)


@pytest.mark.parametrize(
    "line",
    [
        "2019年8月20日，上海",
        "2019年8月20日 某公司发布新品",
        "公司的来源：不详的资金",
        "概要：11月8日，大会开幕",
        "",
        "字" * 500,
    ],
)
def test_prose_is_no_byline(line: str) -> None:
    assert read_byline(line, today=TODAY) is None


@pytest.mark.parametrize(
    ("text", "publisher", "author"),
    [
        ("央视网消息 回顾一年来的变化", "央视网", None),
        ("新华社北京8月8日电（记者王某某、李某）会议今日开幕。", "新华社", "王某某、李某"),
        ("湖北日报讯 （记者胡某、通讯员赵某）大桥贯通。", "湖北日报", "胡某"),
        ("【环球网报道 记者 朱某某】综合多家媒体", "环球网", "朱某某"),
        ("据法新社7月30日消息，会议开幕。", None, None),
        ("本报讯 近期，会议开幕。", None, None),
        ("没有署名的一段话。", None, None),
    ],
)
def test_datelines_name_the_outlet(text: str, publisher: str | None, author: str | None) -> None:
    byline = read_head(text)
    assert (byline.publisher, byline.author) == (publisher, author)
