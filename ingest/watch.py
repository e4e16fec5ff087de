"""Follow the remembered roots: ingest again whenever something under them changes."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ingest.discover import IGNORE_FILE, is_file
from ingest.errors import IngestError
from ingest.parse import SUFFIXES
from vectorstore.catalog import Catalog
from vectorstore.errors import VectorstoreError

if TYPE_CHECKING:
    from watchfiles.main import FileChange

logger = logging.getLogger(__name__)

_DEBOUNCE_MILLISECONDS = 1600
_QUIET_MILLISECONDS = 500  # without a change for so long, a burst of them is over
_PAUSES = 5  # of that length before a watch that was broken off begins anew
Places: TypeAlias = Mapping[Path, tuple[int, int] | None]
"""Which file or folder stands at each root, by device and inode; None where we can read none."""


def follow(library: Path, again: Callable[[], None], *, stop: threading.Event | None = None) -> None:
    """Call `again` once, then after each burst of changes under the library's roots, until interrupted.

    What goes wrong in one ingest (a root that is not mounted, another writer, a full disk) is said, and the
    next change tried again. The first call finds what changed before the watch began.
    """
    for changed in _bursts(library, stop or threading.Event()):
        logger.info("%d files changed", changed)
        try:
            again()
        except (IngestError, VectorstoreError, OSError) as error:
            logger.warning("%s", error)


def _bursts(library: Path, stop: threading.Event) -> Iterator[int]:
    """Yield how many files changed: once when a watch has begun, then after each burst of changes.

    The system watches the files and folders themselves, not their names. Where another one is put in the place
    of a root (a file that an editor saves whole, a folder that is copied anew), a new watch begins.
    """
    missing: set[Path] = set()
    while not stop.is_set():
        places = _places(_remembered(library))
        missing = _say_missing(places, missing)
        begun = False
        for found in _watched(places, stop):  # an empty set every now and then
            changed = sum(_matters(path, library.absolute()) for _, path in found)
            if changed or not begun:
                begun = True
                yield changed
            if _places(places) != places or _lost(places, found):
                break


def _remembered(library: Path) -> list[Path]:
    catalog = Catalog(library)
    try:
        return catalog.roots()
    finally:
        catalog.close()


def _places(roots: Iterable[Path]) -> Places:
    return {root: _place(root) for root in roots}


def _place(root: Path) -> tuple[int, int] | None:
    try:
        status = root.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if os.access(root, os.R_OK) else None


def _say_missing(places: Places, before: set[Path]) -> set[Path]:
    """Say which roots have gone since the last watch began; return all that are."""
    missing = {root for root, place in places.items() if place is None}
    for root in sorted(missing - before):
        name = repr(str(root))
        logger.warning("%s 不在了或打不开，等它回来 (%s is gone or closed to us: waiting for it)", name, name)
    return missing


def _lost(places: Places, found: set[FileChange]) -> bool:
    """Tell whether a root was deleted; what stands there now may have got its inode."""
    from watchfiles import Change

    return any(kind == Change.deleted and Path(path) in places for kind, path in found)


def _watched(places: Places, stop: threading.Event) -> Iterator[set[FileChange]]:
    """Yield what changes under the roots that are there, and an empty set where nothing did for a while."""
    from watchfiles import watch

    roots = [root for root, place in places.items() if place is not None]
    try:
        yield from watch(
            *roots, watch_filter=None, debounce=_DEBOUNCE_MILLISECONDS, step=_QUIET_MILLISECONDS,
            stop_event=stop, raise_interrupt=True, yield_on_timeout=True, rust_timeout=_QUIET_MILLISECONDS,
            ignore_permission_denied=True,
        )  # fmt: skip
    except (FileNotFoundError, PermissionError) as error:  # a folder went, or was closed, just now
        logger.warning("跟踪中断，重新开始 (the watch was broken off and begins anew): %s", error)
        stop.wait(_PAUSES * _QUIET_MILLISECONDS / 1000)


def _matters(path: str, library: Path) -> bool:
    """Tell whether a change may change the articles; what a library inside a root writes does not."""
    place = Path(path)
    if library in (place, *place.parents):
        return False
    # Any other file matters to nobody; a folder does, and what is gone may have been one.
    return place.suffix.lower() in SUFFIXES or place.name == IGNORE_FILE or not is_file(place)
