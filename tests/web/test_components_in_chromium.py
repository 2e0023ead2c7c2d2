"""The components in a real browser, under the real Content-Security-Policy: scripts, keyboard, narrow screens."""

import asyncio
import dataclasses
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po
from playwright.async_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from community.core import i18n
from community.http.security import content_security_policy
from community.web.static import StaticFiles
from community.web.templating import Templates
from community.web.theming import BUILT_IN_THEMES, Theme
from tests.browser.chromium import open_chromium
from tests.web.sample_page import components_page, sample_frame

SUGGESTIONS = (
    '<div role="listbox" aria-label="Results" data-count="2 suggestions">'
    '<a role="option" href="/a">One</a><a role="option" href="/b">Two</a></div>'
)


@dataclass
class Site:
    """The sheet of components, served."""

    address: str
    language: str = "en"


def sheet(site: Site, theme: Theme) -> Starlette:
    """The sheet with the few answers its scripts ask for."""
    templates, static = Templates(theme), StaticFiles(theme)
    ui = templates.environment.globals["ui"]

    async def page(request: Request) -> Response:
        i18n.use(site.language)
        html = templates.render("dev/components.html", components_page(), sample_frame(site.language))
        return HTMLResponse(html, headers={"Content-Security-Policy": content_security_policy()})

    async def kudos(request: Request) -> Response:
        if request.path_params["post_id"] == 1:
            return HTMLResponse("broken", 500)
        post = dataclasses.replace(components_page().answers[0], kudos_given=False, kudos_count=10)
        return HTMLResponse(ui.kudos(post))

    async def suggestions(request: Request) -> Response:
        return HTMLResponse(SUGGESTIONS)

    async def members(request: Request) -> Response:
        return JSONResponse(["frieda", "fritz"])

    async def ask(request: Request) -> Response:
        return HTMLResponse(ui.preview((await request.form())["body"]))

    async def live(request: Request) -> Response:
        return Response(status_code=204)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/live", live),
            Route("/static/{theme}/{path:path}", static.serve),
            Route("/posts/{post_id:int}/kudos", kudos, methods=["POST"]),
            Route("/search/suggestions", suggestions),
            Route("/members/suggestions", members),
            Route("/ask", ask, methods=["POST"]),
        ]
    )


def lengthened_texts(folder: Path) -> Path:
    """A theme whose German is every English text, 38 % longer."""

    def longer(text: str) -> str:
        return text + " " + ("laenger " * 40)[: int(len(text) * 0.38)].strip()

    catalogue = Catalog(locale="de")
    methods = [("**.html", "jinja2")]
    options = {"**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
    templates = BUILT_IN_THEMES / "default/templates"
    for _, _, message, _, context in extract_from_dir(templates, methods, options, keywords=keywords):
        plural = isinstance(message, tuple)
        catalogue.add(message, tuple(map(longer, message)) if plural else longer(message), context=context)
    (folder / "longer/locale").mkdir(parents=True)
    (folder / "longer/theme.toml").write_text('name = "longer"')
    with (folder / "longer/locale/de.po").open("wb") as file:
        write_po(file, catalogue)
    return folder


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    theme = Theme.load("longer", themes_path=lengthened_texts(tmp_path_factory.mktemp("themes")))
    i18n.load_catalogues(theme.locale_folders)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    site = Site(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    server = uvicorn.Server(uvicorn.Config(sheet(site, theme), log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield site
    server.should_exit = True
    await task
    listener.close()
    i18n.load_catalogues()


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with open_chromium() as browser:
        yield browser


@pytest.fixture
async def page(chromium: Browser, site: Site) -> AsyncIterator[Page]:
    """The sheet in English, 1360 pixels wide; anything on the console fails the test."""
    context = await chromium.new_context(viewport={"width": 1360, "height": 900}, reduced_motion="reduce")
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    site.language = "en"
    await page.goto(site.address)
    yield page
    await context.close()
    assert [text for text in said if "status of 500" not in text] == []


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.id || document.activeElement.textContent"))


async def test_a_form_that_came_back_is_read_from_its_errors_on(page: Page) -> None:
    await page.wait_for_selector("#errors:focus")


async def test_kudos_are_given_in_place_and_announced(page: Page) -> None:
    await page.focus("#kudos-3-button")
    await page.keyboard.press("Space")
    await page.wait_for_selector("#kudos-3-button[aria-pressed=false]")
    await page.locator("#live", has_text="10").wait_for(state="attached")
    assert await focused(page) == "kudos-3-button"


async def test_a_request_that_fails_is_said_and_replaces_nothing(page: Page) -> None:
    await page.click("#kudos-1-button")
    await page.wait_for_selector("#problem:not([hidden])")
    assert await page.is_visible("#kudos-1-button")
    await page.click("#kudos-3-button")
    await page.wait_for_selector("#problem", state="hidden")


async def test_results_while_typing_are_reached_by_arrows_and_left_by_escape(page: Page) -> None:
    await page.focus("#q-top")
    await page.keyboard.type("router", delay=20)
    await page.wait_for_selector(".results a")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    assert await page.inner_text(".results [aria-selected=true]") == "Two"
    await page.keyboard.press("Escape")
    assert await focused(page) == "q-top"
    assert not await page.is_visible(".results")


async def test_the_toolbar_writes_markdown_that_can_be_undone(page: Page) -> None:
    loaded = page.wait_for_event("response", lambda answer: "modules/editor" in answer.url)
    await asyncio.gather(loaded, page.focus("#f-body"))
    await page.wait_for_selector("[data-md=italic][tabindex='-1']", state="attached")
    before = await page.input_value("#f-body")
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Control+b")
    assert await page.input_value("#f-body") == f"**{before}**"
    await page.keyboard.press("Control+z")
    assert await page.input_value("#f-body") == before
    await page.focus("[data-md=bold]")
    await page.keyboard.press("ArrowRight")
    assert await page.evaluate("document.activeElement.dataset.md") == "italic"


async def test_nicknames_are_completed_by_keyboard(page: Page) -> None:
    loaded = page.wait_for_event("response", lambda answer: "modules/mentions" in answer.url)
    await asyncio.gather(loaded, page.focus("#f-body"))
    await page.wait_for_selector(".mentions", state="attached")
    await page.keyboard.press("Control+End")
    await page.keyboard.type(" @fr", delay=20)
    await page.wait_for_selector(".mentions li")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert (await page.input_value("#f-body")).endswith(" @fritz ")


async def test_the_preview_appears_under_the_editor(page: Page) -> None:
    await page.focus("#f-body")
    await page.wait_for_selector("[data-md=italic][tabindex='-1']", state="attached")
    await page.fill("#f-body", "<b>new text</b>")
    await page.click("button[name=do][value=preview]")
    # Not wait_for_function: it asks again by eval, which the policy of the page forbids.
    await page.locator("#preview", has_text="<b>new text</b>").wait_for()


async def test_menus_close_by_escape_and_give_the_focus_back(page: Page) -> None:
    await page.click("#post-3 .more summary")
    assert await page.is_visible("#post-3 .more__list a")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    assert not await page.is_visible("#post-3 .more__list a")
    await page.focus(".me-btn")
    await page.keyboard.press("Enter")
    assert await page.is_visible("#me a")
    await page.keyboard.press("Escape")
    assert not await page.is_visible("#me a")


@pytest.mark.parametrize("width", [320, 768, 1024, 1216, 1360])
async def test_longer_texts_fit_every_width(width: int, chromium: Browser, site: Site) -> None:
    context = await chromium.new_context(viewport={"width": width, "height": 800})
    page = await context.new_page()
    site.language = "de"
    await page.goto(site.address)
    assert "laenger" in await page.inner_text("main")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    cut = """[...document.querySelectorAll('.btn, .chip, .nav a, .seg a, h1, h2, h3, .space__n, .label')]
        .filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
        .map(e => e.className + ': ' + e.textContent.trim())"""
    assert await page.evaluate(cut) == []
    await context.close()


async def test_without_scripts_menus_open_and_the_toolbar_is_not_shown(chromium: Browser, site: Site) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    site.language = "en"
    await page.goto(site.address)
    assert not await page.is_visible(".tools")
    await page.click("#post-3 .more summary")
    assert await page.is_visible("#post-3 .more__list a")
    await page.click(".me-btn")
    assert await page.is_visible("#me a")
    await context.close()
