"""The company that the log-in provider names."""

from __future__ import annotations

import asyncio

import pytest

from community.accounts import sign_ons, vault
from community.accounts.models import Account
from community.accounts.sign_ons import Vouched
from community.companies import membership
from community.companies.claims import follow_claim
from community.companies.models import Company, CompanyClaim
from community.core.db.connection import Dialect
from community.core.models import OutboxFact
from community.decisions.models import LogEntry
from community.members.models import Member
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.companies.colleagues import (
    act_for_company,
    belonging_of,
    company_of,
    count_colleagues_of,
    deliver_a_day_later,
)
from tests.factories import make_account, make_company, make_member

ISSUER = "https://log-in.example"


async def linked(member: Member, mail: str = "", **claims: str) -> Account:
    """The member's account, linked with somebody of whom the provider says this."""
    account = await Account.get_or_none(member_id=member.id) or await make_account(member, mail=mail)
    vouched = Vouched(ISSUER, f"subject of {member.id}", **claims)  # type: ignore[arg-type]
    await sign_ons.link(member.id, vouched)
    known = await sign_ons.find_sign_on(vouched)
    assert known is not None
    await sign_ons.note_claims(known.id, vouched)
    return account


async def names() -> list[str]:
    return sorted(
        vault.unseal(row.name_encrypted, vault.COMPANY_NAME, row.id) for row in await Company.filter()
    )


@pytest.mark.each_database
async def test_a_company_that_is_here_is_joined_by_its_name_at_once(cast: Cast) -> None:
    company = await make_company("ACME  Werke AG")
    account = await linked(cast.asker, company="Acme Werke ag")
    await follow_claim(account.id)
    assert await company_of(cast.asker) == company.id
    # Staff write the name in another way: what the provider calls it leads here all the same.
    sealed = vault.seal("Acme Holding", vault.COMPANY_NAME, company.id)
    await Company.filter(id=company.id).update(name_encrypted=sealed)
    other = await linked(cast.helper, company="acme werke AG")
    await follow_claim(other.id)
    assert await company_of(cast.helper) == company.id
    assert await CompanyClaim.all().count() == 1


@pytest.mark.each_database
async def test_an_unknown_company_comes_to_be_at_a_moment_of_chance(
    cast: Cast, search_engine: SearchEngine
) -> None:
    account = await linked(cast.asker, company="Qxznew GmbH", company_id="Qxz-17")
    await follow_claim(account.id)
    await deliver(search_engine)
    assert await names() == []
    assert await company_of(cast.asker) is None
    fact = await OutboxFact.get(name="company.claim_due")
    assert "Qxz" not in str(fact.payload)

    await deliver_a_day_later(search_engine)
    assert await names() == ["Qxznew GmbH"]
    company = await Company.get()
    assert await company_of(cast.asker) == company.id
    number = vault.unseal(company.contract_number_encrypted, vault.COMPANY_CONTRACT_NUMBER, company.id)
    assert number == "Qxz-17"
    entry = await LogEntry.get(act="make_company")
    assert (entry.actor_id, entry.actor_name, entry.subject) == (None, "", f"company:{company.id}")


async def test_two_colleagues_of_an_unknown_company_make_one(cast: Cast, search_engine: SearchEngine) -> None:
    for member in (cast.asker, cast.helper):
        await follow_claim((await linked(member, company="Qxznew GmbH")).id)
    await deliver_a_day_later(search_engine)
    assert await names() == ["Qxznew GmbH"]
    assert await company_of(cast.asker) == await company_of(cast.helper) is not None


async def test_two_companies_of_one_name_are_left_to_staff(cast: Cast) -> None:
    for _each in range(2):
        await make_company("Müller GmbH")
    await follow_claim((await linked(cast.asker, company="Müller GmbH")).id)
    assert await company_of(cast.asker) is None


async def test_a_number_is_looked_for_among_numbers_alone(cast: Cast) -> None:
    await make_company("4711")
    await follow_claim((await linked(cast.asker, company_id="4711", company="4711")).id)
    assert await company_of(cast.asker) is None


async def test_who_was_off_boarded_stays_out(cast: Cast, search_engine: SearchEngine) -> None:
    company = await make_company("Acme Werke AG")
    account = await linked(cast.asker, mail="erika@acme.example", company="Acme Werke AG")
    await follow_claim(account.id)
    await membership.offboard(company.id, "erika@acme.example", language="en", at_once=True)
    await deliver_a_day_later(search_engine)
    assert await company_of(cast.asker) is None
    await follow_claim(account.id)
    assert await company_of(cast.asker) is None


async def test_who_has_become_staff_meanwhile_joins_nobody(cast: Cast, search_engine: SearchEngine) -> None:
    await follow_claim((await linked(cast.asker, company="Qxznew GmbH")).id)
    await Member.filter(id=cast.asker.id).update(role="moderator")
    await deliver_a_day_later(search_engine)
    assert await company_of(cast.asker) is None


async def test_another_company_takes_the_place_of_the_first(cast: Cast) -> None:
    first, second = await make_company("Acme"), await make_company("Beta")
    account = await linked(cast.asker, company="Acme")
    await act_for_company(account.id)
    await follow_claim(account.id)
    assert await company_of(cast.asker) == first.id
    await follow_claim((await linked(cast.asker, company="Beta")).id)
    assert await company_of(cast.asker) == second.id
    assert not (await belonging_of(cast.asker)).is_administrator


async def test_silence_about_the_company_changes_nothing(cast: Cast) -> None:
    company = await make_company("Acme")
    account = await linked(cast.asker, company="Acme")
    await follow_claim(account.id)
    await follow_claim((await linked(cast.asker)).id)
    assert await company_of(cast.asker) == company.id


@pytest.mark.each_database
async def test_many_at_once_join_one_company(fresh_database: str) -> None:
    company = await make_company("Acme")
    accounts = [await linked(await make_member(f"colleague{n}"), company="Acme") for n in range(6)]
    await asyncio.gather(*(follow_claim(account.id) for account in accounts))
    assert await count_colleagues_of(company.id) == 6
    assert await CompanyClaim.all().count() == 1


async def test_nothing_is_known_of_accounts_without_a_provider(db: Dialect) -> None:
    account = await make_account(await make_member())
    await follow_claim(account.id)
    assert await sign_ons.get_claimed_company(account.id) == ("", "")
