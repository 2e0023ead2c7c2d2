"""Making groups, and who stands in them."""

from __future__ import annotations

from community.core import outbox
from community.core.clock import now
from community.core.db import (
    execute,
    execute_returning,
    fetch,
    in_transaction,
    is_unique_violation,
    random_id,
)
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.text import slug
from community.groups.models import Group, GroupAccess, GroupRole

LONGEST_NAME = 120
LONGEST_DESCRIPTION = 2_000
NOT_AS_SLUG = frozenset({"-", "new"})
"""Parts of addresses that mean something else where a group is administered."""


async def make_group(name: str, *, description: str, access: GroupAccess) -> int:
    """A new group without members. Raises `RuleBroken` where one of the same name exists."""
    group_id, address = random_id(), slug(name)
    if address in NOT_AS_SLUG:
        raise RuleBroken(_("No address can be made from this name. Please choose another one."))
    try:
        async with in_transaction():
            await insert(
                Group,
                id=group_id,
                slug=address,
                name=name.strip(),
                description=description.strip(),
                access=str(access),
                created_at=now(),
            )
            await outbox.record("group.changed", group_id=group_id)
    except Exception as error:
        if is_unique_violation(error):
            raise RuleBroken(_("There is a group with this name already.")) from error
        raise
    return group_id


async def change_group(group_id: int, *, name: str, description: str, access: GroupAccess) -> None:
    """Change what a group is called and who may know of it; its address stays."""
    async with in_transaction():
        changed = await execute(
            'UPDATE "groups" SET name = :name, description = :description, access = :access WHERE id = :id',
            {"name": name.strip(), "description": description.strip(), "access": str(access), "id": group_id},
        )
        if not changed:
            raise NotFound
        if access != GroupAccess.REQUEST:
            # Whoever has asked may not even know of the group any more, or can just join.
            await execute(
                "DELETE FROM join_requests WHERE group_id = :id AND decided_at IS NULL", {"id": group_id}
            )
        await raise_site_stamp()
        await outbox.record("group.changed", group_id=group_id)


async def change_details(group_id: int, *, description: str, shows_members: bool) -> None:
    """What an owner says about their group."""
    async with in_transaction():
        await execute(
            'UPDATE "groups" SET description = :description, shows_members = :shows WHERE id = :id',
            {"description": description.strip(), "shows": shows_members, "id": group_id},
        )
        await raise_site_stamp()
        await outbox.record("group.changed", group_id=group_id)


async def add_member(
    group_id: int, member_id: int, *, openly: bool = True, role: GroupRole = GroupRole.MEMBER
) -> bool:
    """Put a member into a group; whether they were not in it before. Nobody's role gets smaller by it, and whoever
    a rule had put in stays by somebody's decision from now on.

    `openly`: the way in named the nickname and nothing else (see `Membership.came_openly`).
    """
    async with in_transaction():
        rows = await fetch("SELECT id FROM members WHERE id = :id AND erased_at IS NULL", {"id": member_id})
        if not rows:
            raise NotFound
        membership_id = random_id()
        rows = await execute_returning(
            """INSERT INTO memberships (id, group_id, member_id, role, came_openly, joined_at)
            VALUES (:id, :group_id, :member_id, :role, :openly, :at)
            ON CONFLICT (group_id, member_id) DO UPDATE SET role = CASE
              WHEN memberships.role = 'owner' OR excluded.role = 'member' THEN memberships.role
              ELSE excluded.role END, by_rule = :no, ends_at = NULL
            RETURNING id""",
            {
                "id": membership_id,
                "group_id": group_id,
                "member_id": member_id,
                "role": str(role),
                "openly": openly,
                "at": now(),
                "no": False,
            },
        )
        await execute(
            "DELETE FROM group_leavings WHERE group_id = :group_id AND member_id = :member_id",
            {"group_id": group_id, "member_id": member_id},
        )
        await execute(
            """DELETE FROM join_requests
            WHERE group_id = :group_id AND member_id = :member_id AND decided_at IS NULL""",
            {"group_id": group_id, "member_id": member_id},
        )
    return bool(rows[0]["id"] == membership_id)


async def remove_member(group_id: int, member_id: int) -> None:
    """Rights end in the same moment: they are read from this table at every request.

    What would let them in again by itself ends too: invitations of the nickname, a request that waits, a rule.
    """
    given = {"group_id": group_id, "member_id": member_id}
    async with in_transaction():
        await execute(
            """INSERT INTO group_leavings (id, group_id, member_id)
            SELECT :id, group_id, member_id FROM memberships
            WHERE group_id = :group_id AND member_id = :member_id AND by_rule
            ON CONFLICT (group_id, member_id) DO NOTHING""",
            {**given, "id": random_id()},
        )
        for table in ("memberships", "group_invitations", "join_requests"):
            await execute(
                f"DELETE FROM {table} WHERE group_id = :group_id AND member_id = :member_id",  # noqa: S608
                given,
            )


async def end_role(group_id: int, member_id: int) -> None:
    """Make an owner or curator a plain member; what they have offered to others holds no longer."""
    ended = await execute(
        """UPDATE memberships SET role = 'member'
        WHERE group_id = :group_id AND member_id = :member_id AND role <> 'member'""",
        {"group_id": group_id, "member_id": member_id},
    )
    if not ended:
        raise NotFound


async def choose_listing(group_id: int, member_id: int, *, listed: bool) -> None:
    """Whether other members of the group see that one belongs to it."""
    await execute(
        """UPDATE memberships SET wants_listing = :listed
        WHERE group_id = :group_id AND member_id = :member_id AND came_openly""",
        {"listed": listed, "group_id": group_id, "member_id": member_id},
    )
