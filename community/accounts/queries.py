"""What may be asked of the vault: by members about themselves, and nothing by anybody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from community.accounts import belonging, vault
from community.accounts.rules import NICKNAME_KEPT_FOR
from community.core.clock import now
from community.core.db import Row, as_time, fetch, fetch_one
from community.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """What the vault keeps about a member, for that member alone."""

    mail: str
    real_name: str
    company: str
    """As the member wrote it, or as it was checked."""
    nickname_changeable_at: datetime | None
    """When the nickname may be changed again; None: now."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is behind a nickname. Leaves the vault by `community.accounts.reveals` alone."""

    nickname: str
    mail: str
    real_name: str
    company: str
    stated_company: str


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A log-in of the member who looks at the list."""

    id: int
    device: str
    way: str
    second_factor: str
    created_at: datetime
    seen_at: datetime
    is_current: bool


_ACCOUNT = """
SELECT id, mail_encrypted, real_name_encrypted, stated_company_encrypted, nickname_changed_at, belonging_encrypted
FROM vault_accounts WHERE member_id = :member_id
"""


async def company_name_of(row: Row) -> str:
    """The name of the company that an account belongs to; empty where it belongs to none."""
    company_id = belonging.opened(row["belonging_encrypted"], row["id"]).company_id
    company = await fetch_one("SELECT name_encrypted FROM vault_companies WHERE id = :id", {"id": company_id})
    return vault.unseal(company["name_encrypted"], vault.COMPANY_NAME, company_id or 0) if company else ""


async def is_own_address(member_id: int, address: str) -> bool:
    """Whether this is the confirmed mail address of the member's account."""
    row = await fetch_one(
        """SELECT 1 AS found FROM vault_accounts WHERE member_id = :id AND confirmed_at IS NOT NULL
        AND mail_hash IN (:hashes)""",
        {"id": member_id, "hashes": list(vault.mail_hashes(address))},
    )
    return row is not None


async def own_words(member_id: int) -> tuple[str, ...]:
    """Real name and company of a member, to warn them, and only them, before they publish these themselves."""
    row = await fetch_one(_ACCOUNT, {"member_id": member_id})
    if row is None:
        return ()
    words = (
        vault.unseal(row["real_name_encrypted"], vault.ACCOUNT_REAL_NAME, row["id"]),
        vault.unseal(row["stated_company_encrypted"], vault.ACCOUNT_STATED_COMPANY, row["id"]),
        await company_name_of(row),
    )
    return tuple(dict.fromkeys(word for word in words if word))


async def is_new_account(member_id: int, new_for: timedelta) -> bool:
    """Whether the account was opened so lately. For limits alone: when somebody joined is told to nobody."""
    row = await fetch_one(
        "SELECT 1 AS found FROM vault_accounts WHERE member_id = :id AND created_at > :since",
        {"id": member_id, "since": now() - new_for},
    )
    return row is not None


async def get_own_account(member_id: int) -> OwnAccount:
    """The account of this member; asked only for pages that the member alone sees."""
    row = await fetch_one(_ACCOUNT, {"member_id": member_id})
    if row is None:
        raise NotFound
    company = await company_name_of(row)
    stated = vault.unseal(row["stated_company_encrypted"], vault.ACCOUNT_STATED_COMPANY, row["id"])
    changed_at = as_time(row["nickname_changed_at"])
    changeable_at = changed_at + NICKNAME_KEPT_FOR if changed_at else None
    return OwnAccount(
        mail=vault.unseal(row["mail_encrypted"], vault.ACCOUNT_MAIL, row["id"]),
        real_name=vault.unseal(row["real_name_encrypted"], vault.ACCOUNT_REAL_NAME, row["id"]),
        company=company or stated,
        nickname_changeable_at=changeable_at if changeable_at and changeable_at > now() else None,
    )


async def get_identity(member_id: int) -> Identity:
    """For `reveals.show_identity`, in the transaction that writes down that it is shown."""
    row = await fetch_one(_ACCOUNT, {"member_id": member_id})
    member = await fetch_one("SELECT nickname FROM members WHERE id = :id", {"id": member_id})
    if row is None or member is None:
        raise NotFound
    return Identity(
        nickname=member["nickname"],
        mail=vault.unseal(row["mail_encrypted"], vault.ACCOUNT_MAIL, row["id"]),
        real_name=vault.unseal(row["real_name_encrypted"], vault.ACCOUNT_REAL_NAME, row["id"]),
        company=await company_name_of(row),
        stated_company=vault.unseal(row["stated_company_encrypted"], vault.ACCOUNT_STATED_COMPANY, row["id"]),
    )


async def has_password(member_id: int) -> bool:
    """Whether the account can be entered with a password; one that came through the log-in provider may have none."""
    row = await fetch_one("SELECT password_hash FROM vault_accounts WHERE member_id = :id", {"id": member_id})
    return row is not None and bool(row["password_hash"])


async def list_words_behind(member_id: int, nickname: str = "") -> tuple[str, ...]:
    """Nickname, names, company and address of a member: a new password must not be made of them."""
    account = await get_own_account(member_id)
    if not nickname:
        row = await fetch_one("SELECT nickname FROM members WHERE id = :id", {"id": member_id})
        nickname = row["nickname"] if row else ""
    return tuple(word for word in (nickname, account.mail, *await own_words(member_id)) if word)


async def list_own_sessions(member_id: int, *, current: str, used_after: datetime) -> tuple[OwnSession, ...]:
    """The sessions that still open something, last used first; those not used since `used_after` do not.

    `current` is the hash of this session's token.
    """
    rows = await fetch(
        """SELECT id, device, way, second_factor, created_at, seen_at, token_hash FROM vault_sessions
        WHERE member_id = :member_id AND expires_at > :now AND seen_at > :used_after
        ORDER BY seen_at DESC, id LIMIT 100""",
        {"member_id": member_id, "now": now(), "used_after": used_after},
    )
    return tuple(
        OwnSession(
            id=row["id"],
            device=row["device"],
            way=row["way"],
            second_factor=row["second_factor"],
            created_at=as_time(row["created_at"]) or now(),
            seen_at=as_time(row["seen_at"]) or now(),
            is_current=row["token_hash"] == current,
        )
        for row in rows
    )
