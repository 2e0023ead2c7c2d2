"""Keyboard, zoom, forced colours and print on the page types that differ most."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import Watch
from tests.browser.demo_site import DemoSite
from tests.browser.page_types import PageType, page_types

MOST_STOPS = 160
KEYBOARD_PAGES = (
    "home",
    "thread-member",
    "ask-text",
    "search-hits",
    "faq-entry",
    "queue-item",
    "admin-space",
    "register-errors",
)
# What has the focus: whether one can see that, whether something lies over it, and how large it is.
FOCUSED = """() => {
  const element = document.activeElement
  if (!element || element === document.body) return null
  const box = element.getBoundingClientRect(), style = getComputedStyle(element)
  const ring = e => getComputedStyle(e).outlineStyle !== 'none' && parseFloat(getComputedStyle(e).outlineWidth) >= 2
  const host = element.closest('.space, .editor')
  const near = length => Math.min(length / 2, 40)
  const hit = document.elementFromPoint(box.left + near(box.width), box.top + near(box.height))
  const covered = !hit || !(element.contains(hit) || hit.contains(element) || element.labels?.[0]?.contains(hit))
  return {
    name: `${element.tagName} ${element.id || element.className} ${(element.ariaLabel || element.textContent
      || element.name || '').trim().slice(0, 40)}`,
    seen: ring(element) || Boolean(host && ring(host)),
    covered,
    small: style.display !== 'inline' && (box.width < 24 || box.height < 24) ? [box.width, box.height] : null,
    again: element.dataset.visited === 'yes' || (element.dataset.visited = 'yes', false),
  }
}"""
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"


def one(site: DemoSite, name: str) -> PageType:
    return next(each for each in page_types(site) if each.name == name)


async def _show(site: DemoSite, browser: Browser, name: str, **options: Any) -> Page:
    page_type = one(site, name)
    context = await site.visitor(browser, page_type.part, reduced_motion="reduce", **options)
    page = await context.new_page()
    await page.goto(page_type.path)
    if page_type.press:
        async with page.expect_navigation():
            await page.click(page_type.press)
        # A form that came back begins at its errors; the walk begins at the top.
        await page.evaluate("document.activeElement.blur()")
    return page


@pytest.mark.parametrize("name", KEYBOARD_PAGES)
async def test_every_stop_of_the_keyboard_is_seen_and_large_enough(
    name: str, reading_site: DemoSite, chromium: Browser
) -> None:
    page = await _show(reading_site, chromium, name, viewport={"width": 1360, "height": 800})
    if not one(reading_site, name).press:
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"
        await page.goto(page.url.split("#")[0])
    problems, stops = [], 0
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        found = await page.evaluate(FOCUSED)
        if found is None or found["again"]:
            break
        stops += 1
        problems += [f"{found['name']}: no focus to be seen"] * (not found["seen"])
        problems += [f"{found['name']}: covered"] * found["covered"]
        problems += [f"{found['name']}: only {found['small']} pixels"] * bool(found["small"])
    # Whoever is caught somewhere meets the same element again before the end of the page.
    assert await page.evaluate("!document.activeElement.closest('main')"), (
        "the keyboard does not leave the page"
    )
    await page.context.close()
    assert stops > 10
    assert not problems, "\n".join(problems)


async def test_the_menu_of_the_account_opens_and_closes_by_keyboard(
    reading_site: DemoSite, chromium: Browser
) -> None:
    page = await _show(reading_site, chromium, "thread-member")
    await page.focus(".me-btn")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("Boolean(document.activeElement.closest('#me'))")
    await page.keyboard.press("Escape")
    assert not await page.is_visible("#me")
    assert await page.evaluate("document.activeElement.matches('.me-btn')")
    await page.context.close()


async def test_text_of_double_size_never_needs_scrolling_sideways(
    reading_site: DemoSite, chromium: Browser
) -> None:
    """200 % text in a window of 1280 pixels, as somebody sets it who sees badly."""
    wide: list[str] = []
    for part in ("", "small", "large", "moderator", "administrator"):
        context = await reading_site.visitor(chromium, part, viewport={"width": 1280, "height": 800})
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        await session.send("Page.enable")
        await session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
        for page_type in page_types(reading_site):
            if page_type.part == part and not page_type.press:
                await page.goto(page_type.path)
                wide += [page_type.name] * bool(await page.evaluate(SIDEWAYS))
        await context.close()
    assert wide == []


async def test_the_phone_menu_holds_what_the_header_has_no_room_for(
    reading_site: DemoSite, chromium: Browser
) -> None:
    page = await _show(reading_site, chromium, "home-member", viewport={"width": 360, "height": 740})
    await page.focus(".menu-btn")
    await page.keyboard.press("Enter")
    for path in ("/spaces", "/faq", "/groups", "/ranking", "/settings"):
        assert await page.is_visible(f"#menu a[href='{path}']"), path
    await page.keyboard.press("Escape")
    assert not await page.is_visible("#menu")
    assert await page.evaluate("document.activeElement.matches('.menu-btn')")
    await page.context.close()


async def test_forced_colours_keep_the_edges_of_what_can_be_pressed(
    reading_site: DemoSite, chromium: Browser
) -> None:
    page = await _show(reading_site, chromium, "thread-member", forced_colors="active")
    bare = """[...document.querySelectorAll('.btn--primary, .input, .editor, .chip, [aria-pressed]')]
        .filter(each => each.offsetParent && getComputedStyle(each).borderTopStyle === 'none')
        .map(each => each.className)"""
    assert await page.evaluate(bare) == []
    current = "getComputedStyle(document.querySelector('.seg [aria-current]')).borderTopStyle"
    outline = "getComputedStyle(document.querySelector('.seg [aria-current]')).outlineStyle"
    assert "solid" in (await page.evaluate(current), await page.evaluate(outline))
    await page.context.close()


async def test_a_printed_thread_is_its_texts_alone(reading_site: DemoSite, chromium: Browser) -> None:
    page = await _show(reading_site, chromium, "thread-member", viewport={"width": 800, "height": 1000})
    await page.emulate_media(media="print")
    for selector in (".top", ".rail", ".composer", ".post__acts", ".foot", ".seg"):
        assert await page.locator(f"{selector}:visible").count() == 0, selector
    assert await page.is_visible("h1")
    assert await page.is_visible("#solution .prose")
    await page.context.close()


async def test_a_guest_who_only_reads_gets_no_cookie(reading_site: DemoSite, chromium: Browser) -> None:
    context = await reading_site.visitor(chromium)
    watch = Watch(context, reading_site.host)
    page = await context.new_page()
    for name in ("home", "space", "thread", "search-hits", "faq-entry", "ranking", "log-in", "not-found"):
        await page.goto(one(reading_site, name).path)
    assert await context.cookies() == []
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
    await context.close()
    assert watch.complaints == []
