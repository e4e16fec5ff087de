"""Read a folder of articles into a library: files, articles, passages, indexes."""

from ingest.errors import IngestError
from ingest.parsed import Failure
from ingest.pipeline import ingest_paths
from ingest.report import IngestReport

__all__ = ["Failure", "IngestError", "IngestReport", "ingest_paths"]
