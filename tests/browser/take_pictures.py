"""Takes the pictures of the README from a new demo community: `python -m tests.browser.take_pictures [LANGUAGE]`."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, ViewportSize

from community.settings import PROJECT
from tests.browser.chromium import open_chromium
from tests.browser.demo_site import DemoSite, fill
from tests.browser.page_types import page_types
from tests.browser.preparations import prepare

FOLDER = PROJECT / "docs" / "pictures"
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
MOST_BYTES = 250_000


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    page_type: str
    mode: Literal["light", "dark"] = "light"
    viewport: ViewportSize | None = None
    scrolled: int = 0
    """How far down, in pixels."""


PICTURES = (
    Picture("home", "home"),
    Picture("thread", "thread-member", scrolled=420),
    Picture("ask", "ask-text"),
    Picture("search", "search-hits"),
    Picture("faq", "faq"),
    Picture("moderation", "queue"),
    Picture("proposal", "faq-proposal"),
    Picture("freshness", "faq-check", scrolled=140),
    Picture("home-dark", "home-member", "dark"),
    Picture("thread-phone", "thread-member", viewport=PHONE),
)


async def take(picture: Picture, site: DemoSite, browser: Browser, language: str) -> None:
    """One picture of what is seen without scrolling."""
    page_type = next(each for each in page_types(site) if each.name == picture.page_type)
    context = await site.visitor(
        browser,
        page_type.part,
        locale=language,
        color_scheme=picture.mode,
        viewport=picture.viewport or DESKTOP,
        reduced_motion="reduce",
    )
    await context.add_cookies([{"name": "language", "value": language, "url": site.address}])
    page = await context.new_page()
    await page.goto(page_type.path, wait_until="load")
    await page.mouse.wheel(0, picture.scrolled)
    # The stream of news stays open, so the network is never idle.
    await page.wait_for_timeout(1_000)
    path = FOLDER / f"{picture.name}.png"
    await page.screenshot(path=path)
    await context.close()
    size = path.stat().st_size
    print(f"{path.relative_to(PROJECT)}: {size // 1000} KB" + (" - too large" if size > MOST_BYTES else ""))


async def main(language: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # The search index's own service reads it; a bare shell may not have it.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        filled = Path(folder) / "filled"
        fill(filled)
        site = DemoSite(filled, Path(folder) / "site")
        await site.start()
        try:
            await prepare(site, long_thread=False)
            async with open_chromium() as browser:
                for picture in PICTURES:
                    await take(picture, site, browser, language)
        finally:
            await site.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "de"))
