"""What is compared with: Starlette and stock Jinja2 render the very same templates from constants.

`python -m bench.yardstick capture FILE` asks the application for each page once and keeps the page objects;
`python -m bench.yardstick serve FILE PORT` renders them again for each request, without a database, without a
viewer, without middleware. Both run with the environment of the community.
"""

from __future__ import annotations

import asyncio
import itertools
import pickle
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bench.communities import Community
from community.app import create_app
from community.core import i18n
from community.core.db import connect, disconnect
from community.settings import settings
from community.web.templating import Templates, build_environment
from community.web.theming import Theme

VARIANTS = 20
"""Different pages of each kind, so that the yardstick too renders texts of many lengths."""


def path_of(name: str) -> str:
    """Where the yardstick serves the page of this name."""
    return "/" + name.replace(", ", "-")


async def capture() -> dict[str, list[tuple]]:
    """By page: template, block, page object, frame and language of some requests."""
    caught: list[tuple] = []

    class Catching(Templates):
        def render(self, name: str, page: Any, frame: Any) -> str:
            caught.append((name, "", page, frame, i18n.language()))
            return super().render(name, page, frame)

        def render_block(self, name: str, block: str, page: Any, frame: Any) -> str:
            caught.append((name, block, page, frame, i18n.language()))
            return super().render_block(name, block, page, frame)

    import community.app

    community.app.Templates = Catching  # type: ignore[misc] - what the application is put together with
    await connect(settings.database_url)
    app = create_app(connect_database=False)
    pages: dict[str, list[tuple]] = {}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=settings.base_url) as client:
        for page in Community(0, settings.var_dir).pages():
            for wanted in page.requests[:VARIANTS]:
                if not wanted.form:
                    headers = {"Accept-Language": "de", "Cookie": f"session={wanted.token}"}
                    headers |= {"HX-Request": "true"} if wanted.fragment else {}
                    (await client.get(wanted.path, headers=headers)).raise_for_status()
            pages[page.name] = caught[:]
            caught.clear()
    await disconnect()
    return {name: rendered for name, rendered in pages.items() if rendered}


def serve(pages: dict[str, list[tuple]], port: int) -> None:
    theme = Theme.load(settings.theme, themes_path=settings.themes_path, watching=False)
    i18n.load_catalogues(theme.locale_folders)
    environment = build_environment(theme, Environment)

    def handler(rendered: list[tuple]) -> Callable[[Request], Awaitable[Response]]:
        turn = itertools.cycle(rendered)

        async def show(request: Request) -> Response:
            name, block, page, frame, language = next(turn)
            i18n.use(language)
            template = environment.get_template(name)
            if block:
                context = template.new_context({"page": page, "frame": frame})
                return HTMLResponse("".join(template.blocks[block](context)))
            return HTMLResponse(template.render(page=page, frame=frame))

        return show

    async def healthy(request: Request) -> Response:
        return PlainTextResponse("ok")

    routes = [Route(path_of(name), handler(rendered)) for name, rendered in pages.items()]
    app = Starlette(routes=[*routes, Route("/healthz", healthy)])
    uvicorn.run(app, port=port, loop="asyncio", http="httptools", access_log=False, log_level="warning")


def main() -> None:
    file = Path(sys.argv[2])
    if sys.argv[1] == "capture":
        file.write_bytes(pickle.dumps(asyncio.run(capture())))
    else:
        serve(pickle.loads(file.read_bytes()), int(sys.argv[3]))


if __name__ == "__main__":
    main()
