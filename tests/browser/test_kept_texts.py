"""What was typed and not yet kept by the server, in Chromium: found again after a crash, by its owner alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, expect
from playwright.async_api import Error as PlaywrightError

from tests.browser.conftest import MakeSite
from tests.browser.demo_site import DemoSite
from tests.browser.people import Person, enter
from tests.browser.test_accessibility import AXE, RUN, TAGS

TYPED = "Bei uns half ein Neustart des Routers nach dem Wechsel der Zugangsdaten."
AREA = "#answer textarea[name=body]"
KEYS = "Object.keys(localStorage).filter(key => key.startsWith('typed:'))"
DAY = 24 * 60 * 60 * 1000


@pytest.fixture
async def site(make_site: MakeSite) -> AsyncIterator[DemoSite]:
    yield await make_site()


def _thread(site: DemoSite) -> str:
    found = site.rows(
        """SELECT t.id, t.slug FROM threads t JOIN spaces s ON s.id = t.space_id
        WHERE s.slug = 'internet-glasfaser' AND t.hidden_at IS NULL AND t.locked_at IS NULL
        AND t.status = 'open' ORDER BY t.id LIMIT 1"""
    )[0]
    return f"/threads/{found[0]}-{found[1]}"


async def _no_answer(route: Route) -> None:
    await route.abort()


async def _crash(page: Page) -> None:
    """The process of the page ends at once, as when the browser or the computer dies."""
    session = await page.context.new_cdp_session(page)
    async with page.expect_event("crash"):
        dying = asyncio.ensure_future(session.send("Page.crash"))
    dying.cancel()
    with contextlib.suppress(PlaywrightError, asyncio.CancelledError):
        await dying


async def _forgotten(page: Page) -> None:
    for _ in range(100):
        if not await page.evaluate(KEYS):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("something typed is still kept in the browser")


async def _typed_and_crashed(site: DemoSite, browser: Browser) -> tuple[Person, str]:
    """Somebody has typed an answer of which the server knows nothing, and their page is gone."""
    person = await enter(site, browser, "small", language="de", scripts=True)
    await person.page.route("**/drafts/answer:*", _no_answer)
    path = _thread(site)
    await person.go(path)
    await person.page.click(AREA)
    await person.page.wait_for_load_state("networkidle")
    await person.page.keyboard.type(TYPED)
    assert await person.page.evaluate(KEYS)
    await _crash(person.page)
    assert site.value("SELECT COUNT(*) FROM drafts WHERE body LIKE 'Bei uns half%'") == 0
    person.page = await person.context.new_page()
    return person, path


async def test_a_text_is_found_again_after_a_crash_and_sent(site: DemoSite, chromium: Browser) -> None:
    person, path = await _typed_and_crashed(site, chromium)
    page = person.page
    await person.go(path)
    offer = page.locator(".kept")
    await expect(offer).to_contain_text(TYPED)
    await expect(offer).to_contain_text("nicht abgeschickt")
    assert await page.input_value(AREA) == ""
    await page.evaluate(AXE)
    assert await page.evaluate(RUN, TAGS) == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await page.click("[data-kept=back]")
    await expect(page.locator(AREA)).to_have_value(TYPED)
    await expect(page.locator(AREA)).to_be_focused()
    await expect(offer).to_have_count(0)
    await person.press("#answer button[value=publish]")
    assert TYPED in await person.sees(f"#posts article:has-text('{TYPED[:30]}') .prose")
    await _forgotten(page)
    assert site.value("SELECT COUNT(*) FROM posts WHERE body = ?", TYPED) == 1
    assert person.watch.complaints == []
    await person.context.close()


async def test_a_text_that_the_server_has_is_not_kept_in_the_browser(
    site: DemoSite, chromium: Browser
) -> None:
    person = await enter(site, chromium, "small", language="de", scripts=True)
    await person.go(_thread(site))
    await person.page.click(AREA)
    await person.page.wait_for_load_state("networkidle")
    await person.page.keyboard.type(TYPED)
    assert await person.page.evaluate(KEYS)
    await _forgotten(person.page)
    assert site.value("SELECT body FROM drafts WHERE body LIKE 'Bei uns half%'") == TYPED
    await person.context.close()


async def test_a_log_out_forgets_it(site: DemoSite, chromium: Browser) -> None:
    person, _path = await _typed_and_crashed(site, chromium)
    await person.go("/")
    assert await person.page.evaluate(KEYS)
    async with person.page.expect_navigation():
        await person.page.evaluate("document.querySelector('form[action=\"/log-out\"]').requestSubmit()")
    assert await person.page.locator("#me").count() == 0
    await _forgotten(person.page)
    await person.context.close()


async def test_nobody_else_is_offered_it_and_after_a_day_nobody(site: DemoSite, chromium: Browser) -> None:
    person, path = await _typed_and_crashed(site, chromium)
    page = person.page
    await person.go(path)
    await page.locator(".kept").wait_for()
    for change in ("owner: '/members/somebody'", f"at: Date.now() - {DAY + 1000}"):
        kept = await page.evaluate(f"localStorage.getItem({KEYS}[0])")
        assert kept
        await page.evaluate(
            f"localStorage.setItem({KEYS}[0], JSON.stringify({{ ...JSON.parse(localStorage.getItem({KEYS}[0])), "
            f"{change} }}))"
        )
        await page.reload()
        await _forgotten(page)
        assert await page.locator(".kept").count() == 0
        await page.evaluate(
            "([key, kept]) => localStorage.setItem(key, kept)", [f"typed:{_place(path)}", kept]
        )
    await person.context.close()


def _place(path: str) -> str:
    return f"/drafts/answer:{path.removeprefix('/threads/').partition('-')[0]}"
