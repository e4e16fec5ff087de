"""JSON, JSON lines and CSV: rows become articles, a row without text becomes a failure with its number."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from ingest.decode import Decoded
from ingest.errors import UnreadableFile
from ingest.formats.cells import read_rows
from ingest.formats.json_text import load_json
from ingest.formats.lines import Line, read_lines, text_lines
from ingest.formats.tables import parse_csv, parse_json, parse_jsonl
from ingest.parsed import Failure, ParsedArticle

ROW = {
    "标题": "一家公司的新产品",
    "正文": "<p>第一段。</p><p>第二段。</p>",
    "链接": "https://e.com/1",
    "发布时间": "2018/6/7 10:00",
    "来源": "江岸网",
    "记者": "某人",
    "行业": ["制造", "教育"],
}


def _articles(entries: object) -> list[ParsedArticle]:
    return [entry for entry in entries if isinstance(entry, ParsedArticle)]  # type: ignore[attr-defined]


def _failures(entries: object) -> list[str]:
    return [entry.source for entry in entries if isinstance(entry, Failure)]  # type: ignore[attr-defined]


def _jsonl(data: bytes) -> list[ParsedArticle | Failure]:
    return list(parse_jsonl(read_lines(io.BytesIO(data)), source="a.jsonl"))


def _csv(text: str) -> list[ParsedArticle | Failure]:
    return list(parse_csv(text_lines(Decoded(text, "utf-8")), source="a.csv"))


@pytest.mark.parametrize(
    "shape",
    [
        lambda row: [row],
        lambda row: row,
        lambda row: {"data": [row]},
        lambda row: {"code": 0, "result": 1, "articles": {"list": [row]}},
    ],
)
def test_json_shapes_and_chinese_columns(shape: object) -> None:
    (article,) = _articles(parse_json(json.dumps(shape(ROW)), source="a.json"))  # type: ignore[operator]
    assert (article.title, article.text) == ("一家公司的新产品", "第一段。\n第二段。")
    assert (article.key, article.url) == ("https://e.com/1", "https://e.com/1")
    assert (article.published, article.publisher, article.author) == (date(2018, 6, 7), "江岸网", "某人")
    assert article.fields == {"行业": "制造、教育"}


@pytest.mark.parametrize(
    "shape",
    [
        lambda rows: {"code": 0, "result": {"total": 2, "pages": [{"docs": rows[:1]}, {"docs": rows[1:]}]}},
        lambda rows: {"user": {"description": "简介。"}, "content": rows},
        lambda rows: {"comments": [{"content": "评论。"}], "hits": rows},
        lambda rows: {"response": {"body": {"items": rows}}},
    ],
)
def test_rows_are_found_wherever_they_lie(shape: Callable[[object], object]) -> None:
    rows = [{"title": "甲", "content": "甲文。"}, {"title": "乙", "content": "乙文。"}]
    found = _articles(parse_json(json.dumps(shape(rows)), source="a.json"))
    assert [(article.title, article.text) for article in found] == [("甲", "甲文。"), ("乙", "乙文。")]


@pytest.mark.parametrize(
    "row",
    [
        {"title": "甲", "paragraphs": ["第一段。", "第二段。"]},
        {
            "title": "甲",
            "content": [
                {"type": "text", "text": "第一段。"},
                {"type": "img", "url": "x"},
                {"type": "text", "text": "第二段。"},
            ],
        },
        {
            "title": "甲",
            "content": [
                {"content": [{"text": "第一"}, {"text": "段。"}]},
                {"content": [{"text": "第二段。"}]},
            ],
        },
        {"title": "甲", "contents": "第一段。\n\n第二段。", "content": []},
    ],
)
def test_blocks_of_text_are_one_article(row: object) -> None:
    (article,) = _articles(parse_json(json.dumps(row), source="a.json"))
    assert (article.title, article.text) == ("甲", "第一段。\n第二段。")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("新闻内容", "text"),
        ("稿件 内容", "text"),
        ("Main-Text", "text"),
        ("pub_time", "published"),
        ("createTime", "published"),
        ("created_at", "published"),
        ("publish_at", "published"),
        ("ctime", "published"),
        ("发稿时间", "published"),
        ("见报日期", "published"),
        ("media_name", "publisher"),
        ("新闻来源", "publisher"),
        ("稿件作者", "author"),
        ("新闻 标题", "title"),
        ("活动时间", None),
        ("数据来源", None),
        ("采集时间", None),
    ],
)
def test_names_of_columns(name: str, role: str | None) -> None:
    row = {name: "2018-06-07" if role == "published" else "某某。"} | (
        {} if role == "text" else {"body": "正文。"}
    )
    (article,) = _articles(parse_json(json.dumps(row), source="a.json"))
    if role is None:
        assert article.fields == {name: "某某。"}
    else:
        assert getattr(article, role)
        assert article.fields == {}


@pytest.mark.parametrize("value", ["2021年8月", "20/08/2019", "去年", 2021])
def test_a_date_that_names_no_day_is_kept_as_a_field(value: object) -> None:
    (article,) = _articles(parse_json(json.dumps({"text": "正文。", "date": value}), source="a.json"))
    assert (article.published, article.fields) == (None, {"date": str(value)})


def test_of_several_dates_the_first_that_can_be_read_is_taken() -> None:
    row = {"text": "正文。", "date": "2021年8月", "publish_time": "Aug 20, 2021", "ctime": 43697}
    (article,) = _articles(parse_json(json.dumps(row), source="a.json"))
    assert article.published == date(2021, 8, 20)
    assert article.fields == {"date": "2021年8月", "ctime": "43697"}


def test_tags_in_a_title_go() -> None:
    (article,) = _articles(parse_json('{"title": "<em>港口</em>年报", "text": "正文。"}', source="a.json"))
    assert article.title == "港口年报"


def test_a_row_without_text_names_what_it_has() -> None:
    (failure,) = parse_json('[{"title": "甲", "link": "x"}]', source="a.json")
    assert isinstance(failure, Failure)
    assert "没有正文，只有：title、link" in failure.reason


@pytest.mark.parametrize("head", ["渡口新闻汇总,,\n", "2021年新闻内容\n制表：某某,,\n\n", "渡口新闻汇总\n"])
def test_lines_above_the_header_of_a_csv(head: str) -> None:
    entries = _csv(f"{head}新闻标题;新闻内容;发稿时间\n甲;正文。;43697\n".replace(",", ";"))
    (article,) = _articles(entries)
    assert (article.title, article.text, article.published) == ("甲", "正文。", date(2019, 8, 20))
    assert len(entries) == 1


def test_an_object_of_rows_uses_its_names_as_keys() -> None:
    entries = parse_json('{"a1": {"text": "甲文。"}, "a2": {"text": "乙文。"}}', source="a.json")
    assert [article.key for article in _articles(entries)] == ["a1", "a2"]


def test_the_best_filled_column_wins() -> None:
    row = {
        "text": "",
        "content": "**正文**在这里。",
        "summary": "摘要。",
        "id": 7,
        "date": 1528300800,
        "ok": True,
        "none": None,
    }
    (article,) = _articles(parse_json(json.dumps([row]), source="a.json"))
    assert (article.key, article.text, article.published) == ("7", "正文在这里。", date(2018, 6, 7))
    assert article.fields == {"summary": "摘要。", "ok": "true"}


def test_names_and_values_hold_only_what_can_be_stored() -> None:
    row = r'{"text": "正文。", "\ud83d备注": "x", "行\u200b业": "医\ud83d疗"}'
    (article,) = _articles(parse_json(row, source="a.json"))
    assert article.fields == {"备注": "x", "行业": "医疗"}


def test_jsonl_rows_fail_alone() -> None:
    lines = [
        '{"id": "x", "text": "好的正文。"}',
        "",
        "{broken",
        '{"title": "没有正文"}',
        "3",
        '{"text": "另一篇。", "id": "x"}',
        '"只有一句话。"',
    ]
    entries = _jsonl("\n".join(lines).encode())
    assert [article.text for article in _articles(entries)] == ["好的正文。", "另一篇。", "只有一句话。"]
    assert _failures(entries) == ["a.jsonl#line=3", "a.jsonl#line=4", "a.jsonl#line=5"]
    keys = [article.key for article in _articles(entries)]
    assert keys[0] == "x"
    assert len(set(keys)) == 3


def test_keys_do_not_depend_on_the_other_rows() -> None:
    rows = [{"title": f"题目{n}", "text": f"正文{n}。"} for n in range(5)]
    every = {a.title: a.key for a in _articles(parse_json(json.dumps(rows), source="a"))}
    fewer = {a.title: a.key for a in _articles(parse_json(json.dumps(rows[3:] + rows[:1]), source="a"))}
    assert fewer.items() <= every.items()


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_jsonl_encodings(codec: str) -> None:
    text = json.dumps({"正文": "这是一篇关于人工智能产业的报道，说的是去年的事情。"}, ensure_ascii=False)
    entries = _jsonl(f"{text}\n{text}\n".encode(codec))
    assert [article.text[:4] for article in _articles(entries)] == ["这是一篇"] * 2
    assert all(article.encoding for article in _articles(entries))


def test_a_line_in_another_encoding_is_still_read() -> None:
    line = (
        json.dumps({"正文": "这是一篇关于人工智能产业的报道，说的是去年的事情。"}, ensure_ascii=False) + "\n"
    )
    entries = _jsonl(line.encode() + line.encode("gb18030") + b'{"text": "\xff\xff"}\n' + line.encode())
    assert [article.encoding for article in _articles(entries)] == ["utf-8", "gb18030", "utf-8"]
    assert _failures(entries) == ["a.jsonl#line=3"]


def test_a_line_too_long_is_skipped() -> None:
    data = b'{"text": "' + b"a" * 5000 + b'"}\n{"text": "short"}'
    lines = list(read_lines(io.BytesIO(data), max_line_bytes=1000))
    assert [(line.number, bool(line.problem)) for line in lines] == [(1, True), (2, False)]


@pytest.mark.parametrize(
    ("text", "match"),
    [("{", "格式有误"), ("[" * 100_000, "太深"), ('{"a":' * 100_000, "太深"), ("9" * 5000, "数值太大")],
)
def test_json_that_cannot_be_read(text: str, match: str) -> None:
    with pytest.raises(UnreadableFile, match=match):
        load_json(text)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv(delimiter: str) -> None:
    text = (
        delimiter.join(["\ufeff编号", "标题", "内容", "日期"])
        + "\n"
        + delimiter.join(["1", "甲", '"第一行\n第二行, 带""引号"""', "2018-06-07"])
        + "\n\n2"
        + delimiter
        + "乙\n"
    )
    entries = _csv(text)
    (article,) = _articles(entries)
    assert (article.key, article.title, article.published) == ("1", "甲", date(2018, 6, 7))
    assert article.text.startswith("第一行")
    assert article.text.endswith('带"引号"')
    assert _failures(entries) == ["a.csv#row=4"]


def test_a_row_with_more_cells_than_columns_is_not_cut_short() -> None:
    text = "标题,正文\n甲,营收增长,利润下降。\n乙,正文。,,\n"
    entries = _csv(text)
    assert [article.title for article in _articles(entries)] == ["乙"]
    assert _failures(entries) == ["a.csv#row=2"]


def test_a_feed_names_its_publisher_in_an_object() -> None:
    row = {
        "source": {"id": None, "name": "江岸网"},
        "author": {"id": 1},
        "publishedAt": "2018-06-07T10:00:00Z",
        "content": "文。",
    }
    (article,) = _articles(parse_json(json.dumps({"articles": [row]}), source="a.json"))
    assert (article.publisher, article.author) == ("江岸网", '{"id": 1}')
    assert article.published == date(2018, 6, 7)


def test_csv_without_a_text_column() -> None:
    with pytest.raises(UnreadableFile, match="没有正文列，只有：甲、乙"):
        _csv("甲,乙\n1,2\n")


def test_a_long_csv_cell_is_read() -> None:
    (article,) = _articles(_csv(f"正文\n{'长' * 300_000}\n"))
    assert len(article.text) == 300_000


def test_news_inside_a_row() -> None:
    (article,) = _articles(parse_json('[{"text": "2018-06-07 10:00:00，正文：某平台发布。"}]', source="a"))
    assert (article.published, article.text) == (date(2018, 6, 7), "某平台发布。")


@pytest.mark.parametrize(
    ("text", "kept", "broken"),
    [
        ('标题,正文\n甲,"没有收尾\n乙,"乙文。"\n丙,丙文。\n', ["乙文。", "丙文。"], ["a.csv#line=2"]),
        ('标题,正文\n甲,"没有收尾\n乙,乙文。\n丙,丙文。\n', ["乙文。", "丙文。"], ["a.csv#line=2"]),
        ('标题,正文\n乙,"乙文，\n两行。"\n甲,"写到一半', ["乙文，\n两行。"], ["a.csv#line=4"]),
        (f'标题,正文\n甲,"{"长" * 16_000_001}"\n乙,乙文。\n', ["乙文。"], ["a.csv#line=2"]),
    ],
)
def test_an_unpaired_quotation_mark_costs_its_line(text: str, kept: list[str], broken: list[str]) -> None:
    entries = _csv(text)
    assert [article.text for article in _articles(entries)] == kept
    assert _failures(entries) == broken


def test_a_broken_line_inside_a_cell_costs_its_row() -> None:
    lines = list(text_lines(Decoded('正文\n甲文。\n"第一段。\n坏\n第三段。"\n乙文。\n', "utf-8")))
    lines[3] = replace(lines[3], text="", problem="坏了")
    entries = list(parse_csv(lines, source="a.csv"))
    assert "第一段。" not in [article.text for article in _articles(entries)]
    assert [article.text for article in _articles(entries)][::2] == ["甲文。", "乙文。"]
    assert _failures(entries) == ["a.csv#line=3", "a.csv#line=4"]


def test_lines_of_a_list_are_read_as_lines() -> None:
    entries = _jsonl('[\n{"title": "甲", "text": "甲文。"},\n{"title": "乙", "text": "乙文。"}\n]\n'.encode())
    assert [article.text for article in _articles(entries)] == ["甲文。", "乙文。"]
    assert _failures(entries) == []


@pytest.mark.parametrize(
    "value",
    [
        {
            "hits": {
                "total": 1,
                "hits": [
                    {"_id": "n1", "_source": {"title": "甲", "content": "甲文。", "date": "2019-08-20"}}
                ],
            }
        },
        [
            {
                "_id": {"$oid": "n1"},
                "title": "甲",
                "content": "甲文。",
                "date": {"$date": "2019-08-20T01:00:00Z"},
            }
        ],
        [
            {
                "id": "n1",
                "title": {"rendered": "甲"},
                "content": {"rendered": "<p>甲文。</p>"},
                "date": "2019-08-20",
            }
        ],
    ],
)
def test_what_databases_and_sites_put_around_values(value: object) -> None:
    (article,) = _articles(parse_json(json.dumps(value), source="a.json"))
    assert (article.key, article.title, article.text) == ("n1", "甲", "甲文。")
    assert article.published == date(2019, 8, 20)


def test_marks_that_never_close_cost_their_own_lines_and_little_time() -> None:
    lines = [Line(number, 'x"y,"正文很长', "utf-8") for number in range(1, 20_001)]
    started = time.process_time()
    rows = list(read_rows(lines))
    assert time.process_time() - started < 10  # once quadratic: a quarter of an hour
    assert len(rows) == 20_000


def test_after_a_mark_that_never_closes_long_cells_are_whole_again() -> None:
    text = [
        "标题,正文",
        '甲,"没有结束',
        *(f"{at},短" for at in range(30)),
        '乙,"第一段',
        *("段落" for _ in range(12)),
        '最后一段"',
    ]
    rows = list(read_rows([Line(number, words, "utf-8") for number, words in enumerate(text, start=1)]))
    assert [row.cells[1].count("\n") for row in rows if row.cells[:1] == ["乙"]] == [13]
