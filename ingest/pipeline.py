"""Ingest end to end: lock, compare, read and embed, find reposts, index, flip."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ingest.discover import is_there, printable
from ingest.embedding import BackgroundEmbedder
from ingest.errors import LibraryAsRoot, MissingRoot, NoRoots
from ingest.report import IngestReport
from ingest.repost_links import changed_links, sign_again
from ingest.split import split_again
from ingest.sync import Changes, apply_plan, make_plan
from vectorstore.catalog import CATALOG_NAME, ROOTS_NAME, Catalog, now
from vectorstore.catalog_file import absolute
from vectorstore.catalog_writer import CatalogWriter
from vectorstore.embedders import Embedder, open_embedder
from vectorstore.generations import Generations, Progress
from vectorstore.indexing import GenerationBuilder
from vectorstore.library import chroma_server
from vectorstore.staging import Staging
from vectorstore.writing import open_for_writing


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Report nothing."""


def ingest_paths(
    paths: Sequence[Path | str],
    *,
    library: Path | str,
    embedder: str = "yinju",
    allow_empty: bool = False,
    dry_run: bool = False,
    rebuild: bool = False,
    readmitted: Sequence[Path | str] = (),
    chroma_url: str | None = None,
    chroma_headers: Mapping[str, str] | None = None,
    on_progress: Progress = _silent,
) -> IngestReport:
    """Make the library equal to the files and folders of `paths`; with none, to every remembered root.

    `on_progress(stage, done, total)` is called with the stages read, embed, lexical and dense. `rebuild`
    builds both indexes anew from the catalog, reading no file and embedding nothing twice; a damaged catalog
    is mended first, from what can be read of it and from the files. Articles that were removed come back
    where their file is `readmitted`, as they do where it is named itself.

    Raises:
        IngestError: a path does not exist, or a root that held articles is gone (see `allow_empty`).
        VectorstoreError: the library is in use, damaged, too new, or the disk is full.
    """
    started = time.perf_counter()
    named = [absolute(path) for path in paths]
    _require_apart(named, absolute(library))
    if rebuild and not any((absolute(library) / name).exists() for name in (CATALOG_NAME, ROOTS_NAME)):
        Catalog(absolute(library)).close()  # it says that there is none
    elif not rebuild and not is_there(absolute(library) / CATALOG_NAME):
        _require_roots(named)
    with _opened(absolute(library), dry_run=dry_run, mend=rebuild) as (catalog, mended):
        run = _Run(
            catalog, open_embedder(embedder), on_progress=on_progress, chroma_url=chroma_url,
            chroma_headers=chroma_headers,
        )  # fmt: skip
        if mended:
            changes = run.read([root for root in catalog.roots() if is_there(root)], allow_empty=False)
        elif rebuild:
            changes = Changes(unchanged=catalog.counts(catalog.generation)[0])
        else:
            for path in () if dry_run else readmitted:
                run.writer.readmit(printable(str(absolute(path))))
            changes = run.read_named(named, allow_empty=allow_empty, dry_run=dry_run)
        embedded = 0 if dry_run else run.index(rebuild=rebuild)
        report = _report(catalog, changes, embedded=embedded, seconds=time.perf_counter() - started)
        if not dry_run:
            _record(catalog, report)
    return report


def remove_article(
    article_id: str,
    *,
    library: Path | str,
    embedder: str = "yinju",
    chroma_url: str | None = None,
    chroma_headers: Mapping[str, str] | None = None,
) -> bool:
    """Remove an article and leave it out of later ingests; tell whether there was one.

    Raises:
        VectorstoreError: the library is missing, in use or damaged.
    """
    folder = absolute(library)
    Catalog(folder).close()  # there must be a library to remove from
    with open_for_writing(folder) as (catalog, _):
        run = _Run(
            catalog, open_embedder(embedder), on_progress=_silent, chroma_url=chroma_url,
            chroma_headers=chroma_headers,
        )  # fmt: skip
        found = run.writer.exclude(article_id)
        if found:
            run.index(rebuild=False)
        return found


def _require_apart(named: Sequence[Path], library: Path) -> None:
    for root in named:
        if os.path.realpath(root) == os.path.realpath(library):
            raise LibraryAsRoot(root)


def _require_roots(named: Sequence[Path]) -> None:
    """Refuse to make a library out of nothing: an ingest that fails at once leaves no empty one behind."""
    if not named:
        raise NoRoots
    for root in named:
        if not is_there(root):
            raise MissingRoot(root)


@contextmanager
def _opened(folder: Path, *, dry_run: bool, mend: bool) -> Iterator[tuple[Catalog, bool]]:
    """Open the library for writing; a dry run that finds none plans against an empty one elsewhere."""
    with ExitStack() as stack:
        if dry_run and not (folder / CATALOG_NAME).exists():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yinju-")))
        yield stack.enter_context(open_for_writing(folder, mend=mend and not dry_run))


class _Run:
    """One ingest of a library that is held for writing."""

    def __init__(
        self, catalog: Catalog, embedder: Embedder, *, on_progress: Progress, chroma_url: str | None,
        chroma_headers: Mapping[str, str] | None,
    ) -> None:  # fmt: skip
        self._catalog = catalog
        self._embedder = embedder
        self._on_progress = _in_turn(on_progress)
        self._generations = Generations(catalog.folder, chroma_server(catalog, chroma_url, chroma_headers))
        self._embedded = 0
        self.writer = CatalogWriter(catalog)

    def read_named(self, named: Sequence[Path], *, allow_empty: bool, dry_run: bool) -> Changes:
        """Bring the catalog up to date with the roots that were named, or else all remembered ones."""
        roots = list(named) or self._catalog.roots()
        if not roots:
            raise NoRoots
        if dry_run:
            plan = make_plan(self.writer, roots, allow_empty=allow_empty)
            return apply_plan(self.writer, plan, dry_run=True, on_progress=_silent, on_entries=lambda _: None)
        for root in named:
            self.writer.readmit(printable(str(root)))
        return self.read(roots, allow_empty=allow_empty)

    def read(self, roots: Sequence[Path], *, allow_empty: bool) -> Changes:
        """Bring the catalog up to date with these roots, embedding on the way."""
        self._work_as_now()
        plan = make_plan(self.writer, roots, allow_empty=allow_empty)
        found = [*(file.path for file in plan.to_read), *(path for path, _ in plan.unchanged)]
        found += [failure.source for failure in plan.unreadable]
        for root in roots:  # one that may be empty, and is, is forgotten
            name = printable(str(root))
            held = any(path == name or path.startswith(name.rstrip(os.sep) + os.sep) for path in found)
            self._catalog.set_root(root, remembered=held or not allow_empty)
        with self._embedding() as background:
            changes = apply_plan(
                self.writer, plan, dry_run=False, on_progress=self._on_progress, on_entries=background.add
            )
            background.flush()
            self._embedded = background.done
        return changes

    def index(self, *, rebuild: bool) -> int:
        """Build the next generation where anything changed; return how many passages were embedded."""
        self._work_as_now()
        builder = GenerationBuilder(
            self._catalog, fingerprint=self._embedder.fingerprint, generations=self._generations
        )
        if rebuild or builder.needed():
            with self._embedding() as background:
                self._embedded += background.embed_missing()
            reposts = changed_links(self.writer)
            builder.build(from_scratch=rebuild, reposts=reposts, on_progress=self._on_progress)
        else:
            self._generations.collect_garbage(self._catalog, flipped=False)
        return self._embedded

    def _work_as_now(self) -> None:
        """Redo what another version of the program derived from the texts; in a new library, note the version."""
        split_again(self.writer)
        sign_again(self.writer)

    def _embedding(self) -> BackgroundEmbedder:
        return BackgroundEmbedder(Staging(self._catalog), self._embedder, on_progress=self._on_progress)


def _in_turn(on_progress: Progress) -> Progress:
    """Call back from one thread at a time."""
    lock = threading.Lock()

    def locked(stage: str, done: int, total: int) -> None:
        with lock:
            on_progress(stage, done, total)

    return locked


def _record(catalog: Catalog, report: IngestReport) -> None:
    catalog.execute(
        "INSERT INTO runs (started_at, report) VALUES (?, ?)",
        (now(), json.dumps(report.to_dict(), ensure_ascii=False)),
    )


def _report(catalog: Catalog, changes: Changes, *, embedded: int, seconds: float) -> IngestReport:
    articles, passages = catalog.counts(catalog.generation)
    moved = changes.moved
    return IngestReport(
        added=changes.added.total() - moved,
        changed=changes.changed,
        moved=moved,
        removed=changes.removed.total() - moved,
        unchanged=changes.unchanged,
        failed=tuple(changes.failed),
        articles=articles,
        passages=passages,
        seconds=seconds,
        embedded=embedded,
        encodings=dict(changes.encodings),
    )
