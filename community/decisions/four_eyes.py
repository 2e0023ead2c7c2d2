"""Who may be the second person: one answer for texts that wait, FAQ entries, reveals and erasures.

Two members of staff are two persons, with one exception: whoever has made somebody staff could stand behind both
names. For a day neither of the two is the other's second person.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from community.core.clock import now
from community.core.db import fetch
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer

FRESH_STAFF = timedelta(hours=24)
"""How long whoever was made staff, and whoever made them, cannot release each other's things."""


async def find_bar(by: Viewer, writers: Collection[int]) -> str:
    """Why this person cannot release what these members have written; empty if they can.

    `writers` are all who have put something into it since it was last released. Nobody known is nobody to tell
    apart from: such a thing cannot be released by anyone.
    """
    if not writers or by.id in writers:
        return _("Somebody else has to release what you have written.")
    if await _is_fresh(by.id, writers):
        return _("For a day after one of you made the other staff, you cannot be each other’s second person.")
    return ""


async def demand_second_person(by: Viewer, writers: Collection[int]) -> None:
    """`RuleBroken`, in words for the reader, where this person cannot release it."""
    bar = await find_bar(by, writers)
    if bar:
        raise RuleBroken(bar)


async def _is_fresh(member_id: int, writers: Collection[int]) -> bool:
    rows = await fetch(
        """SELECT 1 AS found FROM moderation_log WHERE act = 'change_role' AND at > :since
        AND ((subject = :subject AND actor_id IN (:writers)) OR (actor_id = :me AND subject IN (:subjects)))
        LIMIT 1""",
        {
            "since": now() - FRESH_STAFF,
            "subject": f"member:{member_id}",
            "me": member_id,
            "writers": sorted(writers),
            "subjects": [f"member:{writer}" for writer in sorted(writers)],
        },
    )
    return bool(rows)
