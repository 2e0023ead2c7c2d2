"""Mails about belonging to a company, written by the worker."""

from __future__ import annotations

from collections.abc import Callable

from community.accounts import vault
from community.accounts.letters import Letter, in_language, link_url, send_letter
from community.accounts.links import Purpose, token_of
from community.accounts.models import Account
from community.accounts.rules import MOST_MAILS_IN
from community.companies.models import Departure, Invitation
from community.core.clock import now
from community.core.db import fetch_one
from community.core.i18n import gettext as _
from community.core.outbox import Fact
from community.settings import settings

MOST_INVITATIONS = 5
"""To one address in `MOST_MAILS_IN`."""


async def mail_invitation(fact: Fact) -> None:
    """The link by which the owner of the address joins, with an account or without."""
    row = await Invitation.get_or_none(id=fact["invitation_id"], expires_at__gt=now(), uses_left__gt=0)
    if row is None:
        return
    to = vault.unseal(row.mail_encrypted, vault.INVITATION_MAIL, row.id)
    sent = await Invitation.filter(
        mail_hash__in=vault.mail_hashes(to, vault.INVITATION_MAIL),
        created_at__gt=row.created_at - MOST_MAILS_IN,
        created_at__lte=row.created_at,
    ).count()
    if sent <= MOST_INVITATIONS:
        with in_language(row.language):
            letter = _invitation(
                link_url("/join", token_of(Purpose.COMPANY_INVITATION, row.nonce)), row.makes_administrator
            )
            await send_letter(f"invitation-{row.id}", to, letter)


async def mail_offboarded(fact: Fact) -> None:
    """To the address that was typed, whether or not it has an account: its mail box tells nobody which."""
    row = await Departure.get_or_none(id=fact["departure_id"])
    if row is not None:
        with in_language(row.language):
            to = vault.unseal(row.mail_encrypted, vault.DEPARTURE_MAIL, row.id)
            await send_letter(f"offboarded-{row.id}", to, _offboarded())


async def mail_left_company(fact: Fact) -> None:
    """To the address that the person uses now: another one than that which was typed."""
    account = await Account.get_or_none(id=fact["account_id"])
    if account is not None:
        await _tell(account, fact, "left", _offboarded)


async def mail_joined_company(fact: Fact) -> None:
    account = await Account.get_or_none(id=fact["account_id"])
    if account is not None:
        await _tell(account, fact, "joined", _joined)


async def mail_refused_by_company(fact: Fact) -> None:
    account = await Account.get_or_none(id=fact["account_id"])
    if account is not None:
        await _tell(account, fact, "refused", _refused)


async def _tell(account: Account, fact: Fact, kind: str, letter_of: Callable[[], Letter]) -> None:
    member = await fetch_one("SELECT language FROM members WHERE id = :id", {"id": account.member_id})
    with in_language(member["language"] if member else ""):
        # A mail's id must not tell the account's, nor how many facts there are.
        mail_id = vault.keys().keyed_hash("mail id", f"{account.id}:{fact.id}")
        to = vault.unseal(account.mail_encrypted, vault.ACCOUNT_MAIL, account.id)
        await send_letter(f"{kind}-{mail_id}", to, letter_of())


def _invitation(link: str, makes_administrator: bool) -> Letter:
    task = _("You would also look after who else of your company takes part.")
    return Letter(
        subject=_("Your company invites you to the community"),
        paragraphs=[
            _("your company takes part in our community and invites you."),
            _(
                "There you appear under a nickname that you choose. Neither your company nor our staff see who is "
                "behind it."
            ),
            *([task] if makes_administrator else []),
            _("The invitation holds for this mail address only: log in with it, or register with it."),
        ],
        link=link,
        link_text=_("Accept the invitation"),
        after=[
            _("The link can be used for 14 days."),
            _("If you do not want to, there is nothing to do. Nobody learns whether you came."),
        ],
    )


def _offboarded() -> Letter:
    return Letter(
        subject=_("You no longer take part for your company"),
        paragraphs=[
            _("your company has told us that you no longer take part in the community for it."),
            _("If you have an account, it stays yours, with its nickname and everything you wrote."),
            _("Only the groups and spaces that came with your company are closed to you from now on."),
        ],
        after=[_("If this is a mistake, please speak with your company.")],
    )


def _joined() -> Letter:
    return Letter(
        subject=_("You take part for your company now"),
        paragraphs=[_("your company has agreed: from now on your account belongs to it.")],
        link=f"{settings.base_url}/settings/company",
        link_text=_("Company settings"),
    )


def _refused() -> Letter:
    return Letter(
        subject=_("Your company has not agreed"),
        paragraphs=[
            _("your company has not agreed that your account belongs to it. Your account stays as it is."),
        ],
        after=[_("If this is a mistake, please speak with your company.")],
    )
