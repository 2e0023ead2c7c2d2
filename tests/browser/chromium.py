"""Chromium for the tests, and a watch over what its pages say and ask for."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """The path of a Chromium on this machine. Without one the test is skipped; where CI is set it fails."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    if os.environ.get("CI") == "true":
        pytest.fail("no Chromium")
    pytest.skip("no Chromium")


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    path = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


class Watch:
    """Collects what must not happen on any page: messages on the console, requests to other hosts.

    A violation of the Content-Security-Policy is a message on the console.
    """

    def __init__(self, context: BrowserContext, host: str) -> None:
        self.complaints: list[str] = []
        self._host = host
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"error: {error.error}"))
        context.on("request", lambda request: self._address(request.url))

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium itself notes every answer of 400 and above; whether it was meant is for the test to say.
        # Its advice on forms is no complaint of a page either.
        is_problem = message.type in ("error", "warning")
        if is_problem and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"console: {message.text}")

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self._host:
            self.complaints.append(f"request to another host: {url}")


def watched(page: Page, host: str) -> Watch:
    """A watch over the page and whatever is opened beside it."""
    return Watch(page.context, host)


DESKTOP: dict[str, Any] = {"viewport": {"width": 1360, "height": 900}, "color_scheme": "light"}
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 740}, "color_scheme": "dark"}
