"""One generation of a library, open for reading."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from vectorstore.allowed import Allowed
from vectorstore.catalog import Catalog
from vectorstore.catalog_reader import CatalogReader
from vectorstore.dense import DenseIndex
from vectorstore.embedders import Embedder
from vectorstore.errors import LibraryDamaged, StorageFull, VectorstoreError
from vectorstore.exact import ExactIndex
from vectorstore.generations import Generations
from vectorstore.lock import Lease

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEW = 1000
"""Of so many passages the vectors are read for each search, rather than those of the whole library once."""

logger = logging.getLogger(__name__)


class Snapshot:
    """One generation, open for reading; it is kept on disk until it is closed.

    The dense index opens in the background (importing Chroma takes most of a second): whoever needs it first
    waits for it.
    """

    def __init__(
        self, catalog: Catalog, generation: int, *, embedder: Embedder, generations: Generations
    ) -> None:
        self._lease = Lease(generations.folder, generation)
        self._generations = generations
        self._opening: Future[DenseIndex | ExactIndex] = Future()
        self.catalog = catalog
        self.generation = generation
        self.embedder = embedder
        self.reader = CatalogReader(catalog, generation)
        self.exact = ExactIndex(self.reader, embedder.fingerprint)
        self.users = 0
        self.replaced_by: int | None = None  # once the library has moved on to another generation
        threading.Thread(target=self._open_dense, daemon=True, name="dense").start()
        try:
            self.lexical = generations.open_lexical(generation)
        except BaseException:
            self.close()
            raise

    def _open_dense(self) -> None:
        try:
            self._opening.set_result(self._dense_or_exact())
        except BaseException as error:
            self._opening.set_exception(error)

    def _dense_or_exact(self) -> DenseIndex | ExactIndex:
        """Open the dense index; where its files cannot be used (damaged, a failing disk), search without it.

        So it is in a folder that we may only read: Chroma writes to what it opens.
        """
        if self._generations.server is not None:
            return self._generations.open_dense(self.generation)
        try:
            return self._read_graph(self._generations.open_dense(self.generation))
        except (LibraryDamaged, StorageFull, OSError) as error:
            return self._without_graph(error)

    def _read_graph(self, dense: DenseIndex) -> DenseIndex:
        """Have Chroma read its graph now, rather than at the first question."""
        try:
            dense.search(self.embedder.embed_question(""), 1)
        except BaseException:
            dense.close()
            raise
        return dense

    @property
    def failed(self) -> bool:
        """Whether the dense index could not be opened: the next question tries again."""
        return self._opening.done() and self._opening.exception() is not None

    @property
    def dense(self) -> DenseIndex | ExactIndex:
        """The dense index."""
        return self._opening.result()

    def rank(self, vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Return the best (passage id, cosine) pairs of all passages.

        A graph that fails under a question, because its folder was deleted or its disk gives up, is searched
        without, as one that cannot be opened is: the vectors of the catalog that we hold give the same answer.
        """
        try:
            return self.dense.search(vector, limit)
        except (LibraryDamaged, StorageFull, OSError) as error:
            if self._generations.server is not None:
                raise
            return self._without_graph(error).search(vector, limit)

    def _without_graph(self, error: Exception) -> ExactIndex:
        # Its words alone: whoever keeps the record would keep with the error our frames, and so our files.
        logger.warning("searching without the dense index: %s", str(error))
        return self.exact

    def rank_among(
        self, vector: NDArray[np.float32], allowed: Allowed, limit: int
    ) -> list[tuple[str, float]]:
        """Return the best (passage id, cosine) pairs among those allowed, exactly; for filtered searches."""
        if len(allowed) > FEW:
            return self.exact.search(vector, limit, among=allowed)
        ids, vectors = self.reader.vectors(self.embedder.fingerprint, sorted(allowed.ids))
        scores = (vectors @ vector).tolist() if ids else []
        return sorted(zip(ids, scores, strict=True), key=lambda pair: -pair[1])[:limit]

    def close(self) -> None:
        """Let go of the generation's files, as soon as none of them is still being opened."""
        self._opening.add_done_callback(self._let_go)

    def _let_go(self, opening: Future[DenseIndex | ExactIndex]) -> None:
        if opening.exception() is None:  # else whoever asked for it has been told
            opening.result().close()
        self._lease.release()
        if self.replaced_by is not None and self.replaced_by > self.generation:
            threading.Thread(target=self._remove, daemon=True, name="remove").start()

    def _remove(self) -> None:
        """Remove the replaced generation, which its ingest had to leave to us, unless others read it still.

        Its last reader removes it; where that fails, the next ingest does.
        """
        try:
            self._generations.remove(self.generation)
        except (OSError, VectorstoreError) as error:
            logger.info("generation %d is left to the next ingest: %s", self.generation, error)
