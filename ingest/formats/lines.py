"""Read a text file line by line in bounded memory, each line decoded on its own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ingest.decode import decode, encodings_by_likelihood
from ingest.errors import UnreadableFile

MAX_LINE_BYTES = 16_000_000
_SAMPLE_BYTES = 1 << 16
_MARK = b"\xef\xbb\xbf"


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
    likely = encodings_by_likelihood(sample) if sample else ["utf-8"]
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
            yield _decode_line(raw.removeprefix(_MARK) if number == 1 else raw, number, likely[0])


def _decode_line(raw: bytes, number: int, encoding: str) -> Line:
    if not raw.strip():
        return Line(number, "", encoding)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        try:  # files glued together from several sources change their encoding half way
            decoded = decode(raw)
        except UnreadableFile as error:
            return Line(number, "", encoding, error.reason)
        text, encoding = decoded.text, decoded.encoding
    return Line(number, text.rstrip("\r\n"), encoding)


def _wide_lines(stream: BinaryIO, encoding: str) -> Iterator[Line]:
    """Yield the lines of a UTF-16 or UTF-32 file, whose newlines are more than one byte."""
    reader = io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline=None)
    number = 0
    try:
        while text := reader.readline(MAX_LINE_BYTES):
            number += 1
            yield Line(number, text.rstrip("\n").removeprefix("\ufeff"), encoding)
    except UnicodeDecodeError:
        yield Line(number + 1, "", encoding, f"从这一行起不是 {encoding} (not {encoding} from here on)")
    finally:
        reader.detach()


def _skip_line(stream: BinaryIO, max_line_bytes: int) -> None:
    while raw := stream.readline(max_line_bytes):
        if raw.endswith(b"\n"):
            return
