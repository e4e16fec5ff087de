"""The catalog: one SQLite file, the only truth about a library. Opening, schema, generations, roots."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from vectorstore.catalog_file import absolute, connect, damaged, may_freeze, no_room, stamp, translated
from vectorstore.errors import LibraryDamaged, LibraryMissing, LibraryTooNew, StorageFull

SCHEMA_VERSION = 2
# Version n -> the statements that bring a catalog to version n + 1; `schema.sql` is the newest version.
MIGRATIONS = {
    1: """
    UPDATE files SET failures = (
        SELECT json_group_array(json(CASE
            WHEN reason LIKE '提示：没有读%' THEN json_array(source, substr(reason, 4), 'document')
            WHEN reason LIKE '提示：%' THEN json_array(source, substr(reason, 4), 'mended')
            ELSE json_array(source, reason, 'failed') END))
        FROM (SELECT json_extract(value, '$[0]') AS source, json_extract(value, '$[1]') AS reason
              FROM json_each(files.failures)))
    """
}  # fmt: skip
CATALOG_NAME = "catalog.sqlite"
ROOTS_NAME = "roots.json"  # a copy of the roots, from which a catalog that is lost can be made again
_MAPPED_BYTES = 268_435_456
SQL_LIST = 900  # variables in one statement, below SQLite's limit everywhere
VISIBLE = "added <= :generation AND (removed IS NULL OR removed > :generation)"


def now() -> str:
    """Return the time as an ISO string in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()


class Catalog:
    """A connection to the catalog of the library at `folder`, safe to share between threads."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = absolute(folder)
        self._path = self.folder / CATALOG_NAME
        self._lock = threading.RLock()
        if not create and not self._is_there():
            raise LibraryMissing(
                f"{str(folder)!r} 里还没有资料库：先运行 yinju ingest 文件夹 "
                f"(no library at {str(folder)!r}: run `yinju ingest PATH` first)"
            )
        with translated(self._path):
            try:
                self._open(frozen=False, create=create)
            except sqlite3.DatabaseError as error:
                if create or not may_freeze(self._path, error):
                    raise
                self._open(frozen=True, create=False)

    def _is_there(self) -> bool:
        try:
            return self._path.is_file()
        except OSError as error:  # in a folder that is closed to us
            raise StorageFull(no_room(self.folder, error)) from error

    def _open(self, *, frozen: bool, create: bool) -> None:
        """Open the file; a `frozen` one is read as it is, and has to be opened anew when it changes."""
        self._frozen = frozen
        before = stamp(self._path, frozen=frozen)  # so that what takes its place meanwhile is noticed
        self._connection = connect(self._path, frozen=frozen)
        try:
            self._prepare(create=create)
        except BaseException:
            self._connection.close()
            raise
        self._stamp = before or stamp(self._path, frozen=frozen)

    def is_in_place(self) -> bool:
        """Tell whether the file that is open is still the library's: a mended catalog is another file."""
        return stamp(self._path, frozen=self._frozen) == self._stamp

    def _prepare(self, *, create: bool) -> None:
        execute = self._connection.execute
        version = self._version()
        if version > SCHEMA_VERSION:
            raise LibraryTooNew(
                f"资料库由更新版本的 Yinju 建立（格式 {version}，本版本支持 {SCHEMA_VERSION}）：请升级 yinju "
                f"(the library has format {version}, this version reads {SCHEMA_VERSION}: upgrade yinju)"
            )
        if version == 0 and create:
            execute("PRAGMA auto_vacuum = INCREMENTAL")
            execute("PRAGMA journal_mode = WAL")
            schema = (files("vectorstore") / "schema.sql").read_text(encoding="utf-8")
            self._connection.executescript(f"BEGIN;{schema};PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")
        elif version == 0:
            raise LibraryDamaged(damaged(self.folder, "空文件", "an empty file"))
        elif version < SCHEMA_VERSION and not self._frozen:
            self._migrate()
        execute("PRAGMA synchronous = NORMAL")
        execute("PRAGMA foreign_keys = ON")
        mapped = 0 if self._frozen else _MAPPED_BYTES  # a frozen file may be cut short under the map
        execute(f"PRAGMA mmap_size = {mapped}")
        execute("PRAGMA cache_size = -32768")

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA user_version").fetchone()[0])

    def _migrate(self) -> None:
        """Bring an older catalog to this version's schema; whoever opens it first does, the others wait."""
        with self.transaction():
            for version in range(self._version(), SCHEMA_VERSION):
                for statement in MIGRATIONS[version].split(";\n"):
                    self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def close(self) -> None:
        """Close the connection; the catalog cannot be used afterwards."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, parameters: object = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock, translated(self.folder):
            return self._connection.execute(sql, parameters).fetchall()  # type: ignore[arg-type]  # tuple or dict

    def value(self, sql: str, parameters: object = ()) -> object:
        """Return the first column of the first row, or None where there is no row."""
        rows = self.rows(sql, parameters)
        return rows[0][0] if rows else None

    def execute(self, sql: str, parameters: object = ()) -> int:
        """Run a statement and return the row id that it inserted last."""
        with self._lock, translated(self.folder):
            return self._connection.execute(sql, parameters).lastrowid or 0  # type: ignore[arg-type]

    def execute_many(self, sql: str, parameters: list[tuple[object, ...]]) -> None:
        """Run a statement for each tuple of parameters."""
        with self._lock, translated(self.folder):
            self._connection.executemany(sql, parameters)

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """Commit everything done inside, or nothing when it raises; inside another one, commit with it.

        A `durable` one has reached the disk when the block is left: not even a power cut undoes it.
        """
        with self._lock, translated(self.folder):
            if self._connection.in_transaction:
                yield
                return
            if durable:
                self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite rolls back by itself when the disk is full
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                if durable:
                    self._connection.execute("PRAGMA synchronous = NORMAL")

    def meta(self, key: str) -> str | None:
        """Return a stored setting of the library."""
        value = self.value("SELECT value FROM meta WHERE key = ?", (key,))
        return None if value is None else str(value)

    def set_meta(self, key: str, value: str) -> None:
        """Store a setting of the library."""
        self.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def generation(self) -> int:
        """The generation that readers see; 0 before the first ingest is complete."""
        return int(self.meta("generation") or 0)

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint of the embedder behind the current generation."""
        return self.fingerprint_of(self.generation)

    def fingerprint_of(self, generation: int) -> str | None:
        """Return the fingerprint of the embedder behind a generation."""
        value = self.value("SELECT fingerprint FROM generations WHERE number = ?", (generation,))
        return None if value is None else str(value)

    def roots(self) -> list[Path]:
        """Return the remembered files and folders."""
        return [Path(os.fsdecode(row["path"])) for row in self.rows("SELECT path FROM roots ORDER BY path")]

    def add_root(self, path: Path) -> None:
        """Remember a file or folder, so that `reingest` reads it again."""
        self.set_root(path, remembered=True)

    def set_root(self, path: Path, *, remembered: bool) -> None:
        """Remember or forget a file or folder."""
        if (path in self.roots()) == remembered:
            return
        name: str | bytes = str(path)
        if any("\ud800" <= character <= "\udfff" for character in str(path)):
            name = os.fsencode(path)  # not UTF-8
        if remembered:
            self.execute("INSERT INTO roots VALUES (?, ?)", (name, now()))
        else:
            self.execute("DELETE FROM roots WHERE path = ?", (name,))
        names = [os.fsencode(root).decode("utf-8", "surrogateescape") for root in self.roots()]
        try:
            (self.folder / ROOTS_NAME).write_text(json.dumps(names), encoding="utf-8")
        except OSError as error:
            raise StorageFull(no_room(self.folder, error)) from error

    def failures(self) -> list[tuple[str, str, str]]:
        """Return (source, reason, kind) of all that could not be read, or is to be told, of the files read so far.

        A catalog of schema 1 that may only be read has no kinds: what it tells is a failure.
        """
        rows = self.rows("SELECT failures FROM files WHERE failures != '[]' ORDER BY path")
        stored = [failure for row in rows for failure in json.loads(row["failures"])]
        return [(source, reason, kind) for source, reason, kind in ((*each, "failed")[:3] for each in stored)]

    def faults(self) -> list[str]:
        """Return what SQLite finds wrong with the file; nothing where all is well."""
        found = [str(row[0]) for row in self.rows("PRAGMA integrity_check(5)")]
        found += [f"{row[0]} → {row[2]}" for row in self.rows("PRAGMA foreign_key_check")][:5]
        return [] if found == ["ok"] else found

    def counts(self, generation: int) -> tuple[int, int]:
        """Return (articles, passages) visible in a generation."""
        parameters = {"generation": generation}
        articles = self.value(f"SELECT count(*) FROM articles WHERE {VISIBLE}", parameters)
        passages = self.value(
            f"SELECT count(*) FROM passages JOIN articles ON article_row = articles.row WHERE {VISIBLE}",
            parameters,
        )
        return int(str(articles)), int(str(passages))
