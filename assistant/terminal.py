"""Show answers, hits, articles, reports and findings in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from assistant.answer import Answer
from vectorstore.article import Article, Hit
from vectorstore.generations import Progress as OnProgress

if TYPE_CHECKING:
    from assistant.doctor import Finding
    from ingest.report import IngestReport
    from vectorstore.catalog_reader import ListedArticle

STAGES = {
    "read": "读取 read",
    "embed": "向量 embed",
    "lexical": "词语索引 lexical",
    "dense": "向量索引 dense",
}
_MARKS = {"ok": "[green]✓[/]", "note": "[yellow]·[/]", "fault": "[red]✗[/]"}


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)


@contextmanager
def ingest_progress(*, quiet: bool) -> Iterator[OnProgress]:
    """Give a callback that draws one bar a stage on stderr, with rate and time left; nothing when quiet."""
    if quiet:
        yield lambda _stage, _done, _total: None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks = {}

        def on_progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(STAGES.get(stage, stage), total=total, rate="")
            speed = progress.tasks[tasks[stage]].speed or 0.0
            progress.update(tasks[stage], completed=done, total=total, rate=f"{speed:,.0f}/s")

        yield on_progress


def print_report(report: IngestReport, *, dry_run: bool) -> None:
    """Print what an ingest did, its failures with their reasons, and what else is to be told."""
    console = _console()
    head = "将会 would" if dry_run else "完成 done"
    console.print(
        f"{head}：新增 added {report.added} · 更改 changed {report.changed} · 移动 moved {report.moved}"
        f" · 移除 removed {report.removed} · 未变 unchanged {report.unchanged} · 失败 failed {len(report.failed)}"
    )
    for line in report.failure_lines():
        console.print(f"  [red]✗[/] {escape(line)}")
    for line in report.notice_lines():
        console.print(f"  [yellow]·[/] {escape(line)}")
    if report.encodings:
        used = "、".join(f"{name} {count}" for name, count in sorted(report.encodings.items()))
        console.print(f"编码 encodings：{escape(used)}")
    console.print(
        f"资料库 library：{report.articles} 篇文章 articles，{report.passages} 个段落 passages"
        f"（{report.seconds:.1f} 秒）"
    )


def print_answer(answer: Answer) -> None:
    """Print an answer with its citations, or a refusal with the nearest passages."""
    console = _console()
    if answer.standalone_question != answer.question:
        console.print(f"[dim]理解为 understood as：{escape(answer.standalone_question)}[/]")
    for name, value in answer.filters.items():
        console.print(f"[dim]{escape(name)}：{escape(value)}[/]")
    short = f"[bold]{escape(answer.short_answer)}[/] · " if answer.short_answer else ""
    console.print(short + escape(answer.answer))
    for citation in answer.citations:
        console.print(
            f"[cyan]\\[{citation.number}][/] {_origin(citation.title, citation.published, citation.source)}"
        )
    if answer.refused:
        console.print("[dim]最接近的段落 nearest passages：[/]")
        print_hits(answer.hits[:3])
    for warning in answer.warnings:
        console.print(f"[yellow]! {escape(warning)}[/]")


def print_hits(hits: Sequence[Hit]) -> None:
    """Print passages with their origin."""
    console = _console()
    if not hits:
        console.print("没有找到相关段落 no passages found")
    for hit in hits:
        reposts = f"（另有 {hit.reposts} 篇转载）" if hit.reposts else ""
        console.print(f"[cyan]{hit.rank}.[/] {_origin(hit.title, hit.published, hit.source)}{reposts}")
        console.print(f"   {escape(hit.text)}")


def _origin(title: str, published: object, source: str) -> str:
    return escape(" · ".join(str(part) for part in (title, published, source) if part))


def print_articles(articles: Sequence[ListedArticle]) -> None:
    """Print one line an article."""
    table = Table(box=None, pad_edge=False)
    for column in ("编号 id", "日期 date", "标题 title", "来源 source"):
        table.add_column(column, overflow="fold")
    for article in articles:
        published = article.published.isoformat() if article.published else "—"
        table.add_row(article.id, published, escape(article.title), escape(article.source))
    Console(highlight=False).print(table)


def print_article(article: Article) -> None:
    """Print an article: what it states about itself, its text, its editorial fields."""
    console = _console()
    console.print(f"[bold]{escape(article.title)}[/]")
    facts = (article.published, article.publisher, article.author, article.url, article.source)
    console.print(escape(" · ".join(str(fact) for fact in facts if fact)))
    console.print()
    console.print(escape(article.text))
    for name, value in (article.fields or {}).items():
        console.print(f"\n[dim]{escape(name)}（编辑字段 editorial）：{escape(value)}[/]")


def print_metrics(metrics: Mapping[str, object]) -> None:
    """Print the metrics of an evaluation."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in metrics.items():
        table.add_row(name, f"{value:.3f}" if isinstance(value, float) else str(value))
    Console(highlight=False).print(table)


def print_findings(findings: Sequence[Finding]) -> None:
    """Print what the doctor found, and the command that repairs each fault."""
    console = _console()
    for finding in findings:
        console.print(f"{_MARKS[finding.level]} {escape(finding.message)}")
        if finding.repair:
            console.print(f"   → {escape(finding.repair)}")
    sys.stdout.flush()
