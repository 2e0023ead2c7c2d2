"""Being invited: the page behind a notification, and the page behind a link, mailed or passed on."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.links import LinkEnded
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.groups import invitations, queries
from community.groups.invitations import InvitedGroup
from community.groups.models import GroupRole
from community.web.forms import read_form
from community.web.groups import role_names
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Link
from community.web.registration import LinkEndedPage, without_a_copy


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """Name and purpose of the group, and nothing else of it."""

    name: str
    description: str
    url: str
    token: str
    role: str
    """In words, where it is more than being a member."""
    could_be_guessed: bool
    """The viewer came by an invitation that nobody can see, and would now be named."""
    can_decline: bool


@dataclass(frozen=True, slots=True)
class LogInFirstPage:
    log_in_url: str


async def show_invitation(request: Request) -> Response:
    viewer, slug = viewer_of(request), request.path_params["slug"]
    invited = await invitations.find_own_invitation(slug, viewer.id)
    if invited is None:
        # Answered already, perhaps; not found for everybody who may not know the group.
        return redirect(f"/groups/{(await queries.get_group(slug, viewer)).slug}")
    own = {group.id: group for group in await queries.list_groups(viewer) if group.is_member}.get(invited.id)
    return await _show(
        request,
        invited,
        url=f"/groups/{invited.slug}/invitation",
        could_be_guessed=own is not None and not own.came_openly,
    )


async def answer_invitation(request: Request) -> Response:
    viewer, slug = viewer_of(request), request.path_params["slug"]
    accepted = (await read_form(request)).get("do") == "accept"
    invited = await invitations.find_own_invitation(slug, viewer.id)
    if invited is None:
        raise NotFound
    await invitations.answer_invitation(invited.id, viewer.id, accepted=accepted)
    if accepted:
        return redirect(f"/groups/{invited.slug}", notice="joined-group")
    return redirect("/groups", notice="declined-group")


async def show_link(request: Request) -> Response:
    """Guests are asked to log in, whatever the secret is: mail scanners and strangers learn nothing."""
    viewer, token = viewer_of(request), request.query_params.get("token", "")
    if viewer.is_guest:
        page = LogInFirstPage(f"/log-in?next={quote(f'/group-invitation?token={quote(token)}', safe='')}")
        answer = await show(request, "groups/log_in_first.html", page, Head(robots="noindex"))
        return without_a_copy(answer)
    invited = await invitations.find_by_token(token, viewer.id)
    if invited is None:
        return await _show_ended(request)
    return await _show(request, invited, url="/group-invitation", token=token)


async def accept_link(request: Request) -> Response:
    token = (await read_form(request)).get("token", "")
    try:
        slug = await invitations.accept_by_token(token, viewer_of(request).id)
    except LinkEnded:
        return await _show_ended(request)
    return redirect(f"/groups/{slug}", notice="joined-group")


async def _show(
    request: Request, invited: InvitedGroup, *, url: str, token: str = "", could_be_guessed: bool = False
) -> Response:
    page = InvitationPage(
        name=invited.name,
        description=invited.description,
        url=url,
        token=token,
        role="" if invited.role == GroupRole.MEMBER else role_names()[invited.role],
        could_be_guessed=could_be_guessed,
        can_decline=not token,
    )
    return without_a_copy(await show(request, "groups/invitation.html", page, Head(robots="noindex")))


async def _show_ended(request: Request) -> Response:
    """One answer for what is too old, used up, withdrawn, meant for another address, or no invitation at all."""
    page = LinkEndedPage(
        _(
            "This invitation cannot be used. It may be too old, used up or withdrawn, or meant for another "
            "mail address than yours."
        ),
        (Link(_("Groups"), "/groups"),),
    )
    return without_a_copy(await show(request, "accounts/link_ended.html", page, status=410))
