"""The web application: the API, the page's routes and Gradio's page, behind the guards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant import http_api
from assistant.mcp_server import McpEndpoint
from assistant.web import routes
from assistant.web.gradio_start import import_gradio
from assistant.web.security import RateLimit

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from assistant.web.users import Users


@dataclass(frozen=True, slots=True)
class Access:
    """Who can reach the page, and who must sign in."""

    loopback: bool
    users: Users | None

    def rate(self) -> RateLimit:
        """Return how often one client may ask; on this machine alone only a runaway script is stopped."""
        return RateLimit(100, 1000) if self.loopback else RateLimit(1, 30)


def application(wiring: routes.Wiring) -> FastAPI:
    """Return the API and the page's routes, without the page."""
    from fastapi import FastAPI
    from fastapi.exceptions import RequestValidationError
    from starlette.routing import Route

    from assistant.web.completions import router as completions_router

    app = FastAPI(title="Yinju", openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None)
    app.include_router(http_api.router(wiring.assistants, wiring.answering))
    app.include_router(completions_router(wiring.assistants, wiring.answering))
    app.include_router(routes.router(wiring))
    app.include_router(routes.assets())
    app.router.routes.append(Route("/mcp", McpEndpoint(wiring.assistants.base)))
    app.add_exception_handler(RequestValidationError, http_api.refuse_body)
    for error in (*http_api.EXPECTED, Exception):
        app.add_exception_handler(error, http_api.refuse)
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
    """Put the gate, where users must sign in, and the guard before an application."""
    from assistant.web.login import Gate
    from assistant.web.security import Guard

    inside = app if access.users is None else Gate(app, users=access.users)
    return Guard(inside, loopback=access.loopback, rate=access.rate(), max_upload_bytes=max_upload_bytes)
