"""The table of contents: every address of the site, who may reach it, and the handler behind it."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import health, site, threads
from community.web.static import StaticFiles
from community.web.theming import Theme

PUBLIC, SCOPED, MEMBER = Access.PUBLIC, Access.SCOPED, Access.MEMBER
MODERATOR, STAFF, ADMINISTRATOR = Access.MODERATOR, Access.STAFF, Access.ADMINISTRATOR
DEVELOPMENT = Access.DEVELOPMENT


def routes(theme: Theme, *, development: bool) -> list[BaseRoute]:
    """All routes, those that most people ask for first. Development routes exist in development only."""
    static = StaticFiles(theme)
    table: list[BaseRoute] = [
        # threads
        get("/threads/{thread_id:int}-{slug}", threads.show_thread, "threads.show", SCOPED),
        get("/threads/{thread_id:int}", threads.show_thread, "threads.short", SCOPED),
        # the site itself
        get("/static/{theme}/{path:path}", static.serve, "static", PUBLIC, "files of the theme"),
        post("/language/{code}", site.choose_language, "site.language", PUBLIC, "a choice kept in a cookie"),
        post("/mode", site.choose_mode, "site.mode", PUBLIC, "a choice kept in a cookie"),
        get("/healthz", health.alive, "health.alive", PUBLIC, "says only that the process answers"),
        get("/readyz", health.ready, "health.ready", PUBLIC, "says only whether the database answers"),
    ]
    if development:
        table += []
    return table
