"""Mails about an answer that came by mail and was not published as it was sent.

They go to the account's own address and to no other, quote nothing, and say nothing about the thread.
"""

from __future__ import annotations

from dataclasses import replace

from community.accounts import vault
from community.accounts.letters import Letter, in_language, send_letter
from community.accounts.models import Account
from community.accounts.news_mails import threading_headers
from community.core.db import fetch_one
from community.core.i18n import gettext as _
from community.core.outbox import Fact
from community.settings import settings


async def mail_about_reply(fact: Fact) -> None:
    """Why it is not published, or what of it is not."""
    account = await Account.get_or_none(member_id=fact["member_id"], confirmed_at__isnull=False)
    member = await fetch_one("SELECT language FROM members WHERE id = :id", {"id": fact["member_id"]})
    if account is None or member is None:
        return
    with in_language(member["language"]):
        mail_id = vault.keys().keyed_hash("mail id", f"{account.id}:{fact.id}")
        to = vault.unseal(account.mail_encrypted, vault.ACCOUNT_MAIL, account.id)
        letter = _letter(fact["reason"], fact["thread_id"])
        headers = threading_headers(fact["thread_id"], fact["member_id"])
        await send_letter(f"reply-{mail_id}", to, replace(letter, headers=headers))


def _letter(reason: str, thread_id: int) -> Letter:
    link = f"{settings.base_url}/threads/{thread_id}"
    if reason == "files_left_out":
        return Letter(
            subject=_("Your answer is published, without its files"),
            paragraphs=[
                _("your answer by mail is published. The files with it are not: none are taken by mail.")
            ],
            link=link,
            link_text=_("See the answer"),
            after=_after(),
        )
    if reason == "waits":
        return Letter(
            subject=_("Your answer waits for its release"),
            paragraphs=[
                _(
                    "your answer by mail has arrived and is kept. It is not public yet: somebody of the staff looks "
                    "at it first. You will hear as soon as it is decided."
                ),
            ],
            link=f"{settings.base_url}/waiting",
            link_text=_("See your text"),
            after=_after(),
        )
    if reason == "terms":
        return Letter(
            subject=_("Your answer waits for you"),
            paragraphs=[
                _(
                    "the terms of the community, or pages like them, have changed, and you have not accepted them "
                    "yet. So we have not published your answer by mail, but kept it as a draft."
                ),
                _("Please read what is new and accept it; then one click publishes your answer."),
            ],
            link=f"{link}#answer",
            link_text=_("See the draft"),
            after=_after(),
        )
    if reason == "personal":
        return Letter(
            subject=_("Your answer waits for you"),
            paragraphs=[
                _(
                    "your answer by mail holds what looks like personal details: a name, a telephone number, a mail "
                    "address or the like. So we have not published it, but kept it as a draft."
                ),
                _("Please look at it once more; one click publishes it."),
            ],
            link=f"{link}#answer",
            link_text=_("See the draft"),
            after=_after(),
        )
    return Letter(
        subject=_("Your answer is not published"),
        paragraphs=[
            _("your answer by mail is not published."),
            _reasons().get(reason, _("It could not be read.")),
            _("Your text is in the mail that you sent, if you want to use it again."),
        ],
        link=link,
        link_text=_("To the community"),
        after=_after(),
    )


def _reasons() -> dict[str, str]:
    return {
        "stranger": _(
            "It does not come from the mail address of your account. If it was not you who wrote it, somebody has a "
            "mail of ours that was meant for you: they cannot write under your name with it."
        ),
        "ended": _("The mail that it answers is too old."),
        "closed": _("This thread takes no answers from you any more."),
        "staff": _("Members of the team answer in the site, where they log in with a second factor."),
        "empty": _("We found no text in it beside what was quoted and the signature."),
        "too_long": _("It is longer than an answer can be."),
        "muted": _(
            "Our moderators have decided that you cannot write there at the moment. Until when, and why, you see "
            "after logging in. Your text is kept as a draft."
        ),
        "full": _(
            "It was to be kept as a draft, but there is no room left: your draft in this thread is very long already."
        ),
        "too_many": _("There were very many answers by mail from you within an hour."),
    }


def _after() -> list[str]:
    return [_("Please do not answer this mail: nobody reads it.")]
