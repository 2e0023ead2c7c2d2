"""The company that the log-in provider names: found or made, and joined. The provider's word counts as a decision.

A company that is here already is joined at once. One that is not comes to be at a moment of chance within a day, or
whoever watches the list of companies could tell whose company it is.
"""

from __future__ import annotations

from community.accounts import sign_ons, vault
from community.companies.actions import add_company
from community.companies.membership import follow_provider
from community.companies.rules import LONGEST_NUMBER, random_delay
from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch, fetch_one, in_transaction, random_id
from community.core.outbox import Fact
from community.decisions.actions import log_for_nobody


async def follow_claim(account_id: int) -> bool:
    """Let the account belong to the company that the provider named last, if it named one.

    Whether it belongs to no other one now: what the provider says of a company is not true of another.
    """
    number, name = await sign_ons.get_claimed_company(account_id)
    if not (number or name):
        return True
    async with in_transaction():
        company_id = await _find_company(number, name)
        if company_id is not None:
            return await follow_provider(account_id, company_id)
        await outbox.record_for_later(
            "company.claim_due", due_at=now() + random_delay(), account_id=account_id
        )
    return False


async def carry_out_claim(fact: Fact) -> None:
    """Make the company unless somebody was quicker, and let the account belong to it."""
    number, name = await sign_ons.get_claimed_company(fact["account_id"])
    if not (number or name):
        return
    async with in_transaction():
        company_id = await _find_company(number, name)
        if company_id is None:
            company_id = await add_company(name or number, contract_number=number[:LONGEST_NUMBER])
            await _remember(company_id, number, name)
            await log_for_nobody("make_company", f"company:{company_id}")
        await follow_provider(fact["account_id"], company_id)


async def _find_company(number: str, name: str) -> int | None:
    """By what the provider called it before; else by contract number, or by name where there is no number."""
    row = await fetch_one(
        "SELECT company_id FROM vault_company_claims WHERE claim_hash IN (:hashes)",
        {"hashes": vault.company_claim_hashes(_claim(number, name))},
    )
    if row is not None:
        return int(row["company_id"])
    column, place, wanted = (
        ("contract_number_encrypted", vault.COMPANY_CONTRACT_NUMBER, number)
        if number
        else ("name_encrypted", vault.COMPANY_NAME, name)
    )
    rows = await fetch(f"SELECT id, {column} AS sealed FROM vault_companies WHERE {column} <> ''")  # noqa: S608
    found = [
        row["id"] for row in rows if _folded(vault.unseal(row["sealed"], place, row["id"])) == _folded(wanted)
    ]
    # Two of one name: which of them is meant, staff have to say.
    if len(found) != 1:
        return None
    await _remember(found[0], number, name)
    return int(found[0])


async def _remember(company_id: int, number: str, name: str) -> None:
    """Two colleagues at once write the same."""
    claim, row_id = _claim(number, name), random_id()
    await execute(
        """INSERT INTO vault_company_claims (id, company_id, claim_hash, claim_encrypted)
        VALUES (:id, :company, :hash, :sealed) ON CONFLICT (claim_hash) DO NOTHING""",
        {
            "id": row_id,
            "company": company_id,
            "hash": vault.company_claim_hashes(claim)[0],
            "sealed": vault.seal(claim, vault.COMPANY_CLAIM, row_id),
        },
    )


def _claim(number: str, name: str) -> str:
    return f"number:{_folded(number)}" if number else f"name:{_folded(name)}"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
