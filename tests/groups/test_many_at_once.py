"""Two people, or one in two windows, at the same moment: what is good for one lets in one."""

from __future__ import annotations

import asyncio

import pytest

from community.accounts.invitations import invite_by_mail
from community.accounts.links import LinkEnded, Purpose, token_of
from community.accounts.models import MailInvitation
from community.core.errors import NotFound, RuleBroken
from community.groups import invitations, requests
from community.groups.models import GroupAccess, GroupLink, GroupRole, JoinRequest, Membership
from tests.factories import make_account, make_group, make_member

pytestmark = pytest.mark.each_database


async def test_a_link_for_five_lets_in_five_of_twelve(fresh_database: str) -> None:
    owner = await make_member("Owner")
    group = await make_group("Circle", members=(owner,))
    await Membership.filter(member_id=owner.id).update(role="owner")
    token = await invitations.make_link(group.id, by=owner.id, uses=5, days=1)
    people = [await make_member() for _ in range(12)]
    answers = await asyncio.gather(
        *(invitations.accept_by_token(token, one.id) for one in people for _twice in range(2)),
        return_exceptions=True,
    )
    assert {type(answer) for answer in answers} == {str, LinkEnded}
    assert await Membership.filter(group_id=group.id).count() == 6
    assert (await GroupLink.get()).uses_left == 0


async def test_a_mailed_invitation_is_good_for_one_answer(fresh_database: str) -> None:
    owner, erika = await make_member("Owner"), await make_member("Erika")
    group = await make_group("Circle", members=(owner,))
    await Membership.filter(member_id=owner.id).update(role="owner")
    await make_account(erika, mail="erika@acme.example")
    await invite_by_mail(group.id, "erika@acme.example", by=owner.id, language="en")
    token = token_of(Purpose.GROUP_INVITATION, (await MailInvitation.get()).nonce)
    answers = await asyncio.gather(
        *(invitations.accept_by_token(token, erika.id) for _ in range(4)), return_exceptions=True
    )
    assert "circle" in answers
    assert {type(answer) for answer in answers} <= {str, LinkEnded}
    assert await Membership.filter(group_id=group.id).count() == 2
    await Membership.filter(member_id=erika.id).delete()
    with pytest.raises(LinkEnded):
        await invitations.accept_by_token(token, erika.id)


async def test_one_of_two_answers_to_an_invitation_counts(fresh_database: str) -> None:
    owner, erika = await make_member("Owner"), await make_member("Erika")
    group = await make_group("Circle", members=(owner,))
    await Membership.filter(member_id=owner.id).update(role="owner")
    await invitations.invite_member(group.id, erika.id, role=GroupRole.MEMBER, by=owner.id)
    answers = await asyncio.gather(
        *(invitations.answer_invitation(group.id, erika.id, accepted=yes) for yes in (True, False, True)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers].count(NotFound) == 2


async def test_a_request_is_made_once_and_decided_once(fresh_database: str) -> None:
    erika = await make_member("Erika")
    group = await make_group("Circle", access=GroupAccess.REQUEST)
    asked = await asyncio.gather(
        *(requests.ask_to_join(group.id, erika.id, note="") for _ in range(3)), return_exceptions=True
    )
    assert [type(answer) for answer in asked].count(RuleBroken) == 2
    request_id = (await JoinRequest.get()).id
    decided = await asyncio.gather(
        *(
            requests.decide_request(group.id, request_id, accepted=yes, reason="")
            for yes in (True, False, True)
        ),
        return_exceptions=True,
    )
    assert [type(answer) for answer in decided].count(RuleBroken) == 2
