"""Follow the remembered roots: ingest again whenever something under them changes."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

from ingest.discover import IGNORE_FILE, is_file
from ingest.errors import IngestError
from ingest.parse import SUFFIXES
from vectorstore.catalog import Catalog
from vectorstore.errors import VectorstoreError

logger = logging.getLogger(__name__)

_DEBOUNCE_MILLISECONDS = 1600
_QUIET_MILLISECONDS = 500  # without a change for so long, a burst of them is over


def follow(library: Path, again: Callable[[], None], *, stop: threading.Event | None = None) -> None:
    """Call `again` once, then after each burst of changes under the library's roots, until interrupted.

    What goes wrong in one ingest (a root that is not mounted, another writer) is said, and the next change
    tried again. The first call finds what changed before the watch began.
    """
    from watchfiles import watch

    catalog = Catalog(library)
    roots = [root for root in catalog.roots() if os.access(root, os.R_OK)]
    catalog.close()
    own = library.absolute()

    def wanted(path: str) -> bool:
        place = Path(path)
        if own in (place, *place.parents):
            return False
        # Any other file matters to nobody; a folder does, and what is gone may have been one.
        return place.suffix.lower() in SUFFIXES or place.name == IGNORE_FILE or not is_file(place)

    changes = watch(
        *roots, watch_filter=None, debounce=_DEBOUNCE_MILLISECONDS, step=_QUIET_MILLISECONDS,
        stop_event=stop, raise_interrupt=True, yield_on_timeout=True, rust_timeout=_QUIET_MILLISECONDS,
        ignore_permission_denied=True,
    )  # fmt: skip
    begun = False
    for found in changes:  # an empty set every now and then; what a library inside a root writes is no change
        changed = [path for _, path in found if wanted(path)]
        if begun and not changed:
            continue
        begun = True
        logger.info("%d files changed", len(changed))
        try:
            again()
        except (IngestError, VectorstoreError) as error:
            logger.warning("%s", error)
