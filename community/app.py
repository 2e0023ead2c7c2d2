"""The application put together: routes, layers, error pages, lifespan. No behaviour of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from community.core import i18n
from community.core.db import connect, disconnect
from community.http.guest_pages import FRESH_SECONDS, GuestPages, PageStore
from community.http.listeners import Listeners
from community.http.security import protected
from community.http.state import ViewerState
from community.insights.entry_uses import NotedUses
from community.insights.readings import NotedReadings
from community.insights.searches import NotedSearches
from community.settings import Settings, settings
from community.site_texts import acceptance, defaults
from community.vocabulary.following import LOOK_EVERY, Follower
from community.web.errors import HANDLERS
from community.web.routes import routes
from community.web.templating import Templates
from community.web.theming import Theme
from community.worker import Worker
from search import SearchEngine, open_engine
from search.embedders import Embedder, EmbedderUnfit, build_embedder

logger = logging.getLogger(__name__)


def build_search(chosen: Settings = settings) -> SearchEngine:
    """The search engine that the configuration names."""
    return open_engine(
        chosen.search_url, chosen.search_key, chosen.var_dir / "index", embedder=open_embedder(chosen)
    )


def open_embedder(chosen: Settings = settings) -> Embedder | None:
    """The embedder that the configuration names. One that cannot work is said once; words do without it."""
    try:
        return build_embedder(chosen.embedder_choice)
    except EmbedderUnfit as problem:
        logger.warning("%s Searching goes on by words alone.", problem)
        return None


async def _keep_up(works: Sequence[Callable[[], Awaitable[object]]], stop: asyncio.Event) -> None:
    """What every web process does beside its requests, every few seconds until it ends, and once more then."""
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY)
        for work in works:
            try:
                await work()
            except Exception as error:
                # The database may be away for a moment; the next round will do it.
                logger.warning("not kept up", exc_info=error)


def create_app(
    *,
    search: SearchEngine | None = None,
    connect_database: bool = True,
    with_worker: bool = False,
    guest_pages: PageStore | None = None,
) -> ASGIApp:
    """The application behind all its layers.

    Tests hand in their own search engine and store of guests' pages, and open the database themselves
    (`connect_database=False`). With `with_worker` this process delivers the outbox too.
    """
    theme = Theme.load(settings.theme, themes_path=settings.themes_path, watching=settings.development)
    i18n.load_catalogues(theme.locale_folders)
    defaults.use_folders(theme.page_folders)
    engine = search or build_search()
    noted_searches, noted_readings, noted_uses = NotedSearches(), NotedReadings(), NotedUses()
    listeners = Listeners()
    # In development a changed template should show at once, and templates are no part of what marks a page.
    if guest_pages is None:
        guest_pages = PageStore(fresh_seconds=1 if theme.watching else FRESH_SECONDS)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if connect_database:
            await connect(settings.database_url)
        follower = Follower(engine)
        await follower.catch_up()
        await acceptance.refresh()
        # The index is made and filled by whoever delivers the outbox. Without search the site still works.
        stop = asyncio.Event()
        works = (
            follower.catch_up,
            noted_searches.write,
            noted_readings.write,
            noted_uses.write,
            acceptance.refresh,
        )
        keeping_up = asyncio.create_task(_keep_up(works, stop))
        watching = asyncio.create_task(listeners.watch(stop))
        working = asyncio.create_task(Worker(engine).run_until(stop)) if with_worker else None
        try:
            yield
        finally:
            stop.set()
            listeners.close()
            await keeping_up
            await watching
            if working:
                await working
            await engine.close()
            if connect_database:
                await disconnect()

    app = Starlette(
        routes=routes(theme, development=settings.development),
        middleware=[
            Middleware(GuestPages, store=guest_pages, note_reading=noted_readings.note),
            Middleware(ViewerState),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.state.templates = Templates(theme)
    app.state.search = engine
    app.state.noted_searches = noted_searches
    app.state.noted_readings = noted_readings
    app.state.noted_uses = noted_uses
    app.state.listeners = listeners
    return protected(app, base_url=settings.base_url, development=settings.development)
