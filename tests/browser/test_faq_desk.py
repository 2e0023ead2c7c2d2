"""The form of an FAQ entry in Chromium: its keys, the preview that follows, what was typed found again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import MakeSite
from tests.browser.demo_site import DemoSite
from tests.browser.people import Person, enter
from tests.browser.test_accessibility import AXE, RUN, TAGS

KEYS = "Object.keys(localStorage).filter(key => key.startsWith('typed:'))"
STEPS = "#f-steps"


@pytest.fixture
async def site(make_site: MakeSite) -> AsyncIterator[DemoSite]:
    yield await make_site()


async def _at_a_draft(site: DemoSite, browser: Browser) -> tuple[Person, str]:
    """A moderator opens a draft that nobody is on."""
    entry_id = site.value(
        """SELECT id FROM faq_entries e WHERE state = 'draft' AND category_id IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM work_items w WHERE w.subject = 'faq:' || e.id AND w.claimed_by IS NOT NULL) ORDER BY id"""
    )
    person = await enter(site, browser, "moderator", language="en", scripts=True)
    path = f"/moderation/faq/{entry_id}"
    await person.go(path)
    await person.page.wait_for_load_state("networkidle")
    return person, path


async def _try_counts(page: Page) -> None:
    question, shown = page.locator("#f-question"), page.locator("#f-question-count")
    before = await question.input_value()
    await expect(shown).to_have_text(f"{len(before)} of 200 characters")
    await expect(shown).to_have_attribute("aria-live", "off")
    await expect(page.locator(f"{STEPS}-count")).to_contain_text("of 12,000 characters")
    assert await question.get_attribute("aria-describedby") == "f-question-hint f-question-count"
    await question.fill("x" * 190)
    await expect(shown).to_have_text("190 of 200 characters")
    await expect(shown).to_have_attribute("aria-live", "polite")
    await question.fill(before)


async def test_the_keys_write_preview_save_and_send(site: DemoSite, chromium: Browser) -> None:
    person, path = await _at_a_draft(site, chromium)
    page = person.page
    await expect(page.locator("[data-keys]")).to_be_visible()
    await _try_counts(page)
    await page.fill(STEPS, "")
    await page.focus(STEPS)
    await page.keyboard.type("First ")
    await page.keyboard.press("Control+b")
    await page.keyboard.type("restart")
    await expect(page.locator(STEPS)).to_have_value("First **restart**")
    await page.click("button[value=preview]")
    await expect(page.locator("#preview .prose strong").last).to_have_text("restart")
    await page.focus(STEPS)
    await page.keyboard.press("Control+End")
    await page.keyboard.type(" it, then wait")
    await expect(page.locator("#preview .prose")).to_contain_text("it, then wait")
    await page.evaluate(AXE)
    assert await page.evaluate(RUN, TAGS) == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    async with page.expect_navigation():
        await page.keyboard.press("Control+s")
    entry_id = path.rpartition("/")[2]
    saved = "SELECT steps, state FROM faq_entries WHERE id = ?"
    assert site.rows(saved, entry_id) == [("First **restart** it, then wait", "draft")]
    await _forgotten(person)
    await page.wait_for_load_state("networkidle")
    # The keys save in the middle of the work: the next word is typed behind the last one.
    await expect(page.locator(STEPS)).to_be_focused()
    await expect(page.locator(".flash")).to_be_in_viewport()
    await page.keyboard.type(" a minute")
    async with page.expect_navigation():
        await page.keyboard.press("Control+Enter")
    assert site.rows(saved, entry_id) == [("First **restart** it, then wait a minute", "in_review")]
    assert person.watch.complaints == []
    await person.context.close()


async def test_what_was_typed_is_offered_again_after_a_closed_tab(site: DemoSite, chromium: Browser) -> None:
    person, path = await _at_a_draft(site, chromium)
    question = await person.page.input_value("#f-question")
    await person.page.fill("#f-question", question + " Typed")
    await person.page.fill(STEPS, "1. Typed and not saved")
    await person.page.close()
    person.page = page = await person.context.new_page()
    await person.go(path)
    offer = page.locator(".kept")
    await expect(offer).to_contain_text("Typed and not saved")
    assert await page.input_value("#f-question") == question
    await page.click("[data-kept=back]")
    await expect(page.locator("#f-question")).to_have_value(question + " Typed")
    await expect(page.locator(STEPS)).to_have_value("1. Typed and not saved")
    # What is refused is not saved: it is still kept when the tab closes after that.
    await page.fill("#f-short_answer", "Short")
    async with page.expect_navigation():
        await page.keyboard.press("Control+s")
    assert await page.locator("#errors").count() == 1
    await page.wait_for_load_state("networkidle")
    await page.close()
    person.page = page = await person.context.new_page()
    await person.go("/moderation/faq")
    await person.press(f"main a[href='{path}']")
    await expect(page.locator(".kept")).to_contain_text("Typed and not saved")
    await page.click("[data-kept=drop]")
    await _forgotten(person)
    await person.context.close()


async def _forgotten(person: Person) -> None:
    for _ in range(50):
        if not await person.page.evaluate(KEYS):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("something typed is still kept in the browser")
