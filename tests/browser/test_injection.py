"""Every page type with an attack in every text: nothing becomes part of a page, nothing runs, nothing is loaded."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.async_api import Browser, BrowserContext, Dialog, Page

from community.settings import PROJECT
from tests.browser import attacks
from tests.browser.chromium import DESKTOP, Watch
from tests.browser.demo_site import DemoSite, environment
from tests.browser.page_types import PageType, page_types
from tests.browser.preparations import prepare

SHOWN_ON = {
    *(
        "home",
        "space",
        "thread",
        "thread-long",
        "search-hits",
        "faq",
        "faq-entry",
        "profile-staff",
        "groups",
        "blog",
    ),
    *("thread-member", "edit", "history", "flag", "notifications", "group-manage", "ask-text"),
    *(
        "thread-moderator",
        "queue",
        "queue-item",
        "hide",
        "move",
        "log",
        "faq-desk",
        "faq-draft",
        "faq-review",
    ),
    *("admin-spaces", "admin-space", "admin-group", "admin-badges", "admin-attributes", "admin-segments"),
}
"""Pages on which an attack must be there to be read."""


@pytest.fixture(scope="module")
async def attacked_site(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoSite]:
    """The demo community with one of everything; then every text carries an attack, and the index holds it too."""
    folder = tmp_path_factory.mktemp("attacked")
    before = DemoSite(filled, folder / "before")
    await before.start()
    try:
        await prepare(before)
    finally:
        await before.stop()
    attacks.plant(before.folder)
    done = subprocess.run(
        [sys.executable, "-m", "community", "reindex"],
        cwd=PROJECT,
        env=environment(before.folder),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    site = DemoSite(before.folder, folder / "after")
    shutil.rmtree(before.folder)
    await site.start()
    yield site
    await site.stop()


def test_every_column_with_text_is_known(filled: Path) -> None:
    """A new column is either something that people write, and is attacked, or it is said here that it is not."""
    with sqlite3.connect(f"file:{filled / 'community.sqlite3'}?mode=ro", uri=True) as connection:
        known = attacks.ONE_LINE | attacks.MARKDOWN | attacks.RENDERED.keys() | attacks.TECHNICAL
        unknown = sorted(
            f"{table}.{column}" for table, column in attacks.columns(connection) if column not in known
        )
    connection.close()
    assert unknown == []


def _watch(context: BrowserContext, site: DemoSite) -> Watch:
    watch = Watch(context, site.host)

    async def refuse(dialog: Dialog) -> None:
        watch.complaints.append(f"a dialog: {dialog.message}")
        await dialog.dismiss()

    context.on("dialog", refuse)
    return watch


async def _problems(page: Page, name: str, watch: Watch) -> list[str]:
    found = [*await page.evaluate(attacks.WHAT_CAME_THROUGH), *watch.complaints]
    watch.complaints.clear()
    return [f"{name}: {text}" for text in found]


async def test_no_text_becomes_part_of_a_page(attacked_site: DemoSite, chromium: Browser) -> None:
    site, problems, shown = attacked_site, [], set()
    people: dict[str, tuple[BrowserContext, Page, Watch]] = {}
    for page_type in page_types(site):
        if page_type.part not in people:
            context = await site.visitor(chromium, page_type.part, reduced_motion="reduce", **DESKTOP)
            people[page_type.part] = (context, await context.new_page(), _watch(context, site))
        _context, page, watch = people[page_type.part]
        await _open(page, page_type, site)
        problems += await _problems(page, page_type.name, watch)
        if await page.evaluate(attacks.IS_SHOWN):
            shown.add(page_type.name)
    for context, _page, _watcher in people.values():
        await context.close()
    assert not problems, "\n".join(problems)
    assert shown >= SHOWN_ON, f"nothing of the attack is to be read on {sorted(SHOWN_ON - shown)}"


async def _open(page: Page, page_type: PageType, site: DemoSite) -> None:
    answer = await page.goto(page_type.path)
    assert answer is not None
    assert answer.status == page_type.status, f"{page_type.name} answers {answer.status}\n{site.log()}"
    if page_type.press:
        async with page.expect_navigation():
            await page.click(page_type.press)


async def test_what_scripts_put_into_a_page_is_text(attacked_site: DemoSite, chromium: Browser) -> None:
    """Suggestions while one types, similar threads, the preview: HTML that comes after the page."""
    site = attacked_site
    context = await site.visitor(chromium, "small", **DESKTOP)
    page, watch = await context.new_page(), _watch(context, site)
    problems: list[str] = []

    await page.goto("/search")
    await page.locator("main input[name=q], #q").first.click()
    await page.keyboard.type("feste ip", delay=20)
    await page.wait_for_selector(".results a[href^='/threads/']")
    assert f"<{attacks.PROBE}" in await page.locator(".results:has(a[href^='/threads/'])").first.inner_text()
    problems += await _problems(page, "suggestions", watch)

    await page.goto("/ask")
    await page.locator("input[name=title]").click()
    await page.keyboard.type("Feste IP-Adresse verschwunden", delay=20)
    await page.wait_for_selector("#similar details")
    problems += await _problems(page, "similar", watch)

    await page.goto("/ask?next=1&space=internet-glasfaser&title=Warum+ist+die+feste+IP-Adresse+weg%3F")
    await page.fill("textarea[name=body]", attacks.TEXT)
    await page.click("button[name=do][value=preview]")
    await page.wait_for_selector("#preview .prose")
    problems += await _problems(page, "preview", watch)
    await context.close()
    assert not problems, "\n".join(problems)


async def test_texts_that_mean_markup_elsewhere_stay_texts_in_feeds(attacked_site: DemoSite) -> None:
    """Feeds, sitemaps and descriptions for machines stay well-formed, and carry no script."""
    async with await attacked_site.client("small") as client:
        for path in (
            "/feeds/latest.atom",
            "/feeds/blog.atom",
            "/feeds/spaces/internet-glasfaser.atom",
            "/sitemap.xml",
        ):
            answer = await client.get(path)
            assert answer.status_code == 200, path
            tree = ElementTree.fromstring(answer.content)
            names = {each.tag.rpartition("}")[2] for each in tree.iter()}
            assert not names & {attacks.PROBE, "script", "img", "iframe"}, path
        feed = json.loads((await client.get("/feeds/faq.json")).content)
        assert f"<{attacks.PROBE}" in json.dumps(feed)
        html = [item["content_html"] for item in feed["items"] if "content_html" in item]
        assert html
        assert not [text for text in html if f"<{attacks.PROBE}" in text or "<script" in text]
