"""Follow the remembered roots: ingest again whenever something under them changes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from vectorstore.catalog import Catalog

logger = logging.getLogger(__name__)


def follow(library: Path, again: Callable[[], None]) -> None:
    """Call `again` after each burst of changes under the library's roots, until interrupted."""
    from watchfiles import watch

    catalog = Catalog(library)
    roots = [root for root in catalog.roots() if root.exists()]
    catalog.close()
    for changes in watch(*roots, debounce=1600, raise_interrupt=True):
        logger.info("%d files changed", len(changes))
        again()
