"""What every response and request is held to: headers, the origin of a request, its size, its rate."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import re
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1_000_000
CLIENTS_REMEMBERED = 10_000
READING = frozenset({"GET", "HEAD", "OPTIONS"})
COSTLY = frozenset({"/page/follow-ups"})
"""Paths that only read, yet answer questions to do so."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser hides its origin from our own login form
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
_INLINE = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


def policy(scripts: Iterable[bytes] = ()) -> str:
    """Return the content policy: nothing from elsewhere, and of inline scripts only the given ones.

    Gradio compiles templates at run time ('unsafe-eval') and sets styles inline.
    """
    hashes = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{value}'" for value in dict.fromkeys(hashes))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'unsafe-eval' {allowed}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self' blob:",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def inline_scripts(page: bytes) -> list[bytes]:
    """Return the inline scripts of a page of ours."""
    return _INLINE.findall(page)


def is_loopback(host: str) -> bool:
    """Tell whether an address reaches only this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(slots=True)
class RateLimit:
    """A bucket of requests per client that refills steadily."""

    per_second: float
    burst: int
    _clients: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, client: str, *, now: float | None = None) -> float:
        """Take one request from a client's bucket; return the seconds to wait where it is empty, else 0."""
        at = time.monotonic() if now is None else now
        left, then = self._clients.pop(client, (float(self.burst), at))
        left = min(float(self.burst), left + (at - then) * self.per_second)
        missing = 1.0 - left
        self._clients[client] = (left if missing > 0 else left - 1.0, at)
        if len(self._clients) > CLIENTS_REMEMBERED:
            self._clients.popitem(last=False)
        return max(0.0, missing / self.per_second)


class Guard:
    """Refuses requests from other sites or too large, and adds the headers to every response."""

    def __init__(self, app: ASGIApp, *, loopback: bool, max_upload_bytes: int) -> None:
        self._app = app
        self._loopback = loopback
        self._max_upload_bytes = max_upload_bytes  # 0: uploads are refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", policy())
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send_guarded)
        else:
            await _answer(send_guarded, *refusal)

    def _refusal(self, scope: Scope) -> tuple[int, str, dict[str, str]] | None:
        headers = Headers(scope=scope)
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if self._loopback and not is_loopback(host):  # another name for this machine: DNS rebinding
            return 421, "这个地址只能在本机打开 (this page answers to localhost only)", {}
        if scope["method"] in READING:
            return None
        origin = headers.get("origin")
        if origin and urlsplit(origin).netloc != headers.get("host"):
            return 403, "请求来自另一个网站 (the request comes from another site)", {}
        limit = self._max_upload_bytes if scope["path"].startswith("/gradio_api/upload") else MAX_BODY_BYTES
        length = headers.get("content-length", "0" if "transfer-encoding" not in headers else str(limit + 1))
        if not length.isdigit() or int(length) > limit:
            return 413, f"请求太大，最多 {limit:,} 字节 (the request is too large)", {}
        return None


class Throttle:
    """Refuses requests of one client that come too fast: of a user, whatever the address, else of an address."""

    def __init__(self, app: ASGIApp, *, rate: RateLimit) -> None:
        self._app = app
        self._rate = rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request pass, or refuse it; what only looks something up is not counted."""
        if scope["type"] != "http" or (scope["method"] in READING and scope["path"] not in COSTLY):
            await self._app(scope, receive, send)
            return
        user = scope.get("state", {}).get("user")
        client = f"user {user}" if user else f"address {address_of(scope)}"
        seconds = self._rate.wait(client)
        if seconds > 0:
            wait = str(int(seconds) + 1)
            message = f"请求太多，请过 {wait} 秒再试 (too many requests: try again in {wait} s)"
            await _answer(send, 429, message, {"Retry-After": wait})
        else:
            await self._app(scope, receive, send)


def address_of(scope: Scope) -> str:
    """Return the address that a request comes from."""
    return str((scope.get("client") or ("unknown",))[0])


async def _answer(send: Send, status: int, message: str, extra: dict[str, str]) -> None:
    body = json.dumps({"error": {"type": "Refused", "message": message}}, ensure_ascii=False).encode()
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    headers += [(name.lower().encode(), value.encode()) for name, value in extra.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
