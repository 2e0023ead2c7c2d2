"""How long things may wait: until staff are asked at all, until it is nearly due, until it is overdue. Per space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.core.db import as_time, execute, execute_many, fetch, fetch_one, random_id
from community.decisions.models import WorkKind


@dataclass(frozen=True, slots=True)
class Target:
    """Hours since the thing began to wait."""

    soon: int
    late: int
    after: int = 0
    """Staff are asked only then; before that the others may be quicker."""

    def soon_at(self, since: datetime) -> datetime:
        return since + timedelta(hours=self.soon)

    def due_at(self, since: datetime) -> datetime:
        return since + timedelta(hours=self.late)


USUAL = Target(soon=4, late=24)
USUAL_OF_KIND: Mapping[str, Target] = {
    WorkKind.UNANSWERED: Target(soon=24, late=48, after=8),
    WorkKind.FAQ: Target(soon=48, late=120),
    WorkKind.APPEAL: Target(soon=72, late=168),
}
SET_PER_SPACE = (WorkKind.FLAG, WorkKind.UNANSWERED)
LONGEST = 24 * 60
"""Hours; beyond that a target is none."""


async def get_target(kind: str, space_id: int) -> Target:
    row = await fetch_one(
        """SELECT after_hours, soon_hours, late_hours FROM work_targets
        WHERE space_id = :space_id AND kind = :kind""",
        {"space_id": space_id, "kind": str(kind)},
    )
    if row is None:
        return USUAL_OF_KIND.get(kind, USUAL)
    return Target(soon=row["soon_hours"], late=row["late_hours"], after=row["after_hours"])


async def list_targets(space_id: int) -> dict[WorkKind, Target]:
    """What holds in a space, as far as it can be set there."""
    return {kind: await get_target(kind, space_id) for kind in SET_PER_SPACE}


async def set_targets(space_id: int, targets: Mapping[WorkKind, Target]) -> None:
    """From now on this holds in the space, also for what waits there already. In the transaction of the caller."""
    for kind, target in targets.items():
        await execute(
            """INSERT INTO work_targets (id, space_id, kind, after_hours, soon_hours, late_hours)
            VALUES (:id, :space_id, :kind, :after, :soon, :late)
            ON CONFLICT (space_id, kind) DO UPDATE SET after_hours = excluded.after_hours,
            soon_hours = excluded.soon_hours, late_hours = excluded.late_hours""",
            {
                "id": random_id(),
                "space_id": space_id,
                "kind": str(kind),
                "after": target.after,
                "soon": target.soon,
                "late": target.late,
            },
        )
        await _date_anew(space_id, kind, target)


async def _date_anew(space_id: int, kind: WorkKind, target: Target) -> None:
    rows = await fetch(
        "SELECT id, since FROM work_items WHERE space_id = :space_id AND kind = :kind ORDER BY id",
        {"space_id": space_id, "kind": str(kind)},
    )
    dated = []
    for row in rows:
        since = as_time(row["since"])
        if since is not None:
            dated.append({"id": row["id"], "soon": target.soon_at(since), "due": target.due_at(since)})
    await execute_many("UPDATE work_items SET soon_at = :soon, due_at = :due WHERE id = :id", dated)
