"""Asking: title and space first, then similar threads, then the text. Works the same with and without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from community.core import markdown
from community.core.addresses import with_query
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rate_limits import TooMany
from community.core.submissions import fingerprint, new_key, once
from community.core.text import slug
from community.core.viewer import Viewer
from community.indexing import id_of
from community.insights.ask_sessions import Step, record_steps
from community.insights.entry_uses import Use
from community.spaces.models import SpaceKind
from community.spaces.permissions import can_start_thread
from community.spaces.queries import SpaceCard
from community.threads import actions, queries
from community.threads.actions import LONGEST_BODY
from community.threads.queries import DraftRow
from community.waiting import publishing
from community.web.ask_session import begun, end_solved, recorded, running_session
from community.web.ask_words import AskWords, ask_words
from community.web.attaching import (
    Attached,
    AttachField,
    attach_field,
    field_of,
    find_attached,
    forget_unused,
    take_files,
)
from community.web.drafts import save_ask_draft
from community.web.errors import sentence_about_waiting, waiting
from community.web.faq_feedback import note_use
from community.web.forms import check_length
from community.web.limiting import count_question
from community.web.lists import thread_url
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Choice, FieldError, FormState, PersonalHint, Text, When
from community.web.similar import LONGEST_TITLE, SHORTEST_TITLE, Similar, find_similar, get_similar
from community.web.thread_page import posted_as
from community.web.uploads import read_form_with_files
from community.web.writing import (
    find_hints,
    is_fragment,
    notice_of,
    rendered,
    say_mute,
    show_preview,
    submission_key,
    waiting_url,
)

SHORTEST_BODY = 10
LONGEST_TAGS = 200


@dataclass(frozen=True, slots=True)
class AskPage:
    """The form for a question. In the first step it asks for space and title only."""

    form: FormState
    spaces: tuple[Choice, ...]
    writes_text: bool
    """Whether the second step is shown: similar threads, then text and tags."""
    similar: tuple[Similar, ...]
    search_is_down: bool
    folded: bool
    """Whether the similar threads are folded away, because none of them helps."""
    posted_as: str
    submission: str
    hints: tuple[PersonalHint, ...] = ()
    preview: Text = ()
    draft_saved: When | None = None
    cannot_write: str = ""
    """For whoever is muted everywhere: until when, and why."""
    other_draft: str = ""
    """Title of a draft about something else, which publishing or typing on would replace."""
    language: str = ""
    files: AttachField | None = None
    words: AskWords = field(default_factory=lambda: ask_words(None))
    read: Similar | None = None
    """The FAQ entry that the asker comes from, and that has not helped."""


async def find_read(request: Request, fields: Mapping[str, str]) -> Similar | None:
    """The FAQ entry that the form says its asker has read; None for anything else."""
    key = fields.get("after", "")
    if not key.startswith("faq-"):
        return None
    try:
        return await get_similar(viewer_of(request), key)
    except NotFound:
        return None


def _choices(request: Request) -> tuple[SpaceCard, ...]:
    """The spaces in which the viewer may start a thread, those for questions first."""
    viewer = viewer_of(request)
    allowed = [space for space in request.state.spaces if can_start_thread(viewer, space.id)]
    return tuple(sorted(allowed, key=lambda space: space.kind != SpaceKind.QUESTIONS))


def _chosen(spaces: tuple[SpaceCard, ...], wanted: str) -> SpaceCard | None:
    return next((space for space in spaces if space.slug == wanted), None)


async def show_form(request: Request) -> Response:
    """The first step; the second one for a title that came with the address (`next`), or for an earlier draft.

    A draft about something else than the title that came along is offered, not mixed in.
    """
    given = request.query_params
    fields = {name: given[name] for name in ("title", "space", "tags", "after") if given.get(name)}
    draft = await queries.find_draft("ask", viewer_of(request))
    saved, other_draft = None, ""
    if draft and fields.get("title", draft.title) == draft.title:
        fields = _drafted(draft, request.state.spaces) | fields
        saved = When.of(draft.saved_at)
    elif draft:
        other_draft = draft.title or markdown.excerpt(draft.body, 80)
    errors = _check_first_step(request, fields) if given.get("next") else []
    return await _show(
        request,
        FormState(fields, tuple(errors)),
        writes_text=(bool(given.get("next")) and not errors) or bool(fields.get("body")),
        folded=bool(given.get("none")) and not errors,
        saved=saved,
        other_draft=other_draft,
        status=422 if errors else 200,
    )


def _drafted(draft: DraftRow, spaces: tuple[SpaceCard, ...]) -> dict[str, str]:
    """The fields of a draft that are filled in."""
    space = next((card.slug for card in spaces if card.id == draft.space_id), "")
    kept = {"title": draft.title, "body": draft.body, "tags": draft.tags, "space": space}
    return {name: text for name, text in kept.items() if text}


async def ask(request: Request) -> Response:
    """Publish the question, or show the form again with preview, errors or a question; nothing typed gets lost."""
    async with read_form_with_files(request) as form:
        if form.fields.get("solved"):
            return await end_solved(request, form.fields)
        attached = await take_files(form, viewer_of(request), "ask")
    return await _ask(request, form.fields, attached)


async def _ask(request: Request, fields: Mapping[str, str], attached: Attached) -> Response:
    viewer, spaces = viewer_of(request), _choices(request)
    if attached.is_all or attached.errors:
        state, status = FormState(dict(fields), attached.errors), 422 if attached.errors else 200
        return await _show(request, state, writes_text=True, attached=attached, status=status)
    if fields.get("do") in ("next", "none"):
        return await _go_on(request, fields, attached)
    if fields.get("do") in ("preview", "draft"):
        return await _keep(request, viewer, fields, attached)
    errors = _check_first_step(request, fields) + check_length(
        "body", fields.get("body", ""), least=SHORTEST_BODY, most=LONGEST_BODY
    )
    errors += check_length("tags", fields.get("tags", ""), least=0, most=LONGEST_TAGS)
    space = _chosen(spaces, fields.get("space", ""))
    if viewer.mutes and space is None:
        await save_ask_draft(viewer.id, fields, request.state.spaces)
    if errors or space is None:
        state = FormState(dict(fields), tuple(errors))
        return await _show(request, state, writes_text=True, attached=attached, status=422)
    hints = await find_hints(viewer, fields)
    if hints:
        state = FormState(dict(fields))
        return await _show(request, state, writes_text=True, attached=attached, hints=hints, status=422)
    title, body, tags = " ".join(fields["title"].split()), fields["body"].strip(), fields.get("tags", "")
    session = await running_session(request)
    read = await find_read(request, fields)

    async def work() -> str:
        attached.demand_all()
        posted = await publishing.start_thread(
            space, title=title, body=body, tags=actions.clean_tags(tags), by=viewer, files=attached.ids
        )
        if session is not None:
            await record_steps(session.id, Step.ASKED)
        if read is not None:
            note_use(request, id_of(read.key), Use.ASKED)
        return waiting_url(posted) if posted.waits else thread_url(posted.id, slug(title))

    said = fingerprint("ask", space.slug, title, body, tags, attached.said)
    try:
        await count_question(request)
        url = await once(viewer.id, submission_key(fields, "ask"), said, work)
    except TooMany as too_many:
        form = FormState(dict(fields), (FieldError("body", sentence_about_waiting(too_many)),))
        return waiting(await _show(request, form, writes_text=True, status=429), too_many)
    except RuleBroken as broken:
        form = FormState(dict(fields), (FieldError(field_of(broken), str(broken)),))
        return await _show(request, form, writes_text=True, status=409)
    await forget_unused(attached, viewer)
    return redirect(url, notice=notice_of(url))


async def _go_on(request: Request, fields: Mapping[str, str], attached: Attached) -> Response:
    """From the title to the text; with `none`, similar threads are folded away because none of them helps."""
    has_text, none_helped = bool(fields.get("body", "").strip()), fields["do"] == "none"
    errors = _check_first_step(request, fields)
    if errors:
        form = FormState(dict(fields), tuple(errors))
        return await _show(request, form, writes_text="body" in fields, attached=attached, status=422)
    if has_text:
        state = FormState(dict(fields))
        response = await _show(request, state, writes_text=True, attached=attached, folded=none_helped)
    else:
        kept = {name: fields[name] for name in ("title", "space", "tags", "after") if fields.get(name)}
        steps = {"next": "1", "none": "1"} if none_helped else {"next": "1"}
        response = redirect(with_query("/ask", kept | steps))
    if none_helped:
        return await recorded(request, response, Step.SHOWN, Step.NONE_HELPED)
    read = fields.get("after", "")
    found = await find_similar(request, fields["title"], fields.get("body", ""), read=read)
    return await recorded(request, response, *begun(found))


async def _keep(request: Request, viewer: Viewer, fields: Mapping[str, str], attached: Attached) -> Response:
    """Save what was typed as a draft and show it again, as a preview too if that was asked for."""
    await save_ask_draft(viewer.id, fields, request.state.spaces)
    if fields["do"] == "draft":
        return redirect("/ask", notice="saved")
    preview = await rendered(viewer_of(request), fields.get("body", ""))
    if is_fragment(request):
        return await show_preview(request, preview, attached.views)
    return await _show(request, FormState(dict(fields)), writes_text=True, attached=attached, preview=preview)


def _check_first_step(request: Request, fields: Mapping[str, str]) -> list[FieldError]:
    errors, wanted = [], fields.get("space", "")
    if _chosen(_choices(request), wanted) is None:
        known = _chosen(request.state.spaces, wanted)
        sentence = say_mute(viewer_of(request), known.id if known else None)
        errors.append(FieldError("space", sentence or _("Please choose a space.")))
    return errors + check_length("title", fields.get("title", ""), least=SHORTEST_TITLE, most=LONGEST_TITLE)


async def _show(
    request: Request,
    form: FormState,
    *,
    writes_text: bool,
    attached: Attached | None = None,
    hints: tuple[PersonalHint, ...] = (),
    preview: Text = (),
    folded: bool = False,
    saved: When | None = None,
    other_draft: str = "",
    status: int = 200,
) -> Response:
    viewer, spaces = viewer_of(request), _choices(request)
    space = _chosen(spaces, form.value("space"))
    read = await find_read(request, form.values)
    found = await find_similar(
        request, form.value("title"), form.value("body"), read=read.key if read else ""
    )
    page = AskPage(
        form=form,
        spaces=tuple(Choice(card.slug, card.name, selected=len(spaces) == 1) for card in spaces),
        writes_text=writes_text,
        similar=found.similar,
        search_is_down=found.search_is_down,
        folded=folded or bool(form.value("folded")),
        posted_as=await posted_as(viewer, space.id, space.access, is_article=space.kind == SpaceKind.BLOG)
        if space
        else "",
        submission=new_key(),
        hints=hints,
        preview=preview,
        draft_saved=saved,
        cannot_write=say_mute(viewer, None),
        other_draft=other_draft,
        language=space.language if space else "",
        words=ask_words(space.kind if space else None),
        files=attach_field(attached or await find_attached(viewer, "ask")) if writes_text else None,
        read=read,
    )
    return await show(request, "ask/show.html", page, Head(robots="noindex"), status=status)
