"""What the sections of the download are made of: where something happened, as far as the member may read it."""

from __future__ import annotations

from typing import Any

from community.core.db import Row
from community.core.viewer import Viewer
from community.settings import settings
from community.threads.permissions import visible_in_spaces

Item = dict[str, Any]
Section = Item | list[Item]


def title(viewer: Viewer) -> str:
    """The title of a thread `t` and its slug, where the member started it or may read it."""
    seen = f"CASE WHEN t.author_id = :me OR {visible_in_spaces(viewer)} THEN"
    return f"t.id AS thread_id, {seen} t.title END AS thread, {seen} t.slug END AS slug"


def place(row: Row) -> Item:
    """Where it happened: title and address of the thread, address of the post. Empty where it may not be read."""
    names, found = row.keys(), {"thread": row["thread"] or "", "thread_url": "", "post_url": ""}
    if row["thread"]:
        found["thread_url"] = f"{settings.base_url}/threads/{row['thread_id']}-{row['slug']}"
        if "post_id" in names and row["post_id"]:
            found["post_url"] = post_url(row["post_id"])
    return found


def post_url(post_id: int) -> str:
    return f"{settings.base_url}/posts/{post_id}"


def pick(row: Row, *names: str) -> Item:
    return {name: row[name] for name in names}
