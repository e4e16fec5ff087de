"""Errors of the library on disk.

VectorstoreError
├── LibraryMissing        there is no library at that path
├── LibraryInUse          another process is writing to it
├── LibraryTooNew         a newer version of Yinju made it
├── LibraryDamaged        an index or the catalog cannot be read or does not add up
├── EmbedderMismatch      the library was embedded by another embedder
├── EmbedderUnavailable   the embedder named by the settings cannot be loaded
├── VectorServerAway      the Chroma server cannot be reached
├── OpenedBeforeFork      a process uses a library that its parent opened
├── SynonymsUnreadable    the synonym list named by the settings cannot be read
└── StorageFull           the disk is full or read-only
"""

from __future__ import annotations


class VectorstoreError(Exception):
    """Root of this package's errors; the message says what happened and what to do."""


class LibraryMissing(VectorstoreError):
    """There is no library at that path."""


class LibraryInUse(VectorstoreError):
    """Another process is writing to the library."""


class LibraryTooNew(VectorstoreError):
    """A newer version of Yinju made the library."""


class LibraryDamaged(VectorstoreError):
    """An index or the catalog cannot be read, or they disagree."""


class EmbedderMismatch(VectorstoreError):
    """The library was embedded by another embedder than the one in the settings."""


class EmbedderUnavailable(VectorstoreError):
    """The embedder named by the settings cannot be loaded."""


class VectorServerAway(VectorstoreError):
    """The Chroma server named by the settings cannot be reached."""


class OpenedBeforeFork(VectorstoreError):
    """A process uses a library that its parent opened; threads and files are not copied by a fork."""


class SynonymsUnreadable(VectorstoreError):
    """The synonym list named by the settings cannot be read."""


class StorageFull(VectorstoreError):
    """The disk is full or read-only."""
