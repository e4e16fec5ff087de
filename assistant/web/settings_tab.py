"""The settings tab: how to answer, the chat model, what the library was made with, the check-up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import metadata
from typing import TYPE_CHECKING

import gradio as gr

from assistant.web import render
from assistant.web.texts import language_of, one_language, text

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.web.routes import Wiring


def fill(wiring: Wiring, words: gr.I18n, tab: gr.Tab) -> None:
    """Fill the tab."""
    slot = '<div id="yinju-settings" class="yinju-slot"></div>'
    with gr.Column(elem_id="settings-page"):
        gr.HTML(slot, elem_id="settings-block", padding=False, apply_default_css=False)
        gr.Markdown(words("settings_model"), elem_classes="section-title")
        model = gr.HTML("", padding=False, apply_default_css=False, elem_id="model-status")
        if wiring.assistants.settings.chat_model and wiring.may_change:
            test = gr.Button(words("model_test"), size="sm", elem_id="model-test")
            test.click(
                Checks(wiring).model, outputs=model, show_progress="hidden", concurrency_limit=1,
                api_visibility="private",
            )  # fmt: skip
        gr.Markdown(words("settings_about"), elem_classes="section-title")
        about = gr.HTML("", padding=False, apply_default_css=False, elem_id="about")
        slot = '<div id="yinju-checkup" class="yinju-slot"></div>'
        gr.HTML(slot, elem_id="checkup-block", padding=False, apply_default_css=False)
    checks = Checks(wiring)
    tab.select(checks.status, outputs=[model, about], show_progress="hidden", api_visibility="private")


class Checks:
    """What the tab shows and tests."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def status(self, request: gr.Request) -> tuple[str, str]:
        """Return the chat model's status, and what the library was made with."""
        language = language_of(request.headers.get("accept-language"))
        name = self._wiring.assistants.settings.chat_model
        said = text(language, "model_set", model=name) if name else text(language, "model_none")
        return render.notice(said, "status"), render.facts(self._facts(language))

    def _facts(self, language: str) -> list[tuple[str, str]]:
        library = self._wiring.assistants.library
        articles, passages = library.catalog.counts(library.catalog.generation)
        values = {
            "articles": f"{articles:,}",
            "passages": f"{passages:,}",
            "embedder": library.embedder.fingerprint,
            "version": metadata.version("yinju"),
        }
        if self._wiring.may_change:
            roots = "\n".join(str(root) for root in library.catalog.roots()) or "—"
            values = {"library": str(library.folder), "roots": roots, **values}
        return [(text(language, f"about_{name}"), value) for name, value in values.items()]

    def model(self, request: gr.Request) -> Iterator[str]:
        """Ask the chat model for one word, and say how long it took or why it failed."""
        language = language_of(request.headers.get("accept-language"))
        yield render.notice(text(language, "model_testing"), "status")
        started = time.perf_counter()
        try:
            say_one_word(self._wiring.assistants.settings)
        except Exception as error:  # providers raise errors of their own kinds
            reason = one_language(language, why_not(error))
            yield render.notice(text(language, "model_failed", reason=reason), "warning")
            return
        ms = round((time.perf_counter() - started) * 1000)
        yield render.notice(text(language, "model_ok", ms=ms), "good")


def say_one_word(settings: Settings) -> None:
    """Have the chat model of the settings answer once.

    Raises:
        Exception: whatever its provider raises.
    """
    from assistant.writing.chat_model import open_chat_model

    model = open_chat_model(settings.model_copy(update={"output_tokens": 16}))
    for _ in model.stream("你好，只回答一个字：好"):  # as answers are asked for; nothing to say is no failure
        pass


def why_not(error: Exception) -> str:
    """Return why a chat model failed, in our words: a provider's own may repeat the key."""
    from assistant.errors import AssistantError
    from assistant.writing.calling import reason_for

    return str(error) if isinstance(error, AssistantError) else reason_for(error)
