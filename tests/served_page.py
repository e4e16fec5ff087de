"""A chat page for tests: a library with ordinary, hostile and long articles, served on a free port of this machine."""

from __future__ import annotations

import atexit
import html
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assistant.settings import Settings
from assistant.web.routes import Wiring
from assistant.web.serve import listen, open_library
from assistant.web.site import Access, access_for, build
from ingest import ingest_paths

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from starlette.types import ASGIApp

SAMPLES = Path(__file__).parent.parent / "ingest" / "samples"
CHROMIUM = "/usr/bin/chromium"
SETTINGS = Settings(embedder="hash", _env_file=None)
HOSTILE = (
    '<script>window.hacked=1</script><img src="https://evil.example/p.png?q=secret" onerror="window.hacked=2">'
    '<form action="https://evil.example/"><input></form><span style="position:fixed;inset:0">盖住</span>'
    "![图](https://evil.example/i.png) [点我](javascript:alert(1))"
)
ANSWERED = "灰雀实验室的负责人是谁？"
REFUSED = "火星基地的食堂供应什么早餐？"
REPOSTED = "望潮书店把仓库改成了什么？"
STORY = (
    "望潮书店在去年冬天把城南的旧仓库改成了夜间阅览室，每晚开到凌晨两点。店主顾临川说，最初只想给附近值夜班的人留一盏灯，"
    "没想到第一个月就来了六百多位读者。阅览室里没有收银台，读者可以自己倒水、自己还书，离开时在登记本上写一句话。"
    "半年下来，登记本换了四册，丢失的书不到十本。"
)


def write_articles(folder: Path) -> None:
    """Write the articles that the tests ask about."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "title": f"灰雀实验室开放日 {html.escape(HOSTILE)}",
            "content": f"灰雀实验室的负责人是林知远。他说：{html.escape(HOSTILE)}这句话没有别的意思。灰雀实验室成立于2016年。",
            "url": "javascript:alert(1)", "date": "2019-06-01", "publisher": f"测试社{html.escape(HOSTILE)}",
            "关键词": f"实验室 {html.escape(HOSTILE)}",
        },
        {
            "title": "长卷：一条河的两万字",
            "content": "河水缓缓流过平原，两岸的村庄各有各的故事。\n" * 900
            + "白鹭渡口在1987年改建成水文站。\n"
            + "下游的船只越来越少，码头也安静下来。\n" * 300,
            "url": "https://news.example/river", "date": "2018-03-05", "publisher": "河流周报",
        },
        {
            "title": "望潮书店的夜间阅览室", "content": STORY, "url": "https://news.example/night",
            "date": "2019-02-01", "publisher": "城南晚报",
        },
        {
            "title": "留灯到凌晨两点", "content": STORY, "url": "https://mirror.example/night",
            "date": "2019-02-03", "publisher": "转载日报",
        },
    ]  # fmt: skip
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "made.jsonl").write_text("\n".join(lines), encoding="utf-8")


def make_library(folder: Path) -> Path:
    """Ingest the samples and the made articles into a library in `folder`."""
    write_articles(folder / "articles")
    ingest_paths([SAMPLES, folder / "articles"], library=folder / "library", embedder="hash")
    return folder / "library"


@contextmanager
def wired(library: Path, *, may_change: bool = True, settings: Settings = SETTINGS) -> Iterator[Wiring]:
    """Open a library as a page does."""
    wiring = open_library(library, settings=settings, may_change=may_change)
    try:
        yield wiring
    finally:
        wiring.assistants.base.close()


@contextmanager
def served(
    wiring: Wiring, access: Access, *, around: Callable[[ASGIApp], ASGIApp] = lambda app: app
) -> Iterator[str]:
    """Serve a page in a thread; give its address. `around` may listen to what goes in and out."""
    import uvicorn

    with listen("127.0.0.1", 0) as listener:
        app = around(build(wiring, access))
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1, ws="none")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(5)


@cache
def page_address() -> str:
    """Return the address of the page that all browser tests share."""
    folder = Path(tempfile.mkdtemp(prefix="yinju-page-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = wired(make_library(folder))
    wiring = library.__enter__()
    wiring.suggestions.prepare()
    running = served(wiring, access_for("127.0.0.1", auth=None, allow_admin=False))
    address = running.__enter__()
    atexit.register(library.__exit__, None, None, None)
    atexit.register(running.__exit__, None, None, None)
    return address


@cache
def browser() -> Browser:
    """Return the one chromium of the tests; skip where there is none, fail in CI."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is missing: apt-get install chromium")
        pytest.skip(f"{CHROMIUM} is missing, so the page cannot be looked at: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    driver = sync_playwright().start()
    args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    opened = driver.chromium.launch(executable_path=CHROMIUM, args=args)
    atexit.register(driver.stop)
    atexit.register(opened.close)
    return opened


@contextmanager
def new_page(
    address: str | None = None,
    *,
    path: str = "",
    locale: str = "zh-CN",
    ready: str = "#question",
    **options: Any,
) -> Iterator[Page]:
    """Open the page in a fresh session, the shared one or that at `address`; a request elsewhere fails the test."""
    address = address or page_address()
    context = browser().new_context(locale=locale, **{"viewport": {"width": 1280, "height": 820}, **options})
    page = context.new_page()
    page.set_default_timeout(20_000)
    strangers: list[str] = []
    broken: list[str] = []
    page.on(
        "request", lambda request: strangers.append(request.url) if stranger(request.url, address) else None
    )
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(address + path)
    page.wait_for_selector(ready, state="attached")
    yield page
    context.close()
    assert strangers == []
    assert broken == []


def stranger(url: str, address: str) -> bool:
    """Tell whether a request leaves this machine."""
    return not url.startswith((address, "data:", "blob:"))


def ask(page: Page, question: str) -> None:
    """Ask a question and wait for the whole answer."""
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn:last-child .tool-row")
