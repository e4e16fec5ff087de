"""What can go wrong while reading articles.

IngestError
├── UnreadableFile      this file (or part of one) holds no article we can read; the others are unharmed
│   ├── EmptyFile       there is nothing in it, and so nothing of what it held before
│   └── LimitExceeded   it may be readable, but it is larger than a limit that keeps us safe
├── MissingRoot         a file or folder to ingest does not exist
├── LibraryAsRoot       a folder to ingest is the library itself
├── EmptyRoot           a folder that held articles is gone or empty: forget them only when told to
└── NoRoots             nothing was ever ingested, so there is nothing to read again
"""

from __future__ import annotations


class IngestError(Exception):
    """Root of everything that ingest raises on purpose."""


class UnreadableFile(IngestError):
    """Say why a file cannot be read; `reason` is one line for people, Chinese first."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class EmptyFile(UnreadableFile):
    """Say that there is nothing in a file."""

    def __init__(self) -> None:
        super().__init__("文件是空的 (the file is empty)")


class LimitExceeded(UnreadableFile):
    """Say which limit a file exceeds."""


class MissingRoot(IngestError):
    """Say which file or folder does not exist."""

    def __init__(self, root: object) -> None:
        super().__init__(
            f"没有这个文件或文件夹：{str(root)!r}，请检查路径 (no such file or folder: {str(root)!r}; check the path)"
        )


class LibraryAsRoot(IngestError):
    """Say that a folder to ingest is the library itself."""

    def __init__(self, root: object) -> None:
        super().__init__(
            f"{str(root)!r} 就是资料库文件夹，其中的文件不会收录：请用 --library 把资料库放在别处 "
            f"({str(root)!r} is the library's own folder, whose files are left out: give another --library)"
        )


class EmptyRoot(IngestError):
    """Say which folder is gone or empty, and how to forget its articles on purpose."""

    def __init__(self, root: object, articles: int) -> None:
        super().__init__(
            f"{str(root)!r} 不在了或是空的，资料库里有它的 {articles} 篇文章；没有删除任何文章。"
            "确实要删除，请加 --allow-empty "
            f"({str(root)!r} is gone or empty but the library holds {articles} articles of it; nothing was removed. "
            "To forget them, run again with --allow-empty)"
        )


class NoRoots(IngestError):
    """Say that nothing was ever ingested."""

    def __init__(self) -> None:
        super().__init__(
            "还没有收录过文件夹：请运行 yinju ingest 文件夹 (nothing ingested yet: run `yinju ingest PATH`)"
        )
