"""The library as a LangChain retriever."""

from __future__ import annotations

from pathlib import Path

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from vectorstore.article import Hit
from vectorstore.catalog_reader import Filters
from vectorstore.library import Library
from vectorstore.search import search
from vectorstore.synonyms import read_synonyms
from vectorstore.time_wish import TimeWish


class HybridRetriever(BaseRetriever):
    """Lexical and dense search over a library, fused; documents carry the passage's place and score."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Library
    limit: int = 8
    synonyms: Path | None = None
    """A list of words that mean the same, one group a line."""

    def search(
        self, query: str, *, limit: int | None = None, filters: Filters | None = None,
        time: TimeWish | None = None,
    ) -> list[Hit]:  # fmt: skip
        """Return the best hits for a query; `time` is preferred, `filters` are required."""
        with self.library.reading() as snapshot:
            return search(
                snapshot, query, limit=self.limit if limit is None else limit, filters=filters, time=time,
                synonyms=read_synonyms(self.synonyms) if self.synonyms else None,
            )  # fmt: skip

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002
    ) -> list[Document]:
        return [to_document(hit) for hit in self.search(query)]


def to_document(hit: Hit) -> Document:
    """Return a hit as LangChain's Document; `start_index` is its offset in the article."""
    return Document(
        id=hit.passage_id,
        page_content=hit.text,
        metadata={
            "source": hit.source,
            "title": hit.title,
            "date": hit.published.isoformat() if hit.published else None,
            "url": hit.url,
            "article_id": hit.article_id,
            "passage_id": hit.passage_id,
            "start_index": hit.start_char,
            "end_index": hit.end_char,
            "score": hit.score,
            "rank": hit.rank,
        },
    )
