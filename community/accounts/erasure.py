"""The vault's part of erasing a member, and what is still known until everything about them is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from community.accounts import vault
from community.accounts.models import Erasure
from community.accounts.sign_ons import forget_arrivals_of
from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch_one, random_id
from community.core.errors import NotFound
from community.core.rows import insert

ANOTHER_ROUND_AFTER = timedelta(minutes=15)
"""Longer than any text takes from being looked at to being saved."""
MAIL_KEPT_FOR = timedelta(days=7)
"""When the last mail could not be sent by then, its address is forgotten too."""


@dataclass(frozen=True, slots=True)
class OpenErasure:
    """An erasure whose mentions are still being replaced."""

    id: int
    nickname: str
    place: str


async def erase_account(member_id: int, *, nickname: str, language: str) -> int:
    """Delete the account with everything that hangs on it; the id of the erasure. Called inside a transaction."""
    row = await fetch_one(
        "SELECT id, mail_encrypted FROM vault_accounts WHERE member_id = :id", {"id": member_id}
    )
    if row is None:
        raise NotFound
    mail = vault.unseal(row["mail_encrypted"], vault.ACCOUNT_MAIL, row["id"])
    erasure_id = random_id()
    await insert(
        Erasure,
        id=erasure_id,
        member_id=member_id,
        erased_at=now(),
        language=language,
        mail_encrypted=vault.seal(mail, vault.ERASURE_MAIL, erasure_id),
        nickname_encrypted=vault.seal(nickname, vault.ERASURE_NICKNAME, erasure_id),
    )
    await execute(
        "DELETE FROM vault_registrations WHERE mail_hash IN (:hashes)",
        {"hashes": vault.mail_hashes(mail, vault.REGISTRATION_MAIL)},
    )
    await execute(
        "DELETE FROM vault_invitations WHERE mail_hash IN (:hashes)",
        {"hashes": vault.mail_hashes(mail, vault.INVITATION_MAIL)},
    )
    await execute(
        "DELETE FROM vault_mail_invitations WHERE invited_by = :id OR mail_hash IN (:hashes)",
        {"id": member_id, "hashes": vault.mail_hashes(mail, vault.GROUP_INVITATION_MAIL)},
    )
    await execute(
        "UPDATE vault_invitations SET maker_hash = '', maker_encrypted = '' WHERE maker_hash IN (:hashes)",
        {"hashes": vault.invitation_maker_hashes(row["id"])},
    )
    await forget_arrivals_of(row["id"])
    # Sessions, links, consents and how the account came to its company go with it. That a company has off-boarded
    # an address stays sealed, or whoever was would come back by erasing themselves.
    await execute("DELETE FROM vault_accounts WHERE id = :id", {"id": row["id"]})
    await outbox.forget_naming(row["id"])
    # That an identity was shown, when, and by whose decision is kept by law; what was written about it is not.
    await execute(
        "UPDATE vault_reveals SET reason = '', reference = '', silence_reason = '' WHERE member_id = :id",
        {"id": member_id},
    )
    await outbox.record("account.erased", erasure_id=erasure_id)
    return erasure_id


async def find_erased_member(erasure_id: int) -> int | None:
    row = await fetch_one("SELECT member_id FROM vault_erasures WHERE id = :id", {"id": erasure_id})
    return int(row["member_id"]) if row else None


async def find_open_erasure() -> OpenErasure | None:
    """The oldest erasure that has something to do now."""
    row = await fetch_one(
        """SELECT id, nickname_encrypted, place FROM vault_erasures
        WHERE done_at IS NULL AND (again_at IS NULL OR again_at <= :now) ORDER BY erased_at, id LIMIT 1""",
        {"now": now()},
    )
    if row is None:
        return None
    nickname = vault.unseal(row["nickname_encrypted"], vault.ERASURE_NICKNAME, row["id"])
    return OpenErasure(row["id"], nickname, row["place"])


async def note_place(erasure_id: int, place: str, *, again_at: datetime | None = None) -> None:
    """How far the mentions have been replaced; nothing before it is looked at again in this round."""
    await execute(
        "UPDATE vault_erasures SET place = :place, again_at = :again WHERE id = :id AND done_at IS NULL",
        {"place": place, "again": again_at, "id": erasure_id},
    )


async def end_erasure(erasure_id: int) -> None:
    """Forget the nickname: it stands nowhere any more."""
    await execute(
        """UPDATE vault_erasures SET done_at = COALESCE(done_at, :now), nickname_encrypted = '', place = ''
        WHERE id = :id""",
        {"now": now(), "id": erasure_id},
    )


async def forget_mail(erasure_id: int) -> None:
    """The last mail is sent: its address is forgotten."""
    await execute("UPDATE vault_erasures SET mail_encrypted = '' WHERE id = :id", {"id": erasure_id})


async def forget_unsent_mails() -> None:
    """Addresses of those to whom the last mail could not be sent for a week."""
    await execute(
        "UPDATE vault_erasures SET mail_encrypted = '' WHERE mail_encrypted <> '' AND erased_at < :before",
        {"before": now() - MAIL_KEPT_FOR},
    )
