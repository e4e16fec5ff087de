"""A library opened for reading, beside an ingest in another process."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from functools import partialmethod
from pathlib import Path

import pytest

from ingest import ingest_paths
from tests.library_state import answers, fast_folder, found, indexed, ingest, left_behind, open_files
from vectorstore import Filters, Library
from vectorstore.allowed import Allowed
from vectorstore.catalog import Catalog
from vectorstore.dense import open_embedded
from vectorstore.embedders import HashEmbedder
from vectorstore.errors import EmbedderMismatch, LibraryDamaged, LibraryInUse, LibraryMissing
from vectorstore.generations import Generations, indexes_folder
from vectorstore.staging import Staging
from vectorstore.verify import check_indexes

PAUSED = """
import logging, sys
from ingest import ingest_paths
class Pause(logging.Handler):
    def emit(self, record):
        if record.getMessage().startswith("verifying"):
            print("paused", flush=True)
            sys.stdin.readline()
logging.getLogger("vectorstore").setLevel(logging.INFO)
logging.getLogger("vectorstore").addHandler(Pause())
ingest_paths([sys.argv[1]], library=sys.argv[2], embedder="hash")
print("done", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with fast_folder() as folder:
        (folder / "articles").mkdir()
        write(folder, "甲", "腾讯发布了人工智能计划。")
        write(folder, "乙", "上海的工厂开始生产。")
        yield folder


def write(home: Path, title: str, body: str) -> None:
    (home / "articles" / f"{title}.md").write_text(f"# {title}\n\n{body}\n", encoding="utf-8")


@pytest.fixture
def opened(home: Path) -> Iterator[Library]:
    ingest(home / "articles", library=home / "library")
    library = Library.open(home / "library", embedder="hash")
    yield library
    library.close()


def test_an_open_library_follows_an_ingest_in_another_process(home: Path, opened: Library) -> None:
    write(home, "丙", "新的量子芯片在合肥发布。")
    (home / "articles" / "甲.md").unlink()
    old = {("甲", "腾讯发布了人工智能计划。"), ("乙", "上海的工厂开始生产。")}
    new = {("丙", "新的量子芯片在合肥发布。"), ("乙", "上海的工厂开始生产。")}
    process = subprocess.Popen(
        [sys.executable, "-c", PAUSED, str(home / "articles"), str(home / "library")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "paused\n"
    assert found(opened, "量子芯片") == old, "it answers from the old generation meanwhile"
    with pytest.raises(LibraryInUse, match=rf"pid {process.pid}"):
        ingest(home / "articles", library=home / "library")
    with opened.reading() as held:
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"
        (kept,) = held.reader.passages([held.lexical.search({"腾讯": 1.0}, 1)[0][0]]).values()
        assert kept.title == "甲", "a question that began before the flip ends before it"
        assert found(opened, "量子芯片") == new, "and one that begins after it sees the new generation"
    process.communicate()
    assert nothing_left(home / "library"), "what the ingest had to leave goes with its last reader"
    assert found(opened, "量子芯片") == new


def nothing_left(library: Path) -> bool:
    """Wait until no old generation is left; the one who read it last removes it in a thread."""
    until = time.monotonic() + 60
    while left_behind(library) and time.monotonic() < until:
        time.sleep(0.02)
    return not left_behind(library)


def finish_removals() -> None:
    for thread in threading.enumerate():
        if thread.name == "remove":
            thread.join()


def test_the_last_reader_of_an_old_generation_removes_it(home: Path, opened: Library) -> None:
    other = Library.open(home / "library", embedder="hash")
    write(home, "丙", "新的量子芯片在合肥发布。")
    ingest(home / "articles", library=home / "library")
    assert set(left_behind(home / "library")) == {"1", "1.lease"}, "two still read it"
    new = found(opened, "量子芯片")
    finish_removals()
    assert "1" in left_behind(home / "library"), "the other has been asked nothing yet"
    assert found(other, "量子芯片") == new
    assert nothing_left(home / "library")
    assert found(opened, "量子芯片") == found(other, "量子芯片") == new
    other.close()
    finish_removals()
    assert left_behind(home / "library") == []
    assert found(opened, "量子芯片") == new, "the current one stays when somebody stops reading it"


def test_what_cannot_be_removed_is_left_to_the_next_ingest(
    home: Path, opened: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PermissionError("not yours")

    with opened.reading() as snapshot:
        assert len(snapshot.exact.search(snapshot.embedder.embed_question("芯片"), 9)) == 2
        assert snapshot.dense is not snapshot.exact  # by now it is open: whoever closes it removes it
    write(home, "丙", "新的量子芯片在合肥发布。")
    ingest(home / "articles", library=home / "library")
    with monkeypatch.context() as patched:
        patched.setattr("vectorstore.generations.unleased", fail)
        assert len(found(opened, "量子芯片")) == 3
        finish_removals()
    assert "1" in left_behind(home / "library")
    ingest(library=home / "library")
    assert left_behind(home / "library") == []


def test_questions_never_fail_during_ingests(home: Path, opened: Library) -> None:
    stop = threading.Event()
    seen: list[int] = []
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            while not stop.is_set():
                seen.append(len(found(opened, "发布生产")))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(4):
        write(home, f"新{number}", f"第{number}次发布。")
        ingest(home / "articles", library=home / "library")
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(seen) <= {2, 3, 4, 5, 6}
    assert len(found(opened, "发布生产")) == 6
    opened.close()
    assert open_files(home) == []


def test_another_embedder_is_one_clear_line(
    home: Path, opened: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vectorstore.library.open_embedder", lambda _: HashEmbedder(32))
    with pytest.raises(EmbedderMismatch, match=r"hash@1/64.*hash@1/32.*yinju reingest") as raised:
        Library.open(home / "library", embedder="other")
    assert "\n" not in str(raised.value)
    assert open_files(home / "library" / "indexes" / "none") == []


def test_changing_the_embedder_builds_beside_and_resumes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = home / "library"
    for number in range(30):
        write(home, f"篇{number}", f"第{number}篇文章讲的是第{number}件事。")
    ingest(home / "articles", library=library)

    class Small(HashEmbedder):
        texts = 0

        def embed_passages(self, texts: object) -> object:  # type: ignore[override]
            Small.texts += len(texts)  # type: ignore[arg-type]
            if Small.texts > 20 and fail:
                raise KeyboardInterrupt
            return super().embed_passages(texts)  # type: ignore[arg-type]

    fail = True
    monkeypatch.setattr("ingest.pipeline.open_embedder", lambda _: Small(32))
    monkeypatch.setattr("ingest.embedding.BATCH", 8)
    with pytest.raises(KeyboardInterrupt):
        ingest_paths([], library=library, embedder="small")
    assert len(answers(library)["人工智能"]) == 32, "the old embedder's generation still answers"
    Small.texts, fail = 0, False
    report = ingest_paths([], library=library, embedder="small")
    assert 0 < report.embedded < 32, "what was embedded before the interruption is kept"
    with pytest.raises(EmbedderMismatch):
        Library.open(library, embedder="hash")
    catalog = Catalog(library)
    assert catalog.fingerprint == "hash@1/32"
    assert catalog.value("SELECT count(DISTINCT fingerprint) FROM embeddings") == 1
    catalog.close()
    assert left_behind(library) == []


def test_filtered_searches_are_exact(home: Path) -> None:
    for day in range(1, 20):
        (home / "articles" / f"{day}.json").write_text(
            json.dumps([{"title": f"题{day}", "text": f"第{day}天的消息。", "date": f"2019-03-{day:02}"}]),
            encoding="utf-8",
        )
    ingest(home / "articles", library=home / "library")
    library = Library.open(home / "library", embedder="hash")
    with library.reading() as snapshot:
        allowed = snapshot.reader.allowed(Filters(since=date(2019, 3, 5), until=date(2019, 3, 7)))
        vector = snapshot.embedder.embed_question("第6天的消息")
        ranked = snapshot.rank_among(vector, allowed, 10)
        assert {id_ for id_, _ in ranked} == allowed.ids
        assert [score for _, score in ranked] == sorted((score for _, score in ranked), reverse=True)
        everywhere = dict(snapshot.dense.search(vector, 100))
        assert all(score == pytest.approx(everywhere[id_], abs=2e-3) for id_, score in ranked)
        assert snapshot.rank_among(vector, Allowed(()), 10) == []
        assert dict(snapshot.exact.search(vector, 100)) == pytest.approx(everywhere, abs=2e-3)
    library.close()


def test_no_library_and_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="yinju ingest"):
        Library.open(tmp_path / "none", embedder="hash")
    Catalog(tmp_path, create=True).close()
    with pytest.raises(LibraryMissing, match="yinju ingest"):
        Library.open(tmp_path, embedder="hash")


def test_missing_indexes_name_the_repair(home: Path, opened: Library) -> None:
    (current,) = [path for path in (home / "library" / "indexes").iterdir() if path.is_dir()]
    current.rename(home / "away")
    with pytest.raises(LibraryDamaged, match="yinju reingest --rebuild"):
        Library.open(home / "library", embedder="hash")
    report = ingest(library=home / "library")
    assert report.embedded == 0
    assert len(answers(home / "library")["人工智能"]) == 2, "an ingest that finds no indexes builds them"


def test_damaged_vectors_do_not_stop_answers(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    ingest(home / "articles", library=home / "library")
    expected = answers(home / "library")
    (graph,) = (home / "library" / "indexes").rglob("header.bin")
    graph.write_bytes(os.urandom(100))
    assert answers(home / "library") == expected
    assert "yinju reingest --rebuild" in caplog.text
    ingest(library=home / "library", rebuild=True)
    caplog.clear()
    assert answers(home / "library") == expected
    assert caplog.text == ""


def test_a_disk_that_fails_under_the_vectors_does_not_stop_answers(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    ingest(home / "articles", library=home / "library")
    expected = answers(home / "library")
    monkeypatch.setattr("vectorstore.generations.open_embedded", fail)
    assert answers(home / "library") == expected
    assert "No space left" in caplog.text


def test_a_copy_that_does_not_verify_is_built_anew(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    ingest(home / "articles", library=home / "library")
    lexical = Generations(home / "library").open_lexical(1)
    (passage,) = [id_ for id_, _ in lexical.search({"腾讯": 1.0}, 1)]
    lexical.change([passage], [])  # the current generation has lost a passage, unnoticed
    write(home, "丙", "新的量子芯片在合肥发布。")
    ingest(home / "articles", library=home / "library")
    assert "building them anew" in caplog.text
    ids, count = indexed(home / "library" / "indexes" / "2")
    assert len(ids) == count == 3


def test_verification_notices_what_is_missing(home: Path) -> None:
    ingest(home / "articles", library=home / "library")
    catalog = Catalog(home / "library")
    from vectorstore.catalog_reader import CatalogReader

    generations, reader = Generations(home / "library"), CatalogReader(catalog, 1)

    def check(passages: int, fingerprint: str = "hash@1/64") -> None:
        dense = generations.open_dense(1)
        try:
            check_indexes(
                dense=dense, lexical=generations.open_lexical(1), reader=reader, fingerprint=fingerprint,
                passages=passages,
            )  # fmt: skip
        finally:
            dense.close()

    check(2)
    with pytest.raises(LibraryDamaged, match=r"目录 3 段，向量 2，词语 2"):
        check(3)
    lexical = generations.open_lexical(1)
    lexical.change(["f0"], [[("f0", "题", "别的。")]])
    with pytest.raises(LibraryDamaged, match=r"向量 2，词语 3"):
        check(2)
    (wrong,) = lexical.search({"腾讯": 1.0}, 1)
    lexical.change([wrong[0]], [])
    with pytest.raises(LibraryDamaged, match="词语索引里没有段落"):
        check(2)
    catalog.execute("UPDATE embeddings SET vector = zeroblob(128)")
    with pytest.raises(LibraryDamaged, match="向量索引找不到"):
        check(2)
    catalog.close()


def test_many_removals_build_the_dense_index_anew(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = home / "library"
    ingest(home / "articles", library=library)
    monkeypatch.setattr("vectorstore.indexing.MIN_STALE", 2)
    for day in range(4):
        write(home, "甲", f"第{day}天的甲。")
        ingest(home / "articles", library=library)
        catalog = Catalog(library)
        assert int(catalog.meta("dense_removed") or 0) <= 2, "HNSW would keep the room of what was removed"
        catalog.close()


def test_a_large_dense_index_is_filled_in_portions_and_leaves_no_log(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vectorstore.indexing.MAX_LOG", 10)
    monkeypatch.setattr(Staging, "entries", partialmethod(Staging.entries, batch=5))
    for number in range(21):
        write(home, f"第{number}篇", f"这是第{number}篇文章的故事。")
    library = home / "library"
    passages = ingest(home / "articles", library=library).passages
    dense = indexes_folder(library) / "1" / "dense"
    with closing(open_embedded(dense)) as index:
        assert len(index) == passages
    with closing(sqlite3.connect(dense / "chroma.sqlite3")) as log:
        (waiting,) = log.execute("SELECT count(*) FROM embeddings_queue").fetchone()
    assert waiting <= 1, "Chroma keeps its newest entry"
