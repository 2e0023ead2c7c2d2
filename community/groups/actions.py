"""Making groups, and who stands in them."""

from __future__ import annotations

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch, in_transaction, is_unique_violation, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.text import slug
from community.groups.models import Group, GroupAccess, Membership

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
        await raise_site_stamp()
        await outbox.record("group.changed", group_id=group_id)


async def add_member(group_id: int, member_id: int) -> None:
    """Put a member into a group; doing it twice changes nothing."""
    async with in_transaction():
        rows = await fetch("SELECT id FROM members WHERE id = :id AND erased_at IS NULL", {"id": member_id})
        if not rows:
            raise NotFound
        await execute(
            """INSERT INTO memberships (id, group_id, member_id, role, joined_at)
            VALUES (:id, :group_id, :member_id, 'member', :at) ON CONFLICT (group_id, member_id) DO NOTHING""",
            {"id": random_id(), "group_id": group_id, "member_id": member_id, "at": now()},
        )


async def remove_member(group_id: int, member_id: int) -> None:
    """Rights end in the same moment: they are read from this table at every request."""
    await Membership.filter(group_id=group_id, member_id=member_id).delete()
