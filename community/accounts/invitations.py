"""Invitations into groups that go to a mail address: bound to it, good for one use.

Nothing here asks whether an address has an account, and nothing tells whoever invited what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from community.accounts import vault
from community.accounts.links import LinkEnded, Purpose, hash_of, new_nonce
from community.accounts.models import MailInvitation
from community.core import outbox
from community.core.clock import now
from community.core.db import as_time, execute, execute_returning, fetch, fetch_one, in_transaction, random_id
from community.core.rows import insert
from community.core.vault_keys import token_hash
from community.sanctions.queries import demand_may_write

LASTS = timedelta(days=14)
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class OwnMailInvitation:
    """What somebody has typed to invite others, for nobody but them; never whether it was used."""

    id: int
    mail: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class FoundInvitation:
    """What a mailed link opens for the one person it was sent to."""

    group_id: int
    invited_by: int


async def invite_by_mail(group_id: int, mail: str, *, by: int, language: str) -> None:
    """Owe an invitation to this address: the same rows for every address."""
    invitation_id, nonce, moment = random_id(), new_nonce(), now()
    async with in_transaction():
        await demand_may_write(by, None)
        await insert(
            MailInvitation,
            id=invitation_id,
            group_id=group_id,
            invited_by=by,
            mail_hash=vault.mail_hash(mail, vault.GROUP_INVITATION_MAIL),
            mail_encrypted=vault.seal(mail, vault.GROUP_INVITATION_MAIL, invitation_id),
            language=language,
            nonce=nonce,
            token_hash=hash_of(Purpose.GROUP_INVITATION, nonce),
            created_at=moment,
            expires_at=moment + LASTS,
        )
        await outbox.record("group.invited_by_mail", invitation_id=invitation_id, group_id=group_id)


async def list_own_mail_invitations(group_id: int, member_id: int) -> list[OwnMailInvitation]:
    """Those of this member that have not ended, used or not, the newest first."""
    rows = await fetch(
        """SELECT id, mail_encrypted, expires_at FROM vault_mail_invitations
        WHERE group_id = :group AND invited_by = :by AND expires_at > :now
        ORDER BY created_at DESC, id LIMIT :most""",
        {"group": group_id, "by": member_id, "now": now(), "most": MOST_LISTED},
    )
    return [
        OwnMailInvitation(
            row["id"],
            vault.unseal(row["mail_encrypted"], vault.GROUP_INVITATION_MAIL, row["id"]),
            as_time(row["expires_at"]) or now(),
        )
        for row in rows
    ]


async def withdraw_mail_invitation(group_id: int, invitation_id: int, *, by: int) -> None:
    """Let it open nothing any more; the same for one that was used."""
    await execute(
        "DELETE FROM vault_mail_invitations WHERE id = :id AND group_id = :group AND invited_by = :by",
        {"id": invitation_id, "group": group_id, "by": by},
    )


async def find_mail_invitation(token: str, member_id: int) -> FoundInvitation | None:
    """What a link opens for this member, without using it up; nothing if it went to another address."""
    row = await fetch_one(
        """SELECT group_id, invited_by FROM vault_mail_invitations WHERE token_hash = :hash
        AND mail_hash IN (:mine) AND NOT is_used AND expires_at > :now""",
        {"hash": token_hash(token), "mine": await _own_hashes(member_id), "now": now()},
    )
    return FoundInvitation(**row) if row else None


async def use_mail_invitation(token: str, member_id: int) -> None:
    """Use it up, inside the transaction of what it allows. Of two at once only one succeeds. Raises LinkEnded."""
    rows = await execute_returning(
        """UPDATE vault_mail_invitations SET is_used = :yes WHERE token_hash = :hash
        AND mail_hash IN (:mine) AND NOT is_used AND expires_at > :now RETURNING id""",
        {"yes": True, "hash": token_hash(token), "mine": await _own_hashes(member_id), "now": now()},
    )
    if not rows:
        raise LinkEnded


async def _own_hashes(member_id: int) -> tuple[str, ...]:
    row = await fetch_one(
        "SELECT id, mail_encrypted FROM vault_accounts WHERE member_id = :member", {"member": member_id}
    )
    # Found by the address itself: the hash of the same address is another one in each table.
    if row is None:
        return ()
    mail = vault.unseal(row["mail_encrypted"], vault.ACCOUNT_MAIL, row["id"])
    return vault.mail_hashes(mail, vault.GROUP_INVITATION_MAIL)


async def forget_ended_mail_invitations() -> None:
    """Remove invitations that have ended, and with them the addresses they went to."""
    await MailInvitation.filter(expires_at__lt=now()).delete()
