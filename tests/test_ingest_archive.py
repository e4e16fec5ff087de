"""ZIP archives are read in memory, within limits, under the names they were given."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from ingest import archive as archive_module
from ingest.archive import member_name
from ingest.parse import parse_stream
from ingest.parsed import Failure, ParsedArticle
from tests.parsed_files import parse_file

ARTICLE = "一篇文章的题目\n\n这是正文的第一段，说明了事情的经过。\n这是第二段。"


def make_zip(members: dict[str, str | bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return out.getvalue()


def _parse(data: bytes, *, max_bytes: int = 10**8) -> list[ParsedArticle | Failure]:
    return list(parse_stream(io.BytesIO(data), name="a.zip", source="a.zip", max_bytes=max_bytes))


def _reasons(entries: list[ParsedArticle | Failure]) -> dict[str, str]:
    return {entry.source: entry.reason for entry in entries if isinstance(entry, Failure)}


def _keys(entries: list[ParsedArticle | Failure]) -> list[str]:
    return [entry.key for entry in entries if isinstance(entry, ParsedArticle)]


def test_documents_of_other_kinds_in_an_archive_are_named() -> None:
    entries = _parse(make_zip({"旧稿/a.doc": b"x", "b.css": "x", ".c.rtf": "x", "d.txt": ARTICLE}))
    assert [entry.source for entry in entries if isinstance(entry, Failure)] == ["a.zip#旧稿/a.doc"]
    assert _keys(entries) == ["d.txt"]


def test_members_of_every_kind() -> None:
    entries = _parse(
        make_zip(
            {
                "新闻/2018-06-07-甲.txt": ARTICLE,
                "b.jsonl": '{"id": "r1", "text": "一行正文。"}',
                "图.png": b"x",
                ".git/x.md": "x",
                "__MACOSX/._a.txt": "x",
            }
        )
    )
    assert _keys(entries) == ["新闻/2018-06-07-甲.txt", "b.jsonl#r1"]
    assert len(entries) == 2
    first = entries[0]
    assert isinstance(first, ParsedArticle)
    assert str(first.published) == "2018-06-07"
    assert first.encoding == "utf-8"


def test_a_tilde_in_a_name_is_the_name() -> None:
    table = "标题,正文\n甲,一行正文。\n乙,另一行正文。\n"
    entries = _parse(make_zip({"2017~2018年新闻.csv": table, "a~1/b~2.txt": ARTICLE, "c.md~3": ARTICLE}))
    assert _keys(entries) == ["2017~2018年新闻.csv#甲", "2017~2018年新闻.csv#乙", "a~1/b~2.txt"]


@pytest.mark.parametrize("codec", ["gbk", "utf-8", "big5"])
def test_names_without_the_utf8_flag(codec: str) -> None:
    name = "新聞/產業園區的報導.txt" if codec == "big5" else "新闻/产业园区的报道.txt"
    placeholder = "n" * len(name.encode(codec))
    data = make_zip({placeholder: ARTICLE}).replace(placeholder.encode(), name.encode(codec))
    assert _keys(_parse(data)) == [name]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert member_name(package.infolist()[0]) == name


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.txt", "/etc/passwd.txt", "C:\\windows\\x.txt", "a/../../b.txt", "..\\..\\c.txt"],
)
def test_paths_cannot_escape(name: str, tmp_path: Path) -> None:
    path = tmp_path / "in" / "a.zip"
    path.parent.mkdir()
    path.write_bytes(make_zip({name: ARTICLE}))
    (key,) = _keys(list(parse_file(path, source="a.zip")))
    assert ".." not in key
    assert not key.startswith(("/", "C:"))
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_a_member_that_expands_too_far() -> None:
    entries = _parse(make_zip({"bomb.txt": b"\xe5\x93\x88" * 10_000_000, "good.txt": ARTICLE}))
    assert "太大" in _reasons(entries)["a.zip#bomb.txt"]
    assert _keys(entries) == ["good.txt"]


def test_a_member_that_lies_about_its_size() -> None:
    data = bytearray(make_zip({"bomb.txt": b"a" * 40_000_000}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        position = data.index(signature) + offset
        data[position : position + 4] = (1000).to_bytes(4, "little")
    assert "a.zip#bomb.txt" in _reasons(_parse(bytes(data)))


def test_too_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "_MAX_MEMBERS", 3)
    assert "超过 3 个" in _reasons(_parse(make_zip({f"{n}.txt": "x" for n in range(4)})))["a.zip"]


def test_nested_archives_are_reported_not_opened() -> None:
    inner = make_zip({"x.txt": ARTICLE})
    assert "不再展开" in _reasons(_parse(make_zip({"inner.zip": inner})))["a.zip#inner.zip"]
    assert "a.zip#disguised.txt" in _reasons(_parse(make_zip({"disguised.txt": inner})))


def test_links_and_passwords() -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(link, "/etc/passwd")
    assert "符号链接" in _reasons(_parse(out.getvalue()))["a.zip#link.txt"]
    locked = bytearray(make_zip({"a.txt": ARTICLE}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + offset] |= 1
    assert "密码" in _reasons(_parse(bytes(locked)))["a.zip#a.txt"]


def test_the_same_name_twice() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in {
            "a.txt": ARTICLE,
            "b.json": '{"title": "甲", "text": "乙。"}',
            "c.zip": "x",
        }.items():
            package.writestr(name, content)
            with pytest.warns(UserWarning, match="Duplicate"):
                package.writestr(name, content)
    entries = _parse(out.getvalue())
    assert _keys(entries) == ["a.txt", "a.txt~2", "b.json#甲", "b.json~2#甲"]
    assert list(_reasons(entries)) == ["a.zip#c.zip", "a.zip#c.zip~2"]


@pytest.mark.parametrize("data", [b"PK\x03\x04 broken", b"PK\x05\x06" + bytes(10), b"not a zip"])
def test_broken_archives(data: bytes) -> None:
    assert "已损坏" in _reasons(_parse(data))["a.zip"]


def test_a_broken_member_does_not_cost_the_others() -> None:
    data = bytearray(make_zip({"a.txt": ARTICLE * 50, "b.txt": ARTICLE}))
    data[60:80] = bytes(20)
    entries = _parse(bytes(data))
    assert "已损坏" in _reasons(entries)["a.zip#a.txt"]
    assert _keys(entries) == ["b.txt"]
