"""Asking in Chromium, with and without scripts: read in place, "this solved it", none of these, asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, expect
from playwright.async_api import Error as PlaywrightError

from tests.browser.conftest import MakeSite
from tests.browser.demo_site import DemoSite
from tests.browser.people import Person, enter
from tests.browser.preparations import wait_for_notifications
from tests.browser.test_accessibility import AXE, RUN, TAGS

TITLE = "Warum ist unsere feste IP nach der Umstellung weg"
BODY = "Seit dem Wechsel auf Glasfaser bekommt der Router jeden Tag eine andere Adresse."
SPACE = "internet-glasfaser"
FIRST = "#similar li:first-child"

both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


@pytest.fixture
async def site(make_site: MakeSite) -> AsyncIterator[DemoSite]:
    site = await make_site()
    # What has happened in the demo community would be told in between.
    await wait_for_notifications(site)
    yield site


async def begin(site: DemoSite, browser: Browser, *, scripts: bool) -> Person:
    """Somebody has typed a question and sees what is similar: under the title, or on the page that comes next."""
    person = await enter(site, browser, "small", language="de", scripts=scripts)
    await person.go("/ask")
    page = person.page
    await page.click("#f-title")
    if scripts:
        await page.keyboard.type(TITLE, delay=5)
    else:
        await page.fill("#f-title", TITLE)
    await page.select_option("#f-space", SPACE)
    if not scripts:
        await person.press(".ask-next button")
    await page.wait_for_selector(f"{FIRST} details")
    return person


async def remembered(site: DemoSite, *steps: str) -> None:
    """The only ask session remembers these steps and no others; written a moment after the answer."""
    names = ("shown_at", "opened_at", "none_helped_at", "solved_at", "asked_at")
    found: set[str] = set()
    for _ in range(50):
        rows = site.rows(f"SELECT {', '.join(names)} FROM ask_sessions")
        found = {name for row in rows for name, value in zip(names, row, strict=True) if value}
        if len(rows) == 1 and found == set(steps):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{site.value('SELECT COUNT(*) FROM ask_sessions')} sessions, {found}")


async def barriers(page: Page) -> list[str]:
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(RUN, TAGS)
    return found


async def end(person: Person) -> None:
    assert person.watch.complaints == []
    await person.context.close()


@both_ways
async def test_an_entry_is_read_in_place_and_solves_it(
    scripts: bool, site: DemoSite, chromium: Browser
) -> None:
    person = await begin(site, chromium, scripts=scripts)
    page = person.page
    await page.click(f"{FIRST} summary")
    assert len(await person.sees(f"{FIRST} .dups__text")) > 60
    assert await page.get_attribute(f"{FIRST} a[target=_blank]", "href")
    if scripts:
        await remembered(site, "shown_at", "opened_at")
        assert await barriers(page) == []
    await person.press(f"{FIRST} button[name=solved]")
    assert "Schön, dass es gelöst ist" in await person.sees("h1")
    assert TITLE in await person.sees("main")
    if scripts:
        assert await barriers(page) == []
    await remembered(site, "shown_at", "opened_at", "solved_at")
    await end(person)


@both_ways
async def test_a_thread_that_solved_it_can_be_thanked_and_followed(
    scripts: bool, site: DemoSite, chromium: Browser
) -> None:
    person = await begin(site, chromium, scripts=scripts)
    thread = "#similar li:has([data-key^=thread]:has(.ok)) >> nth=0"
    await person.page.click(f"{thread} >> summary")
    await person.press(f"{thread} >> button[name=solved]")
    follow = "form[action$='/follow'] button"
    if scripts:
        await person.page.click(follow)
        await person.page.wait_for_selector("form[action$='/unfollow'] button[aria-pressed=true]")
        assert await person.count("form[action$='/kudos'] button") == 1
    else:
        await person.press(follow)
    followers = site.rows(
        "SELECT COUNT(*) FROM follows JOIN members ON members.id = follows.member_id WHERE members.nickname = ? "
        "AND follows.created_at > datetime('now', '-1 hour')",
        person.nickname,
    )
    assert followers[0][0] == 1
    await end(person)


@both_ways
async def test_none_of_these_folds_them_away_and_the_text_is_next(
    scripts: bool, site: DemoSite, chromium: Browser
) -> None:
    person = await begin(site, chromium, scripts=scripts)
    page = person.page
    await person.press("[data-none]")
    assert await page.evaluate("document.activeElement.id") == "f-body"
    assert not await page.is_visible(f"{FIRST} summary")
    assert await page.input_value("#f-title") == TITLE
    if scripts:
        assert await barriers(page) == []
    await page.fill("#f-body", BODY)
    await page.click(".dups__all > summary")
    assert await page.is_visible(f"{FIRST} summary"), "folded away is not gone"
    await person.press("button[name=do][value=publish]")
    assert "/threads/" in page.url
    await remembered(site, "shown_at", "none_helped_at", "asked_at")
    await end(person)


async def test_on_the_page_with_the_text_scripts_fold_without_leaving_it(
    site: DemoSite, chromium: Browser
) -> None:
    person = await enter(site, chromium, "small", language="de", scripts=True)
    page = person.page
    await person.go(f"/ask?next=1&space={SPACE}&title={TITLE}")
    await page.fill("#f-body", BODY)
    await page.click("[data-none]")
    assert await page.evaluate("document.activeElement.id") == "f-body"
    assert not await page.is_visible(f"{FIRST} summary")
    assert await page.input_value("#f-body") == BODY
    await remembered(site, "shown_at", "none_helped_at")
    await page.fill("#f-title", TITLE.replace("IP", "IP-Adresse"))
    await page.wait_for_timeout(1_000)
    assert not await page.is_visible(f"{FIRST} summary"), "they stay folded while one types on"
    await end(person)


async def test_an_answer_to_earlier_words_never_replaces_a_newer_one(
    site: DemoSite, chromium: Browser
) -> None:
    person = await enter(site, chromium, "small", language="de", scripts=True)
    page = person.page
    await person.go("/ask")
    asked: list[str] = []

    async def slow(route: Route) -> None:
        asked.append(route.request.post_data or "")
        is_first = len(asked) == 1
        answer = await route.fetch()
        if is_first:
            await asyncio.sleep(2)
        try:
            await route.fulfill(response=answer)
        except PlaywrightError:
            return  # The page has given it up, as it should.

    await page.route("**/ask/similar", slow)
    await page.click("#f-title")
    await page.keyboard.type("Rechnung als PDF herunterladen", delay=5)
    await page.wait_for_timeout(600)
    await page.fill("#f-title", TITLE)
    await page.wait_for_selector("#similar li:has-text('feste IP')")
    shown = await page.inner_text("#similar")
    await page.wait_for_timeout(2_500)
    assert len(asked) == 2
    assert await page.inner_text("#similar") == shown
    await person.context.close()


async def test_what_is_being_read_stays_open_while_one_types_on(site: DemoSite, chromium: Browser) -> None:
    person = await begin(site, chromium, scripts=True)
    page = person.page
    key = await page.get_attribute(f"{FIRST} details", "data-key")
    await page.click(f"[data-key='{key}'] summary")
    await page.focus("#f-title")
    await page.keyboard.press("End")
    await page.keyboard.type(" und wie bekommen wir die Adresse zurück", delay=5)
    await page.wait_for_timeout(1_000)
    assert await page.is_visible(f"[data-key='{key}'][open] .dups__text")
    assert await page.evaluate("document.activeElement.id") == "f-title"
    await end(person)


async def test_what_is_being_read_stays_even_if_it_is_found_no_more(
    site: DemoSite, chromium: Browser
) -> None:
    person = await enter(site, chromium, "small", language="de", scripts=True)
    page = person.page
    await person.go("/ask")
    await page.fill("#f-title", TITLE[:12])
    key = await page.get_attribute(f"{FIRST} details", "data-key")
    await page.click(f"[data-key='{key}'] summary")
    found = "[...document.querySelectorAll('#similar [data-key]')].map(each => each.dataset.key)"
    before = await page.evaluate(found)
    for title in (TITLE, "Qzx"):
        await page.fill("#f-title", title)
        await page.wait_for_timeout(1_000)
        assert await page.is_visible(f"{FIRST} [data-key='{key}'][open] .dups__text")
    after = await page.evaluate(found)
    assert after.count(key) == 1
    assert set(after) - {key} != set(before) - {key}, "another list has come"
    # Once it is closed, it goes like all others.
    await page.click(f"{FIRST} summary")
    await page.fill("#f-title", f"{TITLE} nun")
    await expect(page.locator(f"[data-key='{key}']")).to_have_count(0)
    await end(person)


async def test_screen_readers_hear_the_count_once_and_not_the_list(site: DemoSite, chromium: Browser) -> None:
    person = await enter(site, chromium, "small", language="de", scripts=True)
    page = person.page
    await person.go("/ask")
    await page.evaluate("""() => {
        window.said = []
        new MutationObserver(() => {
            const text = document.getElementById('live').textContent
            if (text) window.said.push(text)
        }).observe(document.getElementById('live'), {childList: true})
    }""")
    await page.click("#f-title")
    await page.keyboard.type(TITLE, delay=60)
    await page.wait_for_timeout(2_500)
    said = await page.evaluate("window.said")
    assert 1 <= len(said) <= 2, said
    assert said[-1].endswith(("ähnliche Einträge gefunden", "ähnlicher Eintrag gefunden"))
    assert await page.get_attribute("#similar", "aria-live") is None
    await end(person)


@both_ways
async def test_enter_in_the_title_leads_on_and_decides_nothing(
    scripts: bool, site: DemoSite, chromium: Browser
) -> None:
    person = await begin(site, chromium, scripts=scripts)
    await person.page.focus("#f-title")
    async with person.page.expect_navigation():
        await person.page.keyboard.press("Enter")
    assert await person.count("#f-body") == 1
    await remembered(site, "shown_at")
    await end(person)


async def test_a_guest_keeps_the_words_of_a_search_through_the_log_in(
    site: DemoSite, chromium: Browser
) -> None:
    guest = await enter(site, chromium, language="de", scripts=False)
    words = "Quittenmarmelade im Serverraum"
    await guest.go(f"/search?q={words}")
    await guest.press("main a[href^='/ask?']")
    assert "/log-in" in guest.page.url
    await guest.page.fill("#f-mail", site.people()["small"]["mail"])
    await guest.page.fill("#f-password", site.people()["small"]["password"])
    await guest.press("form.form button[type=submit]")
    assert await guest.page.input_value("#f-title") == words
    await end(guest)
