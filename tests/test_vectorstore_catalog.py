"""The catalog: generations, transactions, schema versions, errors."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from vectorstore import catalog as catalog_module
from vectorstore.article import Article, Passage
from vectorstore.catalog import CATALOG_NAME, Catalog
from vectorstore.catalog_reader import CatalogReader, Filters
from vectorstore.catalog_writer import CatalogWriter, embedded_text, embedding_digest
from vectorstore.errors import LibraryDamaged, LibraryMissing, LibraryTooNew, StorageFull
from vectorstore.salvage import salvage
from vectorstore.staging import ADDED, ALL, REMOVED, Staging

TEXT = "腾讯在北京发布了计划。开放一百项技术。"


def article(number: int = 1, text: str = TEXT, **more: object) -> Article:
    given: dict[str, object] = {
        "id": f"a{number}", "title": f"题{number}", "text": text, "source": f"/x/{number}.md", "url": None,
        "published": date(2017, 11, number), "publisher": "人工智能学家", "fields": {"行业": "医疗"},
    }  # fmt: skip
    return Article(**{**given, **more})  # type: ignore[arg-type]  # one for each field


def put(writer: CatalogWriter, made: Article) -> None:
    passages = [Passage(f"{made.id}p", made.id, 0, len(made.text), made.text, 9)]
    writer.put_article(made, passages, file=made.source, digest=f"d{made.text}", signature=b"")


def flip(catalog: Catalog) -> None:
    Staging(catalog).flip("hash@1/64", reposts={}, dense_removed=0)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path, create=True)


def test_readers_see_nothing_before_the_flip(catalog: Catalog) -> None:
    put(CatalogWriter(catalog), article())
    assert CatalogReader(catalog, catalog.generation).articles() == []
    flip(catalog)
    assert [found.id for found in CatalogReader(catalog, catalog.generation).articles()] == ["a1"]


def test_a_reader_of_the_old_generation_keeps_its_version(catalog: Catalog) -> None:
    put(CatalogWriter(catalog), article())
    flip(catalog)
    old = CatalogReader(catalog, catalog.generation)
    put(CatalogWriter(catalog), article(text="改过的文章。"))
    put(CatalogWriter(catalog), article(2))
    flip(catalog)
    new = CatalogReader(catalog, catalog.generation)
    assert [found.text for found in old.articles()] == [TEXT]
    assert {found.text for found in new.articles()} == {"改过的文章。", TEXT}
    assert old.passages(["a1p"])["a1p"].text == TEXT
    assert new.passages(["a1p"])["a1p"].text == "改过的文章。"


def test_articles_are_listed_without_their_texts(catalog: Catalog) -> None:
    writer = CatalogWriter(catalog)
    for number in range(1, 6):
        put(writer, article(number, published=None if number == 5 else date(2017, 11, number)))
    put(writer, article(6, published=date(2017, 11, 2), source="/x/2.md", author="卫长风"))
    assert CatalogReader(catalog, catalog.generation).listing() == []
    flip(catalog)
    reader = CatalogReader(catalog, catalog.generation)
    asked: list[str] = []
    catalog._connection.set_trace_callback(asked.append)
    listed = reader.listing()
    catalog._connection.set_trace_callback(None)
    assert asked
    assert not [sql for sql in asked if "*" in sql or "text" in sql]
    assert [row.id for row in listed] == ["a4", "a3", "a2", "a6", "a1", "a5"]
    assert [row.to_dict() for row in listed] == [
        {name: value for name, value in whole.to_dict().items() if name != "text"}
        for whole in reader.articles()
    ]
    assert (listed[0].published, listed[0].fields, listed[3].author) == (
        date(2017, 11, 4), {"行业": "医疗"}, "卫长风",
    )  # fmt: skip
    assert [reader.listing(limit=2, offset=skipped) for skipped in (0, 2, 4, 6)] == [
        listed[:2], listed[2:4], listed[4:], [],
    ]  # fmt: skip
    assert reader.listing(offset=4) == listed[4:]
    assert reader.article_count() == 6
    assert CatalogReader(catalog, 0).article_count() == 0


def test_what_changes_twice_before_a_flip_is_kept_once(catalog: Catalog) -> None:
    for text in ("一。", "二。", "三。"):
        put(CatalogWriter(catalog), article(text=text))
    assert catalog.value("SELECT count(*) FROM articles") == 1
    assert catalog.value("SELECT count(*) FROM passages") == 1
    staging = Staging(catalog)
    assert staging.pending_changes() == 1
    assert staging.digests(ADDED) == staging.digests(ALL) == {"a1p": embedding_digest("题1", "三。")}


def test_removed_rows_go_when_nobody_reads_them(catalog: Catalog) -> None:
    put(CatalogWriter(catalog), article())
    put(CatalogWriter(catalog), article(2))
    staging = Staging(catalog)
    staging.put_embeddings("hash@1/64", sorted(staging.digests(ALL).values()), np.ones((2, 4), np.float32))
    flip(catalog)
    writer = CatalogWriter(catalog)
    assert writer.exclude("a1")
    assert not writer.exclude("a1")
    assert list(Staging(catalog).digests(REMOVED)) == ["a1p"]
    flip(catalog)
    Staging(catalog).collect_garbage(1)  # somebody still reads generation 1
    assert catalog.value("SELECT count(*) FROM articles") == 2
    assert Staging(catalog).left_behind(2)
    Staging(catalog).collect_garbage(2)
    for table in ("articles", "passages", "embeddings", "generations"):
        assert catalog.value(f"SELECT count(*) FROM {table}") == 1, table
    assert not Staging(catalog).left_behind(2)


def test_a_transaction_is_all_or_nothing(catalog: Catalog) -> None:
    def fail() -> None:
        with catalog.transaction():
            catalog.set_meta("one", "1")
            with catalog.transaction():
                catalog.set_meta("two", "2")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert catalog.meta("one") is None
    assert catalog.meta("two") is None
    with catalog.transaction(durable=True):
        catalog.set_meta("one", "1")
    assert catalog.meta("one") == "1"


def test_filters(catalog: Catalog) -> None:
    writer = CatalogWriter(catalog)
    put(writer, article(1))
    put(writer, article(9, publisher="新华社", fields={"行业": "教育"}))
    put(writer, article(3, published=None))
    flip(catalog)
    reader = CatalogReader(catalog, 1)
    assert reader.allowed(Filters(since=date(2017, 11, 5))).ids == {"a9p"}
    assert reader.allowed(Filters(until=date(2017, 11, 5))).ids == {"a1p"}
    assert reader.allowed(Filters(source="新华")).ids == {"a9p"}
    assert reader.allowed(Filters(fields=(("行业", "医疗"),))).ids == {"a1p", "a3p"}


class Interrupted(Filters):
    """Lets another thread go on whenever it is looked up."""

    def __hash__(self) -> int:
        time.sleep(0.0001)
        return super().__hash__()


def test_many_threads_ask_for_more_filters_than_are_kept(catalog: Catalog) -> None:
    put(CatalogWriter(catalog), article(1))
    flip(catalog)
    reader = CatalogReader(catalog, 1)
    limits = [Interrupted(until=date(2017, 11, day)) for day in range(1, 9)]
    with ThreadPoolExecutor(4) as pool:
        assert [allowed.ids for allowed in pool.map(reader.allowed, limits * 20)] == [{"a1p"}] * 160


def test_vectors_come_back_in_half_precision(catalog: Catalog) -> None:
    put(CatalogWriter(catalog), article())
    staging = Staging(catalog)
    digest = embedding_digest("题1", TEXT)
    assert staging.count_missing("e/4") == 1
    assert list(staging.missing_embeddings("e/4", batch=5)) == [[(digest, f"题1\n{TEXT}")]]
    vector = np.array([[0.5, 0.5, 0.5, 0.5]], dtype=np.float32)
    staging.put_embeddings("e/4", [digest], vector)
    assert staging.count_missing("e/4") == 0
    assert staging.embedded("e/4", [digest, "other"]) == {digest}
    assert staging.embedded("f/4", [digest]) == set()
    np.testing.assert_array_equal(staging.vectors("e/4", [digest, digest]), np.vstack([vector, vector]))
    flip(catalog)
    reader = CatalogReader(catalog, 1)
    assert reader.vectors("e/4", ["a1p", "other"])[0] == ["a1p"]
    assert reader.halves("e/4")[1].dtype == np.float16
    assert reader.probes("e/4", 5)[0] == ["a1p"]


def test_the_headline_is_embedded_once() -> None:
    assert embedded_text("标题", "正文") == "标题\n正文"
    assert embedded_text("标题", "标题和正文") == "标题和正文"
    assert embedded_text("", "正文") == "正文"


def test_no_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="yinju ingest"):
        Catalog(tmp_path)


def test_a_library_of_a_newer_version(tmp_path: Path) -> None:
    made = Catalog(tmp_path, create=True)
    made.execute("PRAGMA user_version = 99")
    made.close()
    for create in (True, False):
        with pytest.raises(LibraryTooNew, match=r"格式 99.*upgrade yinju"):
            Catalog(tmp_path, create=create)


def test_an_older_catalog_is_migrated_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Catalog(tmp_path, create=True).close()
    monkeypatch.setattr(catalog_module, "SCHEMA_VERSION", 4)
    monkeypatch.setattr(
        catalog_module,
        "MIGRATIONS",
        {2: "ALTER TABLE runs ADD COLUMN seconds REAL", 3: "CREATE TABLE tags (name TEXT);\nDROP TABLE runs"},
    )
    for _ in range(2):
        migrated = Catalog(tmp_path)
        assert migrated.value("PRAGMA user_version") == 4
        assert migrated.rows("SELECT name FROM tags") == []
        migrated.close()


def test_what_was_only_to_be_told_gets_its_kind(tmp_path: Path) -> None:
    old = Catalog(tmp_path, create=True)
    stored = [["a", "提示：有 1 处字节坏了"], ["b", "提示：没有读这种文件"], ["c", "文件是空的"]]
    for path, failures in (("x", stored), ("y", [])):
        old.execute("INSERT INTO files VALUES (?, '', '', ?)", (path, json.dumps(failures)))
    old.execute("PRAGMA user_version = 1")
    old.close()
    catalog = Catalog(tmp_path)
    assert catalog.failures() == [
        ("a", "有 1 处字节坏了", "mended"),
        ("b", "没有读这种文件", "document"),
        ("c", "文件是空的", "failed"),
    ]
    assert catalog.value("SELECT failures FROM files WHERE path = 'y'") == "[]"
    catalog.close()


def test_not_a_database(tmp_path: Path) -> None:
    (tmp_path / CATALOG_NAME).write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(LibraryDamaged, match="yinju reingest --rebuild"):
        Catalog(tmp_path)
    (tmp_path / CATALOG_NAME).write_bytes(b"")
    with pytest.raises(LibraryDamaged, match=r"损坏（空文件）.*\(.* is damaged: an empty file; run .*\)$"):
        Catalog(tmp_path)


def test_a_full_disk(catalog: Catalog) -> None:
    pages = int(str(catalog.value("PRAGMA page_count")))
    catalog.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageFull, match="磁盘空间"), catalog.transaction():
        put(CatalogWriter(catalog), article(text="很长的文章。" * 100_000))
    assert catalog.value("SELECT count(*) FROM articles") == 0
    assert catalog.faults() == []


def test_roots_are_remembered_even_with_names_that_are_not_text(catalog: Catalog, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xd0\xc2\xce\xc5"))
    for root in (tmp_path / "新闻", odd, odd):
        catalog.add_root(root)
    assert set(catalog.roots()) == {tmp_path / "新闻", odd}
    assert len(catalog.roots()) == 2


def damage(path: Path) -> None:
    """Overwrite pages in the middle of a database."""
    with path.open("r+b") as handle:
        for page in range(path.stat().st_size // 4096 // 2, path.stat().st_size // 4096 - 1, 3):
            handle.seek(page * 4096)
            handle.write(b"\xff" * 4096)


def test_salvage_keeps_what_can_be_read(tmp_path: Path) -> None:
    made = Catalog(tmp_path, create=True)
    (tmp_path / "indexes" / "1").mkdir(parents=True)
    made.add_root(tmp_path / "articles")
    for number in range(1, 25):
        put(CatalogWriter(made), article(number, text=f"第{number}篇。" * 200))
    made.set_meta("library_id", "0123456789ab")
    made.set_meta("dense_weight", "0.5 hash@1/64")
    flip(made)
    made.set_meta("generation", "4")  # of which no index is left
    made.close()
    connection = sqlite3.connect(tmp_path / CATALOG_NAME)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    damage(tmp_path / CATALOG_NAME)
    aside = salvage(tmp_path)
    assert aside.is_file()
    rescued = Catalog(tmp_path)
    assert rescued.faults() == []
    assert rescued.roots() == [tmp_path / "articles"]
    assert rescued.generation == 4
    assert rescued.meta("library_id") == "0123456789ab"
    assert CatalogReader(rescued, 4).dense_weight("hash@1/64") == 0.5
    rescued.close()


def test_salvage_of_nothing_remembers_the_roots(tmp_path: Path) -> None:
    made = Catalog(tmp_path, create=True)
    (tmp_path / "indexes").mkdir()
    made.add_root(tmp_path / "articles")
    made.close()
    (tmp_path / CATALOG_NAME).write_bytes(b"\x00" * 8192)
    salvage(tmp_path)
    rescued = Catalog(tmp_path)
    assert rescued.roots() == [tmp_path / "articles"]
    rescued.close()


def test_the_passages_of_an_article_are_in_reading_order(catalog: Catalog) -> None:
    made = article()
    halves = [
        Passage(f"p{start}", made.id, start, end, TEXT[start:end], 5) for start, end in ((11, 19), (0, 11))
    ]
    CatalogWriter(catalog).put_article(made, halves, file=made.source, digest="d", signature=b"")
    put(CatalogWriter(catalog), article(2))
    flip(catalog)
    reader = CatalogReader(catalog, catalog.generation)
    assert [passage.text for passage in reader.passages_of("a1")] == [TEXT[:11], TEXT[11:19]]
    assert reader.passages_of("a9") == []
