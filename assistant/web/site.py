"""The web application: the API, the page's routes and Gradio's page, behind the guards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant import http_api
from assistant.web import routes
from assistant.web.gradio_start import import_gradio
from assistant.web.security import RateLimit

if TYPE_CHECKING:
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


def build(wiring: routes.Wiring, access: Access) -> ASGIApp:
    """Return the whole application."""
    import_gradio()
    from fastapi import FastAPI
    from fastapi.exceptions import RequestValidationError

    from assistant.web import page
    from assistant.web.completions import router as completions_router
    from assistant.web.front import Front
    from assistant.web.login import Gate
    from assistant.web.security import Guard
    from assistant.web.uploads import MAX_FILES, MAX_UPLOAD_BYTES

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield

    app = FastAPI(title="Yinju", openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.include_router(http_api.router(wiring.assistants, wiring.answering))
    app.include_router(completions_router(wiring.assistants, wiring.answering))
    app.include_router(routes.router(wiring))
    app.include_router(routes.assets())
    app.add_exception_handler(RequestValidationError, http_api.refuse_body)
    app.add_exception_handler(Exception, http_api.refuse)
    for error in http_api.EXPECTED:
        app.add_exception_handler(error, http_api.refuse)
    page.mount(app, wiring)
    inside: ASGIApp = Front(app)
    if access.users is not None:
        inside = Gate(inside, users=access.users)
    largest = MAX_FILES * MAX_UPLOAD_BYTES if wiring.may_change else 0
    return Guard(inside, loopback=access.loopback, rate=access.rate(), max_upload_bytes=largest)
