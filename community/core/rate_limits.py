"""How often somebody may try something, counted in the database, so for all processes together.

The generic cell rate algorithm (GCRA): one number for each key says until when its allowance is spent. Keys are
hashed with SECRET_KEY, so that the table names neither an address of the net nor one of mail.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import timedelta

from community.core.clock import now
from community.core.db import execute, execute_returning, fetch_one
from community.settings import settings

FREE_PART = 4
"""`take_lightly` counts a quarter of what is allowed in the memory of the process, and only what goes beyond that in
the database."""
MOST_REMEMBERED = 20_000


class TooMany(Exception):  # noqa: N818 - it says what the reader is told
    """The allowance is used up; `seconds` until there is some again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` tries at once, and as many more in each `period` as pass evenly."""

    name: str
    count: int
    period: timedelta
    scales: bool = False
    """Whether the operator may allow more of it (LIMIT_FACTOR): of what is written and read, not of log-ins."""

    @property
    def allowed(self) -> int:
        return max(1, round(self.count * settings.limit_factor)) if self.scales else self.count

    @property
    def step(self) -> int:
        """Milliseconds after which one try more is allowed."""
        return max(1, self._milliseconds // self.allowed)

    @property
    def _milliseconds(self) -> int:
        return int(self.period.total_seconds() * 1_000)

    async def take(self, *whom: object) -> None:
        """Use one try of `whom`. Of many at once no more get through than are allowed. Raises `TooMany`.

        Call it outside the transaction of what is tried: what fails counts all the same.
        """
        moment, span = _milliseconds_now(), self._milliseconds
        taken = await execute_returning(
            """INSERT INTO rate_limits (key, spent_until) VALUES (:key, :first)
            ON CONFLICT (key) DO UPDATE SET spent_until =
              CASE WHEN rate_limits.spent_until > :now THEN rate_limits.spent_until ELSE :now END + :step
            WHERE CASE WHEN rate_limits.spent_until > :now THEN rate_limits.spent_until ELSE :now END
              <= :latest
            RETURNING spent_until""",
            {
                "key": self._key(whom),
                "first": moment + self.step,
                "now": moment,
                "step": self.step,
                "latest": moment + span - self.step,
            },
        )
        if not taken:
            raise TooMany(await self._wait(whom, moment))

    async def take_lightly(self, *whom: object) -> None:
        """Like `take`, for what happens so often that a write each time would cost more than the thing itself.

        The first uses in each period, a quarter of what is allowed, are counted in this process alone: whoever reads
        like a reader never gets into the database. Many processes allow that much more, together.
        """
        if not _is_free(self, self._key(whom)):
            await self.take(*whom)

    async def give_back(self, *whom: object) -> None:
        """Return one try, where only those that failed are to count."""
        await execute(
            "UPDATE rate_limits SET spent_until = spent_until - :step WHERE key = :key",
            {"key": self._key(whom), "step": self.step},
        )

    async def _wait(self, whom: tuple[object, ...], moment: int) -> int:
        row = await fetch_one(
            "SELECT spent_until FROM rate_limits WHERE key = :key", {"key": self._key(whom)}
        )
        spent_until = row["spent_until"] if row else moment
        return max(1, -(-(spent_until + self.step - moment - self._milliseconds) // 1_000))

    def _key(self, whom: tuple[object, ...]) -> str:
        said = "\x1f".join((self.name, *map(str, whom)))
        return hmac.new(settings.secret_key.encode(), said.encode(), hashlib.sha256).hexdigest()


_free: dict[str, tuple[float, int]] = {}


def _is_free(limit: Limit, key: str) -> bool:
    moment = time.monotonic()
    began, count = _free.get(key, (moment, 0))
    if moment - began >= limit.period.total_seconds():
        began, count = moment, 0
    if count >= limit.allowed // FREE_PART:
        return False
    _free.pop(key, None)
    while len(_free) >= MOST_REMEMBERED:
        # The one that was used least lately; whoever it was begins anew.
        del _free[next(iter(_free))]
    _free[key] = (began, count + 1)
    return True


def forget_free_uses() -> None:
    """For tests: nobody has used anything."""
    _free.clear()


def _milliseconds_now() -> int:
    return int(now().timestamp() * 1_000)


async def forget_unspent() -> None:
    """Remove the keys whose allowance is whole again."""
    await execute("DELETE FROM rate_limits WHERE spent_until < :now", {"now": _milliseconds_now()})
