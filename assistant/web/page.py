"""The page's frame in Gradio: three tabs, the theme, the scripts; each tab's content has its own module."""

from __future__ import annotations

import html
import json
from importlib.resources import files
from typing import TYPE_CHECKING

import gradio as gr

from assistant.web import library_tab, settings_tab, texts
from assistant.web.uploads import MAX_UPLOAD_BYTES

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.web.routes import Wiring

FONTS = (
    "system-ui", "-apple-system", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei UI", "Microsoft YaHei",
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "sans-serif",
)  # fmt: skip
_HEAD = """<link rel="icon" href="/yinju/icon.svg" type="image/svg+xml">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/yinju/base.css"><link rel="stylesheet" href="/yinju/chat.css">
<link rel="stylesheet" href="/yinju/library.css"><link rel="stylesheet" href="/yinju/gradio.css">
<script type="application/json" id="yinju-texts">{texts}</script>
<script type="module" src="/yinju/main.js"></script>"""


def mount(app: FastAPI, wiring: Wiring) -> None:
    """Put the page at the root of the application."""
    translations = words()
    blocks = layout(wiring, translations)
    blocks.queue(default_concurrency_limit=4, api_open=False)
    gr.mount_gradio_app(
        app, blocks, path="/", i18n=translations, theme=theme(), head=head(), footer_links=[], run_history=False,
        ssr_mode=False, enable_monitoring=False, pwa=False, mcp_server=False, show_error=True,
        max_file_size=MAX_UPLOAD_BYTES if wiring.may_change else "1kb",
        favicon_path=str(files("assistant.web") / "assets" / "icon.svg"),
    )  # fmt: skip


def words() -> gr.I18n:
    """Return the page's words as Gradio translates them, by the browser's language."""
    tables = {
        language: {**table, "upload_note": library_tab.upload_note(language)}
        for language, table in texts.tables().items()
    }
    return gr.I18n(**{"zh-CN": tables["zh"]}, **tables)


def head() -> str:
    """Return what the page's head gains: our styles, scripts and words, all from this server."""
    stored = json.dumps(texts.tables(), ensure_ascii=False).replace("<", "\\u003c")
    return _HEAD.format(texts=stored)


def theme() -> gr.themes.Base:
    """Return the one theme: calm, with the system's own fonts."""
    colours = {
        "body_background_fill": "var(--paper)",
        "body_text_color": "var(--ink)",
        "block_label_text_color": "var(--muted)",
        "block_title_text_color": "var(--muted)",
    }
    both = {**colours, **{f"{name}_dark": colour for name, colour in colours.items()}}
    return gr.themes.Base(
        primary_hue=gr.themes.colors.sky,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_md,
        font=list(FONTS),
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],
    ).set(color_accent="var(--chart)", **both)


def layout(wiring: Wiring, words: gr.I18n) -> gr.Blocks:
    """Return the page: the bar, then the tabs."""
    title = texts.text("zh", "page_title")
    with gr.Blocks(title=title, fill_width=True, analytics_enabled=False) as blocks:
        gr.HTML(slot("bar"), elem_id="bar-block", padding=False, apply_default_css=False)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab(words("tab_chat"), id="chat", elem_id="chat-tab"):
                gr.HTML(slot("chat"), elem_id="chat-block", padding=False, apply_default_css=False)
            with gr.Tab(words("tab_library"), id="library", elem_id="library-tab") as library:
                library_tab.fill(wiring, words, library)
            with gr.Tab(words("tab_settings"), id="settings", elem_id="settings-tab") as settings:
                settings_tab.fill(wiring, words, settings)
    return blocks


def slot(name: str) -> str:
    """Return the place that a script of the page fills."""
    return f'<div id="yinju-{html.escape(name)}" class="yinju-slot"></div>'
