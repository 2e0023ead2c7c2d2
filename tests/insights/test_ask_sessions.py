"""Ask sessions: what is written down, what they are counted as, and what is left of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from community.core.clock import now
from community.core.db import fetch
from community.insights import ask_sessions
from community.insights.ask_figures import (
    AskFigures,
    list_ask_days,
    list_helpful_suggestions,
)
from community.insights.ask_sessions import (
    Step,
    count_old_sessions,
    find_session,
    find_solved_session,
    record_steps,
    reopen_session,
)
from community.insights.models import AskDay, AskSession, SuggestionDay

pytestmark = pytest.mark.each_database


async def session(number: int, *steps: Step, hours_ago: float = 0, suggestion: str = "") -> None:
    """A session in which these steps have happened so long ago."""
    await record_steps(number, Step.BEGUN, *steps, suggestion=suggestion)
    if hours_ago:
        began = now() - timedelta(hours=hours_ago)
        await AskSession.filter(id=number).update(started_at=began.replace(minute=0, second=0, microsecond=0))


async def total(first: date | None = None, last: date | None = None) -> AskFigures:
    today = now().date()
    days = await list_ask_days(first or today - timedelta(days=10), last or today)
    return sum(days.values(), AskFigures())


async def test_a_session_keeps_full_hours_and_nothing_else(db: str) -> None:
    await session(1, Step.SHOWN, Step.OPENED, suggestion="thread-5")
    row = dict((await fetch("SELECT * FROM ask_sessions"))[0])
    assert set(row) == {
        "id",
        "started_at",
        "shown_at",
        "opened_at",
        "none_helped_at",
        "solved_at",
        "asked_at",
    }
    kept = await AskSession.get(id=1)
    moments = {kept.started_at, kept.shown_at, kept.opened_at}
    assert [(m.minute, m.second, m.microsecond) for m in moments] == [(0, 0, 0)]
    assert (kept.none_helped_at, kept.solved_at, kept.asked_at) == (None, None, None)


async def test_a_step_is_remembered_as_it_happened_first(db: str) -> None:
    await session(1, Step.SHOWN, hours_ago=3)
    earlier = now() - timedelta(hours=3)
    await AskSession.filter(id=1).update(shown_at=earlier)
    await record_steps(1, Step.SHOWN, Step.NONE_HELPED)
    assert (await AskSession.get(id=1)).shown_at == earlier
    assert await AskSession.all().count() == 1


async def test_every_end_is_counted_as_what_it_was(db: str) -> None:
    await session(1, Step.SHOWN, Step.OPENED, Step.SOLVED, suggestion="faq-1")
    await session(2, Step.SHOWN, Step.OPENED, hours_ago=25)
    await session(3, Step.SHOWN, Step.OPENED, Step.NONE_HELPED, hours_ago=25)
    await session(4, Step.SHOWN, Step.OPENED, Step.ASKED)
    await session(5, Step.SHOWN, Step.OPENED)
    await session(6, hours_ago=30)
    await session(7, Step.SHOWN, Step.SOLVED, Step.ASKED)
    figures = await total()
    assert figures == AskFigures(
        sessions=7, shown=6, opened=5, none_helped=1, solved=1, left_after_opening=1, asked=2, running=1
    )
    assert figures.left == 2


async def test_totals_of_days_replace_old_sessions_and_change_no_figure(db: str) -> None:
    await session(1, Step.SHOWN, Step.OPENED, Step.SOLVED, hours_ago=60)
    await session(2, Step.SHOWN, Step.OPENED, hours_ago=61)
    await session(3, Step.SHOWN, Step.OPENED, Step.NONE_HELPED, hours_ago=85)
    await session(4, Step.ASKED, hours_ago=110)
    await session(5, Step.SHOWN, Step.OPENED, hours_ago=2)
    before = await list_ask_days(now().date() - timedelta(days=10), now().date())
    await count_old_sessions()
    assert await AskSession.all().values_list("id", flat=True) == [5]
    assert await list_ask_days(now().date() - timedelta(days=10), now().date()) == before
    await count_old_sessions()
    assert sum(await AskDay.all().values_list("session_count", flat=True)) == 4


async def test_later_sessions_of_a_day_are_added_to_its_totals(db: str) -> None:
    await session(1, Step.ASKED, hours_ago=50)
    day = ask_sessions.day_of((await AskSession.get(id=1)).started_at)
    await count_old_sessions()
    await session(2, Step.SOLVED)
    await AskSession.filter(id=2).update(started_at=datetime.fromisoformat(day).replace(tzinfo=UTC))
    await count_old_sessions()
    kept = await AskDay.get(day=day)
    assert (kept.session_count, kept.asked_count, kept.solved_count) == (2, 1, 1)


async def test_two_workers_at_once_count_each_session_once(fresh_database: str) -> None:
    for number in range(1, 21):
        await session(number, Step.SOLVED, hours_ago=72)
    await asyncio.gather(*(count_old_sessions() for _ in range(4)))
    assert sum(await AskDay.all().values_list("session_count", flat=True)) == 20
    assert await AskSession.all().count() == 0


async def test_steps_at_the_same_moment_make_one_session(fresh_database: str) -> None:
    steps = (Step.SHOWN, Step.OPENED, Step.NONE_HELPED, Step.ASKED)
    await asyncio.gather(*(record_steps(9, step, suggestion="thread-3") for step in steps * 3))
    assert (await AskSession.get(id=9)).asked_at is not None
    assert (await SuggestionDay.get()).opened_count == 3


async def test_a_session_goes_on_until_it_ends_or_a_day_is_over(db: str) -> None:
    earlier, today = [1, 2], [3, 4]
    assert (await find_session(earlier, today)).id == 3  # type: ignore[union-attr]
    await session(2, Step.SHOWN, hours_ago=20)
    running = await find_session(earlier, today)
    assert running is not None
    assert (running.id, running.steps) == (2, {Step.BEGUN, Step.SHOWN})
    await record_steps(2, Step.SOLVED)
    assert (await find_session(earlier, today)).id == 3  # type: ignore[union-attr]
    await session(3, Step.SHOWN, hours_ago=26)
    await session(4, Step.ASKED)
    assert await find_session(earlier, today) is None


async def test_a_solution_that_was_none_is_taken_back(db: str) -> None:
    await session(1, Step.SHOWN, Step.OPENED, Step.SOLVED)
    assert await find_solved_session([5, 1, 2]) == 1
    await reopen_session(1)
    assert await find_solved_session([5, 1, 2]) is None
    assert (await total()).solved == 0
    await record_steps(1, Step.ASKED)
    assert (await total()).asked == 1


async def test_what_helped_is_counted_by_day_and_without_a_session(db: str) -> None:
    await session(1, Step.OPENED, Step.SOLVED, suggestion="faq-1")
    await session(2, Step.OPENED, suggestion="faq-1")
    await session(3, Step.OPENED, Step.SOLVED, suggestion="thread-2")
    await session(4, Step.OPENED, Step.SOLVED, suggestion="faq-1")
    await session(5, Step.OPENED, suggestion="thread-9")
    today = now().date()
    found = await list_helpful_suggestions(today, today)
    assert [(each.key, each.opened, each.solved) for each in found] == [("faq-1", 3, 2), ("thread-2", 1, 1)]
    assert await list_helpful_suggestions(today - timedelta(days=9), today - timedelta(days=1)) == ()
    row = dict((await fetch("SELECT * FROM suggestion_days"))[0])
    assert set(row) == {"id", "key", "day", "opened_count", "solved_count"}
