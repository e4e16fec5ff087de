"""An answer that a chat model writes, in a real browser: drafts, what cannot be verified, stopping, the test button."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.chat_answers import KEY
from tests.chat_answers import settings as chat_settings
from tests.openai_stub import Behaviour, OpenAIStub
from tests.served_page import ANSWERED, ask, make_library, new_page, served, wired

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

pytestmark = pytest.mark.browser
TRUE, FALSE = "灰雀实验室的负责人是林知远", "灰雀实验室成立于2011年"
PASSAGE = re.compile(r"段落 (\d+)⟧(.*?)⟦", re.DOTALL)
# Note every state of the draft: its words, its colour, how many there are.
WATCH = """() => {
  window.drafts = [];
  new MutationObserver(() => {
    const all = document.querySelectorAll(".answer .draft");
    if (all.length) window.drafts.push([all[0].textContent, getComputedStyle(all[0]).color, all.length]);
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
MUTED = """() => { const probe = document.createElement("p"); probe.style.color = "var(--muted)"; document.body.append(probe);
  const colour = getComputedStyle(probe).color; probe.remove(); return colour; }"""


@dataclass
class Sent:
    """Everything that a page sends to browsers, not compressed."""

    app: ASGIApp
    heard: bytearray

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def listen(message: Message) -> None:
            if message["type"] == "http.response.body":
                self.heard.extend(message.get("body", b""))
            await send(message)

        if scope["type"] == "http":
            plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            await self.app({**scope, "headers": plain}, receive, listen)
        else:
            await self.app(scope, receive, send)


@dataclass
class Served:
    """A page whose answers a stub chat model writes."""

    address: str
    stub: OpenAIStub
    heard: bytearray


def written(body: dict[str, Any]) -> str:
    """Answer as a chat model might: one sentence that the passage says, and one that it contradicts."""
    prompt = "\n".join(str(message["content"]) for message in body["messages"])
    number = next((number for number, words in PASSAGE.findall(prompt) if TRUE in words), None)
    return f"{TRUE}[{number}]。{FALSE}[{number}]。" if number else "好"


@pytest.fixture(scope="module")
def page_with_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one page for the tests of this module."""
    from assistant.web.site import access_for

    heard = bytearray()
    library = make_library(tmp_path_factory.mktemp("model"))
    with OpenAIStub(reply=written) as stub, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_BASE_URL", stub.base_url)
        patch.setenv("OPENAI_API_KEY", KEY)
        access = access_for("127.0.0.1", auth=None, allow_admin=False)
        chosen = chat_settings(stub, embedder="hash", timeout_seconds=30)
        with wired(library, settings=chosen) as wiring:
            patch.undo()
            with served(wiring, access, around=lambda app: Sent(app, heard)) as address:
                yield Served(address, stub, heard)


@pytest.fixture
def site(page_with_model: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The page, with a model that behaves, and the key in the environment as it is when the page is used."""
    page_with_model.stub.behaviour = Behaviour(reply=written, chunk=2, pause_seconds=0.05)
    monkeypatch.setenv("OPENAI_BASE_URL", page_with_model.stub.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return page_with_model


def test_drafts_are_grey_until_verified_and_doubtful_sentences_are_marked(site: Served) -> None:
    with new_page(site.address) as page:
        page.evaluate(WATCH)
        ask(page, ANSWERED)
        drafts = page.evaluate("window.drafts")
        assert drafts
        assert {(colour, count) for _, colour, count in drafts} == {(page.evaluate(MUTED), 1)}
        assert all(f"{TRUE}[1]。{FALSE}[1]。".find(words.strip()[:5]) >= 0 for words, _, _ in drafts)
        assert page.locator(".answer .draft").count() == 0
        sentences = page.locator(".answer-text .sentence")
        assert sentences.count() == 2
        assert TRUE in sentences.nth(0).inner_text()
        assert sentences.nth(0).locator(".badge").count() == 0
        assert sentences.nth(0).evaluate("node => getComputedStyle(node).color") != page.evaluate(MUTED)
        assert FALSE in sentences.nth(1).inner_text()
        assert sentences.nth(1).get_attribute("class") == "sentence unverified"
        assert sentences.nth(1).locator(".badge.warn").inner_text() == "未核实"
        assert "没有得到证实" in str(sentences.nth(1).locator(".badge.warn").get_attribute("title"))
        assert "由对话模型 openai:stub 回答" in page.inner_text(".meta")
        page.click(".answer-text .cite")
        assert TRUE in page.inner_text("mark.quote")


def test_stopping_ends_the_models_request_and_keeps_the_draft_as_doubtful(site: Served) -> None:
    site.stub.behaviour = Behaviour(reply=written, stall_after=8, pause_seconds=0.1)
    site.stub.disconnected.clear()
    with new_page(site.address) as page:
        page.fill("#question", ANSWERED)
        page.keyboard.press("Enter")
        page.wait_for_selector(".answer .draft:text('灰雀')")
        assert page.locator(".stages .now").inner_text() == "生成"
        page.click("button[aria-label='停止']")
        page.wait_for_selector(".tool-row")
        assert "已停止" in page.inner_text(".answer")
        assert page.locator(".answer .draft").count() == 0
        assert "灰雀" in page.inner_text(".sentence.unverified")
        assert page.locator(".sentence.unverified .badge.warn").inner_text() == "未核实"
        assert site.stub.disconnected.wait(15)
        site.stub.behaviour = Behaviour(reply=written)
        page.click("button[aria-label='重新回答']")
        page.wait_for_selector(".turn .cite")
        assert page.locator(".turn").count() == 1


def test_a_failed_model_gives_the_readers_answer_with_one_line_about_it(site: Served) -> None:
    site.stub.behaviour = Behaviour(statuses=[401])
    with new_page(site.address) as page:
        ask(page, ANSWERED)
        assert "林知远" in page.inner_text(".answer-text")
        assert "密钥无效" in page.inner_text(".answer .warning")
        assert "check the key" not in page.inner_text(".answer")
        assert "由内置阅读器回答" in page.inner_text(".meta")


def test_the_model_is_tested_without_showing_the_key(site: Served) -> None:
    requests: list[str] = []
    with new_page(site.address) as page:
        page.on(
            "request",
            lambda request: requests.append(f"{request.url} {request.headers} {request.post_data or ''}"),
        )
        assert press_test(page, wait="工作正常").startswith("对话模型工作正常，用时")
        assert site.stub.headers[-1]["authorization"] == f"Bearer {KEY}"
        site.stub.behaviour = Behaviour(statuses=[401])  # the stub's message repeats the key
        assert press_test(page, wait="没有回应") == (
            "对话模型没有回应：对话模型的密钥无效，请检查环境变量或 .env"
        )
        assert KEY not in page.content()
        ask_again(page)
        assert KEY not in page.content()
    assert requests
    assert not [request for request in requests if KEY in request]
    assert b"openai:stub" in site.heard  # what a page sends is heard, so that a key would be
    assert KEY.encode() not in site.heard


def press_test(page: Page, *, wait: str) -> str:
    """Press the button of the settings tab; return what it says."""
    page.click("#settings-tab-button")
    page.click("#model-test")
    page.wait_for_selector(f"#model-status :text('{wait}')")
    return page.inner_text("#model-status").strip()


def ask_again(page: Page) -> None:
    """Ask with the key that the server refuses, as in the chat."""
    page.click("#chat-tab-button")
    ask(page, ANSWERED)
