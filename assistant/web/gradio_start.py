"""Import Gradio quietly and quickly: no calls home, no stub files."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager


def import_gradio() -> None:
    """Import Gradio, the first time in about 1.5 instead of 2.5 seconds (benchmarks/page_load.py)."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    with _no_stub_files():
        import gradio  # noqa: F401


@contextmanager
def _no_stub_files() -> Iterator[None]:
    """Hide from Gradio where its components' sources are.

    It compares each one's source with its .pyi file at every import, for editors only; where there is no
    source it does nothing.
    """
    known = inspect.getfile

    def getfile(thing: object) -> str:
        if inspect.isclass(thing) and thing.__module__.startswith("gradio."):
            raise OSError("not needed to serve a page")
        return known(thing)  # type: ignore[arg-type]  # as its caller gave it

    inspect.getfile = getfile  # type: ignore[assignment]  # for the import only
    try:
        yield
    finally:
        inspect.getfile = known
