"""Fixtures around the whole application: the standing cast, the application, and browsers that visit it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest
from starlette.types import ASGIApp

from community.core.db.connection import Dialect
from community.members.models import Member
from search import SearchEngine, open_engine
from tests.cast import Cast, make_cast
from tests.clients import browser, log_in

Visit = Callable[..., Awaitable[httpx2.AsyncClient]]


@pytest.fixture(scope="session")
async def search_engine(var_dir: Path) -> AsyncIterator[SearchEngine]:
    """The embedded engine, shared by all tests: hits are confirmed in the database anyway."""
    engine = open_engine("", "", var_dir / "test-index")
    await engine.setup()
    yield engine
    await engine.close()


@pytest.fixture(scope="session")
def app(search_engine: SearchEngine) -> ASGIApp:
    """The application behind all its layers, on whatever database the test has opened."""
    # Imported here, so that tests of lower layers neither wait for all pages nor fail with one of them.
    from community.app import create_app
    from community.http.guest_pages import PageStore

    # Tests write rows behind the back of the actions, so what guests see is never kept. `test_guest_pages` keeps it.
    return create_app(search=search_engine, connect_database=False, guest_pages=PageStore(most_bytes=0))


@pytest.fixture
async def cast(db: Dialect) -> Cast:
    """The standing cast, rolled back after the test."""
    return await make_cast()


@pytest.fixture
async def visit(app: ASGIApp) -> AsyncIterator[Visit]:
    """`await visit(member)`: a browser in which this member is logged in; `await visit()`: a guest's."""
    async with AsyncExitStack() as browsers:

        async def open_browser(member: Member | None = None) -> httpx2.AsyncClient:
            client = await browsers.enter_async_context(browser(app))
            return await log_in(client, member) if member else client

        yield open_browser
