"""New keys for the vault while the site runs: every sealed column and every keyed hash is written anew.

It may be killed at any moment and started again. Running processes notice the new key file by themselves; until
then they write with the old key what a later pass finds and writes anew. On several machines the file has to be
the same everywhere before anything is written with the new keys: see docs/operation.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from community.accounts import vault
from community.core.db import Row, execute, fetch, fetch_one, in_transaction
from community.core.vault_keys import VaultKeys
from community.settings import settings

BATCH = 200
MAIL_HASHES = {
    "vault_accounts": vault.ACCOUNT_MAIL,
    "vault_registrations": vault.REGISTRATION_MAIL,
    "vault_company_domains": vault.COMPANY_DOMAIN,
    "vault_joinings": vault.JOINING_MAIL,
    "vault_invitations": vault.INVITATION_MAIL,
    "vault_departures": vault.DEPARTURE_MAIL,
    "vault_mail_invitations": vault.GROUP_INVITATION_MAIL,
}
"""Tables with a keyed hash of an address (`mail_hash`), and the column in which the address itself lies."""
HASHES: tuple[tuple[str, str, str, Callable[[str], tuple[str, ...]]], ...] = (
    *(
        (table, place, "mail_hash", partial(vault.mail_hashes, place=place))
        for table, place in MAIL_HASHES.items()
    ),
    ("vault_sign_ons", vault.SIGN_ON_SUBJECT, "subject_hash", vault.subject_hashes),
    ("vault_invitations", vault.INVITATION_MAKER, "maker_hash", vault.invitation_maker_hashes),
    ("vault_company_claims", vault.COMPANY_CLAIM, "claim_hash", vault.company_claim_hashes),
)
"""Every keyed hash: its table, the column of the value itself, its own column, and how it is made."""


async def add_keys() -> None:
    """Make new keys, unless some are there already that not everything is written with."""
    if not vault.keys().is_being_replaced:
        VaultKeys.add_new_keys(settings.vault_key_file)


async def rewrite_all(progress: Callable[[int], object] = lambda count: None) -> int:
    """Write everything with the newest keys, until a whole pass finds nothing; how many values were written."""
    total = 0
    while True:
        written = 0
        for place in vault.SEALED:
            written += await _rewrite(place, progress)
        for table, place, column, hashes_of in HASHES:
            written += await _hash_anew(table, place, column, hashes_of, progress)
        total += written
        if not written:
            return total


async def end(*, forget: bool) -> None:
    """Nothing needs the earlier keys any more. With `forget` they are removed: older backups cannot be read then."""
    VaultKeys.end_replacing(settings.vault_key_file, forget=forget)


async def count_values() -> int:
    """About how many values one pass looks at."""
    count = 0
    for place in vault.SEALED:
        table, column = place.split(".")
        row = await fetch_one(f"SELECT COUNT(*) AS n FROM {table} WHERE {column} <> ''")  # noqa: S608 - names of ours
        count += row["n"] if row else 0
    return count


async def _rewrite(place: str, progress: Callable[[int], object]) -> int:
    table, column = place.split(".")
    written, last = 0, -1
    while rows := await _next_rows(table, column, last):
        last = rows[-1]["id"]
        outdated = [row for row in rows if row["sealed"].split(".")[1] != vault.keys().newest]
        async with in_transaction():
            for row in outdated:
                # A value that somebody changed meanwhile is left to the next pass.
                written += await execute(
                    f"UPDATE {table} SET {column} = :new WHERE id = :id AND {column} = :old",  # noqa: S608
                    {"new": _sealed_anew(place, row), "id": row["id"], "old": row["sealed"]},
                )
        progress(len(rows))
    return written


def _sealed_anew(place: str, row: Row) -> str:
    return vault.seal(vault.unseal(row["sealed"], place, row["id"]), place, row["id"])


async def _hash_anew(
    table: str,
    place: str,
    hashed: str,
    hashes_of: Callable[[str], tuple[str, ...]],
    progress: Callable[[int], object],
) -> int:
    """Make each keyed hash anew where it is not the one that the newest keys make."""
    column = place.split(".")[1]
    written, last = 0, -1
    while rows := await _next_rows(table, column, last, hashed):
        last = rows[-1]["id"]
        async with in_transaction():
            for row in rows:
                newest = hashes_of(vault.unseal(row["sealed"], place, row["id"]))[0]
                if row[hashed] != newest:
                    written += await execute(
                        f"UPDATE {table} SET {hashed} = :new WHERE id = :id AND {hashed} = :old",  # noqa: S608
                        {"new": newest, "id": row["id"], "old": row[hashed]},
                    )
        progress(0)
    return written


async def _next_rows(table: str, column: str, last: int, *others: str) -> Sequence[Row]:
    columns = ", ".join(("id", f"{column} AS sealed", *others))
    return await fetch(
        f"SELECT {columns} FROM {table} WHERE id > :last AND {column} <> '' ORDER BY id LIMIT {BATCH}",  # noqa: S608
        {"last": last},
    )
