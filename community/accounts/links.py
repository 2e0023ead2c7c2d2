"""Links sent by mail: derived when the mail is written, found by their hash, good for one use."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from community.accounts import vault
from community.accounts.models import MailLink, Registration
from community.accounts.rules import CONFIRMATION_LASTS, MOST_MAILS_IN, RESET_LASTS
from community.core.clock import now
from community.core.db import execute, execute_returning, fetch_one, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.vault_keys import derive_token, token_hash
from community.settings import settings


class Purpose(StrEnum):
    CONFIRM = "confirm"
    """Confirm the address of a registration; the link is part of the registration."""
    RESET = "reset"
    NEW_MAIL = "new-mail"
    SAME_MAIL = "same-mail"
    """Show that mails arrive again at an address that was refused."""
    CONSENT = "consent"
    """Confirm a consent; this link and those below are part of rows of their own."""
    UNSUBSCRIBE = "unsubscribe"
    GROUP_INVITATION = "group-invitation"
    COMPANY_INVITATION = "company-invitation"
    REMINDER = "reminder"
    """Say whether one's question is solved."""
    SATISFACTION = "satisfaction"
    NOTICE = "notice"
    """See how one's report stands, without an account."""
    STATEMENT = "statement"
    """Read why one's account is suspended or banned, and object, without a log-in."""
    STOP_MAILS = "stop-mails"
    """Want no more mails about a topic, or none at all."""


LASTS: dict[Purpose, timedelta] = {
    Purpose.CONFIRM: CONFIRMATION_LASTS,
    Purpose.RESET: RESET_LASTS,
    Purpose.NEW_MAIL: CONFIRMATION_LASTS,
    Purpose.SAME_MAIL: CONFIRMATION_LASTS,
}


class LinkEnded(RuleBroken):
    """A link that was used, is too old, was replaced by a newer one, or never was one: one answer for all."""

    def __init__(self) -> None:
        super().__init__(_("This link is not valid any more. It may be too old, or it was used already."))


@dataclass(frozen=True, slots=True)
class UsedLink:
    """A link that has just been used up. Links without an account never get this far."""

    id: int
    account_id: int
    new_mail_encrypted: str


def new_nonce() -> str:
    return secrets.token_urlsafe(32)


def token_of(purpose: Purpose, nonce: str) -> str:
    """The secret part of the link's address."""
    return derive_token(settings.secret_key, purpose, nonce)


def hash_of(purpose: Purpose, nonce: str) -> str:
    """What is stored to find the link by."""
    return token_hash(token_of(purpose, nonce))


async def make_link(account_id: int | None, purpose: Purpose, *, language: str, new_mail: str = "") -> int:
    """Write down that a link is owed; its id. The mail is written later, from the stored nonce."""
    link_id, nonce, moment = random_id(), new_nonce(), now()
    await insert(
        MailLink,
        id=link_id,
        account_id=account_id,
        purpose=str(purpose),
        new_mail_encrypted=vault.seal(new_mail, vault.LINK_NEW_MAIL, link_id),
        language=language,
        nonce=nonce,
        token_hash=hash_of(purpose, nonce),
        created_at=moment,
        expires_at=moment + LASTS[purpose],
        used_at=None,
    )
    return link_id


async def find_link_member(token: str, purpose: Purpose) -> int | None:
    """Whose account a link opens, without using it up: what a scanner of mails may ask as often as it likes."""
    row = await fetch_one(
        """SELECT a.member_id FROM vault_mail_links l JOIN vault_accounts a ON a.id = l.account_id
        WHERE l.token_hash = :hash AND l.purpose = :purpose AND l.used_at IS NULL AND l.expires_at > :now""",
        {"hash": token_hash(token), "purpose": str(purpose), "now": now()},
    )
    return int(row["member_id"]) if row else None


async def use_link(token: str, purpose: Purpose) -> UsedLink:
    """Use the link up, inside the transaction of what it allows. Of two at once only one succeeds."""
    moment = now()
    rows = await execute_returning(
        """UPDATE vault_mail_links SET used_at = :now WHERE token_hash = :hash AND purpose = :purpose
        AND used_at IS NULL AND expires_at > :now AND account_id IS NOT NULL
        RETURNING id, account_id, new_mail_encrypted""",
        {"hash": token_hash(token), "purpose": str(purpose), "now": moment},
    )
    if not rows:
        raise LinkEnded
    return UsedLink(**rows[0])


async def void_links(account_id: int) -> None:
    """Make every link worthless that was sent before a change of password or address."""
    await execute(
        "UPDATE vault_mail_links SET used_at = :now WHERE account_id = :account AND used_at IS NULL",
        {"now": now(), "account": account_id},
    )


async def forget_ended_links() -> None:
    """Remove links and registrations that opened nothing in time, and with these the nicknames they held.

    Not before their mails need to be counted no more.
    """
    for model in (MailLink, Registration):
        await model.filter(expires_at__lt=now() - MOST_MAILS_IN).delete()
