"""A demo community in a real browser. `reading_site` is shared and only read; `make_site` makes one to write in."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import open_chromium
from tests.browser.demo_site import DemoSite, fill
from tests.browser.preparations import prepare

MakeSite = Callable[..., Awaitable[DemoSite]]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Path:
    """VAR_DIR of a demo community that nothing serves; to be copied. Asks for Chromium first, to skip in time."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    fill(folder)
    return folder


@pytest.fixture
async def make_site(filled: Path, tmp_path: Path) -> AsyncIterator[MakeSite]:
    """`await make_site(THEME="rubin")`: a served copy of the community, for this test alone."""
    sites: list[DemoSite] = []
    numbers = itertools.count(1)

    async def make(*, name: str = "127.0.0.1", **environment: str) -> DemoSite:
        sites.append(DemoSite(filled, tmp_path / f"site{next(numbers)}", name=name, **environment))
        await sites[-1].start()
        return sites[-1]

    yield make
    for site in sites:
        await site.stop()


@pytest.fixture(scope="session")
async def reading_site(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoSite]:
    """A served copy with one of everything that has a page: a long thread, flags, a comment, a hidden post."""
    site = DemoSite(filled, tmp_path_factory.mktemp("reading") / "var")
    await site.start()
    try:
        await prepare(site)
        yield site
    finally:
        await site.stop()
