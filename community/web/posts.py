"""One post: its permalink, kudos, editing and earlier versions."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from community.core.differences import Segment, differences
from community.core.errors import Conflict, Forbidden, NotFound, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.rate_limits import TooMany
from community.core.viewer import Viewer
from community.kudos import actions as kudos_actions
from community.kudos.queries import list_givers
from community.moderation.rules import LONGEST_REASON, SHORTEST_REASON
from community.threads import actions, permissions, queries
from community.threads.actions import LONGEST_BODY
from community.threads.models import PostKind
from community.threads.queries import PostRow, RevisionRow, ThreadView
from community.waiting import publishing
from community.waiting.publishing import Posted
from community.waiting.queries import find_own_edit
from community.web.attaching import Attached, AttachField, attach_field, find_attached, take_files
from community.web.edit_refused import explain_refusal
from community.web.errors import sentence_about_waiting, waiting
from community.web.forms import check_length
from community.web.limiting import count_kudos, count_post
from community.web.pages import Head, choose_language, path_id, redirect, show, viewer_of
from community.web.parts import Author, Crumb, FieldError, FormState, PersonalHint, PostView, When
from community.web.people import author
from community.web.post_views import PostViews, post_anchor
from community.web.thread_page import page_url, posted_as, thread_url
from community.web.uploads import FormWithFiles, read_form_with_files
from community.web.writing import (
    demand_voice,
    find_hints,
    is_fragment,
    rendered,
    say_mute,
    show_preview,
    waiting_url,
)

LONGEST_COMMENT = 1_000
LONGEST_TITLE = 200
LONGEST_TAGS = 200


async def place_of(post: PostRow, thread: ThreadView, viewer: Viewer) -> str:
    """The address of a post on the page of its thread; a comment stands on the page of its post."""
    page = 1
    if post.kind == PostKind.ANSWER:
        page = await queries.page_of_answer(post.id, viewer)
    elif post.parent_id is not None:
        parent, _thread = await queries.get_post(post.parent_id, viewer)
        if parent.kind == PostKind.ANSWER:
            page = await queries.page_of_answer(parent.id, viewer)
    return f"{page_url(thread, page, 'oldest')}#{post_anchor(post)}"


async def show_post(request: Request) -> Response:
    """The permalink: leads to where the post stands now."""
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    return RedirectResponse(await place_of(post, thread, viewer), status_code=302)


# --- kudos ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KudosPage:
    """The kudos button of one post after it was pressed."""

    post: PostView


async def give_kudos(request: Request) -> Response:
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    demand_voice(viewer, thread.space_id)
    authorize(permissions.can_give_kudos(viewer, thread, post))
    await count_kudos(request)
    await kudos_actions.give_kudos(post.id, by=viewer.id)
    return await _after_kudos(request, post, thread, viewer)


async def take_back_kudos(request: Request) -> Response:
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    await count_kudos(request)
    await kudos_actions.take_back_kudos(post.id, by=viewer.id)
    return await _after_kudos(request, post, thread, viewer)


async def _after_kudos(request: Request, post: PostRow, thread: ThreadView, viewer: Viewer) -> Response:
    if not is_fragment(request):
        return redirect(await place_of(post, thread, viewer))
    choose_language(request, thread.language)
    now_post, _thread = await queries.get_post(post.id, viewer)
    page = KudosPage(PostViews(thread, viewer).view(now_post))
    return await show(request, "threads/kudos.html", page, block="kudos")


@dataclass(frozen=True, slots=True)
class GiversPage:
    """Who thanked for a post."""

    crumbs: tuple[Crumb, ...]
    back_url: str
    heading: str
    givers: tuple[Author, ...]
    others: str
    """How many more there are, whose names are not known or not shown; empty if there are none."""


async def show_givers(request: Request) -> Response:
    """For members alone, as nicknames."""
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    choose_language(request, thread.language)
    givers = tuple(author(row) for row in await list_givers(post.id))
    count, others = post.kudos_count, max(0, post.kudos_count - len(givers))
    page = GiversPage(
        crumbs=_crumbs(thread),
        back_url=f"/posts/{post.id}",
        heading=ngettext("%(num)s kudos", "%(num)s kudos", count) % {"num": number(count)},
        givers=givers,
        others=ngettext("and %(num)s more", "and %(num)s more", others) % {"num": number(others)}
        if others
        else "",
    )
    return await show(request, "threads/givers.html", page, Head(section="spaces"))


# --- editing ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EditPage:
    """The form for editing a post."""

    url: str
    heading: str
    crumbs: tuple[Crumb, ...]
    back_url: str
    is_opening: bool
    form: FormState
    posted_as: str
    language: str
    is_of_another: bool
    """Staff edit somebody else's text: they give a reason."""
    hints: tuple[PersonalHint, ...] = ()
    preview: Markup | None = None
    conflict: tuple[Segment, ...] = ()
    """What differs between the text that was saved meanwhile and the one just typed."""
    saved_meanwhile: str = ""
    files: AttachField | None = None


async def _load_for_edit(request: Request, viewer: Viewer) -> tuple[PostRow, ThreadView]:
    """The post, for whoever may edit it, or wrote it and is muted: they are told why they cannot."""
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    is_muted_author = post.author_id == viewer.id and bool(say_mute(viewer, thread.space_id))
    authorize(is_muted_author or permissions.can_edit_post(viewer, thread, post))
    choose_language(request, thread.language)
    return post, thread


async def show_edit_form(request: Request) -> Response:
    viewer = viewer_of(request)
    try:
        post, thread = await _load_for_edit(request, viewer)
    except (Forbidden, NotFound) as refusal:
        return await explain_refusal(request, refusal)
    demand_voice(viewer, thread.space_id)
    waiting = await find_own_edit(post.id, viewer)
    if waiting is not None:
        return redirect(f"/waiting/{waiting}")  # The change that waits is gone on with.
    values = {"body": await queries.get_body(post.id), "version": str(post.version)}
    if post.kind == PostKind.OPENING:
        values |= {"title": thread.title, "tags": ", ".join(thread.tags)}
    return await _show_edit_page(request, post, thread, FormState(values))


async def edit_post(request: Request) -> Response:
    """Save the change, or show the form again: as a preview, with errors, or beside what was saved meanwhile."""
    viewer = viewer_of(request)
    try:
        post, thread = await _load_for_edit(request, viewer)
    except (Forbidden, NotFound) as refusal:
        return await explain_refusal(request, refusal)
    async with read_form_with_files(request) as form:
        attached = await _take_files(form, post, viewer)
    return await _edit_post(request, post, thread, form.fields, attached)


async def _take_files(form: FormWithFiles, post: PostRow, viewer: Viewer) -> Attached | None:
    """Comments have no files."""
    if post.kind == PostKind.COMMENT:
        return None
    return await take_files(form, viewer, f"edit:{post.id}", post_id=post.id)


async def _edit_post(
    request: Request, post: PostRow, thread: ThreadView, fields: dict[str, str], attached: Attached | None
) -> Response:
    viewer = viewer_of(request)
    if attached and (attached.is_all or attached.errors):
        state, status = FormState(fields, attached.errors), 422 if attached.errors else 200
        return await _show_edit_page(request, post, thread, state, attached=attached, status=status)
    is_of_another = post.author_id != viewer.id
    if not permissions.can_edit_post(viewer, thread, post):
        form = FormState(fields, (FieldError("body", say_mute(viewer, thread.space_id)),))
        return await _show_edit_page(request, post, thread, form, status=409)
    errors = _check_edit(post, fields)
    if is_of_another:
        errors += check_length("reason", fields.get("reason", ""), least=SHORTEST_REASON, most=LONGEST_REASON)
    if fields.get("do") == "preview":
        preview = await rendered(fields.get("body", ""))
        if is_fragment(request):
            return await show_preview(request, preview, attached.views if attached else ())
        state = FormState(fields)
        return await _show_edit_page(request, post, thread, state, preview=preview, attached=attached)
    if errors:
        state = FormState(fields, tuple(errors))
        return await _show_edit_page(request, post, thread, state, attached=attached, status=422)
    hints = await find_hints(viewer, fields)
    if hints:
        state = FormState(fields)
        return await _show_edit_page(request, post, thread, state, hints=hints, attached=attached, status=422)
    try:
        await count_post(request)
        posted = await _save(post, thread, fields, attached, viewer)
    except TooMany as too_many:
        state = FormState(fields, (FieldError("body", sentence_about_waiting(too_many)),))
        page = await _show_edit_page(request, post, thread, state, attached=attached, status=429)
        return waiting(page, too_many)
    except Conflict:
        return await _show_conflict(request, post.id, fields, attached)
    except RuleBroken as broken:
        state = FormState(fields, (FieldError("body", str(broken)),))
        return await _show_edit_page(request, post, thread, state, attached=attached, status=409)
    if posted.waits:
        return redirect(waiting_url(posted), notice="waits")
    # The title may have changed, and with it the address.
    post, thread = await queries.get_post(post.id, viewer)
    return redirect(await place_of(post, thread, viewer), notice="edited")


async def _save(
    post: PostRow, thread: ThreadView, fields: dict[str, str], attached: Attached | None, viewer: Viewer
) -> Posted:
    is_opening = post.kind == PostKind.OPENING
    return await publishing.edit_post(
        post,
        thread,
        body=fields["body"].strip(),
        version=_version(fields),
        by=viewer,
        title=" ".join(fields.get("title", "").split()) if is_opening else "",
        tags=actions.clean_tags(fields.get("tags", "")) if is_opening else None,
        reason=fields.get("reason", "").strip(),
        files=attached.ids if attached else None,
    )


def _check_edit(post: PostRow, fields: dict[str, str]) -> list[FieldError]:
    longest = LONGEST_COMMENT if post.kind == PostKind.COMMENT else LONGEST_BODY
    errors = check_length("body", fields.get("body", ""), least=2, most=longest)
    if post.kind == PostKind.OPENING:
        errors = check_length("title", fields.get("title", ""), least=1, most=LONGEST_TITLE) + errors
    return errors


def _version(fields: dict[str, str]) -> int:
    text = fields.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


async def _show_conflict(
    request: Request, post_id: int, fields: dict[str, str], attached: Attached | None
) -> Response:
    """Both texts on one page: what somebody else saved meanwhile, and what was typed, which may be saved next."""
    post, thread = await queries.get_post(post_id, viewer_of(request))
    saved = await queries.get_body(post_id)
    return await _show_edit_page(
        request,
        post,
        thread,
        FormState(fields | {"version": str(post.version)}),
        status=409,
        conflict=differences(saved, fields["body"].strip()),
        saved_meanwhile=saved,
        attached=attached,
    )


async def _show_edit_page(
    request: Request,
    post: PostRow,
    thread: ThreadView,
    form: FormState,
    *,
    status: int = 200,
    hints: tuple[PersonalHint, ...] = (),
    preview: Markup | None = None,
    conflict: tuple[Segment, ...] = (),
    saved_meanwhile: str = "",
    attached: Attached | None = None,
) -> Response:
    viewer = viewer_of(request)
    if attached is None and post.kind != PostKind.COMMENT:
        attached = await find_attached(viewer, f"edit:{post.id}", post_id=post.id)
    page = EditPage(
        url=f"/posts/{post.id}/edit",
        heading={PostKind.OPENING: _("Edit thread"), PostKind.COMMENT: _("Edit comment")}.get(
            PostKind(post.kind), _("Edit answer")
        ),
        crumbs=_crumbs(thread),
        back_url=f"/posts/{post.id}",
        is_opening=post.kind == PostKind.OPENING,
        form=form,
        posted_as=await posted_as(viewer, thread.space_id, thread.space_access),
        language=thread.language,
        is_of_another=post.author_id != viewer.id,
        hints=hints,
        preview=preview,
        conflict=conflict,
        saved_meanwhile=saved_meanwhile,
        files=attach_field(attached) if attached else None,
    )
    head = Head(section="spaces", robots="noindex")
    return await show(request, "threads/edit.html", page, head, status=status)


def _crumbs(thread: ThreadView) -> tuple[Crumb, ...]:
    return (
        Crumb(_("Home"), "/"),
        Crumb(thread.space_name, f"/spaces/{thread.space_slug}"),
        Crumb(thread.title, thread_url(thread.id, thread.slug)),
    )


# --- earlier versions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a text, as what changed against the one before it."""

    number: int
    by: str
    """Who wrote this version; empty for a former member."""
    when: When
    title: tuple[Segment, ...]
    body: tuple[Segment, ...]
    is_first: bool


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """All versions of a post, the newest first."""

    heading: str
    crumbs: tuple[Crumb, ...]
    back_url: str
    versions: tuple[VersionView, ...]


async def show_history(request: Request) -> Response:
    """For members alone: an edit may have taken out what the whole internet need not read."""
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    choose_language(request, thread.language)
    revisions = await queries.list_revisions(post)
    page = HistoryPage(
        heading=_("Earlier versions"),
        crumbs=_crumbs(thread),
        back_url=f"/posts/{post.id}",
        versions=_versions(post, thread, revisions, await queries.get_body(post.id)),
    )
    head = Head(section="spaces", robots="noindex")
    return await show(request, "threads/history.html", page, head)


def _versions(
    post: PostRow, thread: ThreadView, revisions: list[RevisionRow], body: str
) -> tuple[VersionView, ...]:
    """A revision holds what was replaced, and by whom and when: so each names the writer of the next version."""
    title = thread.title if post.kind == PostKind.OPENING else ""
    titles = [revision.title for revision in revisions] + [title]
    bodies = [revision.body for revision in revisions] + [body]
    first_author = (post.author.staff_name or post.author.nickname) if post.author else ""
    writers = [first_author] + [revision.edited_by or "" for revision in revisions]
    moments = [post.created_at] + [revision.replaced_at for revision in revisions]
    numbers = [revision.version for revision in revisions] + [post.version]
    views = []
    for index, version in enumerate(numbers):
        is_first = index == 0
        views.append(
            VersionView(
                number=version,
                by=writers[index],
                when=When.of(moments[index]),
                title=differences(titles[index - 1] if not is_first else titles[0], titles[index]),
                body=differences(bodies[index - 1] if not is_first else bodies[0], bodies[index]),
                is_first=is_first,
            )
        )
    return tuple(reversed(views))
