"""What the doctor notes of a sound library: what may surprise, and what takes up space."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.both_languages import both, halves
from assistant.machine import Finding, command
from assistant.settings import Settings
from vectorstore.catalog import VISIBLE, Catalog
from vectorstore.embedders import Embedder
from vectorstore.generations import Generations
from vectorstore.library import chroma_server
from vectorstore.lock import is_leased


@dataclass(frozen=True, slots=True)
class Examined:
    """An opened library, with the embedder that the settings name."""

    folder: Path
    settings: Settings
    catalog: Catalog
    embedder: Embedder | None

    @property
    def generations(self) -> Generations:
        """The indexes of the library, where the settings keep them."""
        settings = self.settings
        return Generations(
            self.folder, chroma_server(self.catalog, settings.chroma_url, settings.server_headers)
        )

    def command(self, words: str) -> str:
        """Return a command for this library, as one types it."""
        return command(self.folder, words)


def undated(library: Examined) -> Iterator[Finding]:
    """Yield how many articles no date filter finds."""
    count = _count(library, "published IS NULL")
    if count:
        text = both(
            f"{count} 篇文章没有日期，按日期筛选时不会出现",
            f"{count} undated articles, which no date filter finds",
        )
        yield Finding("note", text)


def encodings(library: Examined) -> Iterator[Finding]:
    """Yield how many files came in which encoding."""
    rows = library.catalog.rows(
        f"SELECT encoding, count(*) AS n FROM articles WHERE {VISIBLE} AND encoding IS NOT NULL"
        " GROUP BY encoding ORDER BY n DESC",
        {"generation": library.catalog.generation},
    )
    if rows:
        counted = [f"{row['encoding']} {row['n']}" for row in rows]
        yield Finding("ok", both(f"文件编码：{'、'.join(counted)}", f"encodings: {', '.join(counted)}"))


def failures(library: Examined) -> Iterator[Finding]:
    """Yield how much could not be read, and an example."""
    failed = [each for each in library.catalog.failures() if each[2] in ("failed", "unread")]
    if failed:
        source, reason, _ = failed[0]
        chinese, english = halves(reason)
        text = both(
            f"{len(failed)} 处无法读取，例如 {source}：{chinese}",
            f"{len(failed)} could not be read, such as {source!r}: {english}",
        )
        yield Finding("note", text)


def leftovers(library: Examined) -> Iterator[Finding]:
    """Yield how many old indexes nobody reads any more."""
    indexes = library.generations.folder
    numbers = library.generations.others(library.catalog.generation) if indexes.is_dir() else []
    folders = [number for number in numbers if (indexes / str(number)).is_dir()]
    left = [number for number in folders if not is_leased(indexes, number)]
    if left:
        text = both(
            f"{len(left)} 份旧索引还占着磁盘，下次收录时会清理",
            f"{len(left)} old generations of the indexes still take space; the next ingest removes them",
        )
        yield Finding("note", text, library.command("reingest"), fix="reingest")


def damaged_copies(library: Examined) -> Iterator[Finding]:
    """Yield the catalogs that a repair put aside."""
    for path in sorted(library.folder.glob("catalog.damaged-*.sqlite")):
        text = both(
            f"修复时留下的旧目录，不再需要时可以自己删除：{path}",
            f"a damaged catalog is kept aside, to delete when no longer needed: {str(path)!r}",
        )
        yield Finding("note", text)


def _count(library: Examined, condition: str) -> int:
    shown = {"generation": library.catalog.generation}
    return int(
        str(library.catalog.value(f"SELECT count(*) FROM articles WHERE {VISIBLE} AND {condition}", shown))
    )
