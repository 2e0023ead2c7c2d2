"""What a thread page with twenty posts costs on the wire, and that nothing moves while it loads."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.demo_site import DemoSite
from tests.browser.preparations import LONG_THREAD, POSTS_ON_A_PAGE

KILOBYTE = 1024
MOST_BYTES = {
    "Document": 14 * KILOBYTE,
    "Stylesheet": 12 * KILOBYTE,
    "Script": 18 * KILOBYTE,
    "icons": 4 * KILOBYTE,
}
MOST_TOGETHER = 60 * KILOBYTE
MOST_REQUESTS = 12
MOST_SHIFT = 0.02
SHIFT = """new Promise(done => {
  let shift = 0
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
  setTimeout(() => done(shift), 800)
})"""


class Traffic:
    """What the browser loads: compressed bodies by kind; requests and bytes on the wire, headers included."""

    def __init__(self) -> None:
        self.bodies: dict[str, int] = defaultdict(int)
        self.wire = self.requests = 0
        self._answered: set[str] = set()

    async def watch(self, page: Page) -> None:
        session = await page.context.new_cdp_session(page)
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._finished)
        await session.send("Network.enable")

    def _received(self, event: dict[str, Any]) -> None:
        response = event["response"]
        if event["type"] == "EventSource":
            return  # It stays open, and says something when there are news.
        kind = "icons" if "/icons." in response["url"] else event["type"]
        headers = {name.lower(): value for name, value in response["headers"].items()}
        self.bodies[kind] += int(headers["content-length"])
        self._answered.add(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._answered:
            self.requests += 1
            self.wire += int(event["encodedDataLength"])


@pytest.mark.parametrize("part", ["", "small"], ids=["guest", "member"])
@pytest.mark.parametrize("width", [1360, 360])
async def test_a_thread_page_with_twenty_posts_keeps_its_budget(
    part: str, width: int, reading_site: DemoSite, chromium: Browser
) -> None:
    thread_id = reading_site.value("SELECT id FROM threads WHERE slug = ?", LONG_THREAD)
    context = await reading_site.visitor(chromium, part, viewport={"width": width, "height": 800})
    page, traffic = await context.new_page(), Traffic()
    await traffic.watch(page)
    await page.goto(f"/threads/{thread_id}-{LONG_THREAD}", wait_until="load")
    shift = await page.evaluate(SHIFT)
    posts = await page.locator("#posts > li").count()
    await context.close()
    assert posts == POSTS_ON_A_PAGE
    sizes = dict(traffic.bodies)
    assert {kind: size for kind, size in sizes.items() if size > MOST_BYTES.get(kind, MOST_TOGETHER)} == {}, (
        sizes
    )
    assert traffic.wire <= MOST_TOGETHER, sizes
    assert traffic.requests <= MOST_REQUESTS, sizes
    assert shift <= MOST_SHIFT
