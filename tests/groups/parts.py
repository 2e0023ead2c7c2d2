"""Groups with somebody who looks after them, and people in browsers."""

from __future__ import annotations

from community.groups.models import Group, GroupRole, Membership
from community.members.models import Member


async def let_look_after(group: Group, member: Member, role: GroupRole = GroupRole.OWNER) -> None:
    """Make a member of the group its owner or curator."""
    await Membership.filter(group_id=group.id, member_id=member.id).update(role=str(role), came_openly=True)


async def belongs(group: Group, member: Member) -> bool:
    return await Membership.filter(group_id=group.id, member_id=member.id).exists()
