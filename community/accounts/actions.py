"""Logging in, and what members change about their own account: password, address, nickname, sessions."""

from __future__ import annotations

from dataclasses import dataclass

from community.accounts import links, vault
from community.accounts.exclusion import demand_may_open
from community.accounts.links import Purpose
from community.accounts.log_in_steps import void_steps
from community.accounts.models import Account
from community.accounts.registration import NicknameTaken, find_account_id, is_nickname_held
from community.accounts.rules import NICKNAME_KEPT_FOR
from community.core import i18n, outbox, passwords
from community.core.clock import now
from community.core.db import execute, fetch_one, in_transaction, is_unique_violation
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.nicknames import nickname_key
from community.core.viewer import STAFF_ROLES
from community.members.actions import rename_member
from community.members.queries import is_nickname_taken


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody who has proved who they are; the session is for the caller to start."""

    account: Account
    role: str

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF_ROLES


async def log_in(mail: str, password: str) -> LoggedIn | None:
    """The account with this address and password, or None for every reason alike and after the same work.

    Raises `passwords.TooBusy`.
    """
    account = await Account.filter(mail_hash__in=vault.mail_hashes(mail)).first()
    known = account is not None and account.confirmed_at is not None
    matches = await passwords.verify(account.password_hash if account and known else None, password)
    if account is None or not matches:
        return None
    if passwords.needs_rehash(account.password_hash):
        account.password_hash = await passwords.hash_password(password)
        await account.save(update_fields=["password_hash"])
    return await _logged_in(account)


async def find_logged_in(account_id: int) -> LoggedIn | None:
    """Whoever has proved, in more than one step, that this account is theirs; None if it is gone meanwhile."""
    account = await Account.get_or_none(id=account_id)
    return await _logged_in(account) if account and account.confirmed_at else None


async def _logged_in(account: Account) -> LoggedIn | None:
    member = await fetch_one(
        "SELECT role FROM members WHERE id = :id AND erased_at IS NULL", {"id": account.member_id}
    )
    return LoggedIn(account, member["role"]) if member else None


async def request_password_reset(mail: str, *, language: str) -> None:
    """Owe a link to whoever has this address. For an address without an account the same rows are written."""
    account_id = await find_account_id(mail)
    async with in_transaction():
        link_id = await links.make_link(account_id, Purpose.RESET, language=language)
        await outbox.record("account.reset_requested", link_id=link_id)


async def reset_password(token: str, password: str) -> None:
    """Set the password that whoever holds the link chose; ends all sessions, voids all links. Raises LinkEnded."""
    if await links.find_link_member(token, Purpose.RESET) is None:
        raise links.LinkEnded
    password_hash = await passwords.hash_password(password)
    async with in_transaction():
        used = await links.use_link(token, Purpose.RESET)
        await _set_password(used.account_id, password_hash, kept_session="")


async def change_password(member_id: int, *, new: str, kept_session: str) -> None:
    """The new password holds, and all sessions but one are ended. Whoever asks has proved who they are.

    `kept_session` is the hash of the token of the session that goes on (`vault_keys.token_hash`).
    """
    account = await _account_of(member_id)
    password_hash = await passwords.hash_password(new)
    async with in_transaction():
        await _set_password(account.id, password_hash, kept_session=kept_session)


async def is_own_password(member_id: int, password: str) -> bool:
    """Whether this is the member's password: asked again before what must not be done by whoever finds a browser
    open."""
    account = await _account_of(member_id)
    return await passwords.verify(account.password_hash, password)


async def _set_password(account_id: int, password_hash: str, *, kept_session: str) -> None:
    await execute(
        "UPDATE vault_accounts SET password_hash = :hash, password_changed_at = :now WHERE id = :id",
        {"hash": password_hash, "now": now(), "id": account_id},
    )
    await links.void_links(account_id)
    await _end_sessions(account_id, kept_session)
    await outbox.record("account.password_changed", account_id=account_id, language=i18n.language())


async def request_new_mail(member_id: int, *, mail: str, language: str) -> None:
    """A link goes to the new address, and the change waits for it. Whoever asks has proved who they are.

    Whether the new address has an account is not asked here: what is sent to it is decided when the mail is
    written.
    """
    account = await _account_of(member_id)
    async with in_transaction():
        link_id = await links.make_link(account.id, Purpose.NEW_MAIL, language=language, new_mail=mail)
        await outbox.record("account.new_mail_requested", link_id=link_id)


async def confirm_new_mail(token: str, *, kept_session: str) -> None:
    """Put the new address in the place of the old one. Ends other sessions and voids all links.

    Raises LinkEnded, or RuleBroken where the address has an account by now.
    """
    try:
        async with in_transaction():
            used = await links.use_link(token, Purpose.NEW_MAIL)
            mail = vault.unseal(used.new_mail_encrypted, vault.LINK_NEW_MAIL, used.id)
            await demand_may_open(used.account_id, mail=mail)
            await execute(
                """UPDATE vault_accounts SET mail_hash = :hash, mail_encrypted = :sealed, confirmed_at = :now,
                mail_refused = :no WHERE id = :id""",
                {
                    "hash": vault.mail_hash(mail),
                    "sealed": vault.seal(mail, vault.ACCOUNT_MAIL, used.account_id),
                    "now": now(),
                    "no": False,
                    "id": used.account_id,
                },
            )
            await links.void_links(used.account_id)
            await _end_sessions(used.account_id, kept_session)
    except Exception as error:
        if is_unique_violation(error):
            raise RuleBroken(_("This address belongs to another account.")) from None
        raise


async def change_nickname(member_id: int, nickname: str) -> None:
    """Take another nickname, which is possible once in 90 days; the old one is nobody's from then on.

    What a nickname may be (`core.nicknames`) has been checked. Raises RuleBroken, NicknameTaken included.
    """
    account, key, moment = await _account_of(member_id), nickname_key(nickname), now()
    try:
        async with in_transaction():
            # The row is written before it is judged, so that two changes at once cannot both find it free.
            changed = await execute(
                """UPDATE vault_accounts SET nickname_changed_at = :now WHERE id = :id
                AND (nickname_changed_at IS NULL OR nickname_changed_at <= :before)""",
                {"now": moment, "id": account.id, "before": moment - NICKNAME_KEPT_FOR},
            )
            if not changed:
                raise RuleBroken(_("A nickname can be changed once in 90 days."))
            if await is_nickname_taken(key, by_others_than=member_id) or await is_nickname_held(key):
                raise NicknameTaken
            await rename_member(member_id, nickname)
    except Exception as error:
        if is_unique_violation(error):
            raise NicknameTaken from None
        raise


async def end_session(member_id: int, session_id: int) -> None:
    """End one of the member's own sessions; those of others are not touched."""
    await execute(
        "DELETE FROM vault_sessions WHERE id = :id AND member_id = :member_id",
        {"id": session_id, "member_id": member_id},
    )


async def end_other_sessions(member_id: int, *, kept_session: str) -> None:
    account = await _account_of(member_id)
    await _end_sessions(account.id, kept_session)


async def _end_sessions(account_id: int, kept: str) -> None:
    await void_steps(account_id)
    await execute(
        "DELETE FROM vault_sessions WHERE account_id = :account AND token_hash <> :kept",
        {"account": account_id, "kept": kept},
    )


async def _account_of(member_id: int) -> Account:
    account = await Account.get_or_none(member_id=member_id)
    if account is None:
        raise NotFound
    return account
