"""The asker is reminded of their question and asked how satisfied they are; news leave by mail."""

from __future__ import annotations

from community.accounts import asker_mails
from community.accounts.news_mails import stop_link_for
from community.core.clock import now
from community.core.outbox import Fact, NotYet
from community.notifications.actions import notify
from community.notifications.mail_figures import count_mail
from community.notifications.mail_wishes import channel_for, find_stop_token, find_wishes, quiet_ends
from community.notifications.mailing import send_mail
from community.notifications.rules import Channel, Topic
from community.sanctions.queries import is_shut_out
from community.spaces.queries import readers_among
from community.threads import reminders, satisfaction


async def plan_reminder(fact: Fact) -> None:
    """After an answer by somebody else the asker has a few days to say whether it solves the question."""
    await reminders.plan(fact["thread_id"])


async def plan_reminder_anew(fact: Fact) -> None:
    """A question that is open again begins to wait now, or waits no more."""
    await reminders.plan(fact["thread_id"], since=now())


async def tell_asker(fact: Fact) -> None:
    """The reminder in the site, while the question still waits and its asker may read it."""
    waiting = await reminders.find_waiting(fact["thread_id"])
    if waiting is not None:
        await notify(
            sorted(await readers_among(waiting.space_id, {waiting.asker_id})),
            "solved_yet",
            cause=f"{fact.id}",
            thread_id=waiting.thread_id,
        )


async def mail_asker(fact: Fact) -> None:
    """The reminder by mail; nothing if the question waits no more, or its asker may not read it any more."""
    waiting = await reminders.find_waiting(fact["thread_id"])
    if waiting is not None and await _may_mail_asker(waiting):
        token = await reminders.find_token(waiting.thread_id)
        stop_link = await _stop_link(waiting.asker_id)
        await count_mail(await asker_mails.mail_reminder(fact, waiting.asker_id, token, stop_link))


async def mail_satisfaction(fact: Fact) -> None:
    """The question by mail how satisfied the asker is; nothing once they have answered, or it is open again."""
    asked = await satisfaction.find_asked(fact["thread_id"])
    token = await satisfaction.find_token(fact["thread_id"])
    if asked is not None and token and await _may_mail_asker(asked):
        stop_link = await _stop_link(asked.asker_id)
        await count_mail(await asker_mails.mail_satisfaction(fact, asked.asker_id, token, stop_link))


async def _may_mail_asker(about: reminders.Waiting | satisfaction.Asked) -> bool:
    """Whether the asker may read the thread now, and wants to be asked by mail; later, if they want quiet now."""
    if await is_shut_out(about.asker_id) or not await readers_among(about.space_id, {about.asker_id}):
        return False
    if await channel_for(about.asker_id, Topic.OWN_QUESTIONS) is not Channel.MAIL:
        return False
    quiet = quiet_ends(await find_wishes(about.asker_id), now())
    if quiet is not None:
        raise NotYet(quiet)
    return True


async def _stop_link(asker_id: int) -> str:
    return stop_link_for(await find_stop_token(asker_id), [Topic.OWN_QUESTIONS])


async def mail_news(fact: Fact) -> None:
    """What a member has not read in the site, bundled."""
    await send_mail(fact["mail_id"])
