"""Making and changing spaces. Who may read one changes in the same moment: rights are read at every request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch, in_transaction, is_unique_violation, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.text import slug
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.spaces.models import Space, SpaceAccess, SpaceGroup, SpaceKind
from community.spaces.queries import NO_FOUR_EYES, FourEyes, find_four_eyes

LONGEST_NAME = 120
LONGEST_PURPOSE = 300
ICONS = (
    "messages-square",
    "router",
    "network",
    "cloud",
    "phone",
    "smartphone",
    "headset",
    "shield",
    "receipt",
    "building-2",
    "lightbulb",
    "megaphone",
    "newspaper",
    "lock",
    "users",
    "handshake",
)
"""Pictures that a space can have; names from the sprite."""
NOT_AS_SLUG = frozenset({"-", "new"})
"""Parts of addresses that mean something else where a space is administered."""


@dataclass(frozen=True, slots=True)
class SpaceDraft:
    """What an administrator says about a space. `group_ids` count for exclusive ones only."""

    name: str
    purpose: str
    kind: SpaceKind
    access: SpaceAccess
    language: str
    icon: str
    group_ids: frozenset[int] = frozenset()
    four_eyes: FourEyes = NO_FOUR_EYES


async def make_space(draft: SpaceDraft, *, by: Viewer) -> str:
    """A new space after all others; its slug. `RuleBroken` where one of the same name exists."""
    space_id, address = random_id(), slug(draft.name)
    if address in NOT_AS_SLUG:
        raise RuleBroken(_("No address can be made from this name. Please choose another one."))
    try:
        async with in_transaction():
            await _demand_groups(draft)
            last = await fetch("SELECT COALESCE(MAX(position), 0) AS position FROM spaces")
            await insert(
                Space,
                id=space_id,
                slug=address,
                name=draft.name.strip(),
                purpose=draft.purpose.strip(),
                kind=str(draft.kind),
                access=str(draft.access),
                language=draft.language,
                icon=draft.icon,
                position=last[0]["position"] + 1,
                created_at=now(),
                **asdict(draft.four_eyes),
            )
            await _set_groups(space_id, draft)
            await raise_site_stamp()
            await log(
                "make_space",
                f"space:{space_id}",
                by=by,
                reason="",
                space_id=space_id,
                access=str(draft.access),
                **asdict(draft.four_eyes),
            )
            await outbox.record("space.made", space_id=space_id)
    except Exception as error:
        if is_unique_violation(error):
            raise RuleBroken(_("There is a space with this name already.")) from error
        raise
    return address


async def change_space(space_id: int, draft: SpaceDraft, *, by: Viewer) -> None:
    """Change what a space is called and who reads it; its address stays.

    Articles and other threads do not turn into each other: a space with threads keeps being a blog, or not.
    """
    async with in_transaction():
        # Written first: the row is locked until the end, on both databases.
        if not await execute("UPDATE spaces SET name = name WHERE id = :id", {"id": space_id}):
            raise NotFound
        await _demand_groups(draft)
        before = (await fetch("SELECT kind, access FROM spaces WHERE id = :id", {"id": space_id}))[0]
        four_eyes_before = await find_four_eyes(space_id)
        has_threads = await fetch("SELECT 1 FROM threads WHERE space_id = :id LIMIT 1", {"id": space_id})
        if has_threads and (before["kind"] == SpaceKind.BLOG) != (draft.kind == SpaceKind.BLOG):
            raise RuleBroken(_("A space that has threads cannot become a blog, nor a blog another space."))
        await execute(
            """UPDATE spaces SET name = :name, purpose = :purpose, kind = :kind, access = :access,
            language = :language, icon = :icon, articles_wait = :articles_wait, staff_posts_wait = :staff_posts_wait,
            erasures_wait = :erasures_wait WHERE id = :id""",
            {
                **asdict(draft.four_eyes),
                "name": draft.name.strip(),
                "purpose": draft.purpose.strip(),
                "kind": str(draft.kind),
                "access": str(draft.access),
                "language": draft.language,
                "icon": draft.icon,
                "id": space_id,
            },
        )
        await _set_groups(space_id, draft)
        await raise_site_stamp()
        await log(
            "change_space",
            f"space:{space_id}",
            by=by,
            reason="",
            space_id=space_id,
            access_before=before["access"],
            access=str(draft.access),
            four_eyes_before=asdict(four_eyes_before),
            four_eyes=asdict(draft.four_eyes),
        )
        await outbox.record("space.changed", space_id=space_id)
        if before["access"] != draft.access:
            await outbox.record("space.access_changed", space_id=space_id)


async def shift_space(space_id: int, *, earlier: bool) -> None:
    """Change places with the space before or after it; nothing happens at an end of the list."""
    async with in_transaction():
        # Everybody who orders spaces waits here, so that two who do so at once do not mix their orders. Spaces are
        # locked before the stamp and in the order of their ids, as in every change of a space or of its threads.
        await fetch({"sqlite": _ALL_SPACES, "postgresql": f"{_ALL_SPACES} FOR NO KEY UPDATE"})
        await raise_site_stamp()
        rows = await fetch("SELECT id FROM spaces ORDER BY position, name, id")
        ids = [row["id"] for row in rows]
        if space_id not in ids:
            raise NotFound
        place = ids.index(space_id)
        other = place - 1 if earlier else place + 1
        if 0 <= other < len(ids):
            ids[place], ids[other] = ids[other], ids[place]
        for position, each in enumerate(ids, start=1):
            await execute(
                "UPDATE spaces SET position = :position WHERE id = :id AND position <> :position",
                {"position": position, "id": each},
            )


_ALL_SPACES = "SELECT id FROM spaces ORDER BY id"


async def _demand_groups(draft: SpaceDraft) -> None:
    if draft.access != SpaceAccess.EXCLUSIVE:
        return
    if not draft.group_ids:
        raise RuleBroken(_("Choose at least one group whose members read the exclusive space."))
    rows = await fetch('SELECT id FROM "groups" WHERE id IN (:ids)', {"ids": sorted(draft.group_ids)})
    if {row["id"] for row in rows} != draft.group_ids:
        raise RuleBroken(_("One of the groups is not there any more."))


async def _set_groups(space_id: int, draft: SpaceDraft) -> None:
    # A space that is not exclusive keeps no groups: otherwise they would come back with a later change, unseen.
    wanted: Sequence[int] = sorted(draft.group_ids) if draft.access == SpaceAccess.EXCLUSIVE else ()
    await execute("DELETE FROM space_groups WHERE space_id = :id", {"id": space_id})
    for group_id in wanted:
        await insert(SpaceGroup, id=random_id(), space_id=space_id, group_id=group_id)


async def note_activity(space_ids: Iterable[int]) -> None:
    """Set the last activity of these spaces to that of their liveliest visible thread, in the order of their ids."""
    for space_id in sorted(set(space_ids)):
        await execute(
            """UPDATE spaces SET last_activity_at = (SELECT MAX(t.last_activity_at) FROM threads t
              WHERE t.space_id = spaces.id AND t.hidden_at IS NULL) WHERE id = :id""",
            {"id": space_id},
        )
