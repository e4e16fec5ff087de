"""The vectors on a Chroma server: the same answers, old collections dropped, a clear error when it is away."""

from __future__ import annotations

import http.client
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partialmethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import folder_edits
from tests.library_state import QUERIES, fast_folder, found, ingest
from tests.ports import quiet_port
from vectorstore import Library
from vectorstore.errors import LibraryDamaged, VectorServerAway
from vectorstore.generations import Generations
from vectorstore.staging import Staging

TOKEN = "geheim"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with fast_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[int]:
    """Run `chroma run` on loopback; give its port."""
    command = Path(sys.executable).parent / "chroma"
    with quiet_port() as port:
        process = subprocess.Popen(
            [command, "run", "--path", home / "chroma", "--host", "127.0.0.1", "--port", str(port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not answers_at(port):
            assert process.poll() is None, "it ended"
            time.sleep(0.05)
        yield port
        process.terminate()
        process.wait(60)


def answers_at(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def proxy(server: int) -> Iterator[int]:
    """Run a proxy before the server that lets only those pass who know the token; give its port."""

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("X-Token") != TOKEN:
                self._reply(403, b'{"error": "forbidden"}')
                return
            onward = http.client.HTTPConnection("127.0.0.1", server)
            kept = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            onward.request(self.command, self.path, body, kept)
            reply = onward.getresponse()
            self._reply(reply.status, reply.read())
            onward.close()

        def _reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield listening.server_port
    listening.shutdown()
    listening.server_close()


def collections(port: int) -> set[str]:
    import chromadb

    client = chromadb.HttpClient(host="127.0.0.1", port=port)
    names = {collection.name for collection in client.list_collections()}
    client.close()
    return names


def everything(library: Path, **where: Any) -> dict[str, set[tuple[str, str]]]:
    opened = Library.open(library, embedder="hash", **where)
    try:
        return {query: found(opened, query) for query in QUERIES}
    finally:
        opened.close()


@pytest.mark.slow
def test_the_same_answers_as_embedded(home: Path, server: int, proxy: int) -> None:
    folder, library = home / "articles", home / "library"
    folder_edits.start(folder, random.Random(11))
    direct: dict[str, Any] = {"chroma_url": f"http://127.0.0.1:{server}"}
    others = collections(server)
    ingest(folder, library=library, **direct)
    assert len(collections(server) - others) == 1
    for _ in range(2):
        folder_edits.edit(folder, random.Random(12))
        ingest(folder, library=library, **direct)
    (kept,) = collections(server) - others
    generations = [path.name for path in (library / "indexes").iterdir() if path.is_dir()]
    assert kept.endswith("-" + generations[0]), "old collections are dropped"
    ingest(folder, library=home / "embedded")
    expected = everything(home / "embedded")
    assert everything(library, server_url=direct["chroma_url"]) == expected

    through: dict[str, Any] = {
        "server_url": f"http://127.0.0.1:{proxy}",
        "server_headers": {"X-Token": TOKEN},
    }
    assert everything(library, **through) == expected
    with pytest.raises(VectorServerAway, match=r"YINJU_CHROMA_HEADERS"):
        everything(library, server_url=f"http://127.0.0.1:{proxy}", server_headers={"X-Token": "wrong"})

    report = ingest(folder, library=library)  # back into the library's own folder
    assert report.embedded == 0
    assert everything(library) == expected
    with pytest.raises(LibraryDamaged, match="yinju reingest"):
        everything(library, server_url=direct["chroma_url"])
    assert ingest(folder, library=library, **direct).embedded == 0
    assert everything(library, server_url=direct["chroma_url"]) == expected
    shutil.rmtree(folder)


@pytest.mark.slow
def test_a_server_that_is_away(home: Path) -> None:
    folder, library = home / "others", home / "away"
    folder_edits.start(folder, random.Random(13))
    with quiet_port() as port:
        url = f"http://127.0.0.1:{port}"
        with pytest.raises(VectorServerAway, match=r"YINJU_CHROMA_URL") as raised:
            ingest(folder, library=library, chroma_url=url)
        assert "\n" not in str(raised.value)
        ingest(folder, library=library)
        with pytest.raises(VectorServerAway, match=r"YINJU_CHROMA_URL"):
            everything(library, server_url=url)
    assert everything(library)["人工智能"]


def test_a_server_that_comes_back_is_used_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, library = home / "back", home / "back-library"
    folder_edits.start(folder, random.Random(14))
    ingest(folder, library=library)
    away = Generations.open_dense

    def closed(*_: object) -> None:
        raise VectorServerAway("away")

    monkeypatch.setattr(Generations, "open_dense", closed)
    opened = Library.open(library, embedder="hash")
    with pytest.raises(VectorServerAway):
        found(opened, "人工智能")
    monkeypatch.setattr(Generations, "open_dense", away)
    assert found(opened, "人工智能")
    opened.close()


def test_a_large_index_is_filled_in_portions(
    home: Path, server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vectorstore.indexing.MAX_LOG", 10)
    monkeypatch.setattr(Staging, "entries", partialmethod(Staging.entries, batch=5))
    folder, library = home / "many", home / "portions"
    folder.mkdir()
    for number in range(23):
        (folder / f"{number}.md").write_text(
            f"# 第{number}篇\n\n第{number}篇文章的故事。\n", encoding="utf-8"
        )
    url = f"http://127.0.0.1:{server}"
    passages = ingest(folder, library=library, chroma_url=url).passages
    opened = Library.open(library, embedder="hash", server_url=url)
    with opened.reading() as snapshot:
        assert len(snapshot.dense) == passages  # type: ignore[arg-type]  # the exact one has no length
    opened.close()
