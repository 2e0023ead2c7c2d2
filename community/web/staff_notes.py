"""Private notes of staff on a thread, a post or a nickname: read, add, change, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.faq.editorial import EditorialEntry, get_editorial
from community.members.queries import get_profile, list_profiles_by_ids
from community.moderation import notes
from community.moderation.notes import NoteRow, Subject
from community.threads.queries import get_post, get_thread
from community.web.forms import check_length, read_form
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Crumb, FieldError, FormState, PersonalHint, When
from community.web.people import author
from community.web.writing import find_hints

HEAD = Head(section="moderation", robots="noindex")


@dataclass(frozen=True, slots=True)
class NoteView:
    text: str
    author: str
    when: When
    is_edited: bool
    change_url: str
    """Empty for whoever may not change or delete it."""
    delete_url: str
    version: int | None = None
    """Of the FAQ entry that it is about, when it was written."""


@dataclass(frozen=True, slots=True)
class NotesPage:
    heading: str
    explanation: str
    crumbs: tuple[Crumb, ...]
    url: str
    form: FormState
    notes: tuple[NoteView, ...]
    colleagues: str = ""
    """Whom a note can address, with their nicknames; empty where nobody is told."""
    html: Markup | None = None
    """The post that it is about."""
    hints: tuple[PersonalHint, ...] = ()
    is_change: bool = False


async def show_thread_notes(request: Request) -> Response:
    return await _show(request, await _of_thread(request))


async def add_thread_note(request: Request) -> Response:
    return await _add(request, await _of_thread(request))


async def show_post_notes(request: Request) -> Response:
    return await _show(request, await _of_post(request))


async def add_post_note(request: Request) -> Response:
    return await _add(request, await _of_post(request))


async def show_entry_notes(request: Request) -> Response:
    # Whether the entry is there is found out where its question is looked up.
    return await _show(request, Subject(entry_id=path_id(request, "entry_id")))


async def add_entry_note(request: Request) -> Response:
    entry = await _entry(request)
    return await _add(request, Subject(entry_id=entry.id), entry_version=entry.version)


async def show_member_notes(request: Request) -> Response:
    return await _show(request, await _of_member(request))


async def add_member_note(request: Request) -> Response:
    return await _add(request, await _of_member(request))


async def show_change_form(request: Request) -> Response:
    note = await _note(request)
    return await _show(request, note.subject, FormState({"body": note.text}), note=note)


async def change_note(request: Request) -> Response:
    """Save, unless the text is empty or could tell who somebody is."""
    note, fields = await _note(request), dict(await read_form(request))
    errors, hints = await _problems(request, fields)
    if errors or hints:
        return await _show(
            request, note.subject, FormState(fields, tuple(errors)), hints=hints, note=note, status=422
        )
    await notes.change_note(note.id, fields["body"], by=viewer_of(request))
    return redirect(await _url(note.subject), notice="saved")


async def delete_note(request: Request) -> Response:
    note = await _note(request)
    await notes.delete_note(note.id, by=viewer_of(request))
    return redirect(await _url(note.subject), notice="done")


# --- what the handlers share ------------------------------------------------------------------------------


async def _of_thread(request: Request) -> Subject:
    thread = await get_thread(path_id(request, "thread_id"), viewer_of(request))
    return Subject(thread_id=thread.id)


async def _of_post(request: Request) -> Subject:
    post, _thread = await get_post(path_id(request, "post_id"), viewer_of(request))
    return Subject(post_id=post.id)


async def _of_member(request: Request) -> Subject:
    return Subject(member_id=(await get_profile(request.path_params["nickname"])).id)


async def _entry(request: Request) -> EditorialEntry:
    return await get_editorial(viewer_of(request), path_id(request, "entry_id"))


async def _note(request: Request) -> NoteRow:
    """A note on a thread or a post is there for those who may read these."""
    note = await notes.get_note(path_id(request, "note_id"), viewer_of(request))
    if note.subject.thread_id is not None:
        await get_thread(note.subject.thread_id, viewer_of(request))
    if note.subject.post_id is not None:
        await get_post(note.subject.post_id, viewer_of(request))
    return note


async def _add(request: Request, subject: Subject, *, entry_version: int | None = None) -> Response:
    fields = dict(await read_form(request))
    errors, hints = await _problems(request, fields)
    if errors or hints:
        return await _show(request, subject, FormState(fields, tuple(errors)), hints=hints, status=422)
    await notes.add_note(subject, fields["body"], by=viewer_of(request), entry_version=entry_version)
    if subject.entry_id is not None:
        return redirect(f"/moderation/faq/{subject.entry_id}#comments", notice="saved")
    return redirect(await _url(subject), notice="saved")


async def _problems(
    request: Request, fields: Mapping[str, str]
) -> tuple[list[FieldError], tuple[PersonalHint, ...]]:
    """What is wrong with a note, and what in it could tell who somebody is."""
    errors = check_length("body", fields.get("body", ""), least=2, most=notes.LONGEST_NOTE)
    return errors, () if errors else await find_hints(viewer_of(request), fields)


async def _url(subject: Subject) -> str:
    if subject.thread_id is not None:
        return f"/moderation/threads/{subject.thread_id}/notes"
    if subject.post_id is not None:
        return f"/moderation/posts/{subject.post_id}/notes"
    if subject.entry_id is not None:
        return f"/moderation/faq/{subject.entry_id}/notes"
    return f"/moderation/members/{quote(await _nickname(subject))}/notes"


async def _nickname(subject: Subject) -> str:
    nickname = (await list_profiles_by_ids([subject.member_id or 0])).get(subject.member_id or 0)
    if nickname is None:
        raise NotFound  # They have left a moment ago, and their notes with them.
    return nickname


async def _show(
    request: Request,
    subject: Subject,
    form: FormState | None = None,
    *,
    hints: tuple[PersonalHint, ...] = (),
    note: NoteRow | None = None,
    status: int = 200,
) -> Response:
    viewer = viewer_of(request)
    rows = [] if note else await notes.list_notes(subject, viewer)
    heading, crumb, html = await _titles(request, subject)
    page = NotesPage(
        heading=heading,
        explanation=_explanation(subject),
        crumbs=(Crumb(_("Moderation"), "/moderation"), crumb),
        url=f"/moderation/notes/{note.id}" if note else await _url(subject),
        form=form or FormState(),
        notes=tuple(note_view(row, viewer) for row in rows),
        colleagues=await colleagues_of(subject, viewer),
        html=html,
        hints=hints,
        is_change=note is not None,
    )
    return await show(request, "moderation/notes.html", page, HEAD, status=status)


def note_view(row: NoteRow, viewer: Viewer) -> NoteView:
    return NoteView(
        text=row.text,
        author=row.author or _("Former member"),
        when=When.of(row.created_at),
        is_edited=row.edited_at is not None,
        change_url=f"/moderation/notes/{row.id}" if notes.can_change_note(viewer, row) else "",
        delete_url=f"/moderation/notes/{row.id}/delete" if notes.can_delete_note(viewer, row) else "",
        version=row.entry_version,
    )


async def colleagues_of(subject: Subject, viewer: Viewer) -> str:
    if subject.member_id is not None:
        return ""
    return ", ".join(
        f"@{nickname} ({name})" if name else f"@{nickname}"
        for nickname, name in await notes.list_colleagues(viewer)
    )


async def _titles(request: Request, subject: Subject) -> tuple[str, Crumb, Markup | None]:
    if subject.post_id is not None:
        post, thread = await get_post(subject.post_id, viewer_of(request))
        title = _("Internal comments on the post by %(name)s") % {"name": author(post.author).name}
        crumb = Crumb(thread.title, f"/posts/{post.id}")
        return title, crumb, Markup(post.body_html)  # noqa: S704 - cleaned when it was written
    if subject.thread_id is not None:
        thread = await get_thread(subject.thread_id, viewer_of(request))
        title = _("Notes of the team: %(title)s") % {"title": thread.title}
        return title, Crumb(thread.title, f"/threads/{thread.id}"), None
    if subject.entry_id is not None:
        entry = await get_editorial(viewer_of(request), subject.entry_id)
        title = _("Comments of the editors: %(title)s") % {"title": entry.text.question}
        return title, Crumb(entry.text.question, f"/moderation/faq/{entry.id}"), None
    nickname = await _nickname(subject)
    title = _("Notes of the team: %(title)s") % {"title": nickname}
    return title, Crumb(nickname, f"/members/{quote(nickname)}"), None


def _explanation(subject: Subject) -> str:
    if subject.member_id is None:
        return _(
            "Only moderators and administrators see them. No search finds them, and members learn nothing of them."
        )
    return _(
        "Only moderators and administrators see them. A member can ask for what is noted about them: it stands in "
        "the download of their data, without your name. Never write who somebody is."
    )
