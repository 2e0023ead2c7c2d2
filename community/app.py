"""The application put together: routes, layers, error pages, lifespan. No behaviour of its own."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from community.core import i18n
from community.core.db import connect, disconnect
from community.http.security import protected
from community.http.state import ViewerState
from community.settings import Settings, settings
from community.web.errors import HANDLERS
from community.web.routes import routes
from community.web.templating import Templates
from community.web.theming import Theme
from search import SearchEngine, open_engine


def build_search(chosen: Settings = settings) -> SearchEngine:
    """The search engine that the configuration names."""
    return open_engine(chosen.search_url, chosen.search_key, chosen.var_dir / "index")


def create_app(*, search: SearchEngine | None = None, connect_database: bool = True) -> ASGIApp:
    """The application behind all its layers.

    Tests hand in their own search engine and open the database themselves (`connect_database=False`).
    """
    theme = Theme.load(settings.theme, themes_path=settings.themes_path, watching=settings.development)
    i18n.load_catalogues(theme.locale_folders)
    engine = search or build_search()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if connect_database:
            await connect(settings.database_url)
        await engine.setup()
        try:
            yield
        finally:
            await engine.close()
            if connect_database:
                await disconnect()

    app = Starlette(
        routes=routes(theme, development=settings.development),
        middleware=[Middleware(ViewerState)],
        exception_handlers=HANDLERS,  # type: ignore[arg-type] - handlers take the type they are registered for
        lifespan=lifespan,
    )
    app.state.templates = Templates(theme)
    app.state.search = engine
    return protected(app, base_url=settings.base_url, development=settings.development)
