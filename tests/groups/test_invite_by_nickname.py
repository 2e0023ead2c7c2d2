"""Inviting a nickname into a group, and offering one to look after it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from community.core.clock import now
from community.core.errors import NotFound
from community.groups import actions, invitations
from community.groups.models import GroupRole, Membership
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.chance import without_random
from tests.fixtures import Visit
from tests.groups.parts import belongs, let_look_after

CLOSED = "/groups/closed-circle"


async def test_an_invitation_shows_name_and_purpose_and_nothing_else(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    outsider, owner = await visit(cast.outsider), await visit(cast.helper)
    await actions.change_details(cast.closed_group.id, description="About the lab.", shows_members=True)
    assert (await outsider.get(f"{CLOSED}/invitation")).status_code == 404
    await owner.post(f"{CLOSED}/invite", data={"nickname": "Outsider", "role": "member"})
    await deliver(search_engine)
    told = (await outsider.get("/notifications")).text
    assert "You are invited to a group" in told
    assert "Closed circle" in told
    page = (await outsider.get(f"{CLOSED}/invitation")).text
    assert "Closed circle" in page
    assert "About the lab." in page
    for hidden in ("Helper", "Hidden lab", "Asker"):
        assert hidden not in without_random(page)
    for address in (CLOSED, f"{CLOSED}/manage", "/spaces/hidden-lab"):
        assert (await outsider.get(address)).status_code == 404
    assert "Closed circle" not in (await outsider.get("/groups")).text
    # Nobody else can look at it.
    for other in (None, cast.marketing, cast.moderator):
        assert (await (await visit(other)).get(f"{CLOSED}/invitation")).status_code != 200

    answer = await outsider.post(f"{CLOSED}/invitation", data={"do": "accept"})
    assert answer.headers["location"] == CLOSED
    assert (await outsider.get("/spaces/hidden-lab")).status_code == 200


async def test_whoever_declines_knows_of_the_group_no_more(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    await invitations.invite_member(
        cast.closed_group.id, cast.outsider.id, role=GroupRole.MEMBER, by=cast.helper.id
    )
    await deliver(search_engine)
    outsider = await visit(cast.outsider)
    await outsider.post(f"{CLOSED}/invitation", data={"do": "decline"})
    assert not await belongs(cast.closed_group, cast.outsider)
    assert (await outsider.post(f"{CLOSED}/invitation", data={"do": "accept"})).status_code == 404
    assert (await outsider.get(f"{CLOSED}/invitation")).status_code == 404
    page = (await outsider.get("/notifications")).text
    assert "Closed circle" not in page
    assert "You are invited" not in page


async def test_the_pages_of_whoever_invites_stay_the_same_whatever_is_answered(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    owner, outsider = await visit(cast.helper), await visit(cast.outsider)
    await owner.post(f"{CLOSED}/invite", data={"nickname": "Outsider", "role": "member"})
    await deliver(search_engine)
    pages = (CLOSED, f"{CLOSED}/manage", "/notifications", "/groups", "/members/Outsider")
    await owner.get("/")  # What was said about the step before is said once.
    before = [(await owner.get(page)).content for page in pages]
    await outsider.post(f"{CLOSED}/invitation", data={"do": "accept"})
    await deliver(search_engine)
    assert [(await owner.get(page)).content for page in pages] == before


async def test_the_same_is_answered_for_those_who_belong_to_it_already(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    owner = await visit(cast.helper)
    answers = [
        await owner.post(f"{CLOSED}/{what}", data={field: name, "role": "member"})
        for what, field in (("invite", "nickname"), ("take-out", "out"))
        for name in ("Colleague", "Outsider")
    ]
    assert {(a.status_code, a.headers["location"]) for a in answers} == {(303, f"{CLOSED}/manage")}
    assert len({a.headers["set-cookie"] for a in answers[:2]}) == 1
    assert len({a.headers["set-cookie"] for a in answers[2:]}) == 1
    assert not await belongs(cast.closed_group, cast.colleague)
    unknown = await owner.post(f"{CLOSED}/invite", data={"nickname": "Nobody1", "role": "curator"})
    assert unknown.status_code == 422
    assert 'value="Nobody1"' in unknown.text


async def test_a_role_is_offered_not_given(cast: Cast, visit: Visit, search_engine: SearchEngine) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    owner, colleague = await visit(cast.helper), await visit(cast.colleague)
    await owner.post(f"{CLOSED}/invite", data={"nickname": "Colleague", "role": "curator"})
    assert (await colleague.get(f"{CLOSED}/manage")).status_code == 403
    page = (await colleague.get(f"{CLOSED}/invitation")).text
    assert "All members of the group will see your nickname" in page
    await colleague.post(f"{CLOSED}/invitation", data={"do": "accept"})
    assert (await colleague.get(f"{CLOSED}/manage")).status_code == 200
    assert "Colleague (Curator)" in (await (await visit(cast.asker)).get(CLOSED)).text
    await owner.post(f"{CLOSED}/roles/{cast.colleague.id}/end")
    assert (await colleague.get(f"{CLOSED}/manage")).status_code == 403
    assert await belongs(cast.closed_group, cast.colleague)


@pytest.mark.each_database
async def test_no_invitation_makes_a_role_smaller(cast: Cast) -> None:
    group = cast.closed_group
    await let_look_after(group, cast.helper)
    await let_look_after(group, cast.asker)
    for role in (GroupRole.CURATOR, GroupRole.MEMBER):
        await invitations.invite_member(group.id, cast.helper.id, role=role, by=cast.asker.id)
        await invitations.answer_invitation(group.id, cast.helper.id, accepted=True)
    assert (await Membership.get(group_id=group.id, member_id=cast.helper.id)).role == "owner"


@pytest.mark.each_database
async def test_an_invitation_holds_as_long_as_its_maker_may_invite(cast: Cast) -> None:
    group, outsider = cast.closed_group, cast.outsider.id
    await let_look_after(group, cast.helper)
    await let_look_after(group, cast.asker, GroupRole.CURATOR)
    await let_look_after(group, cast.colleague, GroupRole.CURATOR)
    for by, end in (
        (cast.asker, actions.end_role(group.id, cast.asker.id)),
        (cast.colleague, actions.remove_member(group.id, cast.colleague.id)),
    ):
        await invitations.invite_member(group.id, outsider, role=GroupRole.MEMBER, by=by.id)
        assert await invitations.find_own_invitation(group.slug, outsider) is not None
        await end
        assert await invitations.find_own_invitation(group.slug, outsider) is None
        with pytest.raises(NotFound):
            await invitations.answer_invitation(group.id, outsider, accepted=True)
    await invitations.invite_member(group.id, outsider, role=GroupRole.OWNER, by=cast.helper.id)
    assert await invitations.find_own_invitation(group.slug, outsider) is not None
    await Membership.filter(group_id=group.id, member_id=cast.helper.id).update(role="curator")
    assert await invitations.find_own_invitation(group.slug, outsider) is None, "curators offer no roles"
    await invitations.invite_member(group.id, outsider, role=GroupRole.OWNER, by=cast.administrator.id)
    with time_machine.travel(now() + timedelta(days=15)):
        with pytest.raises(NotFound):
            await invitations.answer_invitation(group.id, outsider, accepted=True)
        await invitations.forget_ended_group_invitations()
    assert await invitations.list_sent_invitations(group.id) == []


async def test_three_invitations_are_enough(cast: Cast, visit: Visit) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    owner = await visit(cast.helper)
    answers = [
        (await owner.post(f"{CLOSED}/invite", data={"nickname": "Outsider", "role": "member"})).status_code
        for _ in range(4)
    ]
    assert answers == [303, 303, 303, 429]
