"""Joining by mail domain, at once or after approval, and leaving."""

from __future__ import annotations

import pytest

from community.accounts.belonging import Belonging
from community.companies import membership
from community.companies.actions import add_domain
from community.companies.membership import company_of_joining, get_person, join_company
from community.companies.queries import list_waiting
from community.companies.rules import FREE_MAIL, JoiningBy, problem_with_domain, shown_count
from community.core.db import fetch
from community.core.db.connection import Dialect
from community.core.errors import NotFound, RuleBroken
from community.core.models import OutboxFact
from community.members.models import Member
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to, token_in
from tests.cast import Cast
from tests.companies.colleagues import (
    BOSS_MAIL,
    belonging_of,
    company_of,
    deliver_a_day_later,
    make_acme,
    make_colleague,
    new_address,
)
from tests.factories import make_company, viewer_for
from tests.fixtures import Visit

COLLEAGUES = "/settings/company/colleagues"


async def register(visit: Visit, engine: SearchEngine, mail: str, nickname: str) -> Member:
    guest = await visit()
    form = {"nickname": nickname, "mail": mail, "password": "vier lange stege warten"}
    assert (await guest.post("/register", data=form)).status_code == 303
    await deliver(engine)
    await guest.post("/confirm", data={"token": token_in((await mails_to(mail))[0])})
    await deliver(engine)
    return await Member.get(nickname=nickname)


async def test_a_confirmed_address_of_the_domain_joins_at_once_where_the_company_wants_it(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme(joining=JoiningBy.AT_ONCE)
    nora = await register(visit, search_engine, nora_mail, "Blauer-Otter")
    assert await company_of(nora) == acme.id
    stranger = await register(visit, search_engine, "eve@notacme.example", "Stiller-Bach")
    assert await company_of(stranger) is None


async def test_where_the_company_decides_nobody_is_shown_to_it_before_they_ask(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    nora = await register(visit, search_engine, nora_mail, "Blauer-Otter")
    assert await list_waiting(acme.id) == []
    member = await visit(nora)
    page = (await member.get("/settings/company")).text
    assert "They see your mail address" in page
    assert (await member.post("/settings/company/join")).status_code == 303
    assert [one.mail for one in await list_waiting(acme.id)] == [nora_mail]
    assert await company_of(nora) is None


async def test_approval_takes_effect_at_a_random_moment_and_shows_no_nickname(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    boss = await visit(await make_colleague(acme, BOSS_MAIL, administrator=True))
    nora = await make_colleague(None, nora_mail, nickname="Blauer-Otter")
    await (await visit(nora)).post("/settings/company/join")
    page = (await boss.get(COLLEAGUES)).text
    assert nora_mail in page
    assert "Blauer-Otter" not in page
    (waiting,) = await list_waiting(acme.id)
    assert (await boss.post(f"{COLLEAGUES}/waiting/{waiting.id}/approve")).status_code == 303
    assert nora_mail not in (await boss.get(COLLEAGUES)).text
    fact = await OutboxFact.get(name="company.joining_due")
    assert (fact.due_at - fact.created_at).total_seconds() <= 24 * 3600
    await deliver_a_day_later(search_engine)
    assert await company_of(nora) == acme.id
    assert [mail.subject for mail in await mails_to(nora_mail)] == ["You take part for your company now"]


async def test_refusing_leaves_everything_as_it_is_and_says_so_by_mail(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    boss = await visit(await make_colleague(acme, BOSS_MAIL, administrator=True))
    nora = await make_colleague(None, nora_mail)
    await membership.join_by_domain(nora.id)
    (waiting,) = await list_waiting(acme.id)
    assert (await boss.post(f"{COLLEAGUES}/waiting/{waiting.id}/refuse")).status_code == 303
    assert (await boss.post(f"{COLLEAGUES}/waiting/{waiting.id}/approve")).status_code == 404
    await deliver_a_day_later(search_engine)
    assert await company_of(nora) is None
    assert [mail.subject for mail in await mails_to(nora_mail)] == ["Your company has not agreed"]


async def test_an_administrator_decides_about_their_own_company_only(cast: Cast, visit: Visit) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    await membership.join_by_domain((await make_colleague(None, nora_mail)).id)
    (waiting,) = await list_waiting(acme.id)
    other = await visit(
        await make_colleague(await make_company("Bravo"), "b@bravo.example", administrator=True)
    )
    plain = await visit(await make_colleague(acme, "plain@acme.example"))
    for client in (other, plain):
        for step in ("approve", "refuse"):
            assert (await client.post(f"{COLLEAGUES}/waiting/{waiting.id}/{step}")).status_code == 404
    assert (await plain.get(COLLEAGUES)).status_code == 404
    for path in ("invite", "codes", "offboard", "domains"):
        assert (await plain.post(f"{COLLEAGUES}/{path}", data={"mail": nora_mail})).status_code == 404
    assert len(await list_waiting(acme.id)) == 1


async def test_leaving_is_one_step_for_colleagues_and_warns_whoever_acts_for_the_company(
    cast: Cast, visit: Visit
) -> None:
    nora_mail = new_address()
    acme = await make_acme()
    nora, boss = (
        await make_colleague(acme, nora_mail),
        await make_colleague(acme, BOSS_MAIL, administrator=True),
    )
    await (await visit(nora)).post("/settings/company/leave")
    assert await company_of(nora) is None
    client = await visit(boss)
    for step in ("step-down", "leave"):
        warned = await client.post(f"/settings/company/{step}")
        assert warned.status_code == 422
        assert "nobody can invite" in warned.text
    await client.post("/settings/company/step-down", data={"sure": "1"})
    assert await belonging_of(boss) == Belonging(acme.id, is_administrator=False)


@pytest.mark.each_database
async def test_a_domain_belongs_to_one_company(db: Dialect, cast: Cast) -> None:
    await make_acme()
    other = await make_company("Bravo")
    with pytest.raises(RuleBroken):
        await add_domain(other.id, "ACME.example.", by=await viewer_for(cast.administrator))
    with pytest.raises(NotFound):
        await add_domain(4711, "new.example", by=await viewer_for(cast.administrator))


@pytest.mark.each_database
async def test_joining_another_company_by_single_sign_on_leaves_the_one_before(db: Dialect) -> None:
    acme, bravo = await make_acme(), await make_company("Bravo")
    boss = await make_colleague(acme, BOSS_MAIL, administrator=True)
    person = await get_person(boss.id)
    await join_company(person.account_id, acme.id)
    assert (await get_person(boss.id)).is_administrator, "joining again changes nothing"
    await join_company(person.account_id, bravo.id)
    assert not (await get_person(boss.id)).is_administrator
    assert [company_of_joining(row) for row in await fetch("SELECT * FROM vault_joinings")] == [bravo.id]
    facts = await OutboxFact.filter(name="company.membership_changed")
    assert [fact.payload for fact in facts] == [{"account_id": person.account_id}]


async def test_staff_belong_to_no_company(cast: Cast, visit: Visit) -> None:
    await make_acme(joining=JoiningBy.AT_ONCE)
    client = await visit(cast.moderator)
    assert "Staff belong to no" in (await client.get("/settings/company")).text
    assert (await client.post("/settings/company/join")).status_code == 403
    assert (await client.post("/settings/company/code", data={"code": "AAAA"})).status_code == 403


@pytest.mark.parametrize(
    "count,text",
    [(0, "fewer than 5"), (4, "fewer than 5"), (5, "at least 5"), (9, "at least 5"), (10, "at least 10")],
)
def test_figures_begin_at_five_and_are_rounded_down(count: int, text: str) -> None:
    assert shown_count(count) == text


def test_what_can_be_a_companys_domain() -> None:
    for typed in ("acme.example", " @Acme.Example ", "nora@acme.example", "müller-bau.example"):
        assert problem_with_domain(typed) is None
    for typed in (
        "",
        "acme",
        "acme..example",
        "-acme.example",
        "192.0.2.1",
        "a b.example",
        *sorted(FREE_MAIL)[:9],
    ):
        assert problem_with_domain(typed)
    assert "Anybody can have an address" in (problem_with_domain("GMX.de") or "")
    assert all(problem_with_domain(domain) for domain in FREE_MAIL)
