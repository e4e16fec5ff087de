"""Link reposts: articles with the same text under other headlines belong to the earliest of them."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ingest.reposts import REPOST_THRESHOLD, bands, signature, similarity
from vectorstore.catalog_writer import CatalogWriter

if TYPE_CHECKING:
    import sqlite3

_PROBE = "引据是从一个文件夹的中文文章里回答问题的软件，每句话都注明出处。" * 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that shares a band with another; the smallest `order` of a group is its original."""

    row: int
    article_id: str
    order: tuple[str, str]
    marks: tuple[int, ...]


def sign(text: str) -> bytes:
    """Return what a text is compared by, as the catalog keeps it: its marks, then a hash of each band."""
    marks = signature(text)
    if not marks:
        return b""
    hashes = [zlib.crc32(band.encode()) for band in bands(marks)]
    return struct.pack(f"<H{len(marks)}Q{len(hashes)}I", len(marks), *marks, *hashes)


def signature_version() -> str:
    """Return a value that changes when texts would be signed in another way."""
    return hashlib.sha256(sign(_PROBE)).hexdigest()[:12]


def sign_again(writer: CatalogWriter) -> None:
    """Sign every article anew where another version of the program signed them."""
    version = signature_version()
    if writer.catalog.meta("signature") == version:
        return
    with writer.catalog.transaction():
        for article in writer.live_articles():
            writer.set_signature(article["row"], sign(article["text"]))
        writer.catalog.set_meta("signature", version)


def changed_links(writer: CatalogWriter) -> dict[int, str | None]:
    """Return the links that change: article row -> id of the earliest article with its text, or None.

    The result depends on the articles alone, not on the order in which they came.
    """
    articles = writer.signed_articles()
    signed = [article for article in articles if article["signature"]]
    shared = [[signed[i]["row"] for i in group] for group in _sharing(signed)]
    wanted = {row for rows in shared for row in rows}
    candidates = {row["row"]: _candidate(row) for row in signed if row["row"] in wanted}
    original_of = group(candidates, shared)
    changed: dict[int, str | None] = {}
    for article in articles:
        original = original_of.get(article["row"])
        linked = original.article_id if original and original.row != article["row"] else None
        if linked != article["repost_of"]:
            changed[article["row"]] = linked
    return changed


def _sharing(articles: Sequence[sqlite3.Row]) -> Iterator[list[int]]:
    """Yield the positions of the articles that share a band, for every band that several have."""
    if not articles:
        return
    (marks,) = struct.unpack_from("<H", articles[0]["signature"])
    packed = b"".join(article["signature"][2 + 8 * marks :] for article in articles)
    table = np.frombuffer(packed, dtype="<u4").reshape(len(articles), -1)
    for column in table.T:
        order = np.argsort(column, kind="stable")
        ordered = column[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        lengths = np.diff(np.append(starts, len(ordered)))
        for start, length in zip(starts[lengths > 1], lengths[lengths > 1], strict=True):
            yield order[start : start + length].tolist()


def group(candidates: Mapping[int, Candidate], shared: Iterable[Sequence[int]]) -> dict[int, Candidate]:
    """Return the original of each candidate: the earliest of those whose text is near enough the same."""
    parent = {row: row for row in candidates}

    def find(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for rows in shared:
        first, *others = sorted(rows, key=lambda row: candidates[row].order)
        for other in others:  # against the earliest only: a band of n articles costs n, not n squared
            if find(first) == find(other):
                continue
            if similarity(candidates[first].marks, candidates[other].marks) >= REPOST_THRESHOLD:
                early, late = sorted((find(first), find(other)), key=lambda row: candidates[row].order)
                parent[late] = early
    return {row: candidates[find(row)] for row in candidates}


def _candidate(row: sqlite3.Row) -> Candidate:
    (count,) = struct.unpack_from("<H", row["signature"])
    return Candidate(
        row=row["row"],
        article_id=row["id"],
        order=(row["published"] or "9999-99-99", row["source"]),
        marks=struct.unpack_from(f"<{count}Q", row["signature"], 2),
    )
