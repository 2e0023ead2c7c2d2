"""Mails about sanctions. They say no more than that something was decided: others may read the mail."""

from __future__ import annotations

from community.accounts import vault
from community.accounts.letters import Letter, in_language, send_letter
from community.accounts.models import Account
from community.core.db import fetch_one
from community.core.i18n import gettext as _
from community.core.outbox import Fact
from community.settings import settings


async def mail_sanctioned(fact: Fact) -> None:
    """To whom a decision of the moderators is about; what it is, they read after their log-in, let in or not."""
    account = await Account.get_or_none(member_id=fact["member_id"], confirmed_at__isnull=False)
    member = await fetch_one("SELECT language FROM members WHERE id = :id", {"id": fact["member_id"]})
    if account is None or member is None:
        return
    with in_language(member["language"]):
        mail_id = vault.keys().keyed_hash("mail id", f"{account.id}:{fact.id}")
        to = vault.unseal(account.mail_encrypted, vault.ACCOUNT_MAIL, account.id)
        await send_letter(f"sanction-{mail_id}", to, _sanctioned())


def _sanctioned() -> Letter:
    return Letter(
        subject=_("A decision of our moderators"),
        paragraphs=[
            _("our moderators have decided something about your taking part in the community."),
            _("What it is, why, and how you can object, you read after logging in."),
        ],
        link=f"{settings.base_url}/settings/sanctions",
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
