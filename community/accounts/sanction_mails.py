"""Mails about sanctions. They say no more than that something was decided: others may read the mail.

Whoever cannot log in gets a link that opens without: to what was decided, for how long, and how to object.
"""

from __future__ import annotations

from collections.abc import Callable

from community.accounts import vault
from community.accounts.letters import Letter, in_language, link_url, send_letter
from community.accounts.models import Account
from community.accounts.statement_links import PATH, statement_token
from community.core.db import fetch_one
from community.core.i18n import gettext as _
from community.core.outbox import Fact
from community.sanctions.queries import is_shut_out
from community.settings import settings


async def mail_sanctioned(fact: Fact) -> None:
    """To whom a decision of the moderators is about; what it is, they read after their log-in, let in or not."""
    statement_id = fact.payload.get("statement_id")
    if statement_id is not None and await is_shut_out(fact["member_id"]):
        await _mail(fact, _shut_out, _link(statement_id))
    else:
        await _mail(fact, _sanctioned, f"{settings.base_url}/settings/sanctions")


async def mail_objection_decided(fact: Fact) -> None:
    """To whoever has objected and is still kept out: all others are told in the site."""
    if await is_shut_out(fact["member_id"]):
        await _mail(fact, _objection_decided, _link(fact["statement_id"]))


def _link(statement_id: int) -> str:
    return link_url(PATH, statement_token(statement_id, is_proved=False))


async def _mail(fact: Fact, letter: Callable[[str], Letter], link: str) -> None:
    account = await Account.get_or_none(member_id=fact["member_id"], confirmed_at__isnull=False)
    member = await fetch_one("SELECT language FROM members WHERE id = :id", {"id": fact["member_id"]})
    if account is None or member is None:
        return
    with in_language(member["language"]):
        mail_id = vault.keys().keyed_hash("mail id", f"{account.id}:{fact.id}")
        to = vault.unseal(account.mail_encrypted, vault.ACCOUNT_MAIL, account.id)
        await send_letter(f"sanction-{mail_id}", to, letter(link))


def _shut_out(link: str) -> Letter:
    return Letter(
        subject=_("A decision of our moderators"),
        paragraphs=[
            _("our moderators have decided something about your taking part in the community."),
            _("What it is, for how long, and how you can object, you read here without logging in."),
        ],
        link=link,
        link_text=_("Read the decision"),
        after=[
            _("Whoever has this link can read the decision and object. Please keep it to yourself."),
            _("Others may read your mails, so what exactly was found you read when you log in."),
        ],
    )


def _objection_decided(link: str) -> Letter:
    return Letter(
        subject=_("Your objection is decided"),
        paragraphs=[_("somebody who had nothing to do with it before has looked at the decision again.")],
        link=link,
        link_text=_("Read how it was decided"),
        after=[_("Whoever has this link can read the decision. Please keep it to yourself.")],
    )


def _sanctioned(link: str) -> Letter:
    return Letter(
        subject=_("A decision of our moderators"),
        paragraphs=[
            _("our moderators have decided something about your taking part in the community."),
            _("What it is, why, and how you can object, you read after logging in."),
        ],
        link=link,
        link_text=_("Read the decision"),
        after=[_("Others may read your mails, so they do not say it.")],
    )


def banned_address() -> Letter:
    """For whoever reads mail for a banned address; in the site nobody learns of it."""
    return Letter(
        subject=_("You cannot register again"),
        paragraphs=[
            _("somebody, probably you, wanted to register with this mail address."),
            _(
                "The account that this address belonged to was banned for good, so there cannot be another one."
            ),
            _("If you think that this is wrong, you can write to us: the address is in the imprint."),
        ],
        link=f"{settings.base_url}/pages/imprint",
        link_text=_("To the imprint"),
    )
