"""Off-boarding: by address, at a random moment, without a sign of who was meant."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
import time_machine

from community.accounts import vault
from community.accounts.belonging import count_by_company
from community.accounts.links import Purpose, token_of
from community.accounts.models import Account
from community.companies import invitations, membership
from community.companies.membership import get_person, offboard
from community.companies.models import Departure, Invitation
from community.companies.rules import JoiningBy
from community.core.clock import now
from community.core.db.connection import Dialect
from community.core.models import OutboxFact
from community.decisions.models import LogEntry
from community.members.models import Member
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to
from tests.accounts.sameness import seen
from tests.cast import Cast
from tests.chance import without_random
from tests.companies.colleagues import (
    BOSS_MAIL,
    company_of,
    count_colleagues_of,
    deliver_a_day_later,
    make_acme,
    make_colleague,
    new_address,
)
from tests.factories import make_answer, make_company, make_thread
from tests.fixtures import Visit

COLLEAGUES = "/settings/company/colleagues"


async def test_rights_end_within_a_day_and_nothing_on_the_nickname_changes(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    boss = await visit(await make_colleague(acme, BOSS_MAIL, administrator=True))
    nora = await make_colleague(acme, nora_mail, nickname="Blauer-Otter")
    thread = await make_thread(cast.open_space, cast.asker)
    await make_answer(thread, nora)
    await deliver(search_engine)
    other, moment = await visit(), now()
    pages = ("/members/Blauer-Otter", f"/threads/{thread.id}-{thread.slug}", "/ranking", "/search?q=firmware")
    with time_machine.travel(moment, tick=False):
        before = [(await other.get(page)).text for page in pages]
    row_before = await Member.filter(id=nora.id).values()

    assert (
        await boss.post(f"{COLLEAGUES}/offboard", data={"leaver": nora_mail.capitalize()})
    ).status_code == 303
    fact = await OutboxFact.get(name="company.departure_due")
    assert fact.payload.keys() == {"departure_id"}
    assert timedelta() <= fact.due_at - fact.created_at <= timedelta(hours=24)
    await deliver_a_day_later(search_engine)
    assert await company_of(nora) is None
    with time_machine.travel(moment, tick=False):
        assert [(await other.get(page)).text for page in pages] == before
    assert await Member.filter(id=nora.id).values() == row_before
    assert [mail.subject for mail in await mails_to(nora_mail.capitalize())] == [
        "You no longer take part for your company"
    ]
    assert await LogEntry.filter(act__contains="offboard").count() == 0


async def test_moments_are_spread_over_the_day(db: Dialect) -> None:
    acme = await make_acme()
    for number in range(40):
        await offboard(acme.id, f"p{number}@acme.example", language="en")
    hours = [
        (fact.due_at - fact.created_at).total_seconds() / 3600
        for fact in await OutboxFact.filter(name="company.departure_due")
    ]
    assert min(hours) < 8 and max(hours) > 16


async def test_known_and_unknown_addresses_get_the_same_answer_rows_and_mail(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    boss = await visit(await make_colleague(acme, BOSS_MAIL, administrator=True))
    await make_colleague(acme, nora_mail)
    others = (new_address(), new_address())
    await make_colleague(None, others[0])
    await make_colleague(await make_company("Twin"), others[1])
    known = (nora_mail, *others, new_address())
    answers, rows = set(), []
    for address in known:
        rows.append(await Departure.all().count() + await OutboxFact.all().count())
        answers.add(repr(seen(await boss.post(f"{COLLEAGUES}/offboard", data={"leaver": address}))))
    rows.append(await Departure.all().count() + await OutboxFact.all().count())
    assert len(answers) == 1
    assert {after - before for before, after in itertools.pairwise(rows)} == {2}
    await deliver_a_day_later(search_engine)
    texts = [[mail.text for mail in await mails_to(address)] for address in known]
    assert len(texts[0]) == 1
    assert all(text == texts[0] for text in texts)
    assert await count_colleagues_of(acme.id) == 1, "the boss stays"
    left = await count_by_company()
    assert left.total() - left[None] == 2, "and so does the other company's"


@pytest.mark.each_database
async def test_a_colleague_with_a_new_address_is_found_by_the_one_they_joined_with(
    db: Dialect, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme(joining=JoiningBy.AT_ONCE)
    nora = await make_colleague(None, nora_mail)
    await membership.join_by_domain(nora.id)
    private = new_address("bravo.example")
    other = await make_colleague(None, private)
    address = await Account.get(member_id=other.id).values("mail_hash", "mail_encrypted")
    await Account.filter(member_id=other.id).delete()
    account = await Account.get(member_id=nora.id)
    await Account.filter(id=account.id).update(mail_hash=address["mail_hash"])
    sealed = vault.seal(private, vault.ACCOUNT_MAIL, account.id)
    await Account.filter(id=account.id).update(mail_encrypted=sealed)
    await offboard(acme.id, nora_mail, language="en")
    await deliver_a_day_later(search_engine)
    assert await company_of(nora) is None
    assert len(await mails_to(private)) == 1, "told where they read it"


@pytest.mark.each_database
async def test_who_was_offboarded_comes_back_by_somebodys_decision_only(
    db: Dialect, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme(joining=JoiningBy.AT_ONCE)
    boss = await get_person((await make_colleague(acme, BOSS_MAIL, administrator=True)).id)
    nora = await make_colleague(acme, nora_mail)
    await invitations.invite_by_mail(acme.id, nora_mail, by=boss, language="en")
    invitation = await Invitation.get()
    await invitations.make_code(acme.id, by=boss, uses=5, lasts=timedelta(days=7))
    await offboard(acme.id, nora_mail, language="en")
    await deliver_a_day_later(search_engine)
    person = await get_person(nora.id)
    assert person.company_id is None
    assert (
        await invitations.find_invitation(token_of(Purpose.COMPANY_INVITATION, invitation.nonce), nora_mail)
        is None
    )
    assert not await membership.join_by_domain(nora.id), "has to wait"
    code = next(one.code for one in await invitations.list_own_invitations(boss) if one.code)
    assert not await invitations.use_code(code, person), "has to wait"
    assert await company_of(nora) is None
    await invitations.invite_by_mail(acme.id, nora_mail, by=boss, language="en")
    again = await Invitation.filter(code_encrypted="", uses_left=1).first()
    assert again is not None
    await invitations.accept_invitation(token_of(Purpose.COMPANY_INVITATION, again.nonce), person)
    assert await company_of(nora) == acme.id


async def test_for_a_security_reason_it_is_at_once_logged_without_the_person_and_limited(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    boss = await make_colleague(acme, BOSS_MAIL, administrator=True, nickname="Stiller-Bach")
    client = await visit(boss)
    nora = await make_colleague(acme, nora_mail, nickname="Blauer-Otter")
    form = {"leaver": nora_mail, "at_once": "1"}
    assert (await client.post(f"{COLLEAGUES}/offboard", data=form)).status_code == 303
    await deliver(search_engine)
    assert await company_of(nora) is None
    (entry,) = await LogEntry.filter(act="offboard_at_once").values()
    assert (entry["actor_id"], entry["actor_name"], entry["reason"], entry["details"]) == (None, "", "", {})
    assert entry["subject"] == f"company:{acme.id}"
    answers = [
        (
            await client.post(f"{COLLEAGUES}/offboard", data={"leaver": f"p{n}@acme.example", "at_once": "1"})
        ).status_code
        for n in range(5)
    ]
    assert answers == [303] * 4 + [429]
    for viewer in (cast.moderator, cast.administrator):
        log = (await (await visit(viewer)).get("/moderation/log")).text
        assert "off-boarded at once" in log
        assert not [
            word for word in ("Stiller-Bach", "Blauer-Otter", "Acme", "nora") if word in without_random(log)
        ]


@pytest.mark.each_database
async def test_addresses_are_forgotten_after_two_years(db: Dialect) -> None:
    acme = await make_acme()
    for days, mail in ((10, "new@acme.example"), (800, "old@acme.example")):
        await offboard(acme.id, mail, language="en")
        await Departure.filter(created_at__gt=now() - timedelta(days=2)).update(
            created_at=now() - timedelta(days=days)
        )
    await membership.forget_old_departures()
    assert await Departure.all().count() == 1
