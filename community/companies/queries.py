"""What may be read about companies: one's own by each member, names by staff. Never who belongs to which."""

from __future__ import annotations

from dataclasses import dataclass

from community.accounts import vault
from community.companies.membership import Person, company_of_joining, find_way_by_domain
from community.companies.rules import JoiningBy
from community.core.db import fetch, fetch_one
from community.core.errors import NotFound

MOST_COMPANIES = 20_000
MOST_WAITING = 100
BATCH = 500


@dataclass(frozen=True, slots=True)
class OwnCompany:
    """How a person stands to a company, for their own page."""

    name: str
    """Of the company one belongs to, has asked, or could join; empty: there is none."""
    state: str
    """"member", "waiting", "open" (one may join at once), "on_request" or "none"."""


@dataclass(frozen=True, slots=True)
class CompanyDetails:
    """A company as staff see it."""

    id: int
    name: str
    contract_number: str
    size_class: str
    joining: JoiningBy
    domains: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class WaitingColleague:
    """Somebody who has asked their company: what its administrators decide by. There is no nickname in it."""

    id: int
    mail: str
    real_name: str


async def get_own_company(person: Person) -> OwnCompany:
    """How this person stands to a company."""
    if person.company_id is not None:
        return OwnCompany(await get_company_name(person.company_id), "member")
    waiting = await fetch_one(
        "SELECT id, company_encrypted FROM vault_joinings WHERE account_id = :id", {"id": person.account_id}
    )
    if waiting is not None:
        return OwnCompany(await get_company_name(company_of_joining(waiting)), "waiting")
    way = await find_way_by_domain(person)
    if way is None:
        return OwnCompany("", "none")
    return OwnCompany(await get_company_name(way[0]), "open" if way[1] is JoiningBy.AT_ONCE else "on_request")


async def get_company_name(company_id: int) -> str:
    """Its name, for those who belong to it or were invited."""
    row = await fetch_one("SELECT name_encrypted FROM vault_companies WHERE id = :id", {"id": company_id})
    return vault.unseal(row["name_encrypted"], vault.COMPANY_NAME, company_id) if row else ""


async def get_company(company_id: int) -> CompanyDetails:
    """One company with its domains. Raises NotFound."""
    row = await fetch_one("SELECT * FROM vault_companies WHERE id = :id", {"id": company_id})
    if row is None:
        raise NotFound
    domains = await fetch(
        "SELECT id, mail_encrypted FROM vault_company_domains WHERE company_id = :id", {"id": company_id}
    )
    named = [
        (one["id"], vault.unseal(one["mail_encrypted"], vault.COMPANY_DOMAIN, one["id"])[1:])
        for one in domains
    ]
    return CompanyDetails(
        id=company_id,
        name=vault.unseal(row["name_encrypted"], vault.COMPANY_NAME, company_id),
        contract_number=vault.unseal(
            row["contract_number_encrypted"], vault.COMPANY_CONTRACT_NUMBER, company_id
        ),
        size_class=row["size_class"],
        joining=JoiningBy(row["joining"]),
        domains=tuple(sorted(named, key=lambda one: one[1])),
    )


async def list_companies(query: str = "") -> list[tuple[int, str]]:
    """Ids and names of the companies whose name holds `query`, by name.

    Names are sealed, so the database can neither sort nor search them.
    """
    rows = await fetch(
        "SELECT id, name_encrypted FROM vault_companies ORDER BY id LIMIT :most", {"most": MOST_COMPANIES}
    )
    wanted = query.strip().casefold()
    named = [(row["id"], vault.unseal(row["name_encrypted"], vault.COMPANY_NAME, row["id"])) for row in rows]
    return sorted(
        (one for one in named if wanted in one[1].casefold()), key=lambda one: (one[1].casefold(), one[0])
    )


async def get_colleague_count(company_id: int) -> int:
    """How many took part when they were last counted. Shown by `rules.shown_count` only."""
    row = await fetch_one("SELECT colleague_count FROM vault_companies WHERE id = :id", {"id": company_id})
    return int(row["colleague_count"]) if row else 0


async def list_waiting(company_id: int) -> list[WaitingColleague]:
    """Those who wait for the company's decision, in an order that says nothing.

    Everybody is looked through who waits for any company: which it is, the database does not know.
    """
    waiting: list[int] = []
    last = -1
    while len(waiting) < MOST_WAITING and (
        batch := await fetch(
            f"""SELECT id, company_encrypted FROM vault_joinings
            WHERE id > :last AND state = 'waiting' ORDER BY id LIMIT {BATCH}""",  # noqa: S608
            {"last": last},
        )
    ):
        last = batch[-1]["id"]
        waiting += [row["id"] for row in batch if company_of_joining(row) == company_id]
    rows = await fetch(
        """SELECT j.id, j.mail_encrypted, a.id AS account_id, a.real_name_encrypted
        FROM vault_joinings j JOIN vault_accounts a ON a.id = j.account_id
        WHERE j.id IN (:ids) AND j.state = 'waiting' ORDER BY j.id""",
        {"ids": waiting[:MOST_WAITING]},
    )
    return [
        WaitingColleague(
            id=row["id"],
            mail=vault.unseal(row["mail_encrypted"], vault.JOINING_MAIL, row["id"]),
            real_name=vault.unseal(row["real_name_encrypted"], vault.ACCOUNT_REAL_NAME, row["account_id"]),
        )
        for row in rows
    ]
