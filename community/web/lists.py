"""Threads in lists: on the home page, in spaces, among search results, beside a thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Literal, cast
from urllib.parse import quote

from markupsafe import Markup

from community.core.i18n import language
from community.core.memory import remembered
from community.spaces.models import SpaceKind
from community.spaces.queries import SpaceCard
from community.threads.lists import ThreadLine
from community.web.parts import Link, ThreadRow, When
from community.web.people import author

Status = Literal["unanswered", "open", "solved", "discussion", "new", "planned", "done", "declined"]


def thread_url(thread_id: int, slug: str) -> str:
    """The address of a thread; `slug` is the one stored with it."""
    return f"/threads/{thread_id}-{slug}"


def shown_status(status: str, space_kind: str, idea_status: str = "new") -> Status:
    """The status as the reader sees it: only questions are solved or open; an idea has one of its own, all else is a
    discussion."""
    if space_kind == SpaceKind.IDEAS:
        return cast(Status, idea_status)
    if space_kind != SpaceKind.QUESTIONS:
        return "discussion"
    return cast(Status, status)


def tag_links(tags: Iterable[str], space_slug: str = "") -> tuple[Link, ...]:
    """Each tag with the address of the threads that carry it: in its space, or everywhere without one."""
    base = f"/spaces/{space_slug}?tag=" if space_slug else "/search?tag="
    return tuple(_tag_link(tag, base) for tag in tags)


@lru_cache(maxsize=4096)
def _tag_link(tag: str, base: str) -> Link:
    return Link(tag, base + quote(tag))


def thread_row(
    line: ThreadLine,
    space: SpaceCard | None,
    *,
    inside: bool = False,
    title_html: Markup | None = None,
    passage_html: Markup | None = None,
) -> ThreadRow:
    """A row of a list. `inside` its own space the row does not name the space again.

    Without `space` the row names none and shows the status as that of a question. `title_html` and
    `passage_html` come from search, with the found words marked.
    """
    kind, name, slug = (space.kind, space.name, space.slug) if space else (SpaceKind.QUESTIONS, "", "")
    row = _row(line, When.of(line.last_activity_at), language(), kind, name, slug, inside)
    if title_html is None and passage_html is None:
        return row
    return replace(row, title_html=title_html, passage_html=passage_html)


@remembered(4000)
def _row(
    line: ThreadLine,
    when: When,
    _language: str,
    space_kind: str,
    space_name: str,
    space_slug: str,
    inside: bool,
) -> ThreadRow:
    names_space = bool(space_slug) and not inside
    return ThreadRow(
        id=line.id,
        url=thread_url(line.id, line.slug),
        title=line.title,
        status=shown_status(line.status, space_kind, line.idea_status),
        author=author(line.author),
        when=when,
        answer_count=line.answer_count,
        kudos_count=line.kudos_count,
        staff_answered=line.staff_answered,
        pinned=line.pinned,
        locked=line.locked,
        space_name=space_name if names_space else "",
        space_url=f"/spaces/{space_slug}" if names_space else "",
        tags=tag_links(line.tags, space_slug if inside else ""),
    )


def thread_rows(
    lines: Iterable[ThreadLine], spaces: Iterable[SpaceCard], *, inside: bool = False
) -> tuple[ThreadRow, ...]:
    """Rows of many threads; `spaces` are those that the viewer may know of (`request.state.spaces`)."""
    by_id = {space.id: space for space in spaces}
    return tuple(thread_row(line, by_id.get(line.space_id), inside=inside) for line in lines)
