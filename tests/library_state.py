"""What the tests of the library compare: everything it holds, everything it left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest import IngestReport, ingest_paths
from vectorstore import Library
from vectorstore.catalog import Catalog
from vectorstore.dense import open_embedded
from vectorstore.lexical import LexicalIndex
from vectorstore.words import terms

_NOBODY = 65534
_ROOM = 1_000_000_000  # bytes: a container has 64 MB of it, which tests that run side by side would fill
QUERIES = ("人工智能", "第三篇文章的故事", "芯片发布", "上海的工厂", "共同的转载内容")


def ingest(*roots: Path, library: Path, **options: Any) -> IngestReport:
    """Ingest with the hash embedder, which needs no model."""
    return ingest_paths(list(roots), library=library, embedder="hash", **options)


@contextmanager
def fast_folder() -> Iterator[Path]:
    """Give a folder in memory where there is room for it: a fresh build then waits for no disk."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    place = memory if roomy else None
    with tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def as_nobody(home: Path) -> Iterator[None]:
    """Be the owner of a folder without root's rights: what is closed to its owner is closed to us."""
    if os.geteuid():
        yield
        return
    for path in (home, *home.rglob("*")):
        os.chown(path, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def contents(library: Path) -> dict[str, object]:
    """Return all that the current generation shows, without what depends on the way that led there."""
    catalog = Catalog(library)
    try:
        shown = {"generation": catalog.generation}
        visible = "added <= :generation AND (removed IS NULL OR removed > :generation)"
        columns = "id, source, file, title, text, url, published, publisher, author, fields, encoding, digest, repost_of"
        articles = catalog.rows(f"SELECT {columns} FROM articles WHERE {visible} ORDER BY id", shown)
        passages = catalog.rows(
            "SELECT p.id, a.id, start_char, end_char, tokens, p.digest FROM passages p"
            f" JOIN articles a ON a.row = p.article_row WHERE {visible} ORDER BY p.id",
            shown,
        )
        waiting = catalog.value(
            "SELECT count(*) FROM articles WHERE removed IS NOT NULL OR added > :generation", shown
        )
        embeddings = catalog.rows("SELECT fingerprint, digest, vector FROM embeddings ORDER BY 1, 2")
        indexes = library / "indexes" / str(catalog.generation)
    finally:
        catalog.close()
    return {
        "articles": [tuple(row) for row in articles],
        "passages": [tuple(row) for row in passages],
        "embeddings": [tuple(row) for row in embeddings],
        "waiting": waiting,
        "indexed": indexed(indexes),
    }


def indexed(indexes: Path) -> tuple[list[str], int]:
    """Return the ids in the dense index of a generation, and how many passages its lexical index holds."""
    dense = open_embedded(indexes / "dense")
    try:
        ids = sorted(dense._collection.get(include=[])["ids"])
    finally:
        dense.close()
    return ids, len(LexicalIndex(indexes / "lexical"))


def answers(library: Path, queries: Sequence[str] = QUERIES) -> dict[str, set[tuple[str, str]]]:
    """Return (title, text) of every passage that either leg finds for each query."""
    opened = Library.open(library, embedder="hash")
    try:
        return {query: found(opened, query) for query in queries}
    finally:
        opened.close()


def found(library: Library, query: str) -> set[tuple[str, str]]:
    """Return (title, text) of every passage that either leg of an open library finds for a query."""
    with library.reading() as snapshot:
        lexical = snapshot.lexical.search(dict.fromkeys(terms(query), 1.0), 100)
        dense = snapshot.dense.search(snapshot.embedder.embed_question(query), 100)
        passages = snapshot.reader.passages([id_ for id_, _ in (*lexical, *dense)])
        return {(passage.title, passage.text) for passage in passages.values()}


def left_behind(library: Path) -> list[str]:
    """Return what is in the library's folders beside one catalog and one generation."""
    catalog = Catalog(library)
    current = str(catalog.generation)
    catalog.close()
    kept = {
        "catalog.sqlite",
        "catalog.sqlite-wal",
        "catalog.sqlite-shm",
        "roots.json",
        "writer.lock",
        "indexes",
    }
    found = [path.name for path in library.iterdir() if path.name not in kept]
    own = {current, f"{current}.lease"}
    return found + [path.name for path in (library / "indexes").iterdir() if path.name not in own]


def open_files(under: Path, *, deleted: bool = False) -> list[str]:
    """Return the files under a folder that this process has open; Chroma takes a moment to close its own.

    `deleted` leaves out those that are still in their folder.
    """
    found: list[str] = []
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = []
        for handle in Path("/proc/self/fd").iterdir():
            try:
                target = str(handle.readlink())
            except OSError:
                continue
            if target.startswith(str(under)) and (not deleted or target.endswith(" (deleted)")):
                found.append(target)
        if not found:
            break
        time.sleep(0.02)
    return found
