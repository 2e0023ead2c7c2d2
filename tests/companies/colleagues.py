"""A company with a domain and people of it, for tests."""

from __future__ import annotations

import itertools
from datetime import timedelta

import time_machine

from community.accounts.belonging import Belonging, count_by_company, get_belonging, set_belonging
from community.accounts.models import Account
from community.companies.actions import add_company, add_domain
from community.companies.models import Company
from community.companies.rules import JoiningBy
from community.core.clock import now
from community.members.models import Member
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.factories import make_account, make_member, viewer_for

BOSS_MAIL = "boss@acme.example"
_numbers = itertools.count(1)


def new_address(domain: str = "acme.example") -> str:
    """An address that no other test writes to: mails of all tests lie in one box."""
    return f"nora{next(_numbers)}@{domain}"


async def make_acme(*, joining: JoiningBy = JoiningBy.APPROVAL, name: str = "Acme Werke AG") -> Company:
    """A company to which addresses at acme.example belong."""
    company = await Company.get(id=await add_company(name))
    await Company.filter(id=company.id).update(joining=str(joining))
    staff = await viewer_for(await make_member(role="administrator", staff_name="Tom B."))
    await add_domain(company.id, "acme.example", by=staff)
    return company


async def make_colleague(
    company: Company | None, mail: str, *, administrator: bool = False, nickname: str = ""
) -> Member:
    """A member with this address, of this company."""
    member = await make_member(nickname)
    account = await make_account(member, mail=mail, company=company)
    if administrator:
        await act_for_company(account.id)
    return member


async def company_of(member: Member) -> int | None:
    return (await belonging_of(member)).company_id


async def belonging_of(member: Member) -> Belonging:
    return await get_belonging((await Account.get(member_id=member.id)).id)


async def act_for_company(account_id: int) -> None:
    """Be an administrator of one's company."""
    company_id = (await get_belonging(account_id)).company_id
    await set_belonging(account_id, Belonging(company_id, is_administrator=True))


async def count_colleagues_of(company_id: int | None) -> int:
    return (await count_by_company())[company_id]


async def deliver_a_day_later(engine: SearchEngine) -> None:
    """What takes effect at a random moment within 24 hours has taken effect then."""
    with time_machine.travel(now() + timedelta(hours=25)):
        await deliver(engine)
