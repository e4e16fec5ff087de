"""Rescue a damaged catalog: a new one with every row of the old that can still be read.

The damaged file is kept beside it. Afterwards the files under the roots are read again, so that what could
not be rescued comes back; what is no longer in any file (embeddings, removals by hand) is what a rescue is for.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from vectorstore.catalog import CATALOG_NAME, ROOTS_NAME, Catalog
from vectorstore.generations import indexes_folder

logger = logging.getLogger(__name__)

_META = ("library_id", "dense_weight", "generation")
_TABLES = ("roots", "excluded", "files", "articles", "passages", "embeddings", "runs")


def salvage(folder: Path) -> Path:
    """Replace the catalog of a library that is held for writing; return where the damaged one is kept."""
    path = folder / CATALOG_NAME
    aside = folder / f"catalog.damaged-{time.strftime('%Y%m%d-%H%M%S')}.sqlite"
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
    logger.warning("the catalog was damaged; it is kept as %s", aside)
    catalog = Catalog(folder, create=True)
    try:
        catalog.rows("PRAGMA foreign_keys = OFF")  # rows may be left of what is lost
        with catalog.transaction():
            for table in _TABLES:
                for row in _readable_rows(aside, table):
                    _copy(catalog, table, row)
            for row in _readable_rows(aside, "meta"):
                if row["key"] in _META:
                    _copy(catalog, "meta", row)
            _settle(catalog, folder)
    finally:
        catalog.close()
    return aside


def _readable_rows(path: Path, table: str) -> Iterator[dict[str, object]]:
    """Yield the rows of a table up to the first that cannot be read."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            for row in connection.execute(f"SELECT * FROM {table} NOT INDEXED"):
                yield dict(row)
    except sqlite3.DatabaseError as error:
        logger.warning("the rest of table %s is lost: %s", table, error)


def _copy(catalog: Catalog, table: str, row: dict[str, object]) -> None:
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    catalog.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))


def _settle(catalog: Catalog, folder: Path) -> None:
    """Make the rescued rows one consistent state, of which no generation of the indexes exists yet."""
    catalog.execute("DELETE FROM articles WHERE removed IS NOT NULL")
    catalog.execute("DELETE FROM articles WHERE row NOT IN (SELECT max(row) FROM articles GROUP BY id)")
    catalog.execute("DELETE FROM passages WHERE article_row NOT IN (SELECT row FROM articles)")
    catalog.execute("UPDATE files SET stamp = ''")
    generations = [int(path.name) for path in indexes_folder(folder).iterdir() if path.name.isdigit()]
    generation = max([catalog.generation, *generations])
    catalog.set_meta("generation", str(generation))
    # Without its digest every article is stored anew where its file is still there.
    catalog.execute("UPDATE articles SET digest = '', added = ?", (generation,))
    for root in _remembered_roots(folder):
        catalog.add_root(root)


def _remembered_roots(folder: Path) -> list[Path]:
    try:
        roots = json.loads((folder / ROOTS_NAME).read_text(encoding="utf-8"))
        return [Path(os.fsdecode(root.encode("utf-8", "surrogateescape"))) for root in roots]
    except (OSError, ValueError, AttributeError):
        return []
