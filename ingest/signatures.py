"""Name the format of a file that is no text, by the bytes it begins with, and what to do with it."""

from __future__ import annotations

_RENAME = "请改成它本来的扩展名 (give it its own suffix)"
_SAVE = "请用 Word 或 WPS 打开，另存为 .docx (open it in Word, save it as .docx)"
_RECOGNISE = "请先做文字识别 (run OCR first)"
_UNPACK = "请先解压 (unpack it first)"
_EXPORT = "请导出成 .csv 或 .txt (export it as .csv or .txt)"
_MAGIC = (
    (b"%PDF-", "PDF", _RENAME),
    (b"PK\x03\x04", "ZIP", _RENAME),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office 97–2003", _SAVE),
    (b"\x89PNG\r\n", "PNG", _RECOGNISE),
    (b"\xff\xd8\xff", "JPEG", _RECOGNISE),
    (b"GIF8", "GIF", _RECOGNISE),
    (b"\x1f\x8b\x08", "gzip", _UNPACK),
    (b"{\\rtf", "RTF", _SAVE),
    (b"7z\xbc\xaf\x27\x1c", "7z", _UNPACK),
    (b"Rar!\x1a\x07", "RAR", _UNPACK),
    (b"\x7fELF", "ELF", _EXPORT),
    (b"SQLite format 3\x00", "SQLite", _EXPORT),
)


def other_format(data: bytes) -> str | None:
    """Return for people what `data` is instead of text, and the next step; None where it may be text."""
    for magic, kind, advice in _MAGIC:
        if data.startswith(magic):
            return f"不是文本，而是 {kind} 文件 (not text but a {kind} file)：{advice}"
    return None
