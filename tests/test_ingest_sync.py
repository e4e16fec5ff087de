"""One ingest makes the library equal to its folders, whatever happened to them."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

import ingest.clean
import ingest.split
from ingest import IngestReport
from ingest.errors import EmptyRoot, LibraryAsRoot, MissingRoot, NoRoots
from ingest.pipeline import remove_article
from tests import folder_edits
from tests.library_state import answers, as_nobody, contents, fast_folder, left_behind, open_files
from tests.library_state import ingest as ingest_hash
from vectorstore import Library
from vectorstore.catalog import CATALOG_NAME, Catalog
from vectorstore.errors import LibraryDamaged, LibraryTooNew, StorageFull

BODY = "腾讯在北京发布了人工智能计划。会上开放了一百项技术。"


@pytest.fixture
def home() -> Iterator[Path]:
    with fast_folder() as folder:
        (folder / "articles").mkdir()
        yield folder


def write(path: Path, title: str, body: str = BODY) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# {title}\n\n{body}\n", encoding="utf-8")
    return path


def counts(report: IngestReport) -> dict[str, int]:
    names = ("added", "changed", "moved", "removed", "unchanged")
    return {name: getattr(report, name) for name in names if getattr(report, name)} | (
        {"failed": len(report.failed)} if report.failed else {}
    )


def titles(library: Path) -> list[str]:
    opened = Library.open(library, embedder="hash")
    try:
        with opened.reading() as snapshot:
            return sorted(article.title for article in snapshot.reader.articles())
    finally:
        opened.close()


def test_new_changed_moved_removed_unchanged(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    for number in range(5):
        write(folder / f"{number}.md", f"题目{number}", f"{BODY}第{number}篇。")
    first = ingest_hash(folder, library=library)
    assert counts(first) == {"added": 5}
    assert (first.articles, first.passages, first.embedded) == (5, 5, 5)
    write(folder / "1.md", "题目1", "全都改了。")
    (folder / "2.md").unlink()
    (folder / "sub").mkdir()
    (folder / "3.md").rename(folder / "sub" / "moved.md")
    write(folder / "5.md", "题目5", "新来的文章。")
    second = ingest_hash(folder, library=library)
    assert counts(second) == {"added": 1, "changed": 1, "moved": 1, "removed": 1, "unchanged": 2}
    assert second.embedded == 2, "what moved is not embedded again"
    assert left_behind(library) == []


def test_again_changes_nothing(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    folder_edits.start(folder / "more", random.Random(5))
    ingest_hash(folder, library=library)
    before = contents(library)
    generation = [path.name for path in (library / "indexes").iterdir()]
    for roots in ([folder], []):
        report = ingest_hash(*roots, library=library)
        assert set(counts(report)) == {"unchanged"}
        assert report.embedded == 0
        assert contents(library) == before
        assert [path.name for path in (library / "indexes").iterdir()] == generation, "nothing was built"


def test_several_roots(home: Path) -> None:
    library = home / "library"
    write(home / "a" / "x.md", "甲")
    write(home / "b" / "y.md", "乙")
    ingest_hash(home / "a", library=library)
    ingest_hash(home / "b", library=library)
    assert titles(library) == ["乙", "甲"], "another root leaves the first alone"
    (home / "a" / "x.md").unlink()
    write(home / "a" / "z.md", "丙")
    assert counts(ingest_hash(home / "b", library=library)) == {"unchanged": 1}
    assert titles(library) == ["乙", "甲"]
    assert counts(ingest_hash(library=library)) == {"added": 1, "removed": 1, "unchanged": 1}
    assert titles(library) == ["丙", "乙"]


def test_a_root_inside_another(home: Path) -> None:
    library, outer = home / "library", home / "outer"
    write(outer / "a.md", "甲")
    inner = write(outer / "inner" / "b.md", "乙").parent
    (outer / ".yinjuignore").write_text("inner/\n", encoding="utf-8")
    ingest_hash(outer, library=library)
    assert titles(library) == ["甲"]
    ingest_hash(inner, library=library)
    ingest_hash(outer, library=library)
    assert titles(library) == ["乙", "甲"], "named by itself, it is no longer ignored"
    write(inner / "c.md", "丙")
    (inner / "b.md").unlink()
    ingest_hash(outer, library=library)
    assert titles(library) == ["丙", "甲"]


def test_a_file_as_a_root(home: Path) -> None:
    library = home / "library"
    file = write(home / "articles" / "a.md", "甲")
    ingest_hash(file, library=library)
    write(file, "甲改")
    assert counts(ingest_hash(library=library)) == {"changed": 1}


def test_an_empty_root_asks(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    write(folder / "a.md", "甲")
    ingest_hash(folder, library=library)
    before = contents(library)
    (folder / "a.md").unlink()
    with pytest.raises(EmptyRoot, match=r"1 篇文章.*--allow-empty"):
        ingest_hash(folder, library=library)
    folder.rmdir()  # not mounted
    with pytest.raises(EmptyRoot, match="--allow-empty"):
        ingest_hash(library=library)
    assert contents(library) == before
    assert counts(ingest_hash(library=library, allow_empty=True)) == {"removed": 1}
    assert titles(library) == []
    assert answers(library)["人工智能"] == set()


def test_missing_and_no_roots(home: Path) -> None:
    with pytest.raises(MissingRoot, match="请检查路径"):
        ingest_hash(home / "nowhere", library=home / "library")
    with pytest.raises(NoRoots, match="yinju ingest"):
        ingest_hash(library=home / "library")
    assert not (home / "library").exists(), "what fails at once leaves nothing behind"
    ingest_hash(home / "articles", library=home / "library")
    with pytest.raises(MissingRoot, match="请检查路径"):
        ingest_hash(home / "nowhere", library=home / "library")


def test_a_folder_without_articles(home: Path) -> None:
    report = ingest_hash(home / "articles", library=home / "library")
    assert (counts(report), report.articles) == ({}, 0)
    assert answers(home / "library")["人工智能"] == set()
    write(home / "articles" / "a.md", "甲")
    assert counts(ingest_hash(library=home / "library")) == {"added": 1}


def test_a_dry_run_changes_nothing(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    write(folder / "a.md", "甲")
    write(folder / "b.md", "乙")
    assert counts(ingest_hash(folder, library=library, dry_run=True)) == {"added": 2}
    assert not library.exists()
    ingest_hash(folder, library=library)
    before = contents(library)
    write(folder / "a.md", "甲改")
    (folder / "b.md").rename(folder / "c.md")
    write(folder / "d.md", "丁")
    planned = ingest_hash(folder, library=library, dry_run=True)
    assert counts(planned) == {"added": 1, "changed": 1, "moved": 1}
    assert contents(library) == before
    assert counts(ingest_hash(folder, library=library)) == counts(planned)


def test_the_library_inside_its_own_root(home: Path) -> None:
    folder = home / "articles"
    write(folder / "a.md", "甲")
    for expected in ({"added": 1}, {"unchanged": 1}):
        assert counts(ingest_hash(folder, library=folder / "library")) == expected


def test_the_library_is_no_root_of_its_own(home: Path) -> None:
    folder = home / "articles"
    write(folder / "a.md", "甲")
    (home / "link").symlink_to(folder)
    for root in (folder, home / "link"):
        with pytest.raises(LibraryAsRoot, match=r"就是资料库.*--library"):
            ingest_hash(root, library=folder)
    assert [path.name for path in folder.iterdir()] == ["a.md"]


def test_removed_by_hand(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    file = write(folder / "a.md", "甲")
    write(folder / "b.md", "乙")
    ingest_hash(folder, library=library)
    opened = Library.open(library, embedder="hash")
    with opened.reading() as snapshot:
        (wanted,) = [article.id for article in snapshot.reader.articles() if article.title == "甲"]
    opened.close()
    assert remove_article(wanted, library=library, embedder="hash")
    assert not remove_article(wanted, library=library, embedder="hash")
    assert titles(library) == ["乙"]
    write(file, "甲改")
    ingest_hash(folder, library=library)
    assert titles(library) == ["乙"], "left out of later ingests"
    ingest_hash(file, library=library)
    assert titles(library) == ["乙", "甲改"], "named by itself, it is read again"


def test_a_bad_file_costs_nothing_else(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    write(folder / "a.md", "甲")
    (folder / "empty.md").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 40)
    report = ingest_hash(folder, library=library)
    assert counts(report) == {"added": 1, "failed": 2}
    again = ingest_hash(folder, library=library)
    assert counts(again) == {"unchanged": 1, "failed": 2}, "told again, though not read again"


def test_what_was_not_read_is_told_and_is_no_failure(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    write(folder / "a.md", "甲")
    (folder / "旧稿.doc").write_bytes(b"x")
    (folder / "旧闻.rar").write_bytes(b"x")
    (folder / "坏字节.txt").write_bytes((BODY * 4).encode() + b"\xff" + (BODY * 4).encode())
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.writestr("丙.md", "# 丙\n\n正文。")
        archive.writestr("丁.doc", "x")
    first, again = (ingest_hash(folder, library=library) for _ in range(2))
    assert counts(first) == {"added": 3}
    assert counts(again) == {"unchanged": 3}
    for report in (first, again):
        mended, unread, packed = report.notice_lines()
        assert mended.startswith(f"{folder}/坏字节.txt：有 1 处字节坏了")
        assert unread.startswith("没有读 not read：.doc 2 个（请另存为")
        assert packed == (
            "没有打开 not opened：.rar 1 个（请先解压，或改成 .zip 再收录 unpack them, or make them .zip）"
        )
        assert report.to_dict()["failed"] == []
        told = report.to_dict()["notices"]
        assert isinstance(told, list)
        assert {name for notice in told for name in notice} == {"source", "reason"}


def test_failures_that_are_alike_share_a_line(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    (folder / "坏\n行.jsonl").write_text('{"title": "甲"}\n' * 600, encoding="utf-8")
    (line,) = ingest_hash(folder, library=library).failure_lines()
    assert line.startswith(f"{folder}/坏\\n行.jsonl：600 处 places（#line=1、#line=2、#line=3…）：")


def test_a_damaged_file_keeps_its_articles_until_it_can_be_read(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    file, table = write(folder / "a.md", "甲"), folder / "b.json"
    table.write_text(
        '[{"title": "乙", "text": "正文。"}, {"title": "丙", "text": "正文二。"}]', encoding="utf-8"
    )
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        archive.writestr("丁.md", "# 丁\n\n正文三。")
    ingest_hash(folder, library=library)
    file.write_bytes(bytes(range(256)) * 40)
    table.write_text('[{"title": "乙", "te', encoding="utf-8")  # half written
    (folder / "c.zip").write_bytes(b"PK\x03\x04 half of an archive")
    assert counts(ingest_hash(folder, library=library)) == {"unchanged": 4, "failed": 3}
    assert counts(ingest_hash(folder, library=library)) == {"unchanged": 4, "failed": 3}
    assert titles(library) == ["丁", "丙", "乙", "甲"]
    table.write_text('[{"title": "乙", "text": "正文。"}]', encoding="utf-8")
    file.write_bytes(b"\n")
    (folder / "c.zip").unlink()
    assert counts(ingest_hash(folder, library=library)) == {"unchanged": 1, "removed": 3, "failed": 1}


def test_a_damaged_file_in_an_archive_keeps_its_articles(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    for table in ('{"id": 1, "text": "正文。"}', '{"id": 1, "te'):
        with zipfile.ZipFile(folder / "c.zip", "w") as archive:
            archive.writestr("表.json", table)
            archive.writestr("文.md", "# 文\n\n别的正文。")
        report = ingest_hash(folder, library=library)
    assert counts(report) == {"unchanged": 2, "failed": 1}


def test_a_file_that_cannot_be_read_keeps_its_articles(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, library = home / "articles", home / "library"
    file = write(folder / "a.md", "甲")
    write(folder / "b.md", "乙")
    ingest_hash(folder, library=library)
    write(file, "甲改")
    opened = Path.open

    def failing(self: Path, *given: object, **named: object) -> object:
        if self == file:
            raise PermissionError(13, "Permission denied")
        return opened(self, *given, **named)  # type: ignore[call-overload]  # handed through

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", failing)
        report = ingest_hash(folder, library=library)
    assert counts(report) == {"unchanged": 2, "failed": 1}
    assert "Permission denied" in report.failed[0].reason
    assert titles(library) == ["乙", "甲"]
    assert counts(ingest_hash(folder, library=library)) == {"changed": 1, "unchanged": 1}


def test_a_folder_that_cannot_be_read_keeps_its_articles(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, library = home / "articles", home / "library"
    write(folder / "a.md", "甲")
    write(folder / "closed" / "b.md", "乙")
    ingest_hash(folder, library=library)
    real = os.scandir

    def failing(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", failing)
        report = ingest_hash(folder, library=library)
    assert counts(report)["failed"] == 1
    assert titles(library) == ["乙", "甲"]


@pytest.mark.parametrize("closed", ["root", "."], ids=["the root", "a folder above it"])
def test_a_closed_root_keeps_its_articles_and_costs_nothing_else(home: Path, closed: str) -> None:
    library, outer = home / "library", home / "outer"
    write(outer / "root" / "a.md", "甲")
    write(home / "articles" / "b.md", "乙")
    ingest_hash(outer / "root", home / "articles", library=library)
    write(home / "articles" / "c.md", "丙")
    with as_nobody(home):
        (outer / closed).chmod(0)
        for options in ({}, {"dry_run": True}, {"allow_empty": True}):
            report = ingest_hash(library=library, **options)
            assert [failure.source for failure in report.failed] == [str(outer / "root")]
            assert report.removed == 0
        assert titles(library) == ["丙", "乙", "甲"]
        with pytest.raises(MissingRoot):
            ingest_hash(home / "nowhere", library=library)
        (outer / closed).chmod(0o700)
        assert counts(ingest_hash(library=library)) == {"unchanged": 3}, "it is still remembered"


def test_names_that_are_not_utf8(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    odd = Path(os.fsdecode(os.fsencode(folder) + "/新闻.md".encode("gb18030")))
    write(odd, "甲")
    assert counts(ingest_hash(folder, library=library)) == {"added": 1}
    assert counts(ingest_hash(folder, library=library)) == {"unchanged": 1}
    opened = Library.open(library, embedder="hash")
    with opened.reading() as snapshot:
        json.dumps([article.to_dict() for article in snapshot.reader.articles()], ensure_ascii=False).encode()
    opened.close()


def test_lone_surrogates_do_not_stop_an_ingest(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    (folder / "a.jsonl").write_text(
        '{"title": "甲\\ud800", "text": "人工智能\\udfff的消息很多。"}\n', encoding="utf-8"
    )
    (folder / "坏.json").write_text('[{"title": "丙", "text": "正文。", "\\ud83d": "x"}]', encoding="utf-8")
    write(folder / "b.md", "乙")
    report = ingest_hash(folder, library=library)
    assert (counts(report), titles(library)) == ({"added": 3}, ["丙", "乙", "甲"])


def test_a_text_that_cannot_be_stored_costs_its_file_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, library = home / "articles", home / "library"
    write(folder / "a.md", "甲")
    ingest_hash(folder, library=library)
    write(folder / "a.md", "甲", "改过的正文。")
    write(folder / "b.txt", "乙")
    clean = ingest.clean.clean_text
    monkeypatch.setattr(
        "ingest.formats.markdown.clean_text", lambda text: clean(text) + "\ud83d" * ("改过" in text)
    )  # a parser's bug
    report = ingest_hash(folder, library=library)
    assert counts(report) == {"added": 1, "unchanged": 1, "failed": 1}
    assert "surrogates not allowed" in report.failed[0].reason
    assert titles(library) == ["乙", "甲"]
    assert left_behind(library) == []


@pytest.mark.parametrize("name", ["新闻", "新闻.md"])
def test_roots_whose_names_are_not_utf8(home: Path, name: str) -> None:
    library, odd = home / "library", Path(os.fsdecode(os.fsencode(home) + b"/" + name.encode("gb18030")))
    file = write(odd if odd.suffix else odd / "a.md", "甲")
    assert counts(ingest_hash(odd, library=library)) == {"added": 1}
    opened = Library.open(library, embedder="hash")
    with opened.reading() as snapshot:
        (only,) = snapshot.reader.articles()
    opened.close()
    assert remove_article(only.id, library=library, embedder="hash")
    assert counts(ingest_hash(library=library)) == {}
    assert counts(ingest_hash(file, library=library)) == {"added": 1}, "named by itself, it is read again"


def test_another_splitter_splits_again_without_reading(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, library = home / "articles", home / "library"
    write(folder / "a.md", "甲", BODY * 40)
    write(folder / "b.md", "乙")
    first = ingest_hash(folder, library=library)
    monkeypatch.setattr(ingest.split, "SPLITTER", "another")
    monkeypatch.setattr(ingest.split, "PASSAGE_CHARS", 100)
    shutil.rmtree(folder)  # the disk is not mounted, say
    with pytest.raises(EmptyRoot):
        ingest_hash(library=library)
    second = ingest_hash(library=library, rebuild=True)
    assert second.passages > first.passages
    assert second.articles == 2
    assert left_behind(library) == []
    write(folder / "a.md", "甲", BODY * 40)
    write(folder / "b.md", "乙")
    assert counts(ingest_hash(folder, library=library)) == {"unchanged": 2}
    ingest_hash(folder, library=home / "fresh")
    assert contents(library) == contents(home / "fresh")


def test_rebuild_reads_and_embeds_nothing(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    folder_edits.start(folder / "more", random.Random(2))
    ingest_hash(folder, library=library)
    before = contents(library)
    shutil.rmtree(folder)
    report = ingest_hash(library=library, rebuild=True)
    assert report.embedded == 0
    assert set(counts(report)) == {"unchanged"}
    assert contents(library) == before
    for part in ("dense", "lexical"):
        (current,) = [path for path in (library / "indexes").iterdir() if path.is_dir()]
        shutil.rmtree(current / part)
        assert ingest_hash(library=library, rebuild=True).embedded == 0
        assert contents(library) == before
    assert left_behind(library) == []


def test_other_terms_are_noticed_and_the_lexical_index_is_built_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, library = home / "articles", home / "library"
    folder_edits.start(folder, random.Random(2))
    ingest_hash(folder, library=library)
    before = contents(library)
    monkeypatch.setattr("vectorstore.lexical.TERMS_VERSION", 1_000_000)
    with pytest.raises(LibraryDamaged, match="yinju reingest"):
        Library.open(library, embedder="hash")
    report = ingest_hash(library=library)
    assert (report.embedded, set(counts(report))) == (0, {"unchanged"})
    assert contents(library) == before


def test_reposts_belong_to_the_earliest_in_any_order(home: Path) -> None:
    shared = "这一段是各家网站都一字不差登出来的内容，讲了人工智能在医院里的用处和前景。" * 8
    days = ("2019-03-02", "2019-03-01", "2019-03-05", None)
    linked = []
    for order in ((0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)):
        folder, library = home / "articles", home / f"library{order[0]}"
        shutil.rmtree(folder)
        folder.mkdir()
        for number in order:
            record = {"title": f"标题{number}", "text": shared, "date": days[number]}
            (folder / f"{number}.json").write_text(json.dumps([record], ensure_ascii=False), encoding="utf-8")
            ingest_hash(folder, library=library)
        opened = Library.open(library, embedder="hash")
        with opened.reading() as snapshot:
            found = {article.id: article for article in snapshot.reader.articles()}
            linked.append(
                {
                    article.title: found[article.repost_of].title if article.repost_of else None
                    for article in found.values()
                }
            )
            (original,) = [article.id for article in found.values() if article.repost_of is None]
            assert snapshot.reader.repost_counts([original]) == {original: 3}
        opened.close()
    assert linked[0] == {"标题0": "标题1", "标题1": None, "标题2": "标题1", "标题3": "标题1"}
    assert linked[0] == linked[1] == linked[2]


def test_reposts_follow_when_the_earliest_goes(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    shared = "这一段是各家网站都一字不差登出来的内容，讲了人工智能在医院里的用处和前景。" * 8
    for number in range(3):
        write(folder / f"{number}.md", f"标题{number}", shared)
    ingest_hash(folder, library=library)
    (folder / "0.md").unlink()
    ingest_hash(folder, library=library)
    ingest_hash(folder, library=home / "fresh")
    assert contents(library) == contents(home / "fresh")


def test_a_newer_library_is_left_alone(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    write(folder / "a.md", "甲")
    ingest_hash(folder, library=library)
    connection = sqlite3.connect(library / CATALOG_NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LibraryTooNew, match="upgrade yinju"):
        ingest_hash(folder, library=library)
    with pytest.raises(LibraryTooNew, match="upgrade yinju"):
        ingest_hash(library=library, rebuild=True)


def test_a_damaged_catalog_is_mended_by_a_rebuild(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    folder_edits.start(folder / "more", random.Random(3))
    ingest_hash(folder, library=library)
    good = contents(library)
    for damage in (lambda path: path.unlink(), lambda path: path.write_bytes(b"\x00" * 20_000), _tear):
        damage(library / CATALOG_NAME)
        ingest_hash(library=library, rebuild=True)
        assert contents(library) == good
    assert [name for name in left_behind(library) if "catalog.damaged" not in name] == []


def _tear(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with path.open("r+b") as handle:
        handle.seek(path.stat().st_size // 2 // 4096 * 4096)
        handle.write(os.urandom(16_384))


def test_a_full_disk_leaves_the_old_generation_answering(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = home / "small"
    small.mkdir()
    if os.geteuid() or subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small], capture_output=True, check=False
    ).returncode:  # fmt: skip
        pytest.skip("needs to mount a small tmpfs")
    try:
        folder, library = home / "articles", small / "library"
        monkeypatch.setattr("vectorstore.writing.MIN_FREE_BYTES", 0)
        monkeypatch.setattr("vectorstore.indexing._SPARE_BYTES", 0)
        write(folder / "a.md", "甲")
        ingest_hash(folder, library=library)
        before = contents(library)
        for number in range(12):
            write(
                folder / f"{number}.md",
                f"题{number}",
                "".join(chr(0x4E00 + i * 37 % 20000) for i in range(60_000)),
            )
        with pytest.raises(StorageFull, match=r"磁盘空间.*check disk space"):
            ingest_hash(folder, library=library)
        (small / "fill").write_bytes(b"x" * shutil.disk_usage(small).free)  # to the last byte
        assert answers(library)["人工智能"] == {("甲", BODY)}
        (small / "fill").unlink()
        subprocess.run(["mount", "-o", "remount,size=30m", small], check=True)  # somebody makes room
        after = contents(library)
        assert (after["articles"], after["indexed"]) == (before["articles"], before["indexed"])
        for number in range(12):
            (folder / f"{number}.md").unlink()
        ingest_hash(folder, library=library)
        assert titles(library) == ["甲"]
        assert left_behind(library) == []
    finally:
        subprocess.run(["umount", "-l", small], check=True)


def test_hardly_any_room_is_said_before_anything_is_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home / "articles" / "a.md", "甲")
    monkeypatch.setattr("vectorstore.writing.MIN_FREE_BYTES", 1 << 62)
    with pytest.raises(StorageFull, match="请先腾出空间"):
        ingest_hash(home / "articles", library=home / "library")


def test_no_file_is_left_open(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    folder_edits.start(folder / "more", random.Random(4))
    for _ in range(3):
        ingest_hash(folder, library=library)
        folder_edits.edit(folder / "more", random.Random(5))
        answers(library)
    with pytest.raises(MissingRoot):
        ingest_hash(home / "nowhere", library=library)
    assert open_files(home) == []


def test_old_vectors_do_not_pile_up(home: Path) -> None:
    folder, library = home / "articles", home / "library"
    for day in range(4):
        for number in range(3):
            write(folder / f"{number}.md", f"题{number}", f"第{day}天的第{number}篇文章。")
        ingest_hash(folder, library=library)
    catalog = Catalog(library)
    assert catalog.value("SELECT count(*) FROM embeddings") == 3
    assert catalog.value("SELECT count(*) FROM generations") == 1
    assert catalog.meta("dense_removed") == "9"
    catalog.close()


class Edits(RuleBasedStateMachine):
    """Any order of edits and ingests ends equal to a fresh build."""

    home: Path
    runs = 0

    @initialize(seed=st.integers(0, 1000))
    def begin(self, seed: int) -> None:
        Edits.runs += 1
        self.dice = random.Random(seed)
        self.place = self.home / str(Edits.runs)
        folder_edits.start(self.place / "articles", self.dice)
        self.ingested = False

    @rule(times=st.integers(1, 3))
    def edit(self, times: int) -> None:
        for _ in range(times):
            folder_edits.edit(self.place / "articles", self.dice)

    @rule()
    def ingest(self) -> None:
        before = contents(self.place / "library") if self.ingested else None
        first = ingest_hash(self.place / "articles", library=self.place / "library", allow_empty=True)
        self.ingested = True
        if before is not None and set(counts(first)) <= {"unchanged", "failed"}:
            assert contents(self.place / "library") == before

    def teardown(self) -> None:
        if not hasattr(self, "place"):
            return
        ingest_hash(self.place / "articles", library=self.place / "library", allow_empty=True)
        ingest_hash(self.place / "articles", library=self.place / "fresh", allow_empty=True)
        assert contents(self.place / "library") == contents(self.place / "fresh")
        assert answers(self.place / "library") == answers(self.place / "fresh")
        assert left_behind(self.place / "library") == []
        shutil.rmtree(self.place)


@pytest.mark.slow
def test_any_order_of_edits_ends_equal_to_a_fresh_build(home: Path) -> None:
    Edits.home = home
    run_state_machine_as_test(
        Edits,
        settings=settings(
            max_examples=int(os.environ.get("YINJU_EXAMPLES", "6")),
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
