"""Everything that the vault holds about one member, for the member alone (`community.personal_data`)."""

from __future__ import annotations

from typing import Any

from community.accounts import belonging, vault
from community.accounts.consents import list_own_consents
from community.accounts.queries import company_name_of
from community.accounts.reveals import list_own_reveals
from community.accounts.second_factors import account_id_of, get_factors
from community.core.db import Row, fetch, fetch_one
from community.core.errors import NotFound

Item = dict[str, Any]


async def gather_account(member_id: int) -> Item:
    """Address, names, company and dates of the account."""
    row = await fetch_one(
        """SELECT a.id, a.mail_encrypted, a.real_name_encrypted, a.stated_company_encrypted, a.created_at,
        a.confirmed_at, a.password_changed_at, a.nickname_changed_at, a.belonging_encrypted,
        j.id AS joining_id, j.mail_encrypted AS joining_mail FROM vault_accounts a
        LEFT JOIN vault_joinings j ON j.account_id = a.id WHERE a.member_id = :member""",
        {"member": member_id},
    )
    if row is None:
        raise NotFound
    return {
        "mail": vault.unseal(row["mail_encrypted"], vault.ACCOUNT_MAIL, row["id"]),
        "real_name": vault.unseal(row["real_name_encrypted"], vault.ACCOUNT_REAL_NAME, row["id"]),
        "stated_company": vault.unseal(
            row["stated_company_encrypted"], vault.ACCOUNT_STATED_COMPANY, row["id"]
        ),
        "company": await company_name_of(row),
        "company_address": vault.unseal(
            row["joining_mail"] or "", vault.JOINING_MAIL, row["joining_id"] or 0
        ),
        "is_company_administrator": belonging.opened(row["belonging_encrypted"], row["id"]).is_administrator,
        **{
            name: row[name]
            for name in ("created_at", "confirmed_at", "password_changed_at", "nickname_changed_at")
        },
    }


async def gather_sessions(member_id: int) -> list[Item]:
    rows = await fetch(
        """SELECT device, way, second_factor, created_at, seen_at, expires_at FROM vault_sessions
        WHERE member_id = :member ORDER BY created_at""",
        {"member": member_id},
    )
    return [dict(row) for row in rows]


async def gather_sign_ons(member_id: int) -> list[Item]:
    """The person at the log-in provider who gets into the account, and what was said there about them last."""
    rows = await fetch(
        """SELECT s.id, s.subject_encrypted, s.claims_encrypted, s.linked_at FROM vault_sign_ons s
        JOIN vault_accounts a ON a.id = s.account_id WHERE a.member_id = :member ORDER BY s.linked_at, s.id""",
        {"member": member_id},
    )
    return [
        {
            "person": vault.unseal(row["subject_encrypted"], vault.SIGN_ON_SUBJECT, row["id"]),
            "said": vault.unseal(row["claims_encrypted"], vault.SIGN_ON_CLAIMS, row["id"]),
            "linked_at": row["linked_at"],
        }
        for row in rows
    ]


async def gather_second_factors(member_id: int) -> list[Item]:
    """The app, each passkey, and how many recovery codes are left: what there is, never what opens something."""
    factors = await get_factors(await account_id_of(member_id))
    app = [{"kind": "app", "created_at": factors.app_since}] if factors.app_since else []
    passkeys = [
        {"kind": "passkey", "name": each.name, "created_at": each.created_at, "used_at": each.used_at}
        for each in factors.passkeys
    ]
    codes = [{"kind": "recovery_codes", "count": factors.code_count}] if factors.code_count else []
    return [*app, *passkeys, *codes]


async def gather_mail_links(member_id: int) -> list[Item]:
    """Links that were sent by mail: for what, when, and the address that one of them would confirm."""
    rows = await fetch(
        """SELECT l.id, l.purpose, l.new_mail_encrypted, l.created_at, l.used_at FROM vault_mail_links l
        JOIN vault_accounts a ON a.id = l.account_id WHERE a.member_id = :member ORDER BY l.created_at""",
        {"member": member_id},
    )
    return [_mail_link(row) for row in rows]


def _mail_link(row: Row) -> Item:
    return {
        "purpose": row["purpose"],
        "new_mail": vault.unseal(row["new_mail_encrypted"], vault.LINK_NEW_MAIL, row["id"]),
        "created_at": row["created_at"],
        "used_at": row["used_at"],
    }


async def gather_consents(member_id: int) -> list[Item]:
    """Each consent with all that proves it."""
    return [
        {name: getattr(record, name) for name in type(record).__dataclass_fields__}
        for record in await list_own_consents(member_id)
    ]


async def gather_reveals(member_id: int) -> list[Item]:
    """When staff looked at who the member is, and for what cause, as far as the member has been told."""
    return [
        {"shown_at": reveal.shown_at, "cause": reveal.cause} for reveal in await list_own_reveals(member_id)
    ]


async def gather_mail_invitations(member_id: int) -> list[Item]:
    """Invitations into groups to the member's address, and those that the member sent; not to whom."""
    account = await fetch_one(
        "SELECT id, mail_encrypted FROM vault_accounts WHERE member_id = :member", {"member": member_id}
    )
    mail = vault.unseal(account["mail_encrypted"], vault.ACCOUNT_MAIL, account["id"]) if account else ""
    own = vault.mail_hashes(mail, vault.GROUP_INVITATION_MAIL) if mail else ()
    rows = await fetch(
        """SELECT mail_hash, created_at, expires_at FROM vault_mail_invitations
        WHERE invited_by = :member OR mail_hash IN (:own) ORDER BY created_at, id""",
        {"member": member_id, "own": own},
    )
    return [
        {
            "mail": mail if row["mail_hash"] in own else "",
            "created_at": row["created_at"],
            "expires_at": row["expires_at"],
        }
        for row in rows
    ]
