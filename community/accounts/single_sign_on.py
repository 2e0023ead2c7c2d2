"""Logging in by the word of a log-in provider: who has an account gets in, who has none chooses a nickname first.

An account with the same mail address is never joined: its owner logs in and links the two (`sign_ons.link`).
"""

from __future__ import annotations

from community.accounts import vault
from community.accounts.actions import LoggedIn, find_logged_in
from community.accounts.models import Account, SignOnSession
from community.accounts.registration import (
    NicknameTaken,
    find_account_id,
    is_nickname_held,
    open_account,
    register,
)
from community.accounts.rules import RegistrationWish
from community.accounts.sign_ons import (
    Arrival,
    Vouched,
    add_sign_on,
    end_arrival,
    find_arrival,
    find_sign_on,
    note_claims,
)
from community.core.clock import now
from community.core.db import execute, fetch_one, in_transaction, is_unique_violation, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.nicknames import nickname_key
from community.core.rows import insert
from community.core.vault_keys import token_hash
from community.core.viewer import Role
from community.members.actions import add_member
from community.members.first_steps import begin_first_steps
from community.members.queries import is_nickname_taken
from community.site_texts import acceptance


class MailTaken(RuleBroken):
    """Said only to somebody whose address this is by the provider's word."""

    def __init__(self) -> None:
        super().__init__(
            _("Your mail address has an account here already. Log in with its password to link the two.")
        )


async def log_in_by(vouched: Vouched) -> LoggedIn | None:
    """The account that the provider's person gets into, or None where there is none (any more)."""
    known = await find_sign_on(vouched)
    proved = await find_logged_in(known.account_id) if known else None
    if known and proved:
        await note_claims(known.id, vouched)
    return proved


async def has_account(vouched: Vouched) -> bool:
    """Whether the address that the provider vouches for has an account."""
    return bool(vouched.mail) and await find_account_id(vouched.mail) is not None


async def open_account_by(arrival: Arrival, nickname: str, *, language: str) -> LoggedIn:
    """Make member and account of somebody new, whose address the provider has verified.

    What a nickname may be has been checked. Raises NicknameTaken, MailTaken, RuleBroken.
    """
    vouched, key = arrival.vouched, nickname_key(nickname)
    if not vouched.mail:
        raise RuleBroken(_("Please write your mail address."))
    if await has_account(vouched):
        raise MailTaken
    try:
        async with in_transaction():
            if await is_nickname_taken(key) or await is_nickname_held(key):
                raise NicknameTaken
            member_id = await add_member(nickname, language=language)
            await begin_first_steps(member_id)
            await acceptance.accept_at_registration(
                member_id, await acceptance.current_versions(), language=language, at=now()
            )
            account_id = await open_account(
                member_id,
                mail=vouched.mail,
                password_hash="",
                real_name=vouched.real_name,
                stated_company=vouched.company,
            )
            await add_sign_on(account_id, vouched)
    except Exception as error:
        if is_unique_violation(error):
            raise (MailTaken if await has_account(vouched) else NicknameTaken)() from None
        raise
    return LoggedIn(await Account.get(id=account_id), Role.CUSTOMER)


async def register_by(arrival: Arrival, nickname: str, mail: str, *, language: str, browser: str) -> None:
    """Like every registration, but without a password: the account comes to be when the address is confirmed.

    For people whose address the provider does not vouch for. Raises NicknameTaken.
    """
    wish = RegistrationWish(
        nickname=nickname,
        mail=mail,
        password="",
        real_name=arrival.vouched.real_name,
        company=arrival.vouched.company,
    )
    await register(wish, language=language, browser=browser, arrival_id=arrival.id)


async def note_session(arrival_token: str, session_hash: str) -> None:
    """That a session began at the provider, and what it is called there. The arrival has served its purpose then.

    Nothing happens where the arrival is of somebody else than the session.
    """
    arrival = await find_arrival(arrival_token)
    row = await fetch_one(
        "SELECT id, account_id FROM vault_sessions WHERE token_hash = :hash", {"hash": session_hash}
    )
    known = await find_sign_on(arrival.vouched) if arrival else None
    if arrival is None or row is None or known is None or known.account_id != row["account_id"]:
        return
    row_id, vouched = random_id(), arrival.vouched
    async with in_transaction():
        await insert(
            SignOnSession,
            id=row_id,
            session_id=row["id"],
            sign_on_id=known.id,
            provider_session_hash=_session_hash(vouched.issuer, vouched.session),
            id_token_encrypted=vault.seal(vouched.id_token, vault.SIGN_ON_ID_TOKEN, row_id),
        )
        await end_arrival(arrival.id)


async def find_id_token(session_hash: str) -> str | None:
    """The ID token with which this session began; None where it began in another way."""
    row = await fetch_one(
        """SELECT o.id, o.id_token_encrypted FROM vault_sign_on_sessions o
        JOIN vault_sessions s ON s.id = o.session_id WHERE s.token_hash = :hash""",
        {"hash": session_hash},
    )
    return vault.unseal(row["id_token_encrypted"], vault.SIGN_ON_ID_TOKEN, row["id"]) if row else None


async def end_sessions_by(issuer: str, subject: str, session: str) -> None:
    """The provider has logged somebody out: the sessions that began there end, all or the one it names."""
    if session:
        await execute(
            """DELETE FROM vault_sessions WHERE id IN
            (SELECT session_id FROM vault_sign_on_sessions WHERE provider_session_hash = :hash)""",
            {"hash": _session_hash(issuer, session)},
        )
        return
    known = await find_sign_on(Vouched(issuer, subject))
    if known is not None:
        await execute(
            """DELETE FROM vault_sessions WHERE id IN
            (SELECT session_id FROM vault_sign_on_sessions WHERE sign_on_id = :id)""",
            {"id": known.id},
        )


async def is_own_sign_on(member_id: int, vouched: Vouched) -> bool:
    """Whether the provider's person is the one behind this very member."""
    known = await find_sign_on(vouched)
    row = await fetch_one("SELECT id FROM vault_accounts WHERE member_id = :id", {"id": member_id})
    return known is not None and row is not None and known.account_id == row["id"]


def _session_hash(issuer: str, session: str) -> str:
    return token_hash(f"{issuer}\x1f{session}") if session else ""
