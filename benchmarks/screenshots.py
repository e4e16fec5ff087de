"""Take the pictures of the page that the documents show: `python -m benchmarks.screenshots --url URL`.

The page must be running, on the samples or any library; each picture asks the page anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path("docs/screenshots")
CHROMIUM = "/usr/bin/chromium"
LAPTOP = {"width": 1280, "height": 820}
PHONE = {"width": 375, "height": 760}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: what to do on the page before it is taken."""

    name: str
    prepare: Callable[[Page, Questions], None]
    size: dict[str, int]
    dark: bool = False
    english: bool = False


@dataclass(frozen=True, slots=True)
class Questions:
    """A question that the library answers, and one that it does not."""

    answered: str
    refused: str


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the whole answer."""
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn:last-child .tool-row", timeout=60_000)


def welcome(page: Page, _questions: Questions) -> None:
    """Wait for the example questions."""
    page.wait_for_selector(".example", timeout=60_000)


def chat(page: Page, questions: Questions) -> None:
    """Ask what the articles answer, with the suggestions that follow."""
    ask(page, questions.answered)
    page.wait_for_selector(".suggestion", timeout=30_000)


def evidence(page: Page, questions: Questions) -> None:
    """Open the article behind the first mark."""
    chat(page, questions)
    page.click(".cite")
    page.wait_for_selector("mark.quote", timeout=30_000)


def refusal(page: Page, questions: Questions) -> None:
    """Ask what the articles do not say."""
    ask(page, questions.refused)


def tab(name: str) -> Callable[[Page, Questions], None]:
    """Return what opens a tab."""

    def prepare(page: Page, _questions: Questions) -> None:
        page.click(f"#{name}-tab-button")
        page.wait_for_selector("tbody tr" if name == "library" else "#about dd", timeout=30_000)
        page.wait_for_timeout(2500)

    return prepare


PICTURES = (
    Picture("welcome", welcome, LAPTOP),
    Picture("chat", chat, LAPTOP),
    Picture("evidence", evidence, LAPTOP),
    Picture("refusal", refusal, LAPTOP),
    Picture("library", tab("library"), LAPTOP),
    Picture("settings", tab("settings"), LAPTOP),
    Picture("dark", evidence, LAPTOP, dark=True),
    Picture("english", chat, LAPTOP, english=True),
    Picture("phone", chat, PHONE),
    Picture("phone-evidence", evidence, PHONE),
    Picture("phone-library", tab("library"), PHONE, dark=True),
)


def take(browser: Browser, url: str, picture: Picture, questions: Questions, folder: Path) -> None:
    """Take one picture in a fresh browser session."""
    context = browser.new_context(
        locale="en-US" if picture.english else "zh-CN",
        color_scheme="dark" if picture.dark else "light",
        viewport=picture.size,  # type: ignore[arg-type]  # width and height
        device_scale_factor=2 if picture.size is PHONE else 1,
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#question", state="attached", timeout=60_000)
    picture.prepare(page, questions)
    page.wait_for_timeout(400)
    page.screenshot(
        path=str(folder / f"{picture.name}.png"), full_page=picture.name in {"library", "settings"}
    )
    context.close()


def main() -> None:
    """Take all pictures, or the named ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:7860/")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--answered", default="知穗农业在这片稻田布设了多少个固定摄像头？")
    parser.add_argument("--refused", default="知穗农业2018年的净利润是多少？")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    options.folder.mkdir(parents=True, exist_ok=True)
    questions = Questions(options.answered, options.refused)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        for picture in PICTURES:
            if not options.names or picture.name in options.names:
                take(browser, options.url, picture, questions, options.folder)
                print(picture.name)
        browser.close()


if __name__ == "__main__":
    main()
