"""What members want to hear of besides single threads: spaces and tags that they follow or have muted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.core.clock import now
from community.core.db import Row, execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.threads.models import Wish
from community.threads.permissions import visible_in_spaces

MOST_TAGS = 200
"""Tags that one member follows or mutes."""
FOLLOWERS_AT_ONCE = 200
THREADS_ON_A_PAGE = 50


async def wish_for_space(space_id: int, wish: Wish | None, *, by: Viewer) -> None:
    """Follow a space, mute it, or neither. Only one that the member may read."""
    if not by.may_read(space_id):
        raise NotFound
    if wish is None:
        await execute(
            "DELETE FROM space_wishes WHERE space_id = :space_id AND member_id = :by",
            {"space_id": space_id, "by": by.id},
        )
        return
    await execute(
        """INSERT INTO space_wishes (id, space_id, member_id, wish, created_at)
        VALUES (:id, :space_id, :by, :wish, :at)
        ON CONFLICT (space_id, member_id) DO UPDATE SET wish = excluded.wish, created_at = excluded.created_at""",
        {"id": random_id(), "space_id": space_id, "by": by.id, "wish": str(wish), "at": now()},
    )


async def wish_for_tag(name: str, wish: Wish | None, *, by: Viewer) -> None:
    """Follow a tag in all spaces, mute it, or neither. Only one that stands on a thread the member may read."""
    if wish is None:
        await execute(
            "DELETE FROM tag_wishes WHERE name = :name AND member_id = :by", {"name": name, "by": by.id}
        )
        return
    if not await _is_known(name, by):
        raise NotFound
    async with in_transaction():
        await execute(
            """INSERT INTO tag_wishes (id, name, member_id, wish, created_at) VALUES (:id, :name, :by, :wish, :at)
            ON CONFLICT (name, member_id) DO UPDATE SET wish = excluded.wish, created_at = excluded.created_at""",
            {"id": random_id(), "name": name, "by": by.id, "wish": str(wish), "at": now()},
        )
        rows = await fetch("SELECT COUNT(*) AS n FROM tag_wishes WHERE member_id = :by", {"by": by.id})
        if rows[0]["n"] > MOST_TAGS:
            raise RuleBroken(
                _("You can follow or mute %(most)d tags. Please leave one first.") % {"most": MOST_TAGS}
            )


async def _is_known(name: str, viewer: Viewer) -> bool:
    found = await fetch_one(
        f"""SELECT 1 AS found FROM thread_tags x JOIN threads t ON t.id = x.thread_id
        WHERE x.name = :name AND {visible_in_spaces(viewer)} LIMIT 1""",  # noqa: S608 - our own ids
        {"name": name},
    )
    return found is not None


async def find_wishes(viewer: Viewer, space_id: int, tag: str) -> tuple[str, str]:
    """What the viewer wants of a space and of a tag; empty for neither."""
    rows = await fetch(
        """SELECT 'space' AS about, wish FROM space_wishes WHERE space_id = :space_id AND member_id = :me
        UNION ALL SELECT 'tag', wish FROM tag_wishes WHERE name = :tag AND member_id = :me""",
        {"space_id": space_id, "tag": tag, "me": viewer.id},
    )
    found = {row["about"]: row["wish"] for row in rows}
    return found.get("space", ""), found.get("tag", "")


async def list_followers_of_subjects(thread_id: int, *, after: int) -> list[int]:
    """The next members, by id, who follow the space of a thread or one of its tags. Whoever mutes one of them is
    not told; that is seen to where they are told."""
    rows = await fetch(
        """SELECT w.member_id FROM space_wishes w JOIN threads t ON t.space_id = w.space_id
        WHERE t.id = :thread_id AND w.wish = 'follow' AND w.member_id > :after
        UNION SELECT w.member_id FROM tag_wishes w JOIN thread_tags x ON x.name = w.name
        WHERE x.thread_id = :thread_id AND w.wish = 'follow' AND w.member_id > :after
        ORDER BY member_id LIMIT :size""",
        {"thread_id": thread_id, "after": after, "size": FOLLOWERS_AT_ONCE},
    )
    return [row["member_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a member follows and has muted, as far as they may read it now."""

    spaces: Sequence[Row]
    tags: Sequence[Row]
    muted_threads: Sequence[Row]
    """Those muted last."""


async def list_wishes(viewer: Viewer) -> Wishes:
    return Wishes(
        spaces=await fetch(
            """SELECT s.slug, s.name, w.wish FROM space_wishes w JOIN spaces s ON s.id = w.space_id
            WHERE w.member_id = :me AND s.id IN (:readable) ORDER BY s.position, s.name""",
            {"me": viewer.id, "readable": viewer.readable_space_ids},
        ),
        tags=await fetch(
            "SELECT name, wish FROM tag_wishes WHERE member_id = :me ORDER BY name", {"me": viewer.id}
        ),
        muted_threads=await _threads(viewer, "thread_mutes", None),
    )


async def list_followed_threads(viewer: Viewer, before: datetime | None) -> Sequence[Row]:
    """The threads that the viewer follows, those followed last first."""
    return await _threads(viewer, "follows", before)


async def _threads(viewer: Viewer, table: str, before: datetime | None) -> Sequence[Row]:
    earlier = "AND x.created_at < :before" if before else ""
    return await fetch(
        f"""SELECT t.id, t.slug, t.title, x.id AS mark_id, x.created_at FROM {table} x
        JOIN threads t ON t.id = x.thread_id WHERE x.member_id = :me AND {visible_in_spaces(viewer)} {earlier}
        ORDER BY x.created_at DESC, x.id DESC LIMIT {THREADS_ON_A_PAGE}""",  # noqa: S608 - constants and our own ids
        {"me": viewer.id, "before": before},
    )
