"""Read a text file line by line in bounded memory, each line decoded on its own."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from ingest.decode import Decoded, decode, encodings_by_likelihood
from ingest.errors import EmptyFile, UnreadableFile
from ingest.signatures import other_format

MAX_LINE_BYTES = 16_000_000
_SAMPLE_BYTES = 1 << 16
_MARK = b"\xef\xbb\xbf"
_SURROGATE = re.compile("[\ud800-\udfff]")
_ONLY_NULS = (
    "这一行只有 NUL 字节，没有写上内容 (nothing but NUL bytes in this line: its words were never written)"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text without its newline, or the problem that keeps it from being read."""

    number: int
    text: str
    encoding: str
    problem: str | None = None


def read_lines(stream: BinaryIO, *, max_line_bytes: int = MAX_LINE_BYTES) -> Iterator[Line]:
    """Yield the lines of a seekable stream; a line that cannot be read does not cost the others.

    Raises UnreadableFile where the whole file is binary.
    """
    sample = stream.read(_SAMPLE_BYTES)
    stream.seek(0)
    likely = _likely(sample)
    if likely[0].startswith(("utf-16", "utf-32")):
        yield from _wide_lines(stream, likely[0])
        return
    number = 0
    while raw := stream.readline(max_line_bytes):
        number += 1
        if len(raw) >= max_line_bytes and not raw.endswith(b"\n"):
            _skip_line(stream, max_line_bytes)
            reason = f"这一行超过 {max_line_bytes // 1_000_000} MB (line longer than {max_line_bytes // 1_000_000} MB)"
            yield Line(number, "", likely[0], reason)
        else:
            yield _decode_line(raw.removeprefix(_MARK) if number == 1 else raw, number, likely)


def text_lines(decoded: Decoded) -> Iterator[Line]:
    """Yield the lines of a text that could be decoded whole."""
    for number, text in enumerate(decoded.text.split("\n"), start=1):
        yield Line(number, text, decoded.encoding)


def _likely(sample: bytes) -> list[str]:
    """Return the encodings of a file that begins so; lines with NUL bytes in it do not make it a binary one."""
    try:
        found = encodings_by_likelihood(sample)
    except UnreadableFile:
        sound = [line for line in sample.split(b"\n") if line.strip() and b"\x00" not in line]
        if other_format(sample) or not sound:
            raise
        decode(sound[0])
        found = encodings_by_likelihood(b"\n".join(sound))
    return found or ["utf-8"]


def _decode_line(raw: bytes, number: int, likely: Sequence[str]) -> Line:
    encoding, *others = likely
    if not raw.strip(b"\x00 \t\r\n\f\v"):
        return Line(number, "", encoding, _ONLY_NULS if b"\x00" in raw else None)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        try:  # files glued together from several sources change their encoding half way
            decoded = decode(raw, declared=others[0] if others else None)
        except EmptyFile:  # nothing but the bytes of a mark
            return Line(number, "", encoding, "这一行不是文本 (this line is not text)")
        except UnreadableFile as error:
            return Line(number, "", encoding, error.reason)
        text, encoding = decoded.text, decoded.encoding
    return Line(number, text.rstrip("\r\n"), encoding)


def _wide_lines(stream: BinaryIO, encoding: str) -> Iterator[Line]:
    """Yield the lines of a UTF-16 or UTF-32 file, whose newlines are more than one byte."""
    reader = io.TextIOWrapper(stream, encoding=encoding, errors="surrogatepass", newline=None)
    number = 0
    try:
        while text := reader.readline(MAX_LINE_BYTES):
            number += 1
            problem = (
                f"这一行不是 {encoding} (this line is not {encoding})" if _SURROGATE.search(text) else None
            )
            yield Line(number, "" if problem else text.rstrip("\n").removeprefix("\ufeff"), encoding, problem)
    except UnicodeDecodeError:
        yield Line(number + 1, "", encoding, f"从这一行起不是 {encoding} (not {encoding} from here on)")
    finally:
        reader.detach()


def _skip_line(stream: BinaryIO, max_line_bytes: int) -> None:
    while raw := stream.readline(max_line_bytes):
        if raw.endswith(b"\n"):
            return
