"""The files that a member has attached: a section of the download, and the files themselves beside it."""

from __future__ import annotations

import zipfile

from community.attachments.storage import FileGone, StorageDown
from community.attachments.stores import storage
from community.core.db import Row, fetch
from community.core.viewer import Viewer
from community.personal_data.items import Section, pick, place, title

FOLDER = "files"


async def attachments(viewer: Viewer) -> Section:
    """Those of posts and those of forms that are not published; `file` is the place in the ZIP."""
    return [
        {
            **place(row),
            **pick(row, "name", "alt", "content_type", "size"),
            "file": _path(position, row),
            "attached_at": row["created_at"],
        }
        for position, row in enumerate(await _rows(viewer), 1)
    ]


async def pack_files(archive: zipfile.ZipFile, viewer: Viewer) -> None:
    """Put the files into the ZIP, piece by piece. One that the store does not give at the moment is left out."""
    for position, row in enumerate(await _rows(viewer), 1):
        pieces = storage().read(row["storage_name"], 0, row["size"])
        try:
            first = await anext(pieces, b"")
        except (FileGone, StorageDown):
            continue
        with archive.open(_path(position, row), "w") as entry:
            entry.write(first)
            async for piece in pieces:
                entry.write(piece)


async def _rows(viewer: Viewer) -> list[Row]:
    return list(
        await fetch(
            f"""SELECT a.name, a.alt, a.content_type, a.size, a.storage_name, a.created_at, a.post_id, {title(viewer)}
            FROM attachments a LEFT JOIN posts p ON p.id = a.post_id LEFT JOIN threads t ON t.id = p.thread_id
            WHERE (a.member_id = :me AND a.post_id IS NULL) OR p.author_id = :me ORDER BY a.created_at, a.id""",  # noqa: S608 - our own ids
            {"me": viewer.id},
        )
    )


def _path(position: int, row: Row) -> str:
    return f"{FOLDER}/{position}-{row['name']}"
