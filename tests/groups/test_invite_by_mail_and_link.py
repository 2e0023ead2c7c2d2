"""Inviting an address, and inviting several people by a link: nobody learns who came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from community.accounts.invitations import invite_by_mail
from community.accounts.links import LinkEnded, Purpose, token_of
from community.accounts.models import MailInvitation
from community.core.clock import now
from community.core.db import fetch
from community.groups import invitations, queries
from community.groups.models import Group, GroupLink, Membership
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to, path_in, token_in
from tests.cast import Cast
from tests.factories import make_account
from tests.fixtures import Visit
from tests.groups.parts import belongs, let_look_after

CLOSED = "/groups/closed-circle"
ERIKA = "erika@acme.example"


async def mailed_path(cast: Cast, visit: Visit, engine: SearchEngine, address: str = ERIKA) -> str:
    owner = await visit(cast.helper)
    answer = await owner.post(f"{CLOSED}/invite-by-mail", data={"mail": address})
    assert answer.status_code == 303
    await deliver(engine)
    return path_in((await mails_to(address))[0])


async def test_an_address_comes_in_by_its_mail_once(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    await make_account(cast.outsider, mail=ERIKA)
    path = await mailed_path(cast, visit, search_engine)
    token = path.partition("token=")[2]
    text = (await mails_to(ERIKA))[0].text
    for unsaid in ("Closed circle", "Helper", "Outsider"):
        assert unsaid not in text, "a company reads along"

    for stranger in (cast.marketing, cast.moderator, cast.administrator):
        client = await visit(stranger)
        wrong = await client.get("/group-invitation?token=nothing")
        assert (await client.get(path)).content == wrong.content.replace(b"nothing", token.encode())
        assert wrong.status_code == 410
        assert (await client.post("/group-invitation", data={"token": token})).status_code == 410
    guest = await visit()
    shown = await guest.get(path)
    other = await guest.get("/group-invitation?token=nothing")
    assert shown.content.replace(token.encode(), b"nothing") == other.content
    assert shown.headers["cache-control"] == "private, no-store"

    erika = await visit(cast.outsider)
    assert "Closed circle" in (await erika.get(path)).text
    assert not await belongs(cast.closed_group, cast.outsider), "looking accepts nothing"
    answer = await erika.post("/group-invitation", data={"token": token})
    assert answer.headers["location"] == CLOSED
    assert (await erika.get("/spaces/hidden-lab")).status_code == 200
    await erika.post(f"{CLOSED}/leave")
    assert (await erika.get("/spaces/hidden-lab")).status_code == 404
    assert (await erika.post("/group-invitation", data={"token": token})).status_code == 410


async def test_a_group_that_may_be_known_is_named_in_the_mail(
    cast: Cast, search_engine: SearchEngine
) -> None:
    await invite_by_mail(cast.request_group.id, ERIKA, by=cast.administrator.id, language="de")
    await deliver(search_engine)
    mail = (await mails_to(ERIKA))[0]
    assert "Pilot users" in mail.text
    assert "Sie sind" in mail.text


async def test_who_invites_sees_no_difference_whether_somebody_came(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    """Neither the owner nor an administrator: not in lists, counts, invitations, notifications, profiles."""
    await let_look_after(cast.closed_group, cast.helper)
    group = cast.closed_group
    await Group.filter(id=group.id).update(shows_members=True)
    await make_account(cast.outsider, mail=ERIKA)
    path = await mailed_path(cast, visit, search_engine)
    owner, administrator = await visit(cast.helper), await visit(cast.administrator)
    made = await owner.post(f"{CLOSED}/links", data={"uses": "5", "days": "7"})
    link = made.text.partition("group-invitation?token=")[2].partition('"')[0]
    asked = [
        *((owner, page) for page in (CLOSED, f"{CLOSED}/manage", "/notifications", "/groups")),
        *((owner, page) for page in ("/members/Outsider", "/search?q=Outsider", "/spaces/hidden-lab")),
        *(
            (administrator, page)
            for page in (f"{CLOSED}/manage", "/admin/groups", "/admin/groups/closed-circle")
        ),
        *((administrator, page) for page in ("/admin/people/Outsider", "/notifications", "/moderation/log")),
    ]
    before = [(await client.get(page)).content for client, page in asked]
    erika = await visit(cast.outsider)
    await erika.post("/group-invitation", data={"token": path.partition("token=")[2]})
    assert (
        await (await visit(cast.marketing)).post("/group-invitation", data={"token": link})
    ).status_code == 303
    # Not even if they ask to be listed.
    for client in (erika, await visit(cast.marketing)):
        await client.post(f"{CLOSED}/listing", data={"listed": "1"})
    await deliver(search_engine)
    assert [(await client.get(page)).content for client, page in asked] == before
    assert await queries.list_listed_members(group.id) == []


async def test_rows_and_answers_are_the_same_for_every_address(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    await make_account(cast.outsider, mail=ERIKA)
    owner = await visit(cast.helper)
    seen = []
    for address in (ERIKA, "nobody@acme.example", "Erika@ACME.example"):
        before = {
            table: await count(table) for table in ("vault_mail_invitations", "outbox_facts", "notifications")
        }
        answer = await owner.post(f"{CLOSED}/invite-by-mail", data={"mail": address})
        headers = {k: v for k, v in answer.headers.items() if k != "x-request-id"}
        rows = [await count(table) - n for table, n in before.items()]
        seen.append((answer.status_code, headers, rows))
    assert seen[0] == seen[1] == seen[2]
    wrong = await owner.post(f"{CLOSED}/invite-by-mail", data={"mail": "not an address"})
    assert wrong.status_code == 422
    assert "not an address" in wrong.text


async def count(table: str) -> int:
    return int((await fetch(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"])


async def test_typed_addresses_are_shown_to_nobody_else(cast: Cast, visit: Visit) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    await let_look_after(cast.closed_group, cast.asker)
    await invite_by_mail(cast.closed_group.id, ERIKA, by=cast.helper.id, language="en")
    row = await MailInvitation.get()
    owner, other = await visit(cast.helper), await visit(cast.asker)
    assert ERIKA in (await owner.get(f"{CLOSED}/manage")).text
    url = f"{CLOSED}/mail-invitations/{row.id}/withdraw"
    for client in (other, await visit(cast.administrator)):
        assert ERIKA not in (await client.get(f"{CLOSED}/manage")).text
        await client.post(url)
    assert await MailInvitation.all().count() == 1
    await owner.post(url)
    assert await MailInvitation.all().count() == 0


@pytest.mark.each_database
async def test_a_link_lets_in_as_many_as_it_says_until_it_ends(cast: Cast) -> None:
    group = cast.closed_group
    await let_look_after(group, cast.helper)
    token = await invitations.make_link(group.id, by=cast.helper.id, uses=1, days=7)
    assert (await GroupLink.get()).token_hash != token
    assert await invitations.accept_by_token(token, cast.asker.id) == "closed-circle"
    assert (await GroupLink.get()).uses_left == 1, "whoever belongs to it uses nothing up"
    assert await invitations.find_by_token(token, cast.marketing.id) is not None
    await invitations.accept_by_token(token, cast.outsider.id)
    assert not (await Membership.get(group_id=group.id, member_id=cast.outsider.id)).came_openly
    with pytest.raises(LinkEnded):
        await invitations.accept_by_token(token, cast.marketing.id)

    for end in ("date", "revoked", "inviter"):
        token = await invitations.make_link(group.id, by=cast.helper.id, uses=5, days=7)
        moment = now() + timedelta(days=8 if end == "date" else 0)
        if end == "revoked":
            for link in await invitations.list_links(group.id):
                await invitations.end_link(group.id, link.id)
        if end == "inviter":
            await Membership.filter(group_id=group.id, member_id=cast.helper.id).update(role="member")
        with time_machine.travel(moment), pytest.raises(LinkEnded):
            await invitations.accept_by_token(token, cast.marketing.id)


@pytest.mark.each_database
async def test_a_mailed_invitation_ends_by_date_and_with_its_maker(cast: Cast) -> None:
    group = cast.closed_group
    await let_look_after(group, cast.helper)
    await make_account(cast.outsider, mail=ERIKA)
    await invite_by_mail(group.id, ERIKA.upper(), by=cast.helper.id, language="en")
    token = token_of(Purpose.GROUP_INVITATION, (await MailInvitation.get()).nonce)
    assert await invitations.find_by_token(token, cast.outsider.id) is not None
    with time_machine.travel(now() + timedelta(days=15)):
        assert await invitations.find_by_token(token, cast.outsider.id) is None
    await Membership.filter(group_id=group.id, member_id=cast.helper.id).delete()
    with pytest.raises(LinkEnded):
        await invitations.accept_by_token(token, cast.outsider.id)


async def test_the_link_is_shown_once_and_is_for_five_at_least(cast: Cast, visit: Visit) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    owner = await visit(cast.helper)
    for uses, days in (("4", "7"), ("501", "7"), ("5", "91"), ("many", "7"), ("5", "")):
        wrong = await owner.post(f"{CLOSED}/links", data={"uses": uses, "days": days})
        assert wrong.status_code == 422
        assert f'value="{uses}"' in wrong.text
    made = await owner.post(f"{CLOSED}/links", data={"uses": "5", "days": "7"})
    token = made.text.partition("group-invitation?token=")[2].partition('"')[0]
    assert made.headers["cache-control"] == "private, no-store"
    page = (await owner.get(f"{CLOSED}/manage")).text
    assert token not in page
    assert "Link for up to 5 people" in page
    link = await GroupLink.get()
    await owner.post(f"{CLOSED}/links/{link.id}/end")
    outsider = await visit(cast.outsider)
    assert (await outsider.get(f"/group-invitation?token={token}")).status_code == 410


async def test_an_address_is_not_flooded(cast: Cast, search_engine: SearchEngine) -> None:
    for _ in range(7):
        await invite_by_mail(
            cast.request_group.id, "calm@acme.example", by=cast.administrator.id, language="en"
        )
    await deliver(search_engine)
    mails = await mails_to("calm@acme.example")
    assert len(mails) == 5
    assert len({token_in(mail) for mail in mails}) == 5
