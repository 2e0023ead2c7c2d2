"""Flagging a post: a member tells the moderators what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.rate_limits import TooMany
from community.moderation import actions
from community.moderation.models import FlagReason
from community.moderation.notice_rules import SHORTEST_TEXT
from community.moderation.queries import has_open_flag
from community.threads import permissions, queries
from community.threads.queries import PostRow, ThreadView
from community.web.errors import sentence_about_waiting, waiting
from community.web.forms import check_length, read_form
from community.web.limiting import count_flag
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Author, Choice, Crumb, FieldError, FormState
from community.web.people import author
from community.web.posts import place_of
from community.web.thread_page import thread_url

LONGEST_NOTE = 1_000


@dataclass(frozen=True, slots=True)
class FlagPage:
    """The form, beside the post it is about."""

    url: str
    back_url: str
    crumbs: tuple[Crumb, ...]
    author: Author
    html: Markup
    reasons: tuple[Choice, ...]
    form: FormState
    already: bool
    """There is an open flag of this viewer on the post, so there is nothing to fill in."""


def flag_reasons() -> dict[str, tuple[str, str]]:
    """Each reason with its name and what it means, in the reader's language."""
    return {
        FlagReason.LAW: (
            _("Against the law"),
            _("Hate, threats, stolen texts or pictures. Please say why in the note"),
        ),
        FlagReason.INSULT: (_("Insult"), _("Somebody is attacked or put down")),
        FlagReason.ADVERTISING: (_("Advertising"), _("It sells something instead of helping")),
        FlagReason.PERSONAL: (_("Personal data"), _("It shows who somebody is, or data of a company")),
        FlagReason.WRONG_PLACE: (_("Wrong place"), _("It belongs into another space or thread")),
        FlagReason.OTHER: (_("Something else"), _("Please say what in the note")),
    }


async def show_flag_form(request: Request) -> Response:
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    authorize(permissions.can_flag_post(viewer, post))
    return await _show(request, post, thread, FormState(), already=await has_open_flag(post.id, viewer))


async def flag_post(request: Request) -> Response:
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    authorize(permissions.can_flag_post(viewer, post))
    fields = dict(await read_form(request))
    reason, note = fields.get("reason", ""), fields.get("note", "")
    least = {str(FlagReason.LAW): SHORTEST_TEXT, str(FlagReason.OTHER): 3}.get(reason, 0)
    errors = check_length("note", note, least=least, most=LONGEST_NOTE)
    if reason not in set(FlagReason):
        errors.insert(0, FieldError("reason", _("Please choose a reason.")))
    if errors:
        return await _show(request, post, thread, FormState(fields, tuple(errors)), status=422)
    try:
        await count_flag(request)
        await actions.flag_post(post.id, reason=FlagReason(reason), note=note, by=viewer.id)
    except TooMany as too_many:
        form = FormState(fields, (FieldError("", sentence_about_waiting(too_many)),))
        return waiting(await _show(request, post, thread, form, status=429), too_many)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show(request, post, thread, form, status=409)
    return redirect(await place_of(post, thread, viewer), notice="flagged")


async def _show(
    request: Request,
    post: PostRow,
    thread: ThreadView,
    form: FormState,
    *,
    already: bool = False,
    status: int = 200,
) -> Response:
    page = FlagPage(
        url=f"/posts/{post.id}/flag",
        back_url=await place_of(post, thread, viewer_of(request)),
        crumbs=(
            Crumb(thread.space_name, f"/spaces/{thread.space_slug}"),
            Crumb(thread.title, thread_url(thread.id, thread.slug)),
        ),
        author=author(post.author),
        html=Markup(post.body_html),  # noqa: S704 - cleaned when it was written
        reasons=tuple(
            Choice(value, label, hint, selected=value == form.value("reason"))
            for value, (label, hint) in flag_reasons().items()
        ),
        form=form,
        already=already,
    )
    head = Head(section="spaces", robots="noindex")
    return await show(request, "moderation/flag.html", page, head, status=status)
