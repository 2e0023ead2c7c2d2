"""What members follow and mute: the buttons at spaces and tags, and the list of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.core.addresses import with_query
from community.core.db import Row, as_time
from community.core.errors import NotFound
from community.core.pagination import Cursor, read_cursor
from community.spaces.queries import find_space
from community.threads import wishes
from community.threads.models import Wish
from community.web.forms import read_form
from community.web.lists import thread_url
from community.web.pages import redirect, safe_next, show, viewer_of
from community.web.parts import FilterLink, Link, WishForm
from community.web.settings import settings_tabs

HERE = "/settings/following"


@dataclass(frozen=True, slots=True)
class FollowingPage:
    tabs: tuple[FilterLink, ...]
    spaces: tuple[tuple[Link, WishForm], ...]
    tags: tuple[tuple[Link, WishForm], ...]
    followed: tuple[tuple[Link, str], ...]
    """Threads, each with where one ends it."""
    muted: tuple[tuple[Link, str], ...]
    older_url: str


def wish_for_space(slug: str, wish: str, *, back: str, name: str = "") -> WishForm:
    """The buttons "Follow" and "Mute" of a space."""
    return WishForm(f"/spaces/{quote(slug)}/wish", wish, back, name)


def wish_for_tag(tag: str, wish: str, *, back: str, name: str = "") -> WishForm:
    """The same of a tag."""
    return WishForm(f"/tags/{quote(tag, safe='')}/wish", wish, back, name)


async def choose_for_space(request: Request) -> Response:
    space = find_space(request.state.spaces, request.path_params["slug"])
    fields = await read_form(request)
    await wishes.wish_for_space(space.id, _wish(fields.get("wish", "")), by=viewer_of(request))
    return redirect(safe_next(fields.get("next"), f"/spaces/{space.slug}"), notice="saved")


async def choose_for_tag(request: Request) -> Response:
    fields = await read_form(request)
    await wishes.wish_for_tag(
        request.path_params["name"], _wish(fields.get("wish", "")), by=viewer_of(request)
    )
    return redirect(safe_next(fields.get("next"), HERE), notice="saved")


def _wish(text: str) -> Wish | None:
    if not text:
        return None
    try:
        return Wish(text)
    except ValueError:
        raise NotFound from None


async def show_following(request: Request) -> Response:
    viewer = viewer_of(request)
    cursor = read_cursor(request.query_params.get("before"))
    own = await wishes.list_wishes(viewer)
    followed = await wishes.list_followed_threads(viewer, cursor.time if cursor else None)
    page = FollowingPage(
        tabs=settings_tabs("following"),
        spaces=tuple(
            (
                Link(row["name"], f"/spaces/{row['slug']}"),
                wish_for_space(row["slug"], row["wish"], back=HERE, name=row["name"]),
            )
            for row in own.spaces
        ),
        tags=tuple(
            (
                Link(row["name"], with_query("/search", {"tag": row["name"]})),
                wish_for_tag(row["name"], row["wish"], back=HERE, name=row["name"]),
            )
            for row in own.tags
        ),
        followed=_threads(followed, "unfollow"),
        muted=_threads(own.muted_threads, "unmute"),
        older_url=_older(followed),
    )
    return await show(request, "settings/following.html", page)


def _threads(rows: Sequence[Row], end: str) -> tuple[tuple[Link, str], ...]:
    return tuple(
        (Link(row["title"], thread_url(row["id"], row["slug"])), f"/threads/{row['id']}/{end}")
        for row in rows
    )


def _older(rows: Sequence[Row]) -> str:
    if len(rows) < wishes.THREADS_ON_A_PAGE:
        return ""
    last = as_time(rows[-1]["created_at"])
    return f"{HERE}?before={Cursor(last, rows[-1]['mark_id'])}#threads" if last else ""
