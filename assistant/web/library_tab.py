"""The library tab: the table, what can be added or read again, and charts of what there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.web import charts, ingest_job, listing, plots, render
from assistant.web.texts import language_of, one_language, text
from assistant.web.uploads import MAX_FILES, MAX_UPLOAD_BYTES, formats, keep_uploads, suffixes
from ingest.report import IngestReport

if TYPE_CHECKING:
    from assistant.web.routes import Wiring

BARS = ("publisher", "industry", "keywords")


def fill(wiring: Wiring, words: gr.I18n, tab: gr.Tab) -> None:
    """Fill the tab."""
    gr.HTML(
        '<div id="yinju-library" class="yinju-slot"></div>', elem_id="library-block", padding=False,
        apply_default_css=False,
    )  # fmt: skip
    with gr.Column(elem_id="library-more"):
        plots = _draw_charts(words)
        if wiring.may_change:
            _draw_changes(wiring, words, plots)
        else:
            gr.Markdown(words("read_only"), elem_classes="panel")
    show = counter(wiring)
    tab.select(show, outputs=plots, show_progress="hidden", api_visibility="private")


def _draw_charts(words: gr.I18n) -> list[gr.components.Component]:
    gr.Markdown(words("charts_title"), elem_classes="section-title")
    with gr.Column(elem_id="chart-card"):
        gr.Markdown(words("chart_time"), elem_classes="chart-title")
        over_time = gr.Plot(show_label=False, container=False, elem_id="chart-time")
    with gr.Row(elem_classes="charts"):
        bars = [
            gr.HTML("", elem_id=f"chart-{name}", padding=False, apply_default_css=False, min_width=260)
            for name in BARS
        ]
    return [over_time, *bars]


def count(wiring: Wiring, request: gr.Request) -> list[Any]:
    """Return what the four charts show."""
    from gradio.components.plot import AltairPlotData

    language = _language(request)
    facts = listing.facts(wiring.assistants.library)
    periods = charts.over_time(facts)
    columns = AltairPlotData(chart="bar", plot=plots.over_time(language, periods))
    time = gr.Plot(columns, visible=bool(periods))
    return [time, *(render.bars(language, name, charts.by_name(facts, name)) for name in BARS)]


def counter(wiring: Wiring) -> Callable[[gr.Request], list[Any]]:
    """Return what Gradio calls to fill the charts."""

    def show(request: gr.Request) -> list[Any]:
        return count(wiring, request)

    return show


def _draw_changes(wiring: Wiring, words: gr.I18n, plots: list[gr.components.Component]) -> None:
    gr.Markdown(words("add_title"), elem_classes="section-title")
    with gr.Row(elem_classes="add"):
        with gr.Column(min_width=300, elem_classes="panel"):
            files = gr.File(
                label=words("add_files"), file_count="multiple", file_types=sorted(suffixes()), height=150,
                elem_id="upload",
            )  # fmt: skip
            gr.Markdown(words("upload_note"), elem_classes="small")
            upload = gr.Button(words("add_upload"), variant="primary", elem_id="upload-button")
        with gr.Column(min_width=300, elem_classes="panel"):
            folder = gr.Textbox(
                label=words("add_folder"),
                placeholder=words("add_folder_placeholder"),
                max_lines=1,
                elem_id="folder",
            )
            add = gr.Button(words("add_folder_button"), elem_id="folder-button")
            again = gr.Button(words("reingest"), elem_id="reingest-button")
    outcome = gr.HTML("", elem_id="ingest-outcome", padding=False, apply_default_css=False)
    common: dict[str, Any] = {
        "outputs": outcome, "show_progress": "hidden", "concurrency_limit": 2, "api_visibility": "private",
    }  # fmt: skip
    jobs = Jobs(wiring)
    for button, job, inputs in (
        (upload, jobs.upload, [files]),
        (add, jobs.folder, [folder]),
        (again, jobs.again, []),
    ):
        button.click(job, inputs=inputs, **common).then(
            counter(wiring), outputs=plots, show_progress="hidden", api_visibility="private"
        )


class Jobs:
    """What the buttons do: each yields HTML that says how far it is, and at last what came of it."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def upload(self, files: list[str] | None, request: gr.Request) -> Iterator[str]:
        """Keep the uploaded files in the library's folder and ingest them."""
        language = _language(request)
        if not files:
            yield render.notice(text(language, "upload_none"), "warning")
            return
        library = self._wiring.assistants.library.folder
        kept, refused = keep_uploads([Path(str(file)) for file in files], library)
        values = {"mb": MAX_UPLOAD_BYTES // 1_000_000, "count": MAX_FILES}
        reasons = [(one.name, text(language, one.key, name=one.name, **values)) for one in refused]
        if kept:
            yield from self._run([kept[0].parent], language, uploaded=kept, refused=reasons)
        else:
            yield render.notice(" ".join(reason for _, reason in reasons), "warning")

    def folder(self, path: str, request: gr.Request) -> Iterator[str]:
        """Ingest a folder or file of this machine."""
        language = _language(request)
        chosen = path.strip().strip("\"'")
        if not chosen:
            yield render.notice(text(language, "folder_none"), "warning")
        elif not Path(chosen).expanduser().exists():
            yield render.notice(text(language, "folder_missing", path=chosen), "warning")
        else:
            yield from self._run([Path(chosen)], language)

    def again(self, request: gr.Request) -> Iterator[str]:
        """Ingest every remembered place again."""
        yield from self._run([], _language(request))

    def _run(
        self, paths: Sequence[Path], language: str, *, uploaded: Sequence[Path] = (),
        refused: Sequence[tuple[str, str]] = (),
    ) -> Iterator[str]:  # fmt: skip
        if not self._wiring.may_change:
            yield render.notice(text(language, "read_only"), "warning")
            return
        library, settings = self._wiring.assistants.library.folder, self._wiring.assistants.settings
        for step in ingest_job.run(paths, library, settings, readmitted=uploaded):
            match step:
                case ingest_job.Progress():
                    yield render.progress(language, step.stage, step.done, step.total)
                case IngestReport():
                    names = [path.name for path in uploaded]
                    yield render.report(language, step, uploaded=names, refused=refused)
                case ingest_job.Failed():
                    yield render.notice(
                        text(language, "ingest_error", reason=one_language(language, step.reason)), "warning"
                    )
                case ingest_job.Busy():
                    yield render.notice(text(language, "ingest_busy"), "warning")


def upload_note(language: str) -> str:
    """Return which files are taken, and how many."""
    mb = MAX_UPLOAD_BYTES // 1_000_000
    return text(language, "add_files_note", formats=formats(suffixes()), mb=mb, count=MAX_FILES)


def _language(request: gr.Request) -> str:
    return language_of(request.headers.get("accept-language"))
