"""Who builds a new index, and how far: one row that all processes see.

idle → wanted → filling → filled → publishing → idle. Each step is one conditional update, so that of several
processes one gets it. Whoever has it shows that it lives by a heartbeat; a step whose heart has stopped is anybody's,
and begins anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.core.clock import now
from community.core.db import as_time, execute, fetch
from community.core.outbox import WORKER

BEAT_EVERY = 2.0
DEAD_AFTER = timedelta(seconds=20)
"""Without a heartbeat."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
"""Between attempts that fail."""

_WORKING = ("filling", "filled", "publishing")


class Overtaken(Exception):  # noqa: N818 - not an error: another process has gone on with it
    """This build belongs to another process now, which took this one for dead."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """The row. `started_at` and the counts are those of the build that runs, or of the last one."""

    state: str
    asked_at: datetime | None
    due_at: datetime | None
    runner: str
    beat_at: datetime | None
    started_at: datetime | None
    total: int
    done: int
    prepared: str
    current_to: datetime | None
    failures: int
    last_error: str
    ended_at: datetime | None
    seconds: int
    documents: int

    @property
    def is_idle(self) -> bool:
        return self.state == "idle"

    @property
    def is_dead(self) -> bool:
        """Whether somebody began and was not heard of for long."""
        return self.state in _WORKING and (self.beat_at is None or self.beat_at < now() - DEAD_AFTER)

    @property
    def waits_for_somebody(self) -> bool:
        """Whether a build could be begun now."""
        return self.is_dead or (self.state == "wanted" and (self.due_at is None or self.due_at <= now()))


async def read() -> IndexState:
    names = [name for name in IndexState.__dataclass_fields__ if not name.endswith("_at")]
    times = [name for name in IndexState.__dataclass_fields__ if name.endswith("_at")]
    [row] = await fetch(f"SELECT {', '.join([*names, *times])} FROM index_builds WHERE id = 1")  # noqa: S608 - names of ours
    values = {name: row[name] for name in names}
    values |= {name: as_time(row[name]) for name in times}
    values["current_to"] = as_time(row["current_to"])
    return IndexState(**values)


async def ask() -> bool:
    """Want the index built anew; False if that is wanted or going on already."""
    moment = now()
    return bool(
        await execute(
            """UPDATE index_builds SET state = 'wanted', asked_at = :now, due_at = :now, failures = 0
            WHERE id = 1 AND state = 'idle'""",
            {"now": moment},
        )
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to go on with the build, until somebody takes it away."""

    runner: str

    @classmethod
    async def to_fill(cls, *, at_once: bool = False) -> Claim | None:
        """Begin a build that is wanted (even before it is due, `at_once`), or one whose process has died."""
        moment = now()
        return await cls._take(
            """UPDATE index_builds SET state = 'filling', runner = :runner, beat_at = :now, started_at = :now,
            done = 0, total = 0, prepared = '', current_to = NULL
            WHERE id = 1 AND ((state = 'wanted' AND (due_at IS NULL OR due_at <= :due))
            OR (state IN ('filling', 'filled', 'publishing') AND beat_at < :dead))""",
            now=moment,
            due=moment + (LONGEST_PAUSE * 2 if at_once else timedelta(0)),
            dead=moment - DEAD_AFTER,
        )

    @classmethod
    async def to_publish(cls) -> Claim | None:
        """Take what was filled, by this process or another, to make it the live index."""
        return await cls._take(
            """UPDATE index_builds SET state = 'publishing', runner = :runner, beat_at = :now
            WHERE id = 1 AND state = 'filled'""",
            now=now(),
        )

    @classmethod
    async def _take(cls, statement: str, **values: object) -> Claim | None:
        claim = cls(f"{WORKER}:{secrets.token_hex(4)}")
        try:
            taken = await execute(statement, {"runner": claim.runner, **values})
        except asyncio.CancelledError:
            # The database may have said yes already, and nobody would hear of it until the claim counts as dead.
            with contextlib.suppress(Overtaken):
                await claim.give_up()
            raise
        return claim if taken else None

    async def _update(self, change: str, **values: object) -> None:
        changed = await execute(
            f"UPDATE index_builds SET {change} WHERE id = 1 AND runner = :runner",  # noqa: S608 - constants below
            {"runner": self.runner, "now": now(), **values},
        )
        if not changed:
            raise Overtaken

    async def beat(self, done: int, total: int) -> None:
        """Show that this process lives, and how far it is."""
        await self._update("beat_at = :now, done = :done, total = :total", done=done, total=total)

    async def still_here(self) -> None:
        await self._update("beat_at = :now")

    async def filled(self, prepared: str, current_to: datetime, documents: int) -> None:
        await self._update(
            """state = 'filled', beat_at = :now, prepared = :prepared, current_to = :current_to,
            documents = :documents""",
            prepared=prepared,
            current_to=current_to,
            documents=documents,
        )

    async def published(self) -> None:
        [row] = await fetch("SELECT started_at FROM index_builds WHERE id = 1")
        started = as_time(row["started_at"]) or now()
        await self._update(
            "state = 'idle', runner = '', ended_at = :now, failures = 0, last_error = '', seconds = :seconds",
            seconds=round((now() - started).total_seconds()),
        )

    async def failed(self, error: BaseException) -> None:
        """To be begun anew after a pause. Only the kind of error is kept, which says nothing of anybody."""
        rows = await fetch("SELECT failures FROM index_builds WHERE id = 1")
        failures = rows[0]["failures"] + 1
        await self._update(
            """state = 'wanted', runner = '', prepared = '', failures = :failures, last_error = :error,
            due_at = :due""",
            failures=failures,
            error=type(error).__name__,
            due=now() + min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE),
        )

    async def give_up(self) -> None:
        """Somebody else may begin anew at once: this process is asked to stop."""
        await self._update("state = 'wanted', runner = '', prepared = '', due_at = :now")
