"""Bytes become text in their true encoding, or a reason; never a replaced or an invented character."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decode import decode, decode_mending
from ingest.errors import UnreadableFile

SIMPLIFIED = "某公司在成都发布了新的语音识别平台，首批支持十四种方言，开发者每天可以免费调用五千次。"
TRADITIONAL = "某公司在新竹發表了新的瑕疵檢測系統，漏檢率降到萬分之三，檢測員轉任標註與複判的工作。"


@pytest.mark.parametrize(
    ("text", "codec", "reported"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (SIMPLIFIED, "gb2312", "gb18030"),
        (SIMPLIFIED + "㐀𠀀", "gb18030", "gb18030"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
        (TRADITIONAL, "big5", "big5"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "utf-16-le", "utf-16-le"),
        ("第一行\nplain ASCII 与中文\n", "utf-16-le", "utf-16-le"),
    ],
)
def test_each_encoding_is_read_and_named(text: str, codec: str, reported: str) -> None:
    decoded = decode(text.encode(codec))
    assert (decoded.text, decoded.encoding) == (text, reported)


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE])
def test_a_byte_order_mark_is_obeyed_and_stripped(mark: bytes) -> None:
    codec = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}.get(mark, "utf-32-le")
    assert decode(mark + SIMPLIFIED.encode(codec)).text == SIMPLIFIED


@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", "big5", "no-such-charset", "base64", ""])
def test_a_wrong_declaration_does_not_win(declared: str) -> None:
    assert decode(SIMPLIFIED.encode("gb18030"), declared=declared).text == SIMPLIFIED


def test_a_wrong_mark_before_gbk_does_not_win() -> None:
    assert decode(codecs.BOM_UTF8 + SIMPLIFIED.encode("gbk")).text.endswith(SIMPLIFIED[10:])


def test_newlines_are_normalised() -> None:
    assert decode("甲\r\n乙\r丙\u2028丁".encode()).text == "甲\n乙\n丙\n丁"


def test_half_a_character_at_the_end_is_left_out() -> None:
    assert decode(SIMPLIFIED.encode()[:-1]).text == SIMPLIFIED[:-1]
    assert decode(SIMPLIFIED.encode("gbk")[:-1]).text == SIMPLIFIED[:-1]


def test_a_broken_character_inside_is_refused_not_replaced() -> None:
    data = SIMPLIFIED.encode()
    with pytest.raises(UnreadableFile, match=r"第 60 个字节.*byte 60"):
        decode(data[:60] + b"\xff" + data[60:])


@pytest.mark.parametrize(("codec", "reported"), [("utf-8", "utf-8"), ("gbk", "gb18030")])
def test_a_few_broken_bytes_in_a_sound_text_are_shown(codec: str, reported: str) -> None:
    data = (SIMPLIFIED * 4).encode(codec)
    decoded = decode_mending(data[:60] + b"\xff\xff" + data[60:])
    assert (decoded.encoding, decoded.broken) == (reported, 1)
    assert decoded.text.count("□") == 1
    assert decoded.text.replace("□", "") == SIMPLIFIED * 4


@pytest.mark.parametrize(
    "data",
    [
        b'{"text": "\xff\xff"}\n',
        SIMPLIFIED.encode() + TRADITIONAL.encode("big5"),
        b"\xff".join(bytes([byte]) for byte in SIMPLIFIED.encode()),
        bytes(range(256)) * 40,
        (SIMPLIFIED * 4).encode("gbk")[:60] + b"\xff" + (SIMPLIFIED * 4).encode("gbk")[61:],  # out of step
    ],
)
def test_what_is_broken_all_over_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        decode_mending(data)


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "文件是空的"),
        (b" \r\n\t\xef\xbb\xbf", "文件是空的"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"Office.*另存为 \.docx"),
        (b"SQLite format 3\x00" + bytes(100), "SQLite"),
        (bytes(range(256)) * 40, "编码"),
        (bytes(5000), "空的|二进制"),
    ],
)
def test_what_is_no_text_says_so(data: bytes, match: str) -> None:
    with pytest.raises(UnreadableFile, match=match):
        decode(data)


def test_random_bytes_never_become_garbage_chinese() -> None:
    import random

    generator = random.Random(7)
    for _ in range(50):
        with pytest.raises(UnreadableFile):
            decode_mending(generator.randbytes(2000))


def test_ascii_is_utf8() -> None:
    assert decode(b"plain words").encoding == "utf-8"


_HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@settings(max_examples=60, deadline=None)
@given(st.text(_HAN, max_size=30), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_every_character_survives(extra: str, codec: str) -> None:
    text = SIMPLIFIED + extra
    assert decode(text.encode(codec)).text == text


@pytest.mark.parametrize(("text", "codec"), [(SIMPLIFIED, "gb18030"), (TRADITIONAL, "big5")])
def test_chinese_behind_a_long_ascii_head_is_read(text: str, codec: str) -> None:
    page = "<style>" + "a { color: red }\n" * 5000 + "</style>" + text * 3
    decoded = decode(page.encode(codec), declared=codec)
    assert (decoded.text, decoded.encoding) == (page, codec)
