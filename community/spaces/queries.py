"""What pages read about spaces, and the viewer that every other query starts from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.clock import now
from community.core.db import Row, as_time, fetch, fetch_one
from community.core.errors import NotFound
from community.core.memory import remembered
from community.core.viewer import STAFF_ROLES, Role, Viewer
from community.sanctions.queries import MUTED, SANCTIONED, SHUT_OUT, list_mutes
from community.spaces.models import SpaceAccess, SpaceKind


@dataclass(frozen=True, slots=True)
class SpaceCard:
    """A space as lists and headings show it. `locked`: the viewer may know of it, but not read it."""

    id: int
    slug: str
    name: str
    purpose: str
    kind: str
    access: str
    language: str
    icon: str
    thread_count: int
    solved_count: int
    last_activity_at: datetime | None
    locked: bool = False
    way_in: str = ""
    """Slug of the group through which one gets in, for locked spaces."""


@dataclass(frozen=True, slots=True)
class FourEyes:
    """For what a space asks a second person; the names are those of the columns."""

    articles_wait: bool = False
    staff_posts_wait: bool = False
    erasures_wait: bool = False


NO_FOUR_EYES = FourEyes()


async def find_four_eyes(space_id: int) -> FourEyes:
    """Inside a transaction it answers for the moment in which something is published."""
    row = await fetch_one(
        "SELECT articles_wait, staff_posts_wait, erasures_wait FROM spaces WHERE id = :id", {"id": space_id}
    )
    return FourEyes(**{name: bool(row[name]) for name in row.keys()}) if row else FourEyes()  # noqa: SIM118


# One statement answers for every space at once: what it is, whether the member stands in one of its groups, and
# whether one of its groups may be known to others (a tile).
_SPACE_COLUMNS = (
    *("id", "slug", "name", "purpose", "kind", "access", "language", "icon"),
    *("thread_count", "solved_count", "last_activity_at", "mine", "way_in"),
)
_SPACES = """
SELECT s.id, s.slug, s.name, s.purpose, s.kind, s.access, s.language, s.icon,
       s.thread_count, s.solved_count, s.last_activity_at,
       CASE WHEN s.access = 'exclusive' THEN (
         SELECT COUNT(*) FROM space_groups sg JOIN memberships m ON m.group_id = sg.group_id
         WHERE sg.space_id = s.id AND m.member_id = :member_id) ELSE 0 END AS mine,
       CASE WHEN s.access = 'exclusive' THEN (
         SELECT MIN(g.slug) FROM space_groups sg JOIN "groups" g ON g.id = sg.group_id
         WHERE sg.space_id = s.id AND g.access <> 'closed') END AS way_in
FROM spaces s ORDER BY s.position, s.name, s.id
"""

VIEWER_COLUMNS = (
    "m.id, m.nickname, m.staff_name, m.role, m.language, m.colour_mode, m.seed, m.photo, m.hides_ranks, "
    "m.kudos_count, " + SANCTIONED
)
"""What `view_of` wants to know of a member `m` who is not erased. With `:now`."""


async def load_viewer(member_id: int = 0) -> tuple[Viewer, tuple[SpaceCard, ...]]:
    """The viewer with their rights, and the spaces they may know of (locked ones marked), in two statements."""
    statement = f"SELECT {VIEWER_COLUMNS} FROM members m WHERE m.id = :member_id AND m.erased_at IS NULL"  # noqa: S608 - constants
    given = {"member_id": member_id, "now": now()}
    return await view_of(await fetch_one(statement, given) if member_id else None)


async def view_of(member: Row | None) -> tuple[Viewer, tuple[SpaceCard, ...]]:
    """The same for a member whose row is here already; None for a guest. One statement, or two for whoever is muted.

    Who is suspended or banned is a guest, whatever session is left and whoever asks.
    """
    if member is not None and member["sanctioned"] == SHUT_OUT:
        member = None
    rows = await fetch(_SPACES, {"member_id": member["id"] if member else 0})
    known = _known_spaces(member["role"] if member else "", tuple(map(tuple, rows)))
    if member is None:
        return Viewer(readable_space_ids=known.readable), known.cards
    mutes = await list_mutes(member["id"]) if member["sanctioned"] == MUTED else ()
    muted = {space_id for space_id in known.writable if any(m.space_id in (None, space_id) for m in mutes)}
    viewer = Viewer(
        id=member["id"],
        nickname=member["staff_name"] or member["nickname"],
        handle=member["nickname"],
        role=member["role"],
        language=member["language"],
        colour_mode=member["colour_mode"],
        seed=member["seed"],
        photo=member["photo"],
        hides_ranks=bool(member["hides_ranks"]),
        kudos_count=member["kudos_count"],
        readable_space_ids=known.readable,
        writable_space_ids=known.writable - muted if muted else known.writable,
        mutes=mutes,
    )
    return viewer, known.cards


@dataclass(frozen=True, slots=True)
class _KnownSpaces:
    readable: tuple[int, ...]
    writable: frozenset[int]
    cards: tuple[SpaceCard, ...]


@remembered(100)
def _known_spaces(role: str, rows: tuple[tuple[Any, ...], ...]) -> _KnownSpaces:
    """What `_SPACES` says to somebody of this role; empty for a guest."""
    readable, writable, cards = [], set(), []
    for row in (dict(zip(_SPACE_COLUMNS, values, strict=True)) for values in rows):
        reads = _reads(row["access"], row["mine"], role)
        if reads:
            readable.append(row["id"])
            if role and (row["kind"] != SpaceKind.BLOG or role in STAFF_ROLES):
                writable.add(row["id"])
        if reads or (row["access"] == SpaceAccess.EXCLUSIVE and row["way_in"]):
            cards.append(_card(row, locked=not reads))
    return _KnownSpaces(tuple(sorted(readable)), frozenset(writable), tuple(cards))


def _reads(access: str, mine: int, role: str) -> bool:
    """Moderators and administrators keep order everywhere, so they read every space; marketing does not."""
    if access == SpaceAccess.OPEN:
        return True
    if access == SpaceAccess.MEMBERS:
        return role != ""
    return mine > 0 or role in (Role.MODERATOR, Role.ADMINISTRATOR)


def _card(row: Row, *, locked: bool) -> SpaceCard:
    # Of a locked space others learn purpose and way in, and nothing of what goes on inside.
    return SpaceCard(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        purpose=row["purpose"],
        kind=row["kind"],
        access=row["access"],
        language=row["language"],
        icon=row["icon"],
        thread_count=0 if locked else row["thread_count"],
        solved_count=0 if locked else row["solved_count"],
        last_activity_at=None if locked else as_time(row["last_activity_at"]),
        locked=locked,
        way_in=row["way_in"] or "" if locked else "",
    )


def find_space(cards: Iterable[SpaceCard], slug: str) -> SpaceCard:
    """The space with this slug among those the viewer may know of; `NotFound` for every other slug alike."""
    for card in cards:
        if card.slug == slug:
            return card
    raise NotFound


async def list_way_in(space_id: int) -> Sequence[Row]:
    """The groups, closed ones left out, through which one gets into an exclusive space."""
    return await fetch(
        """SELECT g.id, g.slug, g.name, g.description, g.access FROM space_groups sg
        JOIN "groups" g ON g.id = sg.group_id
        WHERE sg.space_id = :space_id AND g.access <> 'closed' ORDER BY g.name""",
        {"space_id": space_id},
    )


async def readers_among(space_id: int, member_ids: Collection[int]) -> set[int]:
    """Those of `member_ids` who may read the space now: asked for everything that is sent or told."""
    rows = await fetch(
        """SELECT m.id FROM members m, spaces s WHERE m.id IN (:ids) AND s.id = :space_id AND m.erased_at IS NULL
        AND (s.access <> 'exclusive' OR m.role IN ('moderator', 'administrator') OR EXISTS (
          SELECT 1 FROM memberships x JOIN space_groups g ON g.group_id = x.group_id
          WHERE g.space_id = s.id AND x.member_id = m.id))""",
        {"ids": list(member_ids), "space_id": space_id},
    )
    return {row["id"] for row in rows}


async def list_readers(space_id: int, viewer: Viewer) -> tuple[tuple[str, ...], bool]:
    """Names of the groups that read an exclusive space, as far as the viewer may know of them; and whether
    these are all."""
    rows = await fetch(
        """SELECT g.name, g.access, (SELECT COUNT(*) FROM memberships m
        WHERE m.group_id = g.id AND m.member_id = :viewer) AS mine
        FROM space_groups sg JOIN "groups" g ON g.id = sg.group_id
        WHERE sg.space_id = :space_id ORDER BY g.name""",
        {"space_id": space_id, "viewer": viewer.id},
    )
    known = tuple(
        row["name"] for row in rows if row["mine"] or row["access"] != "closed" or viewer.is_moderator
    )
    return known, len(known) == len(rows)


async def list_tags(viewer: Viewer, space_id: int, size: int = 15) -> list[str]:
    """The tags used most in the hundred liveliest threads of a space."""
    if not viewer.may_read(space_id):
        return []
    rows = await fetch(
        """SELECT tag_names FROM threads WHERE space_id = :space_id AND hidden_at IS NULL
        ORDER BY last_activity_at DESC LIMIT 100""",
        {"space_id": space_id},
    )
    counted = Counter(name for row in rows for name in row["tag_names"].split())
    return [name for name, _count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:size]]


async def list_groups_of_space(space_id: int) -> frozenset[int]:
    """Ids of the groups whose members read an exclusive space, for the administrator who chose them."""
    rows = await fetch("SELECT group_id FROM space_groups WHERE space_id = :id", {"id": space_id})
    return frozenset(row["group_id"] for row in rows)


async def list_spaces_of_group(group_id: int) -> frozenset[int]:
    """Ids of the exclusive spaces that belong to a group; which of them a viewer may know of is theirs to say."""
    rows = await fetch("SELECT space_id FROM space_groups WHERE group_id = :id", {"id": group_id})
    return frozenset(row["space_id"] for row in rows)
