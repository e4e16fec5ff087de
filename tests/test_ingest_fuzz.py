"""A thousand malformed files: no crash, no hang, nothing written, each bad one reported with its reason."""

from __future__ import annotations

import io
import json
import random
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.parsed import Failure, ParsedArticle
from tests.parsed_files import parse_file

SEED = 20171109
FILES = 1000
MAX_SECONDS_PER_FILE = 10.0
TEXT = "某平台在杭州发布，负责人介绍说，三百家企业参加了测试，平均响应时间是200毫秒。"
SUFFIXES = (".txt", ".md", ".html", ".json", ".jsonl", ".csv", ".pdf", ".docx", ".zip")


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return out.getvalue()


def _pdf() -> bytes:
    content = b"BT /F1 12 Tf 50 700 Td (A plain sentence, in a plain file.) Tj ET"
    return (
        b"%%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>\nendobj\n"
        b"4 0 obj\n<< /Length %d >>\nstream\n"
        % len(content)
        + content
        + b"\nendstream\nendobj\n5 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF"
    )


_WORD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    f"<w:p><w:r><w:t>{TEXT}</w:t></w:r></w:p></w:body></w:document>"
)
GOOD: dict[str, bytes] = {
    ".txt": f"标题: 题目\n链接: https://e.com\n总结: \n原标题：\n　　{TEXT}　　{TEXT}\n关键词: 甲\n".encode(),
    ".md": f"---\ndate: 2018-06-07\n---\n# 题目 - 某博客\n2018年6月7日 阅读数：7\n![图](a.png)\n**{TEXT}**\n".encode(),
    ".html": f"<!doctype html><html><head><title>题目</title></head><body><div><p>{TEXT}</p></div></body></html>".encode(),
    ".json": json.dumps({"data": [{"标题": "题目", "正文": TEXT}]}).encode(),
    ".jsonl": (json.dumps({"id": 1, "text": TEXT}, ensure_ascii=False) + "\n").encode() * 3,
    ".csv": f'标题,正文\n题目,"{TEXT}"\n'.encode(),
    ".pdf": _pdf(),
    ".docx": _zip({"word/document.xml": _WORD.encode()}),
    ".zip": _zip({"a.txt": TEXT.encode(), "b.md": f"# 题目\n{TEXT}".encode()}),
}


def _truncate(data: bytes, generator: random.Random) -> bytes:
    return data[: generator.randrange(len(data) + 1)]


def _mutate(data: bytes, generator: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(generator.randint(1, 20)):
        broken[generator.randrange(len(broken))] = generator.randrange(256)
    return bytes(broken)


def _splice(data: bytes, generator: random.Random) -> bytes:
    other = generator.choice(list(GOOD.values()))
    at = generator.randrange(len(data) + 1)
    return data[:at] + other[generator.randrange(len(other)) :] + data[at:]


def _encode_wrongly(data: bytes, generator: random.Random) -> bytes:
    text = data.decode("utf-8", "ignore")
    codec = generator.choice(["gb18030", "utf-16", "utf-16-be", "big5", "utf-7", "utf-32"])
    return generator.choice([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00"]) + text.encode(codec, "ignore")


def _noise(_: bytes, generator: random.Random) -> bytes:
    return generator.randbytes(generator.randint(0, 3000))


def _repeat(data: bytes, generator: random.Random) -> bytes:
    piece = data[generator.randrange(len(data)) :][: generator.randint(1, 40)] or b"<"
    return piece * generator.randint(2, 800)


def _deep(_: bytes, generator: random.Random) -> bytes:
    opening = generator.choice(
        [
            b"[",
            b'{"a":',
            b"<div>",
            b"> ",
            b"(",
            b"![",
            b"[[",
            b"**",
            b"<b><i>",
            b"\xe3\x80\x80",
            b"#",
            b"- ",
            b"|",
            b"---\n",
        ]
    )
    return opening * generator.randint(500, 6000)


def _bomb(_: bytes, generator: random.Random) -> bytes:
    return _zip(
        {"a.txt": generator.choice([b"\x00", b"a", b"\n", b"<p>"]) * 1_500_000, "b.txt": TEXT.encode()}
    )


def _path_trick(_: bytes, generator: random.Random) -> bytes:
    names = [
        "../../x.txt",
        "/etc/x.txt",
        "C:\\x.txt",
        "a/" * 300 + "x.txt",
        "y\x00.txt",
        "..",
        "con.txt",
        "a\nb.txt",
        "x.txt/y.txt",
        "~.txt",
    ]
    data = bytearray(_zip({name: TEXT.encode() for name in generator.sample(names, 3)}))
    if generator.random() < 0.5:
        struct.pack_into("<I", data, data.rindex(b"PK\x01\x02") + 20, generator.randrange(2**32))
    return bytes(data)


BREAKERS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _truncate, _truncate, _mutate, _mutate, _mutate, _splice, _splice, _encode_wrongly, _noise, _repeat, _deep, _bomb, _path_trick,
)  # fmt: skip


def test_a_thousand_malformed_files(tmp_path: Path) -> None:
    generator = random.Random(SEED)
    path = tmp_path / "in" / "x"
    path.parent.mkdir()
    articles = failures = 0
    for number in range(FILES):
        suffix = generator.choice(SUFFIXES)
        breaker = generator.choice(BREAKERS)
        path = path.with_suffix(suffix)
        path.write_bytes(breaker(GOOD[suffix], generator))
        started = time.process_time()  # of ours: the machine may be busy with other things
        entries = list(parse_file(path, source=path.name))
        label = f"file {number}: {breaker.__name__} of {suffix}"
        assert time.process_time() - started < MAX_SECONDS_PER_FILE, label
        assert entries, label
        for entry in entries:
            _check(entry, label)
            articles += isinstance(entry, ParsedArticle)
            failures += isinstance(entry, Failure)
        assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path], label
        path.unlink()
    assert articles > 300
    assert failures > 300


def _check(entry: ParsedArticle | Failure, label: str) -> None:
    """An article is whole and can be stored; a failure is one line that names its source."""
    if isinstance(entry, Failure):
        assert entry.reason, label
        assert "\n" not in entry.reason, label
        assert entry.source.startswith("x."), label
        assert any("\u4e00" <= character <= "\u9fff" for character in entry.reason), label
        return
    assert entry.title.strip(), label
    assert entry.text.strip(), label
    assert "\n\n" not in entry.text, label
    assert "\ufffd" not in entry.text, label
    for part in (entry.key, entry.title, entry.text, *entry.fields, *entry.fields.values()):
        part.encode()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["line.txt", "line.jsonl", "line.html", "line.json"])
def test_a_line_of_fifty_megabytes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    piece = {".html": "<p>一段话。", ".json": '{"text": "'}.get(path.suffix, "一句话，").encode()
    path.write_bytes(piece + b"a" * 50_000_000)
    started = time.process_time()
    entries = list(parse_file(path, source=name))
    assert time.process_time() - started < MAX_SECONDS_PER_FILE
    assert all(isinstance(entry, Failure) for entry in entries)
    assert entries


LONG_RUNS = (
    *(" ", "\u3000", "\n ", "**a ", "*a ", "__a ", "`", "[", "![", "[a](b"),
    *("<!--", "<p ", "<a href='", "#", "> ", "- ", "| a |", "&", "<b>"),
)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".json"])
def test_long_runs_take_no_more_than_their_length(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"run{suffix}"
    for piece in LONG_RUNS:
        run = f"# 题目\n**x** {piece * (60_000 // len(piece))} 尾。"
        path.write_text(json.dumps({"text": run}) if suffix == ".json" else run, encoding="utf-8")
        started = time.process_time()
        assert list(parse_file(path, source="run"))
        assert time.process_time() - started < 2.0, piece  # a pattern that backtracks takes minutes
