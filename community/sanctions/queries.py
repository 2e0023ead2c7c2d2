"""Which sanctions hold now: computed from their dates each time it is asked, so none of them waits for a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.core.clock import now
from community.core.db import Row, as_known_time, as_time, fetch, fetch_one
from community.core.errors import NotFound, RuleBroken
from community.core.viewer import Mute
from community.sanctions.rules import COUNTED_FOR, Kind, say_cannot_write, say_shut_out

MOST = 200

HOLDS = "x.lifted_at IS NULL AND (x.kind = 'ban' OR x.ends_at > :now)"
"""Whether sanction `x` holds at the moment `:now`; never true of a warning."""

MUTED, SHUT_OUT = 1, 2
SANCTIONED = f"""(SELECT MAX(CASE x.kind WHEN 'mute' THEN {MUTED} ELSE {SHUT_OUT} END) FROM sanctions x
WHERE x.member_id = m.id AND {HOLDS}) AS sanctioned"""  # noqa: S608 - constants
"""A column about member `m`: `MUTED`, `SHUT_OUT`, or nothing. With `:now`."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why somebody who has proved who they are is not let in."""

    sanction_id: int
    kind: str
    ends_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class SanctionRow:
    id: int
    member_id: int
    nickname: str
    kind: str
    space_id: int | None
    space: str
    reason: str
    note: str
    """For staff alone."""
    imposed_by: str
    """As staff are shown; empty for a former colleague."""
    imposed_at: datetime
    ends_at: datetime | None
    changed_at: datetime
    lifted_at: datetime | None
    lifted_by: str
    lift_reason: str

    def holds(self, moment: datetime) -> bool:
        if self.lifted_at is not None:
            return False
        return self.kind == Kind.BAN or (self.ends_at is not None and self.ends_at > moment)


_SANCTIONS = """
SELECT x.id, x.member_id, m.nickname, x.kind, x.space_id, COALESCE(s.name, '') AS space, x.reason, x.note,
       COALESCE(NULLIF(b.staff_name, ''), b.nickname, '') AS imposed_by, x.imposed_at, x.ends_at, x.changed_at,
       x.lifted_at, COALESCE(NULLIF(l.staff_name, ''), l.nickname, '') AS lifted_by, x.lift_reason
FROM sanctions x JOIN members m ON m.id = x.member_id LEFT JOIN spaces s ON s.id = x.space_id
LEFT JOIN members b ON b.id = x.imposed_by_id AND b.erased_at IS NULL
LEFT JOIN members l ON l.id = x.lifted_by_id AND l.erased_at IS NULL
"""


async def list_sanctions(member_id: int) -> list[SanctionRow]:
    """All that a member ever got, the newest first."""
    rows = await fetch(
        f"{_SANCTIONS} WHERE x.member_id = :id ORDER BY x.imposed_at DESC, x.id LIMIT {MOST}",
        {"id": member_id},
    )
    return [_row(row) for row in rows]


async def list_holding(*, size: int = MOST) -> list[SanctionRow]:
    """Those that hold now, of all members, the newest first. For staff who keep order."""
    rows = await fetch(
        f"{_SANCTIONS} WHERE {HOLDS} AND m.erased_at IS NULL ORDER BY x.imposed_at DESC, x.id LIMIT :size",
        {"now": now(), "size": size},
    )
    return [_row(row) for row in rows]


async def get_sanction(sanction_id: int) -> SanctionRow:
    row = await fetch_one(f"{_SANCTIONS} WHERE x.id = :id AND m.erased_at IS NULL", {"id": sanction_id})
    if row is None:
        raise NotFound
    return _row(row)


async def count_earlier(member_id: int) -> int:
    """How many count for the proposal of the next one."""
    row = await fetch_one(
        """SELECT COUNT(*) AS n FROM sanctions
        WHERE member_id = :id AND lifted_at IS NULL AND imposed_at > :since""",
        {"id": member_id, "since": now() - COUNTED_FOR},
    )
    return int(row["n"]) if row else 0


async def find_exclusion(member_id: int) -> Exclusion | None:
    """What keeps a member from logging in now; of several the one that lasts longest."""
    rows = await fetch(
        f"""SELECT x.id, x.kind, x.ends_at, x.reason FROM sanctions x
        WHERE x.member_id = :id AND x.kind <> 'mute' AND {HOLDS}
        ORDER BY CASE WHEN x.kind = 'ban' THEN 0 ELSE 1 END, x.ends_at DESC LIMIT 1""",  # noqa: S608 - constants
        {"id": member_id, "now": now()},
    )
    for row in rows:
        return Exclusion(row["id"], row["kind"], as_time(row["ends_at"]), row["reason"])
    return None


async def is_shut_out(member_id: int) -> bool:
    return await find_exclusion(member_id) is not None


async def list_mutes(member_id: int) -> tuple[Mute, ...]:
    """The mutes of a member that hold now."""
    rows = await fetch(
        f"""SELECT x.space_id, x.ends_at, x.reason FROM sanctions x
        WHERE x.member_id = :id AND x.kind = 'mute' AND {HOLDS} ORDER BY x.ends_at""",  # noqa: S608 - constants
        {"id": member_id, "now": now()},
    )
    return tuple(Mute(row["space_id"], as_known_time(row["ends_at"]), row["reason"]) for row in rows)


async def demand_may_write(member_id: int, space_id: int | None) -> None:
    """Raise RuleBroken where a sanction keeps this member from writing in a space (None: outside of all spaces).

    Actions that publish something ask this inside their transaction, whichever way the text has come.
    """
    rows = await fetch(
        f"""SELECT x.kind, x.space_id, x.ends_at, x.reason FROM sanctions x
        WHERE x.member_id = :id AND (x.space_id IS NULL OR x.space_id = :space) AND {HOLDS}
        ORDER BY x.ends_at DESC LIMIT 1""",  # noqa: S608 - constants
        {"id": member_id, "space": space_id or 0, "now": now()},
    )
    for row in rows:
        ends_at = as_time(row["ends_at"])
        if row["kind"] != Kind.MUTE or ends_at is None:
            raise RuleBroken(say_shut_out())
        raise RuleBroken(say_cannot_write(Mute(row["space_id"], ends_at, row["reason"])))


def _row(row: Row) -> SanctionRow:
    times = {name: as_time(row[name]) for name in ("imposed_at", "ends_at", "changed_at", "lifted_at")}
    return SanctionRow(**{**dict(row), **times})
