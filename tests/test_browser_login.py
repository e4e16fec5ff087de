"""A page that is open to other machines: signing in and out, and who may change the library, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.web.site import access_for
from tests.served_page import ANSWERED, ask, make_library, new_page, served, wired

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
POST = """async ([path, body]) => (await fetch(path, { method: "POST", body: JSON.stringify(body),
  headers: { "Content-Type": "application/json" } })).status"""


@contextmanager
def open_page(folder: Path, *, allow_admin: bool) -> Iterator[str]:
    """Serve a page as `yinju chat --host 0.0.0.0 --auth FILE` does; give its address."""
    users = folder / "users"
    users.write_text("# 编辑部\n小林:密码:1\n小周:另一个\n", encoding="utf-8")
    access = access_for("0.0.0.0", auth=users, allow_admin=allow_admin)
    library = make_library(folder)
    with wired(library, may_change=access.may_change) as wiring, served(wiring, access) as address:
        yield address


def sign_in(page: Page, name: str, password: str) -> None:
    """Fill in the login page and send it."""
    page.fill("input[name=user]", name)
    page.fill("input[name=password]", password)
    page.click("button")


def test_who_knows_the_password_comes_in_and_goes_out_again(tmp_path: Path) -> None:
    with open_page(tmp_path, allow_admin=False) as address:
        with new_page(address, ready="input[name=user]") as page:
            assert page.url == f"{address}login"
            assert page.title() == "登录引据"
            sign_in(page, "小林", "猜的")
            page.wait_for_selector("[role=alert]")
            assert page.inner_text("[role=alert]") == "用户名或密码不对。"
            assert "猜的" not in page.content()
            sign_in(page, "小林", "密码:1")
            page.wait_for_selector("#question")
            ask(page, ANSWERED)
            assert "林知远" in page.inner_text(".answer-text")
            assert page.locator(".chat-open").count() == 1
            page.click("button[aria-label='退出登录（小林）']")
            page.wait_for_selector("input[name=user]")
            page.goto(address)
            page.wait_for_selector("input[name=user]")
            sign_in(page, "小周", "另一个")
            page.wait_for_selector(".chat-list")
            assert page.locator(".chat-open").count() == 0  # another user's chats are not theirs
        with new_page(address, locale="en-US", ready="input[name=user]") as page:
            assert page.inner_text("button") == "Sign in"


def test_a_link_to_an_article_opens_after_signing_in(tmp_path: Path) -> None:
    with (
        open_page(tmp_path, allow_admin=False) as address,
        new_page(address, ready="input[name=user]") as page,
    ):
        sign_in(page, "小林", "密码:1")
        page.wait_for_selector("#question")
        article = page.evaluate("fetch('/v1/articles').then((r) => r.json())")["articles"][0]
        page.click("button[aria-label='退出登录（小林）']")
        page.wait_for_selector("input[name=user]")
        page.goto(f"{address}?article={article['id']}&start=0&end=2")
        sign_in(page, "小林", "密码:1")
        page.wait_for_selector("mark.quote")
        assert page.inner_text(".evidence h2") == article["title"]


def test_without_allow_admin_visitors_only_read(tmp_path: Path) -> None:
    with (
        open_page(tmp_path, allow_admin=False) as address,
        new_page(address, ready="input[name=user]") as page,
    ):
        sign_in(page, "小林", "密码:1")
        page.click("#library-tab-button")
        page.click(".articles .row-title")
        page.wait_for_selector(".reading .article")
        assert page.locator(".reading .danger").count() == 0
        page.click(".reading-tools button:has-text('返回')")
        page.wait_for_selector("#library-more :text('--allow-admin')")
        assert page.locator("#upload, #folder, #reingest-button").count() == 0
        page.click("#settings-tab-button")
        page.wait_for_selector("#about dd")
        assert "--allow-admin" in page.inner_text("#settings-page .read-only")
        assert page.locator("#doctor-button, #model-test").count() == 0
        assert str(tmp_path) not in page.inner_text("#about")
        article = page.evaluate("fetch('/v1/articles').then((r) => r.json())")["articles"][0]["id"]
        for path, body in (
            ("/page/repair", {"fix": "rebuild"}),
            (f"/page/articles/{article}/remove", {}),
        ):
            assert page.evaluate(POST, [path, body]) == 403
        assert page.evaluate("fetch('/page/doctor').then((r) => r.status)") == 403
        assert page.evaluate(POST, ["/gradio_api/upload", {}]) in (403, 413)


def test_with_allow_admin_visitors_change_the_library(tmp_path: Path) -> None:
    with (
        open_page(tmp_path, allow_admin=True) as address,
        new_page(address, ready="input[name=user]") as page,
    ):
        sign_in(page, "小林", "密码:1")
        page.click("#settings-tab-button")
        page.click("#doctor-button")
        page.wait_for_selector(".finding.level-ok")
        page.click("#library-tab-button")
        page.click("#reingest-button")
        page.wait_for_selector("#ingest-outcome .ingested")
