"""Gradio's page made ours: the language and title of the document, no links elsewhere, a policy for its scripts."""

from __future__ import annotations

import html
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web import texts
from assistant.web.security import inline_scripts, policy

_META = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*?/>', re.DOTALL)
_LANG = re.compile(rb'<html\s+lang="[^"]*"')
_TITLE = re.compile(rb"<title>.*?</title>", re.DOTALL)
_HEAD_END = re.compile(rb"</head>")


class Front:
    """Rewrites the one HTML page at `/`; everything else passes through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and rewrite the page in the answer."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        language = texts.language_of(Headers(scope=scope).get("accept-language"))
        start: Message = {}
        parts: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                await _send_page(send, start, b"".join(parts), language)

        await self._app(scope, receive, collect)


async def _send_page(send: Send, start: Message, body: bytes, language: str) -> None:
    headers = MutableHeaders(raw=list(start["headers"]))
    if headers.get("content-type", "").startswith("text/html"):
        body = rewrite(body, language)
        headers["Content-Length"] = str(len(body))
        headers["Content-Security-Policy"] = policy(inline_scripts(body))
        headers["Cache-Control"] = "no-store"
        headers["Vary"] = "Accept-Language"
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})


def rewrite(page: bytes, language: str) -> bytes:
    """Return the page in a language, without Gradio's descriptions of itself for other sites."""
    code = "zh-CN" if language == "zh" else "en"
    title = html.escape(texts.text(language, "page_title"))
    page = _META.sub(b"", page)
    page = _LANG.sub(f'<html lang="{code}"'.encode(), page, count=1)
    page = _TITLE.sub(b"", page)
    return _HEAD_END.sub(f"<title>{title}</title></head>".encode(), page, count=1)
