"""News appear on an open page in Chromium, also after the server was away; without scripts the page is as before."""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import MakeSite
from tests.browser.demo_site import DemoSite
from tests.browser.people import Person
from tests.browser.preparations import wait_for_notifications

PATIENCE = 20_000


async def person(site: DemoSite, browser: Browser, part: str, *, scripts: bool = True) -> Person:
    context = await site.visitor(browser, part, java_script_enabled=scripts, locale="en")
    return Person(
        await context.new_page(), context, Watch(context, site.host), site.people()[part]["nickname"]
    )


async def reply(site: DemoSite, part: str, thread_id: int, text: str) -> None:
    async with await site.client(part) as client:
        done = await client.post(
            f"/threads/{thread_id}/answers",
            data={"body": text, "submission": f"{abs(hash(text)):032x}"[:32], "confirm": "1"},
        )
        assert done.status_code == 303, done.text


async def unread(page: Page) -> str:
    return await page.locator("#bell").inner_text()


async def test_bell_and_new_answers_appear_on_an_open_page(make_site: MakeSite, chromium: Browser) -> None:
    site = await make_site()
    # What has happened in the demo community is told before, and then read.
    await wait_for_notifications(site)
    thread_id, slug = site.rows(
        """SELECT threads.id, threads.slug FROM threads JOIN members ON members.id = threads.author_id
        JOIN spaces ON spaces.id = threads.space_id WHERE members.nickname = ? AND threads.hidden_at IS NULL
        AND threads.locked_at IS NULL AND spaces.access = 'open' AND threads.language = 'de' LIMIT 1""",
        site.people()["small"]["nickname"],
    )[0]
    path = f"/threads/{thread_id}-{slug}"
    reader, plain = (
        await person(site, chromium, "small"),
        await person(site, chromium, "small", scripts=False),
    )
    page = reader.page
    await reader.go("/notifications")
    if await reader.count("form[action='/notifications/read']"):
        await reader.press("form[action='/notifications/read'] button")
    await reader.go(path)
    await plain.go(path)
    assert await unread(page) == ""
    shown = await page.locator("#posts article").count()
    await page.locator("#answer textarea").fill("What I have typed so far")

    await reply(site, "expert", thread_id, "Please try the other socket.")
    news = page.locator("#news")
    await expect(news).to_have_text("1 neue Antwort", timeout=PATIENCE)
    await expect(page.locator("#bell b")).to_have_text("1", timeout=PATIENCE)
    assert await page.locator("#bell").get_attribute("aria-label") == "Benachrichtigungen, 1 ungelesen"
    nickname = site.people()["expert"]["nickname"]
    await expect(page.locator("#live")).to_contain_text(nickname, timeout=PATIENCE)
    assert await page.locator("#posts article").count() == shown

    await news.press("Enter")
    await expect(page.locator("#posts article")).to_have_count(shown + 1)
    assert "other socket" in await page.evaluate("document.activeElement.innerText")
    assert await page.input_value("#answer textarea") == "What I have typed so far", "the page was not left"
    await expect(news).to_be_hidden()

    # The server is away for a moment. What came while nobody could be told is told afterwards.
    await site.stop()
    await site.start()
    await reply(site, "large", thread_id, "It works with the third one.")
    await expect(news).to_have_text("1 neue Antwort", timeout=PATIENCE)
    await expect(page.locator("#bell b")).to_have_text("2", timeout=PATIENCE)

    await reader.go("/notifications")
    lines = await page.locator("#notifications li.new").count()
    await reply(site, "expert", thread_id, "Then I would mark it as solved.")
    await expect(page.locator("#notifications li.new")).to_have_count(lines + 1, timeout=PATIENCE)

    assert await unread(plain.page) == ""
    await plain.go(path)
    assert "Then I would mark it as solved." in await plain.sees("#posts")
    assert reader.watch.complaints == plain.watch.complaints == []


async def test_a_page_that_nobody_sees_listens_to_nothing(make_site: MakeSite, chromium: Browser) -> None:
    """Otherwise a browser with six open pages of the site could not load a seventh over HTTP/1.1."""
    site = await make_site()
    context = await site.visitor(chromium, "small")
    opened: list[str] = []
    context.on("request", lambda request: opened.append(request.url) if "/live?" in request.url else None)
    page = await context.new_page()
    await page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => window.covered })")
    await page.add_init_script("window.covered = true")
    await page.goto("/")
    await asyncio.sleep(1)
    assert opened == []
    await page.evaluate("window.covered = false; document.dispatchEvent(new Event('visibilitychange'))")
    await page.wait_for_timeout(1000)
    assert len(opened) == 1
    finished: list[str] = []
    context.on("requestfailed", lambda request: finished.append(request.url))
    await page.evaluate("window.covered = true; document.dispatchEvent(new Event('visibilitychange'))")
    await page.wait_for_timeout(1000)
    assert [url for url in finished if "/live?" in url], "the stream is closed"
    await context.close()
