"""The web application: the API, the page's routes and Gradio's page, behind the guards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import PageUnavailable
from assistant.mcp_server import McpEndpoint
from assistant.web import api, checkup, routes
from assistant.web.gradio_start import import_gradio
from assistant.web.security import Guard, RateLimit, Throttle, is_loopback
from assistant.web.users import Users

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class Access:
    """Who can reach the page, who must sign in, and whether visitors may change the library."""

    loopback: bool
    users: Users | None
    may_change: bool

    def rate(self) -> RateLimit:
        """Return how often one client may ask; on this machine alone only a runaway script is stopped."""
        return RateLimit(100, 1000) if self.loopback else RateLimit(1, 30)


def access_for(host: str, *, auth: Path | None, allow_admin: bool) -> Access:
    """Return who has access to a page that is bound to `host`.

    Raises:
        PageUnavailable: others can reach it and it has no users, or their file cannot be read.
    """
    loopback = is_loopback(host)
    if not loopback and auth is None:
        raise PageUnavailable(
            f"{host} 对其他机器开放，必须设密码：加 --auth 文件（每行 用户:密码），或用 --host 127.0.0.1 "
            f"({host} is open to other machines: give --auth FILE of user:password lines, or --host 127.0.0.1)"
        )
    users = Users.read(auth) if auth else None
    return Access(loopback=loopback, users=users, may_change=loopback or allow_admin)


def application(wiring: routes.Wiring) -> FastAPI:
    """Return the API and the page's routes, without the page."""
    from fastapi import FastAPI
    from fastapi.exceptions import RequestValidationError
    from starlette.routing import Route

    from assistant.web.completions import router as completions_router

    app = FastAPI(title="Yinju", openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None)
    app.include_router(api.router(wiring.assistants, wiring.answering))
    app.include_router(completions_router(wiring.assistants, wiring.answering))
    app.include_router(routes.router(wiring))
    app.include_router(checkup.router(wiring))
    app.include_router(routes.assets())
    app.include_router(api.no_such_path())
    app.router.routes.append(Route("/mcp", McpEndpoint(wiring.assistants.base)))
    app.add_exception_handler(RequestValidationError, api.refuse_body)
    for error in (*api.EXPECTED, Exception):
        app.add_exception_handler(error, api.refuse)
    return app


def build(wiring: routes.Wiring, access: Access) -> ASGIApp:
    """Return the whole application, behind its guards."""
    import_gradio()
    from assistant.web import page
    from assistant.web.front import Front
    from assistant.web.uploads import MAX_FILES, MAX_UPLOAD_BYTES

    app = application(wiring)
    page.mount(app, wiring)
    largest = MAX_FILES * MAX_UPLOAD_BYTES if wiring.may_change else 0
    return guarded(Front(app), access, max_upload_bytes=largest)


def guarded(app: ASGIApp, access: Access, *, max_upload_bytes: int) -> ASGIApp:
    """Put the guard, the gate where users must sign in, and the limit on requests before an application."""
    from assistant.web.login import Gate

    inside: ASGIApp = Throttle(app, rate=access.rate())
    if access.users is not None:
        inside = Gate(inside, users=access.users)
    return Guard(inside, loopback=access.loopback, max_upload_bytes=max_upload_bytes)
