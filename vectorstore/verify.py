"""Compare the indexes of a generation with the catalog."""

from __future__ import annotations

from collections.abc import Sequence

from vectorstore.allowed import key_of
from vectorstore.catalog_reader import CatalogReader
from vectorstore.dense import DenseIndex
from vectorstore.errors import LibraryDamaged
from vectorstore.lexical import LexicalIndex
from vectorstore.words import terms

PROBES = 64
SEARCHED = 4  # of them by their words: a search reads what a look-up by id does not
# HNSW is approximate: in a sound index of 42k passages 1 probe in 3,000 misses (benchmarks/ingest.py), in one
# that has lost vectors a third do (STACK.md 1.3).
_MAX_MISSES = 2
_SAME = 0.99  # the cosine of a vector with itself, kept in half precision


def check_indexes(
    *, dense: DenseIndex, lexical: LexicalIndex, reader: CatalogReader, fingerprint: str, passages: int
) -> None:
    """Check that both indexes hold every passage, and that stored vectors and passages find themselves.

    Raises:
        LibraryDamaged: a count differs, or what is stored is not found.
    """
    if len(dense) != passages or len(lexical) != passages:
        raise LibraryDamaged(
            f"索引与目录不一致：目录 {passages} 段，向量 {len(dense)}，词语 {len(lexical)}；"
            "请运行 yinju reingest --rebuild "
            f"(the catalog holds {passages} passages, the dense index {len(dense)}, the lexical {len(lexical)}: "
            "run `yinju reingest --rebuild`)"
        )
    ids, vectors = reader.probes(fingerprint, PROBES)
    lost = [id_ for id_, vector in zip(ids, vectors, strict=True) if not _finds(dense, vector)]
    if len(lost) > _MAX_MISSES or (lost and len(lost) == len(ids)):
        raise LibraryDamaged(
            f"向量索引找不到 {len(ids)} 个已存段落中的 {len(lost)} 个：请运行 yinju reingest --rebuild "
            f"(the dense index does not find {len(lost)} of {len(ids)} stored passages: "
            "run `yinju reingest --rebuild`)"
        )
    broken = lexical.broken_files()
    if broken:
        raise LibraryDamaged(
            f"词语索引的文件 {broken[0]!r} 损坏：请运行 yinju reingest --rebuild "
            f"(the file {broken[0]!r} of the lexical index is damaged: run `yinju reingest --rebuild`)"
        )
    missing = _lost_words(lexical, reader, ids)
    if missing:
        raise LibraryDamaged(
            f"词语索引里没有段落 {missing[0]!r}：请运行 yinju reingest --rebuild "
            f"(the lexical index has lost passage {missing[0]!r}: run `yinju reingest --rebuild`)"
        )


def _lost_words(lexical: LexicalIndex, reader: CatalogReader, ids: Sequence[str]) -> list[str]:
    """Return those of the passages that the lexical index has lost; every file of it is read for that."""
    known = set(lexical.keys().tolist())
    lost = [id_ for id_ in ids if key_of(id_) not in known or id_ not in lexical]
    for passage in reader.passages(ids[:SEARCHED]).values():
        words = dict.fromkeys(terms(passage.text), 1.0)
        if words and not lexical.search(words, 1):
            lost.append(passage.passage_id)
    return lost


def _finds(dense: DenseIndex, vector: object) -> bool:
    found = dense.search(vector, 1)  # type: ignore[arg-type]  # a row of the array of probes
    return bool(found) and found[0][1] >= _SAME
