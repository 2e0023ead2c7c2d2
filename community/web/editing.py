"""Editing a post: the form, its draft, what comes of sending it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from community.attachments.queries import ids_of_post
from community.core.errors import Conflict, Forbidden, NotFound, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.rate_limits import TooMany
from community.core.viewer import Viewer
from community.moderation.rules import LONGEST_REASON, SHORTEST_REASON
from community.threads import actions, permissions, queries
from community.threads.actions import LONGEST_BODY, edit_place
from community.threads.models import PostKind
from community.threads.queries import PostRow, ThreadView
from community.waiting import publishing
from community.waiting.publishing import Posted
from community.waiting.queries import find_own_edit
from community.web.attaching import (
    Attached,
    AttachField,
    attach_field,
    field_of,
    find_attached,
    named_ids,
    take_files,
    with_files,
)
from community.web.edit_conflicts import (
    ConflictPage,
    Meeting,
    Merged,
    hidden_fields,
    make_merged,
    meet,
    wording_of,
)
from community.web.edit_drafts import (
    DraftNote,
    Wording,
    find_edit_draft,
    save_edit_draft,
    saved_wording,
)
from community.web.edit_refused import explain_refusal
from community.web.errors import sentence_about_waiting, waiting
from community.web.forms import check_length, version_of
from community.web.limiting import count_post
from community.web.pages import Head, choose_language, path_id, redirect, show, viewer_of
from community.web.parts import Crumb, FieldError, FormState, PersonalHint, Text
from community.web.posts import LONGEST_COMMENT, LONGEST_TITLE, place_of, thread_crumbs
from community.web.thread_page import posted_as
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
    preview: Text = ()
    draft_url: str = ""
    draft: DraftNote | None = None
    """What was typed earlier and stands in the form now."""
    merged: Merged | None = None
    """Where the text in the form comes from after it met a newer version."""
    note: str = ""
    """What has become of the post while somebody typed."""
    files: AttachField | None = None


async def _load_for_edit(request: Request, viewer: Viewer) -> tuple[PostRow, ThreadView]:
    """The post, for whoever may edit it, or wrote it and is muted: they are told why they cannot."""
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    is_muted_author = post.author_id == viewer.id and bool(say_mute(viewer, thread.space_id))
    authorize(is_muted_author or permissions.can_edit_post(viewer, thread, post))
    choose_language(request, thread.language)
    return post, thread


async def show_edit_form(request: Request) -> Response:
    """With what the viewer typed earlier, on whatever device, and has not saved."""
    viewer = viewer_of(request)
    try:
        post, thread = await _load_for_edit(request, viewer)
    except (Forbidden, NotFound) as refusal:
        return await explain_refusal(request, refusal)
    demand_voice(viewer, thread.space_id)
    waiting = await find_own_edit(post.id, viewer)
    if waiting is not None:
        return redirect(f"/waiting/{waiting}")  # The change that waits is gone on with.
    saved = await saved_wording(post, thread)
    drafted = await find_edit_draft(post, thread, saved, viewer)
    fields = drafted.fields if drafted else saved.fields(post)
    state = FormState(fields | {"had": ",".join(map(str, await ids_of_post(post.id)))})
    return await _show_edit_page(
        request,
        post,
        thread,
        state,
        draft=drafted.note if drafted else None,
        note=_say_new_kind(thread, drafted.title) if drafted and drafted.title else "",
    )


async def edit_post(request: Request) -> Response:
    """Save the change, or show the form again: as a preview, with errors, or beside what was saved meanwhile."""
    viewer = viewer_of(request)
    try:
        post, thread = await _load_for_edit(request, viewer)
    except (Forbidden, NotFound) as refusal:
        return await explain_refusal(request, refusal)
    async with read_form_with_files(request) as form:
        if form.fields.get("do") == "discard":
            await actions.discard_draft(edit_place(post.id), by=viewer.id)
            return redirect(f"/posts/{post.id}/edit", notice="draft-discarded")
        attached = await _take_files(form, post, viewer)
    return await _edit_post(request, post, thread, form.fields, attached)


async def _take_files(form: FormWithFiles, post: PostRow, viewer: Viewer) -> Attached | None:
    """Comments have no files."""
    if post.kind == PostKind.COMMENT:
        return None
    return await take_files(form, viewer, edit_place(post.id), post_id=post.id)


async def _edit_post(
    request: Request, post: PostRow, thread: ThreadView, fields: dict[str, str], attached: Attached | None
) -> Response:
    viewer = viewer_of(request)
    if attached and (attached.is_all or attached.errors):
        state, status = FormState(fields, attached.errors), 422 if attached.errors else 200
        return await _show_edit_page(request, post, thread, state, attached=attached, status=status)
    if fields.get("kind", post.kind) != post.kind:
        return await _show_new_kind(request, post, thread, fields, attached)
    if fields.get("do") in ("choose", "mine"):
        return await _go_on_after_conflict(request, post, thread, fields, attached)
    if not permissions.can_edit_post(viewer, thread, post):
        await save_edit_draft(post.id, fields, viewer)
        form = FormState(fields, (FieldError("body", say_mute(viewer, thread.space_id)),))
        return await _show_edit_page(request, post, thread, form, status=409)
    if fields.get("do") in ("preview", "draft"):
        return await _keep(request, post, thread, fields, attached)
    errors = _check_edit(post, fields, viewer)
    if errors:
        state = FormState(fields, tuple(errors))
        return await _show_edit_page(request, post, thread, state, attached=attached, status=422)
    hints = await find_hints(viewer, fields)
    if hints:
        state = FormState(fields)
        return await _show_edit_page(request, post, thread, state, hints=hints, attached=attached, status=422)
    return await _save_edit(request, post, thread, fields, attached)


async def _save_edit(
    request: Request, post: PostRow, thread: ThreadView, fields: dict[str, str], attached: Attached | None
) -> Response:
    viewer = viewer_of(request)
    try:
        if attached and attached.gone and await find_own_edit(post.id, viewer) is None:
            # Where a change waits, the form was sent twice, and the files wait with it.
            attached.demand_all()
        await count_post(request)
        posted = await _save(post, thread, fields, attached, viewer)
    except TooMany as too_many:
        state = FormState(fields, (FieldError("body", sentence_about_waiting(too_many)),))
        page = await _show_edit_page(request, post, thread, state, attached=attached, status=429)
        return waiting(page, too_many)
    except Conflict:
        return await _show_conflict(request, post.id, fields, attached)
    except RuleBroken as broken:
        attached = replace(attached, gone=()) if attached else None
        state = FormState(fields, (FieldError(field_of(broken), str(broken)),))
        return await _show_edit_page(request, post, thread, state, attached=attached, status=409)
    if posted.waits:
        return redirect(waiting_url(posted), notice="waits")
    # The title may have changed, and with it the address.
    post, thread = await queries.get_post(post.id, viewer)
    return redirect(await place_of(post, thread, viewer), notice="edited")


async def _save(
    post: PostRow, thread: ThreadView, fields: dict[str, str], attached: Attached | None, viewer: Viewer
) -> Posted:
    asked = wording_of(fields)
    is_opening = post.kind == PostKind.OPENING
    return await publishing.edit_post(
        post,
        thread,
        body=asked.body,
        version=version_of(fields),
        by=viewer,
        title=asked.title if is_opening else "",
        tags=actions.clean_tags(asked.tags) if is_opening else None,
        reason=fields.get("reason", "").strip(),
        files=attached.ids if attached else None,
        alts=attached.alts if attached else None,
    )


def _check_edit(post: PostRow, fields: dict[str, str], viewer: Viewer) -> list[FieldError]:
    longest = LONGEST_COMMENT if post.kind == PostKind.COMMENT else LONGEST_BODY
    errors = check_length("body", fields.get("body", ""), least=2, most=longest)
    if post.kind == PostKind.OPENING:
        errors = check_length("title", fields.get("title", ""), least=1, most=LONGEST_TITLE) + errors
    if post.author_id != viewer.id:
        errors += check_length("reason", fields.get("reason", ""), least=SHORTEST_REASON, most=LONGEST_REASON)
    return errors


async def _keep(
    request: Request, post: PostRow, thread: ThreadView, fields: dict[str, str], attached: Attached | None
) -> Response:
    """Save what was typed as a draft and show it again, as a preview too if that was asked for."""
    errors = check_length("body", fields.get("body", ""), least=0, most=LONGEST_BODY)
    if errors:
        # A draft would lose the end of it.
        state = FormState(fields, tuple(errors))
        return await _show_edit_page(request, post, thread, state, attached=attached, status=422)
    await save_edit_draft(post.id, fields, viewer_of(request))
    if fields["do"] == "draft":
        return redirect(f"/posts/{post.id}/edit", notice="saved")
    preview = await rendered(viewer_of(request), fields.get("body", ""))
    if is_fragment(request):
        return await show_preview(request, preview, attached.views if attached else ())
    return await _show_edit_page(request, post, thread, FormState(fields), preview=preview, attached=attached)


# --- when the post is not what it was ------------------------------------------------------------------------


async def _show_conflict(
    request: Request, post_id: int, fields: dict[str, str], attached: Attached | None
) -> Response:
    """Both changes in one text to be looked through; where they overlap, the choice between them first."""
    viewer = viewer_of(request)
    post, thread = await queries.get_post(post_id, viewer)
    await save_edit_draft(post_id, fields, viewer)
    meeting = await meet(post, thread, fields)
    if not meeting.overlaps:
        return await _show_merged(request, post, thread, fields, attached, meeting, meeting.proposal)
    page = ConflictPage(
        url=f"/posts/{post_id}/edit",
        heading=_heading(post),
        crumbs=thread_crumbs(thread),
        back_url=f"/posts/{post_id}",
        language=thread.language,
        meeting=meeting,
        hidden=hidden_fields(fields | _named(attached), seen=post.version),
    )
    head = Head(section="spaces", robots="noindex")
    return await show(request, "threads/conflict.html", page, head, status=409)


async def _go_on_after_conflict(
    request: Request, post: PostRow, thread: ThreadView, fields: dict[str, str], attached: Attached | None
) -> Response:
    """The text that was chosen, in the form. If the post has moved on once more, everything is compared anew."""
    if version_of(fields, "seen") != post.version:
        return await _show_conflict(request, post.id, fields, attached)
    meeting = await meet(post, thread, fields)
    result = meeting.typed if fields["do"] == "mine" else meeting.put_together(fields)
    return await _show_merged(request, post, thread, fields, attached, meeting, result, status=200)


async def _show_merged(
    request: Request,
    post: PostRow,
    thread: ThreadView,
    fields: dict[str, str],
    attached: Attached | None,
    meeting: Meeting,
    result: Wording,
    *,
    status: int = 409,
) -> Response:
    """The form with `result`, which can be saved next."""
    merged = make_merged(meeting, result, fields | _named(attached), seen=post.version)
    posted = await ids_of_post(post.id)
    kept = {"reason": fields.get("reason", ""), "had": ",".join(map(str, posted))}
    if attached:
        # What others have attached meanwhile stays, and what was taken out here stays out.
        had = named_ids(fields.get("had", ""))
        new = [each for each in posted if each not in had and each not in attached.ids]
        attached = await with_files(attached, new, viewer_of(request), post_id=post.id)
    state = FormState(kept | result.fields(post))
    return await _show_edit_page(
        request, post, thread, state, merged=merged, attached=attached, status=status
    )


def _named(attached: Attached | None) -> dict[str, str]:
    return {"attachments": ",".join(map(str, attached.ids))} if attached else {}


async def _show_new_kind(
    request: Request, post: PostRow, thread: ThreadView, fields: dict[str, str], attached: Attached | None
) -> Response:
    """What opened a thread is an answer now, or the other way round: the form has other fields than before."""
    await save_edit_draft(post.id, fields, viewer_of(request))
    title, fields = fields.get("title", "").strip(), fields | {"kind": post.kind}
    if post.kind == PostKind.OPENING:
        note = _(
            "This has become the first post of a thread meanwhile. Please look at its title and tags, too."
        )
        fields |= {"title": thread.title, "tags": ", ".join(thread.tags)}
    else:
        note = _say_new_kind(thread, title)
    state = FormState(fields)
    return await _show_edit_page(request, post, thread, state, note=note, attached=attached, status=409)


def _say_new_kind(thread: ThreadView, title: str) -> str:
    return _(
        "This stands in the thread “%(thread)s” meanwhile and is an answer there, without a title of its own. "
        "Your text is in the form. The title that you had written: “%(title)s”."
    ) % {"thread": thread.title, "title": title}


# --- the page ---------------------------------------------------------------------------------------------------


def _heading(post: PostRow) -> str:
    if post.kind == PostKind.OPENING:
        return _("Edit thread")
    return _("Edit comment") if post.kind == PostKind.COMMENT else _("Edit answer")


async def _show_edit_page(
    request: Request,
    post: PostRow,
    thread: ThreadView,
    form: FormState,
    *,
    status: int = 200,
    hints: tuple[PersonalHint, ...] = (),
    preview: Text = (),
    draft: DraftNote | None = None,
    merged: Merged | None = None,
    note: str = "",
    attached: Attached | None = None,
) -> Response:
    viewer = viewer_of(request)
    if attached is None and post.kind != PostKind.COMMENT:
        attached = await find_attached(viewer, edit_place(post.id), post_id=post.id)
    page = EditPage(
        url=f"/posts/{post.id}/edit",
        heading=_heading(post),
        crumbs=thread_crumbs(thread),
        back_url=f"/posts/{post.id}",
        is_opening=post.kind == PostKind.OPENING,
        form=form,
        posted_as=await posted_as(viewer, thread.space_id, thread.space_access),
        language=thread.language,
        is_of_another=post.author_id != viewer.id,
        hints=hints,
        preview=preview,
        # While two texts are put together, the draft stays the one that was typed.
        draft_url="" if merged else f"/drafts/{edit_place(post.id)}",
        draft=draft,
        merged=merged,
        note=note,
        files=attach_field(attached) if attached else None,
    )
    head = Head(section="spaces", robots="noindex")
    return await show(request, "threads/edit.html", page, head, status=status)
