"""Groups are made and filled by administrators; rights begin and end in the same moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from community.core.clock import now
from community.core.errors import NotFound, RuleBroken
from community.groups import actions, queries
from community.groups.models import Group, GroupAccess, Membership
from tests.cast import Cast
from tests.factories import viewer_for


async def test_a_group_is_made_once_per_name(cast: Cast) -> None:
    group_id = await actions.make_group(
        "Großkunden Süd", description=" For them. ", access=GroupAccess.CLOSED
    )
    group = await Group.get(id=group_id)
    assert (group.slug, group.description) == ("grosskunden-sued", "For them.")
    for name in ("Grosskunden Sued", "new", "!!"):
        with pytest.raises(RuleBroken):
            await actions.make_group(name, description="", access=GroupAccess.OPEN)


@pytest.mark.each_database
async def test_rights_begin_and_end_with_membership(cast: Cast) -> None:
    assert not (await viewer_for(cast.outsider)).may_read(cast.hidden_space.id)
    for _twice in range(2):
        await actions.add_member(cast.closed_group.id, cast.outsider.id)
    assert await Membership.filter(member_id=cast.outsider.id).count() == 1
    assert (await viewer_for(cast.outsider)).may_read(cast.hidden_space.id)
    assert cast.closed_group.id not in await queries.count_members_of_groups(), "a new one is not counted yet"
    with time_machine.travel(now() + timedelta(days=8)):
        assert (await queries.count_members_of_groups())[cast.closed_group.id] == 4
    await actions.remove_member(cast.closed_group.id, cast.outsider.id)
    assert not (await viewer_for(cast.outsider)).may_read(cast.hidden_space.id)
    with pytest.raises(NotFound):
        await actions.add_member(cast.closed_group.id, 4711)


async def test_a_closed_group_is_known_to_members_and_administrators_alone(cast: Cast) -> None:
    for member, knows in (
        (cast.asker, True),
        (cast.administrator, True),
        (cast.moderator, False),
        (cast.outsider, False),
        (None, False),
    ):
        viewer = await viewer_for(member)
        names = {group.name for group in await queries.list_groups(viewer)}
        assert ("Closed circle" in names) == knows
