"""Sending mails about the community to a member: the address lies in the vault, so they leave from here.

Other than mails about the account itself, nobody has just asked for these. So each says how to get no more of its
kind, in a header too (RFC 8058), and none goes to an address that was refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from urllib.parse import quote

from community.accounts import vault
from community.accounts.letters import Letter, in_language, link_url, send_letter
from community.accounts.mail_reach import address_sign, note_refused
from community.accounts.models import Account
from community.core.db import fetch_one
from community.core.i18n import gettext as _
from community.core.mail import mail_host
from community.core.reply_addresses import bounce_address_for
from community.settings import settings


class Outcome(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    FAILED = "failed"
    """The server refused this mail for good."""
    UNREACHABLE = "unreachable"
    """Not tried: there is no account, or its address was refused before."""
    NOTHING = "nothing"
    """Not tried: there was nothing to say any more."""


async def send_news(
    member_id: int, mail_id: str, write: Callable[[], Letter], *, stop_link: str, topics: Callable[[], str]
) -> Outcome:
    """Send what `write` says in the member's language. `stop_link` ends mails like this one; `topics` says which."""
    account = await Account.get_or_none(member_id=member_id, confirmed_at__isnull=False)
    member = await fetch_one("SELECT language FROM members WHERE id = :id", {"id": member_id})
    if account is None or member is None or account.mail_refused:
        return Outcome.UNREACHABLE
    to = vault.unseal(account.mail_encrypted, vault.ACCOUNT_MAIL, account.id)
    with in_language(member["language"]):
        letter = _with_way_out(write(), stop_link, topics())
        bounces_to = bounce_address_for(member_id, address_sign(account.mail_hash))
        refusal = await send_letter(mail_id, to, letter, bounces_to=bounces_to)
    if refusal is None:
        return Outcome.SENT
    if refusal.is_about_address:
        await note_refused(account.id, account.mail_hash)
    return Outcome.FAILED


def _with_way_out(letter: Letter, stop_link: str, topics: str) -> Letter:
    settings_link = f"{settings.base_url}/settings/notifications"
    small_print = [
        (_("No more mails like this (%(topics)s)") % {"topics": topics}, stop_link),
        (_("Choose what you hear of, and how"), settings_link),
    ]
    headers = {
        "List-Id": f"<news.{mail_host(settings.base_url)}>",
        "List-Unsubscribe": f"<{stop_link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return replace(
        letter, small_print=[*letter.small_print, *small_print], headers={**letter.headers, **headers}
    )


def stop_link_for(token: str, about: Sequence[str]) -> str:
    """The link that ends mails about these topics, or `all`."""
    return f"{link_url('/mails/stop', token)}&about={quote(','.join(about))}"


def threading_headers(thread_id: int, member_id: int) -> dict[str, str]:
    """All mails to a member about one thread hang together in their mail program.

    By a number that says nothing, and another one for each member: else those who share a mail server would be found
    to read the same thread.
    """
    key = vault.keys().keyed_hash("mail thread", f"{member_id}:{thread_id}")
    first = f"<thread-{key}@{mail_host(settings.base_url)}>"
    return {"In-Reply-To": first, "References": first}
