"""Searching in a real browser: the list under the field, by keyboard and finger; filters; the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page, Route

from tests.browser.chromium import DESKTOP, NARROW, Watch
from tests.browser.demo_site import DemoSite
from tests.browser.test_accessibility import AXE, RUN, TAGS, WIDTH

LIST = ".results [role=listbox]"
SURE = "feste ip adresse nach umstellung auf glasfaser weg"
STATES = {
    "answer from the FAQ": f"/search?q={quote(SURE)}",
    "answer from a thread": f"/search?q={quote('feste ipv4-adresse umstellung glasfaser business verschwunden')}",
    "relaxed": f"/search?q={quote('wiso get mein internet nachts imer kaput')}",
    "filtered": "/search?q=rechnung&status=solved&tag=rechnung",
    "nothing with filters": "/search?q=rechnung&status=unanswered&kind=faq&period=week",
    "nothing": "/search?q=quittenmarmelade",
    "nothing asked": "/search",
}


@asynccontextmanager
async def opened(site: DemoSite, browser: Browser, path: str, **options: Any) -> AsyncIterator[Page]:
    context = await site.visitor(browser, reduced_motion="reduce", **options)
    page = await context.new_page()
    watch = Watch(context, site.host)
    await page.goto(path)
    yield page
    await context.close()
    assert not watch.complaints


async def typed(page: Page, field: str, words: str) -> None:
    """Type into a search field and wait for the list."""
    await page.focus(field)
    await page.wait_for_selector(f"{field}[role=combobox]")
    await page.keyboard.type(words, delay=15)
    await page.wait_for_selector(LIST)


async def picked(page: Page, field: str) -> str:
    """The text of the option that is picked, as a screen reader would read it; empty if none is."""
    return str(
        await page.evaluate(
            "id => { const option = document.getElementById("
            "document.getElementById(id).getAttribute('aria-activedescendant'));"
            "return option?.getAttribute('aria-selected') === 'true' ? option.textContent.trim() : '' }",
            field.removeprefix("#"),
        )
    )


@pytest.mark.parametrize("options", [DESKTOP, NARROW], ids=["desktop-light", "320-dark"])
async def test_no_state_of_the_results_has_a_barrier(
    options: dict[str, Any], reading_site: DemoSite, chromium: Browser
) -> None:
    problems = []
    async with opened(reading_site, chromium, "/", **options) as page:
        for name, path in STATES.items():
            await page.goto(path)
            if await page.locator(".fold:not([open]) > summary").is_visible():
                await page.click(".fold > summary")
            await page.evaluate(AXE)
            problems += [f"{name}: {found}" for found in await page.evaluate(RUN, TAGS)]
            if await page.evaluate(WIDTH) > options["viewport"]["width"]:
                problems.append(f"{name}: too wide")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("options", [DESKTOP, NARROW], ids=["desktop-light", "320-dark"])
@pytest.mark.parametrize("words", ["rechnung", "quittenmarmelade"])
async def test_the_open_list_has_no_barrier_and_moves_nothing(
    words: str, options: dict[str, Any], reading_site: DemoSite, chromium: Browser
) -> None:
    async with opened(reading_site, chromium, "/search", **options) as page:
        before = await page.locator("footer").bounding_box()
        await typed(page, "#q-page", words)
        await page.keyboard.press("ArrowDown")
        assert await picked(page, "#q-page")
        await page.evaluate(AXE)
        assert await page.evaluate(RUN, TAGS) == []
        assert await page.evaluate(WIDTH) <= options["viewport"]["width"]
        assert await page.locator("footer").bounding_box() == before
        assert await page.evaluate("scrollY") == 0


async def test_the_list_is_used_by_keyboard_alone(reading_site: DemoSite, chromium: Browser) -> None:
    async with opened(reading_site, chromium, "/spaces", **DESKTOP) as page:
        await typed(page, "#q-top", "rechnung")
        assert await page.get_attribute("#q-top", "aria-expanded") == "true"
        names = [text.strip() for text in await page.locator(".results [role=option]").all_text_contents()]
        assert len(names) > 3
        for expected in names[:3]:
            await page.keyboard.press("ArrowDown")
            assert await picked(page, "#q-top") == expected
        await page.keyboard.press("End")
        assert await picked(page, "#q-top") == names[-1]
        await page.keyboard.press("ArrowDown")
        assert await picked(page, "#q-top") == "", "behind the last one the field itself comes again"
        await page.keyboard.press("ArrowUp")
        assert await picked(page, "#q-top") == names[-1]
        await page.keyboard.press("Home")
        assert await picked(page, "#q-top") == names[0]
        await page.keyboard.press("Escape")
        assert not await page.is_visible(".results")
        assert await page.input_value("#q-top") == "rechnung"
        assert await page.evaluate("document.activeElement.id") == "q-top"
        await page.keyboard.press("ArrowDown")
        assert await page.is_visible(".results")
        await page.keyboard.press("Tab")
        assert not await page.is_visible(".results")
        assert await page.evaluate("document.activeElement.id") != "q-top"


async def test_enter_opens_what_is_picked_and_else_searches(
    reading_site: DemoSite, chromium: Browser
) -> None:
    async with opened(reading_site, chromium, "/spaces", **DESKTOP) as page:
        await typed(page, "#q-top", "rechnung")
        await page.keyboard.press("ArrowDown")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        assert "/threads/" in page.url or "/faq/" in page.url
        await page.goto("/spaces")
        await typed(page, "#q-top", "rechnung")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        assert page.url.endswith("/search?q=rechnung")


async def test_the_last_line_leads_to_all_results(reading_site: DemoSite, chromium: Browser) -> None:
    async with opened(reading_site, chromium, "/", locale="de-DE", **DESKTOP) as page:
        await typed(page, "#q", "ipv6 prä")
        assert "Alle Treffer zu „ipv6 prä“" in await page.inner_text(".instant__all")
        async with page.expect_navigation():
            await page.click(".instant__all")
        assert int((await page.inner_text("#results")).split()[0]) > 0


async def test_a_finger_opens_a_result_on_a_phone(reading_site: DemoSite, chromium: Browser) -> None:
    options: dict[str, Any] = {
        "viewport": {"width": 360, "height": 740},
        "has_touch": True,
        "is_mobile": True,
    }
    async with opened(reading_site, chromium, "/", **options) as page:
        await typed(page, "#q", "rechnung")
        box = await page.locator(".results").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        small = await page.evaluate(
            "[...document.querySelectorAll('.results [role=option]')].filter(e => e.offsetHeight < 36).length"
        )
        assert small == 0
        async with page.expect_navigation():
            await page.tap(".results [role=option] >> nth=0")
        assert "/search" not in page.url


async def test_a_late_answer_never_replaces_a_newer_one(reading_site: DemoSite, chromium: Browser) -> None:
    held = asyncio.Event()

    async def slow_for_short(route: Route) -> None:
        if route.request.url.endswith("q=rechnu"):
            await held.wait()
        await route.continue_()

    async with opened(reading_site, chromium, "/", **DESKTOP) as page:
        await page.route("**/search/suggestions?*", slow_for_short)
        await page.focus("#q")
        await page.wait_for_selector("#q[role=combobox]")
        await page.keyboard.type("rechnu")
        await page.wait_for_timeout(400)
        await page.keyboard.press("Control+a")
        await page.keyboard.type("glasfaser")
        await page.wait_for_selector(LIST)
        before = await page.inner_text(".results")
        held.set()
        await page.wait_for_timeout(500)
        assert await page.inner_text(".results") == before
        assert "Glasfaser" in before


async def test_without_network_or_engine_the_list_stays_away_and_the_form_works(
    reading_site: DemoSite, chromium: Browser
) -> None:
    answers = iter([204, 500])

    async def failing(route: Route) -> None:
        status = next(answers, 0)
        await (route.fulfill(status=status) if status else route.abort())

    # An answer of 500 or a lost connection is written on the console by the browser itself.
    async with opened(reading_site, chromium, "/", **DESKTOP) as page:
        await page.route("**/search/suggestions?*", failing)
        await page.focus("#q")
        await page.wait_for_selector("#q[role=combobox]")
        for letters in ("rech", "nu", "ng"):
            await page.keyboard.type(letters)
            await page.wait_for_timeout(400)
            assert not await page.is_visible(".results")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        assert await page.locator(".rows .row").count()


async def test_filters_have_addresses_and_the_way_back_works(
    reading_site: DemoSite, chromium: Browser
) -> None:
    """Without scripts, on a phone: the filters unfold, say how much they leave, and leave that much."""
    options: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False}
    async with opened(reading_site, chromium, "/search?q=rechnung", locale="de-DE", **options) as page:
        everything = int((await page.inner_text("#results")).split()[0])
        assert not await page.is_visible(".choices")
        await page.click(".fold > summary")
        count = int(await page.inner_text(".choices a:has-text('Gelöst') .num"))
        assert 0 < count < everything
        await page.click(".choices a:has-text('Gelöst')")
        assert page.url.endswith("/search?q=rechnung&status=solved")
        assert int((await page.inner_text("#results")).split()[0]) == count
        await page.click(".active-filters a")
        assert int((await page.inner_text("#results")).split()[0]) == everything
        await page.go_back()
        assert int((await page.inner_text("#results")).split()[0]) == count


async def test_beside_the_results_the_filters_are_open(reading_site: DemoSite, chromium: Browser) -> None:
    async with opened(reading_site, chromium, "/search?q=rechnung", **DESKTOP) as page:
        assert await page.locator(".choices a >> nth=0").is_visible()
        assert not await page.is_visible(".fold > summary")


async def test_a_sure_answer_stands_above_the_results_and_leads_to_its_source(
    reading_site: DemoSite, chromium: Browser
) -> None:
    async with opened(reading_site, chromium, f"/search?q={quote(SURE)}", locale="de-DE", **DESKTOP) as page:
        question = await page.inner_text(".answer__q")
        assert "feste IP-Adresse" in question
        assert "geprüft am" in await page.inner_text(".answer .solution__bar")
        quoted = await page.inner_text(".answer blockquote p >> nth=0")
        await page.click(".answer .more")
        assert quoted in await page.inner_text("main")
        assert await page.inner_text("h1") == question
