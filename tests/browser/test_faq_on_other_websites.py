"""Both widgets on a page of somebody else, in a real browser, with the snippets of the page for the web team."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from html import unescape

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from community.web.faq_embed import script
from tests.browser.conftest import MakeSite
from tests.browser.demo_site import DemoSite
from tests.browser.foreign_site import ForeignSite, foreign_site, strict_policy

PAGE = '<!DOCTYPE html><html lang="de"><meta charset="utf-8"><title>Weitnetz</title><h1>Hilfe</h1>%s</html>'


@pytest.fixture
def website() -> Iterator[ForeignSite]:
    with foreign_site() as site:
        yield site


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    context = await chromium.new_context(locale="de", viewport={"width": 1000, "height": 900})
    yield await context.new_page()
    await context.close()


async def _snippets(site: DemoSite, query: str = "") -> list[str]:
    async with await site.client("administrator") as client:
        answer = await client.get(f"/admin/faq/website{query}")
    return [unescape(text) for text in re.findall(r"<code>(&lt;.*?)</code>", answer.text, re.DOTALL)]


async def test_both_widgets_work_on_a_strict_page_of_another_site(
    make_site: MakeSite, website: ForeignSite, page: Page
) -> None:
    site = await make_site(EMBED_ORIGINS=website.address)
    category = site.value("SELECT slug FROM faq_categories WHERE language = 'de' ORDER BY position LIMIT 1")
    framed, scripted = await _snippets(site, f"?language=de&theme=dark&category={category}")
    website.policy = strict_policy(site.address)
    # The element only, for the script is loaded already.
    second = re.sub(
        r"<script.*?</script>|(?<= )category=\S+", "", scripted.replace('"de"', '"en"'), flags=re.DOTALL
    )
    website.pages = {"/": PAGE % framed, "/script": PAGE % scripted, "/both": PAGE % (scripted + second)}
    website.pages["/own"] = PAGE % scripted.replace(
        "</kundenkreis-faq>", '<a href="/script" target="_self">Hilfe</a></kundenkreis-faq>'
    )
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    # The frame: questions open, the search works within it, other links leave it.
    await page.goto(website.address)
    frame = page.frame_locator("iframe")
    await frame.locator("summary").first.click()
    await expect(frame.locator(".kk-faq__short").first).to_be_visible()
    assert await frame.locator("html").get_attribute("data-mode") == "dark"
    await frame.get_by_role("searchbox").fill("xyzzyquux")
    await frame.get_by_role("searchbox").press("Enter")
    await expect(frame.get_by_role("status")).to_have_text("0 Antworten")
    await frame.get_by_role("link", name="Alle Kategorien").click()
    await expect(frame.locator("summary").first).to_be_visible()
    await frame.locator("summary").first.click()
    async with page.context.expect_page() as opened:
        await frame.locator(".kk-faq__more a").first.click()
    assert (await opened.value).url.startswith(f"{site.address}/faq/")
    await (await opened.value).close()

    # The script: the same, inside the page and in its look.
    await page.goto(f"{website.address}/script")
    widget = page.locator("kundenkreis-faq")
    question = widget.locator("summary").first
    await question.click()
    await expect(widget.locator(".kk-faq__short").first).to_be_visible()
    assert not await page.locator("iframe").count()
    await widget.get_by_role("searchbox").fill("xyzzyquux")
    await widget.get_by_role("searchbox").press("Enter")
    await expect(widget.get_by_role("status")).to_be_focused()
    await widget.get_by_role("link", name="Alle Kategorien").click()
    await expect(question).to_be_visible()
    assert said == []
    await _try_two_on_one_page(page, f"{website.address}/both")
    assert said == []
    await page.goto(f"{website.address}/script")
    await expect(question).to_be_visible()
    await page.context.set_offline(True)
    await widget.get_by_role("searchbox").press("Enter")
    await expect(widget.get_by_role("status")).to_have_text(
        "Das hat nicht geklappt. Bitte versuchen Sie es gleich noch einmal."
    )
    await expect(question).to_be_visible()
    await page.context.set_offline(False)
    said.clear()
    assert page.url == f"{website.address}/script"
    # Until the answers are there, what stands in the element is the page's own.
    await page.context.route(f"{site.address}/embed/faq?*", lambda route: None)
    await page.goto(f"{website.address}/own")
    await page.locator("kundenkreis-faq").get_by_role("link", name="Hilfe").click()
    await page.wait_for_url(f"{website.address}/script")
    await page.context.unroute_all()
    assert said == []
    # Nothing of all this has left a cookie, neither there nor here.
    assert await page.context.cookies(site.address) == []


async def _try_two_on_one_page(page: Page, address: str) -> None:
    """Each has its own choice and its own search, and no id stands twice."""
    await page.goto(address)
    german, english = page.locator("kundenkreis-faq").first, page.locator("kundenkreis-faq").last
    await expect(german.get_by_role("button")).to_have_text("Suchen")
    await expect(english.get_by_role("button")).to_have_text("Search")
    await english.get_by_text("Search the answers").click()
    await expect(english.get_by_role("searchbox")).to_be_focused()
    await english.get_by_role("searchbox").fill("xyzzyquux")
    await english.get_by_role("searchbox").press("Enter")
    await expect(english.get_by_role("status")).to_have_text("0 answers")
    await expect(german.locator("summary").first).to_be_visible()
    await german.get_by_role("searchbox").fill("router")
    await german.get_by_role("searchbox").press("Enter")
    await expect(german.get_by_role("status")).to_be_focused()
    await expect(english.get_by_role("status")).to_have_text("0 answers")
    ids = await page.eval_on_selector_all("[id]", "all => all.map(each => each.id)")
    assert len(ids) == len(set(ids)) > 3
    assert await page.locator("main").count() == 0, "the page has, or has not, a main part of its own"


async def test_a_site_that_is_not_named_shows_no_frame_and_keeps_its_link_without_the_script(
    reading_site: DemoSite, website: ForeignSite, page: Page, chromium: Browser
) -> None:
    framed, scripted = await _snippets(reading_site)
    website.pages = {"/": PAGE % framed, "/script": PAGE % scripted, "/pages": PAGE % ""}
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    await page.goto(website.address)
    await expect(page.frame_locator("iframe").locator("summary")).to_have_count(0)
    assert any("frame-ancestors" in text for text in refused)
    # No other page of the community lets itself be framed, whoever is allowed to show the FAQ.
    async with httpx2.AsyncClient(base_url=reading_site.address) as client:
        for path in ("/", "/faq", "/log-in"):
            assert "frame-ancestors 'none'" in (await client.get(path)).headers["content-security-policy"]
    without = await chromium.new_context(java_script_enabled=False)
    plain = await without.new_page()
    await plain.goto(f"{website.address}/script")
    await expect(plain.locator("kundenkreis-faq a")).to_have_attribute("href", f"{reading_site.address}/faq")
    await without.close()


async def test_the_script_is_the_one_that_its_address_promises() -> None:
    """Websites pin it by its checksum: what is to work differently gets an address of its own."""
    digest = hashlib.sha256(script()).hexdigest()
    assert digest == "dbf8a3df716b6822ad74e04f313ff56cd34d755a8c22e2ce1e8eb16fc3b05243"
    assert len(script()) <= 3000
