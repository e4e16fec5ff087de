"""The HTTP API and the routes of the page, without the page."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.answer import Answer
from assistant.web import ingest_job
from assistant.web.gradio_start import import_gradio
from assistant.web.routes import Wiring
from assistant.web.site import application
from assistant.web.suggestions import Suggestions
from tests.served_page import ANSWERED, REFUSED, SETTINGS, make_library, wired
from vectorstore.lock import writer_lock


@pytest.fixture(scope="module")
def wiring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiring]:
    """A library opened as the page does; for reading only."""
    with wired(make_library(tmp_path_factory.mktemp("api")), may_change=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(wiring: Wiring) -> Iterator[TestClient]:
    """A client of the API."""
    with TestClient(application(wiring), raise_server_exceptions=False) as opened:
        yield opened


def events(body: str) -> list[tuple[str, Any]]:
    """Return the names and contents of server-sent events."""
    blocks = [block.split("\n") for block in body.strip().split("\n\n")]
    return [
        (lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))) for lines in blocks
    ]


def test_an_answer_cites_the_exact_words(client: TestClient) -> None:
    answer = client.post("/v1/ask", json={"question": ANSWERED}).json()
    citation = answer["citations"][0]
    article = client.get(f"/v1/articles/{citation['article_id']}").json()
    assert article["text"][citation["start_char"] : citation["end_char"]] == citation["cited_text"]
    assert "林知远" in answer["answer"]
    view = client.get(f"/page/evidence/{citation['article_id']}", params={
        "start": citation["start_char"], "end": citation["end_char"]}).json()  # fmt: skip
    assert (view["quote"], view["state"], view["url"]) == (citation["cited_text"], "same", None)


def test_a_streamed_answer_ends_with_the_same_answer(client: TestClient) -> None:
    plain = client.post("/v1/ask", json={"question": ANSWERED}).json()
    streamed = client.post("/v1/ask", json={"question": ANSWERED, "stream": True})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    sent = events(streamed.text)
    assert [name for name, _ in sent][:2] == ["understood", "found"]
    assert sent[-1][0] == "finished"
    assert sent[-1][1]["answer"] == plain["answer"]


def test_filters_strictness_and_passages_are_followed(client: TestClient) -> None:
    old = client.post(
        "/v1/ask", json={"question": ANSWERED, "filters": {"until": "2017-12-31"}, "passages": 2}
    ).json()
    assert all(hit["published"] <= "2017-12-31" for hit in old["hits"])
    assert len(old["hits"]) <= 2
    found = client.post(
        "/v1/search", json={"query": "方言", "limit": 3, "filters": {"fields": {"行业": "电信"}}}
    ).json()
    assert found["hits"]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/v1/ask", {"question": " "}, 400, "问题是空的"),
        ("/v1/ask", {"question": "好" * 2001}, 400, "问题太长"),
        ("/v1/ask", {"question": "?", "pasages": 3}, 422, "pasages"),
        ("/v1/ask", {"question": "?", "passages": 0}, 422, "passages"),
        ("/v1/ask", {"question": "?", "filters": {"since": "昨天"}}, 422, "since"),
        ("/v1/ask", {"question": "?", "filters": {"fields": {'a"b': "c"}}}, 422, "引号"),
        ("/v1/search", {"query": "?", "filters": {"fields": {"a\x00b": "c"}}}, 422, "控制字符"),
        ("/v1/search", {"query": ""}, 422, "query"),
        ("/v1/search", {"query": " \n"}, 422, "query"),
        ("/v1/nothing", {}, 404, "POST /v1/nothing"),
        ("/v1/chat/completions", {"messages": []}, 422, "messages"),
        ("/v1/chat/completions", {"messages": [{"role": "assistant", "content": "好"}]}, 400, "user"),
    ],
)
def test_wrong_requests_are_told_what_is_wrong(
    client: TestClient, path: str, body: dict[str, Any], status: int, words: str
) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]


def test_unknown_articles_and_changes_without_leave_are_refused(client: TestClient) -> None:
    assert client.get("/v1/articles/none").status_code == 404
    known = client.get("/v1/articles").json()["articles"]
    assert client.post(f"/page/articles/{known[0]['id']}/remove").status_code == 403
    assert len(client.get("/v1/articles").json()["articles"]) == len(known)
    assert client.get("/health").json()["status"] == "ok"
    assert client.get("/page/doctor").status_code == 403
    refused = client.post("/page/repair", json={"fix": "rebuild"})
    assert refused.status_code == 403
    assert "--allow-admin" in refused.json()["error"]["message"]


def test_the_articles_are_listed_without_reading_their_texts(client: TestClient, wiring: Wiring) -> None:
    listed = client.get("/v1/articles").json()["articles"]
    assert listed == [
        {name: value for name, value in article.to_dict().items() if name != "text"}
        for article in wiring.assistants.base.articles()
    ]
    asked: list[str] = []
    wiring.assistants.library.catalog._connection.set_trace_callback(asked.append)
    client.get("/v1/articles")
    wiring.assistants.library.catalog._connection.set_trace_callback(None)
    assert asked
    assert not [sql for sql in asked if "SELECT *" in sql or "text" in sql]


def test_a_repair_reports_its_progress_and_mends(tmp_path: Path) -> None:
    library = make_library(tmp_path)
    with wired(library) as opened, TestClient(application(opened)) as admin:
        shutil.rmtree(library / "indexes" / "1" / "lexical")
        found = admin.get("/page/doctor", headers={"Accept-Language": "en"}).json()["findings"]
        (fault,) = [one for one in found if one["level"] == "fault"]
        assert fault["fix"] == "rebuild"
        assert fault["message"].startswith("the lexical index")
        assert fault["repair"].startswith("yinju reingest --rebuild")
        sent = events(admin.post("/page/repair", json={"fix": "rebuild"}).text)
        assert {name for name, _ in sent[:-1]} == {"progress"}
        assert sent[-1][0] == "done"
        assert not [one for one in admin.get("/page/doctor").json()["findings"] if one["level"] == "fault"]
        assert admin.post("/page/repair", json={"fix": "rm -rf"}).status_code == 422
        with writer_lock(library):
            name, content = events(admin.post("/page/repair", json={"fix": "reingest"}).text)[-1]
        assert name == "failed"
        assert "另一个进程正在写入资料库" in content["message"]
        assert "another process" not in content["message"]


def test_openai_clients_get_answers_and_citations(client: TestClient) -> None:
    assert client.get("/v1/models").json()["data"][0]["id"] == "yinju"
    messages = [
        {"role": "system", "content": "你是助手"},
        {"role": "user", "content": [{"type": "text", "text": ANSWERED}]},
    ]
    whole = client.post(
        "/v1/chat/completions", json={"messages": messages, "temperature": 0, "model": "x"}
    ).json()
    assert "林知远" in whole["choices"][0]["message"]["content"]
    streamed = client.post("/v1/chat/completions", json={"messages": messages, "stream": True}).text
    lines = [line.removeprefix("data: ") for line in streamed.strip().split("\n\n")]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    said = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert said == whole["choices"][0]["message"]["content"]
    assert chunks[-1]["citations"] == whole["citations"]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    refused = client.post(
        "/v1/chat/completions", json={"messages": [{"role": "user", "content": REFUSED}]}
    ).json()
    assert (refused["refused"], refused["citations"]) == (True, [])


@pytest.mark.parametrize(
    "more",
    [
        {"model": None, "stream": None, "stream_options": None},
        {
            "messages": [
                {"role": "function", "name": "f", "content": "1"},
                {"role": "user", "content": ANSWERED},
            ]
        },
    ],
)
def test_openai_clients_may_say_null_and_function(client: TestClient, more: dict[str, Any]) -> None:
    body = {"messages": [{"role": "user", "content": ANSWERED}], **more}
    answer = client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200
    assert answer.json()["model"] == "yinju"
    assert "林知远" in answer.json()["choices"][0]["message"]["content"]


def test_the_usage_comes_last_where_a_client_asks_for_it(client: TestClient) -> None:
    body = {
        "messages": [{"role": "user", "content": ANSWERED}], "stream": True,
        "stream_options": {"include_usage": True},
    }  # fmt: skip
    streamed = client.post("/v1/chat/completions", json=body).text
    lines = [line.removeprefix("data: ") for line in streamed.strip().split("\n\n")]
    assert lines[-1] == "[DONE]"
    *chunks, last = [json.loads(line) for line in lines[:-1]]
    assert last["choices"] == []
    assert set(last["usage"]) == {"prompt_tokens", "completion_tokens", "total_tokens"}
    assert all(chunk["usage"] is None for chunk in chunks)
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["citations"]


def test_half_an_emoji_is_answered_like_any_question(client: TestClient) -> None:
    def post(path: str, body: str) -> Any:
        return client.post(path, content=body, headers={"Content-Type": "application/json"})

    half = "\\ud83d"
    asked = f'"question": "{half}{ANSWERED}"'
    turns = f'"history": [{{"question": "{half}", "answer": "{half}"}}], "filters": {{"source": "{half}"}}'
    assert "林知远" in post("/v1/ask", f"{{{asked}}}").json()["answer"]
    assert post("/v1/ask", f"{{{asked}, {turns}}}").json()["refused"]
    assert events(post("/v1/ask", f'{{"question": "{half}", "stream": true}}').text)[-1][0] == "finished"
    assert post("/v1/search", f'{{"query": "{half}方言"}}').json()["hits"]
    messages = f'"messages": [{{"role": "user", "content": "{half}{ANSWERED}"}}]'
    assert "林知远" in post("/v1/chat/completions", f"{{{messages}}}").text
    assert post("/v1/chat/completions", f'{{{messages}, "stream": true}}').text.endswith("[DONE]\n\n")
    assert post("/v1/ask", f'{{"question": "?", "{half}": 1}}').status_code == 422


def test_the_table_is_searched_filtered_and_paged(client: TestClient, wiring: Wiring) -> None:
    everything = client.get("/page/articles").json()
    assert everything["total"] == client.get("/page/state").json()["articles"]
    assert client.get("/page/articles", params={"page": 99}).json()["page"] == everything["pages"]
    rows = client.get("/page/articles", params={"query": "白鹭渡口"}).json()["rows"]
    assert [row["publisher"] for row in rows] == ["河流周报"]
    choices = client.get("/page/choices").json()
    for name, values in (
        ("publisher", choices["publishers"]),
        ("industry", choices["industries"]),
        ("year", choices["years"]),
    ):
        assert client.get("/page/articles", params={name: values[0]}).json()["total"] >= 1


def test_the_table_lists_the_articles_in_the_order_of_the_api(client: TestClient) -> None:
    rows = client.get("/page/articles").json()["rows"]
    listed = client.get("/v1/articles").json()["articles"]
    assert [row["id"] for row in rows] == [article["id"] for article in listed][: len(rows)]


def test_the_table_is_put_in_the_wanted_order(client: TestClient) -> None:
    def rows(order: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = client.get("/page/articles", params={"order": order}).json()["rows"]
        return rows

    assert rows("newest") == client.get("/page/articles").json()["rows"]
    dates = [row["published"] for row in rows("oldest") if row["published"]]
    assert dates == sorted(dates)
    assert not any(row["published"] for row in rows("oldest")[len(dates) :])  # undated ones stay last
    lengths = [row["passages"] for row in rows("longest")]
    assert lengths == sorted(lengths, reverse=True)
    assert client.get("/page/articles", params={"order": "title; DROP TABLE articles"}).status_code == 422


def test_examples_are_made_once_however_many_ask(wiring: Wiring) -> None:
    asked: Counter[str] = Counter()
    suggestions = Suggestions(wiring.assistants)

    def note(question: str) -> Answer:
        asked[question] += 1
        return wiring.assistants.base.ask(question)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring.assistants, "reading_only", SimpleNamespace(ask=note))
        with ThreadPoolExecutor(5) as pool:
            list(pool.map(lambda _: suggestions.prepare(), range(5)))
    assert suggestions.examples()
    assert set(asked.values()) == {1}


def test_an_article_removed_on_the_page_comes_back_when_it_is_uploaded_again(tmp_path: Path) -> None:
    import_gradio()
    from assistant.web.library_tab import Jobs

    sent = tmp_path / "灯塔.txt"
    sent.write_text("灯塔岛的灯塔建于1908年，至今每晚亮灯。", encoding="utf-8")
    request: Any = SimpleNamespace(headers={})
    with wired(make_library(tmp_path)) as opened, TestClient(application(opened)) as admin:
        for _ in range(2):
            assert "已收录" in list(Jobs(opened).upload([str(sent)], request))[-1]
            (row,) = admin.get("/page/articles", params={"query": "灯塔岛"}).json()["rows"]
            with ingest_job._running:
                busy = admin.post(f"/page/articles/{row['id']}/remove")
            assert busy.status_code == 503
            assert "另一个收录正在进行" in busy.json()["error"]["message"]
            assert admin.post(f"/page/articles/{row['id']}/remove").status_code == 200
            assert admin.get("/page/articles", params={"query": "灯塔岛"}).json()["total"] == 0


def test_suggested_questions_are_answered_from_their_articles(client: TestClient) -> None:
    questions = client.get("/page/examples").json()["questions"]
    assert 1 <= len(questions) <= 4
    for question in questions:
        assert not client.post("/v1/ask", json={"question": question}).json()["refused"]
    ids = [row["id"] for row in client.get("/page/articles", params={"query": "听澜语音"}).json()["rows"]]
    assert client.get("/page/follow-ups", params={"articles": ids[:3]}).json()["questions"]
    assert client.get("/page/follow-ups", params={"articles": ["none"]}).json()["questions"] == []


def test_feedback_stays_in_the_library(client: TestClient, wiring: Wiring) -> None:
    said = {"verdict": "dislike", "reason": "wrong", "question": "问", "answer": "答"}
    assert client.post("/page/feedback", json=said).json() == {"kept": True}
    kept = (wiring.assistants.library.folder / "feedback.jsonl").read_text(encoding="utf-8")
    assert json.loads(kept.splitlines()[-1])["reason"] == "wrong"
    assert client.post("/page/feedback", json={"verdict": "maybe", "question": "问"}).status_code == 422
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring.assistants.library, "folder", Path("/nowhere"))
        gone = client.post("/page/feedback", json=said)
    assert (gone.status_code, gone.json()) == (507, {"kept": False})


def test_an_ingest_that_is_broken_off_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(*_: object, **__: object) -> None:
        raise SystemExit(1)

    monkeypatch.setattr("ingest.pipeline.ingest_paths", leave)
    (last,) = ingest_job.run([], tmp_path, SETTINGS)
    assert isinstance(last, ingest_job.Failed)
    assert "中断" in last.reason
    assert not ingest_job._running.locked()


def test_assets_are_served_by_name_only(client: TestClient) -> None:
    assert client.get("/yinju/main.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/yinju/..%2f__init__.py").status_code == 404
    assert client.get("/yinju/none.js").status_code == 404


def test_the_page_does_not_start_where_it_cannot_be_served(tmp_path: Path) -> None:
    from assistant.errors import PageUnavailable
    from assistant.web.serve import listen, page_address, serve
    from tests.served_page import SETTINGS
    from vectorstore.errors import LibraryMissing

    rest: dict[str, Any] = {"settings": SETTINGS, "allow_admin": False, "open_browser": False}
    with pytest.raises(PageUnavailable, match="--auth"):
        serve(tmp_path, host="0.0.0.0", port=0, auth=None, **rest)
    with pytest.raises(LibraryMissing, match="yinju ingest"):
        serve(tmp_path, host="127.0.0.1", port=0, auth=None, **rest)
    with listen("127.0.0.1", 0) as taken, pytest.raises(PageUnavailable, match="--port 0"):
        serve(tmp_path, host="127.0.0.1", port=taken.getsockname()[1], auth=None, **rest)
    assert page_address("::1", 80) == "http://[::1]:80/"
