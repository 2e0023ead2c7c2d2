"""Mails about one's own account, written by the worker: the only place that joins a link with an address.

How they look and leave stands in `letters`.
"""

from __future__ import annotations

from collections.abc import Callable

from community.accounts import erasure, exclusion, links, recovery_codes, vault
from community.accounts.letters import Letter, in_language, link_url, send_letter
from community.accounts.links import Purpose
from community.accounts.models import (
    Account,
    Consent,
    Erasure,
    MailInvitation,
    MailLink,
    Registration,
    Reveal,
)
from community.accounts.registration import find_account_id
from community.accounts.rules import MOST_MAILS_IN
from community.accounts.sanction_mails import banned_address
from community.core.clock import now
from community.core.db import fetch_one
from community.core.i18n import gettext as _
from community.core.i18n import ngettext
from community.core.outbox import Fact
from community.settings import settings

MOST_MAILS = 5
"""To one address in `MOST_MAILS_IN`; more requests are answered as ever, but send nothing."""


async def mail_registration(fact: Fact) -> None:
    """The link that confirms the address; to an address that has an account, the news that somebody tried."""
    row = await Registration.get_or_none(id=fact["registration_id"])
    if row is None or row.expires_at <= now():
        return
    to = vault.unseal(row.mail_encrypted, vault.REGISTRATION_MAIL, row.id)
    sent = await Registration.filter(
        mail_hash__in=vault.mail_hashes(to, vault.REGISTRATION_MAIL),
        created_at__gt=row.created_at - MOST_MAILS_IN,
        created_at__lte=row.created_at,
    ).count()
    if sent > MOST_MAILS:
        return
    with in_language(row.language):
        if await find_account_id(to) is not None:
            await send_letter(f"known-{row.id}", to, _known_address())
        elif await exclusion.is_kept_out(to):
            await send_letter(f"banned-{row.id}", to, banned_address())
        else:
            token = links.token_of(Purpose.CONFIRM, row.nonce)
            await send_letter(f"confirm-{row.id}", to, _confirm_address(link_url("/confirm", token)))


async def mail_password_reset(fact: Fact) -> None:
    """The link for a new password; nothing where the address has no account."""
    link = await _open_link(fact["link_id"])
    account = link and await Account.get_or_none(id=link.account_id)
    if not link or not account or account.confirmed_at is None or await _too_many(link):
        return
    token = links.token_of(Purpose.RESET, link.nonce)
    with in_language(link.language):
        await send_letter(
            f"reset-{link.id}", _address(account), _new_password(link_url("/new-password", token))
        )


async def mail_new_address(fact: Fact) -> None:
    """To the new address, the link that confirms it, or the news that it has an account already."""
    link = await _open_link(fact["link_id"])
    if not link or await _too_many(link):
        return
    to = vault.unseal(link.new_mail_encrypted, vault.LINK_NEW_MAIL, link.id)
    with in_language(link.language):
        if await find_account_id(to) is not None:
            await send_letter(f"known-{link.id}", to, _known_address())
        else:
            token = links.token_of(Purpose.NEW_MAIL, link.nonce)
            await send_letter(f"address-{link.id}", to, _confirm_new_address(link_url("/confirm", token)))


async def mail_same_address(fact: Fact) -> None:
    """To an address that was refused once, the link that shows that mails arrive again."""
    link = await _open_link(fact["link_id"])
    account = link and await Account.get_or_none(id=link.account_id)
    if not link or not account or await _too_many(link):
        return
    with in_language(link.language):
        token = links.token_of(Purpose.SAME_MAIL, link.nonce)
        letter = _confirm_same_address(link_url("/mails/confirm-address", token))
        await send_letter(f"again-{link.id}", _address(account), letter)


async def mail_old_address(fact: Fact) -> None:
    """To the address in use, the news that a change was asked for: it may not have been its owner."""
    link = await _open_link(fact["link_id"])
    account = link and await Account.get_or_none(id=link.account_id)
    if not link or not account or await _too_many(link):
        return
    with in_language(link.language):
        await send_letter(f"change-{link.id}", _address(account), _address_changes())


async def mail_password_changed(fact: Fact) -> None:
    """The news that the password is another one, so that a stranger's doing is noticed."""
    account = await Account.get_or_none(id=fact["account_id"])
    if account is not None:
        with in_language(fact["language"]):
            # A mail's id must not tell the account's, nor how many facts there are.
            mail_id = vault.keys().keyed_hash("mail id", f"{account.id}:{fact.id}")
            await send_letter(f"password-{mail_id}", _address(account), _password_changed())


async def mail_sign_on_linked(fact: Fact) -> None:
    """The news that there is another way into the account."""
    await _mail_about_sign_on(fact, _sign_on_linked)


async def mail_sign_on_unlinked(fact: Fact) -> None:
    """The news that this way is closed again."""
    await _mail_about_sign_on(fact, _sign_on_unlinked)


async def _mail_about_sign_on(fact: Fact, letter: Callable[[], Letter]) -> None:
    account = await Account.get_or_none(id=fact["account_id"])
    if account is not None:
        with in_language(fact["language"]):
            mail_id = vault.keys().keyed_hash("mail id", f"{account.id}:{fact.id}")
            await send_letter(f"sign-on-{mail_id}", _address(account), letter())


async def mail_identity_revealed(fact: Fact) -> None:
    """The news that staff have seen who is behind a nickname; not which, as others may read the mail."""
    row = await Reveal.get_or_none(id=fact["reveal_id"])
    account = row and await Account.get_or_none(member_id=row.member_id)
    if row is None or not account:
        return
    member = await fetch_one("SELECT language FROM members WHERE id = :id", {"id": row.member_id})
    with in_language(member["language"] if member else ""):
        await send_letter(f"reveal-{row.id}", _address(account), _identity_revealed())


async def mail_consent(fact: Fact) -> None:
    """The link that confirms a consent, with the words that are agreed to."""
    row = await Consent.get_or_none(id=fact["consent_id"], confirmed_at__isnull=True, expires_at__gt=now())
    account = row and await Account.get_or_none(id=row.account_id)
    if row is None or not account:
        return
    token = links.token_of(Purpose.CONSENT, row.nonce)
    with in_language(row.language):
        await send_letter(
            f"consent-{row.id}",
            _address(account),
            _confirm_consent(row.text, link_url("/consents/confirm", token)),
        )


async def mail_erased(fact: Fact) -> None:
    """The last mail: that account and identity are gone. Then the address is forgotten as well."""
    row = await Erasure.get_or_none(id=fact["erasure_id"])
    if row is None or not row.mail_encrypted:
        return
    with in_language(row.language):
        to = vault.unseal(row.mail_encrypted, vault.ERASURE_MAIL, row.id)
        await send_letter(f"erased-{row.id}", to, _erased())
    await erasure.forget_mail(row.id)


async def mail_second_factor(fact: Fact) -> None:
    """The news about a second factor: whoever did not do it themselves can still act."""
    account = await Account.get_or_none(id=fact["account_id"])
    if account:
        with in_language(fact["language"]):
            letter = await _second_factor(fact.name, account.id)
            await send_letter(f"factor-{fact.id}", _address(account), letter)


async def _second_factor(name: str, account_id: int) -> Letter:
    subject, news = {
        "account.second_factor_added": (
            _("A second factor was added"),
            _("your account was given a new second factor: an app or a passkey."),
        ),
        "account.second_factor_removed": (
            _("A second factor was removed"),
            _("a second factor was removed from your account: an app or a passkey."),
        ),
        "account.recovery_codes_renewed": (
            _("New recovery codes were made"),
            _("new recovery codes were made for your account. The earlier ones are worthless."),
        ),
        "account.recovery_code_used": (
            _("A recovery code was used"),
            _("somebody, probably you, has logged in with one of your recovery codes."),
        ),
        "account.second_factor_reset": (
            _("Your second factor was taken away"),
            _("our staff have taken the second factor from your account, because it was said to be lost."),
        ),
    }[name]
    paragraphs = [news]
    if name == "account.recovery_code_used":
        left = await recovery_codes.count_codes(account_id)
        paragraphs.append(
            ngettext("%(count)d code is left.", "%(count)d codes are left.", left) % {"count": left}
        )
    paragraphs.append(_("If it was not you, please choose a new password now, and look at your settings."))
    return Letter(
        subject=subject,
        paragraphs=paragraphs,
        link=f"{settings.base_url}/forgotten-password",
        link_text=_("Choose a new password"),
    )


def _erased() -> Letter:
    return Letter(
        subject=_("Your account is erased"),
        paragraphs=[
            _("your account and everything that told who you are have been erased, as you asked."),
            _("This is the last mail: your address is not known here any more."),
            _("If it was not you, please write to whoever runs the community. Nothing can be brought back."),
        ],
    )


async def mail_group_invitation(fact: Fact, group_name: str) -> None:
    """The link into a group. `group_name` is empty where the group's name is nobody's business but its members'."""
    row = await MailInvitation.get_or_none(id=fact["invitation_id"], is_used=False, expires_at__gt=now())
    if row is None:
        return
    to = vault.unseal(row.mail_encrypted, vault.GROUP_INVITATION_MAIL, row.id)
    sent = await MailInvitation.filter(
        mail_hash__in=vault.mail_hashes(to, vault.GROUP_INVITATION_MAIL),
        created_at__gt=row.created_at - MOST_MAILS_IN,
        created_at__lte=row.created_at,
    ).count()
    if sent > MOST_MAILS:
        return
    token = links.token_of(Purpose.GROUP_INVITATION, row.nonce)
    with in_language(row.language):
        await send_letter(
            f"group-{row.id}", to, _group_invitation(group_name, link_url("/group-invitation", token))
        )


def _group_invitation(group_name: str, link: str) -> Letter:
    invited = (
        _("you are invited to the group “%(group)s” of our community.") % {"group": group_name}
        if group_name
        else _("you are invited to a group of our community.")
    )
    return Letter(
        subject=_("You are invited to a group"),
        paragraphs=[
            invited,
            _("Log in or register with this mail address, then open the link."),
            _("Nobody learns from this which nickname you use, or whether you have joined at all."),
        ],
        link=link,
        link_text=_("Look at the invitation"),
        after=[
            _("The link can be used for 14 days, and only by you."),
            _("If you do not want to join, there is nothing to do."),
        ],
    )


def _confirm_consent(text: str, link: str) -> Letter:
    return Letter(
        subject=_("Please confirm your consent"),
        paragraphs=[_("somebody, probably you, has agreed to this in the settings of your account:"), text],
        link=link,
        link_text=_("Confirm consent"),
        after=[
            _("The link can be used for seven days."),
            _("If it was not you, there is nothing to do: without your confirmation there is no consent."),
        ],
    )


def _identity_revealed() -> Letter:
    return Letter(
        subject=_("Your identity was looked at"),
        paragraphs=[
            _("two members of our staff have decided that one of them may see who is behind your nickname."),
            _("When that was, and for what reason, stands in your settings under privacy."),
        ],
        link=f"{settings.base_url}/settings/privacy",
        link_text=_("Privacy settings"),
    )


def _confirm_address(link: str) -> Letter:
    return Letter(
        subject=_("Please confirm your mail address"),
        paragraphs=[
            _("somebody, probably you, has registered with this mail address."),
            _("Please confirm the address. Then you can log in with it and your password."),
        ],
        link=link,
        link_text=_("Confirm address"),
        after=[
            _("The link can be used for 48 hours."),
            _("If it was not you, there is nothing to do: no account is created without your confirmation."),
        ],
    )


def _known_address() -> Letter:
    return Letter(
        subject=_("You already have an account"),
        paragraphs=[
            _("somebody, probably you, wanted to register with this mail address."),
            _("There is an account with this address already, so nothing was changed. Just log in."),
            _("If you do not remember your password, you can choose a new one on the log-in page."),
        ],
        link=f"{settings.base_url}/log-in",
        link_text=_("Log in"),
        after=[_("If it was not you, there is nothing to do.")],
    )


def _new_password(link: str) -> Letter:
    return Letter(
        subject=_("Choose a new password"),
        paragraphs=[_("somebody, probably you, has asked for a new password for your account.")],
        link=link,
        link_text=_("Choose a new password"),
        after=[
            _("The link can be used once, within one hour."),
            _("If it was not you, there is nothing to do: your password stays as it is."),
        ],
    )


def _confirm_new_address(link: str) -> Letter:
    return Letter(
        subject=_("Please confirm your new mail address"),
        paragraphs=[_("somebody, probably you, wants to use this mail address for their account.")],
        link=link,
        link_text=_("Confirm address"),
        after=[
            _("The link can be used for 48 hours."),
            _("If it was not you, there is nothing to do: without your confirmation nothing changes."),
        ],
    )


def _confirm_same_address(link: str) -> Letter:
    return Letter(
        subject=_("Please confirm your mail address"),
        paragraphs=[
            _("a mail to this address was sent back, so you get no news by mail any more."),
            _("If you read this, it works again. Please confirm it."),
        ],
        link=link,
        link_text=_("Confirm address"),
        after=[_("The link can be used for 48 hours.")],
    )


def _address_changes() -> Letter:
    return Letter(
        subject=_("Your mail address is to be changed"),
        paragraphs=[
            _("somebody, probably you, has asked to use another mail address for your account."),
            _("The change takes effect as soon as the new address is confirmed."),
            _("If it was not you, please log in and change your password now: that stops the change."),
        ],
        link=f"{settings.base_url}/settings/password",
        link_text=_("Change password"),
    )


def _password_changed() -> Letter:
    return Letter(
        subject=_("Your password was changed"),
        paragraphs=[
            _("the password of your account was changed, and all other sessions were ended."),
            _("If it was not you, please choose a new password now."),
        ],
        link=f"{settings.base_url}/forgotten-password",
        link_text=_("Choose a new password"),
    )


def _sign_on_linked() -> Letter:
    return Letter(
        subject=_("Another way into your account"),
        paragraphs=[
            _(
                "from now on your account can also be entered through the log-in provider, without your password."
            ),
            _("If it was not you, please choose a new password and unlink the provider in your settings."),
        ],
        link=f"{settings.base_url}/settings/sign-on",
        link_text=_("Open your settings"),
    )


def _sign_on_unlinked() -> Letter:
    return Letter(
        subject=_("A way into your account is closed"),
        paragraphs=[
            _("your account can no longer be entered through the log-in provider."),
            _("If it was not you, please choose a new password now."),
        ],
        link=f"{settings.base_url}/forgotten-password",
        link_text=_("Choose a new password"),
    )


async def _open_link(link_id: int) -> MailLink | None:
    """The link, if it can still be used when the mail arrives."""
    return await MailLink.get_or_none(
        id=link_id, used_at__isnull=True, expires_at__gt=now(), account_id__isnull=False
    )


async def _too_many(link: MailLink) -> bool:
    """Whether so many links of this purpose were asked for that mails would be a nuisance."""
    row = await fetch_one(
        """SELECT COUNT(*) AS sent FROM vault_mail_links WHERE account_id = :account AND purpose = :purpose
        AND created_at > :after AND created_at <= :until""",
        {
            "account": link.account_id,
            "purpose": link.purpose,
            "after": link.created_at - MOST_MAILS_IN,
            "until": link.created_at,
        },
    )
    return row is not None and row["sent"] > MOST_MAILS


def _address(account: Account) -> str:
    return vault.unseal(account.mail_encrypted, vault.ACCOUNT_MAIL, account.id)
