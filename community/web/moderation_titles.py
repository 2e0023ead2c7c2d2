"""Staff change what a thread is called and tagged, and whose name stands beside a post."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core.clock import now
from community.core.errors import Conflict, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.threads import queries
from community.threads.actions import clean_tags
from community.threads.permissions import can_unlink_author
from community.threads.queries import PostRow, ThreadView
from community.threads.retitling import find_opening_version, retitle_thread
from community.threads.unlinking import unlink_author
from community.web.acting import act_by_form, redirect_after_act
from community.web.forms import check_length, read_form
from community.web.lists import thread_url
from community.web.moderation_order import check_reason, crumbs_of, load_post, load_thread
from community.web.pages import Head, show, viewer_of
from community.web.parts import Author, Crumb, FieldError, FormState
from community.web.people import author
from community.web.posts import LONGEST_TAGS, LONGEST_TITLE, place_of


@dataclass(frozen=True, slots=True)
class TitlePage:
    """Title and tags of a thread, with the reason for changing them."""

    url: str
    back_url: str
    crumbs: tuple[Crumb, ...]
    language: str
    longest_title: int
    longest_tags: int
    form: FormState


async def show_title_form(request: Request) -> Response:
    thread = await load_thread(request)
    version = await find_opening_version(thread.id)
    values = {"title": thread.title, "tags": ", ".join(thread.tags), "version": str(version)}
    return await _show_title(request, thread, FormState(values))


async def change_title(request: Request) -> Response:
    viewer = viewer_of(request)
    thread = await load_thread(request)
    fields = dict(await read_form(request))
    title = " ".join(fields.get("title", "").split())
    errors = check_length("title", title, least=1, most=LONGEST_TITLE) + check_reason(fields)
    if errors:
        return await _show_title(request, thread, FormState(fields, tuple(errors)), status=422)
    version, began_at = fields.get("version", ""), now()
    try:
        await retitle_thread(
            thread.id,
            title=title,
            tags=clean_tags(fields.get("tags", "")),
            by=viewer,
            reason=fields["reason"],
            version=int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0,
        )
    except Conflict as error:
        # What is there now is shown above; what was typed stays, and may be saved next.
        fields["version"] = str(await find_opening_version(thread.id))
        name = _("It is called “%(title)s” now.") % {"title": thread.title}
        form = FormState(fields, (FieldError("", f"{error} {name}"),))
        return await _show_title(request, thread, form, status=409)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show_title(request, thread, form, status=409)
    thread = await queries.get_thread(thread.id, viewer)
    url = thread_url(thread.id, thread.slug)
    return await redirect_after_act(url, f"thread:{thread.id}", by=viewer, since=began_at)


async def _show_title(
    request: Request, thread: ThreadView, form: FormState, *, status: int = 200
) -> Response:
    page = TitlePage(
        url=f"/moderation/threads/{thread.id}/title",
        back_url=thread_url(thread.id, thread.slug),
        crumbs=crumbs_of(thread),
        language=thread.language,
        longest_title=LONGEST_TITLE,
        longest_tags=LONGEST_TAGS,
        form=form,
    )
    return await show(request, "moderation/title.html", page, Head(section="moderation"), status=status)


@dataclass(frozen=True, slots=True)
class UnlinkPage:
    """A post from which the nickname is to be taken."""

    url: str
    back_url: str
    crumbs: tuple[Crumb, ...]
    author: Author
    html: Markup
    form: FormState


async def show_unlink_form(request: Request) -> Response:
    post, thread = await _load_named(request)
    return await _show_unlink(request, post, thread, FormState())


async def unlink(request: Request) -> Response:
    """The box says that whoever does it knows that nobody can undo it."""
    viewer = viewer_of(request)
    post, thread = await _load_named(request)
    fields = dict(await read_form(request))
    errors = check_reason(fields)
    if fields.get("known") != "1":
        errors.append(FieldError("known", _("Please confirm that you know this.")))
    whole = fields.get("whole") == "1"
    return await act_by_form(
        fields,
        errors,
        act=lambda: unlink_author(post.id, whole_thread=whole, by=viewer, reason=fields["reason"]),
        show=partial(_show_unlink, request, post, thread),
        then=await place_of(post, thread, viewer),
    )


async def _load_named(request: Request) -> tuple[PostRow, ThreadView]:
    post, thread = await load_post(request)
    authorize(can_unlink_author(viewer_of(request), post))
    return post, thread


async def _show_unlink(
    request: Request, post: PostRow, thread: ThreadView, form: FormState, *, status: int = 200
) -> Response:
    page = UnlinkPage(
        url=f"/moderation/posts/{post.id}/unlink",
        back_url=await place_of(post, thread, viewer_of(request)),
        crumbs=crumbs_of(thread),
        author=author(post.author),
        html=Markup(post.body_html),  # noqa: S704 - cleaned when it was written
        form=form,
    )
    return await show(request, "moderation/unlink.html", page, Head(section="moderation"), status=status)
