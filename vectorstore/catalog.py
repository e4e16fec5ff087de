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

from vectorstore.errors import LibraryDamaged, LibraryInUse, LibraryMissing, LibraryTooNew, StorageFull

SCHEMA_VERSION = 1
# Version n -> the statements that bring a catalog to version n + 1; `schema.sql` is the newest version.
MIGRATIONS: dict[int, str] = {}
CATALOG_NAME = "catalog.sqlite"
ROOTS_NAME = "roots.json"  # a copy of the roots, from which a catalog that is lost can be made again
SQL_LIST = 900  # variables in one statement, below SQLite's limit everywhere
VISIBLE = "added <= :generation AND (removed IS NULL OR removed > :generation)"


def now() -> str:
    """Return the time as an ISO string in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()


class Catalog:
    """A connection to the catalog of the library at `folder`, safe to share between threads."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        path = folder / CATALOG_NAME
        if not path.is_file() and not create:
            raise LibraryMissing(
                f"{str(folder)!r} 里还没有资料库：先运行 yinju ingest 文件夹 "
                f"(no library at {str(folder)!r}: run `yinju ingest PATH` first)"
            )
        self._lock = threading.RLock()
        with _translated(path):
            self._connection = sqlite3.connect(
                path, check_same_thread=False, timeout=30, isolation_level=None, cached_statements=256
            )
            self._connection.row_factory = sqlite3.Row
            try:
                self._prepare(create=create)
            except BaseException:
                self._connection.close()
                raise

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
            raise LibraryDamaged(_damaged(self.folder, "空文件", "an empty file"))
        elif version < SCHEMA_VERSION:
            self._migrate()
        execute("PRAGMA synchronous = NORMAL")
        execute("PRAGMA foreign_keys = ON")
        execute("PRAGMA mmap_size = 268435456")
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
        with self._lock, _translated(self.folder):
            return self._connection.execute(sql, parameters).fetchall()  # type: ignore[arg-type]  # tuple or dict

    def value(self, sql: str, parameters: object = ()) -> object:
        """Return the first column of the first row, or None where there is no row."""
        rows = self.rows(sql, parameters)
        return rows[0][0] if rows else None

    def execute(self, sql: str, parameters: object = ()) -> int:
        """Run a statement and return the row id that it inserted last."""
        with self._lock, _translated(self.folder):
            return self._connection.execute(sql, parameters).lastrowid or 0  # type: ignore[arg-type]

    def execute_many(self, sql: str, parameters: list[tuple[object, ...]]) -> None:
        """Run a statement for each tuple of parameters."""
        with self._lock, _translated(self.folder):
            self._connection.executemany(sql, parameters)

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """Commit everything done inside, or nothing when it raises; inside another one, commit with it.

        A `durable` one has reached the disk when the block is left: not even a power cut undoes it.
        """
        with self._lock, _translated(self.folder):
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
            raise StorageFull(_no_room(self.folder, error)) from error

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


_STORAGE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.ProgrammingError:  # a closed connection, a wrong number of parameters: our own mistake
        raise
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _STORAGE:
            raise StorageFull(_no_room(path, error)) from error
        if code in _BUSY:
            raise LibraryInUse(
                f"另一个进程正在写入资料库 {str(path)!r}：等它结束后再运行 "
                f"(another process is writing to the library {str(path)!r}: run again when it is done)"
            ) from error
        raise LibraryDamaged(_damaged(path, error, error)) from error


def _no_room(path: Path, error: Exception) -> str:
    return (
        f"无法读写资料库 {str(path)!r}（{error}）：请检查磁盘空间和权限后重新运行，原有内容不受影响 "
        f"(cannot use the library {str(path)!r}: {error}; check disk space and permissions, then run again; "
        "nothing in it was lost)"
    )


def _damaged(path: Path, chinese: object, english: object) -> str:
    return (
        f"资料库目录 {str(path)!r} 损坏（{chinese}）：请运行 yinju reingest --rebuild "
        f"(the catalog at {str(path)!r} is damaged: {english}; run `yinju reingest --rebuild`)"
    )
