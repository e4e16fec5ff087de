"""Make the library equal to its folders: find what changed, read it, and record it in the catalog."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ingest.discover import SourceFile, is_there, printable, scan
from ingest.errors import EmptyRoot, MissingRoot
from ingest.parsed import Failure
from ingest.read_ahead import ReadFile, reader
from ingest.reading import UNREADABLE, ReadArticle
from ingest.repost_links import sign
from ingest.split import split_spans, to_passages
from vectorstore.article import Article
from vectorstore.catalog import Catalog
from vectorstore.catalog_writer import CatalogWriter, IndexEntry
from vectorstore.generations import Progress

logger = logging.getLogger(__name__)

_COMMIT_SECONDS = 0.5
OnEntries = Callable[[Sequence[IndexEntry]], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync will do with the files under its roots."""

    to_read: tuple[SourceFile, ...]
    unchanged: tuple[tuple[str, tuple[Failure, ...]], ...]  # a path, and what could not be read in it
    vanished: tuple[str, ...]
    unreadable: tuple[Failure, ...]


@dataclass(slots=True)
class Changes:
    """What a sync found, counted as it goes; digests tell a moved article from a new one."""

    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    unchanged: int = 0
    failed: list[Failure] = field(default_factory=list)
    encodings: Counter[str] = field(default_factory=Counter)

    @property
    def moved(self) -> int:
        """Articles that went from one source and came to another, word for word."""
        return (self.added & self.removed).total()


def make_plan(writer: CatalogWriter, roots: Sequence[Path], *, allow_empty: bool) -> Plan:
    """Compare the files under `roots` with what was read before.

    A remembered root inside one of them counts as named too: its own ignore files decide over it.

    Raises:
        MissingRoot: a root that was never read does not exist.
        EmptyRoot: a root that held articles is gone or empty, and `allow_empty` is not set.
    """
    stamps, counts = writer.file_stamps(), writer.article_counts()
    named = [printable(str(root)) for root in roots]
    inner = [known for known in writer.catalog.roots() if _is_under(printable(str(known)), named)]
    found: dict[str, SourceFile] = {}
    unreadable: list[Failure] = []
    for root in sorted({*roots, *inner}):
        under = printable(str(root))
        had = sum(counts.get(path, 0) for path in stamps if _is_under(path, [under]))
        if not is_there(root) and not had and root not in inner:
            raise MissingRoot(root)
        looked = scan(root, leave_out=writer.catalog.folder)
        unreadable += looked.unreadable
        closed = under in [failure.source for failure in looked.unreadable]
        if not looked.files and had and not closed and not allow_empty:
            raise EmptyRoot(root, had)
        for file in looked.files:
            found.setdefault(file.path, file)
    same = {
        path for path, file in found.items() if file.stamp and stamps.get(path, ("", ""))[0] == file.stamp
    }
    kept = [failure.source for failure in unreadable]
    gone = [
        path for path in stamps.keys() - found.keys() if _is_under(path, named) and not _is_under(path, kept)
    ]
    return Plan(
        to_read=tuple(file for path, file in found.items() if path not in same),
        unchanged=tuple((path, _failures(stamps[path][1])) for path in sorted(same)),
        vanished=tuple(sorted(gone)),
        unreadable=tuple(unreadable),
    )


def _is_under(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


def _failures(stored: str) -> tuple[Failure, ...]:
    return tuple(Failure(*failure) for failure in json.loads(stored))


def apply_plan(
    writer: CatalogWriter, plan: Plan, *, dry_run: bool, on_progress: Progress, on_entries: OnEntries
) -> Changes:
    """Read what is new or changed, retire what is gone; with `dry_run`, only count.

    `on_entries` is told of the passages that were stored, so that they can be embedded meanwhile.
    """
    changes = Changes()
    changes.failed.extend(plan.unreadable)
    total = sum(file.size for file in plan.to_read)
    done = 0

    def known(path: str) -> frozenset[str]:
        return frozenset(digest for _, digest in writer.file_digests(path).values())

    with reader(plan.to_read, known) as read, _commits(writer.catalog) as commit:
        for file in plan.to_read:
            sync = FileSync(writer, file, changes, dry_run=dry_run, commit=commit, on_entries=on_entries)
            sync.run(read)
            done += file.size
            commit()
            on_progress("read", done, total)
        for path in plan.vanished:
            for row, digest in writer.file_digests(path).values():
                changes.removed[digest] += 1
                if not dry_run:
                    writer.retire_row(row)
            if not dry_run:
                writer.forget_file(path)
            commit()
    counts = writer.article_counts()
    for path, failures in plan.unchanged:
        changes.unchanged += counts.get(path, 0)
        changes.failed.extend(failures)
    return changes


@contextmanager
def _commits(catalog: Catalog) -> Iterator[Callable[[], None]]:
    """Give a function to call between two articles: every half second it commits those before.

    One commit for each article would write the same pages of the catalog over and over.
    """
    open_transaction = catalog.transaction()
    open_transaction.__enter__()
    due = time.monotonic() + _COMMIT_SECONDS

    def commit() -> None:
        nonlocal open_transaction, due
        if time.monotonic() >= due:
            open_transaction.__exit__(None, None, None)
            open_transaction = catalog.transaction()
            open_transaction.__enter__()
            due = time.monotonic() + _COMMIT_SECONDS

    try:
        yield commit
    except BaseException as error:
        open_transaction.__exit__(type(error), error, error.__traceback__)
        raise
    open_transaction.__exit__(None, None, None)


class FileSync:
    """Brings the articles of one file into the catalog."""

    def __init__(
        self, writer: CatalogWriter, file: SourceFile, changes: Changes, *, dry_run: bool,
        commit: Callable[[], None], on_entries: OnEntries,
    ) -> None:  # fmt: skip
        self._writer = writer
        self._file = file
        self._changes = changes
        self._dry_run = dry_run
        self._commit = commit
        self._on_entries = on_entries
        self._known = writer.file_digests(file.path)
        self._excluded = writer.excluded(file.path)
        self._seen: set[str] = set()
        self._failures: list[Failure] = []

    def run(self, read: ReadFile) -> None:
        """Read the file; its old articles that it no longer holds are retired.

        Where the file, or a file in an archive, cannot be read to its end, what was read from it before stays.
        """
        logger.debug("reading %s", self._file.path)
        if not self._dry_run:
            self._writer.open_file(self._file.path, root=self._file.root)
        try:
            self._read(read)
        except UNREADABLE as error:
            reason = f"无法读取：{getattr(error, 'strerror', None) or error} (cannot be read)"
            self._changes.failed += [*self._failures, Failure(self._file.path, reason)]
            self._changes.unchanged += len(self._known.keys() - self._seen)
            return
        unread = {failure.source for failure in self._failures if failure.kind == "unread"}
        for source in self._known.keys() - self._seen:
            if not unread.isdisjoint(_places(source)):  # it may still be in what could not be read this time
                self._changes.unchanged += 1
                continue
            row, digest = self._known[source]
            self._changes.removed[digest] += 1
            if not self._dry_run:
                self._writer.retire_row(row)
        self._changes.failed.extend(self._failures)
        if not self._dry_run:
            failures = [(failure.source, failure.reason, failure.kind) for failure in self._failures]
            self._writer.put_file(
                self._file.path, root=self._file.root, stamp=self._file.stamp, failures=failures
            )

    def _read(self, read: ReadFile) -> None:
        for item in read(self._file, frozenset(digest for _, digest in self._known.values())):
            if isinstance(item, Failure):
                self._failures.append(item)
            else:
                self._put(item)
                self._commit()

    def _put(self, item: ReadArticle) -> None:
        source = self._source(item.parsed.key)
        if source in self._excluded:
            self._seen.discard(source)
            return
        if item.parsed.encoding:
            self._changes.encodings[item.parsed.encoding] += 1
        known = self._known.get(source)
        if known and known[1] == item.digest:
            self._changes.unchanged += 1
            return
        if known:
            self._changes.changed += 1
        else:
            self._changes.added[item.digest] += 1
        if not self._dry_run:
            self._store(source, item)

    def _source(self, key: str) -> str:
        """Return the article's source; a key that repeats within the file is numbered."""
        base = f"{self._file.path}#{key}" if key else self._file.path
        source, number = base, 1
        while source in self._seen:
            number += 1
            source = f"{base}~{number}"
        self._seen.add(source)
        return source

    def _store(self, source: str, item: ReadArticle) -> None:
        parsed = item.parsed
        article = Article(
            id=article_id(source), title=parsed.title, text=parsed.text, source=source, url=parsed.url,
            published=parsed.published, publisher=parsed.publisher, author=parsed.author,
            fields=parsed.fields, encoding=parsed.encoding,
        )  # fmt: skip
        spans = split_spans(parsed.text) if item.spans is None else item.spans
        signature = sign(parsed.text) if item.signature is None else item.signature
        entries = self._writer.put_article(
            article, to_passages(article.id, article.text, spans),
            file=self._file.path, digest=item.digest, signature=signature,
        )  # fmt: skip
        self._on_entries(entries)


def article_id(source: str) -> str:
    """Return the id of the article from `source`: the same on every run."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def _places(source: str) -> Iterator[str]:
    """Yield an article's source and all that it may lie in: a.zip#b.jsonl#3, a.zip#b.jsonl, a.zip."""
    while source:
        yield source
        source = source.rpartition("#")[0]
