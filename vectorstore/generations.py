"""Where the generations of the indexes live, and how those that nobody reads are removed.

A generation is a folder `indexes/<number>` with a dense and a lexical index. It is changed only before it
becomes current; a process killed at any moment leaves the current one untouched and answering.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from vectorstore.catalog import Catalog
from vectorstore.dense import ChromaServer, DenseIndex, open_embedded
from vectorstore.lexical import LexicalIndex, is_current
from vectorstore.lock import leases, unleased
from vectorstore.staging import Staging

Progress = Callable[[str, int, int], None]  # stage, done, total


def indexes_folder(library: Path) -> Path:
    """Return where a library keeps its generations."""
    return library / "indexes"


class Generations:
    """The generations of a library: their folders, and their collections where a Chroma server has them."""

    def __init__(self, library: Path, server: ChromaServer | None = None) -> None:
        self.folder = indexes_folder(library)
        self.server = server

    def path(self, number: int) -> Path:
        """Return the folder of a generation."""
        return self.folder / str(number)

    def usable(self, number: int) -> bool:
        """Tell whether a generation has both its indexes, by their looks."""
        if number == 0 or not is_current(self.path(number) / "lexical"):
            return False
        if self.server is not None:
            return self.server.has(number)
        return (self.path(number) / "dense" / "chroma.sqlite3").is_file()

    def open_lexical(self, number: int, *, create: bool = False) -> LexicalIndex:
        """Open the lexical index of a generation."""
        return LexicalIndex(self.path(number) / "lexical", create=create)

    def open_dense(self, number: int, *, create_for: int = 0) -> DenseIndex:
        """Open the dense index of a generation; `create_for` makes one that is to hold so many vectors."""
        if self.server is not None:
            return self.server.open(number, create_for=create_for)
        return open_embedded(self.path(number) / "dense", create_for=create_for)

    def copy(self, current: int, following: int) -> None:
        """Begin a generation with what the current one holds."""
        shutil.copytree(self.path(current), self.path(following), dirs_exist_ok=True)

    def remove(self, number: int) -> bool:
        """Remove a generation, unless somebody reads it; tell whether it is gone."""
        with unleased(self.folder, number) as free:
            if free:
                if self.server is not None:
                    self.server.drop(number)
                shutil.rmtree(self.path(number), ignore_errors=True)
            return free

    def others(self, current: int) -> list[int]:
        """Return the generations, other than the current one, of which something is on disk."""
        folders = {int(path.name) for path in self.folder.iterdir() if path.name.isdigit()}
        return sorted((folders | set(leases(self.folder))) - {current})

    def collect_garbage(self, catalog: Catalog, *, flipped: bool) -> None:
        """Remove the generations, and the catalog's rows, that no process reads any more."""
        current = catalog.generation
        read = [number for number in self.others(current) if not self.remove(number)]
        oldest = min([current, *(number for number in read if number < current)])
        staging = Staging(catalog)
        if flipped or staging.left_behind(oldest):
            staging.collect_garbage(oldest)
