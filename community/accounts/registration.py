"""Registering and confirming. Until the address is confirmed there is neither member nor account.

Nothing here asks whether an address has an account before the mail is written (`community.accounts.mails`), so
neither the answer nor its time can tell.
"""

from __future__ import annotations

from datetime import datetime

from community.accounts import belonging, links, sign_ons, vault
from community.accounts.belonging import Belonging
from community.accounts.exclusion import demand_may_open
from community.accounts.links import LinkEnded, Purpose
from community.accounts.models import Account, Registration
from community.accounts.rules import CONFIRMATION_LASTS, RegistrationWish
from community.core import outbox, passwords
from community.core.clock import now
from community.core.db import (
    as_time,
    execute,
    execute_returning,
    fetch_one,
    in_transaction,
    is_unique_violation,
    random_id,
)
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.nicknames import nickname_key
from community.core.rows import insert
from community.core.vault_keys import token_hash
from community.members.actions import add_member
from community.members.first_steps import begin_first_steps
from community.members.queries import is_nickname_taken
from community.site_texts import acceptance


class NicknameTaken(RuleBroken):
    """Somebody has this nickname, or one that looks like it. Nicknames are public, so this may be said."""

    def __init__(self) -> None:
        super().__init__(_("This nickname is taken, or looks like one that is. Please choose another one."))


async def register(
    wish: RegistrationWish, *, language: str, browser: str, arrival_id: int | None = None
) -> None:
    """Keep the registration until its address is confirmed. Raises NicknameTaken or `passwords.TooBusy`.

    `browser` is the random value of a cookie: the browser that sent a registration may send it again, with
    another address for instance, while for everybody else the nickname is taken. `arrival_id` is of somebody who
    came through the log-in provider, and may have no password.
    """
    key, moment, registration_id = nickname_key(wish.nickname), now(), random_id()
    password_hash = await passwords.hash_password(wish.password) if wish.password else ""
    nonce = links.new_nonce()
    accepted = acceptance.as_text(await acceptance.current_versions())
    try:
        async with in_transaction():
            # What is replaced gives its nickname back and opens nothing any more. It stays for some hours, because
            # mails to an address are counted by these rows.
            await execute(
                """UPDATE vault_registrations SET nickname_key = 'replaced-' || CAST(id AS VARCHAR(20)),
                expires_at = CASE WHEN expires_at > :now THEN :now ELSE expires_at END
                WHERE nickname_key = :key AND (browser_hash = :browser OR expires_at <= :now)""",
                {"key": key, "browser": token_hash(browser), "now": moment},
            )
            if await is_nickname_taken(key) or await is_nickname_held(key):
                raise NicknameTaken
            await insert(
                Registration,
                id=registration_id,
                nickname=wish.nickname,
                nickname_key=key,
                mail_hash=vault.mail_hash(wish.mail, vault.REGISTRATION_MAIL),
                mail_encrypted=vault.seal(wish.mail, vault.REGISTRATION_MAIL, registration_id),
                real_name_encrypted=vault.seal(wish.real_name, vault.REGISTRATION_REAL_NAME, registration_id),
                stated_company_encrypted=vault.seal(
                    wish.company, vault.REGISTRATION_STATED_COMPANY, registration_id
                ),
                password_hash=password_hash,
                language=language,
                accepted=accepted,
                browser_hash=token_hash(browser),
                nonce=nonce,
                token_hash=links.hash_of(Purpose.CONFIRM, nonce),
                created_at=moment,
                expires_at=moment + CONFIRMATION_LASTS,
            )
            if arrival_id is not None:
                await sign_ons.leave_to_registration(arrival_id, registration_id)
            await outbox.record("account.registered", registration_id=registration_id)
    except Exception as error:
        # Somebody else was quicker by a moment.
        if is_unique_violation(error):
            raise NicknameTaken from None
        raise


async def is_nickname_held(key: str) -> bool:
    """Whether a registration that waits for its confirmation holds a nickname that looks like this."""
    row = await fetch_one(
        "SELECT 1 AS found FROM vault_registrations WHERE nickname_key = :key AND expires_at > :now",
        {"key": key, "now": now()},
    )
    return row is not None


async def find_registered_nickname(token: str) -> str | None:
    """The nickname that a confirmation link would bring to life, without using the link up."""
    row = await fetch_one(
        "SELECT nickname FROM vault_registrations WHERE token_hash = :hash AND expires_at > :now",
        {"hash": token_hash(token), "now": now()},
    )
    return str(row["nickname"]) if row else None


async def confirm_registration(token: str) -> None:
    """Make member and account from the registration that this link belongs to.

    Raises LinkEnded; RuleBroken where address or nickname have been taken meanwhile. Only whoever reads mail
    for the address gets to see that it has an account.
    """
    try:
        async with in_transaction():
            rows = await execute_returning(
                """DELETE FROM vault_registrations WHERE token_hash = :hash AND expires_at > :now
                RETURNING id, nickname, mail_encrypted, real_name_encrypted,
                stated_company_encrypted, password_hash, language, accepted, created_at""",
                {"hash": token_hash(token), "now": now()},
            )
            if not rows:
                raise LinkEnded
            row = rows[0]
            mail = vault.unseal(row["mail_encrypted"], vault.REGISTRATION_MAIL, row["id"])
            if await find_account_id(mail) is not None:
                raise RuleBroken(_("This address has an account already. You can log in."))
            member_id = await add_member(row["nickname"], language=row["language"])
            await begin_first_steps(member_id)
            await acceptance.accept_at_registration(
                member_id,
                acceptance.from_text(row["accepted"]),
                language=row["language"],
                at=as_time(row["created_at"]) or now(),
            )
            account_id = await open_account(
                member_id,
                mail=mail,
                password_hash=row["password_hash"],
                real_name=vault.unseal(row["real_name_encrypted"], vault.REGISTRATION_REAL_NAME, row["id"]),
                stated_company=vault.unseal(
                    row["stated_company_encrypted"], vault.REGISTRATION_STATED_COMPANY, row["id"]
                ),
            )
            await sign_ons.finish_registration(row["id"], account_id)
    except Exception as error:
        if is_unique_violation(error):
            raise RuleBroken(
                _("The nickname or the address has been taken meanwhile. Please register again.")
            ) from None
        raise


async def find_account_id(mail: str) -> int | None:
    row = await fetch_one(
        "SELECT id FROM vault_accounts WHERE mail_hash IN (:hashes)", {"hashes": vault.mail_hashes(mail)}
    )
    return int(row["id"]) if row else None


async def open_account(
    member_id: int,
    *,
    mail: str,
    password_hash: str,
    real_name: str = "",
    stated_company: str = "",
    company_id: int | None = None,
    opened_at: datetime | None = None,
) -> int:
    """The account behind a member, with a confirmed address; its id. Called inside a transaction.

    An address that has an account fails at the unique key. Raises `exclusion.Banned`.
    """
    account_id, moment = random_id(), opened_at or now()
    await demand_may_open(None, mail=mail)
    await insert(
        Account,
        id=account_id,
        member_id=member_id,
        belonging_encrypted=belonging.sealed(Belonging(company_id), account_id),
        mail_hash=vault.mail_hash(mail),
        mail_encrypted=vault.seal(mail, vault.ACCOUNT_MAIL, account_id),
        real_name_encrypted=vault.seal(real_name, vault.ACCOUNT_REAL_NAME, account_id),
        stated_company_encrypted=vault.seal(stated_company, vault.ACCOUNT_STATED_COMPANY, account_id),
        password_hash=password_hash,
        created_at=moment,
        confirmed_at=moment,
        password_changed_at=moment,
        nickname_changed_at=None,
    )
    return account_id
