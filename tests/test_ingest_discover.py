"""What is found under a root, and what is left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.discover import Scan, scan
from ingest.notices import is_notice
from tests.library_state import as_nobody, fast_folder


def write(path: Path, text: str = "文章。") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def names(found: Scan, root: Path) -> list[str]:
    return [file.location.relative_to(root).as_posix() for file in found.files]


def test_readable_formats_in_a_fixed_order(tmp_path: Path) -> None:
    for name in (
        "b.md",
        "a.TXT",
        "深/层/c.jsonl",
        "深/a.html",
        "photo.jpg",
        "no_suffix",
        "~$draft.docx",
        "z.docx",
    ):
        write(tmp_path / name)
    found = scan(tmp_path)
    assert names(found, tmp_path) == ["a.TXT", "b.md", "z.docx", "深/a.html", "深/层/c.jsonl"]
    assert {file.root for file in found.files} == {str(tmp_path)}
    assert found.unreadable == []


def test_documents_of_other_kinds_are_named_and_nothing_else(tmp_path: Path) -> None:
    for name in (
        "旧稿.doc",
        "a.EPUB",
        "b.rar",
        "c.tar.gz",
        "~$旧稿.doc",
        ".b.rtf",
        "style.css",
        "photo.jpg",
        "skip/c.rtf",
    ):
        write(tmp_path / name)
    write(tmp_path / ".yinjuignore", "skip/\n")
    found = scan(tmp_path)
    assert [(failure.source, failure.kind) for failure in found.unreadable] == [
        (str(tmp_path / "a.EPUB"), "document"),
        (str(tmp_path / "b.rar"), "archive"),
        (str(tmp_path / "c.tar.gz"), "archive"),
        (str(tmp_path / "旧稿.doc"), "document"),
    ]
    assert all(map(is_notice, found.unreadable))


def test_a_file_is_its_own_root(tmp_path: Path) -> None:
    file = write(tmp_path / "a.md")
    assert [(each.path, each.root) for each in scan(file).files] == [(str(file), str(file))]
    assert scan(tmp_path / "missing").files == []


def test_hidden_files_and_the_library_are_left_out(tmp_path: Path) -> None:
    for name in (".git/a.md", ".hidden.md", "library/indexes/1/lexical/meta.json", "a.md"):
        write(tmp_path / name)
    assert names(scan(tmp_path, leave_out=tmp_path / "library"), tmp_path) == ["a.md"]


def test_another_library_is_left_out(tmp_path: Path) -> None:
    for name in (
        "old/catalog.sqlite",
        "old/roots.json",
        "old/indexes/1/lexical/meta.json",
        "b/catalog.sqlite",
        "b/b.md",
    ):
        write(tmp_path / name)
    assert names(scan(tmp_path), tmp_path) == ["b/b.md"]


def test_ignore_files(tmp_path: Path) -> None:
    for name in (
        "a.md",
        "草稿/b.md",
        "新闻/a.md",
        "新闻/b.md",
        "新闻/旧/c.md",
        "新闻/旧/keep.md",
        "tmp/x.md",
    ):
        write(tmp_path / name)
    write(tmp_path / ".yinjuignore", "草稿/\n/a.md\n# 注释\ntmp\n")
    write(tmp_path / "新闻" / ".yinjuignore", "旧/*\n!旧/keep.md\nb.md\n")
    assert names(scan(tmp_path), tmp_path) == ["新闻/a.md", "新闻/旧/keep.md"]
    assert names(scan(tmp_path / "草稿"), tmp_path) == ["草稿/b.md"], "above the root nothing is ignored"


def test_links_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "a.md")
    root = tmp_path / "root"
    write(root / "b.md")
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / "again").symlink_to(tmp_path / "elsewhere")
    (root / "loop").symlink_to(root)
    (root / "c.md").symlink_to(tmp_path / "elsewhere" / "a.md")
    (root / "broken.md").symlink_to(tmp_path / "nowhere.md")
    found = scan(root)
    assert names(found, root) == ["b.md", "c.md", "again/a.md"]
    assert found.unreadable == []


def test_a_link_to_itself_is_reported(tmp_path: Path) -> None:
    (tmp_path / "self.md").symlink_to("self.md")
    found = scan(tmp_path)
    assert found.files == []
    assert [failure.source for failure in found.unreadable] == [str(tmp_path / "self.md")]


def test_only_regular_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "folder.md").mkdir()
    write(tmp_path / "folder.md" / "a.md")
    assert names(scan(tmp_path), tmp_path) == ["folder.md/a.md"]


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + "/新闻.md".encode("gb18030")
    Path(os.fsdecode(odd)).write_text("文章。", encoding="utf-8")
    (file,) = scan(tmp_path).files
    assert file.path == f"{tmp_path}/\\xd0\\xc2\\xce\\xc5.md"
    assert file.location.read_text(encoding="utf-8") == "文章。"


def test_a_file_changed_a_moment_ago_has_no_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could change again within a tick of the clock."""
    file = write(tmp_path / "a.md")
    os.utime(file, ns=(10**18, 10**18))
    just_after = file.stat().st_ctime_ns + 10**6
    monkeypatch.setattr("ingest.discover.time.time_ns", lambda: just_after)
    assert scan(tmp_path).files[0].stamp == ""


def test_old_files_have_stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "a.md")
    later = file.stat().st_ctime_ns + 10**9
    monkeypatch.setattr("ingest.discover.time.time_ns", lambda: later)
    before = scan(tmp_path).files[0].stamp
    assert before
    assert scan(tmp_path).files[0].stamp == before
    os.utime(file, ns=(1, 1))
    assert scan(tmp_path).files[0].stamp != before


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_a_closed_folder_is_reported() -> None:
    with fast_folder() as folder:
        write(folder / "closed" / "a.md")
        write(folder / "b.md")
        with as_nobody(folder):
            (folder / "closed").chmod(0)
            found = scan(folder)
            (folder / "closed").chmod(0o755)
    assert [file.path for file in found.files] == [f"{folder}/b.md"]
    assert [failure.source for failure in found.unreadable] == [f"{folder}/closed"]
