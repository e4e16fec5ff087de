"""Write the reader as the product loads it: `reader.onnx` (8-bit weights), `vocab.json`, `config.json`."""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from assistant.reading.neural_reader import INPUTS
from training.reader.model import Reader
from training.reader.texts import MAX_QUESTION
from training.reader.vocabulary import Vocabulary

CONFIG: dict[str, Any] = {
    "max_question": MAX_QUESTION,
    "max_passage": 1000,
    "max_span": 120,
    "batch": 8,
    "crossing": 3.0,
    "mass_weight": 0.8,
    "answerable_shift": 0.0,
    "answerable_temperature": 1.0,
}
OUTPUTS = ("start", "end", "evidence", "answerable")


class _Exported(nn.Module):
    """The reader with a plain tuple for its output."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader

    def forward(
        self, passage: Tensor, pairs: Tensor, question: Tensor, question_pairs: Tensor
    ) -> tuple[Tensor, ...]:
        """Return start, end, evidence and answerable logits."""
        logits = self.reader(passage, pairs, question, question_pairs)
        return logits.start, logits.end, logits.evidence, logits.answerable


def export(reader: Reader, vocabulary: Vocabulary, folder: Path, **config: float) -> None:
    """Write the three files of the model to `folder`."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folder.mkdir(parents=True, exist_ok=True)
    reader.eval()
    example = tuple(torch.randint(1, 99, shape) for shape in ((2, 70), (2, 70), (2, 12), (2, 12)))
    axes = {
        name: {0: "rows", 1: "asked" if "question" in name else "characters"} for name in (*INPUTS, *OUTPUTS)
    }
    axes["answerable"] = {0: "rows"}
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = Path(scratch) / "reader.onnx"
        torch.onnx.export(
            _Exported(reader),
            example,
            str(plain),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(
            plain,
            folder / "reader.onnx",
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["LSTM", "MatMul", "Gemm", "Gather"],
        )
    vocab = {"characters": vocabulary.characters, "bigrams": "".join(vocabulary.bigrams)}
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps(CONFIG | config, indent=1) + "\n", encoding="utf-8")
