"""The commands that change or list the library: ingest, reingest, articles."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli_options import (
    DebugOption,
    JsonOption,
    LibraryOption,
    WrongUsage,
    library_folder,
    open_library,
    open_settings,
    print_json,
)

if TYPE_CHECKING:
    from ingest.parsed import Failure
    from ingest.report import IngestReport

articles_app = typer.Typer(
    help="列出、查看、移除文章 list, show and remove articles", invoke_without_command=True
)


def _run_ingest(paths: list[Path], library: Path | None, as_json: bool, **options: Any) -> None:
    report = _ingested(paths, library, as_json, **options)
    _print(report, as_json, dry_run=bool(options.get("dry_run")))


def _ingested(paths: list[Path], library: Path | None, as_json: bool, **options: Any) -> IngestReport:
    from assistant.terminal import ingest_progress
    from ingest.pipeline import ingest_paths

    settings = open_settings()
    with ingest_progress(quiet=as_json or not sys.stderr.isatty()) as on_progress:
        return ingest_paths(
            paths,
            library=library_folder(library),
            embedder=settings.embedder,
            chroma_url=settings.chroma_url,
            chroma_headers=settings.server_headers,
            on_progress=on_progress,
            **options,
        )


def _print(report: IngestReport, as_json: bool, *, dry_run: bool = False) -> None:
    from assistant.terminal import print_report

    if as_json:
        print_json(report.to_dict())
    else:
        print_report(report, dry_run=dry_run)


def ingest(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="文件或文件夹 files or folders", show_default=False)
    ] = None,
    library: LibraryOption = None,
    allow_empty: Annotated[
        bool, typer.Option(help="允许清空不见了的文件夹 forget a root that is gone")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="只显示会做什么 show the plan, change nothing")] = False,
    watch: Annotated[bool, typer.Option(help="持续跟踪文件夹 follow the folders")] = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """收录文章：新的、改过的、移动过的；删去不见了的 read new, changed and moved files; forget removed ones."""
    _check_watch(watch=watch, dry_run=dry_run)
    _run_ingest(paths or [], library, as_json, allow_empty=allow_empty, dry_run=dry_run)
    if watch:
        _follow(library, as_json, allow_empty=allow_empty)


def reingest(
    library: LibraryOption = None,
    rebuild: Annotated[
        bool, typer.Option(help="从目录重建两个索引 rebuild both indexes from the catalog")
    ] = False,
    calibrate: Annotated[
        bool, typer.Option(help="按这个资料库校准向量的权重 weigh the embedder on this library")
    ] = False,
    allow_empty: Annotated[
        bool, typer.Option(help="允许清空不见了的文件夹 forget a root that is gone")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="只显示会做什么 show the plan, change nothing")] = False,
    watch: Annotated[bool, typer.Option(help="持续跟踪文件夹 follow the folders")] = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """重新收录所有记住的文件夹 ingest every remembered root again."""
    _check_watch(watch=watch, dry_run=dry_run)
    _run_ingest([], library, as_json, rebuild=rebuild, allow_empty=allow_empty, dry_run=dry_run)
    if calibrate and not dry_run:
        _calibrate(library)
    if watch:
        _follow(library, as_json, allow_empty=allow_empty)


def _calibrate(library: Path | None) -> None:
    """Weigh the library's embedder on its own passages; what was found goes to stderr."""
    from vectorstore.calibration import calibrate, keep

    with open_library(library) as opened:
        found = calibrate(opened)
        if found is None:
            typer.echo(
                "段落太少，权重没有改动 (too few passages to calibrate on; nothing was changed)", err=True
            )
            return
        keep(opened, found)
        typer.echo(f"向量权重 dense weight：{found.dense_weight}（{found.fingerprint}）", err=True)


def _check_watch(*, watch: bool, dry_run: bool) -> None:
    if watch and dry_run:
        raise WrongUsage(
            "--watch 要收录，--dry-run 什么都不改：请只用一个 (--watch ingests, --dry-run changes nothing: choose one)"
        )


def _follow(library: Path | None, as_json: bool, *, allow_empty: bool) -> None:
    """Ingest the remembered roots after each change; print what came of it, where anything did.

    No path is named again: that would bring back what was removed by hand.
    """
    from ingest.watch import follow

    failed: set[Failure] | None = None

    def again() -> None:
        nonlocal failed
        report = _ingested([], library, as_json, allow_empty=allow_empty)
        before, failed = failed, set(report.failed)
        if report.added or report.changed or report.moved or report.removed or before not in (None, failed):
            _print(report, as_json)

    follow(library_folder(library), again)


@articles_app.callback()
def articles(
    context: typer.Context,
    library: LibraryOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """列出、查看、移除文章 list, show and remove articles."""
    if context.invoked_subcommand is None:
        list_articles(library=library, as_json=as_json)
    else:
        context.obj = {"library": library, "as_json": as_json}


def _given(context: typer.Context, library: Path | None, as_json: bool) -> tuple[Path | None, bool]:
    """Take the options given before the subcommand where it has none of its own."""
    outer = context.obj or {}
    return library or outer.get("library"), as_json or bool(outer.get("as_json"))


@articles_app.command("list")
def articles_list(
    context: typer.Context,
    library: LibraryOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """列出所有文章 list every article."""
    library, as_json = _given(context, library, as_json)
    list_articles(library=library, as_json=as_json)


def list_articles(*, library: Path | None, as_json: bool) -> None:
    """Print every article, newest first."""
    from assistant.terminal import print_articles

    with open_library(library) as opened, opened.reading() as snapshot:
        found = snapshot.reader.listing()
    if as_json:
        print_json({"articles": [article.to_dict() for article in found]})
    else:
        print_articles(found)


@articles_app.command("show")
def articles_show(
    context: typer.Context,
    article_id: Annotated[str, typer.Argument(metavar="ID", help="文章编号 article id", show_default=False)],
    library: LibraryOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """显示一篇文章的全文 show an article."""
    from assistant.errors import NoSuchArticle
    from assistant.terminal import print_article

    library, as_json = _given(context, library, as_json)
    with open_library(library) as opened, opened.reading() as snapshot:
        article = snapshot.reader.article(article_id)
    if article is None:
        raise NoSuchArticle(article_id)
    if as_json:
        print_json(article.to_dict())
    else:
        print_article(article)


@articles_app.command("remove")
def articles_remove(
    context: typer.Context,
    article_id: Annotated[str, typer.Argument(metavar="ID", help="文章编号 article id", show_default=False)],
    library: LibraryOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """移除一篇文章；重新收录时也不再读它 remove an article, and leave it out of later ingests."""
    from assistant.errors import NoSuchArticle
    from ingest.pipeline import remove_article

    library, as_json = _given(context, library, as_json)
    settings = open_settings()
    removed = remove_article(
        article_id,
        library=library_folder(library),
        embedder=settings.embedder,
        chroma_url=settings.chroma_url,
        chroma_headers=settings.server_headers,
    )
    if not removed:
        raise NoSuchArticle(article_id)
    if as_json:
        print_json({"removed": article_id})
    else:
        typer.echo(f"已移除 removed {article_id}")
