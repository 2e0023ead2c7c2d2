"""Which notifications a member wants, and how: in the site, by mail at once, in a digest, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.mail_reach import is_unreachable
from community.core.i18n import gettext as _
from community.notifications import actions, mail_wishes
from community.notifications.mail_wishes import Wishes, find_wishes, list_choices
from community.notifications.rules import Channel, Topic, channels_for
from community.notifications.wording import topic_names
from community.web.forms import read_form
from community.web.pages import redirect, show, viewer_of
from community.web.parts import Choice, FilterLink, FormState
from community.web.settings import settings_tabs

HOURS = range(24)
USUAL_QUIET = (20, 7)


@dataclass(frozen=True, slots=True)
class TopicChoice:
    name: str
    label: str
    hint: str
    channels: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class NotificationSettingsPage:
    tabs: tuple[FilterLink, ...]
    form: FormState
    sections: tuple[tuple[str, tuple[TopicChoice, ...]], ...]
    is_stopped: bool
    tells_titles: bool
    is_quiet: bool
    quiet_from: tuple[Choice, ...]
    quiet_until: tuple[Choice, ...]
    unreachable_url: str
    """Where a mail is asked for that confirms the address again; empty while mails arrive."""


async def show_choices(request: Request) -> Response:
    viewer = viewer_of(request)
    chosen, wishes = await list_choices(viewer.id), await find_wishes(viewer.id)
    begin, end = (
        (wishes.quiet_from, wishes.quiet_until)
        if wishes.quiet_from is not None and wishes.quiet_until is not None
        else USUAL_QUIET
    )
    page = NotificationSettingsPage(
        tabs=settings_tabs("notifications"),
        form=FormState(),
        sections=tuple(
            (title, tuple(_topic(topic, hint, chosen[topic]) for topic, hint in topics.items()))
            for title, topics in _sections()
        ),
        is_stopped=wishes.is_stopped,
        tells_titles=wishes.tells_titles,
        is_quiet=wishes.quiet_from is not None,
        quiet_from=_hours(begin),
        quiet_until=_hours(end),
        unreachable_url="/settings/notifications/confirm-address" if await is_unreachable(viewer.id) else "",
    )
    return await show(request, "settings/notifications.html", page)


async def choose(request: Request) -> Response:
    """What is left out stays as it is, so that nobody loses a choice to a page from before there were others."""
    viewer, fields = viewer_of(request), await read_form(request)
    chosen = {
        topic: Channel(fields[topic]) for topic in Topic if fields.get(topic, "") in channels_for(topic)
    }
    await actions.choose_channels(viewer.id, chosen)
    wishes = _wishes(fields)
    await mail_wishes.wish(viewer.id, wishes)
    return redirect("/settings/notifications", notice="saved")


def _wishes(fields: Mapping[str, str]) -> Wishes:
    begin, end = _hour(fields.get("quiet_from", "")), _hour(fields.get("quiet_until", ""))
    is_quiet = bool(fields.get("quiet")) and begin is not None and end is not None
    return Wishes(
        tells_titles=bool(fields.get("tells_titles")),
        quiet_from=begin if is_quiet else None,
        quiet_until=end if is_quiet else None,
        is_stopped=bool(fields.get("no_mails")),
    )


def _hour(text: str) -> int | None:
    return int(text) if text in {str(hour) for hour in HOURS} else None


def _hours(chosen: int) -> tuple[Choice, ...]:
    return tuple(Choice(str(hour), f"{hour:02}:00", selected=hour == chosen) for hour in HOURS)


def _topic(topic: Topic, hint: str, chosen: Channel) -> TopicChoice:
    names = _channel_names()
    channels = tuple(
        Choice(channel, names[channel], selected=channel is chosen) for channel in channels_for(topic)
    )
    return TopicChoice(topic, topic_names()[topic], hint, channels)


def _channel_names() -> dict[Channel, str]:
    return {
        Channel.MAIL: _("By mail at once"),
        Channel.DAILY: _("By mail once a day"),
        Channel.WEEKLY: _("By mail once a week"),
        Channel.SITE: _("Only in the site"),
        Channel.NONE: _("Not at all"),
    }


def _sections() -> tuple[tuple[str, dict[Topic, str]], ...]:
    return (
        (
            _("Your questions and posts"),
            {
                Topic.ANSWERS: "",
                Topic.OWN_QUESTIONS: _(
                    "Two for each question at most, and one mail that asks how satisfied you are with the solution."
                ),
                Topic.COMMENTS: "",
                Topic.SOLUTIONS: "",
                Topic.KUDOS: _("All thanks for one post are one line until you have read it."),
                Topic.CREDITS: "",
                Topic.HONOURS: "",
            },
        ),
        (
            _("What others write"),
            {
                Topic.MENTIONS: "",
                Topic.FOLLOWED: "",
                Topic.NEW_THREADS: "",
                Topic.IDEAS: "",
                Topic.EXPERT_QUESTIONS: "",
            },
        ),
        (
            _("Groups, flags and decisions"),
            {
                Topic.INVITATIONS: "",
                Topic.JOIN_REQUESTS: "",
                Topic.FLAGS: "",
                Topic.DECISIONS: _(
                    "What moderators decide and why, whether a group lets you in, and that staff have looked at who "
                    "is behind your nickname. This concerns your rights, so in the site it cannot be switched off."
                ),
            },
        ),
        (
            _("From the community"),
            {
                Topic.HIGHLIGHTS: _(
                    "Unanswered questions in your subjects, what was solved there, and the most helpful answers."
                ),
            },
        ),
    )
