"""What the page asks of the server beside the public API: evidence, suggestions, the table, feedback, assets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from assistant.errors import NoSuchArticle
from assistant.web import ingest_job, listing
from assistant.web.assistants import Assistants
from assistant.web.evidence import article_view
from assistant.web.feedback import Feedback, keep
from assistant.web.streaming import Threads
from assistant.web.suggestions import Suggestions
from assistant.web.texts import in_both

MOST_ARTICLES = 3  # looked at for follow-up questions
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the page's parts share."""

    assistants: Assistants
    answering: Threads
    looking_up: Threads
    suggestions: Suggestions
    may_change: bool


def router(wiring: Wiring) -> APIRouter:
    """Return the routes that only the page uses."""
    routes = APIRouter(prefix="/page", include_in_schema=False)
    _add_suggestions(routes, wiring)
    _add_library(routes, wiring)
    library, run = wiring.assistants.library, wiring.looking_up.run

    @routes.get("/state")
    async def state(request: Request) -> dict[str, Any]:
        user = request.scope.get("state", {}).get("user")
        return {**await run(lambda: page_state(wiring)), "user": user}

    @routes.get("/evidence/{article_id}")
    async def evidence(
        article_id: str, start: int = 0, end: int = 0, digest: str | None = None
    ) -> dict[str, Any]:
        return await run(
            lambda: article_view(library, article_id, start_char=start, end_char=end, digest=digest)
        )

    @routes.post("/feedback")
    async def feedback(body: Feedback) -> Response:
        kept = await run(lambda: keep(library.folder, body))
        return JSONResponse({"kept": kept}, status_code=200 if kept else 507)

    return routes


def _add_suggestions(routes: APIRouter, wiring: Wiring) -> None:
    suggestions = wiring.suggestions
    making = asyncio.Lock()  # who waits for the examples holds no thread that questions need

    @routes.get("/examples")
    async def examples() -> dict[str, Any]:
        known = await wiring.looking_up.run(suggestions.examples)
        if known is None:
            async with making:
                await wiring.answering.run(suggestions.prepare)
            known = await wiring.looking_up.run(suggestions.examples)
        return {"questions": known or []}

    @routes.get("/follow-ups")
    async def follow_ups(articles: Annotated[list[str], Query(max_length=MOST_ARTICLES)]) -> dict[str, Any]:
        return {"questions": await wiring.answering.run(lambda: suggestions.about_any(articles))}


def _add_library(routes: APIRouter, wiring: Wiring) -> None:
    library, run = wiring.assistants.library, wiring.looking_up.run

    @routes.get("/articles")
    async def articles(wanted: Annotated[listing.Wanted, Depends()]) -> dict[str, Any]:
        return await run(lambda: listing.list_articles(library, wanted))

    @routes.get("/choices")
    async def choices() -> dict[str, Any]:
        return await run(lambda: listing.choices(library))

    @routes.post("/articles/{article_id}/remove")
    async def remove(article_id: str) -> Response:
        if not wiring.may_change:
            return read_only()
        settings = wiring.assistants.settings
        if not await run(lambda: ingest_job.remove(article_id, library.folder, settings)):
            raise NoSuchArticle(article_id)
        return JSONResponse({"removed": article_id})


def read_only() -> Response:
    """Return the refusal of a change where visitors may not make any."""
    error = {"type": "ReadOnly", "message": in_both("read_only")}
    return JSONResponse({"error": error}, status_code=403)


def page_state(wiring: Wiring) -> dict[str, Any]:
    """Return what the page needs before it can ask: counts, defaults, what may be changed."""
    library, settings = wiring.assistants.library, wiring.assistants.settings
    catalog = library.catalog
    articles, passages = catalog.counts(catalog.generation)
    return {
        "library": catalog.meta("library_id") or "library",
        "articles": articles,
        "passages": passages,
        "may_change": wiring.may_change,
        "chat_model": settings.chat_model,
        "defaults": {"strictness": settings.strictness, "passages": settings.passages},
    }


def assets() -> APIRouter:
    """Return the route of the page's own scripts and styles."""
    routes = APIRouter(prefix="/yinju", include_in_schema=False)
    folder = files("assistant.web") / "assets"
    kinds = {entry.name: _TYPES.get(f".{entry.name.rpartition('.')[2]}", "") for entry in folder.iterdir()}

    @routes.get("/{name}")
    def asset(name: str) -> Response:
        if not kinds.get(name):
            return Response(status_code=404)
        content = (folder / name).read_bytes()
        return Response(content, media_type=kinds[name], headers={"Cache-Control": "no-cache"})

    return routes
