"""An edit that is not possible any more: the page says why, and keeps what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import Forbidden, NotFound
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.viewer import Viewer
from community.threads import actions, permissions, queries
from community.threads.actions import edit_place
from community.web.edit_drafts import save_edit_draft
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.uploads import read_form_with_files

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class EditOverPage:
    url: str
    reason: str
    is_new: bool
    """It has just been typed."""
    title: str
    typed: str
    is_kept: bool
    """All of it, as a draft: here its author finds it again."""
    post_url: str
    """Empty where the post cannot be read any more."""
    comment_url: str
    """Where a comment can be added instead; empty where none can."""


async def explain_refusal(request: Request, refusal: Forbidden | NotFound) -> Response:
    """For the author of the post; everybody else gets the refusal itself, which tells nothing."""
    viewer, post_id, title, typed = viewer_of(request), path_id(request, "post_id"), "", ""
    if viewer.is_guest or not await queries.wrote(post_id, viewer):
        raise refusal
    if request.method == "POST":
        async with read_form_with_files(request) as form:
            if form.fields.get("do") == "discard":
                await actions.discard_draft(edit_place(post_id), by=viewer.id)
                return redirect(f"/posts/{post_id}/edit")
            await save_edit_draft(post_id, form.fields, viewer)
            # As it was sent: not all that is typed can be kept.
            title, typed = form.fields.get("title", ""), form.fields.get("body", "")
    draft = await queries.find_draft(edit_place(post_id), viewer)
    if request.method != "POST" and draft:
        title, typed = draft.title, draft.body
    reason, post_url, comment_url = _("This post cannot be edited at the moment."), "", ""
    try:
        post, thread = await queries.get_post(post_id, viewer)
    except NotFound:
        pass
    else:
        post_url = f"/posts/{post.id}"
        if viewer.may_take_part(thread.space_id) and not thread.locked_at and not post.hidden_at:
            reason = _window_over(viewer)
        if permissions.can_answer(viewer, thread) and not post.hidden_at and post.parent_id is None:
            comment_url = f"/posts/{post.id}/comments"
    page = EditOverPage(
        url=f"/posts/{post_id}/edit",
        reason=reason,
        is_new=request.method == "POST",
        title=title,
        typed=typed,
        is_kept=draft is not None and draft.body == typed,
        post_url=post_url,
        comment_url=comment_url,
    )
    head = Head(section="spaces", robots="noindex")
    return await show(request, "threads/edit_over.html", page, head, status=403 if post_url else 404)


def _window_over(viewer: Viewer) -> str:
    hours = max(1, permissions.edit_window(viewer) // HOUR)
    if hours % 24 == 0:
        days = hours // 24
        time = ngettext("%(num)s day", "%(num)s days", days) % {"num": number(days)}
    else:
        time = ngettext("%(num)s hour", "%(num)s hours", hours) % {"num": number(hours)}
    return _("What you write can be edited for %(time)s. For this post that time is over.") % {"time": time}
