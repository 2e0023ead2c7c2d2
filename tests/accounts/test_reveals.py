"""Revealing an identity: with a reason, by two people, once, written down, and told."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from community.accounts import reveals
from community.accounts.models import Account, Reveal
from community.accounts.reveals import Cause, RevealWish
from community.core import passwords
from community.core.clock import now
from community.core.db import fetch
from community.core.db.connection import Dialect
from community.core.errors import NotFound, RuleBroken
from community.core.viewer import Role
from community.decisions.models import LogEntry
from community.decisions.work import WorkKind
from community.members.models import Member
from community.members.roles import change_role
from community.moderation.claiming import claim_item
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to
from tests.cast import Cast
from tests.factories import make_account, make_member, viewer_for
from tests.fixtures import Visit

PASSWORD = "drei kurze boote fahren"
REASON = "Threatens to burn down a shop, the police was called."
WISH = RevealWish(cause=Cause.DANGER, reason=REASON)
MAIL, NAME = "qxzerika@qxzacme.example", "Qxzerika Mustermann"


async def identity_of(member: Member) -> Account:
    return await make_account(
        member, mail=MAIL, real_name=NAME, password_hash=await passwords.hash_password(PASSWORD)
    )


async def staff_password(member: Member) -> None:
    account = await Account.get_or_none(member_id=member.id) or await make_account(member)
    await Account.filter(id=account.id).update(password_hash=await passwords.hash_password(PASSWORD))


def form(**others: str) -> dict[str, str]:
    return {"member": "Asker", "cause": "danger", "reason": REASON} | others


async def test_two_people_reveal_an_identity_and_the_member_is_told(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await identity_of(cast.asker)
    moderator, administrator = await visit(cast.moderator), await visit(cast.administrator)
    await staff_password(cast.moderator)
    profile = (await moderator.get("/members/Asker")).text
    assert "/moderation/reveals/new?member=Asker" in profile

    asked = await moderator.post("/moderation/reveals/new", data=form())
    assert asked.status_code == 303
    url = asked.headers["location"]
    own = (await moderator.get(url)).text
    assert "A second person has to decide" in own
    assert f"{url}/decide" not in own

    assert (
        await administrator.post(f"{url}/decide", data={"do": "approve", "reason": "I agree"})
    ).status_code == 303
    assert f"{url}/show" in (await moderator.get(url)).text
    wrong = await moderator.post(f"{url}/show", data={"password": "not my password"})
    assert wrong.status_code == 422
    assert NAME not in wrong.text

    shown = await moderator.post(f"{url}/show", data={"password": PASSWORD})
    assert shown.status_code == 200
    assert NAME in shown.text and MAIL in shown.text
    assert shown.headers["cache-control"] == "private, no-store"
    again = await moderator.post(f"{url}/show", data={"password": PASSWORD})
    assert again.status_code == 409
    assert NAME not in again.text

    acts = [entry.act for entry in await LogEntry.filter(subject=f"member:{cast.asker.id}").order_by("id")]
    assert acts == ["ask_reveal", "approve_reveal", "show_identity"]
    for client in (moderator, administrator):
        for page in (url, "/moderation/reveals", "/moderation/log"):
            text = (await client.get(page)).text
            assert NAME not in text and MAIL not in text

    await deliver(search_engine)
    assert "Your identity was looked at" in [mail.subject for mail in await mails_to(MAIL)]
    member = await visit(cast.asker)
    assert "Staff have looked at who is behind your nickname" in (await member.get("/notifications")).text
    privacy = (await member.get("/settings/privacy")).text
    assert "Danger to somebody" in privacy
    assert cast.moderator.staff_name not in privacy


async def test_nobody_decides_about_what_they_have_asked_for(cast: Cast, visit: Visit) -> None:
    await identity_of(cast.asker)
    moderator = await visit(cast.moderator)
    url = (await moderator.post("/moderation/reveals/new", data=form())).headers["location"]
    answer = await moderator.post(f"{url}/decide", data={"do": "approve", "reason": "I agree with myself"})
    assert answer.status_code == 409
    assert (await Reveal.get(member_id=cast.asker.id)).is_approved is None


@pytest.mark.each_database
async def test_who_comes_second_is_told_who_is_on_it(cast: Cast, visit: Visit) -> None:
    third = await make_member("third", role=Role.MODERATOR, staff_name="Tessa T.")
    reveal_id = await reveals.ask_reveal(cast.asker.id, WISH, by=await viewer_for(cast.moderator))
    await claim_item(WorkKind.REVEAL, f"reveal:{reveal_id}", by=await viewer_for(third))
    browser = await visit(cast.administrator)
    url = f"/moderation/reveals/{reveal_id}"
    page = (await browser.get(url)).text
    assert "Tessa T. is on it" in page
    assert f"{url}/decide" not in page
    for decision in ("approve", "refuse"):
        sent = {"do": decision, "reason": "I have looked at it."}
        late = await browser.post(f"{url}/decide", data=sent)
        assert late.status_code == 409
        assert "Tessa T. is on it." in late.text
        assert "I have looked at it." in late.text
    assert (await Reveal.get(id=reveal_id)).is_approved is None
    await reveals.decide_reveal(reveal_id, approved=True, by=await viewer_for(third), reason="I agree")
    assert (await Reveal.get(id=reveal_id)).is_approved


async def test_only_the_one_who_asked_sees_it_and_only_after_a_yes(cast: Cast, db: Dialect) -> None:
    await identity_of(cast.asker)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    reveal_id = await reveals.ask_reveal(cast.asker.id, WISH, by=moderator)
    with pytest.raises(RuleBroken):
        await reveals.show_identity(reveal_id, by=moderator)
    await reveals.decide_reveal(reveal_id, approved=True, by=administrator, reason="I agree")
    with pytest.raises(RuleBroken):
        await reveals.show_identity(reveal_id, by=administrator)
    assert (await reveals.show_identity(reveal_id, by=moderator)).real_name == NAME


async def test_what_was_refused_is_never_shown(cast: Cast, db: Dialect) -> None:
    await identity_of(cast.asker)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    reveal_id = await reveals.ask_reveal(cast.asker.id, WISH, by=moderator)
    await reveals.decide_reveal(reveal_id, approved=False, by=administrator, reason="Not needed")
    with pytest.raises(RuleBroken):
        await reveals.show_identity(reveal_id, by=moderator)
    with pytest.raises(RuleBroken, match="decided already"):
        await reveals.decide_reveal(reveal_id, approved=True, by=administrator, reason="On second thoughts")


async def test_a_yes_lasts_a_day_and_a_question_a_week(cast: Cast, db: Dialect) -> None:
    await identity_of(cast.asker)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    reveal_id = await reveals.ask_reveal(cast.asker.id, WISH, by=moderator)
    moment = now()
    with time_machine.travel(moment + timedelta(days=7, minutes=1)), pytest.raises(RuleBroken):
        await reveals.decide_reveal(reveal_id, approved=True, by=administrator, reason="I agree")
    await reveals.decide_reveal(reveal_id, approved=True, by=administrator, reason="I agree")
    with time_machine.travel(moment + timedelta(days=1, minutes=1)), pytest.raises(RuleBroken):
        await reveals.show_identity(reveal_id, by=moderator)


async def test_whoever_the_asker_made_staff_today_is_no_second_person(cast: Cast, db: Dialect) -> None:
    await identity_of(cast.asker)
    administrator, friend = await viewer_for(cast.administrator), await make_member("Friend")
    await change_role(
        friend.id,
        role=Role.MODERATOR,
        staff_name="Eva K.",
        staff_field="",
        by=administrator,
        reason="helps out",
    )
    accomplice = await viewer_for(await Member.get(id=friend.id))
    reveal_id = await reveals.ask_reveal(cast.asker.id, WISH, by=administrator)
    with pytest.raises(RuleBroken, match="second person"):
        await reveals.decide_reveal(reveal_id, approved=True, by=accomplice, reason="I agree")
    with time_machine.travel(now() + timedelta(hours=25)):
        await reveals.decide_reveal(reveal_id, approved=True, by=accomplice, reason="I agree")


async def test_nothing_is_shown_that_could_not_be_written_down(
    cast: Cast, db: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    await identity_of(cast.asker)
    moderator = await viewer_for(cast.moderator)
    reveal_id = await reveals.ask_reveal(cast.asker.id, WISH, by=moderator)
    await reveals.decide_reveal(
        reveal_id, approved=True, by=await viewer_for(cast.administrator), reason="I agree"
    )

    async def full(*arguments: object, **named: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(reveals, "log", full)
        with pytest.raises(OSError, match="disk full"):
            await reveals.show_identity(reveal_id, by=moderator)
    assert (await Reveal.get(id=reveal_id)).shown_at is None
    assert not await fetch("SELECT id FROM outbox_facts WHERE name = 'identity.revealed'")


async def test_the_member_is_told_later_where_an_order_demands_it(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await identity_of(cast.asker)
    await staff_password(cast.moderator)
    moderator, administrator = await visit(cast.moderator), await visit(cast.administrator)
    day = (now() + timedelta(days=30)).date().isoformat()
    without = await moderator.post("/moderation/reveals/new", data=form(tell_at=day))
    assert without.status_code == 409
    assert REASON in without.text
    asked = await moderator.post(
        "/moderation/reveals/new",
        data=form(cause="authority", tell_at=day, silence_reason="Section 95a StPO", reference="12 Js 3/26"),
    )
    url = asked.headers["location"]
    await administrator.post(f"{url}/decide", data={"do": "approve", "reason": "I agree"})
    assert (await moderator.post(f"{url}/show", data={"password": PASSWORD})).status_code == 200
    await deliver(search_engine)
    member = await visit(cast.asker)
    assert "behind your nickname" not in (await member.get("/notifications")).text
    assert "Order of a court" not in (await member.get("/settings/privacy")).text
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        await deliver(search_engine)
    assert "Your identity was looked at" in [mail.subject for mail in await mails_to(MAIL)]
    assert (await Reveal.get(member_id=cast.asker.id)).told_at is not None


async def test_bad_input_is_said_and_kept(cast: Cast, visit: Visit) -> None:
    moderator = await visit(cast.moderator)
    answer = await moderator.post(
        "/moderation/reveals/new", data=form(cause="curiosity", reason="Too short", tell_at="tomorrow")
    )
    assert answer.status_code == 422
    assert "Too short" in answer.text
    assert "2027-12-31" in answer.text
    assert await Reveal.all().count() == 0


async def test_staff_have_nothing_to_reveal(cast: Cast, visit: Visit, db: Dialect) -> None:
    moderator = await visit(cast.moderator)
    staff = cast.administrator.nickname
    assert (await moderator.get(f"/moderation/reveals/new?member={staff}")).status_code == 404
    with pytest.raises(RuleBroken):
        await reveals.ask_reveal(cast.administrator.id, WISH, by=await viewer_for(cast.moderator))
    with pytest.raises(NotFound):
        await reveals.ask_reveal(12345, WISH, by=await viewer_for(cast.moderator))


async def test_members_and_marketing_find_nothing_there(cast: Cast, visit: Visit) -> None:
    for person in (cast.outsider, cast.marketing):
        client = await visit(person)
        assert (await client.get("/moderation/reveals")).status_code == 404
        assert (await client.post("/moderation/reveals/new", data=form())).status_code == 404
    assert await Reveal.all().count() == 0
