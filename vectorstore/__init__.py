"""What a passage is and where it lives: the catalog, both indexes, embedders, fusion, retrieval."""

from vectorstore.article import Article, Hit, Passage
from vectorstore.catalog_reader import Filters
from vectorstore.errors import VectorstoreError
from vectorstore.library import Library

__all__ = ["Article", "Filters", "Hit", "Library", "Passage", "VectorstoreError"]
