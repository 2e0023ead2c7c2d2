"""Warnings that standing may have been made up (RE-6): rings of mutual kudos, and sock puppets.

They look at public acts under nicknames alone: kudos and solutions of a year, on visible posts in open and members
spaces. Company, address and identity are neither asked nor known here. Nothing follows from a warning by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from community.core.clock import now
from community.core.db import Row, as_time, execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.threads.queries import AUTHOR_COLUMNS, AuthorRow, author_of

PERIOD = timedelta(days=365)
LEAST_KUDOS = 5
RING_SHARE = 30
"""In a ring each gives one of the others at least so many, and so many in a hundred of all they give."""
LEAST_BY_PUPPET, PUPPET_SHARE = 8, 80
"""A sock puppet gives nearly everything to one member, and so many of it outside its own questions."""
LEAST_SOLUTIONS, ASKER_SHARE = 5, 60
"""So many solutions of a member, and so many in a hundred of them, were accepted by one and the same asker."""
COMES_BACK_AT = 2
"""A dismissed warning comes back when it is about so many times as much."""
MOST_MEMBERS = 30
MOST_SHOWN = 100


class WarningKind(StrEnum):
    RING = "ring"
    PUPPET = "puppet"
    ASKER = "asker"


_PUBLIC = """JOIN posts p ON p.id = {fact}.post_id JOIN threads t ON t.id = p.thread_id
JOIN spaces s ON s.id = t.space_id
JOIN members r ON r.id = p.author_id JOIN members g ON g.id = {giver}
WHERE p.hidden_at IS NULL AND t.hidden_at IS NULL AND s.access <> 'exclusive' AND {at} > :since AND r.id <> g.id
AND r.role = 'customer' AND g.role = 'customer' AND r.erased_at IS NULL AND g.erased_at IS NULL"""

_KUDOS = f"""
SELECT giver, receiver, acts, elsewhere, given_in_all, received_in_all FROM (
  SELECT g.id AS giver, r.id AS receiver, COUNT(*) AS acts,
    SUM(CASE WHEN t.author_id = g.id THEN 0 ELSE 1 END) AS elsewhere,
    SUM(COUNT(*)) OVER (PARTITION BY g.id) AS given_in_all,
    SUM(COUNT(*)) OVER (PARTITION BY r.id) AS received_in_all
  FROM kudos k {_PUBLIC.format(fact="k", giver="k.member_id", at="k.given_at")}
  GROUP BY g.id, r.id) AS pairs WHERE acts >= :least
"""  # noqa: S608 - constants of this module

_SOLUTIONS = f"""
SELECT giver, receiver, acts, received_in_all FROM (
  SELECT g.id AS giver, r.id AS receiver, COUNT(*) AS acts,
    SUM(COUNT(*)) OVER (PARTITION BY r.id) AS received_in_all
  FROM solutions x {_PUBLIC.format(fact="x", giver="t.author_id", at="x.accepted_at")}
  GROUP BY g.id, r.id) AS pairs WHERE acts >= :least
"""  # noqa: S608 - the same


@dataclass(frozen=True, slots=True)
class Finding:
    """What looks made up. Of a pair the one who profits stands first."""

    kind: WarningKind
    members: tuple[int, ...]
    acts: int
    share: int

    @property
    def key(self) -> str:
        members = sorted(self.members) if self.kind == WarningKind.RING else self.members
        return hashlib.blake2b(",".join(map(str, members)).encode(), digest_size=20).hexdigest()


@dataclass(frozen=True, slots=True)
class WarningView:
    id: int
    kind: WarningKind
    members: tuple[AuthorRow, ...]
    acts: int
    share: int
    found_at: datetime
    dismissed_at: datetime | None


# --- finding ----------------------------------------------------------------------------------------------


async def look_for_gaming() -> None:
    """Look at the acts of a year, keep the warnings that hold, and forget those that do not any more."""
    moment = now()
    since = moment - PERIOD
    kudos = await fetch(_KUDOS, {"since": since, "least": LEAST_KUDOS})
    solutions = await fetch(_SOLUTIONS, {"since": since, "least": LEAST_SOLUTIONS})
    for finding in (*find_rings(kudos), *find_puppets(kudos), *find_askers(solutions)):
        await _keep(finding, moment)
    await execute("DELETE FROM gaming_warnings WHERE seen_at < :now", {"now": moment})


def find_rings(kudos: Iterable[Row]) -> list[Finding]:
    """Members of whom each is thanked by another of them again and again, in a circle: two, or more."""
    strong = [row for row in kudos if _percent(row["acts"], row["given_in_all"]) >= RING_SHARE]
    given: dict[int, list[int]] = {}
    for row in strong:
        given.setdefault(row["giver"], []).append(row["receiver"])
    findings = []
    for ring in _circles(given):
        if 2 <= len(ring) <= MOST_MEMBERS:
            inside = [row for row in strong if row["giver"] in ring and row["receiver"] in ring]
            acts = sum(row["acts"] for row in inside)
            received = {row["receiver"]: int(row["received_in_all"]) for row in inside}
            share = _percent(acts, sum(received.values()))
            findings.append(Finding(WarningKind.RING, tuple(sorted(ring)), acts, share))
    return findings


def find_puppets(kudos: Iterable[Row]) -> list[Finding]:
    """Who thanks hardly anybody but one, and not only for answers to their own questions."""
    return [
        Finding(WarningKind.PUPPET, (row["receiver"], row["giver"]), row["acts"], share)
        for row in kudos
        if int(row["elsewhere"]) >= LEAST_BY_PUPPET
        and (share := _percent(row["acts"], row["given_in_all"])) >= PUPPET_SHARE
    ]


def find_askers(solutions: Iterable[Row]) -> list[Finding]:
    """Whose solutions were mostly accepted by one and the same asker."""
    return [
        Finding(WarningKind.ASKER, (row["receiver"], row["giver"]), row["acts"], share)
        for row in solutions
        if (share := _percent(row["acts"], row["received_in_all"])) >= ASKER_SHARE
    ]


def _percent(part: int, whole: int) -> int:
    return round(100 * int(part) / int(whole))


def _circles(given: Mapping[int, Sequence[int]]) -> list[frozenset[int]]:
    """The groups in which everybody is reached from everybody (strongly connected components, after Tarjan).

    Without recursion, because a chain may be longer than Python's stack.
    """
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    found: list[frozenset[int]] = []
    for start in given:
        work = [(start, 0)] if start not in order else []
        while work:
            node, place = work.pop()
            if place == 0:
                order[node] = lowest[node] = len(order)
                stack.append(node)
                on_stack.add(node)
            following = given.get(node, ())
            if place > 0:
                lowest[node] = min(lowest[node], lowest[following[place - 1]])
            while place < len(following) and following[place] in order:
                if following[place] in on_stack:
                    lowest[node] = min(lowest[node], order[following[place]])
                place += 1
            if place < len(following):
                work += [(node, place + 1), (following[place], 0)]
            elif lowest[node] == order[node]:
                cut = stack.index(node)
                found.append(frozenset(stack[cut:]))
                on_stack.difference_update(stack[cut:])
                del stack[cut:]
    return found


async def _keep(finding: Finding, moment: datetime) -> None:
    """Write a warning, or that it still holds. A dismissed one comes back when it is about much more."""
    async with in_transaction():
        await execute(
            """INSERT INTO gaming_warnings (id, kind, key, acts, share, found_at, seen_at)
            VALUES (:id, :kind, :key, :acts, :share, :now, :now)
            ON CONFLICT (kind, key) DO UPDATE SET acts = excluded.acts, share = excluded.share,
            seen_at = excluded.seen_at, dismissed_at = CASE
              WHEN excluded.acts >= gaming_warnings.dismissed_acts * :back THEN NULL
              ELSE gaming_warnings.dismissed_at END""",
            {
                "id": random_id(),
                "kind": str(finding.kind),
                "key": finding.key,
                "acts": finding.acts,
                "share": finding.share,
                "now": moment,
                "back": COMES_BACK_AT,
            },
        )
        for position, member_id in enumerate(finding.members):
            await execute(
                """INSERT INTO gaming_warning_members (id, warning_id, member_id, position)
                SELECT :id, w.id, m.id, :position FROM gaming_warnings w, members m
                WHERE w.kind = :kind AND w.key = :key AND m.id = :member_id AND m.erased_at IS NULL
                ON CONFLICT (warning_id, member_id) DO NOTHING""",
                {
                    "id": random_id(),
                    "position": position,
                    "kind": str(finding.kind),
                    "key": finding.key,
                    "member_id": member_id,
                },
            )


# --- what staff see and do --------------------------------------------------------------------------------


async def list_warnings(viewer: Viewer, *, dismissed: bool = False) -> list[WarningView]:
    """The warnings that wait, or those that were dismissed; what is about most first. For moderators."""
    if not viewer.is_moderator:
        raise NotFound
    state = "IS NOT NULL" if dismissed else "IS NULL"
    warnings = await fetch(
        f"""SELECT id, kind, acts, share, found_at, dismissed_at FROM gaming_warnings
        WHERE dismissed_at {state} ORDER BY acts DESC, found_at DESC, id LIMIT {MOST_SHOWN}"""  # noqa: S608
    )
    rows = await fetch(
        f"""SELECT x.warning_id, {AUTHOR_COLUMNS} FROM gaming_warning_members x
        JOIN members m ON m.id = x.member_id WHERE x.warning_id IN (:ids) AND m.erased_at IS NULL
        ORDER BY x.position""",  # noqa: S608 - constants
        {"ids": [warning["id"] for warning in warnings]},
    )
    members: dict[int, list[AuthorRow]] = {}
    for row in rows:
        author = author_of(row)
        if author:
            members.setdefault(row["warning_id"], []).append(author)
    # Whoever is left alone, because the others have gone, is no warning any more.
    return [_view(row, members[row["id"]]) for row in warnings if len(members.get(row["id"], ())) > 1]


def _view(row: Row, members: Sequence[AuthorRow]) -> WarningView:
    found_at = as_time(row["found_at"])
    assert found_at is not None  # noqa: S101 - the column is never empty
    return WarningView(
        row["id"],
        WarningKind(row["kind"]),
        tuple(members),
        row["acts"],
        row["share"],
        found_at,
        as_time(row["dismissed_at"]),
    )


async def has_open_warning(viewer: Viewer, member_id: int) -> bool:
    """Whether a warning about this member waits; for moderators."""
    row = await fetch_one(
        """SELECT 1 AS found FROM gaming_warning_members x JOIN gaming_warnings w ON w.id = x.warning_id
        WHERE x.member_id = :id AND w.dismissed_at IS NULL LIMIT 1""",
        {"id": member_id},
    )
    return viewer.is_moderator and row is not None


async def dismiss_warning(warning_id: int, *, by: Viewer, reason: str) -> None:
    """There is nothing in it. Dismissing it again changes nothing."""
    async with in_transaction():
        if (
            await fetch_one("SELECT 1 AS found FROM gaming_warnings WHERE id = :id", {"id": warning_id})
            is None
        ):
            raise NotFound
        dismissed = await execute(
            """UPDATE gaming_warnings SET dismissed_at = :now, dismissed_acts = acts
            WHERE id = :id AND dismissed_at IS NULL""",
            {"now": now(), "id": warning_id},
        )
        if dismissed:
            await log("dismiss_warning", f"warning:{warning_id}", by=by, reason=reason)
