"""Mails to whoever asked: whether it is solved, and how satisfied they are.

As in all mails of the vault, neither the question nor the nickname is named. The links open a page that tells
strangers nothing either; only what is pressed there changes anything, so scanners of mails may follow them.
"""

from __future__ import annotations

from collections.abc import Callable

from community.accounts import vault
from community.accounts.letters import Letter, link_url
from community.accounts.news_mails import Outcome, send_news
from community.core.i18n import gettext as _
from community.core.outbox import Fact


async def mail_reminder(fact: Fact, member_id: int, token: str, stop_link: str) -> Outcome:
    """Whether one of the answers has solved the question."""
    return await _send(
        fact, member_id, "reminder", lambda: _reminder(link_url("/reminder", token)), stop_link
    )


async def mail_satisfaction(fact: Fact, member_id: int, token: str, stop_link: str) -> Outcome:
    """How satisfied the asker is with the solution; one link for each number."""
    return await _send(
        fact, member_id, "satisfaction", lambda: _satisfaction(link_url("/satisfaction", token)), stop_link
    )


async def _send(
    fact: Fact, member_id: int, kind: str, write: Callable[[], Letter], stop_link: str
) -> Outcome:
    mail_id = vault.keys().keyed_hash("mail id", f"{member_id}:{fact.id}")
    return await send_news(
        member_id,
        f"{kind}-{mail_id}",
        write,
        stop_link=stop_link,
        topics=lambda: _("Reminders to say whether your question is solved"),
    )


def _reminder(link: str) -> Letter:
    return Letter(
        subject=_("Is your question solved?"),
        paragraphs=[
            _("you have asked a question in our community, and somebody has answered."),
            _("Has one of the answers solved it? One click helps everybody who looks for the same."),
        ],
        choices=[
            (_("Yes, it is solved"), f"{link}&say=solved"),
            (_("No, it is still open"), f"{link}&say=open"),
        ],
        after=[_("We remind you twice at most, and not at all once you have said so.")],
    )


def _satisfaction(link: str) -> Letter:
    names = rating_names()
    return Letter(
        subject=_("How satisfied are you with the solution?"),
        paragraphs=[
            _(
                "a question of yours in our community has been solved. How satisfied are you with the solution?"
            )
        ],
        choices=[
            (f"{rating} – {names[rating]}", f"{link}&rating={rating}")
            for rating in sorted(names, reverse=True)
        ],
        after=[_("We ask only once. Nobody sees your answer together with your nickname.")],
    )


def rating_names() -> dict[int, str]:
    """What the numbers mean, in the reader's language."""
    return {
        1: _("not satisfied at all"),
        2: _("rather not satisfied"),
        3: _("partly satisfied"),
        4: _("satisfied"),
        5: _("very satisfied"),
    }
