"""What people do in the browser, the same with and without scripts, in whatever language the page is."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.chromium import Watch
from tests.browser.demo_site import DemoSite

WAIT_SECONDS = 20
OVER_RESULTS = """(() => {
  const box = document.querySelector('.results').getBoundingClientRect()
  for (let y = box.top + 8; y < Math.min(box.bottom, innerHeight) - 8; y += 12)
    for (let x = box.left + 8; x < box.right - 8; x += 24) {
      const top = document.elementFromPoint(x, y)
      if (!top.closest('.results')) return top.outerHTML.slice(0, 100)
    }
  return ''
})()"""
"""What of the page covers the list below the search field, if anything does."""


@dataclass(slots=True)
class Person:
    """Somebody with a browser of their own."""

    page: Page
    context: BrowserContext
    watch: Watch
    nickname: str

    async def go(self, path: str, status: int = 200) -> None:
        answer = await self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path} answers {answer.status}"

    async def press(self, selector: str) -> None:
        """Press something that leads to another page, and wait for that page."""
        async with self.page.expect_navigation():
            await self.page.click(selector)

    async def sees(self, selector: str) -> str:
        """The text of what has to be there to be read."""
        found = self.page.locator(selector).first
        await found.wait_for()
        return await found.inner_text()

    async def count(self, selector: str) -> int:
        return await self.page.locator(selector).count()


async def enter(site: DemoSite, browser: Browser, part: str = "", *, language: str, scripts: bool) -> Person:
    """Somebody of the demo community (or a guest) opens the home page and chooses the language."""
    context = await site.visitor(
        browser,
        part,
        java_script_enabled=scripts,
        viewport={"width": 1360, "height": 900},
        reduced_motion="reduce",
        accept_downloads=True,
    )
    page = await context.new_page()
    person = Person(page, context, Watch(context, site.host), site.people()[part]["nickname"] if part else "")
    await person.go("/")
    # The button is there for every language but the one that is chosen already.
    choice = f"button[formaction='/language/{language}']"
    if await person.count(choice):
        await person.press(choice)
    assert await page.get_attribute("html", "lang") == language
    return person


async def find_by_search(guest: Person, words: str, *, scripts: bool) -> None:
    """Type words on the home page and open the first thread found: from the list below the field, or the page."""
    if not scripts:
        await guest.page.fill("#q", words)
        await guest.press(".herofind button")
        # Where one surely answers, it is quoted above the others.
        await guest.press(":is(.answer__q a, .rows .row__title a[href^='/threads/']) >> nth=0")
        return
    await guest.page.focus("#q")
    await guest.page.wait_for_selector(".herofind .results", state="attached")
    await guest.page.keyboard.type(words, delay=15)
    await guest.page.wait_for_selector(".results a[href^='/threads/']")
    assert not await guest.page.evaluate(OVER_RESULTS), "something lies over the results"
    for _ in range(10):
        await guest.page.keyboard.press("ArrowDown")
        picked = "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.href"
        if "/threads/" in str(await guest.page.evaluate(picked)):
            break
    async with guest.page.expect_navigation():
        await guest.page.keyboard.press("Enter")


async def register(guest: Person, *, nickname: str, mail: str, password: str) -> None:
    """Register, open the mail, confirm, log in."""
    page = guest.page
    await guest.go("/register")
    await page.fill("#f-nickname", nickname)
    await page.fill("#f-mail", mail)
    await page.fill("#f-password", password)
    await guest.press("form.form button[type=submit]")
    assert page.url.endswith("/register/sent")
    await guest.go(await mailed(guest, mail, r"(/confirm\?token=\S+)"))
    await guest.press("form.form button[type=submit]")
    assert page.url.endswith("/log-in")
    await page.fill("#f-mail", mail)
    await page.fill("#f-password", password)
    await guest.press("form.form button[type=submit]")
    assert page.url.removesuffix("/").count("/") == 2, "whoever has logged in stands on the home page"
    guest.nickname = nickname


async def mailed(guest: Person, mail: str, path: str) -> str:
    """The path in the newest mail to this address that fits the pattern; mails are written a moment later."""
    row = f".table tbody tr:has-text('{mail}') a"
    for _ in range(WAIT_SECONDS * 5):
        await guest.go("/dev/mail")
        if await guest.count(row):
            await guest.press(f"{row} >> nth=0")
            found = re.search(rf"https?://[^/\s]+{path}", await guest.sees("main .prose"))
            assert found, "the mail holds no link"
            return found[1]
        await asyncio.sleep(0.2)
    raise AssertionError(f"no mail to {mail}")


async def answer(person: Person, path: str, text: str) -> int:
    """Answer a thread; the number of the new post."""
    await person.go(path)
    assert person.nickname in await person.sees("#answer .notice--privacy")
    await person.page.fill("#answer textarea[name=body]", text)
    await person.press("#answer button[value=publish]")
    assert text in await person.sees(f"#posts article:has-text('{text[:30]}') .prose")
    found = re.search(r"#post-(\d+)$", person.page.url)
    assert found, person.page.url
    return int(found[1])


async def finds(person: Person, path: str, words: str) -> bool:
    """Whether a page shows these words, given a few seconds: what follows from an act comes a moment later."""
    for _ in range(WAIT_SECONDS * 4):
        await person.go(path)
        if words in await person.page.inner_text("main"):
            return True
        await asyncio.sleep(0.25)
    return False
