"""The login page, and the gate before everything else when the page is open to others."""

from __future__ import annotations

import html
from typing import Literal
from urllib.parse import parse_qs, urlencode

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web import texts
from assistant.web.security import RateLimit, address_of
from assistant.web.users import COOKIE, SESSION_SECONDS, Users

SAME_SITE: Literal["lax"] = (
    "lax"  # a link from a mail opens signed in; what changes anything is held to its origin
)
OPEN_PATHS = ("/login", "/yinju/login.css", "/yinju/icon.svg", "/health")
_PAGE = """<!doctype html>
<html lang="{code}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="/yinju/icon.svg"><link rel="stylesheet" href="/yinju/login.css"></head>
<body><main><h1>{brand}</h1><p>{tagline}</p><form method="post" action="/login">{problem}
<input type="hidden" name="next" value="{wanted}">
<label>{user}<input name="user" autocomplete="username" required autofocus></label>
<label>{password}<input name="password" type="password" autocomplete="current-password" required></label>
<button>{button}</button></form></main></body></html>"""


class Gate:
    """Lets in who has signed in, by session cookie or Basic header; shows everybody else the login page."""

    def __init__(self, app: ASGIApp, *, users: Users) -> None:
        self._app = app
        self._users = users
        self._tries = RateLimit(per_second=0.2, burst=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        user = await self._user(request)
        if scope["path"] == "/login" and scope["method"] == "POST":
            await (await self._sign_in(request))(scope, receive, send)
        elif scope["path"] == "/logout" and scope["method"] == "POST":
            await self._sign_out(request)(scope, receive, send)
        elif user is not None or scope["path"] in OPEN_PATHS:
            scope.setdefault("state", {})["user"] = user
            wanted = request.query_params.get("next", "")
            page: ASGIApp = login_page(request, wanted) if scope["path"] == "/login" else self._app
            await page(scope, receive, send)
        else:
            await _turned_away(request)(scope, receive, send)

    async def _user(self, request: Request) -> str | None:
        token = request.cookies.get(COOKIE)
        if token and (name := self._users.of_session(token)):
            return name
        header = request.headers.get("authorization")
        if not header:
            return None
        known = self._users.known_header(header)
        if known is not None or self._tries.wait(address_of(request.scope)) > 0:
            return known
        return await to_thread.run_sync(self._users.of_header, header)

    async def _sign_in(self, request: Request) -> Response:
        try:
            body = parse_qs((await request.body()).decode(errors="replace"), max_num_fields=4)
        except ValueError:  # no form of ours
            return login_page(request, "", problem="login_failed", status=400)
        name, password, wanted = (body.get(field, [""])[0] for field in ("user", "password", "next"))
        seconds = self._tries.wait(address_of(request.scope))
        if seconds > 0:
            return login_page(request, wanted, problem="login_wait", status=429, seconds=int(seconds) + 1)
        if not await to_thread.run_sync(self._users.check, name.strip(), password):
            return login_page(request, wanted, problem="login_failed", status=401)
        response = RedirectResponse(f"/?{wanted}" if wanted else "/", status_code=303)  # it escapes line ends
        response.set_cookie(
            COOKIE, self._users.open_session(name.strip()), max_age=SESSION_SECONDS, httponly=True,
            secure=request.url.scheme == "https", samesite=SAME_SITE,
        )  # fmt: skip
        return response

    def _sign_out(self, request: Request) -> Response:
        """End the session of the browser that asks for it, and of no other."""
        token = request.cookies.get(COOKIE)
        if token:
            self._users.close_session(token)
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(COOKIE, httponly=True, samesite=SAME_SITE)
        return response


def login_page(
    request: Request, wanted: str, *, problem: str | None = None, status: int = 200, seconds: int = 0
) -> Response:
    """Return the login page in the browser's language; `wanted` is the query of the page that comes after it.

    `problem` names the text that says why somebody who tried to sign in is not.
    """
    language = texts.language_of(request.headers.get("accept-language"))
    words = {
        key: html.escape(texts.text(language, f"login_{key}"))
        for key in ("title", "user", "password", "button")
    }
    why = html.escape(texts.text(language, problem, seconds=seconds)) if problem else ""
    page = _PAGE.format(
        code="zh-CN" if language == "zh" else "en", wanted=html.escape(wanted), **words,
        problem=f'<p role="alert">{why}</p>' if why else "",
        brand=html.escape(texts.text(language, "brand")), tagline=html.escape(texts.text(language, "tagline")),
    )  # fmt: skip
    return HTMLResponse(page, status_code=status, headers={"Cache-Control": "no-store"})


def _turned_away(request: Request) -> Response:
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        query = request.url.query if request.url.path == "/" else ""
        return RedirectResponse(
            f"/login?{urlencode({'next': query})}" if query else "/login", status_code=303
        )
    message = "请先登录 (sign in first: a Basic header, or the cookie of /login)"
    # A browser would ask in a window of its own where the page's scripts are to lead to the login page.
    by_browser = "sec-fetch-mode" in request.headers
    headers = None if by_browser else {"WWW-Authenticate": 'Basic realm="yinju", charset="UTF-8"'}
    return JSONResponse(
        {"error": {"type": "Unauthorized", "message": message}}, status_code=401, headers=headers
    )
