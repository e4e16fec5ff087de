"""Every embedder keeps the same contract."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from vectorstore.embedders import (
    Embedder,
    HashEmbedder,
    StaticEmbedder,
    open_embedder,
    unknown_share,
)
from vectorstore.errors import EmbedderUnavailable

TEXTS = [
    "腾讯发布AI生态计划，开放100项技术。",
    "上海的天气很好。",
    "",
    "，。！",
    "Latin words only",
    "😀" * 3,
    "长" * 5000,
]


def static_folder(folder: Path, words: list[str], *, dimension: int = 8) -> Path:
    """Write a sentence-transformers StaticEmbedding model that knows these words."""
    module = folder / "0_StaticEmbedding"
    module.mkdir(parents=True)
    tokenizer = Tokenizer(
        models.WordLevel({word: row for row, word in enumerate(["[UNK]", *words])}, "[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(module / "tokenizer.json"))
    weights = np.random.default_rng(7).standard_normal((len(words) + 1, dimension)).astype(np.float32)
    save_file({"embedding.weight": weights}, str(module / "model.safetensors"))
    modules = [
        {
            "idx": 0,
            "name": "0",
            "path": "0_StaticEmbedding",
            "type": "sentence_transformers.models.StaticEmbedding",
        }
    ]
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    return folder


def test_a_static_model_as_sentence_transformers_saves_it(tmp_path: Path) -> None:
    folder = static_folder(tmp_path / "mine", ["hello", "world"])
    expected = open_embedder(str(folder)).embed_question("hello")
    for file in (folder / "0_StaticEmbedding").iterdir():
        file.rename(folder / file.name)
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    (folder / "modules.json").write_text(json.dumps([modules[0] | {"path": ""}]), encoding="utf-8")
    np.testing.assert_array_equal(open_embedder(str(folder)).embed_question("hello"), expected)


@pytest.fixture(params=["hash", "yinju", "folder"])
def embedder(request: pytest.FixtureRequest, tmp_path: Path) -> Embedder:
    if request.param == "folder":
        return open_embedder(str(static_folder(tmp_path / "mine", ["hello", "world"])))
    return open_embedder(request.param)


def test_unit_rows_of_one_dimension(embedder: Embedder) -> None:
    vectors = embedder.embed_passages(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape[0] == len(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    question = embedder.embed_question(TEXTS[0])
    assert question.shape == vectors.shape[1:]
    assert question.dtype == np.float32


def test_the_same_alone_and_among_others(embedder: Embedder) -> None:
    together = embedder.embed_passages(TEXTS)
    alone = np.vstack([embedder.embed_passages([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_nothing_to_embed(embedder: Embedder) -> None:
    assert len(embedder.embed_passages([])) == 0


def test_fingerprint_is_stable_and_names_the_dimension(embedder: Embedder) -> None:
    assert embedder.fingerprint == embedder.fingerprint
    assert embedder.fingerprint.endswith(f"/{embedder.embed_question('引据').shape[0]}")


def test_traditional_and_full_width_are_the_same() -> None:
    for chosen in (HashEmbedder(), StaticEmbedder()):
        np.testing.assert_allclose(
            chosen.embed_question("騰訊ＡＩ計劃"), chosen.embed_question("腾讯ai计划"), atol=1e-6
        )


def test_other_weights_are_another_embedder(tmp_path: Path) -> None:
    one = open_embedder(str(static_folder(tmp_path / "a" / "model", ["hello"])))
    other = open_embedder(str(static_folder(tmp_path / "b" / "model", ["world"])))
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["gone", "cut short", "another's"])
def test_missing_and_broken_files(tmp_path: Path, name: str, damage: str) -> None:
    file = static_folder(tmp_path / "mine", ["hello"]) / "0_StaticEmbedding" / name
    if damage == "gone":
        file.unlink()
    elif damage == "cut short":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif name == "tokenizer.json":
        file.write_text("{}", encoding="utf-8")
    else:
        save_file({"weights": np.zeros((2, 2), np.float32)}, str(file))
    with pytest.raises(EmbedderUnavailable, match="reinstall yinju"):
        StaticEmbedder(tmp_path / "mine").embed_question("问")


def test_an_english_model_does_not_know_chinese(tmp_path: Path) -> None:
    english = open_embedder(str(static_folder(tmp_path / "english", ["hello", "world"])))
    chinese = ["今天天气很好", "腾讯发布了新的计划"]
    assert unknown_share(english, chinese) > 0.9
    assert unknown_share(english, ["hello world"]) == 0.0
    assert unknown_share(open_embedder("yinju"), chinese) < 0.2
    assert unknown_share(open_embedder("hash"), chinese) == 0.0
