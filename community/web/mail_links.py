"""Pages behind the links of mails about the community: no more of them, or an address that works again.

Whoever holds the link may use it without logging in. A company reads along in its employees' mail, so the page says
nothing about the member but which sort of mail it is about.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import links, mail_reach
from community.accounts.links import LinkEnded, Purpose
from community.core.i18n import gettext as _
from community.http import tries
from community.notifications import actions, mail_wishes
from community.notifications.digest_letters import rhythm_names
from community.notifications.mail_figures import UNSUBSCRIBED, count
from community.notifications.rules import RHYTHMS, Channel, Topic
from community.notifications.wording import topic_names
from community.web.consents import ConsentLinkPage
from community.web.forms import read_form
from community.web.pages import Head, redirect, show, viewer_of
from community.web.registration import show_link_ended, without_a_copy

ALL = "all"


@dataclass(frozen=True, slots=True)
class StopPage:
    token: str
    about: str
    topics: tuple[str, ...]
    """What the mail with the link was about, in words; empty where it was about all."""


@dataclass(frozen=True, slots=True)
class StoppedPage:
    topics: tuple[str, ...]
    """Empty: no mails at all any more."""


async def show_stop_form(request: Request) -> Response:
    token, about = request.query_params.get("token", ""), request.query_params.get("about", "")
    if await mail_wishes.find_stopping(token) is None:
        return await show_link_ended(request, LinkEnded())
    page = StopPage(token, about, _names(about))
    return without_a_copy(await show(request, "accounts/stop_mails.html", page, Head(robots="noindex")))


async def stop(request: Request) -> Response:
    """From the page's form, or straight from a mail program (RFC 8058): then all stands in the address."""
    fields, address = await read_form(request), request.query_params
    member_id = await mail_wishes.find_stopping(fields.get("token") or address.get("token", ""))
    if member_id is None:
        return await show_link_ended(request, LinkEnded())
    about = fields.get("about") or address.get("about", ALL)
    await _stop(member_id, about)
    page = StoppedPage(_names(about))
    return without_a_copy(await show(request, "accounts/mails_stopped.html", page, Head(robots="noindex")))


async def _stop(member_id: int, about: str) -> None:
    """An unsubscription counts once, however often the link is used."""
    topics, rhythms = _read(about)
    if not topics and not rhythms:
        changed = int(await mail_wishes.stop_all(member_id))
    else:
        chosen = await mail_wishes.list_choices(member_id)
        topics |= {topic for topic, channel in chosen.items() if channel in rhythms}
        changed = await actions.stop_mails(member_id, topics)
    if changed:
        await count(UNSUBSCRIBED)


def _read(about: str) -> tuple[set[Topic], set[Channel]]:
    """The topics and the digests that a link names; what is no such thing any more is left out."""
    names = set(about.split(","))
    return {topic for topic in Topic if topic in names}, {rhythm for rhythm in RHYTHMS if rhythm in names}


def _names(about: str) -> tuple[str, ...]:
    topics, rhythms = _read(about)
    named = topic_names()
    return (*(named[topic] for topic in Topic if topic in topics), *(rhythm_names()[one] for one in rhythms))


# --- an address that was refused --------------------------------------------------------------------------


async def ask_confirmation(request: Request) -> Response:
    viewer = viewer_of(request)
    await tries.CONFIRMATIONS.take(viewer.id)
    await mail_reach.ask_confirmation(viewer.id)
    return redirect("/settings/notifications", notice="address-doubted")


async def show_confirm_form(request: Request) -> Response:
    token = request.query_params.get("token", "")
    if await links.find_link_member(token, Purpose.SAME_MAIL) is None:
        return await show_link_ended(request, LinkEnded())
    page = ConsentLinkPage(
        title=_("Confirm your mail address"),
        text=_("From now on you get news by mail again, as you have chosen."),
        token=token,
        url="/mails/confirm-address",
        button=_("Confirm address"),
    )
    return without_a_copy(await show(request, "accounts/consent.html", page, Head(robots="noindex")))


async def confirm_address(request: Request) -> Response:
    try:
        await mail_reach.confirm_again((await read_form(request)).get("token", ""))
    except LinkEnded as ended:
        return await show_link_ended(request, ended)
    return redirect(
        "/settings/notifications" if viewer_of(request).is_member else "/", notice="address-confirmed"
    )
