from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from community.core.db import Row, as_json, as_time, fetch, fetch_one
from community.core.errors import NotFound
from community.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class LogLine:
    id: int
    """Rises with time; the next part of the log is asked for with the last one as `before`."""
    at: datetime
    actor_id: int | None
    """Empty where no person of staff acted."""
    actor_name: str
    """Empty for a former member."""
    act: str
    subject: str
    reason: str
    details: Mapping[str, Any]
    space_id: int | None = None


@dataclass(frozen=True, slots=True)
class LogChoice:
    """What the log is narrowed down to; what is left empty narrows nothing."""

    subject: str = ""
    act: str = ""
    actor_id: int | None = None
    space_id: int | None = None
    first: date | None = None
    last: date | None = None
    """The last day, which belongs to it. Days are those of UTC."""
    words: str = ""
    """What stands in the reason."""

    @property
    def is_everything(self) -> bool:
        return self == LogChoice()


@dataclass(frozen=True, slots=True)
class ChainedLine:
    """An entry with its place in the chain; without one as long as the worker has not given it one."""

    line: LogLine
    position: int | None
    name_salt: str
    reason_salt: str
    name_digest: str
    reason_digest: str
    hash: str


_LINE = "e.id, e.at, e.actor_id, e.actor_name, e.act, e.subject, e.space_id, e.reason, e.details"
_CHAINED = f"""SELECT {_LINE}, e.name_salt, e.reason_salt, k.position, k.name_digest, k.reason_digest, k.hash
    FROM moderation_log e LEFT JOIN moderation_log_links k ON k.entry_id = e.id"""  # noqa: S608 - constants


async def list_log(
    viewer: Viewer,
    *,
    subject: str = "",
    choice: LogChoice | None = None,
    before: int | None = None,
    size: int = 50,
) -> list[LogLine]:
    """The moderation log, newest first; for moderators only (the route sees to that).

    What was decided in a space that the viewer may not read is left out.
    """
    where, values = _narrowed(viewer, choice or LogChoice(subject=subject))
    rows = await fetch(
        f"""SELECT {_LINE} FROM moderation_log e WHERE {where} AND e.id < :before
        ORDER BY e.id DESC LIMIT :size""",  # noqa: S608 - constants
        {**values, "before": before or 2**62, "size": size},
    )
    return [_line(row) for row in rows]


async def get_entry(entry_id: int) -> LogLine:
    """One entry, whoever asks: what may be shown of it, and to whom, the caller decides."""
    row = await fetch_one(
        f"SELECT {_LINE} FROM moderation_log e WHERE e.id = :id",  # noqa: S608 - constants
        {"id": entry_id},
    )
    if row is None:
        raise NotFound
    return _line(row)


async def list_entries(subjects: Collection[str], acts: Collection[str], *, after: int = 0) -> list[LogLine]:
    """What was done to these subjects by these acts after entry `after`, newest first."""
    rows = await fetch(
        f"""SELECT {_LINE} FROM moderation_log e
        WHERE subject IN (:subjects) AND act IN (:acts) AND id > :after ORDER BY id DESC LIMIT 500""",  # noqa: S608 - constants
        {"subjects": sorted(subjects), "acts": sorted(acts), "after": after},
    )
    return [_line(row) for row in rows]


async def list_mentioning(number: int, acts: Collection[str]) -> list[LogLine]:
    """Entries of these acts in whose details the number may stand. Reads all of them: only for acts that are rare."""
    rows = await fetch(
        f"""SELECT {_LINE} FROM moderation_log e
        WHERE act IN (:acts) AND CAST(details AS TEXT) LIKE :number ORDER BY id DESC""",  # noqa: S608 - constants
        {"acts": sorted(acts), "number": f"%{number}%"},
    )
    return [_line(row) for row in rows]


async def get_log_entry(viewer: Viewer, entry_id: int) -> ChainedLine:
    """One entry; NotFound where there is none that the viewer may read."""
    where, values = _narrowed(viewer, LogChoice())
    row = await fetch_one(
        f"{_CHAINED} WHERE {where} AND e.id = :id",
        {**values, "id": entry_id},
    )
    if row is None:
        raise NotFound
    return _chained(row)


async def list_chained(
    viewer: Viewer, choice: LogChoice, *, after: int, until: int, size: int
) -> list[ChainedLine]:
    """Entries with their places in the chain, oldest first, from behind `after` to `until`: for the export."""
    where, values = _narrowed(viewer, choice)
    rows = await fetch(
        f"{_CHAINED} WHERE {where} AND e.id > :after AND e.id <= :until ORDER BY e.id LIMIT :size",
        {**values, "after": after, "until": until, "size": size},
    )
    return [_chained(row) for row in rows]


def _narrowed(viewer: Viewer, choice: LogChoice) -> tuple[str, dict[str, Any]]:
    """The condition in SQL, and its values. Administrators answer for all of it, also for spaces that are gone."""
    assert viewer.is_moderator  # noqa: S101 - a wrong call is a mistake in the code, not a visitor's
    conditions: dict[str, Any] = {}
    if not viewer.is_administrator:
        conditions["(e.space_id IS NULL OR e.space_id IN (:spaces))"] = (
            "spaces",
            list(viewer.readable_space_ids),
        )
    if choice.subject:
        conditions["e.subject = :subject"] = ("subject", choice.subject)
    if choice.act:
        conditions["e.act = :act"] = ("act", choice.act)
    if choice.actor_id is not None:
        conditions["e.actor_id = :actor"] = ("actor", choice.actor_id)
    if choice.space_id is not None:
        conditions["e.space_id = :space"] = ("space", choice.space_id)
    if choice.first is not None:
        conditions["e.at >= :first"] = ("first", datetime.combine(choice.first, time(), tzinfo=UTC))
    if choice.last is not None:
        behind = datetime.combine(choice.last + timedelta(days=1), time(), tzinfo=UTC)
        conditions["e.at < :behind"] = ("behind", behind)
    if choice.words:
        escaped = re.sub(r"([!%_])", r"!\1", choice.words.lower())
        conditions["LOWER(e.reason) LIKE :words ESCAPE '!'"] = ("words", f"%{escaped}%")
    return " AND ".join(conditions) or "1 = 1", dict(conditions.values())


def _line(row: Row) -> LogLine:
    at = as_time(row["at"])
    assert at is not None  # noqa: S101 - the column is never empty
    return LogLine(
        id=row["id"],
        at=at,
        actor_id=row["actor_id"],
        actor_name=row["actor_name"],
        act=row["act"],
        subject=row["subject"],
        reason=row["reason"],
        details=as_json(row["details"]),
        space_id=row["space_id"],
    )


def _chained(row: Row) -> ChainedLine:
    return ChainedLine(
        line=_line(row),
        position=row["position"],
        name_salt=row["name_salt"],
        reason_salt=row["reason_salt"],
        name_digest=row["name_digest"] or "",
        reason_digest=row["reason_digest"] or "",
        hash=row["hash"] or "",
    )


async def list_entries_by_ids(entry_ids: Collection[int]) -> list[LogLine]:
    """These entries, at most 500, in the order in which they were made."""
    rows = await fetch(
        """SELECT id, at, actor_id, actor_name, act, subject, reason, details, space_id FROM moderation_log
        WHERE id IN (:ids) ORDER BY id LIMIT 500""",
        {"ids": sorted(entry_ids)},
    )
    return [_line(row) for row in rows]


async def find_own_entry(
    subject: str, acts: Collection[str], actor_id: int, *, since: datetime
) -> LogLine | None:
    """The newest of these acts that this member has done to the subject since then."""
    row = await fetch_one(
        f"""SELECT {_LINE} FROM moderation_log e WHERE subject = :subject AND at >= :since
        AND actor_id = :actor AND act IN (:acts) ORDER BY id DESC LIMIT 1""",  # noqa: S608 - constants
        {"subject": subject, "since": since, "actor": actor_id, "acts": sorted(acts)},
    )
    return _line(row) if row else None


async def find_last_actor(subject: str, act: str) -> int | None:
    """The member who did this to it last; None where nobody has."""
    row = await fetch_one(
        "SELECT actor_id FROM moderation_log WHERE subject = :subject AND act = :act ORDER BY id DESC LIMIT 1",
        {"subject": subject, "act": act},
    )
    return row["actor_id"] if row else None
