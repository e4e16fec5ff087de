"""A small OpenAI-compatible server on a real loopback socket, honest or broken as told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Reply = str | Callable[[dict[str, Any]], str]
STALL_SECONDS = 20.0


@dataclass
class Behaviour:
    """How the next requests are answered; `statuses` first, one a request, then `reply`."""

    reply: Reply = "你好。"
    statuses: list[int] = field(default_factory=list)
    chunk: int = 1
    pause_seconds: float = 0.0
    stall_after: int | None = None
    trickle: bool = False
    cut_after: int | None = None
    cut_times: int = 99
    endless: bool = False
    invalid_utf8: bool = False
    finish: bool = True
    tool_call: bool = False
    usage: bool = True
    retry_after: str | None = None


class OpenAIStub:
    """`with OpenAIStub(reply="…") as stub:` serves at `stub.base_url` and records `stub.requests`."""

    def __init__(self, **behaviour: Any) -> None:
        self.behaviour = Behaviour(**behaviour)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.disconnected = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                stub.handle(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name of the base class
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2)

    def handle(self, http: BaseHTTPRequestHandler) -> None:
        body = json.loads(http.rfile.read(int(http.headers["content-length"])))
        self.requests.append(body)
        self.headers.append({name.lower(): value for name, value in http.headers.items()})
        http.close_connection = True
        status = self.behaviour.statuses.pop(0) if self.behaviour.statuses else 200
        try:
            if status != 200:
                self._error(http, status)
            else:
                self._stream(http, body)
        except (BrokenPipeError, ConnectionResetError):
            self.disconnected.set()

    def _error(self, http: BaseHTTPRequestHandler, status: int) -> None:
        echo = http.headers.get("authorization", "")  # a careless server: repeats the key in its message
        data = json.dumps({"error": {"message": f"no: {echo}", "type": "x", "code": "x"}}).encode()
        http.send_response(status)
        http.send_header("content-type", "application/json")
        http.send_header("content-length", str(len(data)))
        if self.behaviour.retry_after:
            http.send_header("retry-after", self.behaviour.retry_after)
        http.end_headers()
        http.wfile.write(data)

    def _stream(self, http: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        behaviour = self.behaviour
        http.send_response(200)
        http.send_header("content-type", "text/event-stream; charset=utf-8")
        http.send_header("connection", "close")
        http.end_headers()
        reply = behaviour.reply if isinstance(behaviour.reply, str) else behaviour.reply(body)
        for count, piece in enumerate(self._pieces(reply)):
            if behaviour.cut_after is not None and count >= behaviour.cut_after and behaviour.cut_times > 0:
                behaviour.cut_times -= 1
                return
            if behaviour.stall_after is not None and count >= behaviour.stall_after:
                self._stall(http)
                return
            self._event(http, {"content": piece})
            time.sleep(behaviour.pause_seconds)
        self._finish(http, body)

    def _pieces(self, reply: str) -> Iterator[str]:
        size = self.behaviour.chunk
        while True:
            yield from (reply[at : at + size] for at in range(0, len(reply), size))
            if not self.behaviour.endless:
                return

    def _stall(self, http: BaseHTTPRequestHandler) -> None:
        until = time.monotonic() + STALL_SECONDS
        while time.monotonic() < until:
            if self.behaviour.trickle:
                http.wfile.write(b": keep-alive\n\n")
                http.wfile.flush()
            else:
                self._notice_disconnect(http)
            time.sleep(0.02)

    def _notice_disconnect(self, http: BaseHTTPRequestHandler) -> None:
        http.connection.setblocking(False)
        with suppress(BlockingIOError):
            if http.connection.recv(1) == b"":
                raise ConnectionResetError
        http.connection.setblocking(True)

    def _finish(self, http: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        behaviour = self.behaviour
        if behaviour.invalid_utf8:
            http.wfile.write(b'data: {"choices": [{"index": 0, "delta": {"content": "\xff\xfe\x80"}}]}\n\n')
        if behaviour.tool_call:
            call = {
                "index": 0,
                "id": "c1",
                "type": "function",
                "function": {"name": "search", "arguments": "{"},
            }
            self._event(http, {"tool_calls": [call]})
        if not behaviour.finish:
            return
        self._event(http, {}, finish="stop")
        if behaviour.usage and (body.get("stream_options") or {}).get("include_usage"):
            usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
            self._send(http, {"id": "x", "object": "chat.completion.chunk", "choices": [], "usage": usage})
        http.wfile.write(b"data: [DONE]\n\n")

    def _event(self, http: BaseHTTPRequestHandler, delta: dict[str, Any], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self._send(http, {"id": "x", "object": "chat.completion.chunk", "model": "stub", "choices": [choice]})

    def _send(self, http: BaseHTTPRequestHandler, data: dict[str, Any]) -> None:
        http.wfile.write(b"data: " + json.dumps(data, ensure_ascii=False).encode() + b"\n\n")
        http.wfile.flush()
