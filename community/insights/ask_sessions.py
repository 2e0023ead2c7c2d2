"""Ask sessions, written down without anybody's name: at most one write for each step, and which of them goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from community.core.clock import now
from community.core.db import Row, as_time, execute, execute_returning, fetch, in_transaction, random_id

LONGEST = timedelta(hours=24)
"""What is asked later than this after the first words is a session of its own."""
KEPT = timedelta(hours=48)
"""After this a session is a number in its day's totals and nothing else."""


class Step(StrEnum):
    """What can happen in an ask session; the value is the column that remembers when it happened first."""

    BEGUN = "started_at"
    SHOWN = "shown_at"
    OPENED = "opened_at"
    NONE_HELPED = "none_helped_at"
    SOLVED = "solved_at"
    ASKED = "asked_at"


_COUNTED = {Step.OPENED: "opened_count", Step.SOLVED: "solved_count"}
"""Steps that are counted for the suggestion as well."""


@dataclass(frozen=True, slots=True)
class RunningSession:
    """An ask session that goes on, or is about to begin, and what has happened in it so far."""

    id: int
    steps: frozenset[Step] = frozenset()


async def record_steps(session_id: int, *steps: Step, suggestion: str = "") -> None:
    """Write down that these steps have happened; a step that has happened before stays as it was.

    `suggestion` is the key of what was opened or has solved it. It gets its own daily count, not tied to the session.
    """
    moment = now()
    columns = [step.value for step in dict.fromkeys(steps) if step is not Step.BEGUN]
    names = ", ".join(["id", "started_at", *columns])
    values = ", ".join([":id", *[":hour"] * (len(columns) + 1)])
    update = ", ".join(f"{name} = COALESCE(ask_sessions.{name}, excluded.{name})" for name in columns)
    conflict = f"DO UPDATE SET {update}" if columns else "DO NOTHING"
    async with in_transaction():
        await execute(
            f"INSERT INTO ask_sessions ({names}) VALUES ({values}) ON CONFLICT (id) {conflict}",  # noqa: S608 - names of columns
            {"id": session_id, "hour": _hour(moment)},
        )
        for step in steps:
            if suggestion and step in _COUNTED:
                await _count(suggestion, _COUNTED[step], moment)


async def _count(key: str, column: str, at: datetime) -> None:
    await execute(
        f"""INSERT INTO suggestion_days (id, key, day, {column}) VALUES (:id, :key, :day, 1)
        ON CONFLICT (key, day) DO UPDATE SET {column} = suggestion_days.{column} + 1""",  # noqa: S608 - constants
        {"id": random_id(), "key": key, "day": day_of(at)},
    )


async def reopen_session(session_id: int) -> None:
    """It had not solved it after all: the session goes on."""
    await execute("UPDATE ask_sessions SET solved_at = NULL WHERE id = :id", {"id": session_id})


async def find_session(earlier: Sequence[int], today: Sequence[int]) -> RunningSession | None:
    """The session that goes on among these numbers; else the first of `today` not used yet; None if all are used."""
    moment, used = now(), set()
    for row in await _sessions([*earlier, *today]):
        used.add(row["id"])
        started_at = as_time(row["started_at"])
        is_over = row["solved_at"] is not None or row["asked_at"] is not None
        if started_at is not None and moment - started_at < LONGEST and not is_over:
            return RunningSession(row["id"], frozenset(step for step in Step if row[step] is not None))
    unused = next((number for number in today if number not in used), None)
    return None if unused is None else RunningSession(unused)


async def find_solved_session(candidates: Sequence[int]) -> int | None:
    """The session among `candidates` that ended by "this solved it", the last of them if there are several."""
    solved = {row["id"] for row in await _sessions(candidates) if row["solved_at"] is not None}
    return next((number for number in reversed(candidates) if number in solved), None)


async def _sessions(numbers: Sequence[int]) -> Sequence[Row]:
    return await fetch(
        """SELECT id, started_at, shown_at, opened_at, none_helped_at, solved_at, asked_at
        FROM ask_sessions WHERE id IN (:ids)""",
        {"ids": list(numbers)},
    )


async def count_old_sessions() -> None:
    """Add sessions whose end is known to the totals of the day they began on, and remove them.

    Removing comes first and answers what it has removed, so that two workers at once count no session twice.
    """
    async with in_transaction():
        rows = await execute_returning(
            """DELETE FROM ask_sessions WHERE started_at < :before
            RETURNING started_at, shown_at, opened_at, none_helped_at, solved_at, asked_at""",
            {"before": now() - KEPT},
        )
        days: dict[str, Counter[str]] = {}
        for row in rows:
            started_at = as_time(row["started_at"])
            assert started_at is not None  # noqa: S101 - never empty
            days.setdefault(day_of(started_at), Counter()).update(_counts(dict(row)))
        for day, counts in days.items():
            await _add(day, counts)


def _counts(row: dict[str, object]) -> dict[str, int]:
    """One session as what it adds to its day."""
    happened = {name.removesuffix("_at"): row[name] is not None for name in row}
    left = not (happened["solved"] or happened["asked"])
    return {
        "session_count": 1,
        "shown_count": int(happened["shown"]),
        "opened_count": int(happened["opened"]),
        "none_helped_count": int(happened["none_helped"]),
        "solved_count": int(happened["solved"] and not happened["asked"]),
        "left_after_opening_count": int(left and happened["opened"] and not happened["none_helped"]),
        "asked_count": int(happened["asked"]),
    }


async def _add(day: str, counts: Counter[str]) -> None:
    names = sorted(counts)
    await execute(
        f"""INSERT INTO ask_days (day, {", ".join(names)}) VALUES (:day, {", ".join(f":{n}" for n in names)})
        ON CONFLICT (day) DO UPDATE SET {", ".join(f"{n} = ask_days.{n} + excluded.{n}" for n in names)}""",  # noqa: S608 - names of columns
        {"day": day, **counts},
    )


def day_of(moment: datetime) -> str:
    """The day a moment is counted for."""
    return moment.date().isoformat()


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
