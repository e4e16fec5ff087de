"""The library for other assistants: read-only tools over the Model Context Protocol, at /mcp."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from assistant.errors import NoSuchArticle

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from starlette.types import ASGIApp, Receive, Scope, Send

    from assistant.session import Assistant

INSTRUCTIONS = (
    "引据：从一个中文文章资料库里回答问题；citations 里的 cited_text 是文章原话。"
    "Answers from a library of Chinese articles; every cited_text is an article's exact words."
)
MAX_ARTICLE_CHARS = 20_000
MAX_LISTED = 200


def mcp_server(assistant: Assistant) -> MCPServer[Any]:
    """Return a server with the tools ask, search, read_article and list_articles."""
    from mcp.server import MCPServer

    server = MCPServer("yinju", instructions=INSTRUCTIONS)

    @server.tool()
    def ask(question: str) -> dict[str, Any]:
        """回答问题，每句话都带引用；文章没写就拒答。Answer a question with citations, or refuse."""
        return assistant.ask(question).to_dict()

    @server.tool()
    def search(query: str, limit: int = 10) -> dict[str, Any]:
        """只找段落。Find passages only."""
        hits = assistant.search(query, limit=max(1, min(limit, 50)))
        return {"hits": [hit.to_dict() for hit in hits]}

    @server.tool()
    def read_article(article_id: str, start: int = 0, end: int | None = None) -> dict[str, Any]:
        """读一篇文章的一段原文（按字符位置）。Read an article, or the characters start..end of it."""
        article = assistant.article(article_id)
        if article is None:
            raise NoSuchArticle(article_id)
        start = max(0, start)
        stop = min(len(article.text) if end is None else end, start + MAX_ARTICLE_CHARS)
        return {**article.to_dict(), "text": article.text[start:stop], "start": start, "end": stop}

    @server.tool()
    def list_articles(offset: int = 0, limit: int = 50) -> dict[str, Any]:
        """列出文章（新的在前）。List the articles, newest first."""
        limit = max(1, min(limit, MAX_LISTED))
        with assistant.retriever.library.reading() as snapshot:
            shown = snapshot.reader.listing(limit=limit, offset=max(0, offset))
            total = snapshot.reader.article_count()
        return {"total": total, "articles": [article.to_dict() for article in shown]}

    return server


class McpEndpoint:
    """The tools over HTTP, as an ASGI application; the protocol is imported with the first request."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._app: ASGIApp | None = None
        self._starting = asyncio.Lock()
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._starting:
            if self._app is None:
                self._app = await self._start()
        await self._app(scope, receive, send)

    async def _start(self) -> ASGIApp:
        from mcp.server.transport_security import TransportSecuritySettings

        server = await asyncio.to_thread(mcp_server, self._assistant)
        # The page's own guard has already checked the Host and Origin of the request.
        unguarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        app = server.streamable_http_app(
            json_response=True, stateless_http=True, transport_security=unguarded
        )
        ready = asyncio.Event()

        async def run() -> None:
            async with server.session_manager.run():
                ready.set()
                await asyncio.Event().wait()  # until the server stops and cancels this

        self._running = asyncio.create_task(run())
        await ready.wait()
        return app
