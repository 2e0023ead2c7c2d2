"""Who is looking, loaded once per request and put where routes and handlers find it."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from community.core import i18n
from community.core.viewer import GUEST
from community.http import sessions
from community.spaces.queries import view_of

WITHOUT_VIEWER = (
    "/static/",
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/sitemap",
    "/feeds/",
    "/embed/",
    "/speculation-rules.json",
)
"""Paths that answer everybody alike and must not cost a look into the database."""

LANGUAGE_COOKIE = "language"
MODE_COOKIE = "mode"
NOTICE_COOKIE = "notice"
"""Holds the code of what the next page says about the step before it."""


class ViewerState:
    """Sets `state.viewer`, `state.spaces` (what they may know of) and the language for the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        state = scope.setdefault("state", {})
        if scope["path"].startswith(WITHOUT_VIEWER):
            state["viewer"], state["spaces"] = GUEST, ()
        else:
            state["viewer"], state["spaces"] = await view_of(await sessions.find_member(connection))
        i18n.use(
            i18n.negotiate(
                state["viewer"].language,
                connection.cookies.get(LANGUAGE_COOKIE),
                None,
                connection.headers.get("accept-language"),
            )
        )
        await self.app(scope, receive, send)
