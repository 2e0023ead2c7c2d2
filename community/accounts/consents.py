"""Consent to marketing: asked for in plain words, confirmed by mail, recorded as proof, withdrawn in one click.

Whoever sends for a purpose asks `list_consenting` at the moment of sending: nobody gets advertising without a
confirmed consent that still stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from community.accounts import links, vault
from community.accounts.links import LinkEnded
from community.accounts.models import Consent
from community.core import outbox
from community.core.clock import now
from community.core.db import (
    Row,
    as_time,
    execute,
    execute_returning,
    fetch,
    fetch_one,
    in_transaction,
    random_id,
)
from community.core.errors import NotFound
from community.core.rows import insert
from community.core.vault_keys import token_hash

CONFIRM_WITHIN = timedelta(days=7)
"""What is not confirmed by then was never a consent, and is forgotten."""


class Purpose(StrEnum):
    NEWS = "news"
    """Announcements and offers by mail."""
    MESSAGES = "messages"
    """Offers as notifications in the community."""
    SURVEYS = "surveys"
    """Invitations to surveys and interviews."""


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One consent with all that proves it, for the member themself."""

    purpose: str
    text: str
    text_version: str
    language: str
    source: str
    asked_at: datetime
    asked_from: str
    confirmed_at: datetime | None
    confirmed_from: str
    withdrawn_at: datetime | None
    withdrawn_by: str

    @property
    def state(self) -> str:
        """ "given", "unconfirmed" or "withdrawn"."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "given" if self.confirmed_at is not None else "unconfirmed"


def version_of(text: str) -> str:
    """What a text is recognised by; another text is another version."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


async def ask_consent(
    member_id: int, purpose: Purpose, *, text: str, language: str, source: str, place: str
) -> None:
    """Write down that a member agrees to `text`, and owe them the mail that confirms it.

    `place` is the address of the net. A request that still waits is replaced, a consent that stands is kept until
    the new one is confirmed.
    """
    account = await fetch_one("SELECT id FROM vault_accounts WHERE member_id = :id", {"id": member_id})
    if account is None:
        raise NotFound
    consent_id, nonce, moment = random_id(), links.new_nonce(), now()
    async with in_transaction():
        await execute(
            """DELETE FROM vault_consents
            WHERE account_id = :account AND purpose = :purpose AND confirmed_at IS NULL""",
            {"account": account["id"], "purpose": str(purpose)},
        )
        await insert(
            Consent,
            id=consent_id,
            account_id=account["id"],
            purpose=str(purpose),
            text=text,
            text_version=version_of(text),
            language=language,
            source=source,
            asked_at=moment,
            asked_from_encrypted=vault.seal(place, vault.CONSENT_ASKED_FROM, consent_id),
            nonce=nonce,
            token_hash=links.hash_of(links.Purpose.CONSENT, nonce),
            unsubscribe_hash=links.hash_of(links.Purpose.UNSUBSCRIBE, nonce),
            expires_at=moment + CONFIRM_WITHIN,
        )
        await outbox.record("account.consent_asked", consent_id=consent_id)


async def find_asked(token: str) -> ConsentRecord | None:
    """The consent that a mailed link would confirm, without confirming it."""
    return await _find("token_hash", token, "confirmed_at IS NULL AND expires_at > :now")


async def confirm_consent(token: str, *, place: str) -> None:
    """Make the consent valid. Raises LinkEnded."""
    moment = now()
    async with in_transaction():
        rows = await execute_returning(
            """UPDATE vault_consents SET confirmed_at = :now
            WHERE token_hash = :hash AND confirmed_at IS NULL AND expires_at > :now
            RETURNING id, account_id, purpose""",
            {"hash": token_hash(token), "now": moment},
        )
        if not rows:
            raise LinkEnded
        row = rows[0]
        await execute(
            "UPDATE vault_consents SET confirmed_from_encrypted = :place WHERE id = :id",
            {"place": vault.seal(place, vault.CONSENT_CONFIRMED_FROM, row["id"]), "id": row["id"]},
        )
        await execute(
            """UPDATE vault_consents SET withdrawn_at = :now, withdrawn_by = 'replaced'
            WHERE account_id = :account AND purpose = :purpose AND id <> :id
            AND confirmed_at IS NOT NULL AND withdrawn_at IS NULL""",
            {"now": moment, "account": row["account_id"], "purpose": row["purpose"], "id": row["id"]},
        )


async def withdraw_consent(member_id: int, purpose: Purpose) -> None:
    """End every consent of the member for this purpose; a request that waits is ended too."""
    await execute(
        """UPDATE vault_consents SET withdrawn_at = :now, withdrawn_by = 'settings', expires_at = :now
        WHERE purpose = :purpose AND withdrawn_at IS NULL
        AND account_id IN (SELECT id FROM vault_accounts WHERE member_id = :member_id)""",
        {"now": now(), "purpose": str(purpose), "member_id": member_id},
    )


async def find_unsubscribing(token: str) -> ConsentRecord | None:
    """The consent that the link of a mail would withdraw; also one that is withdrawn already."""
    return await _find("unsubscribe_hash", token, "1 = 1")


async def withdraw_by_link(token: str) -> None:
    """End the consent that a mail's link names; harmless when repeated. Raises LinkEnded for what is no link."""
    rows = await execute_returning(
        """UPDATE vault_consents SET withdrawn_at = COALESCE(withdrawn_at, :now),
        withdrawn_by = CASE WHEN withdrawn_at IS NULL THEN 'mail' ELSE withdrawn_by END
        WHERE unsubscribe_hash = :hash RETURNING account_id, purpose""",
        {"now": now(), "hash": token_hash(token)},
    )
    if not rows:
        raise LinkEnded
    # The link of an old mail ends a consent that was given anew since: whoever clicks wants no more mails.
    await execute(
        """UPDATE vault_consents SET withdrawn_at = :now, withdrawn_by = 'mail'
        WHERE account_id = :account AND purpose = :purpose AND withdrawn_at IS NULL""",
        {"now": now(), "account": rows[0]["account_id"], "purpose": rows[0]["purpose"]},
    )


async def list_consenting(purpose: Purpose, member_ids: Iterable[int]) -> set[int]:
    """Those of the members whose consent for this purpose is confirmed and stands now."""
    rows = await fetch(
        """SELECT DISTINCT a.member_id FROM vault_consents c JOIN vault_accounts a ON a.id = c.account_id
        WHERE a.member_id IN (:members) AND c.purpose = :purpose
        AND c.confirmed_at IS NOT NULL AND c.withdrawn_at IS NULL""",
        {"members": list(member_ids), "purpose": str(purpose)},
    )
    return {row["member_id"] for row in rows}


async def find_unsubscribe_token(member_id: int, purpose: Purpose) -> str | None:
    """What the List-Unsubscribe link of a mail to this member carries; None without a consent."""
    row = await fetch_one(
        """SELECT c.nonce FROM vault_consents c JOIN vault_accounts a ON a.id = c.account_id
        WHERE a.member_id = :member AND c.purpose = :purpose
        AND c.confirmed_at IS NOT NULL AND c.withdrawn_at IS NULL""",
        {"member": member_id, "purpose": str(purpose)},
    )
    return links.token_of(links.Purpose.UNSUBSCRIBE, row["nonce"]) if row else None


_RECORD = """
SELECT c.id, c.purpose, c.text, c.text_version, c.language, c.source, c.asked_at, c.asked_from_encrypted,
       c.confirmed_at, c.confirmed_from_encrypted, c.withdrawn_at, c.withdrawn_by
FROM vault_consents c
"""


async def list_own_consents(member_id: int) -> list[ConsentRecord]:
    """Every consent the member was asked for and gave, the newest first: the proof for one member."""
    rows = await fetch(
        f"""{_RECORD} JOIN vault_accounts a ON a.id = c.account_id WHERE a.member_id = :member
        ORDER BY c.asked_at DESC, c.id""",
        {"member": member_id},
    )
    return [_record(row) for row in rows]


async def _find(column: str, token: str, condition: str) -> ConsentRecord | None:
    row = await fetch_one(
        f"{_RECORD} WHERE c.{column} = :hash AND {condition}", {"hash": token_hash(token), "now": now()}
    )
    return _record(row) if row else None


def _record(row: Row) -> ConsentRecord:
    return ConsentRecord(
        purpose=row["purpose"],
        text=row["text"],
        text_version=row["text_version"],
        language=row["language"],
        source=row["source"],
        asked_at=as_time(row["asked_at"]) or now(),
        asked_from=vault.unseal(row["asked_from_encrypted"], vault.CONSENT_ASKED_FROM, row["id"]),
        confirmed_at=as_time(row["confirmed_at"]),
        confirmed_from=vault.unseal(row["confirmed_from_encrypted"], vault.CONSENT_CONFIRMED_FROM, row["id"]),
        withdrawn_at=as_time(row["withdrawn_at"]),
        withdrawn_by=row["withdrawn_by"],
    )


async def forget_unconfirmed() -> None:
    """Remove requests that nobody confirmed in time."""
    await Consent.filter(confirmed_at__isnull=True, expires_at__lt=now()).delete()
