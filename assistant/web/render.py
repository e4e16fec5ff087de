"""The HTML that the server writes into Gradio's parts of the page. Pure; everything is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import PurePath

from assistant.web.texts import one_language, text
from ingest.report import IngestReport

MAX_FAILURES = 200


def notice(words: str, kind: str = "note") -> str:
    """Return one line of words; `kind` is note, warning or good."""
    role = ' role="alert"' if kind == "warning" else ""
    return f'<div class="yinju-slot"><p class="{escape(kind)}"{role}>{escape(words)}</p></div>'


def progress(language: str, stage: str, done: int, total: int) -> str:
    """Return a bar that shows how far a stage of an ingest is."""
    share = 0 if total <= 0 else min(100, round(100 * done / total))
    name = escape(text(language, f"ingest_{stage}"))
    return (
        f'<div class="yinju-slot progress" role="progressbar" aria-label="{name}" aria-valuemin="0"'
        f' aria-valuemax="100" aria-valuenow="{share}"><span class="note">{name} {share}%</span>'
        f'<span class="track"><span class="fill" style="width:{share}%"></span></span></div>'
    )


def report(
    language: str,
    done: IngestReport,
    *,
    uploaded: Sequence[str] = (),
    refused: Sequence[tuple[str, str]] = (),
) -> str:
    """Return what an ingest did: the counts, then file by file what came of it and why."""
    numbers = {name: getattr(done, name) for name in ("added", "changed", "moved", "removed", "unchanged")}
    counts = text(language, "ingest_done", **numbers, seconds=f"{done.seconds:.1f}")
    failed = [(failure.source, failure.reason) for failure in done.failed]
    bad = {_file(source) for source, _ in failed}
    rows = [_row(name, text(language, "result_added"), "good") for name in uploaded if name not in bad]
    rows += [_row(name, reason, "bad") for name, reason in refused]
    rows += [
        _row(_record(source), one_language(language, reason), "bad")
        for source, reason in failed[:MAX_FAILURES]
    ]
    rows += [
        _row(_record(notice.source), one_language(language, notice.reason), "muted")
        for notice in done.notices[:MAX_FAILURES]
    ]
    table = ""
    if rows:
        heads = "".join(
            f'<th scope="col">{escape(text(language, key))}</th>' for key in ("result_file", "result_state")
        )
        table = (
            f'<table class="results"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        )
    return f'<div class="yinju-slot ingested"><p class="good">{escape(counts)}</p>{table}</div>'


def _file(source: str) -> str:
    """Return the name of the file that a source stands in."""
    return PurePath(source.partition("#")[0]).name


def _record(source: str) -> str:
    """Return the name of a file, with the record's where it is one and no address."""
    record = source.partition("#")[2]
    return f"{_file(source)}#{record}" if record and "/" not in record else _file(source)


def _row(name: str, words: str, kind: str) -> str:
    return f'<tr class="{kind}"><td>{escape(name)}</td><td>{escape(words)}</td></tr>'


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Return names and values as a list."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
    return f'<div class="yinju-slot"><dl class="about">{rows}</dl></div>'


def bars(language: str, name: str, counted: Sequence[tuple[str, int]]) -> str:
    """Return horizontal bars; each one narrows the table to what it counts."""
    most = max((number for _, number in counted), default=1)
    rows = "".join(
        f'<li><button type="button" class="bar-row" data-field="{escape(name)}" data-value="{escape(label)}">'
        f'<span class="bar-name" title="{escape(label)}">{escape(label)}</span><span class="bar-track"><span class="bar-fill"'
        f' style="width:{round(100 * number / most)}%"></span></span><span class="bar-count">{number}</span></button></li>'
        for label, number in counted
    )
    empty = f'<p class="note">{escape(text(language, "chart_empty"))}</p>'
    title = escape(text(language, f"chart_{name}"))
    return f'<div class="yinju-slot bars"><h3>{title}</h3>{f"<ol>{rows}</ol>" if counted else empty}</div>'
