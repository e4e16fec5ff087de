"""The conversation, in a real browser."""

from __future__ import annotations

import json
import re

import pytest

from tests.served_page import ANSWERED, REFUSED, ask, new_page

pytestmark = pytest.mark.browser
# An answer that says one sentence and then nothing more.
HANG = """() => {
  const fetched = window.fetch;
  window.fetch = (path, options) => path !== "/v1/ask" ? fetched(path, options) : Promise.resolve(new Response(
    new ReadableStream({ start(control) {
      const say = (text) => control.enqueue(new TextEncoder().encode(text));
      say('event: understood\\ndata: {"standalone_question": "腾讯觅影什么时候推出的？", "filters": {"时间": "2017年"}}\\n\\n');
      say('event: sentence\\ndata: {"text": "第一句。", "citations": [], "verdict": "unverified"}\\n\\n');
      options.signal.addEventListener("abort", () => control.error(new DOMException("stop", "AbortError")));
    } }), { headers: { "Content-Type": "text/event-stream" } }));
}"""
# A server that does not hang up when it has said everything.
UNENDED = """() => {
  const fetched = window.fetch;
  window.fetch = async (path, options) => {
    const answer = await fetched(path, options);
    if (path !== "/v1/ask") return answer;
    const bytes = await answer.bytes();
    return new Response(new ReadableStream({ start(control) { control.enqueue(bytes); } }), { headers: answer.headers });
  };
}"""
PRESS = """(init) => document.getElementById("question").dispatchEvent(
  new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init }))"""


def test_an_answer_cites_and_a_mark_opens_the_words() -> None:
    with new_page() as page:
        ask(page, ANSWERED)
        assert "林知远" in page.inner_text(".turn .answer-text")
        page.hover(".cite")
        assert "2019年6月1日" in page.inner_text(".card")
        page.click(".cite")
        assert "灰雀实验室的负责人是林知远" in page.inner_text("mark.quote")
        assert page.locator(".evidence .facts").inner_text().count("2019年6月1日") == 1
        page.keyboard.press("Escape")
        assert page.locator(".evidence").is_hidden()


def test_what_the_articles_do_not_say_is_refused_with_the_nearest_passages() -> None:
    with new_page() as page:
        ask(page, REFUSED)
        assert "文章里没有提到" in page.inner_text(".refusal")
        assert page.locator(".cite").count() == 0
        assert page.locator(".refusal .hit").count() > 0


def test_examples_are_answered_when_clicked() -> None:
    with new_page() as page:
        page.click(".example")
        page.wait_for_selector(".turn .tool-row")
        assert page.locator(".turn .cite").count() >= 1
        assert page.locator(".citations .citation").count() >= 1
        assert page.locator("details.uncited").count() == 1


def test_a_question_is_edited_sent_again_and_kept() -> None:
    with new_page() as page:
        ask(page, REFUSED)
        page.hover(".asked")
        page.click(".asked .icon-button")
        page.fill(".edit-box textarea", ANSWERED)
        page.keyboard.press("Enter")
        page.wait_for_selector(".turn .cite")
        assert page.locator(".turn").count() == 1
        page.click(".tool-row button[aria-label='重新回答']")
        page.wait_for_selector(".turn .cite")
        page.reload()
        page.click(".chat-open")
        assert page.inner_text(".turn .question") == ANSWERED
        page.click(".new-chat")
        assert page.locator(".turn").count() == 0
        page.click(".chat-row .icon-button")
        assert page.locator(".chat-row").count() == 0


def test_keys_focus_the_box_and_break_lines() -> None:
    with new_page() as page:
        page.click("h1")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "question"
        page.keyboard.type("第一行")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("第二行")
        assert page.input_value("#question") == "第一行\n第二行"
        assert page.locator(".turn").count() == 0


def test_an_answer_can_be_stopped_and_what_came_stays() -> None:
    with new_page() as page:
        page.evaluate(HANG)
        page.fill("#question", "它什么时候推出的？")
        page.keyboard.press("Enter")
        page.wait_for_selector(".sentence.unverified")
        assert "理解为：腾讯觅影什么时候推出的？" in page.inner_text(".standalone")
        assert page.locator(".stages .now").inner_text() == "生成"
        assert "2017年" in page.inner_text(".chip")
        page.keyboard.press("Escape")
        page.wait_for_selector(".tool-row")
        assert "第一句。" in page.inner_text(".answer-text")
        assert "已停止" in page.inner_text(".answer")
        assert page.locator(".answer .badge.warn").inner_text() == "未核实"


def test_the_next_question_is_sent_as_soon_as_an_answer_stands() -> None:
    with new_page() as page:
        page.evaluate(UNENDED)
        ask(page, ANSWERED)
        ask(page, REFUSED)
        assert page.locator(".turn .question").all_inner_texts() == [ANSWERED, REFUSED]


def test_a_chat_that_is_left_while_it_is_answered_keeps_its_question() -> None:
    with new_page() as page:
        page.evaluate(HANG)
        page.fill("#question", ANSWERED)
        page.keyboard.press("Enter")
        page.wait_for_selector(".sentence.unverified")
        page.click(".chat-open")  # the one that is shown: nothing stops
        assert page.locator(".stages .now").count() == 1
        page.click(".new-chat")
        assert page.locator(".turn").count() == 0
        page.click(".chat-open")
        page.wait_for_selector(".turn .tool-row")
        assert page.inner_text(".turn .question") == ANSWERED
        assert "第一句。" in page.inner_text(".answer-text")
        page.click(".new-chat")
        page.fill("#question", REFUSED)
        page.keyboard.press("Enter")
        page.wait_for_selector(".sentence.unverified")
        page.reload()
        page.wait_for_selector(".chat-open >> nth=1")
        assert page.locator(".chat-open").all_inner_texts() == [REFUSED, ANSWERED]


def test_a_chat_that_is_deleted_while_it_is_answered_does_not_come_back() -> None:
    with new_page() as page:
        page.evaluate(HANG)
        page.fill("#question", ANSWERED)
        page.keyboard.press("Enter")
        page.wait_for_selector(".sentence.unverified")
        page.click(".chat-row .icon-button")
        page.wait_for_selector("button[aria-label='发送']")
        assert page.locator(".chat-row").count() == 0


def test_a_full_browser_forgets_only_the_oldest_chat() -> None:
    with new_page() as page:
        ask(page, ANSWERED)
        page.evaluate(
            """() => {
              const key = Object.keys(localStorage).find((name) => name.endsWith(".chats"));
              const [chat] = JSON.parse(localStorage[key]);
              const others = [1, 2, 3].map((n) => ({ ...chat, id: `old${n}`, turns: [{ ...chat.turns[0], question: `旧的 ${n}` }] }));
              localStorage.setItem(key, JSON.stringify([chat, ...others]));
              const write = Storage.prototype.setItem;
              Storage.prototype.setItem = function (name, value) {
                if (name === key && JSON.parse(value).length > 3) throw new DOMException("full", "QuotaExceededError");
                write.call(this, name, value);
              };
            }"""
        )
        ask(page, REFUSED)
        assert page.locator(".chat-open").all_inner_texts() == [ANSWERED, "旧的 1", "旧的 2"]


def test_keys_of_an_input_method_neither_send_nor_stop() -> None:
    with new_page() as page:
        page.evaluate(HANG)
        page.fill("#question", ANSWERED)
        page.evaluate(PRESS, {"key": "Enter", "keyCode": 229})  # as Safari ends a composition
        assert page.locator(".turn").count() == 0
        page.keyboard.press("Enter")
        page.wait_for_selector(".sentence.unverified")
        page.evaluate(PRESS, {"key": "Escape", "isComposing": True})
        page.wait_for_timeout(200)
        assert page.locator(".tool-row").count() == 0
        page.keyboard.press("Escape")
        page.wait_for_selector(".tool-row")


def test_the_welcome_says_once_where_chats_are_kept() -> None:
    with new_page() as page:
        assert page.inner_text("body").count("这个浏览器") == 1


def test_filters_are_sent_and_can_be_removed() -> None:
    with new_page() as page:
        sent: list[dict[str, object]] = []
        page.on("request", lambda request: sent.append(json.loads(request.post_data or "{}"))
                if request.url.endswith("/v1/ask") else None)  # fmt: skip
        page.click(".filter-button")
        page.fill("#filter-until", "2017-13")
        page.click(".filter-form .primary")
        assert page.get_attribute("#filter-until", "aria-invalid") == "true"
        page.fill("#filter-until", "2017年")
        page.click(".filter-form .primary")
        ask(page, ANSWERED)
        assert sent[-1]["filters"] == {"until": "2017-12-31"}
        assert page.locator(".turn .cite").count() == 0
        page.click(".turn .chip button")
        page.wait_for_selector(".turn .cite")
        assert sent[-1]["filters"] == {}


def test_copying_and_judging_an_answer() -> None:
    with new_page(permissions=["clipboard-read", "clipboard-write"]) as page:
        ask(page, ANSWERED)
        page.click("button[aria-label='连同出处复制']")
        page.wait_for_selector(".toast")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert re.search(r"\[1\] 灰雀实验室开放日.*2019年6月1日", copied)
        page.click("button[aria-label='没帮助']")
        page.check(".feedback-form input[value='missed']")
        with page.expect_response("**/page/feedback") as answered:
            page.click(".feedback-form .primary")
        assert answered.value.json() == {"kept": True}


def test_follow_ups_are_suggested_and_history_is_sent() -> None:
    with new_page() as page:
        page.click(".example")
        page.wait_for_selector(".suggestion")
        with page.expect_request("**/v1/ask") as sent:
            page.click(".suggestion")
        assert len(json.loads(sent.value.post_data or "{}")["history"]) == 1
        page.wait_for_selector(".turn:nth-child(2) .tool-row")
