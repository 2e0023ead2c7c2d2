"""Members' own texts that wait for release or were refused: the list, and one of them with its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.attachments.queries import list_held, list_of_posts
from community.core.errors import Conflict, RuleBroken
from community.core.i18n import gettext as _
from community.core.markdown import excerpt
from community.core.viewer import Viewer
from community.decisions.statements import find_statements
from community.threads.actions import LONGEST_BODY, SHORTEST_TEXT, clean_tags
from community.threads.models import IdeaStatus
from community.waiting import actions, queries
from community.waiting.actions import Wording
from community.waiting.models import TextKind, TextState, Why
from community.waiting.queries import TextRow
from community.web.attaching import view_of
from community.web.forms import check_length, read_form, version_of
from community.web.idea_words import idea_status_names
from community.web.lists import thread_url
from community.web.pages import Head, choose_language, path_id, redirect, show, viewer_of
from community.web.parts import AttachmentView, Crumb, FieldError, FormState, Link, PersonalHint, Text, When
from community.web.posts import LONGEST_COMMENT, LONGEST_TAGS, LONGEST_TITLE
from community.web.writing import find_hints, is_fragment, rendered, show_preview

LONGEST_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class TextForm:
    """The form in which a waiting text is changed, by its author or by a colleague."""

    url: str
    state: FormState
    has_title: bool
    language: str
    button: str
    cancel_url: str = ""
    hints: tuple[PersonalHint, ...] = ()
    preview: Text = ()


@dataclass(frozen=True, slots=True)
class OwnTextLine:
    url: str
    label: str
    place: Link
    excerpt: str
    when: When
    refused: bool


@dataclass(frozen=True, slots=True)
class OwnTextsPage:
    crumbs: tuple[Crumb, ...]
    texts: tuple[OwnTextLine, ...]


@dataclass(frozen=True, slots=True)
class OwnTextPage:
    crumbs: tuple[Crumb, ...]
    heading: str
    place: Link
    when: When
    refused: bool
    message: str
    """Whose yes it waits for."""
    refusal: str
    decision_url: str
    """Of the statement of reasons, where one objects; empty where there is none."""
    title: str
    text: Text
    tags: tuple[str, ...]
    form: TextForm
    take_back_url: str
    files: tuple[AttachmentView, ...] = ()
    files_out: tuple[AttachmentView, ...] = ()


async def files_out(text: TextRow) -> tuple[AttachmentView, ...]:
    """What an edit takes out of the files of its post, as far as it is there."""
    posted = (await list_of_posts([text.post_id])).get(text.post_id, ()) if text.post_id else ()
    return tuple(view_of(row) for row in posted if row.id in text.files_out)


async def held_files(text: TextRow) -> tuple[AttachmentView, ...]:
    """What is attached to it and waits with it."""
    return tuple(view_of(row) for row in await list_held(text.id))


def label_of(text: TextRow) -> str:
    """What would be published, in words."""
    if text.idea_status:
        status = idea_status_names()[IdeaStatus(text.idea_status)]
        return _("Official answer, status: %(status)s") % {"status": status}
    return kind_names()[TextKind(text.kind)]


def kind_names() -> dict[TextKind, str]:
    return {
        TextKind.THREAD: _("New thread"),
        TextKind.ANSWER: _("Answer"),
        TextKind.COMMENT: _("Comment"),
        TextKind.EDIT: _("Change of a text"),
    }


def why_names() -> dict[str, str]:
    return {
        Why.FOUR_EYES: _("Second person of the staff"),
        Why.HELD: _("Held by a rule"),
    }


def place_of_text(text: TextRow) -> Link:
    """Where it would stand: its thread, or its space for a new one."""
    if text.thread_id is not None:
        return Link(text.thread_title, thread_url(text.thread_id, text.thread_slug))
    if text.kind == TextKind.THREAD:
        return Link(text.space_name, f"/spaces/{text.space_slug}")
    return Link("", "")


async def list_texts(request: Request) -> Response:
    texts = await queries.list_own(viewer_of(request))
    page = OwnTextsPage(
        crumbs=(Crumb(_("Home"), "/"),),
        texts=tuple(
            OwnTextLine(
                url=f"/waiting/{text.id}",
                label=label_of(text),
                place=place_of_text(text),
                excerpt=excerpt(text.title or text.body, LONGEST_EXCERPT),
                when=When.of(text.submitted_at),
                refused=text.state == TextState.REFUSED,
            )
            for text in texts
        ),
    )
    return await show(request, "waiting/list.html", page, Head(robots="noindex"))


async def show_text(request: Request) -> Response:
    """Once it is published, this leads to where it stands."""
    text = await queries.get_own(path_id(request, "text_id"), viewer_of(request))
    if text.state == TextState.RELEASED:
        return redirect(published_url(text))
    return await _show(request, text, FormState(form_values(text)))


def published_url(text: TextRow) -> str:
    if text.published_post_id:
        return f"/posts/{text.published_post_id}"
    return f"/threads/{text.published_thread_id}"


def form_values(text: TextRow) -> dict[str, str]:
    return {
        "body": text.body,
        "title": text.title,
        "tags": ", ".join(text.tags),
        "version": str(text.version),
    }


async def rewrite_text(request: Request) -> Response:
    """Save the change, or show the form again; nothing typed gets lost."""
    viewer = viewer_of(request)
    text = await queries.get_own(path_id(request, "text_id"), viewer)
    fields = dict(await read_form(request))
    if text.state == TextState.RELEASED:
        return redirect(published_url(text))
    if fields.get("do") == "preview":
        preview = await rendered(viewer_of(request), fields.get("body", ""))
        if is_fragment(request):
            return await show_preview(request, preview)
        return await _show(request, text, FormState(fields), preview=preview)
    errors = check_wording(text, fields)
    if errors:
        return await _show(request, text, FormState(fields, tuple(errors)), status=422)
    hints = await find_hints(viewer, fields)
    if hints:
        return await _show(request, text, FormState(fields), hints=hints, status=422)
    try:
        await actions.rewrite_text(text.id, wording_of(fields), version=version_of(fields), by=viewer)
    except Conflict as error:
        return await _show_conflict(request, text.id, fields, str(error))
    except RuleBroken as error:
        form = FormState(fields, (FieldError("body", str(error)),))
        return await _show(request, text, form, status=409)
    return redirect(f"/waiting/{text.id}", notice="waits")


async def _show_conflict(request: Request, text_id: int, fields: dict[str, str], message: str) -> Response:
    """The text as it is now, and in the form what was typed: it can be sent next."""
    text = await queries.get_own(text_id, viewer_of(request))
    if text.state == TextState.RELEASED:
        return redirect(published_url(text))
    form = FormState(fields | {"version": str(text.version)}, (FieldError("body", message),))
    return await _show(request, text, form, status=409)


async def take_back_text(request: Request) -> Response:
    viewer = viewer_of(request)
    text = await queries.get_own(path_id(request, "text_id"), viewer)
    if text.state != TextState.RELEASED:
        await actions.take_back_text(text.id, by=viewer)
    return redirect("/waiting", notice="text-taken-back")


def check_wording(text: TextRow, fields: Mapping[str, str]) -> list[FieldError]:
    """The same lengths as where it was written first."""
    is_comment = text.kind == TextKind.COMMENT or text.post_kind == "comment"
    longest = LONGEST_COMMENT if is_comment else LONGEST_BODY
    errors = check_length("body", fields.get("body", ""), least=SHORTEST_TEXT, most=longest)
    if text.has_title:
        errors = check_length("title", fields.get("title", ""), least=1, most=LONGEST_TITLE) + errors
        errors += check_length("tags", fields.get("tags", ""), least=0, most=LONGEST_TAGS)
    return errors


def wording_of(fields: Mapping[str, str]) -> Wording:
    return Wording(
        body=fields["body"].strip(),
        title=" ".join(fields.get("title", "").split()),
        tags=clean_tags(fields.get("tags", "")),
    )


async def _decision_url(text: TextRow) -> str:
    if text.state != TextState.REFUSED:
        return ""
    statement = (await find_statements([f"text:{text.id}"])).get(f"text:{text.id}")
    return f"/decisions/{statement.id}" if statement else ""


def _message(text: TextRow, viewer: Viewer) -> str:
    if text.state == TextState.REFUSED:
        return _("It was not released. Only you can read it here; you can change it and send it once more.")
    if text.why == Why.FOUR_EYES:
        return _(
            "It waits until a second person of the staff has released it. Only staff can read it so far."
        )
    return _(
        "Your text waits for a moderator. Nobody else can read it so far. You will hear as soon as it is decided."
    )


async def _show(
    request: Request,
    text: TextRow,
    form: FormState,
    *,
    status: int = 200,
    hints: tuple[PersonalHint, ...] = (),
    preview: Text = (),
) -> Response:
    viewer = viewer_of(request)
    choose_language(request, text.language)
    refused = text.state == TextState.REFUSED
    page = OwnTextPage(
        crumbs=(Crumb(_("Home"), "/"), Crumb(_("Your waiting texts"), "/waiting")),
        heading=label_of(text),
        place=place_of_text(text),
        when=When.of(text.submitted_at),
        refused=refused,
        message=_message(text, viewer),
        refusal=text.refusal,
        decision_url=await _decision_url(text),
        title=text.title if text.has_title else "",
        text=await rendered(viewer, text.body),
        tags=text.tags,
        form=TextForm(
            url=f"/waiting/{text.id}",
            state=form,
            has_title=text.has_title,
            language=text.language,
            button=_("Change it and send it once more") if refused else _("Save change"),
            hints=hints,
            preview=preview,
        ),
        take_back_url=f"/waiting/{text.id}/take-back",
        files=await held_files(text),
        files_out=await files_out(text),
    )
    return await show(request, "waiting/text.html", page, Head(robots="noindex"), status=status)
