"""The check-up of the settings tab, and the repairs that it offers, in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.web.site import access_for
from tests.served_page import ANSWERED, ask, make_library, new_page, served, wired

pytestmark = pytest.mark.browser


@contextmanager
def own_page(folder: Path) -> Iterator[tuple[str, Path]]:
    """Serve a library that the test may damage; give the page's address and the library."""
    library = make_library(folder)
    with (
        wired(library) as wiring,
        served(wiring, access_for("127.0.0.1", auth=None, allow_admin=False)) as address,
    ):
        yield address, library


def test_a_fault_is_repaired_by_its_button_while_the_page_answers(tmp_path: Path) -> None:
    with own_page(tmp_path) as (address, library), new_page(address) as page:
        page.click("#settings-tab-button")
        page.click("#doctor-button")
        page.wait_for_selector(".settings .good:text('一切正常')")
        assert page.locator(".finding .fix").count() == 0
        shutil.rmtree(library / "indexes" / "1" / "lexical")
        page.click("#doctor-button")
        page.wait_for_selector(".finding.level-fault .fix")
        assert "词语索引" in page.inner_text(".finding.level-fault")
        assert "the lexical index" not in page.inner_text(".finding.level-fault")
        assert page.inner_text(".finding.level-fault code").startswith("yinju reingest --rebuild --library")
        page.click(".finding.level-fault .fix")
        page.wait_for_selector(".settings .good:text('已修复')")
        assert page.locator(".finding.level-fault").count() == 0
        assert (library / "indexes" / "2" / "lexical").is_dir()
        page.click("#chat-tab-button")
        ask(page, ANSWERED)
        assert "林知远" in page.inner_text(".answer-text")


def test_a_page_that_cannot_start_says_why_and_offers_the_check_up() -> None:
    broken = {"error": {"type": "LibraryDamaged", "message": "目录损坏 (the catalog is damaged)"}}
    with new_page() as page:
        page.route("**/page/state", lambda route: route.fulfill(status=503, json=broken))
        page.reload()
        page.wait_for_selector(".broken")
        assert page.inner_text(".broken .warning") == "目录损坏"
        page.click("#settings-tab-button")
        page.click("#doctor-button")
        page.wait_for_selector(".finding")
        page.unroute("**/page/state")
        page.click("#chat-tab-button")
        page.click(".broken button")
        page.wait_for_selector("#question")


def test_what_is_not_safe_shows_its_command_and_no_button(tmp_path: Path) -> None:
    with own_page(tmp_path) as (address, _), new_page(address, locale="en-US") as page:
        shutil.rmtree(tmp_path / "articles")
        page.click("#settings-tab-button")
        page.click("#doctor-button")
        page.wait_for_selector(".finding.level-fault")
        assert "is gone, empty or closed to us" in page.inner_text(".finding.level-fault")
        assert "收录过的文件夹" not in page.inner_text(".finding.level-fault")
        assert page.inner_text(".finding.level-fault code").startswith(
            "yinju reingest --allow-empty --library"
        )
        assert page.locator(".finding .fix").count() == 0


def test_a_repair_that_fails_says_why_and_can_be_tried_again(tmp_path: Path) -> None:
    with own_page(tmp_path) as (address, library), new_page(address) as page:
        shutil.copytree(library / "indexes" / "1", library / "indexes" / "0")
        page.click("#settings-tab-button")
        page.click("#doctor-button")
        page.wait_for_selector(".finding.level-note .fix")
        page.route("**/page/repair", lambda route: route.abort())
        page.click(".finding .fix")
        page.wait_for_selector(".finding .warning:text('连不上引据')")
        page.unroute("**/page/repair")
        page.click("#doctor-button")
        page.click(".finding .fix")
        page.wait_for_selector(".settings .good:text('已修复')")
        assert not (library / "indexes" / "0").exists()
