"""The dense index: passage ids and vectors in Chroma, in a folder of its generation or on a server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from vectorstore.causes import is_panic, tells_of_closed_folder, tells_of_full_disk
from vectorstore.clients import EmbeddedClient
from vectorstore.errors import LibraryDamaged, StorageFull, VectorServerAway, VectorstoreError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.config import Settings
    from numpy.typing import NDArray

COLLECTION = "passages"
MAX_BATCH = 2000  # an embedded Chroma takes 5,461 at most, a server may take less; larger ones are not faster
_HNSW = {"space": "cosine", "ef_search": 200, "max_neighbors": 16, "ef_construction": 100}
_MIN_SYNC = 2  # the least that Chroma takes
Errors = Callable[[], AbstractContextManager[None]]


class DenseIndex:
    """A Chroma collection that holds ids and vectors, nothing else."""

    def __init__(
        self, client: ClientAPI, name: str, *, close: Callable[[], None], create_for: int = 0, errors: Errors
    ) -> None:
        self._client = client
        self._close = close
        self._errors = errors
        self._count: int | None = None
        with errors():
            if create_for:
                self._collection = client.get_or_create_collection(
                    name, embedding_function=None, configuration=_configuration(create_for)
                )
            else:
                self._collection = client.get_collection(name, embedding_function=None)

    def __len__(self) -> int:
        """Return how many vectors the index holds."""
        if self._count is None:
            with self._errors():
                self._count = int(self._collection.count())
        return self._count

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Store vectors of shape (len(ids), dimension) under ids, replacing what stood there."""
        self._count = None
        for part in self._parts(len(ids)):
            with self._errors():
                self._collection.upsert(ids=list(ids[part]), embeddings=vectors[part])

    def remove(self, ids: Sequence[str]) -> None:
        """Forget ids; unknown ones are no error."""
        self._count = None
        for part in self._parts(len(ids)):
            with self._errors():
                self._collection.delete(ids=list(ids[part]))

    def _parts(self, count: int) -> Iterator[slice]:
        """Yield slices of no more than Chroma takes at once; -1 is a server that does not say."""
        if not count:
            return
        with self._errors():
            most = self._client.get_max_batch_size()
        size = min(MAX_BATCH, most) if most > 0 else MAX_BATCH
        for start in range(0, count, size):
            yield slice(start, start + size)

    def search(self, vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Return up to `limit` (passage id, cosine) pairs, best first."""
        count = min(limit, len(self))
        if count == 0:
            return []
        with self._errors():
            found: Any = self._collection.query(
                query_embeddings=vector.reshape(1, -1), n_results=count, include=["distances"]
            )
        return [(id_, 1.0 - float(d)) for id_, d in zip(found["ids"][0], found["distances"][0], strict=True)]

    def close(self) -> None:
        """Let go of the files, or of the server."""
        self._close()


def _configuration(changes: int) -> Any:
    """Return how an index is made, or changed, that is about to see so many changes.

    Chroma writes its graph when `sync_threshold` changes have come in, and keeps the rest in a log that every
    opening replays (400 vectors: 0.35 s). So the threshold is the number of changes until the index is closed.
    """
    return {"hnsw": {**_HNSW, "sync_threshold": max(_MIN_SYNC, changes)}}


def _settings() -> Settings:
    """Return Chroma's settings; making them reads the environment for 40 ms, a copy takes none."""
    return _read_settings().model_copy()


@cache
def _read_settings() -> Settings:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def open_embedded(folder: Path, *, create_for: int = 0) -> DenseIndex:
    """Open the dense index in a folder: to read it, or to make `create_for` changes to it."""

    def errors() -> AbstractContextManager[None]:
        return _embedded_errors(folder)

    exists = (folder / "chroma.sqlite3").is_file()
    if not exists and not create_for:
        raise LibraryDamaged(_damaged(folder, "没有文件", "no files"))
    with errors():
        if exists and create_for:
            with closing(EmbeddedClient(folder, _settings())) as changing:
                changing.api.get_collection(COLLECTION, embedding_function=None).modify(
                    configuration={"hnsw": {"sync_threshold": max(_MIN_SYNC, create_for)}}
                )
        client = EmbeddedClient(folder, _settings())
        try:
            made = 0 if exists else create_for
            return DenseIndex(client.api, COLLECTION, close=client.close, create_for=made, errors=errors)
        except BaseException:
            client.close()
            raise


@contextmanager
def _embedded_errors(folder: Path) -> Iterator[None]:
    """Turn what Chroma raises (its own InternalError, ValueError, Rust's panics) into ours."""
    try:
        yield
    except (VectorstoreError, OSError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        if tells_of_full_disk(error) or tells_of_closed_folder(error):
            raise StorageFull(_closed(folder, error)) from error
        raise LibraryDamaged(_damaged(folder, error, error)) from error


def _closed(folder: Path, error: BaseException) -> str:
    return (
        f"Chroma 要能写入才打得开向量索引 {str(folder)!r}（{error}）：请检查磁盘空间和权限 "
        f"(Chroma must write to open the dense index at {str(folder)!r}: {error}; check disk space and permissions)"
    )


def _damaged(folder: Path, chinese: object, english: object) -> str:
    return (
        f"向量索引 {str(folder)!r} 打不开（{chinese}）：请运行 yinju reingest --rebuild "
        f"(the dense index at {str(folder)!r} cannot be read: {english}; run `yinju reingest --rebuild`)"
    )


class ChromaServer:
    """A Chroma server that keeps one collection per library and generation."""

    def __init__(self, url: str, headers: Mapping[str, str], library_id: str) -> None:
        self._url = url
        self._headers = dict(headers)
        self._library_id = library_id

    @contextmanager
    def _client(self) -> Iterator[ClientAPI]:
        """Give a client that is closed unless the block keeps it by returning from it."""
        import chromadb

        address = urlsplit(self._url if "//" in self._url else f"http://{self._url}")
        secure = address.scheme == "https"
        with self._errors():
            client = chromadb.HttpClient(
                host=f"{address.scheme}://{address.netloc}{address.path}".rstrip("/"),
                port=address.port or (443 if secure else 80),
                ssl=secure,
                headers=self._headers,
                settings=_settings(),
            )
        try:
            yield client
        except BaseException:
            client.close()
            raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        from chromadb.errors import NotFoundError

        try:
            yield
        except (LibraryDamaged, VectorServerAway):
            raise
        except NotFoundError as error:
            raise LibraryDamaged(
                f"Chroma 服务器 {self._url!r} 上没有这个资料库的向量：请运行 yinju reingest "
                f"(the Chroma server at {self._url!r} does not hold this library: run `yinju reingest`)"
            ) from error
        except Exception as error:  # ValueError, httpx errors, or whatever a proxy answers
            detail = " ".join(str(error).split())[:200]
            raise VectorServerAway(
                f"用不了 Chroma 服务器 {self._url!r}（{detail}）：请检查 YINJU_CHROMA_URL、YINJU_CHROMA_HEADERS，"
                "并确认它在运行 "
                f"(cannot use the Chroma server at {self._url!r}: {detail}; check YINJU_CHROMA_URL and "
                "YINJU_CHROMA_HEADERS, and that it runs)"
            ) from error

    def name(self, generation: int) -> str:
        """Return the name of a generation's collection."""
        return f"yinju-{self._library_id}-{generation}"

    def open(self, generation: int, *, create_for: int = 0) -> DenseIndex:
        """Open a generation's collection: to read it, or to make it and fill it."""
        with self._client() as client:
            return DenseIndex(
                client, self.name(generation), close=client.close, create_for=create_for, errors=self._errors
            )

    def has(self, generation: int) -> bool:
        """Tell whether the server holds a generation's collection."""
        try:
            self.open(generation).close()
        except LibraryDamaged:
            return False
        return True

    def drop(self, generation: int) -> None:
        """Delete a generation's collection, where it exists."""
        from chromadb.errors import NotFoundError

        with self._client() as client:
            with self._errors(), suppress(NotFoundError):
                client.delete_collection(self.name(generation))
            client.close()
