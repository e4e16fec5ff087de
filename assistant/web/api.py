"""The JSON API: ask, search, articles. The chat page is one of its clients."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from assistant.answering import MAX_QUESTION_CHARS
from assistant.chain import check_question
from assistant.characters import whole_values
from assistant.errors import AssistantError, NoSuchArticle
from assistant.events import Event, Turn
from assistant.web.assistants import Assistants
from assistant.web.streaming import Threads, server_sent, to_dict
from vectorstore.catalog_reader import Filters, ListedArticle
from vectorstore.errors import VectorstoreError
from vectorstore.library import Library

logger = logging.getLogger(__name__)
EXPECTED: tuple[type[Exception], ...] = (AssistantError, VectorstoreError, ValueError)
MAX_TURNS = 20
MAX_ANSWER_CHARS = 20_000


class Body(BaseModel):
    """A request's body; unknown names are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _make_whole(cls, values: Any) -> Any:
        """Mend the halves of emoji that a program cut in two."""
        return whole_values(values)


class FilterBody(Body):
    """Hard limits on the articles used."""

    since: date | None = None
    until: date | None = None
    source: str | None = Field(None, max_length=200)
    fields: dict[str, str] = Field(default_factory=dict, max_length=10)

    @field_validator("fields")
    @classmethod
    def _check_names(cls, fields: dict[str, str]) -> dict[str, str]:
        """Refuse the names that SQLite cannot look up."""
        if any(character == '"' or character < " " for name in fields for character in name):
            raise ValueError(
                "字段名不能含有引号或控制字符 (a field's name cannot hold a quotation mark or a control character)"
            )
        return fields

    def filters(self) -> Filters | None:
        """Return the limits, or None where there is none."""
        fields = tuple(self.fields.items())
        return Filters(since=self.since, until=self.until, source=self.source or None, fields=fields) or None


class TurnBody(Body):
    """One earlier question and its answer."""

    question: str = Field(max_length=MAX_QUESTION_CHARS)
    answer: str = Field(max_length=MAX_ANSWER_CHARS)


class AskBody(Body):
    """What `POST /v1/ask` reads."""

    question: str
    history: list[TurnBody] = Field(default_factory=list, max_length=MAX_TURNS)
    filters: FilterBody = Field(default_factory=FilterBody)
    ignore_time: bool = False
    stream: bool = False
    strictness: float | None = Field(None, ge=0.0, le=1.0)
    passages: int | None = Field(None, ge=1, le=50)


class SearchBody(Body):
    """What `POST /v1/search` reads."""

    query: str = Field(min_length=1, max_length=MAX_QUESTION_CHARS)
    limit: int = Field(10, ge=1, le=100)
    filters: FilterBody = Field(default_factory=FilterBody)

    @field_validator("query")
    @classmethod
    def _check_words(cls, query: str) -> str:
        if not query.strip():
            raise ValueError("要找的内容是空的 (there is nothing to look for)")
        return query


def router(assistants: Assistants, threads: Threads) -> APIRouter:
    """Return the routes of the API."""
    routes = APIRouter()

    @routes.get("/health")
    async def health() -> dict[str, Any]:
        catalog = assistants.library.catalog
        generation = await threads.run(lambda: catalog.generation)
        return {"status": "ok", "generation": generation}

    @routes.post("/v1/ask", response_model=None)
    async def ask(body: AskBody) -> dict[str, object] | StreamingResponse:
        events = answer_events(assistants, body)
        if body.stream:
            return event_stream(_sent(threads, events))
        async for event in threads.events(events):
            name, content = to_dict(event)
            if name == "finished":
                return content
        raise AssertionError("a stream ends with Finished")

    @routes.post("/v1/search")
    async def search(body: SearchBody) -> dict[str, Any]:
        filters = body.filters.filters()
        hits = await threads.run(
            lambda: assistants.base.search(body.query, limit=body.limit, filters=filters)
        )
        return {"query": body.query, "hits": [hit.to_dict() for hit in hits]}

    @routes.get("/v1/articles")
    async def articles() -> dict[str, Any]:
        listed = await threads.run(lambda: list_articles(assistants.library))
        return {"articles": [article.to_dict() for article in listed]}

    @routes.get("/v1/articles/{article_id}")
    async def article(article_id: str) -> dict[str, object]:
        found = await threads.run(lambda: assistants.base.article(article_id))
        if found is None:
            raise NoSuchArticle(article_id)
        return found.to_dict()

    return routes


def no_such_path() -> APIRouter:
    """Return the route of every other path of the API; it goes after all others."""
    routes = APIRouter(include_in_schema=False)
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

    @routes.api_route("/v1/{path:path}", methods=methods)
    async def unknown(request: Request) -> JSONResponse:
        asked = f"{request.method} {request.url.path}"
        message = f"没有 {asked} 这个接口，见 /v1/openapi.json (no such operation: {asked})"
        return JSONResponse({"error": {"type": "NotFound", "message": message}}, status_code=404)

    return routes


def list_articles(library: Library) -> list[ListedArticle]:
    """Return every article without its text, newest first."""
    with library.reading() as snapshot:
        return snapshot.reader.listing()


def answer_events(assistants: Assistants, body: AskBody) -> Iterator[Event]:
    """Return the events of the answer that a body asks for.

    Raises:
        ValueError: the question is empty or too long.
    """
    check_question(body.question)
    assistant = assistants.chosen(strictness=body.strictness, passages=body.passages)
    history = [Turn(turn.question, turn.answer) for turn in body.history]
    return assistant.stream(
        body.question, history=history, filters=body.filters.filters(), ignore_time=body.ignore_time
    )


def event_stream(events: AsyncIterator[str] | Iterator[str]) -> StreamingResponse:
    """Return server-sent events that no proxy keeps back."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _sent(threads: Threads, events: Iterator[Event]) -> AsyncIterator[str]:
    try:
        async for event in threads.events(events):
            yield server_sent(*to_dict(event))
    except Exception as error:
        logger.exception("an answer failed")
        yield server_sent("error", problem(error)[1])


def problem(error: Exception) -> tuple[int, dict[str, object]]:
    """Return the status and the JSON that tell a client what went wrong."""
    status = {NoSuchArticle: 404, ValueError: 400}.get(type(error), 500)
    if isinstance(error, EXPECTED):
        message = str(error)
        status = 503 if isinstance(error, VectorstoreError) else status
    else:
        name = type(error).__name__
        message = f"服务器出错（{name}）：请查看服务器日志 (the server failed, {name}: see its log)"
    return status, {"error": {"type": type(error).__name__, "message": message}}


async def refuse(_request: Request, error: Exception) -> JSONResponse:
    """Answer a request that failed."""
    status, content = problem(error)
    if status == 500:
        logger.error("a request failed", exc_info=error)
    return JSONResponse(content, status_code=status)


async def refuse_body(_request: Request, error: Exception) -> JSONResponse:
    """Answer a request whose body is not what the API reads: which field, and why."""
    errors = error.errors() if hasattr(error, "errors") else []
    details = "; ".join(f"{'.'.join(str(part) for part in e['loc'][1:])}: {e['msg']}" for e in errors)
    message = f"请求格式不对：{details} (the request's body is wrong: {details})"
    return JSONResponse({"error": {"type": "InvalidRequest", "message": message}}, status_code=422)
