"""Canned answers: texts that staff write once and begin their answers with, with placeholders for what differs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from community.core.clock import now
from community.core.db import Row, execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.moderation.models import CannedAnswer

PLACEHOLDERS = ("nickname", "thread", "space", "staff", "link")
LONGEST_TITLE = 80
LONGEST_TEXT = 5_000
MOST = 200
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_MARKDOWN = re.compile(r"([\\`*\[\]<>])")


@dataclass(frozen=True, slots=True)
class CannedRow:
    """A canned answer; without a space it is offered everywhere, without a language in all of them."""

    id: int
    title: str
    text: str
    language: str
    space_id: int | None
    space_name: str = ""
    use_count: int = 0


_CANNED = """SELECT c.id, c.title, c.text, c.language, c.space_id, c.use_count, s.name AS space_name
FROM canned_answers c LEFT JOIN spaces s ON s.id = c.space_id"""


def can_keep_canned(viewer: Viewer) -> bool:
    return viewer.is_moderator


def can_use_canned(viewer: Viewer) -> bool:
    return viewer.is_staff


def _visible(viewer: Viewer) -> str:
    """Those of spaces that this viewer does not read are not told to them either."""
    spaces = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    return f"(c.space_id IS NULL OR c.space_id IN ({spaces}))"


async def list_canned(viewer: Viewer) -> list[CannedRow]:
    """All of them, by title."""
    authorize(can_keep_canned(viewer))
    rows = await fetch(f"{_CANNED} WHERE {_visible(viewer)} ORDER BY LOWER(c.title), c.id", {})
    return [_row(row) for row in rows]


async def list_fitting(space_id: int, language: str, viewer: Viewer) -> list[CannedRow]:
    """What fits an answer there: those of the space before those for everywhere."""
    authorize(can_use_canned(viewer))
    rows = await fetch(
        f"""{_CANNED} WHERE {_visible(viewer)} AND (c.space_id IS NULL OR c.space_id = :space_id)
        AND c.language IN ('', :language)
        ORDER BY CASE WHEN c.space_id IS NULL THEN 1 ELSE 0 END, LOWER(c.title), c.id""",
        {"space_id": space_id, "language": language},
    )
    return [_row(row) for row in rows]


async def get_canned(canned_id: int, viewer: Viewer) -> CannedRow:
    authorize(can_keep_canned(viewer))
    row = await fetch_one(f"{_CANNED} WHERE c.id = :id AND {_visible(viewer)}", {"id": canned_id})
    if row is None:
        raise NotFound
    return _row(row)


async def add_canned(draft: CannedRow, *, by: Viewer) -> int:
    """Keep a new one; its id."""
    authorize(can_keep_canned(by))
    canned_id = random_id()
    async with in_transaction():
        await raise_site_stamp()  # the lock under which they are counted
        counted = await fetch_one("SELECT COUNT(*) AS n FROM canned_answers", {})
        if counted and counted["n"] >= MOST:
            raise RuleBroken(_("There are very many canned answers already. Please change or delete one."))
        await insert(CannedAnswer, id=canned_id, created_at=now(), **_columns(draft))
        await log("add_canned", f"canned:{canned_id}", by=by, reason="", space_id=draft.space_id)
    return canned_id


async def change_canned(draft: CannedRow, *, by: Viewer) -> None:
    authorize(can_keep_canned(by))
    async with in_transaction():
        if not await execute(
            """UPDATE canned_answers SET title = :title, text = :text, language = :language,
            space_id = :space_id WHERE id = :id""",
            {**_columns(draft), "id": draft.id},
        ):
            raise NotFound
        await log("change_canned", f"canned:{draft.id}", by=by, reason="", space_id=draft.space_id)


async def delete_canned(canned: CannedRow, *, by: Viewer) -> None:
    """Delete it; answers that began with it stay as they are."""
    authorize(can_keep_canned(by))
    async with in_transaction():
        if await execute("DELETE FROM canned_answers WHERE id = :id", {"id": canned.id}):
            await log("delete_canned", f"canned:{canned.id}", by=by, reason="", space_id=canned.space_id)


async def count_use(canned_id: int) -> None:
    await execute("UPDATE canned_answers SET use_count = use_count + 1 WHERE id = :id", {"id": canned_id})


def unknown_placeholders(text: str) -> tuple[str, ...]:
    """What stands in braces and means nothing, each once."""
    found = (match[1] for match in _PLACEHOLDER.finditer(text))
    return tuple(dict.fromkeys(name for name in found if name not in PLACEHOLDERS))


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in, in one pass: what members wrote fills in nothing further.

    Signs of Markdown in what members wrote are only signs; a title cannot become a link in an answer of staff.
    """

    def filled(match: re.Match[str]) -> str:
        value = values.get(match[1], match[0])
        return value if match[1] == "link" else _MARKDOWN.sub(r"\\\1", value)

    return _PLACEHOLDER.sub(filled, text)


def _columns(draft: CannedRow) -> dict[str, str | int | None]:
    return {
        "title": draft.title,
        "text": draft.text,
        "language": draft.language,
        "space_id": draft.space_id,
    }


def _row(row: Row) -> CannedRow:
    return CannedRow(
        id=row["id"],
        title=row["title"],
        text=row["text"],
        language=row["language"],
        space_id=row["space_id"],
        space_name=row["space_name"] or "",
        use_count=row["use_count"],
    )
