"""Serve the chat page until it is stopped: checks, the port, the page, the browser."""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import PageUnavailable

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.web.routes import Wiring
    from assistant.web.site import Access

logger = logging.getLogger(__name__)
SECONDS_TO_CLOSE = 2


def serve(
    library: Path,
    *,
    settings: Settings,
    host: str,
    port: int,
    auth: Path | None,
    allow_admin: bool,
    open_browser: bool,
) -> None:
    """Serve the chat page of a library, and the HTTP API beside it, until the process is stopped.

    Raises:
        PageUnavailable: the port is taken, the address is not this machine's, or a page that others can
            reach has no users.
        VectorstoreError: the library is missing or cannot be read.
    """
    # Questions side by side keep the cores busy; threads that numpy starts beside them only wait for one another.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from assistant.web.site import access_for  # FastAPI: not before it is known that a page is wanted

    access = access_for(host, auth=auth, allow_admin=allow_admin)
    with listen(host, port) as listener:
        wiring = open_library(library, settings=settings, may_change=access.may_change)
        try:
            _run(wiring, listener, access, host=host, open_browser=open_browser)
        finally:
            wiring.assistants.base.close()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at the address; port 0 takes any free one.

    Raises:
        PageUnavailable: it cannot.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host.strip("[]"), port))
        listener.listen(256)
    except (OSError, OverflowError) as error:
        listener.close()
        raise PageUnavailable(_why_not(host, port, error)) from error
    return listener


def _why_not(host: str, port: int, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return (
            f"端口 {port} 已被占用：用 --port 0 任选一个空闲端口，或换一个 --port "
            f"(port {port} is in use: choose another with --port, or any free one with --port 0)"
        )
    if number == errno.EACCES:
        return f"没有权限使用端口 {port}：换一个大于 1023 的 --port，或 --port 0 (port {port} is not allowed)"
    return f"无法在 {host}:{port} 打开页面（{error}）：检查 --host 和 --port (cannot serve at {host}:{port})"


def open_library(folder: Path, *, settings: Settings, may_change: bool) -> Wiring:
    """Open the library and what the page's parts share.

    Raises:
        VectorstoreError: it is missing or cannot be read.
    """
    from assistant.session import Assistant
    from assistant.web.assistants import Assistants
    from assistant.web.routes import Wiring
    from assistant.web.streaming import Threads
    from assistant.web.suggestions import Suggestions

    assistants = Assistants(Assistant.open(folder, settings=settings), settings=settings)
    return Wiring(
        assistants=assistants,
        answering=Threads(waits_for_model=settings.chat_model is not None),
        looking_up=Threads(waits_for_model=False),
        suggestions=Suggestions(assistants),
        may_change=may_change,
    )


def _run(wiring: Wiring, listener: socket.socket, access: Access, *, host: str, open_browser: bool) -> None:
    import uvicorn

    from assistant.web.site import build

    app = build(wiring, access)
    url = page_address(host, listener.getsockname()[1])
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=SECONDS_TO_CLOSE, server_header=False,
        date_header=False, ws="none",
    )  # fmt: skip
    print(f"引据已打开 Yinju is ready: {url}", flush=True)  # noqa: T201  # the address is this command's result
    print("按 Ctrl+C 停止 (Ctrl+C stops it)", file=sys.stderr, flush=True)  # noqa: T201
    threading.Thread(target=wiring.suggestions.prepare, name="examples", daemon=True).start()
    if open_browser:
        threading.Thread(target=show, args=(url,), name="browser", daemon=True).start()
    uvicorn.Server(config).run(sockets=[listener])


def page_address(host: str, port: int) -> str:
    """Return the address that a person on this machine opens."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}/"


def show(url: str) -> None:
    """Open the page in the user's browser, where there is a display."""
    has_display = sys.platform in {"darwin", "win32"} or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    try:
        if has_display:
            webbrowser.open(url)
    except (OSError, webbrowser.Error) as error:
        logger.debug("no browser could be opened: %s", error)
