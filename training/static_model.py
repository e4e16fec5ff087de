"""Save a table of rows as a sentence-transformers folder, and prove that every reader agrees."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

WEIGHTS_FOLDER = "0_StaticEmbedding"
TOLERANCE = 2e-3
"""Largest difference allowed between readers, per component of a unit vector (half precision)."""


def save_model(out: Path, tokenizer: Tokenizer, rows: npt.NDArray[np.float16]) -> None:
    """Write the model beside `out`, then put it in place by renaming."""
    import torch  # heavy, and only training needs it
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    module = StaticEmbedding(tokenizer, embedding_weights=torch.from_numpy(rows))
    model = SentenceTransformer(modules=[module, Normalize()], device="cpu")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        fresh = Path(folder) / "fresh"
        model.save_pretrained(str(fresh), create_model_card=False)
        _move_weights(fresh)
        if out.exists():
            out.rename(Path(folder) / "old")
        fresh.rename(out)


def _move_weights(folder: Path) -> None:
    """Give the weights a folder of their own: sentence-transformers leaves them in the root."""
    part = folder / WEIGHTS_FOLDER
    part.mkdir()
    for name in ("model.safetensors", "tokenizer.json"):
        (folder / name).rename(part / name).chmod(0o644)
    index = folder / "modules.json"
    modules = json.loads(index.read_text(encoding="utf-8"))
    modules[0]["path"] = WEIGHTS_FOLDER
    index.write_text(json.dumps(modules, indent=2) + "\n", encoding="utf-8")


def embed_with_numpy(folder: Path, texts: list[str]) -> npt.NDArray[np.float32]:
    """Embed folded texts as the product does: numpy, safetensors and tokenizers, no torch."""
    from safetensors.numpy import load_file

    part = folder / WEIGHTS_FOLDER
    tokenizer = Tokenizer.from_file(str(part / "tokenizer.json"))
    rows = load_file(part / "model.safetensors")["embedding.weight"].astype(np.float32)
    means = np.zeros((len(texts), rows.shape[1]), dtype=np.float32)
    for place, encoding in enumerate(tokenizer.encode_batch_fast(texts, add_special_tokens=False)):
        if encoding.ids:
            means[place] = rows[encoding.ids].mean(axis=0)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return means


def check_readers(folder: Path, texts: list[str]) -> float:
    """Return the largest difference between sentence-transformers and numpy; raise if it matters."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    difference = float(np.abs(model.encode(texts) - embed_with_numpy(folder, texts)).max())
    if difference > TOLERANCE:
        raise ValueError(f"sentence-transformers and numpy differ by {difference!r}: see {folder}")
    return difference


def folder_megabytes(folder: Path) -> float:
    """Return the size of all files of a folder, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
