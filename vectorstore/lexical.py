"""The lexical index: BM25 over character bigrams, words and numbers, in tantivy."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.allowed import Allowed, id_of, key_of
from vectorstore.catalog_file import no_room
from vectorstore.causes import is_panic, may_write, tells_of_closed_folder, tells_of_full_disk
from vectorstore.checksums import broken_files
from vectorstore.errors import LibraryDamaged, StorageFull
from vectorstore.words import TERMS_VERSION, terms

if TYPE_CHECKING:
    import tantivy
    from numpy.typing import NDArray

TITLE_WEIGHT = 0.5
FETCHED_PER_NAMED = 12
"""How many hits cost as much as naming one passage to tantivy (0.7 and 8 microseconds of one core)."""
_WRITER_MEMORY_BYTES = 64_000_000
_VERSION_FILE = "terms-version"
_LAYOUT = 2  # of the fields below


def _version() -> str:
    return f"{TERMS_VERSION}.{_LAYOUT}"


def is_current(folder: Path) -> bool:
    """Tell whether a folder looks like a lexical index of the terms that queries are cut into today."""
    version = folder / _VERSION_FILE
    try:
        return (folder / "meta.json").is_file() and version.read_bytes() == _version().encode()
    except OSError:  # it is not there, or nothing that can be read
        return False


@contextmanager
def _tantivy_errors(folder: Path) -> Iterator[None]:
    """Turn what tantivy raises into ours: ValueError, OSError, TypeError for a column, Rust's panics."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, (ValueError, OSError, TypeError)) and not is_panic(error):
            raise
        if tells_of_full_disk(error) or tells_of_closed_folder(error):
            raise StorageFull(no_room(folder, error)) from error
        raise LibraryDamaged(
            f"词语索引 {str(folder)!r} 打不开（{error}）：请运行 yinju reingest --rebuild "
            f"(the lexical index at {str(folder)!r} cannot be opened: {error}; run `yinju reingest --rebuild`)"
        ) from error


@contextmanager
def _place_for_locks(folder: Path) -> Iterator[Path]:
    """Give a folder that tantivy, which locks the index even to read it, can open.

    Where it may not write to the index, that is one of links to it; what is open stays so without them.
    """
    if may_write(folder, *folder.glob("*.lock")):
        yield folder
        return
    with TemporaryDirectory(prefix="yinju-", ignore_cleanup_errors=True) as place:  # it may be locking still
        for path in folder.resolve().iterdir():
            if path.suffix != ".lock":
                (Path(place) / path.name).symlink_to(path)
        yield Path(place)


class LexicalIndex:
    """A tantivy index of passages; opened for reading, or for one round of changes."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        import tantivy

        self._folder = folder
        with _tantivy_errors(folder):
            if create:
                folder.mkdir(parents=True, exist_ok=True)
                self._index = tantivy.Index(_schema(), path=str(folder))
                self._searcher = self._index.searcher()
                (folder / _VERSION_FILE).write_text(_version(), encoding="ascii")
            else:
                if (folder / "meta.json").is_file() and not is_current(folder):
                    raise LibraryDamaged(
                        "词语索引由另一个版本的 Yinju 建立：请运行 yinju reingest "
                        "(the lexical index was built by another version of Yinju: run `yinju reingest`)"
                    )
                with _place_for_locks(folder) as place:
                    self._index = tantivy.Index.open(str(place))
                    self._searcher = self._index.searcher()

    def __len__(self) -> int:
        """Return how many passages the index holds."""
        return int(self._searcher.num_docs)

    def __contains__(self, passage_id: object) -> bool:
        """Tell whether the index holds a passage."""
        import tantivy

        with _tantivy_errors(self._folder):
            query = tantivy.Query.term_query(self._index.schema, "id", str(passage_id))
            return bool(self._searcher.search(query, 1).hits)

    def keys(self) -> NDArray[np.uint64]:
        """Return the key of every passage, as a search reads them."""
        import tantivy

        return self._found(tantivy.Query.all_query(), max(1, len(self)))[1]

    def broken_files(self) -> list[str]:
        """Return the files whose content is not what was written; all of it is read."""
        with _tantivy_errors(self._folder):
            return broken_files(self._folder)

    def change(self, removed: Iterable[str], added: Iterable[Sequence[tuple[str, str, str]]]) -> None:
        """Remove passage ids, then add batches of (passage id, title, text); all in one commit."""
        import tantivy

        with _tantivy_errors(self._folder):
            writer = self._index.writer(heap_size=_WRITER_MEMORY_BYTES, num_threads=1)
            for passage_id in removed:
                writer.delete_documents_by_term("id", passage_id)
            heading, title_terms = "", ""
            for batch in added:
                for passage_id, title, text in batch:
                    if title != heading:  # the passages of an article follow each other
                        heading, title_terms = title, " ".join(terms(title))
                    document = tantivy.Document()
                    document.add_text("id", passage_id)
                    document.add_unsigned("key", key_of(passage_id))
                    document.add_text("title", title_terms)
                    document.add_text("body", " ".join(terms(text)))
                    writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()
            for path in (self._folder / "meta.json", self._folder / ".managed.json"):
                shutil.copymode(self._folder / _VERSION_FILE, path)  # tantivy keeps them to their owner
            self._index.reload()
            self._searcher = self._index.searcher()

    def search(self, weighted_terms: dict[str, float], limit: int) -> list[tuple[str, float]]:
        """Return up to `limit` (passage id, BM25 score) pairs, best first; a term has its weight."""
        return self._pairs(*self._found(self._query(weighted_terms), limit)) if weighted_terms else []

    def search_among(
        self, weighted_terms: dict[str, float], limit: int, *, allowed: Allowed
    ) -> list[tuple[str, float]]:
        """Return up to `limit` pairs of allowed passages: picked out of many, or searched for by name.

        Of how many is a guess that words do not care for the filter; where it fails, they are named after all.
        """
        import tantivy

        if not weighted_terms or not len(allowed):
            return []
        query = self._query(weighted_terms)
        fetched = limit * len(self) // len(allowed)
        if fetched <= FETCHED_PER_NAMED * len(allowed):
            scores, keys = self._found(query, fetched)
            kept = np.flatnonzero(allowed.holds(keys))[:limit]
            if 2 * len(kept) >= limit or len(keys) < fetched:  # enough, or all that has the words
                return self._pairs(scores[kept], keys[kept])
        named = tantivy.Query.term_set_query(self._index.schema, "id", sorted(allowed.ids))
        named = tantivy.Query.const_score_query(named, 0.0)
        both = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, named)])
        return self._pairs(*self._found(both, limit))

    def _found(self, query: tantivy.Query, limit: int) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
        with _tantivy_errors(self._folder):
            hits = self._searcher.search(query, limit, count=False).hits
            keys = self._searcher.fast_field_values("key", [address for _, address in hits])
            if None in keys:
                raise ValueError("a passage has lost its key")
            return np.array([score for score, _ in hits]), np.array(keys, dtype=np.uint64)

    def _pairs(self, scores: NDArray[np.float64], keys: NDArray[np.uint64]) -> list[tuple[str, float]]:
        pairs = zip(map(id_of, keys.tolist()), scores.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _query(self, weighted_terms: dict[str, float]) -> tantivy.Query:
        import tantivy

        clauses = []
        schema = self._index.schema
        for term, weight in weighted_terms.items():
            for field, factor in (("body", 1.0), ("title", TITLE_WEIGHT)):
                clause = tantivy.Query.boost_query(
                    tantivy.Query.term_query(schema, field, term), weight * factor
                )
                clauses.append((tantivy.Occur.Should, clause))
        return tantivy.Query.boolean_query(clauses)

    def document_frequency(self, term: str) -> int:
        """Return in how many passages a term occurs."""
        return self.document_frequencies([term])[term]

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """Return of each term in how many passages it occurs."""
        with _tantivy_errors(self._folder):
            return {term: int(self._searcher.doc_freq("body", term)) for term in terms}


def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", fast=True)
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("body", tokenizer_name="whitespace", index_option="freq")
    return builder.build()
