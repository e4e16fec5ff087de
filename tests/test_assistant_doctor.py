"""Each fault is injected, found, and repaired by the command that the doctor prints."""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.both_languages import halves
from assistant.doctor import examine
from assistant.machine import Finding
from assistant.settings import Settings
from tests import folder_edits
from tests.library_state import as_nobody, fast_folder, ingest
from tests.ports import quiet_port
from tests.test_vectorstore_embedders import static_folder
from vectorstore.catalog import CATALOG_NAME, Catalog
from vectorstore.dense import DenseIndex
from vectorstore.errors import StorageFull
from vectorstore.generations import Generations
from vectorstore.lock import Lease, writer_lock


@pytest.fixture(scope="module")
def sound() -> Iterator[tuple[Path, Path]]:
    """Build a library once: where it lies, and a copy of it there as it was; a library knows its folders' places."""
    with fast_folder() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("YINJU_EMBEDDER", "hash")
        folder.chmod(0o755)  # nobody goes through it
        folder_edits.start(folder / "home" / "articles", random.Random(6))
        ingest(folder / "home" / "articles", library=folder / "home" / "library")
        shutil.copytree(folder / "home", folder / "kept")
        yield folder / "home", folder / "kept"


@pytest.fixture
def home(sound: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YINJU_EMBEDDER", "hash")
    home, kept = sound
    shutil.rmtree(home)
    shutil.copytree(kept, home)
    return home


def find(home: Path, *, port: int | None = None) -> list[Finding]:
    with quiet_port() as quiet:
        return examine(home / "library", settings=Settings(), port=port or quiet)


def faults(home: Path) -> list[Finding]:
    return [finding for finding in find(home) if finding.is_fault]


def run(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a command that the doctor printed, as a shell would."""
    from assistant.cli import app

    first, _, then = command.rpartition(" && ")
    if first:
        subprocess.run(["sh", "-c", first], check=True)
    words = shlex.split(then)
    if words[0] == "env":
        while words[0] != "yinju":
            if words[0] == "-u":
                monkeypatch.delenv(words[1], raising=False)
            elif "=" in words[0]:
                monkeypatch.setenv(*words[0].split("=", 1))
            words.pop(0)
    assert words[0] == "yinju", command
    done = CliRunner().invoke(app, words[1:], catch_exceptions=False)
    assert done.exit_code == 0, done.output


def generation(home: Path) -> Path:
    (current,) = [path for path in (home / "library" / "indexes").iterdir() if path.is_dir()]
    return current


def lose_passage(home: Path) -> None:
    lexical = Generations(home / "library").open_lexical(1)
    lexical.change([lexical.search({"项目": 1.0}, 1)[0][0]], [])


def tear_catalog(home: Path) -> None:
    path = home / "library" / CATALOG_NAME
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with path.open("r+b") as handle:
        handle.seek(path.stat().st_size // 2 // 4096 * 4096)
        handle.write(os.urandom(16_384))


def interrupt(home: Path) -> None:
    catalog = Catalog(home / "library")
    catalog.execute("UPDATE articles SET removed = 2 WHERE row = 1")
    catalog.execute("UPDATE files SET stamp = ''")
    catalog.close()


def empty_root(home: Path) -> None:
    shutil.rmtree(home / "articles")
    (home / "articles").mkdir()


# How to cause it, what is said of it, and what a button may run: nothing where something may be lost.
FAULTS: dict[str, tuple[Callable[[Path], object], str, str | None]] = {
    "no lexical index": (lambda home: shutil.rmtree(generation(home) / "lexical"), "词语索引", "rebuild"),
    "no dense index": (lambda home: shutil.rmtree(generation(home) / "dense"), "向量索引", "rebuild"),
    "no indexes": (lambda home: shutil.rmtree(home / "library" / "indexes"), "索引", "rebuild"),
    "damaged graph": (
        lambda home: next(generation(home).rglob("header.bin")).write_bytes(os.urandom(100)), "向量索引", "rebuild",
    ),
    "lost passage": (lose_passage, "索引与目录不一致", "rebuild"),
    "no catalog": (lambda home: (home / "library" / CATALOG_NAME).unlink(), "目录不见了", None),
    "empty catalog": (lambda home: (home / "library" / CATALOG_NAME).write_bytes(b""), "损坏", None),
    "not a catalog": (lambda home: (home / "library" / CATALOG_NAME).write_bytes(b"x" * 9000), "损坏", None),
    "torn catalog": (tear_catalog, "损坏", None),
    "interrupted": (interrupt, "没有完成", "reingest"),
    "root empty": (empty_root, "收录过的文件夹不在了、是空的", None),
    "root gone": (lambda home: shutil.rmtree(home / "articles"), "收录过的文件夹不在了", None),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_the_printed_command_repairs_the_fault(
    home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inject, words, fix = FAULTS[name]
    assert faults(home) == []
    inject(home)
    (fault,) = faults(home)
    assert words in fault.message
    assert fault.fix == fix
    assert fault.repair is not None
    run(fault.repair, monkeypatch)
    assert faults(home) == []


def test_another_embedder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINJU_EMBEDDER", "yinju")
    with writer_lock(home / "library"):
        assert faults(home) == [], "the ingest that runs may be changing it"
    (fault,) = faults(home)
    assert "另一个向量模型" in fault.message
    run(str(fault.repair), monkeypatch)
    assert faults(home) == []


def test_an_english_embedder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    english = str(static_folder(home / "english", ["hello", "world"]))
    ingest(library=home / "library", rebuild=True)
    monkeypatch.setenv("YINJU_EMBEDDER", english)
    run(f"yinju reingest --library {home}/library", monkeypatch)
    (fault,) = faults(home)
    assert "不认识中文" in fault.message
    run(str(fault.repair), monkeypatch)
    assert faults(home) == []


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_bytes(b"{")], ids=["gone", "broken"])
def test_a_missing_embedder(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, damage: Callable[[Path], object]
) -> None:
    folder = static_folder(home / "mine", ["hello"])
    damage(folder / "0_StaticEmbedding" / name)
    monkeypatch.setenv("YINJU_EMBEDDER", str(folder))
    (fault,) = faults(home)
    run(str(fault.repair), monkeypatch)
    assert faults(home) == []


def test_the_first_ingest_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINJU_EMBEDDER", "hash")
    (tmp_path / "library" / "indexes").mkdir(parents=True)
    Catalog(tmp_path / "library", create=True).close()
    with writer_lock(tmp_path / "library"):
        assert faults(tmp_path) == []
    (fault,) = faults(tmp_path)
    assert "还没有索引" in fault.message


def test_indexes_that_are_replaced_while_they_are_looked_at(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Generations.open_dense

    def late(self: Generations, number: int, **options: int) -> DenseIndex:
        monkeypatch.undo()
        monkeypatch.setenv("YINJU_EMBEDDER", "hash")
        (home / "articles" / "new.md").write_text("# 新\n\n新来的文章。\n", encoding="utf-8")
        ingest(home / "articles", library=home / "library")
        return opened(self, number, **options)

    monkeypatch.setattr(Generations, "open_dense", late)
    assert faults(home) == []
    assert generation(home).name == "2"


@pytest.mark.parametrize("closed", ["articles", "above", "above/file.md"])
def test_a_closed_root(home: Path, monkeypatch: pytest.MonkeyPatch, closed: str) -> None:
    (home / "above" / "root").mkdir(parents=True)
    for name in ("root/a.md", "file.md"):
        (home / "above" / name).write_text("# 题\n\n正文。\n", encoding="utf-8")
    ingest(home / "above" / "root", home / "above" / "file.md", library=home / "library")
    assert faults(home) == []
    with as_nobody(home):
        (home / closed).chmod(0)
        found = faults(home)
        assert len(found) == (2 if closed == "above" else 1), "one for each root"
        for fault in found:
            assert "没有权限读取" in fault.message
            assert fault.fix is None
        done = subprocess.run(["sh", "-c", str(found[0].repair)], check=False)
        assert (done.returncode, faults(home)) == (0, [])


@pytest.mark.parametrize("reply", [b"", b"SSH-2.0-OpenSSH_9.6\r\n"], ids=["silence", "no HTTP"])
def test_the_port(home: Path, reply: bytes) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        threading.Thread(target=answer_once, args=(other, reply), daemon=True).start()
        taken = int(other.getsockname()[1])
        (fault,) = [finding for finding in find(home, port=taken) if finding.is_fault]
        words = shlex.split(str(fault.repair))
        assert words[:3] == ["yinju", "chat", "--port"]
        assert not [finding for finding in find(home, port=int(words[3])) if finding.is_fault]


def test_the_page_is_found_whatever_the_proxy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setattr("urllib.request._opener", None)  # what urlopen keeps of the environment
    with quiet_port() as nobody, socket.socket() as page:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{nobody}")
        page.bind(("127.0.0.1", 0))
        page.listen()
        answer = b'HTTP/1.0 200 OK\r\n\r\n{"status": "ok"}'
        threading.Thread(target=answer_once, args=(page, answer), daemon=True).start()
        found = find(home, port=int(page.getsockname()[1]))
    assert [finding for finding in found if "聊天页正在端口" in finding.message]


def answer_once(server: socket.socket, reply: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(reply)
        if not reply:
            connection.recv(1000)  # until whoever asked has waited long enough


def test_no_library_yet(tmp_path: Path) -> None:
    with quiet_port() as port:
        (fault,) = [f for f in examine(tmp_path, settings=Settings(embedder="hash"), port=port) if f.is_fault]
    assert "还没有资料库" in fault.message
    assert str(fault.repair).startswith("yinju ingest ")
    assert list(tmp_path.iterdir()) == []


def test_a_newer_library_is_left_to_a_newer_program(home: Path) -> None:
    catalog = Catalog(home / "library")
    catalog.execute("PRAGMA user_version = 99")
    catalog.close()
    (fault,) = faults(home)
    assert "upgrade" in str(fault.repair)


def test_notes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "articles" / "bad.md").write_bytes(b"")
    mended = "产业园上个月开工，三百家企业报名参加。".encode() * 4  # told by the ingest, and no failure
    (home / "articles" / "mended.txt").write_bytes(mended + b"\xff" + mended)
    ingest(home / "articles", library=home / "library")
    with writer_lock(home / "library"):
        text = "\n".join(finding.message for finding in find(home))
    assert f"进程 {os.getpid()} 正在收录" in text
    for words in (
        "SQLite 3.",
        "磁盘剩余",
        "篇文章没有日期",
        "文件编码：utf-8",
        "1 处无法读取",
        "索引一致",
        "hash@1/64",
    ):
        assert words in text
    monkeypatch.setattr("assistant.machine.MIN_FREE_BYTES", 1 << 62)
    monkeypatch.setattr("assistant.machine._LOW_DISK_BYTES", 1 << 62)
    assert any("磁盘快满了" in finding.message and finding.level == "note" for finding in find(home))


def test_old_generations_are_found_and_cleared(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    indexes = home / "library" / "indexes"
    shutil.copytree(generation(home), indexes / "0")
    lease = Lease(indexes, 0)
    assert not [finding for finding in find(home) if "旧索引" in finding.message]  # somebody reads it
    lease.release()
    (note,) = [finding for finding in find(home) if "旧索引" in finding.message]
    assert (note.level, note.fix) == ("note", "reingest")
    run(str(note.repair), monkeypatch)
    assert not (indexes / "0").exists()


def test_every_message_says_it_in_chinese_then_in_english(home: Path) -> None:
    (home / "articles" / "bad.md").write_bytes(b"")
    ingest(home / "articles", library=home / "library")
    (home / "library" / "catalog.damaged-20190831-120000.sqlite").write_bytes(b"")
    shutil.copytree(generation(home), home / "library" / "indexes" / "0")
    said = [finding.message for finding in find(home) if not finding.message.startswith("SQLite")]
    assert len(said) >= 8
    for message in said:
        chinese, english = halves(message)
        assert chinese != english, message
        assert not re.search("[\u3400-\u9fff]", re.sub(r"'[^']*'", "", english)), message


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("YINJU_CHAT_MODEL", "nobody:model", "nobody"),
        ("YINJU_SYNONYMS", "nowhere.txt", "同义词表"),
        ("YINJU_CHROMA_URL", "http://127.0.0.1:9", "Chroma"),
    ],
)
@pytest.mark.parametrize("where", ["the environment", ".env"])
def test_a_wrong_setting_is_named_with_its_place_and_taken_out(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str, where: str
) -> None:
    monkeypatch.chdir(home)
    monkeypatch.delenv("YINJU_EMBEDDER")
    (home / ".env").write_text("# mine\nYINJU_EMBEDDER=hash\nYINJU_PASSAGES=7\n", encoding="utf-8")
    assert faults(home) == []
    if where == ".env":
        with (home / ".env").open("a", encoding="utf-8") as file:
            file.write(f"export {name.lower()} = {value}\n")
    else:
        monkeypatch.setenv(name, value)
    (fault,) = faults(home)
    assert words in fault.message
    assert f"{name} is set in " in fault.message
    assert where in fault.message
    chinese, english = halves(fault.message)
    assert chinese != english
    run(str(fault.repair), monkeypatch)
    assert faults(home) == []
    assert Settings().passages == 7


def test_a_wrong_template_is_not_blamed_on_the_model(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINJU_CHAT_MODEL", "openai:gpt")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("YINJU_PROMPT", str(home / "nowhere.md"))
    (fault,) = faults(home)
    assert str(fault.repair).startswith("env -u YINJU_PROMPT yinju doctor")


@pytest.mark.parametrize("closed", ["library", "library/catalog.sqlite", "library/indexes"])
def test_a_closed_library(home: Path, closed: str) -> None:
    with as_nobody(home):
        (home / closed).chmod(0)
        (fault,) = faults(home)
        assert "没有权限读写资料库" in fault.message
        done = subprocess.run(["sh", "-c", str(fault.repair)], check=False)
        assert (done.returncode, faults(home)) == (0, [])


def test_nothing_is_rebuilt_where_the_disk_is_full(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageFull("database or disk is full")

    monkeypatch.setattr(Catalog, "faults", full)
    (fault,) = faults(home)
    assert "腾出空间" in fault.message
    assert (fault.repair, fault.fix) == (None, None)


def test_as_json() -> None:
    finding = Finding("fault", "坏了 (broken)", "yinju reingest")
    assert finding.to_dict() == {"level": "fault", "message": "坏了 (broken)", "repair": "yinju reingest"}


def test_what_the_settings_name_is_looked_at(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINJU_SYNONYMS", str(home / "nowhere.txt"))
    monkeypatch.setenv("YINJU_CHAT_MODEL", "nobody:model")
    first, second = faults(home)
    assert "同义词表" in first.message
    assert "nobody" in second.message
