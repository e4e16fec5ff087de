"""Turn texts into unit vectors: our own static model, any sentence-transformers model, or a hash."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from vectorstore.errors import EmbedderUnavailable
from vectorstore.fold import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    Vectors = NDArray[np.float32]

BUNDLED_MODEL = "zh-static-256"
MAX_TOKENS_STATIC = 512
_STATIC_FILES = ("model.safetensors", "tokenizer.json")


class Embedder(Protocol):
    """Embeds texts as L2-normalised float32 rows."""

    @property
    def fingerprint(self) -> str:
        """Name, revision and dimension: vectors of different fingerprints never mix."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (len(texts), dimension)."""
        ...

    def embed_question(self, question: str) -> Vectors:
        """Return an array of shape (dimension,)."""
        ...


def normalise(vectors: Vectors) -> Vectors:
    """Return the rows divided by their L2 norm; a zero row becomes the first unit vector."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    empty = norms[:, 0] == 0
    if empty.any():
        vectors[empty, 0] = 1.0
        norms[empty] = 1.0
    return np.asarray(vectors / norms, dtype=np.float32)


class StaticEmbedder:
    """A sentence-transformers StaticEmbedding folder, read with numpy alone: mean of token rows."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(str(files("vectorstore"))) / "models" / BUNDLED_MODEL
        for name in _STATIC_FILES:
            if not (self._module / name).is_file():
                raise EmbedderUnavailable(_unusable(self._folder, f"缺少 {name}", f"{name} is missing"))

    @cached_property
    def _module(self) -> Path:
        """The folder of the weights; sentence-transformers saves a first module beside modules.json itself."""
        try:
            return self._folder / str(_modules(self._folder)[0]["path"])
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise EmbedderUnavailable(_unusable(self._folder, error, error)) from error

    @cached_property
    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for name in _STATIC_FILES:
            digest.update((self._module / name).read_bytes())
        return f"{self._folder.name}@{digest.hexdigest()[:12]}/{self._weights.shape[1]}"

    @cached_property
    def _weights(self) -> Vectors:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            tensors = load_file(str(self._module / "model.safetensors"))
            return np.asarray(tensors["embedding.weight"], dtype=np.float32)
        except (SafetensorError, OSError, KeyError) as error:
            raise EmbedderUnavailable(_unusable(self._folder, error, error)) from error

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
        try:
            tokenizer = Tokenizer.from_file(str(self._module / "tokenizer.json"))
        except Exception as error:  # tokenizers raises nothing narrower
            raise EmbedderUnavailable(_unusable(self._folder, error, error)) from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS_STATIC)
        return tokenizer

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch_fast(
            [fold(text) for text in texts], add_special_tokens=False
        )
        vectors = np.zeros((len(texts), self._weights.shape[1]), dtype=np.float32)
        for row, encoding in enumerate(encodings):
            if encoding.ids:
                vectors[row] = self._weights[encoding.ids].sum(axis=0)  # the direction of their mean
        return normalise(vectors)

    def embed_question(self, question: str) -> Vectors:
        return np.asarray(self.embed_passages([question])[0], dtype=np.float32)

    def count_unknown(self, texts: Sequence[str]) -> int:
        """Return how many characters of `texts` became unknown tokens."""
        return _count_unknown(self._tokenizer, [fold(text) for text in texts])


def _unusable(folder: Path, chinese: object, english: object) -> str:
    return (
        f"向量模型 {str(folder)!r} 用不了（{chinese}）：请重新安装 yinju，自己的模型则重新下载 "
        f"(the embedder at {str(folder)!r} cannot be used: {english}; reinstall yinju, or fetch your own model again)"
    )


class SentenceTransformerEmbedder:
    """Any sentence-transformers model by local path or by the name of one that is already on disk."""

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _model(self) -> SentenceTransformer:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a model is loaded, never fetched behind one's back
        os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(self._name)
        except (OSError, ValueError) as error:
            raise EmbedderUnavailable(
                f"无法加载向量模型 {self._name!r}：请先把它下载到本机，再设 YINJU_EMBEDDER=文件夹路径 "
                f"(cannot load embedder {self._name!r}: download it first, then give its folder)"
            ) from error

    @cached_property
    def fingerprint(self) -> str:
        weights = self._model.encode_query("引据", normalize_embeddings=True)  # tells revisions apart
        probe = hashlib.sha256(np.round(np.asarray(weights), 3).tobytes()).hexdigest()[:12]
        return f"{Path(self._name).name}@{probe}/{self._model.get_embedding_dimension()}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(
            self._model.encode_document(list(texts), normalize_embeddings=True, show_progress_bar=False),
            dtype=np.float32,
        )

    def embed_question(self, question: str) -> Vectors:
        return np.asarray(
            self._model.encode_query(question, normalize_embeddings=True, show_progress_bar=False),
            dtype=np.float32,
        )

    def count_unknown(self, texts: Sequence[str]) -> int:
        """Return how many characters of `texts` became unknown tokens."""
        backend = getattr(self._model.tokenizer, "backend_tokenizer", self._model.tokenizer)
        return _count_unknown(backend, texts) if hasattr(backend, "encode_batch") else 0


class HashEmbedder:
    """A deterministic fake for tests: counts of hashed character bigrams."""

    def __init__(self, dimension: int = 64) -> None:
        self._dimension = dimension

    @property
    def fingerprint(self) -> str:
        return f"hash@1/{self._dimension}"

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            folded = fold(text)
            for first, second in pairwise(folded):
                bucket = int.from_bytes(
                    hashlib.blake2b((first + second).encode(), digest_size=4).digest(), "big"
                )
                vectors[row, bucket % self._dimension] += 1.0
        return normalise(vectors)

    def embed_question(self, question: str) -> Vectors:
        return np.asarray(self.embed_passages([question])[0], dtype=np.float32)


def open_embedder(name: str) -> Embedder:
    """Return the embedder a setting names: `yinju` (ours), `hash` (a fake), or a model name or folder."""
    if name == "yinju":
        return StaticEmbedder()
    if name == "hash":
        return HashEmbedder()
    folder = Path(name).expanduser()
    if _is_static(folder):
        return StaticEmbedder(folder)
    return SentenceTransformerEmbedder(str(folder) if folder.is_dir() else name)


def _is_static(folder: Path) -> bool:
    if not (folder / "modules.json").is_file():
        return False
    types = [module["type"].rsplit(".", 1)[-1] for module in _modules(folder)]
    return types in (["StaticEmbedding"], ["StaticEmbedding", "Normalize"])


def _modules(folder: Path) -> list[dict[str, Any]]:
    modules: list[dict[str, Any]] = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    return modules


def _count_unknown(tokenizer: Tokenizer, texts: Sequence[str]) -> int:
    model = json.loads(tokenizer.to_str())["model"]
    unknown = model.get("unk_token")
    number = model.get("unk_id") if unknown is None else tokenizer.token_to_id(unknown)
    if number is None:
        return 0
    return sum(
        end - start
        for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)
        for token, (start, end) in zip(encoding.ids, encoding.offsets, strict=True)
        if token == number
    )


def unknown_share(embedder: Embedder, texts: Sequence[str]) -> float:
    """Return the share of the characters of `texts` that the embedder's vocabulary does not know."""
    count = getattr(embedder, "count_unknown", None)
    total = sum(len(text) for text in texts)
    return min(1.0, count(texts) / total) if count is not None and total else 0.0
