"""An owner has themselves erased: the group goes on, and nothing that they offered to others holds any longer."""

from __future__ import annotations

import pytest

from community.accounts.invitations import invite_by_mail
from community.accounts.models import MailInvitation
from community.core import passwords
from community.groups import invitations
from community.groups.models import Group, GroupInvitation, GroupLink, GroupRole, JoinRequest, Membership
from community.groups.queries import list_managers, list_told_of_requests
from community.members.models import Member
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.factories import make_account
from tests.fixtures import Visit
from tests.groups.parts import let_look_after

PASSWORD = "drei kurze boote fahren"
PILOT = "/groups/pilot-users"


async def goes(member: Member, visit: Visit, engine: SearchEngine) -> None:
    """What a member does who wants to be erased."""
    client = await visit(member)
    form = {"password": PASSWORD, "confirmed": "1", "texts": "keep"}
    assert (await client.post("/settings/data/erase", data=form)).status_code == 303
    await deliver(engine)


@pytest.mark.each_database
async def test_nobody_owns_the_group_then_and_administrators_decide(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    group = cast.request_group
    await make_account(cast.helper, password_hash=await passwords.hash_password(PASSWORD))
    await let_look_after(group, cast.helper)
    outsider = await visit(cast.outsider)
    assert (await outsider.post(f"{PILOT}/request", data={"note": "Please"})).status_code == 303
    assert await list_told_of_requests(group.id) == [cast.helper.id]
    await goes(cast.helper, visit, search_engine)

    assert await Group.filter(id=group.id).exists()
    assert await list_managers(group.id) == []
    assert await list_told_of_requests(group.id) == [cast.administrator.id]
    asked = await JoinRequest.get(group_id=group.id)
    administrator = await visit(cast.administrator)
    assert "Outsider" in (await administrator.get(f"{PILOT}/manage")).text
    answer = await administrator.post(f"{PILOT}/requests/{asked.id}", data={"do": "accept"})
    assert answer.status_code == 303
    assert await Membership.filter(group_id=group.id, member_id=cast.outsider.id).exists()
    page = (await outsider.get(PILOT)).text
    assert "Helper" not in page and "Former member" not in page


@pytest.mark.each_database
async def test_invitations_of_an_erased_owner_open_nothing(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    group = cast.closed_group
    await make_account(cast.helper, password_hash=await passwords.hash_password(PASSWORD))
    await let_look_after(group, cast.helper)
    await let_look_after(group, cast.colleague, GroupRole.CURATOR)
    by = cast.helper.id
    await invitations.invite_member(group.id, cast.outsider.id, role=GroupRole.MEMBER, by=by)
    await invite_by_mail(group.id, "somebody@post.example", by=by, language="en")
    token = await invitations.make_link(group.id, by=by, uses=5, days=9)
    outsider = await visit(cast.outsider)
    assert (await outsider.get("/groups/closed-circle/invitation")).status_code == 200
    await goes(cast.helper, visit, search_engine)

    for table in (GroupInvitation, GroupLink, MailInvitation):
        assert not await table.filter(group_id=group.id).exists(), table
    assert (await outsider.get("/groups/closed-circle/invitation")).status_code == 404
    assert (await outsider.get(f"/group-invitation?token={token}")).status_code == 410
    assert (await outsider.post("/group-invitation", data={"token": token})).status_code == 410
    assert [one.nickname for one in await list_managers(group.id)] == ["Colleague"], "the curator goes on"


async def test_a_request_and_an_invitation_go_with_whom_they_are_about(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_account(cast.outsider, password_hash=await passwords.hash_password(PASSWORD))
    await let_look_after(cast.request_group, cast.helper)
    outsider = await visit(cast.outsider)
    await outsider.post(f"{PILOT}/request", data={"note": "Unmistakable"})
    await invitations.invite_member(
        cast.request_group.id, cast.outsider.id, role=GroupRole.MEMBER, by=cast.helper.id
    )
    await goes(cast.outsider, visit, search_engine)
    owner = await visit(cast.helper)
    page = (await owner.get(f"{PILOT}/manage")).text
    assert "Outsider" not in page and "Unmistakable" not in page
    assert not await JoinRequest.all().exists()
    assert not await GroupInvitation.all().exists()
