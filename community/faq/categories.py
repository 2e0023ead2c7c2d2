"""Making and ordering the categories of the FAQ."""

from __future__ import annotations

from collections.abc import Sequence

from community.core.db import execute, fetch, fetch_one, in_transaction, is_unique_violation, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.text import slug
from community.faq.changes import note_changes
from community.faq.models import Category

LONGEST_NAME = 120
_ATTEMPTS = 20


async def make_category(name: str, language: str) -> int:
    """Make a category at the end of the list and answer its id. Its slug is made of the name and never changes."""
    name = name.strip()
    if not name:
        raise RuleBroken(_("Please fill in this field."))
    for attempt in range(1, _ATTEMPTS):
        category_id = random_id()
        try:
            async with in_transaction():
                last = await fetch_one("SELECT MAX(position) AS last FROM faq_categories")
                await insert(
                    Category,
                    id=category_id,
                    slug=category_slug(name, attempt),
                    name=name[:LONGEST_NAME],
                    language=language,
                    position=((last["last"] if last else None) or 0) + 1,
                )
                await raise_site_stamp()
            return category_id
        except Exception as error:
            if not is_unique_violation(error):
                raise
    raise RuleBroken(_("There are too many categories with this name."))


def category_slug(name: str, attempt: int = 1) -> str:
    """The category's part of an address: begins with a letter, so that it is never taken for an entry's id."""
    made = slug(name, longest=70).strip("-")
    if not made[:1].isalpha():
        made = f"faq-{made}".rstrip("-")
    return made if attempt == 1 else f"{made}-{attempt}"


async def rename_category(category_id: int, name: str) -> None:
    """Change the name; mirrors of the FAQ are told that its entries have changed."""
    name = name.strip()
    if not name:
        raise RuleBroken(_("Please fill in this field."))
    async with in_transaction():
        await raise_site_stamp()
        changed = await execute(
            "UPDATE faq_categories SET name = :name WHERE id = :id",
            {"id": category_id, "name": name[:LONGEST_NAME]},
        )
        if not changed:
            raise NotFound
        await _tell_mirrors([category_id])


async def move_category_up(category_id: int) -> None:
    """Let a category change places with the one before it; the first one stays where it is."""
    async with in_transaction():
        # The stamp's row is the lock: two people who order at the same time do it one after the other.
        await raise_site_stamp()
        rows = await fetch("SELECT id FROM faq_categories ORDER BY position, name, id")
        ids = [row["id"] for row in rows]
        if category_id not in ids:
            raise NotFound
        place = ids.index(category_id)
        if place:
            ids[place - 1], ids[place] = ids[place], ids[place - 1]
        moved = []
        for position, row_id in enumerate(ids, start=1):
            if await execute(
                "UPDATE faq_categories SET position = :position WHERE id = :id AND position <> :position",
                {"id": row_id, "position": position},
            ):
                moved.append(row_id)
        await _tell_mirrors(moved)


async def _tell_mirrors(category_ids: Sequence[int]) -> None:
    """The name and the place of a category stand on each of its entries."""
    rows = await fetch(
        "SELECT id FROM faq_entries WHERE published_category_id IN (:ids) ORDER BY id",
        {"ids": list(category_ids)},
    )
    await note_changes([row["id"] for row in rows])
