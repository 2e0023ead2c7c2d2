"""Inviting colleagues, by mail and by code."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from community.accounts.links import LinkEnded, Purpose, token_of
from community.companies import invitations
from community.companies.membership import get_person
from community.companies.models import Invitation
from community.core.clock import now
from community.core.db.connection import Dialect
from community.core.errors import RuleBroken
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to, path_in, token_in
from tests.accounts.sameness import seen
from tests.cast import Cast
from tests.chance import without_random
from tests.companies.colleagues import (
    BOSS_MAIL,
    belonging_of,
    company_of,
    make_acme,
    make_colleague,
    new_address,
)
from tests.fixtures import Visit

COLLEAGUES = "/settings/company/colleagues"


async def test_an_invitation_by_mail_is_accepted_by_the_address_it_was_sent_to(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    boss = await visit(await make_colleague(acme, BOSS_MAIL, administrator=True, nickname="Stiller-Bach"))
    assert (await boss.post(f"{COLLEAGUES}/invite", data={"mail": nora_mail})).status_code == 303
    await deliver(search_engine)
    (mail,) = await mails_to(nora_mail)
    assert "Stiller-Bach" not in mail.text
    assert "Acme" not in without_random(mail.text)

    nora = await make_colleague(None, nora_mail)
    member = await visit(nora)
    page = (await member.get(path_in(mail))).text
    assert "Acme Werke AG" in page
    assert await company_of(nora) is None, "looking joins nobody"
    assert (await member.post("/join", data={"token": token_in(mail)})).status_code == 303
    assert await company_of(nora) == acme.id
    assert not (await belonging_of(nora)).is_administrator
    assert (await member.get(path_in(mail))).status_code == 410, "one use"
    assert (await member.post("/join", data={"token": token_in(mail)})).status_code == 410


async def test_an_invitation_that_was_forwarded_opens_nothing(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    boss = await visit(await make_colleague(acme, BOSS_MAIL, administrator=True))
    await boss.post(f"{COLLEAGUES}/invite", data={"mail": nora_mail, "administrator": "1"})
    await deliver(search_engine)
    (mail,) = await mails_to(nora_mail)
    other = await make_colleague(None, "eve@bravo.example")
    for client in (await visit(other), await visit()):
        page = await client.get(path_in(mail))
        assert page.status_code == 200
        assert "Acme" not in without_random(page.text)
        assert 'action="/join"' not in page.text
    taken = await (await visit(other)).post("/join", data={"token": token_in(mail)})
    assert taken.status_code == 410
    assert await company_of(other) is None
    guest = await (await visit()).post("/join", data={"token": token_in(mail)})
    assert guest.headers["location"].startswith("/log-in")


async def test_a_colleague_becomes_administrator_by_accepting(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    boss = await visit(await make_colleague(acme, BOSS_MAIL, administrator=True))
    nora = await make_colleague(acme, nora_mail)
    await boss.post(f"{COLLEAGUES}/invite", data={"mail": nora_mail, "administrator": "1"})
    await deliver(search_engine)
    member = await visit(nora)
    assert (await member.get(COLLEAGUES)).status_code == 404
    await member.post("/join", data={"token": token_in((await mails_to(nora_mail))[0])})
    assert (await member.get(COLLEAGUES)).status_code == 200
    assert await company_of(nora) == acme.id


async def test_every_address_gets_the_same_answer_and_the_same_mail(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    acme = await make_acme()
    boss = await visit(await make_colleague(acme, BOSS_MAIL, administrator=True))
    addresses = [new_address() for _kind in ("colleague", "known", "unknown")]
    await make_colleague(acme, addresses[0])
    await make_colleague(None, addresses[1])
    answers, texts = set(), set()
    for address in addresses:
        answer = await boss.post(f"{COLLEAGUES}/invite", data={"mail": address})
        answers.add(repr(seen(answer)))
        await deliver(search_engine)
        (mail,) = await mails_to(address)
        texts.add(re.sub(r"token=[\w-]+", "token=", mail.text))
    assert len(answers) == len(texts) == 1


async def test_the_list_shows_what_was_typed_and_never_whether_it_was_used(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    boss = await visit(await make_colleague(acme, BOSS_MAIL, administrator=True))
    await boss.post(f"{COLLEAGUES}/invite", data={"mail": nora_mail})
    await boss.post(f"{COLLEAGUES}/codes", data={"uses": "5", "days": "14"})
    await deliver(search_engine)
    await boss.get(COLLEAGUES)
    before = (await boss.get(COLLEAGUES)).text
    assert nora_mail in before
    code = re.search(r"(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}", before)
    assert code is not None
    nora = await make_colleague(None, nora_mail)
    await (await visit(nora)).post("/join", data={"token": token_in((await mails_to(nora_mail))[0])})
    for number in range(5):
        person = await get_person((await make_colleague(None, f"p{number}@acme.example")).id)
        await invitations.use_code(code[0], person)
    assert (await boss.get(COLLEAGUES)).text == before
    other = await visit(await make_colleague(acme, "other@acme.example", administrator=True))
    assert nora_mail not in (await other.get(COLLEAGUES)).text, "only what one has typed oneself"


@pytest.mark.each_database
async def test_a_code_lets_in_as_many_as_it_is_for(db: Dialect) -> None:
    acme = await make_acme()
    boss = await get_person((await make_colleague(acme, BOSS_MAIL, administrator=True)).id)
    await invitations.make_code(acme.id, by=boss, uses=5, lasts=timedelta(days=7))
    (made,) = await invitations.list_own_invitations(boss)
    joined = []
    for number in range(6):
        member = await make_colleague(None, f"p{number}@private.example")
        try:
            await invitations.use_code(made.code.lower().replace("-", " "), await get_person(member.id))
        except RuleBroken:
            continue
        joined.append(await company_of(member))
    assert joined == [acme.id] * 5


@pytest.mark.each_database
async def test_an_invitation_ends_after_14_days_and_when_it_is_ended(db: Dialect) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    boss = await get_person((await make_colleague(acme, BOSS_MAIL, administrator=True)).id)
    nora = await get_person((await make_colleague(None, nora_mail)).id)
    await invitations.invite_by_mail(acme.id, nora_mail, by=boss, language="en")
    row = await Invitation.get()
    token = token_of(Purpose.COMPANY_INVITATION, row.nonce)
    assert await invitations.find_invitation(token, nora_mail) is not None
    with time_machine.travel(now() + timedelta(days=15)), pytest.raises(LinkEnded):
        await invitations.accept_invitation(token, nora)
    await invitations.end_invitation(boss, row.id)
    with pytest.raises(LinkEnded):
        await invitations.accept_invitation(token, nora)


async def test_codes_for_a_few_are_refused_and_guessing_is_limited(cast: Cast, visit: Visit) -> None:
    acme = await make_acme()
    boss = await visit(await make_colleague(acme, BOSS_MAIL, administrator=True))
    few = await boss.post(f"{COLLEAGUES}/codes", data={"uses": "1", "days": "14"})
    assert few.status_code == 422
    assert "from 5 to 500" in few.text
    assert await Invitation.all().count() == 0
    guesser = await visit(await make_colleague(None, "eve@bravo.example"))
    answers = [
        (
            await guesser.post("/settings/company/code", data={"code": f"AAAA-BBBB-CCCC-{number:04}"})
        ).status_code
        for number in range(12)
    ]
    assert answers == [422] * 10 + [429] * 2
