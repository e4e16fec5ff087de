"""Moving about the page, in a real browser: back, reload, two tabs, paper, the bar, what Gradio says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from assistant.web import texts
from tests.served_page import ANSWERED, REFUSED, ask, new_page, page_address

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
TWO_SOURCES = "云汀人工智能产业园签约企业有多少家？"
TOP = "document.querySelector('.bar').getBoundingClientRect().top"
# An answer that never comes.
SILENT = """() => { const fetched = window.fetch;
  window.fetch = (path, options) => path === "/v1/ask" ? new Promise(() => {}) : fetched(path, options); }"""
TOAST = """(words) => { const toast = document.createElement("div");
  toast.innerHTML = '<span class="toast-title">Error <!----></span><div class="toast-message-text"></div>';
  toast.lastChild.append(words); document.body.append(toast); }"""


def open_words(page: Page, mark: int = 0) -> None:
    """Open the words behind a mark of the last answer."""
    page.click(f".turn:last-child .cite >> nth={mark}")
    page.wait_for_selector("mark.quote")


def test_the_bar_stays_where_a_long_tab_is_scrolled() -> None:
    with new_page() as page:
        page.click("#library-tab-button")
        page.wait_for_selector("#chart-publisher .bar-row")
        page.wait_for_selector(".articles tbody tr")
        page.evaluate("scrollTo(0, 600)")
        assert page.evaluate("scrollY") > 100
        assert page.evaluate(TOP) == 0
        page.click("#chart-publisher .bar-row >> nth=0")
        page.wait_for_function("document.querySelector('.library').getBoundingClientRect().top >= 0")
        page.wait_for_function(f"document.querySelector('.library h1').getBoundingClientRect().top > {56}")


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 820}])
def test_back_closes_what_lies_over_the_page_before_it_leaves(viewport: dict[str, int]) -> None:
    with new_page(viewport=viewport) as page:
        ask(page, ANSWERED)
        open_words(page)
        page.mouse.move(2, 400)  # away from the mark, which would show its card again
        page.go_back()
        page.wait_for_selector(".evidence", state="hidden")
        assert page.locator(".turn .cite").count() > 0
        assert page.locator(".card").count() == 0
        open_words(page)
        page.click(".evidence button[aria-label='关闭']")
        page.click("#library-tab-button")
        page.click(".row-title >> nth=0")
        page.wait_for_selector(".reading .article")
        assert page.locator(".library > h1").is_hidden()
        page.go_back()
        page.wait_for_selector(".articles tbody tr")
        assert page.locator(".reading").is_hidden()


def test_a_chat_comes_back_when_the_page_is_loaded_again() -> None:
    with new_page() as page:
        ask(page, ANSWERED)
        page.evaluate(SILENT)
        page.fill("#question", REFUSED)
        page.keyboard.press("Enter")
        page.wait_for_selector(".turn:nth-child(2) .stages")
        page.reload()
        page.wait_for_selector(".turn:nth-child(2) .tool-row")
        assert page.locator(".turn .question").all_inner_texts() == [ANSWERED, REFUSED]
        assert "已停止" in page.inner_text(".turn:nth-child(2) .answer")
        page.click(".turn:nth-child(2) button[aria-label='重新回答']")
        page.wait_for_selector(".turn:nth-child(2) .refusal")
        page.goto(page_address())  # who comes anew begins anew
        page.wait_for_selector(".example")
        assert page.locator(".turn").count() == 0
        page.click(".chat-open")
        page.click(".new-chat")
        page.reload()
        page.wait_for_selector(".example")
        assert page.locator(".turn").count() == 0


def test_chats_of_another_tab_are_listed_and_a_deleted_one_can_be_taken_back() -> None:
    with new_page() as page:
        other = page.context.new_page()
        other.goto(page_address())
        other.wait_for_selector("#question", state="attached")
        ask(page, ANSWERED)
        other.wait_for_selector(f".chat-open:text('{ANSWERED}')")
        page.hover(".chat-row")
        page.click(".chat-row .icon-button")
        other.wait_for_selector(".chat-open", state="detached")
        assert page.locator(".turn").count() == 0
        page.click(".toast button")
        page.wait_for_selector(".turn .cite")
        other.wait_for_selector(f".chat-open:text('{ANSWERED}')")
        assert page.locator(".toast").count() == 0


def test_the_number_whose_words_are_shown_is_marked() -> None:
    with new_page() as page:
        ask(page, ANSWERED)
        ask(page, TWO_SOURCES)
        open_words(page)
        current = page.locator(".cite.current")
        assert current.all_inner_texts() == ["[1]"]
        assert page.locator(".turn:last-child .cite.current").count() == 1
        page.click(".evidence button[aria-label='下一条引文']")
        assert current.all_inner_texts() == ["[2]"]
        page.keyboard.press("Escape")
        assert current.count() == 0


def test_citations_of_one_article_say_their_words() -> None:
    with new_page() as page:
        ask(page, ANSWERED)
        assert page.locator(".citation-words").count() == 0  # the answer says them, and there is one
        page.evaluate(
            """async () => {
              const { drawAnswer } = await import("/yinju/answer.js");
              const cite = (number, cited_text, article_id) => ({ number, cited_text, article_id, title: "甲", source: "a.txt" });
              const citations = [cite(1, "甲说一。", "a"), cite(2, "甲说二。", "a"), cite(3, "乙说三。", "b"), cite(4, "丙说四。", "c")];
              const answer = { answer: "甲说一。[1]甲说二。[2]换了说法。[3]丙说四。[4]", citations, hits: [], timings_ms: {}, answered_by: "reader" };
              drawAnswer(document.querySelector(".turn .answer"), { answer }, () => {});
            }"""
        )
        assert page.locator(".citation-words").all_inner_texts() == ["甲说一。", "甲说二。", "乙说三。"]


def test_a_link_to_an_article_that_was_closed_stays_closed() -> None:
    with new_page() as page:
        ask(page, ANSWERED)
        link = page.get_attribute(".cite", "href") or ""
        page.goto(page_address() + link.removeprefix("/"))
        page.wait_for_selector("mark.quote")
        page.keyboard.press("Escape")
        page.wait_for_url(page_address())


def test_an_article_is_not_scrolled_where_its_words_stand_near_the_top() -> None:
    with new_page() as page:
        ask(page, TWO_SOURCES)
        open_words(page)
        assert page.evaluate("document.querySelector('.panel-body').scrollTop") == 0


def test_a_line_does_not_begin_with_a_number() -> None:
    with new_page(viewport=PHONE) as page:
        ask(page, ANSWERED)
        begins = page.evaluate(
            """() => { const text = document.querySelector(".answer-text"); const mark = text.querySelector(".cite");
              const starts = [];
              for (let width = 120; width < 360; width += 1) { text.style.width = `${width}px`;
                if (mark.getBoundingClientRect().left - text.getBoundingClientRect().left < 4) starts.push(width); }
              return starts; }"""
        )
        assert begins == []


def test_the_table_is_put_in_another_order() -> None:
    with new_page() as page:
        page.click("#library-tab-button")
        page.wait_for_selector(".articles tbody tr")
        newest = page.inner_text(".row-title >> nth=0")
        page.select_option("select.order", label="最早的在前")
        page.wait_for_function(
            "(title) => document.querySelector('.row-title').textContent !== title", arg=newest
        )
        assert "2017年" in page.inner_text(".articles tbody .col-date >> nth=0")


def test_the_filters_close_with_escape_or_a_click_beside_them_and_say_what_is_wrong() -> None:
    with new_page() as page:
        form, button = page.locator(".filter-form"), page.locator(".filter-button")
        button.click()
        page.fill("#filter-since", "去年夏天")
        page.click(".filter-form .primary")
        assert "看不懂这个日期" in page.inner_text(".filter-form .warning")
        page.fill("#filter-since", "2019")
        page.fill("#filter-until", "2018")
        page.click(".filter-form .primary")
        assert "早于起始日期" in page.inner_text(".filter-form .warning")
        assert page.get_attribute("#filter-until", "aria-invalid") == "true"
        page.keyboard.press("Escape")
        assert form.is_hidden()
        assert button.evaluate("(node) => node === document.activeElement")
        button.click()
        assert form.is_visible()
        page.click(".welcome h1")
        assert form.is_hidden()
        button.click()
        page.click(".filter-form .plain")
        assert page.locator(".filter-form .warning").is_hidden()


def test_on_paper_the_answers_stand_whole_and_alone() -> None:
    with new_page() as page:
        ask(page, ANSWERED)
        ask(page, TWO_SOURCES)
        open_words(page)
        page.emulate_media(media="print")
        for shown in (".question", ".answer-text", ".citation"):
            assert page.locator(f".turn {shown}").first.is_visible()
        for hidden in (
            ".bar",
            "#tabs [role=tab]",
            ".sidebar",
            ".composer",
            ".evidence",
            ".tools",
            ".follow-ups",
        ):
            assert page.locator(hidden).first.is_hidden(), hidden
        assert page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowY") == "visible"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_gradio_and_the_server_say_is_said_in_the_pages_language(language: str) -> None:
    with new_page(locale={"zh": "zh-CN", "en": "en-US"}[language]) as page:
        for said, shown in (
            ("Invalid file type: a.exe. Only .csv, .txt allowed.", texts.text(language, "upload_type", name="a.exe")),
            ("Connection to the server was lost. Attempting reconnection...", texts.text(language, "offline_waiting")),
            ("Something else.", "Something else."),
        ):  # fmt: skip
            page.evaluate(TOAST, said)
            page.wait_for_selector(f".toast-message-text:text({json.dumps(shown, ensure_ascii=False)})")
        title = page.locator(".toast-title").first.inner_text()
        assert title == texts.text(language, "toast_error")
        chips = page.evaluate(
            """async () => (await import("/yinju/filters.js")).drawChips({ "时间": "2019" }, () => {}).textContent"""
        )
        assert re.sub(r"\d", "", chips).strip() == texts.text(language, "filter_time")
