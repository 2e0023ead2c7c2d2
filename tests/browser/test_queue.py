"""The queue of staff in Chromium: by keyboard alone, and with two people of staff in two browsers at once."""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import MakeSite
from tests.browser.demo_site import DemoSite
from tests.browser.people import Person

PATIENCE = 20_000
WORK = "[data-work]"


async def staff(site: DemoSite, browser: Browser, part: str, *, scripts: bool = True) -> Person:
    context = await site.visitor(browser, part, java_script_enabled=scripts, locale="en")
    return Person(
        await context.new_page(), context, Watch(context, site.host), site.people()[part]["nickname"]
    )


async def raise_flags(site: DemoSite) -> list[str]:
    """Three flagged posts; the addresses of their items, as they stand in the queue."""
    posts = site.rows(
        """SELECT posts.id FROM posts JOIN threads ON threads.id = posts.thread_id
        JOIN spaces ON spaces.id = threads.space_id JOIN members ON members.id = posts.author_id
        WHERE posts.kind = 'answer' AND spaces.access = 'open' AND posts.hidden_at IS NULL
        AND threads.hidden_at IS NULL AND members.role = 'customer' AND members.nickname <> ?
        AND posts.id NOT IN (SELECT post_id FROM flags) ORDER BY posts.created_at LIMIT 3""",
        site.people()["large"]["nickname"],
    )
    async with await site.client("large") as client:
        for (post_id,) in posts:
            sent = await client.post(
                f"/posts/{post_id}/flag", data={"reason": "advertising", "note": "Look."}
            )
            assert sent.status_code == 303, sent.text
    rows = site.rows(
        "SELECT id FROM work_items WHERE kind = 'flag' AND subject IN (?, ?, ?) ORDER BY due_at, id",
        *(f"post:{post_id}" for (post_id,) in posts),
    )
    return [f"/moderation/items/{row[0]}" for row in rows]


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.getAttribute('href')"))


async def test_everything_is_done_by_keyboard(make_site: MakeSite, chromium: Browser) -> None:
    site = await make_site()
    await raise_flags(site)
    jana = await staff(site, chromium, "moderator")
    page = jana.page
    await jana.go("/moderation?kind=flag")
    shown = await page.locator("[data-open]").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert len(shown) >= 3
    for key, place in (("j", 0), ("j", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("k", 0), ("k", 0)):
        await page.keyboard.press(key)
        assert await focused(page) == shown[place], key
    await page.keyboard.press("?")
    await expect(page.locator("#keys li").first).to_be_visible()
    await page.keyboard.press("?")
    await page.keyboard.press("j")
    async with page.expect_navigation():
        await page.keyboard.press("c")
    await expect(page.locator("[data-desk]")).to_have_text("You are on it")
    # While somebody types, letters are letters.
    await page.locator("#f-reason").click()
    await page.keyboard.type("rcsh jk")
    assert await page.locator("#f-reason").input_value() == "rcsh jk"
    await page.locator("h1").click()
    await page.keyboard.press("s")
    await expect(page.locator("#f-hours")).to_be_focused()
    await page.locator("h1").click()
    await page.keyboard.press("h")
    await expect(page.locator("#f-to")).to_be_focused()
    await page.locator("h1").click()
    async with page.expect_navigation():
        await page.keyboard.press("r")
    await page.wait_for_url("**/moderation")
    assert await jana.count("text=You are on it") == 0
    # Switched off, they stay off.
    await page.keyboard.press("?")
    await page.locator("#keys-on").uncheck()
    await jana.go("/moderation")
    await page.keyboard.press("j")
    assert await focused(page) == "None"
    assert jana.watch.complaints == []


async def test_two_of_staff_never_get_the_same_item(make_site: MakeSite, chromium: Browser) -> None:
    site = await make_site()
    item = (await raise_flags(site))[0]
    jana, tom = await staff(site, chromium, "moderator"), await staff(site, chromium, "administrator")
    await asyncio.gather(jana.go("/moderation?kind=flag"), tom.go("/moderation?kind=flag"))
    button = f"form[action='{item}/claim'] button"

    async def claim(person: Person) -> None:
        async with person.page.expect_navigation():
            await person.page.click(button)

    await asyncio.gather(claim(jana), claim(tom))
    texts = [await person.sees("[data-desk]") for person in (jana, tom)]
    winners = [text for text in texts if text == "You are on it"]
    assert len(winners) == 1, texts
    winner, loser = (jana, tom) if texts[0] == winners[0] else (tom, jana)
    assert "is on it." in await loser.sees("main")
    assert await loser.count("input[name=decision]") == 0
    # An open list says who has what without being loaded again; and whoever looks is seen by the other.
    await loser.go("/moderation?kind=flag")
    row = loser.page.locator(f"#work-{item.rpartition('/')[2]} [data-holder]")
    await expect(row).to_contain_text("is on it")
    await winner.go(item)
    async with winner.page.expect_navigation():
        await winner.page.click("[data-do=release] button")
    await expect(row).to_have_text("", timeout=PATIENCE)
    await loser.go(item)
    await winner.go(item)
    await expect(winner.page.locator("[data-lookers]")).to_contain_text(
        "Also looking at it", timeout=PATIENCE
    )


async def test_without_scripts_the_queue_is_worked_by_buttons(make_site: MakeSite, chromium: Browser) -> None:
    site = await make_site()
    item = (await raise_flags(site))[0]
    jana = await staff(site, chromium, "moderator", scripts=False)
    await jana.go("/moderation?kind=flag")
    assert not await jana.page.locator("#keys").is_visible(), "keys need scripts"
    await jana.press(f"form[action='{item}/claim'] button")
    await jana.page.click("#hand summary")
    await jana.page.select_option("#f-to", index=1)
    await jana.page.fill("#f-note", "You know more about this.")
    await jana.press("#hand form button")
    assert "/moderation" in jana.page.url
    tom = await staff(site, chromium, "administrator", scripts=False)
    await tom.go("/moderation?show=mine")
    assert "has given this to you" in await tom.sees("#work")
    await tom.press("#work [data-open]")
    await tom.page.click("#snooze summary")
    await tom.press("#snooze form button")
    await tom.go("/moderation?show=snoozed")
    assert await tom.count(WORK) == 1
