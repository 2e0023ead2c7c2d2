"""What ends in the vault with a suspension or a ban, and who must not come back under another nickname.

Called by `community.moderation.sanctioning`, inside the transaction that imposes or lifts the sanction.
"""

from __future__ import annotations

from community.accounts import links, vault
from community.accounts.log_in_steps import void_steps
from community.accounts.models import Account, Ban
from community.core.db import execute, fetch, fetch_one, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.vault_keys import derive_token, normalised_address
from community.settings import settings


class Banned(RuleBroken):
    """Said only to whoever has shown that the address, or the log-in at the provider, is theirs."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "An account of yours has been banned for good, so you cannot register again. You can object to that."
            )
        )


async def shut_out(member_id: int) -> None:
    """End all log-ins of a member, those under way too, and void every link by which they could get in again."""
    row = await fetch_one("SELECT id FROM vault_accounts WHERE member_id = :id", {"id": member_id})
    if row is None:
        return
    await void_steps(row["id"])
    await links.void_links(row["id"])
    await execute("DELETE FROM vault_sessions WHERE account_id = :id", {"id": row["id"]})


async def keep_out(member_id: int) -> None:
    """Remember by keyed hash the address and the log-ins at the provider that must open no other account."""
    account = await Account.get_or_none(member_id=member_id)
    if account is None:
        return
    mail = vault.unseal(account.mail_encrypted, vault.ACCOUNT_MAIL, account.id)
    hashes = [_hash_of_mail(mail)]
    for row in await fetch(
        "SELECT id, subject_encrypted FROM vault_sign_ons WHERE account_id = :id", {"id": account.id}
    ):
        person = vault.unseal(row["subject_encrypted"], vault.SIGN_ON_SUBJECT, row["id"])
        hashes.append(_hash_of_person(person))
    for each in hashes:
        await insert(Ban, id=random_id(), account_id=account.id, hash=each)


async def let_back(member_id: int) -> None:
    """The ban is lifted."""
    await execute(
        "DELETE FROM vault_bans WHERE account_id IN (SELECT id FROM vault_accounts WHERE member_id = :id)",
        {"id": member_id},
    )


async def is_kept_out(mail: str) -> bool:
    """Whether the address is one of a banned account, which may be erased by now."""
    return await _is_known(_hash_of_mail(mail))


async def demand_may_open(account_id: int | None, *, mail: str = "", person: str = "") -> None:
    """Raise Banned where address or person belong to another account that was banned."""
    hashes = [_hash_of_mail(mail)] if mail else []
    hashes += [_hash_of_person(person)] if person else []
    if await _is_known(*hashes, but_for=account_id):
        raise Banned


async def _is_known(*hashes: str, but_for: int | None = None) -> bool:
    row = await fetch_one(
        """SELECT 1 AS found FROM vault_bans WHERE hash IN (:hashes)
        AND (account_id IS NULL OR account_id <> :but_for)""",
        {"hashes": list(hashes), "but_for": but_for or 0},
    )
    return row is not None


def _hash_of_mail(mail: str) -> str:
    return _hash("address", normalised_address(mail))


def _hash_of_person(person: str) -> str:
    return _hash("person", person)


def _hash(sort: str, value: str) -> str:
    """Keyed by SECRET_KEY and not by the keys of the vault: what is hashed is kept nowhere, so it could not be hashed
    anew when these are replaced. No other table holds the same."""
    return derive_token(settings.secret_key, f"banned {sort}", value)
