"""What the entries of the moderation log are about, in words that staff know them by."""

from __future__ import annotations

from collections.abc import Sequence

from community.core.db import as_json, fetch
from community.core.i18n import language
from community.core.viewer import Viewer

_TITLES = {
    "post": """SELECT p.id, t.title FROM posts p JOIN threads t ON t.id = p.thread_id
        WHERE p.id IN ({ids}) AND t.space_id IN ({spaces})""",
    "thread": "SELECT t.id, t.title FROM threads t WHERE t.id IN ({ids}) AND t.space_id IN ({spaces})",
    "space": "SELECT s.id, s.name AS title FROM spaces s WHERE s.id IN ({ids}) AND s.id IN ({spaces})",
    "faq": "SELECT e.id, e.question AS title FROM faq_entries e WHERE e.id IN ({ids})",
    "badge": "SELECT b.id, b.name AS title FROM badge_kinds b WHERE b.id IN ({ids})",
    "words": "SELECT v.id, v.words AS title FROM vocabulary_entries v WHERE v.id IN ({ids})",
    "rule": """SELECT r.id, r.name AS title FROM holding_rules r
        WHERE r.id IN ({ids}) AND (r.space_id IS NULL OR r.space_id IN ({spaces}))""",
    "canned": """SELECT c.id, c.title FROM canned_answers c
        WHERE c.id IN ({ids}) AND (c.space_id IS NULL OR c.space_id IN ({spaces}))""",
    "segment": """SELECT s.id, g.name AS title FROM segments s JOIN groups g ON g.id = s.group_id
        WHERE s.id IN ({ids})""",
    "attribute": "SELECT a.id, a.{label} AS title FROM attributes a WHERE a.id IN ({ids})",
}
ADMINISTRATORS_ONLY = frozenset({"segment", "attribute"})
"""Of whom a closed group is made, and by what, moderators need not know."""


async def list_subject_titles(
    viewer: Viewer, subjects: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    """The title of each subject ("post", id): of a post it is that of its thread, of a FAQ entry its question,
    of words of the search the words themselves, of a segment its group.

    For moderators only, who read hidden posts as well. What lies in a space that the viewer may not read, or is
    gone, is left out.
    """
    assert viewer.is_moderator  # noqa: S101 - a wrong call is a mistake in the code, not a visitor's
    spaces = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    label = "label_de" if language() == "de" else "label_en"
    titles: dict[tuple[str, int], str] = {}
    for kind, statement in _TITLES.items():
        ids = ",".join(str(number) for kind_of, number in subjects if kind_of == kind)
        if ids and (viewer.is_administrator or kind not in ADMINISTRATORS_ONLY):
            for row in await fetch(statement.format(ids=ids, spaces=spaces, label=label), {}):
                title = row["title"]
                titles[kind, row["id"]] = ", ".join(as_json(title)) if kind == "words" else title
    return titles
