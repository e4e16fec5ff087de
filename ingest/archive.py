"""Read the articles in a ZIP archive, in memory: nothing is unpacked to disk, so no path can escape.

Limits on the number of members, their size and how far they expand keep a bomb from going off.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO, Protocol

from ingest.decode import decode
from ingest.errors import LimitExceeded, UnreadableFile
from ingest.notices import ARCHIVES, is_not_read, not_read
from ingest.parsed import Failure, ParsedArticle

_MAX_MEMBERS = 20_000
_MAX_TOTAL_BYTES = 2_000_000_000
_MAX_RATIO = 200  # Chinese prose packs 2 to 5 times, a table of repeated rows up to some 60
_RATIO_FROM_BYTES = 1_000_000
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_UNICODE_PATH = 0x7075
_NESTED = "压缩包里的压缩包不再展开，请先解压 (an archive inside the archive is not opened: unpack it first)"
_ARCHIVES = ARCHIVES | {".zip"}


class ParseFile(Protocol):
    """Reads the articles of one file; `parse_stream` is given, since it reads archives too."""

    def __call__(
        self, stream: BinaryIO, *, name: str, source: str, max_bytes: int
    ) -> Iterator[ParsedArticle | Failure]: ...


def is_docx(stream: BinaryIO) -> bool:
    """Say whether a ZIP container is a Word file."""
    try:
        with zipfile.ZipFile(stream) as package:
            return "word/document.xml" in package.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    finally:
        stream.seek(0)


def parse_archive(
    stream: BinaryIO, *, source: str, max_bytes: int, suffixes: Collection[str], parse: ParseFile
) -> Iterator[ParsedArticle | Failure]:
    """Yield the articles of every member with one of the suffixes; an article's key begins with its member's path.

    Raises UnreadableFile for a broken archive and LimitExceeded for a bomb.
    """
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise UnreadableFile("压缩包已损坏 (broken ZIP archive)") from error
    with archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) > _MAX_MEMBERS:
            raise LimitExceeded(
                f"压缩包里的文件超过 {_MAX_MEMBERS} 个 (more than {_MAX_MEMBERS} files in the archive)"
            )
        if sum(info.file_size for info in members) > _MAX_TOTAL_BYTES:
            raise LimitExceeded("压缩包解压后太大 (the archive expands to too much)")
        seen: set[str] = set()
        for info in members:
            plain = _safe_path(member_name(info))
            path = _unique(plain, seen)
            part = f"{source}#{path}"
            name = PurePosixPath(plain)
            if not _is_wanted(name, suffixes):
                if is_not_read(plain) and not _is_hidden(name):
                    yield not_read(part)
                continue
            try:
                data = _read_member(archive, info, plain=name, max_bytes=max_bytes)
            except UnreadableFile as error:
                yield Failure(part, error.reason, "unread")
                continue
            for entry in parse(io.BytesIO(data), name=name.name, source=part, max_bytes=max_bytes):
                yield _under(path, entry)


def member_name(info: zipfile.ZipInfo) -> str:
    """Return a member's path in the encoding that it was really written in.

    Windows in Chinese writes GBK names without saying so; `zipfile` then reads them as CP437.
    """
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    if (stated := _unicode_path(info.extra)) is not None:
        return stated
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    if raw.isascii():
        return info.filename
    try:
        return decode(raw).text
    except UnreadableFile:
        return info.filename


def _unicode_path(extra: bytes) -> str | None:
    """Return the path in Info-ZIP's Unicode extra field, if there is one."""
    position = 0
    while position + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, position)
        if kind == _UNICODE_PATH and size > 5:
            try:
                return extra[position + 9 : position + 4 + size].decode("utf-8")
            except UnicodeDecodeError:
                return None
        position += 4 + size
    return None


def _safe_path(name: str) -> str:
    """Return a path for people and keys: relative, forward slashes, no way up."""
    parts = name.replace("\\", "/").replace("\x00", "").split("/")
    kept = [part.strip() for part in parts if part.strip() not in ("", ".", "..")]
    if kept and len(kept[0]) == 2 and kept[0].endswith(":"):
        kept = kept[1:]
    return "/".join(kept)[:400] or "unnamed"


def _unique(path: str, seen: set[str]) -> str:
    count, unique = 1, path
    while unique in seen:
        count += 1
        unique = f"{path}~{count}"
    seen.add(unique)
    return unique


def _is_wanted(path: PurePosixPath, suffixes: Collection[str]) -> bool:
    suffix = path.suffix.lower()
    return (suffix in suffixes or suffix in _ARCHIVES) and not _is_hidden(path)


def _is_hidden(path: PurePosixPath) -> bool:
    return any(part.startswith((".", "__MACOSX", "~$")) for part in path.parts)


def _under(path: str, entry: ParsedArticle | Failure) -> ParsedArticle | Failure:
    """Return an entry of a member with the member's path before its key."""
    if isinstance(entry, Failure):
        return entry
    return replace(entry, key=f"{path}#{entry.key}" if entry.key else path)


def _read_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, plain: PurePosixPath, max_bytes: int
) -> bytes:
    """Return a member's bytes, never more than the limits allow; its stated size may lie."""
    if plain.suffix.lower() in _ARCHIVES:
        raise UnreadableFile(_NESTED)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnreadableFile("压缩包里的符号链接不读取 (a symbolic link in the archive is not followed)")
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise UnreadableFile("压缩包有密码，请解压后再收录 (the archive needs a password: unpack it first)")
    limit = min(max_bytes, _RATIO_FROM_BYTES + _MAX_RATIO * info.compress_size)
    if info.file_size > limit:
        raise LimitExceeded("解压后太大 (expands to too much)")
    try:
        with archive.open(info) as stream:
            data = stream.read(limit + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        raise UnreadableFile("压缩包里的这个文件已损坏 (this file in the archive is broken)") from error
    if len(data) > limit:
        raise LimitExceeded("解压后太大 (expands to too much)")
    if data[:4] == b"PK\x03\x04" and not is_docx(io.BytesIO(data)):
        raise UnreadableFile(_NESTED)
    return data
