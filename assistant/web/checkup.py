"""The check-up: what the doctor finds, in the reader's language, and the repairs that a button may run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from assistant.machine import Fix
from assistant.web import ingest_job
from assistant.web.api import Body, event_stream
from assistant.web.routes import Wiring, read_only
from assistant.web.streaming import server_sent
from assistant.web.texts import language_of, one_language, text
from ingest.report import IngestReport


class RepairBody(Body):
    """What `POST /page/repair` reads: the repair that the doctor names."""

    fix: Fix


def router(wiring: Wiring) -> APIRouter:
    """Return the routes; both are refused where visitors may not change the library."""
    routes = APIRouter(prefix="/page", include_in_schema=False)

    @routes.get("/doctor", response_model=None)
    async def doctor(request: Request) -> dict[str, Any] | Response:
        if not wiring.may_change:
            return read_only()
        language = language_of(request.headers.get("accept-language"))
        return {"findings": await wiring.looking_up.run(lambda: findings(wiring, language))}

    @routes.post("/repair", response_model=None)
    async def repair(body: RepairBody, request: Request) -> Response:
        if not wiring.may_change:
            return read_only()
        return event_stream(steps(wiring, body.fix, language_of(request.headers.get("accept-language"))))

    return routes


def findings(wiring: Wiring, language: str) -> list[dict[str, object]]:
    """Return what `yinju doctor` finds, in one language; `fix` names a repair that a button may run."""
    from assistant.doctor import examine

    assistants = wiring.assistants
    found = examine(assistants.library.folder, settings=assistants.settings, port=None)
    return [
        {**one.to_dict(), "message": one_language(language, one.message), "fix": one.fix} for one in found
    ]


def steps(wiring: Wiring, fix: Fix, language: str) -> Iterator[str]:
    """Run a repair and yield its progress as server-sent events, the last one `done` or `failed`."""
    library, settings = wiring.assistants.library.folder, wiring.assistants.settings
    for step in ingest_job.run([], library, settings, rebuild=fix == "rebuild"):
        match step:
            case ingest_job.Progress():
                stage = text(language, f"ingest_{step.stage}")
                yield server_sent("progress", {"stage": stage, "done": step.done, "total": step.total})
            case IngestReport():
                yield server_sent("done", step.to_dict())
            case ingest_job.Failed():
                reason = one_language(language, step.reason)
                yield server_sent("failed", {"message": text(language, "ingest_error", reason=reason)})
            case ingest_job.Busy():
                yield server_sent("failed", {"message": text(language, "ingest_busy")})
