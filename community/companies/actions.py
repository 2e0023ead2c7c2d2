"""Customer organisations: made and changed by staff, who see names, and never who belongs to them."""

from __future__ import annotations

from dataclasses import dataclass

from community.accounts import vault
from community.accounts.belonging import count_by_company
from community.companies.models import Company, CompanyDomain
from community.companies.rules import COUNTED_EVERY, JoiningBy, domain_address
from community.core import outbox
from community.core.clock import now
from community.core.db import (
    execute,
    execute_many,
    fetch,
    fetch_one,
    in_transaction,
    is_unique_violation,
    random_id,
)
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log


@dataclass(frozen=True, slots=True)
class CompanyWish:
    """A company as the form of administration says it; lengths were checked."""

    name: str
    contract_number: str = ""
    size_class: str = ""
    joining: JoiningBy = JoiningBy.APPROVAL


async def add_company(name: str, *, contract_number: str = "", size_class: str = "") -> int:
    """A customer organisation that somebody has checked; its id."""
    company_id = random_id()
    await insert(
        Company,
        id=company_id,
        name_encrypted=vault.seal(name, vault.COMPANY_NAME, company_id),
        contract_number_encrypted=vault.seal(contract_number, vault.COMPANY_CONTRACT_NUMBER, company_id),
        size_class=size_class,
        created_at=now(),
    )
    return company_id


async def make_company(wish: CompanyWish, *, by: Viewer) -> int:
    """Add a company and log it; its id."""
    async with in_transaction():
        company_id = await add_company(
            wish.name.strip(), contract_number=wish.contract_number.strip(), size_class=wish.size_class
        )
        await execute(
            "UPDATE vault_companies SET joining = :joining WHERE id = :id",
            {"joining": str(wish.joining), "id": company_id},
        )
        await log("make_company", f"company:{company_id}", by=by, reason="")
    return company_id


async def change_company(company_id: int, wish: CompanyWish, *, by: Viewer) -> None:
    """Put other details in the place of those that are kept. Raises NotFound."""
    async with in_transaction():
        changed = await execute(
            """UPDATE vault_companies SET name_encrypted = :name, contract_number_encrypted = :number,
            size_class = :size, joining = :joining WHERE id = :id""",
            {
                "name": vault.seal(wish.name.strip(), vault.COMPANY_NAME, company_id),
                "number": vault.seal(wish.contract_number.strip(), vault.COMPANY_CONTRACT_NUMBER, company_id),
                "size": wish.size_class,
                "joining": str(wish.joining),
                "id": company_id,
            },
        )
        if not changed:
            raise NotFound
        await log("change_company", f"company:{company_id}", by=by, reason="")
        await outbox.record("company.changed", company_id=company_id)


async def choose_joining(company_id: int, joining: JoiningBy) -> None:
    """What a company's own administrators decide: whether its mail domains open the way in."""
    await execute(
        "UPDATE vault_companies SET joining = :joining WHERE id = :id",
        {"joining": str(joining), "id": company_id},
    )


async def add_domain(company_id: int, typed: str, *, by: Viewer) -> None:
    """Let addresses of this domain be the company's. Raises RuleBroken where it is another's, NotFound.

    What can be a domain (`rules.problem_with_domain`) has been checked.
    """
    domain = domain_address(typed)
    try:
        async with in_transaction():
            if (
                await fetch_one("SELECT 1 AS found FROM vault_companies WHERE id = :id", {"id": company_id})
                is None
            ):
                raise NotFound
            if await find_company_of_domain(domain) is not None:
                raise RuleBroken(_("This domain belongs to a company already."))
            await give_domain(company_id, domain)
            await log("add_company_domain", f"company:{company_id}", by=by, reason="")
    except Exception as error:
        if is_unique_violation(error):
            raise RuleBroken(_("This domain belongs to a company already.")) from None
        raise


async def give_domain(company_id: int, domain: str) -> None:
    """The row alone: that the domain is free, and a company's, is known."""
    domain_id = random_id()
    await insert(
        CompanyDomain,
        id=domain_id,
        company_id=company_id,
        mail_hash=vault.mail_hash(domain, vault.COMPANY_DOMAIN),
        mail_encrypted=vault.seal(domain, vault.COMPANY_DOMAIN, domain_id),
    )


async def find_company_of_domain(domain: str) -> int | None:
    """Whose domain this is ("@acme.example")."""
    row = await fetch_one(
        "SELECT company_id FROM vault_company_domains WHERE mail_hash IN (:hashes)",
        {"hashes": vault.mail_hashes(domain, vault.COMPANY_DOMAIN)},
    )
    return int(row["company_id"]) if row else None


async def remove_domain(company_id: int, domain_id: int, *, by: Viewer) -> None:
    """Take a domain away from its company; whoever came by it stays."""
    async with in_transaction():
        removed = await execute(
            "DELETE FROM vault_company_domains WHERE id = :id AND company_id = :company",
            {"id": domain_id, "company": company_id},
        )
        if not removed:
            raise NotFound
        await log("remove_company_domain", f"company:{company_id}", by=by, reason="")


async def count_colleagues() -> None:
    """Count anew, for every company once a week: a figure that moved at once would tell who has come or gone."""
    moment = now()
    due = await fetch(
        "SELECT id FROM vault_companies WHERE counted_at IS NULL OR counted_at < :before",
        {"before": moment - COUNTED_EVERY},
    )
    if not due:
        return
    counts = await count_by_company()
    async with in_transaction():
        await execute_many(
            "UPDATE vault_companies SET counted_at = :now, colleague_count = :count WHERE id = :id",
            [{"now": moment, "count": counts[row["id"]], "id": row["id"]} for row in due],
        )
