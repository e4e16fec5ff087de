"""The article beside the chat, links to it, and the safety of what it shows, in a real browser."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from assistant.web.evidence import words_digest
from tests.served_page import ANSWERED, REPOSTED, ask, new_page, page_address

pytestmark = pytest.mark.browser
RIVER = "白鹭渡口是哪一年改建成水文站的？"
TWO_SOURCES = "云汀人工智能产业园签约企业有多少家？"  # two articles of the samples say it, and not the same


def test_a_long_article_is_scrolled_to_the_words() -> None:
    with new_page() as page:
        ask(page, RIVER)
        page.click(".cite")
        page.wait_for_selector("mark.quote")
        assert page.inner_text("mark.quote") == "白鹭渡口在1987年改建成水文站。"
        assert page.evaluate("document.querySelector('.panel-body').scrollTop") > 5000
        assert page.evaluate(
            "(() => { const m = document.querySelector('mark.quote').getBoundingClientRect();"
            " return m.top > 60 && m.bottom < innerHeight; })()"
        )
        head = page.locator(".panel-head")  # the article's own title is far above
        assert "长卷：一条河的两万字" in head.inner_text()
        assert "2018年3月5日·news.example" in re.sub(r"\s", "", head.inner_text())
        link = page.locator(".evidence a.original")
        assert link.get_attribute("href") == "https://news.example/river"
        assert link.get_attribute("rel") == "noopener noreferrer"


def test_a_permalink_opens_the_same_words_and_says_when_they_changed() -> None:
    with new_page(permissions=["clipboard-read", "clipboard-write"]) as page:
        ask(page, RIVER)
        page.click(".cite")
        page.wait_for_selector("mark.quote")
        page.click(".evidence button[aria-label='复制本段链接']")
        page.wait_for_selector(".toast")
        link = urlsplit(page.evaluate("navigator.clipboard.readText()"))
        query = {name: values[0] for name, values in parse_qs(link.query).items()}
        assert query["digest"] == words_digest("白鹭渡口在1987年改建成水文站。")
        moved = f"?article={query['article']}&start={int(query['start']) - 5}&end={int(query['end']) - 5}"
        for path, notice in (
            (f"?{link.query}", None),
            (f"{moved}&digest={query['digest']}", "换了位置"),
            (f"{moved}&digest=000000000000", "原文已变更"),
            ("?article=nothing", "没有编号为"),
        ):
            page.goto(page_address() + path)
            page.wait_for_selector(".evidence .warning" if notice else "mark.quote")
            if notice in (None, "换了位置"):
                assert page.inner_text("mark.quote") == "白鹭渡口在1987年改建成水文站。"
            warnings = page.locator(".evidence .warning").all_inner_texts()
            assert len(warnings) == (1 if notice else 0)
            assert notice is None or notice in warnings[0]


def test_citations_are_walked_through() -> None:
    with new_page() as page:
        ask(page, TWO_SOURCES)
        count = page.locator(".citations .citation").count()
        assert count >= 2
        page.click(".cite >> nth=0")
        back, forth = (
            page.locator(f".evidence button[aria-label='{name}']") for name in ("上一条引文", "下一条引文")
        )
        seen = []
        for number in range(1, count + 1):
            page.wait_for_selector(f".panel-title:text('引文 {number}，共 {count} 条')")
            page.wait_for_selector("mark.quote")
            seen.append((page.inner_text(".evidence h2"), page.inner_text("mark.quote")))
            assert forth.is_disabled() == (number == count)
            if number < count:
                forth.click()
        assert len(set(seen)) == count
        assert len({title for title, _ in seen}) >= 2
        for number in range(count - 1, 0, -1):
            back.click()
            page.wait_for_selector(f".panel-title:text('引文 {number}，共 {count} 条')")
        page.wait_for_selector("mark.quote")
        assert (page.inner_text(".evidence h2"), page.inner_text("mark.quote")) == seen[0]
        assert back.is_disabled()


def test_reposts_are_named_beside_the_article_and_open_in_its_place() -> None:
    with new_page() as page:
        ask(page, REPOSTED)
        assert page.locator(".citations .citation").count() == 1
        assert "2019年2月1日·news.example" in re.sub(r"\s", "", page.inner_text(".citations .place"))
        page.click(".cite")
        page.wait_for_selector("mark.quote")
        assert "夜间阅览室" in page.inner_text("mark.quote")
        first = page.inner_text(".evidence h2")
        assert first == "望潮书店的夜间阅览室"
        page.click(".reposts summary")
        assert page.inner_text(".reposts summary") == "转载 1 篇"
        assert "made.jsonl" in page.inner_text(".evidence .facts")
        assert "留灯到凌晨两点（转载日报，2019年2月3日）" in page.inner_text(".reposts")
        page.click(".reposts button")
        page.wait_for_selector(".evidence h2:text('留灯到凌晨两点')")
        assert "这是转载，原文：" in page.inner_text(".evidence .article")
        assert page.get_attribute(".evidence a.original", "href") == "https://mirror.example/night"
        page.click(f".evidence button:has-text('{first}')")
        page.wait_for_selector(f".evidence h2:text('{first}')")
        assert page.get_attribute(".evidence a.original", "href") == "https://news.example/night"


def test_hostile_articles_stay_text() -> None:
    with new_page() as page:
        ask(page, ANSWERED)
        page.click(".cite")
        page.wait_for_selector("mark.quote")
        page.hover(".cite")
        page.click("#library-tab-button")
        page.click(".articles tbody tr:has-text('灰雀实验室') .row-title")
        page.wait_for_selector(".reading .article")
        assert "<script>window.hacked=1</script>" in page.inner_text(".reading .article-text")
        page.wait_for_timeout(500)
        assert page.evaluate("window.hacked") is None
        assert page.locator("img[src*='evil']").count() == 0
        assert page.locator("a[href^='javascript']").count() == 0
        assert page.locator("form[action*='evil']").count() == 0
        assert page.locator(".article a.original").count() == 0


def test_a_hostile_model_stays_text() -> None:
    answer = {
        "question": "?", "standalone_question": "?", "answer": "<img src=x onerror=window.hacked=3>[1][9]",
        "short_answer": "<b>粗</b>", "refused": False, "answered_by": "<i>m</i>", "timings_ms": {"total": 1},
        "warnings": ["<svg onload=window.hacked=4>"], "filters": {"<u>x</u>": "<s>y</s>"}, "hits": [],
        "citations": [{"number": 1, "cited_text": "x", "article_id": "\"><script>", "title": "<h1>t</h1>", "source": "s",
                       "url": None, "published": None, "start_char": 0, "end_char": 1, "passage_id": "p"}],
    }  # fmt: skip
    with new_page() as page:
        body = f"event: finished\ndata: {json.dumps(answer)}\n\n"
        page.route("**/v1/ask", lambda route: route.fulfill(body=body, content_type="text/event-stream"))
        ask(page, "什么？")
        assert page.inner_text(".short-answer") == "<b>粗</b>"
        assert page.locator(".cite").count() == 1
        assert "[9]" in page.inner_text(".answer-text")
        page.wait_for_timeout(300)
        assert page.evaluate("window.hacked") is None
        assert page.locator(".answer img, .answer svg[onload], .answer h1").count() == 0
