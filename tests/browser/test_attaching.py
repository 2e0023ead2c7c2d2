"""Attaching files in Chromium, with and without scripts: chosen, dropped, pasted, taken out, posted, seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.attachments.files import picture, saved
from tests.browser.conftest import MakeSite
from tests.browser.demo_site import DemoSite
from tests.browser.people import Person, enter
from tests.browser.test_accessibility import AXE, RUN, TAGS
from tests.browser.test_budget import MOST_SHIFT, SHIFT

LINES = ".attach__list li[data-file]"
GIVE = """async ([name, bytes, kind]) => {
  const files = new DataTransfer()
  files.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }))
  const options = { bubbles: true, cancelable: true }
  const event = kind === 'drop' ? new DragEvent('drop', { ...options, dataTransfer: files })
    : new ClipboardEvent('paste', { ...options, clipboardData: files })
  document.querySelector('#f-body').dispatchEvent(event)
}"""


@pytest.fixture
async def site(make_site: MakeSite) -> AsyncIterator[DemoSite]:
    yield await make_site()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    content = {
        "Fehler.png": saved(picture(900, 600), "PNG"),
        "router.log": b"08:00 link lost\n",
        "tool.zip": b"PK\x03\x04\x00",
    }
    for name, each in content.items():
        (tmp_path / name).write_bytes(each)
    return {name: tmp_path / name for name in content}


async def begin(site: DemoSite, browser: Browser, *, scripts: bool) -> Person:
    """Somebody is writing an answer."""
    person = await enter(site, browser, "small", language="de", scripts=scripts)
    row = site.rows(
        "SELECT t.id, t.slug FROM threads t JOIN spaces s ON s.id = t.space_id "
        "WHERE s.access = 'open' AND t.locked_at IS NULL ORDER BY t.created_at DESC LIMIT 1"
    )[0]
    await person.go(f"/threads/{row[0]}-{row[1]}")
    await person.page.fill("#f-body", "So sieht es bei mir aus.")
    return person


async def barriers(page: Page) -> list[str]:
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(RUN, TAGS)
    return found


async def publish(person: Person) -> None:
    await person.press("#answer .btn--primary")
    page = person.page
    image = page.locator(".files img").last
    await image.scroll_into_view_if_needed()
    await expect(image).to_have_js_property("complete", True)
    assert await image.evaluate("each => each.naturalWidth") == 640
    assert "router.log" in await page.locator(".files").last.inner_text()
    assert await person.count(LINES) == 0, "the next form is empty"


async def end(person: Person) -> None:
    assert person.watch.complaints == []
    await person.context.close()


async def test_files_go_up_one_by_one_and_are_posted(
    site: DemoSite, chromium: Browser, files: dict[str, Path]
) -> None:
    person = await begin(site, chromium, scripts=True)
    page = person.page
    await page.click("#f-body")
    await expect(page.locator("button[value=attach]")).to_be_hidden()
    await page.set_input_files("#f-files", [files["Fehler.png"], files["router.log"], files["tool.zip"]])
    await expect(page.locator(".attach .err")).to_contain_text("tool.zip")
    await expect(page.locator(LINES)).to_have_count(2)
    assert await page.input_value("#f-body") == "So sieht es bei mir aus."
    for kind in ("drop", "paste"):
        await page.evaluate(GIVE, [f"{kind}.png", list(files["Fehler.png"].read_bytes()), kind])
        await expect(page.locator(f"{LINES} a", has_text=f"{kind}.png")).to_have_count(1)
    for kind in ("drop", "paste"):
        await page.click(f"{LINES}:has-text('{kind}.png') button[name=remove]")
    await expect(page.locator(LINES)).to_have_count(2)
    assert await barriers(page) == []
    # Everything that is asked for by a script goes by the form's own rules: the draft, the preview.
    await page.click("#answer button[value=preview]")
    await expect(page.locator("#preview .files img")).to_have_count(1)
    await publish(person)
    assert await barriers(page) == []
    await end(person)


async def test_without_scripts_the_form_brings_its_files(
    site: DemoSite, chromium: Browser, files: dict[str, Path]
) -> None:
    person = await begin(site, chromium, scripts=False)
    page = person.page
    await page.set_input_files("#f-files", [files["Fehler.png"], files["tool.zip"]])
    await person.press("#answer .btn--primary")
    assert "tool.zip" in await person.sees("#answer .errsum")
    assert await page.input_value("#f-body") == "So sieht es bei mir aus."
    assert await person.count(LINES) == 1
    await page.set_input_files("#f-files", [files["router.log"], files["Fehler.png"]])
    await person.press("button[value=attach]")
    assert await person.count(LINES) == 3
    await person.press(f"{LINES}:has-text('Fehler.png') >> nth=1 >> button[name=remove]")
    assert await person.count(LINES) == 2
    assert await page.input_value("#f-body") == "So sieht es bei mir aus."
    await publish(person)
    await end(person)


@pytest.mark.parametrize("width", [1360, 360])
async def test_nothing_moves_while_pictures_load(
    site: DemoSite, chromium: Browser, files: dict[str, Path], width: int
) -> None:
    person = await begin(site, chromium, scripts=False)
    page = person.page
    await page.set_input_files("#f-files", [files["Fehler.png"], files["router.log"]])
    await person.press("#answer .btn--primary")
    address = page.url.partition("#")[0]
    await person.context.close()
    reader = await enter(site, chromium, "", language="de", scripts=True)
    await reader.page.set_viewport_size({"width": width, "height": 2400})
    await reader.go(address.removeprefix(site.address))
    assert await reader.page.evaluate(SHIFT) <= MOST_SHIFT
    assert await reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await reader.page.locator(".files img").last.evaluate("each => each.naturalWidth") == 640
    await end(reader)
