"""What a statement of reasons is about, as far as its reader may see it."""

from __future__ import annotations

from dataclasses import dataclass

from community.core.db import fetch
from community.core.errors import NotFound
from community.core.markdown import render
from community.core.viewer import Viewer
from community.decisions.statements import StatementRow
from community.threads.permissions import visible_in_spaces
from community.waiting.models import TextState
from community.waiting.queries import get_own, get_waiting


@dataclass(frozen=True, slots=True)
class ConcernedContent:
    title: str
    """Empty where the reader may not know it (any more)."""
    body_html: str
    """The text of the member concerned; empty for a whole thread that somebody else goes on in."""
    url: str = ""
    """Where its author goes on with it."""


async def find_concerned_content(statement: StatementRow, viewer: Viewer) -> ConcernedContent | None:
    """The post or thread that a statement is about; None where it is gone, or the statement is about no text.

    The member concerned reads their own text also when nobody else does; others only while they may read the space
    in which it is now. The title of somebody else's thread is shown only while the reader may read that.
    """
    kind, _colon, number = statement.subject.partition(":")
    if kind == "text":
        return await _find_text(int(number), viewer, is_own=statement.member_id == viewer.id)
    if kind not in ("post", "thread"):
        return None
    which = "p.id = :id" if kind == "post" else "t.id = :id AND p.kind = 'opening'"
    rows = await fetch(
        f"""SELECT p.id, p.body_html, p.author_id, t.space_id,
        CASE WHEN t.author_id = :viewer OR {visible_in_spaces(viewer)} THEN t.title ELSE '' END AS title
        FROM posts p JOIN threads t ON t.id = p.thread_id WHERE {which}""",  # noqa: S608 - constants and our own ids
        {"id": int(number), "viewer": viewer.id},
    )
    for row in rows:
        is_own = row["author_id"] == statement.member_id and row["author_id"] is not None
        may_read = viewer.id == statement.member_id or viewer.may_read(row["space_id"])
        return ConcernedContent(row["title"], row["body_html"] if is_own and may_read else "")
    return None


async def _find_text(text_id: int, viewer: Viewer, *, is_own: bool) -> ConcernedContent | None:
    """A text that was refused; None once it is published or gone."""
    try:
        text = await (get_own(text_id, viewer) if is_own else get_waiting(text_id, viewer))
    except NotFound:
        return None
    if text.state == TextState.RELEASED:
        return None
    title = text.title if text.has_title else text.thread_title
    return ConcernedContent(title, render(text.body), f"/waiting/{text.id}" if is_own else "")
