"""The MCP tools, as another assistant calls them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from assistant import Assistant
from assistant.mcp_server import McpEndpoint, mcp_server


@pytest.fixture(scope="module")
def assistant(samples_library: Path) -> Iterator[Assistant]:
    with Assistant.open(samples_library) as opened:
        yield opened


def call(assistant: Assistant, tool: str, **arguments: Any) -> Any:
    async def run() -> Any:
        async with Client(mcp_server(assistant)) as client:
            result = await client.call_tool(tool, arguments)
            return json.loads(result.content[0].text)  # type: ignore[union-attr]  # our tools answer in text

    return asyncio.run(run())


def test_ask_answers_with_citations_that_read_article_confirms(assistant: Assistant) -> None:
    answer = call(assistant, "ask", question="云汀人工智能产业园实际签约企业为多少家？")
    citation = answer["citations"][0]
    words = call(
        assistant, "read_article",
        article_id=citation["article_id"], start=citation["start_char"], end=citation["end_char"],
    )  # fmt: skip
    assert words["text"] == citation["cited_text"]


def test_search_and_list(assistant: Assistant) -> None:
    assert call(assistant, "search", query="产业园", limit=2)["hits"][0]["rank"] == 1
    listed = call(assistant, "list_articles", limit=3)
    assert len(listed["articles"]) == 3 < listed["total"]
    assert "text" not in listed["articles"][0]
    everything = call(assistant, "list_articles", limit=1000)["articles"]
    assert [article["id"] for article in everything] == [article.id for article in assistant.articles()]
    assert call(assistant, "list_articles", offset=1, limit=2)["articles"] == everything[1:3]
    past = call(assistant, "list_articles", offset=len(everything))
    assert (past["total"], past["articles"]) == (len(everything), [])
    assert call(assistant, "list_articles", offset=-3, limit=0)["articles"] == everything[:1]


def test_the_tools_are_served_over_http(assistant: Assistant) -> None:
    request = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"},
        },
    }  # fmt: skip
    headers = {"accept": "application/json, text/event-stream"}
    with TestClient(Starlette(routes=[Route("/mcp", McpEndpoint(assistant))])) as client:
        answered = client.post("/mcp", json=request, headers=headers)
        listed = client.post(
            "/mcp", json={"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}, headers=headers
        )
    assert answered.json()["result"]["serverInfo"]["name"] == "yinju"
    names = {tool["name"] for tool in listed.json()["result"]["tools"]}
    assert names == {"ask", "search", "read_article", "list_articles"}
