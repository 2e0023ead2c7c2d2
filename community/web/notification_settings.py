"""Which notifications a member wants."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.i18n import gettext as _
from community.notifications import actions
from community.notifications.queries import list_choices
from community.notifications.rules import Channel, Topic
from community.web.forms import read_form
from community.web.pages import redirect, show, viewer_of
from community.web.parts import FilterLink, FormState
from community.web.settings import settings_tabs


@dataclass(frozen=True, slots=True)
class TopicChoice:
    name: str
    label: str
    hint: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class NotificationSettingsPage:
    tabs: tuple[FilterLink, ...]
    form: FormState
    sections: tuple[tuple[str, tuple[TopicChoice, ...]], ...]
    always: tuple[str, ...]
    """What is told in any case."""


async def show_choices(request: Request) -> Response:
    chosen = await list_choices(viewer_of(request).id)
    page = NotificationSettingsPage(
        tabs=settings_tabs("notifications"),
        form=FormState(),
        sections=tuple(
            (
                title,
                tuple(
                    TopicChoice(topic, label, hint, chosen[topic] is not Channel.NONE)
                    for topic, label, hint in topics
                ),
            )
            for title, topics in _sections()
        ),
        always=(
            _("What moderators decide about your posts and threads, and why"),
            _("That staff have looked at who is behind your nickname"),
            _("Whether you are let into a group that you asked to join"),
        ),
    )
    return await show(request, "settings/notifications.html", page)


async def choose(request: Request) -> Response:
    fields = await read_form(request)
    wanted = {topic: Channel.SITE if fields.get(topic) else Channel.NONE for topic in Topic}
    await actions.choose_channels(viewer_of(request).id, wanted)
    return redirect("/settings/notifications", notice="saved")


def _sections() -> tuple[tuple[str, tuple[tuple[Topic, str, str], ...]], ...]:
    return (
        (
            _("Your questions and posts"),
            (
                (Topic.ANSWERS, _("Answers in threads you started"), ""),
                (
                    Topic.OWN_QUESTIONS,
                    _("Reminders to say whether your question is solved"),
                    _("With it go the mails about it, and the one that asks how satisfied you are."),
                ),
                (Topic.COMMENTS, _("Comments on your posts"), ""),
                (Topic.SOLUTIONS, _("Your answer has become the solution"), ""),
                (
                    Topic.KUDOS,
                    _("Kudos for your posts"),
                    _("All thanks for one post are one line until you have read it."),
                ),
                (Topic.CREDITS, _("Your answer has become part of the FAQ"), ""),
                (Topic.HONOURS, _("You have become an expert or earned a badge"), ""),
            ),
        ),
        (
            _("What others write"),
            (
                (Topic.MENTIONS, _("Somebody mentions your nickname"), ""),
                (Topic.FOLLOWED, _("Answers in other threads you follow"), ""),
                (Topic.NEW_THREADS, _("New threads in spaces and with tags you follow"), ""),
                (Topic.EXPERT_QUESTIONS, _("Questions that are sent to you as an expert"), ""),
            ),
        ),
        (
            _("Groups and flags"),
            (
                (Topic.INVITATIONS, _("Invitations to groups"), ""),
                (Topic.JOIN_REQUESTS, _("Requests to join a group that you look after"), ""),
                (Topic.FLAGS, _("What became of your flags"), ""),
            ),
        ),
    )
