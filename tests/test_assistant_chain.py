"""The whole chain with a chat model on a real loopback socket, and as a LangChain Runnable."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from langchain_core.callbacks import BaseCallbackHandler

from assistant import Answer, Assistant, Citation, Draft, Finished, Found, Sentence, Settings, Understood
from assistant.answering import _renumbered
from assistant.writing.trace import read_trace, replay, write_trace
from ingest import ingest_paths
from tests.chat_answers import SHANGHAI, TENCENT
from tests.openai_stub import OpenAIStub
from vectorstore.catalog_reader import Filters

QUESTION = "腾讯觅影发现早期食管癌的准确率是多少？"
HONEST = "腾讯觅影发现早期食管癌的准确率已高达90%[{number}]。"


def honest(body: dict[str, Any]) -> str:
    """Cite the passage that holds the words, as an honest model would."""
    prompt = body["messages"][-1]["content"]
    number = next(
        match[1] for match in re.finditer(r"段落 (\d+)⟧(.*?)完⟧", prompt, re.S) if "食管癌" in match[2]
    )
    return HONEST.format(number=number)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("chain")
    for name, text in (("t.txt", TENCENT), ("s.txt", SHANGHAI)):
        (base / name).write_text(f"标题: {name}\n总结: {text}\n", encoding="utf-8")
    ingest_paths([base / "t.txt", base / "s.txt"], library=base / "library")
    return base / "library"


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIStub]:
    with OpenAIStub(reply=honest, chunk=4) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        yield server


@pytest.fixture
def assistant(library: Path, stub: OpenAIStub) -> Iterator[Assistant]:
    settings = Settings(chat_model="openai:stub", timeout_seconds=30)
    with Assistant.open(library, settings=settings) as opened:
        yield opened


def test_the_model_writes_and_its_words_are_proven(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION)
    assert answer.answered_by == "openai:stub"
    (citation,) = answer.citations
    article = assistant.article(citation.article_id)
    assert article is not None
    assert article.text[citation.start_char : citation.end_char] == citation.cited_text
    assert "90%" in citation.cited_text
    assert answer.usage is not None
    assert set(answer.timings_ms) == {"retrieve", "read", "write", "total"}


def test_events_come_in_order(assistant: Assistant) -> None:
    kinds = [type(event) for event in assistant.stream(QUESTION)]
    assert kinds[:2] == [Understood, Found]
    assert kinds[-2:] == [Sentence, Finished]
    assert set(kinds[2:-2]) <= {Draft}


def test_a_liar_is_marked(assistant: Assistant, stub: OpenAIStub) -> None:
    stub.behaviour.reply = lambda body: honest(body) + "它在2016年获得了诺贝尔奖[1]。"
    answer = assistant.ask(QUESTION)
    assert "（未核实）" in answer.answer
    assert any("未核实" in warning for warning in answer.warnings)


def test_too_little_evidence_never_reaches_the_model(assistant: Assistant, stub: OpenAIStub) -> None:
    answer = assistant.ask("《流浪地球》的票房是多少？")
    assert answer.refused
    assert stub.requests == []


def test_a_broken_model_gives_way_to_the_reader(assistant: Assistant, stub: OpenAIStub) -> None:
    stub.behaviour.statuses = [401]
    answer = assistant.ask(QUESTION)
    assert answer.answered_by == "reader"
    assert "90%" in answer.citations[0].cited_text
    assert len(answer.warnings) == 1


def test_a_follow_up_is_rewritten_by_the_model(assistant: Assistant, stub: OpenAIStub) -> None:
    replies = iter([QUESTION, None])
    stub.behaviour.reply = lambda body: next(replies) or honest(body)
    answer = assistant.ask("准确率呢？", history=[("腾讯觅影是什么？", "一款AI医学影像产品[1]")])
    assert answer.standalone_question == QUESTION
    assert not answer.refused


def test_a_trace_replays_to_the_same_citations(assistant: Assistant, tmp_path: Path) -> None:
    *_, last = assistant.stream(QUESTION)
    assert isinstance(last, Finished)
    write_trace(tmp_path / "trace.json", last.answer, last.trace)
    values = json.loads((tmp_path / "trace.json").read_text(encoding="utf-8"))
    text, citations = replay(read_trace(values))
    assert text == last.answer.answer == values["answer"]["answer"]
    assert citations == last.answer.citations


def test_stopping_the_stream_closes_the_request(assistant: Assistant, stub: OpenAIStub) -> None:
    stub.behaviour.endless = True
    stub.behaviour.pause_seconds = 0.02
    stream = assistant.stream(QUESTION)
    assert any(isinstance(event, (Draft, Sentence)) for event in stream)
    stream.close()  # type: ignore[attr-defined]  # a generator, typed as an iterator
    assert stub.disconnected.wait(20)


class Recorder(BaseCallbackHandler):
    """Notes the names of the runs as they start."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def on_chain_start(self, *_: Any, run_id: UUID, name: str = "", **__: Any) -> None:
        self.names.append(name)

    def on_chat_model_start(self, *_: Any, **__: Any) -> None:
        self.names.append("chat model")


def test_the_chain_is_a_runnable_with_named_steps(assistant: Assistant) -> None:
    chain, recorder = assistant.chain, Recorder()
    answer = chain.invoke(QUESTION, {"callbacks": [recorder]})
    steps = ["yinju", "question", "standalone question", "retrieve", "read", "fit context"]
    assert recorder.names == [*steps, "write and verify", "chat model", "result"]
    assert chain.invoke({"question": QUESTION, "history": []}).answer == answer.answer
    assert [one.answer for one in chain.batch([QUESTION, QUESTION])] == [answer.answer] * 2
    assert isinstance(list(chain.stream(QUESTION))[-1], Answer)


def test_the_chain_runs_without_blocking(assistant: Assistant) -> None:
    async def run() -> tuple[Answer, list[type]]:
        answer = await assistant.aask(QUESTION)
        return answer, [type(event) async for event in assistant.astream(QUESTION)]

    answer, kinds = asyncio.run(run())
    assert answer.citations
    assert kinds[:2] == [Understood, Found]
    assert kinds[-1] is Finished


def test_a_chat_model_that_cannot_be_opened_says_what_to_install(library: Path) -> None:
    with pytest.raises(Exception, match=r"pip install langchain-ollama"):
        Assistant.open(library, settings=Settings(chat_model="ollama:qwen3:8b"))


def test_an_answer_that_takes_too_long_can_be_left(assistant: Assistant, stub: OpenAIStub) -> None:
    stub.behaviour.reply = "".join(f"这是第{number}句话，后面还有。" for number in range(999))
    stub.behaviour.endless = True
    stub.behaviour.pause_seconds = 0.02

    async def leave() -> None:
        answer = asyncio.create_task(assistant.aask(QUESTION))
        while not (stub.requests or answer.done()):
            await asyncio.sleep(0.01)
        await asyncio.wait_for(answer, 0.1)

    with pytest.raises(TimeoutError):
        asyncio.run(leave())
    assert stub.disconnected.wait(20)


def test_a_warning_names_what_the_model_cites() -> None:
    def citation(number: int, article: str, start: int) -> Citation:
        return Citation(number, "话", article, article, "来源", None, None, start, start + 10, "p")

    warning = "来源不一致：[1]说“86家”，[2]说“71家” (see [1] and [2])"
    read = [citation(1, "甲", 0), citation(2, "乙", 0)]
    written = [citation(1, "乙", 5), citation(2, "甲", 50)]
    assert (
        _renumbered(warning, read, written) == "来源不一致：《甲》说“86家”，[1]说“71家” (see 《甲》 and [1])"
    )
    assert _renumbered(warning, read, read[::-1]) == warning
    swapped = [citation(2, "甲", 5), citation(1, "乙", 5)]
    assert _renumbered(warning, read, swapped) == "来源不一致：[2]说“86家”，[1]说“71家” (see [2] and [1])"


def test_half_an_emoji_is_no_trouble(assistant: Assistant, stub: OpenAIStub) -> None:
    stub.behaviour.statuses = [401] * 9
    broken = "早期食管癌\ud83d的准确率是多少？"
    answer = assistant.ask(broken, history=[("\udcff", "\ud83d")], filters=Filters(source="\ud83d"))
    assert (answer.refused, answer.question) == (True, broken.replace("\ud83d", "\ufffd"))
    assert "90%" in assistant.ask(broken).citations[0].cited_text
    assert assistant.ask("\ud83d").refused
    assert assistant.ask("准确率\ud83d\ude00？").question == "准确率😀？"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"question": "问？", "filters": {"since": "2019-01-01"}}, "Filters"),
        ({"question": "问？", "history": ["问"]}, "question 和 answer"),
        ({"question": None}, "问题是空的"),
        (7, "一段文字"),
    ],
)
def test_what_is_no_request_is_refused_in_one_line(assistant: Assistant, asked: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        assistant.chain.invoke(asked)
    assert "\n" not in str(caught.value)
