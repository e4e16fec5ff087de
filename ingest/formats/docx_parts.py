"""Read the XML parts of a Word file's package, within limits, whichever of Word's two namespaces they use."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ingest.errors import LimitExceeded, UnreadableFile

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MAX_PART_BYTES = 100_000_000
_MAX_RATIO = 500  # Word's own XML packs up to some 100 times
_OLE_HEAD = b"\xd0\xcf\x11\xe0"
_MAIN_PART = "word/document.xml"
_OTHER_PARTS = {
    "styles": "word/styles.xml",
    "numbering": "word/numbering.xml",
    "footnotes": "word/footnotes.xml",
    "endnotes": "word/endnotes.xml",
    "core": "docProps/core.xml",
}
_LOCKED = (
    "Word 文件有密码，或其实是旧版 .doc：请用 Word 或 WPS 打开，去掉密码，另存为 .docx "
    "(encrypted, or an old .doc: open it in Word, remove the password, save it as .docx)"
)


def read_parts(data: bytes) -> dict[str, Element]:
    """Return the XML of the parts that tell an article, by our names for them; "document" is always there.

    Raises UnreadableFile for a broken or encrypted file, and for one that expands beyond limits.
    """
    if data.startswith(_OLE_HEAD):
        raise UnreadableFile(_LOCKED)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()
            parts = {part: _read_part(package, name) for part, name in _OTHER_PARTS.items() if name in names}
            return {"document": _read_part(package, _main_part(names)), **parts}
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnreadableFile(
            "Word 文件已损坏，请用 Word 或 WPS 打开并另存一份 (broken Word file: open it in Word and save it again)"
        ) from error


def _main_part(names: list[str]) -> str:
    if _MAIN_PART in names:
        return _MAIN_PART
    return next((name for name in names if name.startswith("word/document")), _MAIN_PART)


def _read_part(package: zipfile.ZipFile, name: str) -> Element:
    """Return the XML of a part; entity declarations are refused, they can expand without end."""
    info = package.getinfo(name)
    if (
        info.file_size > _MAX_PART_BYTES
        or info.file_size > _MAX_RATIO * max(info.compress_size, 1) + 1_000_000
    ):
        raise LimitExceeded("Word 文件解压后太大 (the Word file expands to too much)")
    with package.open(info) as stream:
        data = stream.read(_MAX_PART_BYTES + 1)
    if len(data) > _MAX_PART_BYTES:
        raise LimitExceeded("Word 文件解压后太大 (the Word file expands to too much)")
    plain = data.replace(b"\x00", b"") if b"\x00" in data[:8] else data  # UTF-16 hides what we look for
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise UnreadableFile("Word 文件含有实体声明，不予解析 (the Word file declares entities: refused)")
    try:
        return ElementTree.fromstring(data)  # noqa: S314 (no DTD, so no entities: checked above)
    except ElementTree.ParseError as error:
        raise UnreadableFile("Word 文件已损坏 (broken XML in the Word file)") from error


def local(node: Element) -> str:
    """Return an element's name without its namespace."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def children(node: Element | None, name: str) -> Iterator[Element]:
    """Yield the children of an element that have this name."""
    if node is not None:
        yield from (inner for inner in node if local(inner) == name)


def child(node: Element | None, *path: str) -> Element | None:
    """Return the first element down this path of names."""
    for name in path:
        node = next(children(node, name), None)
    return node


def attribute(node: Element | None, name: str = "val") -> str:
    """Return an attribute by its name without namespace, "" where there is none."""
    if node is None:
        return ""
    return next((value for key, value in node.items() if key.rpartition("}")[2] == name), "")


def integer(node: Element | None, name: str = "val", *, default: int = 0) -> int:
    """Return a whole number in an attribute."""
    value = attribute(node, name)
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else default


def is_on(properties: Element | None, name: str) -> bool:
    """Say whether a switch (hidden, bold, …) stands among these properties and is on."""
    switch = child(properties, name)
    return switch is not None and attribute(switch) not in ("0", "false", "off")
