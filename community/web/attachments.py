"""Attached files: showing them with the rights of their post, and taking them from scripts one by one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from community.attachments import actions, queries
from community.attachments.queries import AttachmentRow
from community.attachments.storage import FileGone, StorageDown
from community.attachments.stores import storage
from community.core.errors import NotFound, authorize
from community.core.viewer import Viewer
from community.spaces.permissions import can_start_thread
from community.threads import permissions
from community.threads.models import PostKind
from community.threads.queries import get_post, get_thread
from community.waiting.queries import get_waiting
from community.web.attaching import take_files
from community.web.pages import LARGEST_ID, path_id, show, viewer_of
from community.web.parts import AttachmentView, FieldError
from community.web.uploads import read_form_with_files

SAFE = {
    # Whatever a browser takes the file for, it may load nothing, run nothing, and is not of this site.
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "bytes",
    "Vary": "Cookie",
}
_KEPT = ("ETag", "Cache-Control", "Vary", "Cross-Origin-Resource-Policy")
"""What an answer repeats that says that nothing has changed."""
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


async def show_attachment(request: Request) -> Response:
    """The file, or a part of it, to whoever may read its post at this moment."""
    viewer = viewer_of(request)
    row, is_open = await _load(request, viewer)
    return await _send(request, row, row.storage_name, row.size, row.content_type, is_open=is_open)


async def show_small(request: Request) -> Response:
    """The smaller copy of a picture, with the same rights."""
    viewer = viewer_of(request)
    row, is_open = await _load(request, viewer)
    if not row.is_picture:
        raise NotFound
    return await _send(request, row, f"{row.storage_name}.small", None, "image/webp", is_open=is_open)


async def _load(request: Request, viewer: Viewer) -> tuple[AttachmentRow, bool]:
    """The file, and whether everybody may read it; what waits with a text is seen by whoever may read that."""
    row = await queries.get_row(path_id(request, "attachment_id"))
    if row.text_id is not None and row.member_id != viewer.id:
        await get_waiting(row.text_id, viewer)
        return row, False
    return row, await queries.demand_readable(row, viewer)


async def _send(
    request: Request, row: AttachmentRow, stored: str, size: int | None, content_type: str, *, is_open: bool
) -> Response:
    """The file or a part of it. Small copies have no size of their own in the row; they are sent whole."""
    tag = f'"{row.digest[:32]}{".small" if size is None else ""}"'
    headers = SAFE | {
        "ETag": tag,
        # Looked up anew each time: a post can be hidden, or move to a space with other readers.
        "Cache-Control": "public, no-cache" if is_open else "private, no-cache",
        "Content-Disposition": _disposition(row),
        "Content-Type": content_type,
    }
    if is_open:
        # Released entries of the FAQ show such pictures on other websites, which learn nothing that guests could not.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if tag in (
        known.strip().removeprefix("W/") for known in request.headers.get("if-none-match", "").split(",")
    ):
        return Response(status_code=304, headers={name: headers[name] for name in _KEPT if name in headers})
    start, length, status = 0, size, 200
    if size is not None:
        part = _wanted(request, size, tag)
        if part is None:
            return Response(status_code=416, headers=SAFE | {"Content-Range": f"bytes */{size}"})
        start, length = part
        if length != size:
            status = 206
            headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
        headers["Content-Length"] = str(length)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    pieces = await _opened(stored, start, length)
    if size is None:
        return Response(b"".join([piece async for piece in pieces]), headers=headers)
    return StreamingResponse(pieces, status_code=status, headers=headers)


def _wanted(request: Request, size: int, tag: str) -> tuple[int, int] | None:
    """Where to begin and how much to send; None where the file has no such part. Several parts get all of it."""
    asked = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if asked is None or not (asked[1] or asked[2]) or request.headers.get("if-range", tag) != tag:
        return 0, size
    if not asked[1]:
        length = min(int(asked[2]), size)
        return (size - length, length) if length else None
    start, end = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
    if start >= size or (asked[2] and int(asked[2]) < start):
        return None if start >= size else (0, size)
    return start, end - start + 1


async def _opened(stored: str, start: int, length: int | None) -> AsyncIterator[bytes]:
    """The pieces of a stored file; the first one is fetched here, while there is still another answer to give."""
    pieces = storage().read(stored, start, length if length is not None else 1 << 40)
    try:
        first = await anext(pieces, b"")
    except (FileGone, StorageDown):
        raise NotFound from None

    async def all_pieces() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return all_pieces()


def _disposition(row: AttachmentRow) -> str:
    """Pictures are shown, everything else is saved. The name twice, as RFC 6266 has it for old programs."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", row.name)
    kind = "inline" if row.is_picture else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(row.name, safe='')}"


# --- for scripts ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AttachedPage:
    """What became of a file: its line in the form, or why it was refused."""

    files: tuple[AttachmentView, ...]
    errors: tuple[FieldError, ...]


async def add_attachment(request: Request) -> Response:
    """Take a file for a form that is still being filled in; scripts send each by itself and show how far it is."""
    viewer = viewer_of(request)
    async with read_form_with_files(request) as form:
        place = form.fields.get("place", "")
        post_id = await _check_place(request, viewer, place)
        attached = await take_files(form, viewer, place, post_id=post_id)
    known = form.fields.get("attachments", "").split(",")
    new = tuple(view for view in attached.views if str(view.id) not in known)
    page = AttachedPage(new, attached.errors)
    status = 422 if attached.errors else 200
    return await show(request, "attachments/attached.html", page, block="attached", status=status)


async def remove_attachment(request: Request) -> Response:
    """Take an unposted file out of its form. One that is posted is taken out by saving the edit of its post."""
    viewer = viewer_of(request)
    if not await actions.discard_unposted([path_id(request, "attachment_id")], by=viewer.id):
        raise NotFound
    return Response(status_code=204)


async def _check_place(request: Request, viewer: Viewer, place: str) -> int | None:
    """Whether the viewer may write there; the post, where it is an edit. Raises as the form itself would."""
    kind, _colon, text = place.partition(":")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 16 else 0
    if place == "ask":
        authorize(any(can_start_thread(viewer, space.id) for space in request.state.spaces))
        return None
    if number > LARGEST_ID or number == 0:
        raise NotFound
    if kind == "answer":
        authorize(permissions.can_answer(viewer, await get_thread(number, viewer)))
        return None
    if kind != "edit":
        raise NotFound
    post, thread = await get_post(number, viewer)
    authorize(post.kind != PostKind.COMMENT and permissions.can_edit_post(viewer, thread, post))
    return post.id
