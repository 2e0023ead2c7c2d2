"""The search index for administrators: how it is, how far a new one is built, and a button to build one."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core import outbox
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.indexing import INDEXING_FACTS
from community.reindexing import state
from community.reindexing.state import IndexState
from community.web.admin import admin_crumbs
from community.web.pages import Head, redirect, show
from community.web.parts import Crumb, Tile, When
from search import SearchEngine
from search.index import Health

ADDRESS = "/admin/index"


@dataclass(frozen=True, slots=True)
class BuildView:
    """A new index on its way. `share` is in hundredths; None while nothing can be counted."""

    text: str
    share: int | None
    since: When | None
    trouble: str


@dataclass(frozen=True, slots=True)
class IndexPage:
    crumbs: tuple[Crumb, ...]
    tiles: tuple[Tile, ...]
    is_down: bool
    build: BuildView | None
    last: When | None
    last_text: str
    address: str = ADDRESS


async def show_index(request: Request) -> Response:
    engine: SearchEngine = request.app.state.search
    health, standing = await engine.health(), await state.read()
    page = IndexPage(
        crumbs=admin_crumbs(),
        tiles=_tiles(health, await outbox.count_due(INDEXING_FACTS)),
        is_down=not health.ok,
        build=None if standing.is_idle else _build(standing),
        last=When.of(standing.ended_at) if standing.ended_at else None,
        last_text=_last(standing),
    )
    return await show(request, "admin/index.html", page, Head(section="admin"))


async def rebuild(request: Request) -> Response:
    """Want a new index; whoever writes it begins within a second."""
    await state.ask()
    return redirect(ADDRESS)


def _tiles(health: Health, owed: int) -> tuple[Tile, ...]:
    return (
        Tile(_("Search"), _("Running") if health.ok else _("Down"), change=health.engine),
        Tile(_("Documents"), number(health.documents), change=_("threads, FAQ entries, people, groups")),
        Tile(
            _("Waiting to be indexed"),
            number(owed + health.lag),
            change=_("usually none for longer than a second"),
        ),
    )


def _build(standing: IndexState) -> BuildView:
    share = round(100 * standing.done / standing.total) if standing.total else None
    texts = {
        "wanted": _("A new index is wanted and waits for a worker."),
        "filling": _("A new index is being filled: %(done)s of %(total)s.")
        % {"done": number(standing.done), "total": number(standing.total)},
        "filled": _("The new index is filled and takes the place of the old one in a moment."),
        "publishing": _("The new index is filled and takes the place of the old one in a moment."),
    }
    trouble = ""
    if standing.is_dead:
        trouble = _("The process that was at it is gone. A worker begins anew.")
    elif standing.last_error:
        trouble = ngettext(
            "The last attempt failed: %(error)s.",
            "The last %(num)s attempts failed: %(error)s.",
            standing.failures,
        ) % {"num": number(standing.failures), "error": standing.last_error}
    begun = standing.started_at if standing.state != "wanted" else standing.asked_at
    return BuildView(
        text=texts[standing.state],
        share=share if standing.state == "filling" else None,
        since=When.of(begun) if begun else None,
        trouble=trouble,
    )


def _last(standing: IndexState) -> str:
    if standing.ended_at is None:
        return ""
    return _("%(documents)s documents in %(seconds)s s") % {
        "documents": number(standing.documents),
        "seconds": number(standing.seconds),
    }
