"""Every page type in a real browser: axe finds nothing, nothing runs over the edge, the console stays silent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.chromium import DESKTOP, NARROW, Watch
from tests.browser.demo_site import DemoSite
from tests.browser.page_types import PageType, page_types

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# evaluate() goes through the debugger, so the page's own strict Content-Security-Policy stays on.
RUN = """tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(found => found.violations.map(
    ({id, nodes}) => `${id}: ${nodes.length} × ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary}`))"""
HEADINGS = "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(each => Number(each.tagName[1]))"
WIDTH = "document.documentElement.scrollWidth"
WIDE = """() => [...document.querySelectorAll('body *')].filter(each => {
    const box = each.getBoundingClientRect()
    return box.width && box.right > innerWidth + 1 && !each.closest('.scroll-x, pre, .prose table, .vh')
}).slice(0, 3).map(each => each.outerHTML.slice(0, 120))"""


async def _open(page: Page, page_type: PageType, site: DemoSite) -> None:
    answer = await page.goto(page_type.path)
    assert answer is not None
    assert answer.status == page_type.status, f"{page_type.path} answers {answer.status}\n{site.log()}"
    if page_type.press:
        async with page.expect_navigation():
            await page.click(page_type.press)


async def _problems(page: Page, page_type: PageType, width: int, watch: Watch) -> list[str]:
    """What is wrong with one page as it stands, each as a sentence with the page's name."""
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(RUN, TAGS)
    levels = await page.evaluate(HEADINGS)
    if levels.count(1) != 1:
        found.append(f"{levels.count(1)} headings of the first level")
    if any(below - above > 1 for above, below in zip([0, *levels], levels, strict=False)):
        found.append(f"a level of headings is left out: {levels}")
    if not await page.locator('footer a[href="/pages/imprint"]').count():
        found.append("no way to the imprint")
    if await page.evaluate(WIDTH) > width:
        found.append(f"wider than {width} pixels: {await page.evaluate(WIDE)}")
    found += watch.complaints
    watch.complaints.clear()
    return [f"{page_type.name} ({width}): {text}" for text in found]


async def _walk(site: DemoSite, browser: Browser, options: dict[str, Any]) -> list[str]:
    """Open every page type once, each person in one browser, and collect what is wrong."""
    problems: list[str] = []
    contexts: dict[str, tuple[BrowserContext, Page, Watch]] = {}
    for page_type in page_types(site):
        if page_type.part not in contexts:
            context = await site.visitor(browser, page_type.part, reduced_motion="reduce", **options)
            contexts[page_type.part] = (context, await context.new_page(), Watch(context, site.host))
        _context, page, watch = contexts[page_type.part]
        await _open(page, page_type, site)
        problems += await _problems(page, page_type, options["viewport"]["width"], watch)
    for context, _page, _watch in contexts.values():
        await context.close()
    return problems


@pytest.mark.parametrize("options", [DESKTOP, NARROW], ids=["desktop-light", "320-dark"])
async def test_no_page_type_has_a_barrier(
    options: dict[str, Any], reading_site: DemoSite, chromium: Browser
) -> None:
    problems = await _walk(reading_site, chromium, options)
    assert not problems, "\n".join(problems)
