"""Which company an account belongs to, and whether its owner acts for it: one sealed value for each account.

It is the one place that reads and writes it. Nothing in the database says who are colleagues, so whoever has a copy
and no key cannot find out; and the database cannot look for them either. One account is found at once. All accounts
of a company are found by opening the values of all accounts, which the worker does, and the preview of a segment.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from community.accounts import vault
from community.core.db import Row, dialect, execute, fetch, fetch_one
from community.core.errors import NotFound

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Belonging:
    """How an account stands to companies."""

    company_id: int | None = None
    is_administrator: bool = False


def sealed(belonging: Belonging, account_id: int) -> str:
    """The value to store: never empty and of one length, also for whoever belongs to no company."""
    text = f"{belonging.company_id or 0} {int(belonging.is_administrator)}"
    return vault.seal(text, vault.ACCOUNT_BELONGING, account_id)


def opened(stored: str, account_id: int) -> Belonging:
    """What `sealed` was given."""
    company, _space, administrator = vault.unseal(stored, vault.ACCOUNT_BELONGING, account_id).partition(" ")
    return Belonging(int(company or 0) or None, administrator == "1")


async def get_belonging(account_id: int, *, locked: bool = False) -> Belonging:
    """Of one account. With `locked`, in a transaction that writes it anew. Raises NotFound."""
    lock = "FOR NO KEY UPDATE" if locked and dialect() == "postgresql" else ""
    row = await fetch_one(
        f"SELECT belonging_encrypted FROM vault_accounts WHERE id = :id {lock}",  # noqa: S608
        {"id": account_id},
    )
    if row is None:
        raise NotFound
    return opened(row["belonging_encrypted"], account_id)


async def set_belonging(account_id: int, belonging: Belonging) -> None:
    """Write it down. Called inside a transaction."""
    await execute(
        "UPDATE vault_accounts SET belonging_encrypted = :sealed WHERE id = :id",
        {"sealed": sealed(belonging, account_id), "id": account_id},
    )


async def walk_accounts(
    condition: str = "1 = 1", *, joined: str = ""
) -> AsyncIterator[list[tuple[int, int | None]]]:
    """All accounts and their companies, batch by batch in the order of their numbers, which says nothing.

    `condition` and `joined` are SQL of ours over the account, `a`. Values are opened beside the event loop.
    """
    last = -1
    while rows := await fetch(
        f"""SELECT a.id, a.belonging_encrypted FROM vault_accounts a {joined}
        WHERE a.id > :last AND {condition} ORDER BY a.id LIMIT {BATCH}""",  # noqa: S608
        {"last": last},
    ):
        last = rows[-1]["id"]
        yield await asyncio.to_thread(_opened_all, rows)


def _opened_all(rows: Sequence[Row]) -> list[tuple[int, int | None]]:
    return [(row["id"], opened(row["belonging_encrypted"], row["id"]).company_id) for row in rows]


async def count_by_company(condition: str = "1 = 1", *, joined: str = "") -> Counter[int | None]:
    """How many accounts each company has, of those for which the condition holds."""
    counts: Counter[int | None] = Counter()
    async for accounts in walk_accounts(condition, joined=joined):
        counts.update(company_id for _account_id, company_id in accounts)
    return counts
