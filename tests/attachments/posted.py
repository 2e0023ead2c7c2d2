"""Attaching as a browser does it, and what a test wants to know afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx2

from community.attachments import actions
from community.attachments.actions import Received, attach_file
from community.attachments.models import Attachment
from community.attachments.queries import AttachmentRow
from community.attachments.storage import incoming
from community.core.db import random_id
from community.members.models import Member
from community.settings import settings
from tests.attachments.files import picture, saved

File = tuple[str, bytes]
TEXT: File = ("router.log", b"2026-11-29 08:00 link lost\n")


def png(width: int = 700, height: int = 500) -> File:
    return "Fehler am Router.png", saved(picture(width, height), "PNG")


async def send(
    client: httpx2.AsyncClient,
    url: str,
    fields: Mapping[str, str],
    files: Sequence[File] = (),
    headers: Mapping[str, str] | None = None,
) -> httpx2.Response:
    """A form with files. Without any it holds one without a name, as browsers send it."""
    chosen = [("files", (name, content, "application/x-claimed")) for name, content in files]
    return await client.post(
        url,
        data=dict(fields),
        files=chosen or [("files", ("", b"", "application/octet-stream"))],
        headers=headers,
    )


async def attach(member: Member, file: File, *, place: str = "ask", beside: int = 0) -> AttachmentRow:
    """A file in a form that is not published yet."""
    name, content = file
    incoming().mkdir(parents=True, exist_ok=True)
    path = incoming() / f"{random_id():x}"
    path.write_bytes(content)
    try:
        return await attach_file(
            Received(name, path, len(content), "digest"), place=place, by=member.id, beside=beside
        )
    finally:
        path.unlink(missing_ok=True)


async def posted(post_id: int, member: Member, file: File) -> AttachmentRow:
    """A file of a post."""
    row = await attach(member, file)
    await actions.post_attachments(post_id, [row.id], by=member.id)
    return row


def address(row: AttachmentRow) -> str:
    return f"/attachments/{row.id}/{row.name}"


def form_ids(page: str) -> list[int]:
    """The files that a form sends back."""
    found = re.search(r'name="attachments" value="([^"]*)"', page)
    assert found is not None
    return [int(each) for each in found[1].split(",") if each]


def stored_files() -> set[str]:
    """The names of all files in the store of this test process."""
    root = settings.attachments.folder
    return {path.name for path in root.glob("??/*")} if root.exists() else set()


def incoming_files() -> list[Path]:
    return list(incoming().iterdir()) if incoming().exists() else []


async def all_rows() -> list[Attachment]:
    return await Attachment.all().order_by("position", "created_at")
