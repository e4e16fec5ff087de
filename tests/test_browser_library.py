"""The library and settings tabs, in a real browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.served_page import new_page

pytestmark = pytest.mark.browser
BROKEN = {"error": {"type": "LibraryDamaged", "message": "目录损坏 (the catalog is damaged)"}}


def test_the_table_is_searched_filtered_and_read() -> None:
    with new_page() as page:
        page.click("#library-tab-button")
        page.wait_for_selector(".articles tbody tr")
        page.fill(".table-tools input", "白鹭渡口")
        page.wait_for_function("document.querySelectorAll('.articles tbody tr').length === 1")
        page.fill(".table-tools input", "")
        page.select_option(".table-tools select >> nth=2", "2018")
        page.wait_for_function(
            """() => { const dates = [...document.querySelectorAll(".articles tbody .col-date")];
              return dates.length > 1 && dates.every((date) => date.textContent.includes("2018年")); }"""
        )
        page.click(".articles tbody tr:has-text('听澜语音') .row-title")
        page.wait_for_selector(".reading .fields")
        assert "编辑字段" in page.inner_text(".reading .fields h3")
        assert "重大事件摘要" in page.inner_text(".reading .fields")


def test_an_older_reply_that_comes_late_is_not_shown() -> None:
    with new_page() as page:
        page.click("#library-tab-button")
        page.wait_for_selector(".articles tbody tr")
        page.evaluate(
            """() => {
              const fetched = window.fetch;
              window.fetch = async (path, options) => {
                const answer = await fetched(path, options);
                if (path.includes("query=")) await new Promise((go) => setTimeout(go, 800));
                return answer;
              };
            }"""
        )
        with page.expect_response("**/page/articles?*query=*"):
            page.fill(".table-tools input", "白鹭渡口")
        page.fill(".table-tools input", "")
        page.wait_for_timeout(1500)
        assert page.locator(".articles tbody tr").count() > 1
        assert "gradient" in page.locator("select").first.evaluate(
            "node => getComputedStyle(node).backgroundImage"
        )


def test_choices_that_cannot_be_read_are_told() -> None:
    with new_page() as page:
        page.route("**/page/choices", lambda route: route.fulfill(status=503, json=BROKEN))
        page.click("#library-tab-button")
        assert page.inner_text(".toast") == "目录损坏"
        page.wait_for_selector(".articles tbody tr")


def test_charts_count_and_narrow_the_table() -> None:
    with new_page() as page:
        page.click("#library-tab-button")
        page.wait_for_selector("#chart-publisher .bar-row")
        page.wait_for_selector("#chart-time canvas, #chart-time svg.marks")
        assert page.locator("#chart-keywords .bar-row").count() > 2
        page.click("#chart-publisher .bar-row:has-text('临江新报')")
        page.wait_for_function("document.querySelectorAll('.articles tbody tr').length === 2")


def test_files_are_uploaded_ingested_and_removed(tmp_path: Path) -> None:
    good = tmp_path / "新文章.txt"
    good.write_text(
        "# 星槎号首航\n2019年7月1日\n星槎号货运飞船在2019年7月1日完成首航，载重达到3吨。\n", encoding="utf-8"
    )
    bad = tmp_path / "坏.json"
    bad.write_text("{", encoding="utf-8")
    with new_page() as page:
        page.click("#library-tab-button")
        page.set_input_files("#upload input[type=file]", [str(good), str(bad)])
        page.wait_for_selector("#upload :text('新文章')")
        page.click("#upload-button")
        page.wait_for_selector("#ingest-outcome .ingested")
        outcome = page.inner_text("#ingest-outcome")
        assert "新增 1 篇" in outcome
        assert "新文章.txt" in outcome
        assert "坏.json" in outcome
        page.fill(".table-tools input", "星槎")
        page.wait_for_function("document.querySelectorAll('.articles tbody tr').length === 1")
        page.click(".articles .row-title")
        page.click(".reading .danger")
        assert "确定要把这篇文章移出资料库吗" in page.inner_text("dialog")
        page.click("dialog .danger")
        page.wait_for_selector(".table-box .note:not([hidden])")
        page.fill("#folder input, #folder textarea", str(tmp_path / "没有"))
        page.click("#folder-button")
        page.wait_for_selector("#ingest-outcome :text('找不到')")
        page.click("#reingest-button")
        page.wait_for_selector("#ingest-outcome .ingested")


def test_settings_change_what_is_asked() -> None:
    with new_page() as page:
        page.click("#settings-tab-button")
        page.wait_for_selector("#about dd")
        assert "内置阅读器" in page.inner_text("#model-status")
        assert "hash" in page.inner_text("#about")
        page.fill("#option-passages", "3")
        page.fill("#option-strictness", "1")
        page.click("#chat-tab-button")
        page.fill("#question", "灰雀实验室成立于哪一年？")
        with page.expect_request("**/v1/ask") as sent:
            page.keyboard.press("Enter")
        body = json.loads(sent.value.post_data or "{}")
        assert (body["passages"], body["strictness"]) == (3, 1)
