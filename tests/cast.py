"""The standing cast: the people and spaces that most tests are about, always the same."""

from __future__ import annotations

from dataclasses import dataclass

from community.core.viewer import Role
from community.groups.models import Group, GroupAccess
from community.members.models import Member
from community.spaces.models import Space, SpaceAccess, SpaceKind
from tests.factories import make_group, make_member, make_space


@dataclass(frozen=True)
class Cast:
    """A guest is `None`; everybody else is here. Asker, helper and colleague stand in both groups."""

    asker: Member
    helper: Member
    colleague: Member
    """In the groups, but not the author of anything."""
    outsider: Member
    """A member who stands in no group."""
    moderator: Member
    administrator: Member
    marketing: Member

    closed_group: Group
    request_group: Group

    open_space: Space
    members_space: Space
    hidden_space: Space
    """Exclusive, for the closed group: others must not learn that it exists."""
    tile_space: Space
    """Exclusive, for the group on request: others see a locked tile."""
    discussions: Space
    blog: Space

    @property
    def spaces(self) -> tuple[Space, ...]:
        return (
            self.open_space,
            self.members_space,
            self.hidden_space,
            self.tile_space,
            self.discussions,
            self.blog,
        )


async def make_cast() -> Cast:
    """Everybody and every kind of space, in the open database."""
    asker, helper = await make_member("Asker"), await make_member("Helper")
    colleague = await make_member("Colleague")
    inside = (asker, helper, colleague)
    closed = await make_group("Closed circle", access=GroupAccess.CLOSED, members=inside)
    request = await make_group("Pilot users", access=GroupAccess.REQUEST, members=inside)
    return Cast(
        asker=asker,
        helper=helper,
        colleague=colleague,
        outsider=await make_member("Outsider"),
        moderator=await make_member("jana", role=Role.MODERATOR, staff_name="Jana K.", staff_field="Routers"),
        administrator=await make_member("tom", role=Role.ADMINISTRATOR, staff_name="Tom B."),
        marketing=await make_member("mia", role=Role.MARKETING, staff_name="Mia F."),
        closed_group=closed,
        request_group=request,
        open_space=await make_space("Internet and routers"),
        members_space=await make_space("Mobile", access=SpaceAccess.MEMBERS),
        hidden_space=await make_space("Hidden lab", access=SpaceAccess.EXCLUSIVE, groups=(closed,)),
        tile_space=await make_space("Pilot", access=SpaceAccess.EXCLUSIVE, groups=(request,)),
        discussions=await make_space("Talk", kind=SpaceKind.DISCUSSIONS),
        blog=await make_space("Blog", kind=SpaceKind.BLOG),
    )
