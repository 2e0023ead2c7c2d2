"""The part of a form in which files are attached: what came with it, what it shows again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from community.attachments import actions, queries, rules
from community.attachments.queries import AttachmentRow
from community.attachments.rules import FileRefused, shown_size
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.viewer import Viewer
from community.settings import settings
from community.web.pages import LARGEST_ID
from community.web.parts import AttachmentView, FieldError
from community.web.uploads import FormWithFiles

_FORMS = re.compile("/threads/([0-9]{1,16})/answers|/posts/([0-9]{1,16})/edit")
SHOWN = 320
"""Pixels of the longer side of a picture in a page, before it is opened."""


@dataclass(frozen=True, slots=True)
class AttachField:
    """The control for files in a form. Without scripts it is a field for files and a button that sends the form."""

    place: str
    ids: str
    """Of the files below, with commas between; the form sends it back."""
    files: tuple[AttachmentView, ...]
    accept: str
    hint: str
    most: int


@dataclass(frozen=True, slots=True)
class Attached:
    """The files of a form as it came in, those included that came with it."""

    place: str
    rows: tuple[AttachmentRow, ...]
    errors: tuple[FieldError, ...] = ()
    said: str = ""
    """What the form said about files: the same when it is sent twice, whatever ids its files got."""
    is_all: bool = False
    """The form was sent for its files alone, and comes back."""
    gone: tuple[int, ...] = ()
    """Named by the form and not there any more: its writer is told before anything is published without them."""

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(row.id for row in self.rows)

    @property
    def alts(self) -> dict[int, str]:
        """What the form says about its pictures."""
        return {row.id: row.alt for row in self.rows if row.is_picture}

    def demand_all(self) -> None:
        """`FileRefused` where a file is gone that the form has named."""
        if self.gone:
            raise rules.file_gone()

    @property
    def views(self) -> tuple[AttachmentView, ...]:
        return tuple(view_of(row) for row in self.rows)


async def take_files(
    form: FormWithFiles, viewer: Viewer, place: str, *, post_id: int | None = None
) -> Attached:
    """Attach what came with a form; take out what its writer wants out."""
    named = named_ids(form.fields.get("attachments", ""))
    unwanted = named_ids(form.fields.get("remove", ""))
    await actions.discard_unposted(unwanted, by=viewer.id)
    kept = [each for each in named if each not in unwanted]
    usable = await queries.list_usable(viewer, kept, place=place, post_id=post_id)
    rows = await _described(usable, form.fields, viewer)
    gone = tuple(each for each in kept if each not in {row.id for row in usable})
    is_all = bool(unwanted) or form.fields.get("do") == "attach"
    errors = [FieldError("files", str(rules.file_gone()))] if gone and is_all else []
    for received in form.files:
        try:
            rows.append(await actions.attach_file(received, place=place, by=viewer.id, beside=len(rows)))
        except FileRefused as refused:
            errors.append(FieldError("files", str(refused)))
    return Attached(
        place,
        tuple(rows),
        tuple(errors),
        said=",".join([*map(str, kept), *(received.digest for received in form.files)]),
        is_all=is_all,
        gone=() if is_all else gone,
    )


async def _described(
    rows: Sequence[AttachmentRow], fields: Mapping[str, str], viewer: Viewer
) -> list[AttachmentRow]:
    """With what the form says about pictures; of files that are not posted it is kept at once, else with the edit."""
    said = {
        row.id: rules.clean_alt(fields[name])
        for row in rows
        if row.is_picture and (name := f"alt-{row.id}") in fields
    }
    changed = {row.id: said[row.id] for row in rows if said.get(row.id, row.alt) != row.alt}
    unposted = {row.id: changed[row.id] for row in rows if row.post_id is None and row.id in changed}
    if unposted:
        await actions.describe_unposted(unposted, by=viewer.id)
    return [replace(row, alt=changed.get(row.id, row.alt)) for row in rows]


def field_of(broken: RuleBroken) -> str:
    """Where in a form it is said that a text cannot be published."""
    return "files" if isinstance(broken, FileRefused) else "body"


async def find_attached(viewer: Viewer, place: str, *, post_id: int | None = None) -> Attached:
    """The files of a form that is shown anew: those of its post, and those attached and not posted."""
    posted = (await queries.list_of_posts([post_id])).get(post_id, ()) if post_id else ()
    return Attached(place, (*posted, *await queries.list_unposted(viewer, place)))


async def with_files(attached: Attached, ids: Sequence[int], viewer: Viewer, *, post_id: int) -> Attached:
    """These files of the post as well."""
    rows = await queries.list_usable(viewer, ids, place=attached.place, post_id=post_id)
    return replace(attached, rows=(*attached.rows, *rows))


async def forget_unused(attached: Attached, viewer: Viewer) -> None:
    """After a form that was sent twice: what came with it the second time belongs to nothing."""
    await actions.discard_unposted(attached.ids, by=viewer.id)


def attach_field(attached: Attached) -> AttachField:
    """The control with these files."""
    values = {"most": number(settings.attachments.file_megabytes), "count": rules.MOST_FILES}
    hint = ngettext(
        "Pictures, PDF, text and logs up to %(most)s MB, at most %(count)d file. "
        "Pictures are stored without place and camera.",
        "Pictures, PDF, text and logs up to %(most)s MB, at most %(count)d files. "
        "Pictures are stored without place and camera.",
        rules.MOST_FILES,
    )
    return AttachField(
        place=attached.place,
        ids=",".join(map(str, (*attached.ids, *attached.gone))),
        files=attached.views,
        accept=rules.ACCEPTED,
        hint=hint % values,
        most=rules.MOST_FILES,
    )


def view_of(row: AttachmentRow) -> AttachmentView:
    """A file as pages show it."""
    name = quote(row.name, safe="")
    base = f"/attachments/{row.id}"
    if not row.is_picture:
        kind = "PDF" if row.content_type == "application/pdf" else _("Text")
        return AttachmentView(row.id, f"{base}/{name}", row.name, f"{kind}, {shown_size(row.size)}")
    kind = _("Picture")
    longer = max(row.small_width or 1, row.small_height or 1)
    scale = min(1, SHOWN / longer)
    return AttachmentView(
        row.id,
        f"{base}/{name}",
        row.name,
        f"{kind}, {shown_size(row.size)}",
        alt=row.alt,
        small_url=f"{base}/small/{name}",
        width=max(1, round((row.small_width or 1) * scale)),
        height=max(1, round((row.small_height or 1) * scale)),
    )


def place_of_form(path: str) -> str:
    """The place of the files of the form that is sent to this address; empty for all other forms."""
    if path == "/ask":
        return path[1:]
    found = _FORMS.fullmatch(path)
    return f"{'answer' if found[1] else 'edit'}:{found[1] or found[2]}" if found else ""


def named_ids(text: str) -> tuple[int, ...]:
    """The ids in a field of a form; nonsense is left out."""
    parts = text.split(",")[: 4 * rules.MOST_FILES]
    numbers = (int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) <= 16)
    return tuple(dict.fromkeys(each for each in numbers if 0 < each <= LARGEST_ID))
