"""Write the model card: what the rows were learnt from, how they were measured, and by what command."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from training.static_model import folder_megabytes

LICENCES = {
    "cmrc2018_train.qa": "CC BY-SA 4.0",
    "squad2_zh_mt.qa": "CC BY-SA 4.0 (machine translated)",
    "dureader2_demo.pairs": "Apache-2.0",
    "crud_title_body.pairs": "Apache badge on the repository",
    "crud_news.text": "Apache badge on the repository",
    "cctv_news.text": "badge on the repository",
    "csl.pairs": "Apache-2.0",
    "csl_abstracts.text": "Apache-2.0",
    "headlines.text": "badge on the repository",
    "medical_qa.pairs": "MIT",
    "laws_cn.pairs": "statutes",
}
"""Every file the weights were learnt from."""

CARD = Template("""\
# zh-static-256

A small static embedder for Chinese: an embedding is the mean of the rows of a text's pieces,
L2-normalised. $pieces pieces, 256 dimensions, half precision, about $megabytes MB. Fold the text
first (`vectorstore.fold.fold`: traditional to simplified, half width, lower case). It loads in
sentence-transformers, and in numpy with tokenizers and safetensors; both give the same embeddings
within $difference per component.

## How it was made

`python -m training.embedder --data DIR --out DIR --dev DIR`: $minutes minutes on $machine, $date.
Pieces chosen by cohesion, first rows from PPMI and SVD, then InfoNCE over in-batch passages,
hard negatives mined with BM25, and groups of neighbouring news passages. Seeds are fixed.

## Learnt from

| file | licence |
|---|---|
$licences

No row of these files is stored here; every evaluation set is disjoint from them.

## Figures

Share of questions whose best passage, by brute force over the set's whole passage file, is an
answer (or a near duplicate of one). Dense only: the product fuses it with BM25.

| set | R@1 |
|---|---|
$figures

## Limits

Word order and negation are invisible to a mean of rows; names cut into single characters are found
less surely than by BM25. Text outside news, encyclopaedic, medical and legal Chinese is little
seen, other languages hardly at all.
""")


def machine() -> str:
    """Return the system, the architecture and the number of cores, without naming the host."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def write_card(
    folder: Path, figures: Mapping[str, float], *, pieces: int, difference: float, minutes: float
) -> None:
    """Write the model card of a saved model."""
    card = CARD.substitute(
        pieces=f"{pieces:,}",
        megabytes=f"{folder_megabytes(folder):.1f}",
        difference=f"{difference:.0e}",
        minutes=f"{minutes:.0f}",
        machine=machine(),
        date=datetime.now(UTC).date().isoformat(),
        licences="\n".join(f"| {name} | {licence} |" for name, licence in LICENCES.items()),
        figures="\n".join(f"| {name} | {figure:.3f} |" for name, figure in figures.items()),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
