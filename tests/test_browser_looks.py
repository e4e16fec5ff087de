"""Languages, dark mode, phones, contrast and names for screen readers, in a real browser."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.served_page import ANSWERED, REFUSED, ask, new_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
PHONE = {"width": 375, "height": 720}
# Keys, settings and file formats are named as they are everywhere.
NAMES = re.compile(
    r"Enter|Shift|Esc|YINJU_CHAT_MODEL|支持 .*，每个文件|/home/me/articles|/[^\s：]+|[MG]B|JSON|SQLite|utf-8|hash@\S+"
)

# The worst contrast of visible text against what is painted behind it, as WCAG counts it.
CONTRAST = """() => {
  const parse = (c) => (c.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; })
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => { for (; node; node = node.parentElement) { const c = parse(getComputedStyle(node).backgroundColor);
    if (c.length < 4 || c[3] > 0.95) return c; } return [255, 255, 255]; };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
    const box = node.getBoundingClientRect(), style = getComputedStyle(node);
    if (!text || /SCRIPT|STYLE|OPTION/.test(node.tagName) || box.width < 2 || box.height < 2 || style.visibility === "hidden" ||
        !node.checkVisibility({ opacityProperty: true })) continue;
    const [a, b] = [light(parse(style.color)), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05), large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) bad.push(`${ratio.toFixed(2)} ${node.className || node.tagName}: ${text.slice(0, 20)}`);
  }
  return bad;
}"""
UNNAMED = """() => [...document.querySelectorAll("button, a, input, textarea, select")].filter((node) =>
  node.checkVisibility() && !node.closest("[aria-hidden=true]") && !(node.getAttribute("aria-label") || node.textContent.trim() || node.title ||
  node.labels?.length || node.placeholder)).map((node) => node.outerHTML.slice(0, 120))"""
# What the page itself says, seen or heard; not what articles say.
SPOKEN = """() => {
  const style = document.createElement("style");
  style.textContent = ".articles tbody, .bars ol, .example, #about dd, select, .finding code { display: none !important }";
  document.head.append(style);
  const said = [document.body.innerText];
  for (const node of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    if (node.checkVisibility()) said.push(node.getAttribute("aria-label"), node.title, node.placeholder);
  style.remove();
  return said.filter(Boolean).join("\\n"); }"""


# The names under the columns, from left to right; names beside bars that are cut short.
AXIS = r"""() => [...document.querySelectorAll("#chart-time svg .role-axis-label > text")].filter((node) =>
  /20\d\d/.test(node.textContent) && node.getAttribute("opacity") !== "0").map((node) => { const box = node.getBoundingClientRect();
  return [box.left, box.right, node.textContent]; }).sort((one, other) => one[0] - other[0])"""
CUT = """() => [...document.querySelectorAll(".bar-name")].filter((node) => node.textContent.length < 16 &&
  (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1)).map((node) => node.textContent)"""


def examine(page: Page, tab: str) -> None:
    """Have the check-up of the settings tab on the page too; wait for the chart of the library."""
    if tab == "settings":
        page.click("#doctor-button")
        page.wait_for_selector(".finding")
    else:
        page.wait_for_selector("#chart-time svg text")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_and_controls_are_named(scheme: str) -> None:
    with new_page(color_scheme=scheme) as page:
        ask(page, REFUSED)
        assert page.evaluate(CONTRAST) == []
        ask(page, ANSWERED)
        page.click(".turn:last-child .cite")
        page.wait_for_selector("mark.quote")
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate(UNNAMED) == []
        for tab, ready in (("library", "#chart-publisher .bar-row"), ("settings", "#about dd")):
            page.click(f"#{tab}-tab-button")
            page.wait_for_selector(ready)
            examine(page, tab)
            assert page.evaluate(CONTRAST) == []
            assert page.evaluate(UNNAMED) == []


def test_the_chinese_page_says_nothing_in_english() -> None:
    with new_page() as page:
        page.wait_for_selector(".example")
        said = page.evaluate(SPOKEN)
        for tab, ready in (("library", "#chart-publisher .bar-row"), ("settings", "#about dd")):
            page.click(f"#{tab}-tab-button")
            page.wait_for_selector(ready)
            examine(page, tab)
            said += page.evaluate(SPOKEN)
        assert "拒答的严格程度" in said
        left = re.findall(r".*[A-Za-z]{2,}.*", NAMES.sub("", said))
        assert left == [], "\n".join(left)
        assert page.title() == "引据：每句话都有出处"
        assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_an_english_browser_sees_an_english_page() -> None:
    with new_page(locale="en-US") as page:
        page.wait_for_selector(".example")
        assert page.inner_text("#library-tab-button") == "Library"
        assert page.inner_text("h1") == "Answers from your articles, every sentence cited"
        page.click("#library-tab-button")
        page.wait_for_selector("#chart-publisher .bar-row")
        assert page.inner_text("#reingest-button") == "Ingest every folder again"


def test_a_phone_shows_everything_without_sideways_scrolling() -> None:
    with new_page(viewport=PHONE) as page:
        ask(page, ANSWERED)
        wide = "document.documentElement.scrollWidth > innerWidth"
        assert not page.evaluate(wide)
        page.click(".turn .cite")
        page.wait_for_selector("mark.quote")
        assert page.evaluate("document.querySelector('.evidence').getBoundingClientRect().width") == 375
        page.click(".evidence button[aria-label='关闭']")
        page.click(".menu")
        assert page.locator(".chat-open").is_visible()
        page.click(".sidebar button[aria-label='关闭']")
        for tab, ready in (("library", "#chart-publisher .bar-row"), ("settings", "#about dd")):
            page.click(f"#{tab}-tab-button")
            page.wait_for_selector(ready)
            examine(page, tab)
            assert not page.evaluate(wide)


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
@pytest.mark.parametrize("width", [320, 375, 820])
def test_nothing_in_the_bar_covers_anything_else(locale: str, width: int) -> None:
    with new_page(locale=locale, viewport={"width": width, "height": 700}) as page:
        shown = "#tabs [role=tab], .bar .brand img, .bar button"
        page.wait_for_selector("#settings-tab-button")
        boxes = [box for one in page.locator(shown).all() if (box := one.bounding_box()) is not None]
        boxes.sort(key=lambda box: box["x"])
        assert len(boxes) >= 4 + (width > 360)
        assert boxes[0]["x"] >= 0
        assert boxes[-1]["x"] + boxes[-1]["width"] <= width
        assert all(one["x"] + one["width"] <= other["x"] + 1 for one, other in pairwise(boxes))


@pytest.mark.parametrize(("width", "locale"), [(375, "zh-CN"), (375, "en-US"), (1280, "zh-CN")])
def test_the_charts_labels_are_whole_and_apart(width: int, locale: str) -> None:
    with new_page(locale=locale, viewport={"width": width, "height": 800}) as page:
        page.click("#library-tab-button")
        page.wait_for_selector("#chart-publisher .bar-row")
        page.wait_for_selector("#chart-time svg text")
        boxes = page.evaluate(AXIS)
        assert len(boxes) >= 3
        assert all(left >= 0 and right <= width for left, right, _ in boxes)
        assert all(one[1] <= other[0] for one, other in pairwise(boxes))
        names = page.evaluate(CUT)
        assert names == []


def test_dark_mode_can_be_chosen_and_stays() -> None:
    with new_page(color_scheme="light") as page:
        page.click("button.theme")
        assert page.evaluate("document.body.classList.contains('dark')")
        page.reload()
        page.wait_for_selector("#question")
        assert page.evaluate("document.body.classList.contains('dark')")
