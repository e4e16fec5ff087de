"""The entry: every file becomes articles or a one-line reason, whatever its suffix says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ingest.parse import MAX_ARTICLE_CHARS, SUFFIXES
from ingest.parsed import Failure, ParsedArticle
from tests.parsed_files import parse_file

SAMPLES = Path(__file__).parent.parent / "ingest" / "samples"
NEWS = "日期 2018-06-07 10:00:00，正文：某平台在杭州发布，三百家企业报名参加。\n日期 2018-06-08，正文：第二天，又有一百家企业报名。\n"
RECORD = "标题: 园区新闻\n链接: https://e.com/1\n总结: \n原标题：\n　　江岸网消息 第一段。　　第二段。\n关键词: 园区\n"


def _parse(path: Path, content: str | bytes, **options: int) -> list[ParsedArticle | Failure]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(parse_file(path, source=path.name, **options))


def _one(path: Path, content: str | bytes) -> ParsedArticle:
    (entry,) = _parse(path, content)
    assert isinstance(entry, ParsedArticle), entry
    return entry


def _reason(path: Path, content: str | bytes, **options: int) -> str:
    (entry,) = _parse(path, content, **options)
    assert isinstance(entry, Failure), entry
    assert "\n" not in entry.reason
    return entry.reason


def test_the_suffixes() -> None:
    stated = {".md", ".markdown", ".txt", ".html", ".htm", ".pdf", ".docx", ".json", ".jsonl", ".csv", ".zip"}
    assert stated <= SUFFIXES


def test_a_text_file_may_be_anything(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert _one(path, "# 题目在此 - 江岸网\n正文一句。\n").publisher == "江岸网"
    assert _one(path, RECORD).fields == {"关键词": "园区"}
    assert _one(path, '{"title": "题目", "text": "正文一句。"}').key == "题目"
    assert (
        _one(path, "<!DOCTYPE html><title>题目</title><p>正文写在网页里，一共有这么一句话。</p>").title
        == "题目"
    )
    page = '<?xml version="1.0"?>\n<!-- saved -->\n<html><title>题目</title><p>正文写在网页里，一共有这么一句话。</p></html>'
    assert _one(path, page).text == "正文写在网页里，一共有这么一句话。"
    assert _one(path, "只有一句话的短消息。").title == "只有一句话的短消息"
    assert len(_parse(path, NEWS)) == 2


def test_news_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    entries = [entry for entry in _parse(path, NEWS) if isinstance(entry, ParsedArticle)]
    assert [entry.published for entry in entries] == [date(2018, 6, 7), date(2018, 6, 8)]
    assert len({entry.key for entry in entries}) == 2
    assert _one(path, NEWS.split("\n", maxsplit=1)[0] + "\n\n又一段。").key == ""
    assert _one(path, "2018年6月7日，正文：没有标签的开头。").published == date(2018, 6, 7)


def test_news_keys_do_not_depend_on_the_other_lines(tmp_path: Path) -> None:
    lines = NEWS.splitlines(keepends=True)
    third = "日期 2018-06-09，正文：第三天，报名结束了。\n"
    every = {
        a.text: a.key
        for a in _parse(tmp_path / "a.txt", "".join([*lines, third]))
        if isinstance(a, ParsedArticle)
    }
    fewer = {
        a.text: a.key for a in _parse(tmp_path / "a.txt", third + lines[0]) if isinstance(a, ParsedArticle)
    }
    assert fewer.items() <= every.items()


def test_the_title_is_never_empty(tmp_path: Path) -> None:
    assert len(_one(tmp_path / "a.txt", "一句没有句号的长正文，" * 30).title) <= 40
    assert _one(tmp_path / "文件名.json", '[{"text": "。"}]').title == "文件名"


def test_the_file_name_dates_an_undated_article(tmp_path: Path) -> None:
    assert _one(tmp_path / "2018-06-07-a.txt", "题目\n正文一句。").published == date(2018, 6, 7)
    assert _one(tmp_path / "2018-06-07-b.txt", "题目\n2017-01-02 10:00\n正文一句。").published == date(
        2017, 1, 2
    )
    assert _one(tmp_path / "a.txt", "题目\n正文一句。").published is None


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "big5"])
def test_the_encoding_is_reported(tmp_path: Path, codec: str) -> None:
    text = "文化發展與產業政策的報導\n\n這是一段關於產業政策的文字，說明了資料與演算法的關係。"
    entry = _one(tmp_path / "a.txt", text.encode(codec))
    assert entry.text == "這是一段關於產業政策的文字，說明了資料與演算法的關係。"
    assert entry.encoding is not None
    assert entry.encoding.startswith(codec.removesuffix("-sig"))


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.txt", b"", "文件是空的"),
        ("a.txt", b" \n\n ", "文件是空的"),
        ("a.txt", b"\x00\x01\x02\x03" * 500, "二进制|编码"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG"),
        ("a.md", "# 只有题目\n", "没有正文"),
        ("a.json", "{", "JSON 格式有误"),
        ("a.json", "[" * 100_000, "太深"),
        ("a.json", '{"k": ' * 100_000, "太深"),
        ("a.csv", "甲,乙\n1,2\n", "没有正文列"),
        ("a.html", "<div>" * 50_000, "太深"),
        ("a.html", "<title>空</title>", "没有正文"),
        ("a.pdf", b"%PDF-1.7 broken", "PDF"),
        ("a.txt", rb"{\rtf1\ansi \u26576?}", "RTF"),
        ("a.docx", b"PK\x03\x04broken", "Word"),
        ("a.zip", b"PK\x03\x04broken", "压缩包"),
        ("a.xyz", b"\xff\xfe\xfd" * 9, "编码|二进制"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, content: str | bytes, match: str) -> None:
    import re

    assert re.search(match, _reason(tmp_path / name, content))


def test_huge_files_are_refused(tmp_path: Path) -> None:
    assert "超过 1 MB" in _reason(tmp_path / "a.txt", "字" * 400_000, max_bytes=1_000_000)
    assert "万字" in _reason(tmp_path / "a.txt", "字，" * (MAX_ARTICLE_CHARS // 2 + 10))


def test_line_formats_stream_past_the_limit(tmp_path: Path) -> None:
    row = json.dumps({"text": "一行正文。" * 20}, ensure_ascii=False)
    assert len(_parse(tmp_path / "a.jsonl", "\n".join([row] * 50), max_bytes=1000)) == 50


def test_streaming_needs_little_memory(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "a.jsonl"
    row = json.dumps({"text": "一行正文，说的是同一件事情。" * 60}, ensure_ascii=False)
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{row}\n" for _ in range(800))
    tracemalloc.start()
    assert sum(1 for _ in parse_file(path, source="a")) == 800
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000 < path.stat().st_size


def test_a_parser_bug_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> ParsedArticle:
        raise KeyError("bug")

    monkeypatch.setattr("ingest.formats.markdown.parse_markdown", broken)
    assert "无法解析" in _reason(tmp_path / "a.txt", "题目\n正文。")


def test_the_samples_parse_whole() -> None:
    articles = [entry for path in sorted(SAMPLES.iterdir()) for entry in parse_file(path, source=path.name)]
    assert len(articles) >= 12
    for article in articles:
        assert isinstance(article, ParsedArticle), article
        assert article.published is not None
        assert 2017 <= article.published.year <= 2019
        assert article.publisher
        assert 300 <= len(article.text) <= 900
        assert not set("*#[]<>") & set(article.text)
        assert "http" not in article.text
        assert "原标题" not in article.text
    assert any("Yanshan Infer" in article.text for article in articles if isinstance(article, ParsedArticle))


@pytest.mark.parametrize(
    ("name", "content"), [("a.json", "[]"), ("a.csv", "标题,正文\n"), ("a.jsonl", "\n\n")]
)
def test_a_file_without_articles_says_so(tmp_path: Path, name: str, content: str) -> None:
    assert "没有文章" in _reason(tmp_path / name, content)


def test_json_lines_named_json_are_read(tmp_path: Path) -> None:
    rows = '{"text": "甲说了一句话。"}\n{"text": "乙说了一句话。"}\n'
    texts = [entry.text for entry in _parse(tmp_path / "a.json", rows) if isinstance(entry, ParsedArticle)]
    assert texts == ["甲说了一句话。", "乙说了一句话。"]


def _rows(suffix: str) -> list[bytes]:
    """Return three lines: articles 甲, 乙, 丙."""
    texts = {name: f"{name}市的产业园上个月开工，三百家企业报名。" for name in "甲乙丙"}
    if suffix == ".csv":
        return [f'{name},"{text}"\n'.encode() for name, text in texts.items()]
    rows = ({"标题": name, "正文": text} for name, text in texts.items())
    return [(json.dumps(row, ensure_ascii=False) + "\n").encode() for row in rows]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json", "a.txt"])
@pytest.mark.parametrize(
    ("damage", "lost"),
    [
        (lambda line: line.decode().encode("gb18030"), False),  # a line of another file
        (lambda line: line[:20] + b"\xff" + line[20:], True),
        (lambda line: line[:20] + line[21:], True),  # half a character
        (lambda line: b"\x00" * len(line), True),  # a block that was never written
        (lambda line: b"\x00" * 80_000 + b"\n", True),
    ],
)
def test_a_broken_line_costs_itself_alone(
    tmp_path: Path, name: str, damage: Callable[[bytes], bytes], lost: bool
) -> None:
    first, second, third = _rows(Path(name).suffix)
    head = "标题,正文\n".encode() if name == "a.csv" else b""
    if name != "a.csv":
        first = first * 2  # what says that the file is meant as lines
    broken = damage(second)
    broken = broken if broken.endswith(b"\n") else broken + b"\n"
    entries = _parse(tmp_path / name, head + first + broken + third)
    articles = {entry.title: entry for entry in entries if isinstance(entry, ParsedArticle)}
    assert sorted(articles) == (["丙", "甲"] if lost else ["丙", "乙", "甲"])
    assert [entry.source for entry in entries if isinstance(entry, Failure)] == [f"{name}#line=3"] * lost
    for title, article in articles.items():
        assert article.text == f"{title}市的产业园上个月开工，三百家企业报名。"


def test_utf16_with_a_broken_line(tmp_path: Path) -> None:
    first, second, third = (line.decode().encode("utf-16-le") for line in _rows(".jsonl"))
    entries = _parse(
        tmp_path / "a.jsonl", b"\xff\xfe" + first + second[:20] + b"\x00\xd8" + second[20:] + third
    )
    assert [entry.title for entry in entries if isinstance(entry, ParsedArticle)] == ["甲", "丙"]
    assert [entry.source for entry in entries if isinstance(entry, Failure)] == ["a.jsonl#line=2"]
