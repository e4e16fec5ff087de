"""Examine the installation and a library: each fault comes with the one command that repairs it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from assistant.both_languages import both
from assistant.doctor_notes import (
    Examined,
    damaged_copies,
    encodings,
    failures,
    leftovers,
    undated,
)
from assistant.errors import AssistantError
from assistant.machine import Finding, closed_at, command, examine_machine
from assistant.repairs import cannot_use, wrong_setting
from assistant.session import open_writer
from assistant.settings import Settings
from ingest.discover import printable
from prompts import PromptInvalid
from vectorstore.catalog import CATALOG_NAME, ROOTS_NAME, VISIBLE, Catalog
from vectorstore.catalog_reader import CatalogReader
from vectorstore.embedders import Embedder, open_embedder, unknown_share
from vectorstore.errors import (
    EmbedderUnavailable,
    LibraryDamaged,
    LibraryInUse,
    LibraryTooNew,
    StorageFull,
    VectorServerAway,
    VectorstoreError,
)
from vectorstore.lock import lock_holder
from vectorstore.staging import Staging
from vectorstore.synonyms import read_synonyms
from vectorstore.verify import check_indexes

__all__ = ["Finding", "examine"]

_MAX_UNKNOWN_SHARE = 0.3  # our embedder: 0.02 on news; all-MiniLM-L6-v2: 0.72 (STACK.md)
_SAMPLE = 20
_LOOKS = 5  # at indexes that ingests replace while they are looked at


def examine(folder: Path, *, settings: Settings, port: int | None) -> list[Finding]:
    """Return what is found about the installation, the library at `folder`, and the chat page's port.

    The page itself leaves out the port: it stands on it.
    """
    findings = list(examine_machine(folder, port=port))
    embedder, found = _embedder(folder, settings)
    return [*findings, *found, *_chosen(folder, settings), *_library(folder, settings, embedder)]


def _chosen(folder: Path, settings: Settings) -> Iterator[Finding]:
    """Yield what is wrong with the files and the chat model that the settings name."""
    try:
        if settings.synonyms:
            read_synonyms(settings.synonyms)
    except VectorstoreError as error:
        yield wrong_setting(error, folder, name="YINJU_SYNONYMS")
    try:
        open_writer(settings)
    except PromptInvalid as error:
        yield wrong_setting(error, folder, name="YINJU_PROMPT")
    except AssistantError as error:
        yield wrong_setting(error, folder, name="YINJU_CHAT_MODEL")


def _embedder(folder: Path, settings: Settings) -> tuple[Embedder | None, list[Finding]]:
    try:
        embedder = open_embedder(settings.embedder)
        embedder.embed_question("引据")  # reads every file of it
        text = both(f"向量模型 {embedder.fingerprint} 可用", f"the embedder {embedder.fingerprint} works")
    except EmbedderUnavailable as error:
        if settings.embedder == "yinju":
            repair = "python -m pip install --force-reinstall --no-deps yinju"
            return None, [Finding("fault", str(error), repair)]
        return None, [_wrong_embedder(error, folder)]
    return embedder, [Finding("ok", text)]


def _wrong_embedder(error: Exception | str, folder: Path) -> Finding:
    return wrong_setting(
        error, folder, name="YINJU_EMBEDDER", words="reingest", env="env YINJU_EMBEDDER=yinju "
    )


def _library(folder: Path, settings: Settings, embedder: Embedder | None) -> Iterator[Finding]:
    """Yield what is found in the library; one that cannot be read or written is not looked into."""
    try:
        yield from _looked_into(folder, settings, embedder)
    except (StorageFull, PermissionError) as error:
        yield cannot_use(folder, error)
    except LibraryInUse as error:
        yield Finding("note", str(error))


def _looked_into(folder: Path, settings: Settings, embedder: Embedder | None) -> Iterator[Finding]:
    mend = command(folder, "reingest --rebuild")
    if not (folder / CATALOG_NAME).exists():
        if (folder / ROOTS_NAME).exists():
            text = both(f"资料库目录不见了：{folder}", f"the catalog is gone from {str(folder)!r}")
            yield Finding("fault", text, mend)
        else:
            text = both(f"{folder} 里还没有资料库", f"there is no library at {str(folder)!r} yet")
            yield Finding("fault", text, command(folder, "ingest PATH"))
        return
    try:
        catalog = Catalog(folder)
    except LibraryTooNew as error:
        yield Finding("fault", str(error), "python -m pip install --upgrade yinju")
        return
    except LibraryDamaged as error:
        yield Finding("fault", str(error), mend)
        return
    with closing(catalog):
        try:
            yield from _opened(Examined(folder, settings, catalog, embedder))
        except LibraryDamaged as error:
            yield Finding("fault", str(error), mend)


def _opened(library: Examined) -> Iterator[Finding]:
    holder = lock_holder(library.folder)
    if holder is not None:
        pid = holder.get("pid", "?")
        yield Finding("note", both(f"进程 {pid} 正在收录", f"process {pid} is ingesting"))
    faults = library.catalog.faults()
    if faults:
        text = both(f"资料库目录损坏：{faults[0][:200]}", f"the catalog is damaged: {faults[0][:200]}")
        yield Finding("fault", text, library.command("reingest --rebuild"))
        return
    checks: tuple[Callable[[Examined], Iterator[Finding]], ...] = (
        _unfinished, _fingerprint, _indexes, _english_only, _roots, undated, encodings, failures, leftovers,
        damaged_copies,
    )  # fmt: skip
    for check in checks:
        if holder is None or check not in (_unfinished, _fingerprint, leftovers):
            yield from check(library)


def _unfinished(library: Examined) -> Iterator[Finding]:
    pending = Staging(library.catalog).pending_changes()
    if pending:
        text = both(
            f"上次收录没有完成，{pending} 处改动待处理",
            f"the last ingest was cut short: {pending} changes wait",
        )
        yield Finding("fault", text, library.command("reingest"), fix="reingest")


def _fingerprint(library: Examined) -> Iterator[Finding]:
    stored = library.catalog.fingerprint
    if library.embedder is not None and stored is not None and stored != library.embedder.fingerprint:
        now = library.embedder.fingerprint
        text = both(
            f"资料库由另一个向量模型建立：{stored}，当前设置是 {now}",
            f"the library was embedded by {stored}, the settings name {now}",
        )
        yield Finding("fault", text, library.command("reingest"), fix="reingest")


def _indexes(library: Examined) -> Iterator[Finding]:
    """Compare the indexes with the catalog; those that an ingest has replaced meanwhile are looked at anew."""
    if library.catalog.generation == 0 and lock_holder(library.folder) is not None:
        return  # the first ingest
    for _ in range(_LOOKS):
        generation = library.catalog.generation
        finding = _compare(library, generation)
        if not finding.is_fault or library.catalog.generation == generation:
            break
    yield finding


def _compare(library: Examined, generation: int) -> Finding:
    generations, fingerprint = library.generations, library.catalog.fingerprint_of(generation)
    articles, passages = library.catalog.counts(generation)
    if generation == 0 or fingerprint is None:
        return _rebuilt(library, both("还没有索引", "there are no indexes yet"))
    try:
        dense = generations.open_dense(generation)
        try:
            check_indexes(
                dense=dense,
                lexical=generations.open_lexical(generation),
                reader=CatalogReader(library.catalog, generation),
                fingerprint=fingerprint,
                passages=passages,
            )
        finally:
            dense.close()
    except LibraryDamaged as error:
        return _rebuilt(library, str(error))
    except VectorServerAway as error:
        return wrong_setting(error, library.folder, name="YINJU_CHROMA_URL", words="reingest")
    text = both(
        f"{articles} 篇文章，{passages} 个段落，索引一致",
        f"{articles} articles, {passages} passages, the indexes agree",
    )
    return Finding("ok", text)


def _rebuilt(library: Examined, text: str) -> Finding:
    """Return a fault of the indexes alone: they are built anew beside the old ones, from a sound catalog."""
    return Finding("fault", text, library.command("reingest --rebuild"), fix="rebuild")


def _english_only(library: Examined) -> Iterator[Finding]:
    rows = library.catalog.rows(
        f"SELECT substr(text, 1, 300) AS text FROM articles WHERE {VISIBLE} LIMIT :count",
        {"generation": library.catalog.generation, "count": _SAMPLE},
    )
    texts = [row["text"] for row in rows]
    han = sum("一" <= character <= "鿿" for text in texts for character in text)
    if library.embedder is None or han < 0.2 * sum(map(len, texts)):
        return
    unknown = unknown_share(library.embedder, texts)
    if unknown > _MAX_UNKNOWN_SHARE:
        text = both(
            f"向量模型不认识中文：{unknown:.0%} 的字是未知词，请去掉 YINJU_EMBEDDER 设置",
            f"the embedder does not know {unknown:.0%} of the text: unset YINJU_EMBEDDER",
        )
        yield _wrong_embedder(text, library.folder)


def _roots(library: Examined) -> Iterator[Finding]:
    for root in library.catalog.roots():
        closed, name = closed_at(root), repr(str(root))
        if closed is not None:
            text = both(
                f"没有权限读取收录过的 {name}，其中的文章不会更新",
                f"we may not read {name}, whose articles are not brought up to date",
            )
            yield Finding("fault", text, f"chmod u+rX {shlex.quote(printable(str(closed)))}")
        elif not _holds_something(root):
            text = both(
                f"收录过的文件夹不在了、是空的或打不开：{name}；如果是没挂载的磁盘，请先挂载；"
                "确实不要其中的文章了，再运行修复命令",
                f"the folder {name} is gone, empty or closed to us; if it is not mounted, mount it; "
                "run the command only to forget its articles",
            )
            yield Finding("fault", text, library.command("reingest --allow-empty"))


def _holds_something(root: Path) -> bool:
    try:
        return root.is_file() or next(root.iterdir(), None) is not None
    except OSError:
        return False
