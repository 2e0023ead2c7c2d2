"""What those who asked are asked in turn: a question that waits for a yes, and how satisfied they were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import cycle

from community.demonstration.shapes import DemoContent
from community.spaces.models import SpaceKind
from community.threads import reminders, satisfaction
from community.threads.history import Brought

RATINGS = (5, 4, 5, 3, 5, 4, 4, 2, 5)
NOTES = (
    "Nach zwanzig Minuten lief es wieder.",
    "",
    "Clear steps, and they worked the first time.",
    "",
    "Hätte ich das nur früher gefunden!",
    "",
    "",
    "Gelöst, aber erst nach drei Rückfragen.",
)


async def fill_askers(content: DemoContent, threads: Mapping[str, Brought]) -> None:
    """Of the demo log-ins' own questions nothing is answered yet, so that one can do it; others have answered."""
    own = {member.nickname for member in content.members if member.demo_login}
    ratings, notes = cycle(RATINGS), cycle(NOTES)
    for thread in content.threads:
        if content.space(thread.space).kind != SpaceKind.QUESTIONS:
            continue
        thread_id = threads[thread.id].thread_id
        if thread.author in own:
            await reminders.plan(thread_id)
        if thread.solution is None or thread.solution.accepted_hours_after is None:
            continue
        hours = thread.solution.hours_after + thread.solution.accepted_hours_after
        ago = max(timedelta(), timedelta(days=thread.days_ago, hours=-hours))
        await satisfaction.ask(thread_id, ago=ago)
        asked = await satisfaction.find_asked(thread_id)
        if asked is not None and thread.author not in own:
            await satisfaction.give(asked, rating=next(ratings), note=next(notes), ago=ago)
