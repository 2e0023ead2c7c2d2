"""The ledger of points: one dated row for each fact that gives points, as the facts are now (RE-2, RE-3).

Nothing is ever added or subtracted. Whatever happens to a post, its rows are brought in line with its kudos and its
solution as they are at that moment, under the lock of those who receive the points. So it does not matter whether
facts are delivered twice or out of order, or whether kudos are taken back while they are being counted; and
`recount` is the same once more, for every post.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from community.core.clock import now
from community.core.db import Row, as_json, as_time, execute, execute_many, fetch, fetch_one, in_transaction
from community.core.rows import insert_many
from community.core.site_stamp import raise_site_stamp
from community.ranks.actions import recompute_standings
from community.ranks.badges import apply_badges
from community.ranks.ladder import find_ladder, find_rules
from community.ranks.models import Point

BATCH = 500
RECEIVERS_AT_ONCE = 100
"""Each may have tens of thousands of rows, and kudos for them wait meanwhile."""
THREAD_FACTS = (
    "solution.accepted",
    "solution.withdrawn",
    "post.hidden",
    "post.restored",
    "thread.moved",
    "post.unlinked",
    "thread.merged",
    "thread.unmerged",
    "thread.split",
    "thread.unsplit",
)
POST_FACTS = ("kudos.given", "kudos.taken_back")
SPACE_FACTS = ("space.access_changed",)

# What gives points: kudos by others and solutions of others' questions, while the post is there for its readers.
# The giver of a solution is whoever asked, also where staff have accepted it on their behalf.
_FACTS = """
SELECT 'kudos' AS kind, k.id AS fact_id, p.id AS post_id, t.space_id, p.author_id AS member_id,
       k.member_id AS giver_id, k.given_at
FROM kudos k JOIN posts p ON p.id = k.post_id JOIN threads t ON t.id = p.thread_id
LEFT JOIN posts above ON above.id = p.parent_id
WHERE k.post_id IN (:posts) AND COALESCE(p.hidden_at, t.hidden_at, above.hidden_at) IS NULL
  AND p.author_id IS NOT NULL AND COALESCE(k.member_id, 0) <> p.author_id
UNION ALL
SELECT 'solution', x.id, p.id, t.space_id, p.author_id, t.author_id, x.accepted_at
FROM solutions x JOIN posts p ON p.id = x.post_id JOIN threads t ON t.id = p.thread_id
WHERE x.post_id IN (:posts) AND COALESCE(p.hidden_at, t.hidden_at) IS NULL
  AND p.author_id IS NOT NULL AND COALESCE(t.author_id, 0) <> p.author_id
"""
_ROWS = """SELECT id, kind, fact_id, post_id, space_id, member_id, giver_id, given_at FROM points
WHERE post_id IN (:posts)"""
_RECEIVERS = """SELECT author_id AS id FROM posts WHERE id IN (:posts) AND author_id IS NOT NULL
UNION SELECT member_id FROM points WHERE post_id IN (:posts)"""
_MEMBERS = "SELECT id FROM members WHERE id IN (:ids) ORDER BY id"

# The how-manyth fact from this giver to this receiver in its month: the cap looks at it. What everybody may see is
# numbered apart from each exclusive space, so that nothing inside one shows in a figure outside. Rows without a giver
# keep their number: it is what it was when the giver left, or they came from an import that does not know the giver.
_NUMBER = """
UPDATE points SET nth = numbered.nth FROM (
  SELECT x.id, ROW_NUMBER() OVER (
    PARTITION BY x.member_id, x.giver_id, x.month, CASE WHEN s.access = 'exclusive' THEN s.id ELSE 0 END
    ORDER BY x.given_at, x.fact_id) AS nth
  FROM points x JOIN spaces s ON s.id = x.space_id WHERE x.member_id IN (:members) AND {givers}
) AS numbered WHERE numbered.id = points.id AND points.nth <> numbered.nth
"""
_COUNTED = """
SELECT m.id, m.points AS kept, SUM(CASE WHEN x.kind = 'solution' THEN 1 ELSE 0 END) AS solutions,
       SUM(CASE WHEN x.kind = 'kudos' THEN 1 ELSE 0 END) AS kudos
FROM members m LEFT JOIN (
  SELECT o.member_id, o.kind FROM points o JOIN spaces s ON s.id = o.space_id
  WHERE o.member_id IN (:members) AND o.nth <= :highest AND s.access <> 'exclusive') AS x ON x.member_id = m.id
WHERE m.id IN (:members) GROUP BY m.id, m.points
"""

_NEXT_POSTS = """
SELECT post_id AS id FROM (
  SELECT * FROM (SELECT DISTINCT post_id FROM kudos WHERE post_id > :after ORDER BY post_id LIMIT :size) AS a
  UNION
  SELECT * FROM (SELECT post_id FROM solutions WHERE post_id > :after ORDER BY post_id LIMIT :size) AS b
  UNION
  SELECT * FROM (SELECT DISTINCT post_id FROM points WHERE post_id > :after ORDER BY post_id LIMIT :size) AS c
) AS with_facts ORDER BY post_id LIMIT :size
"""
_NEXT_MEMBERS = """
SELECT id FROM (
  SELECT * FROM (SELECT DISTINCT member_id AS id FROM points WHERE member_id > :after
                 ORDER BY member_id LIMIT :size) AS a
  UNION
  SELECT * FROM (SELECT id FROM members WHERE id > :after AND points <> 0 ORDER BY id LIMIT :size) AS b
) AS with_points ORDER BY id LIMIT :size
"""


@dataclass(slots=True)
class Mended:
    """What was out of line: rows of the ledger, and figures of members made from them."""

    missing: int = 0
    superfluous: int = 0
    wrong: int = 0
    members: int = 0

    def add(self, other: Mended) -> None:
        self.missing += other.missing
        self.superfluous += other.superfluous
        self.wrong += other.wrong
        self.members += other.members

    def __str__(self) -> str:
        return (
            f"The ledger lacked {self.missing} rows, had {self.superfluous} too many, and {self.wrong} were wrong; "
            f"so were the points of {self.members} members."
        )

    def __bool__(self) -> bool:
        return bool(self.missing or self.superfluous or self.wrong or self.members)


# --- a few posts ------------------------------------------------------------------------------------------


async def settle_posts(post_ids: Sequence[int]) -> Mended:
    """Bring the rows of these posts in line with the facts as they are now."""
    mended = Mended()
    for batch in _batches(post_ids):
        mended.add((await _settle_batch(batch))[0])
    return mended


async def settle_thread(thread_id: int) -> Mended:
    rows = await fetch("SELECT id FROM posts WHERE thread_id = :id ORDER BY id", {"id": thread_id})
    return await settle_posts([row["id"] for row in rows])


async def settle_space(space_id: int) -> Mended:
    """After a change of who reads a space: what counts outside of it, for all who have written in it."""
    rows = await fetch(
        """SELECT DISTINCT p.author_id FROM posts p JOIN threads t ON t.id = p.thread_id
        WHERE t.space_id = :id AND p.author_id IS NOT NULL""",
        {"id": space_id},
    )
    return await settle_receivers([row["author_id"] for row in rows])


async def settle_receivers(member_ids: Collection[int]) -> Mended:
    """Bring in line what follows from the rows of these members: which of them count, and their sum."""
    mended = Mended()
    for batch in _batches(sorted(member_ids), RECEIVERS_AT_ONCE):
        async with in_transaction():
            await _lock(batch)
            mended.wrong += await _number(batch)
            mended.members += await _sum_up(batch)
    return mended


async def _settle_batch(post_ids: Sequence[int], *, following: bool = True) -> tuple[Mended, set[int]]:
    """What was out of line, and whose rows. Numbers and sums follow at once, unless the caller sees to them."""
    given = {"posts": post_ids}
    async with in_transaction():
        await _lock(row["id"] for row in await fetch(_RECEIVERS, given))
        # Read in statements of their own after the lock: they see whatever changed while this one waited.
        facts = {(row["kind"], row["fact_id"]): _columns(row) for row in await fetch(_FACTS, given)}
        rows = await fetch(_ROWS, given)
        kept = {(row["kind"], row["fact_id"]): _columns(row) for row in rows}
        ids = {(row["kind"], row["fact_id"]): row["id"] for row in rows}
        missing = [facts[key] for key in facts.keys() - kept.keys()]
        superfluous = [kept[key] for key in kept.keys() - facts.keys()]
        wrong = [key for key in facts.keys() & kept.keys() if facts[key] != kept[key]]
        await insert_many(Point, [{**row, "nth": 1} for row in missing])
        for batch in _batches([ids[key] for key in kept.keys() - facts.keys()]):
            await execute("DELETE FROM points WHERE id IN (:ids)", {"ids": batch})
        await execute_many(
            """UPDATE points SET post_id = :post_id, space_id = :space_id, member_id = :member_id,
            giver_id = :giver_id, given_at = :given_at, month = :month WHERE kind = :kind AND fact_id = :fact_id""",
            [facts[key] for key in wrong],
        )
        touched = [*missing, *superfluous, *(facts[key] for key in wrong), *(kept[key] for key in wrong)]
        members = {row["member_id"] for row in touched}
        if members and following:
            givers = sorted({row["giver_id"] for row in touched} - {None})
            await _number(sorted(members), givers if len(givers) <= BATCH else None)
            await _sum_up(sorted(members))
    return Mended(len(missing), len(superfluous), len(wrong)), members


def _columns(row: Row) -> dict[str, Any]:
    """A row of the ledger, apart from its id and its number."""
    given_at = as_time(row["given_at"])
    assert given_at is not None  # noqa: S101 - the column is never empty
    names = ("kind", "fact_id", "post_id", "space_id", "member_id", "giver_id")
    columns = {name: row[name] for name in names}
    return {**columns, "given_at": given_at, "month": given_at.year * 12 + given_at.month - 1}


async def _lock(member_ids: Iterable[int]) -> None:
    """All changes of a member's rows and points wait for each other, always in the same order."""
    for batch in _batches(sorted(member_ids)):
        await fetch({"sqlite": _MEMBERS, "postgresql": f"{_MEMBERS} FOR NO KEY UPDATE"}, {"ids": batch})


async def _number(members: Sequence[int], givers: Sequence[int] | None = None) -> int:
    """Number the rows of these members anew, those from some givers only if these are given; how many were wrong."""
    chosen = "x.giver_id IS NOT NULL" if givers is None else "x.giver_id IN (:givers)"
    return await execute(_NUMBER.format(givers=chosen), {"members": members, "givers": givers or ()})


async def _sum_up(members: Sequence[int]) -> int:
    """Let the points of these members be the sum of what counts; how many were not."""
    rules, changed = await find_rules(), []
    for batch in _batches(members):
        for row in await fetch(_COUNTED, {"members": batch, "highest": rules.highest_nth}):
            points = rules.points_of(int(row["solutions"] or 0), int(row["kudos"] or 0))
            if points != row["kept"]:
                changed.append({"id": row["id"], "points": points, "kept": row["kept"]})
    await execute_many(
        "UPDATE members SET points = :points WHERE id = :id",
        [{"id": one["id"], "points": one["points"]} for one in changed],
    )
    ladder = await find_ladder() if changed else None
    if ladder and any(ladder.rank_of(one["points"]) != ladder.rank_of(one["kept"]) for one in changed):
        # The rank stands beside every post of theirs, on pages that are kept for guests.
        await raise_site_stamp()
    return len(changed)


# --- everything -------------------------------------------------------------------------------------------


async def recount(advance: Callable[[int], object] = lambda _count: None) -> Mended:
    """Bring the whole ledger in line, in small steps beside a running site; nothing is changed on a sound one.

    What the worker has not delivered yet is no mistake: it is settled before, and not reported.
    """
    mended, delivered_up_to, touched = Mended(), 0, set[int]()
    async for batch in _walk(_NEXT_POSTS):
        delivered_up_to = await _settle_undelivered(delivered_up_to)
        found, members = await _settle_batch(batch, following=False)
        mended.add(found)
        touched |= members
        advance(len(batch))
    # What follows from mended rows; only what is wrong besides is counted as such.
    await settle_receivers(touched)
    mended.add(await _settle_all_receivers(advance))
    return mended


async def carry_on_points() -> None:
    """What a change of the rules asks for, and the first filling of the ledger of a site that had none."""
    row = await fetch_one("SELECT changed_at, settled_at FROM point_rules WHERE id = 1")
    if row is not None and row["settled_at"] is not None:
        return
    began = now()
    await recount()
    await recompute_standings()
    await apply_badges(tell=False)
    # A change that came meanwhile is carried out in the next round.
    await execute(
        """INSERT INTO point_rules (id, changed_at, settled_at) VALUES (1, :began, :now)
        ON CONFLICT (id) DO UPDATE SET settled_at = excluded.settled_at
        WHERE point_rules.changed_at <= excluded.changed_at""",
        {"began": began, "now": now()},
    )


async def _settle_all_receivers(advance: Callable[[int], object] = lambda _count: None) -> Mended:
    mended = Mended()
    async for batch in _walk(_NEXT_MEMBERS):
        mended.add(await settle_receivers(batch))
        advance(len(batch))
    return mended


async def _settle_undelivered(after: int) -> int:
    """Settle what facts with ids above `after` are about; answers the last id."""
    rows = await fetch(
        """SELECT id, name, payload FROM outbox_facts
        WHERE done_at IS NULL AND id > :after AND name IN (:names) ORDER BY id""",
        {"after": after, "names": [*POST_FACTS, *THREAD_FACTS, *SPACE_FACTS]},
    )
    for row in rows:
        payload = as_json(row["payload"])
        if row["name"] in POST_FACTS:
            await settle_posts([payload["post_id"]])
        elif row["name"] in THREAD_FACTS:
            await settle_thread(payload["thread_id"])
        else:
            await settle_space(payload["space_id"])
    return int(rows[-1]["id"]) if rows else after


async def _walk(statement: str) -> AsyncIterator[list[int]]:
    """All ids that the statement finds, in batches, in their order."""
    after = 0
    while ids := [row["id"] for row in await fetch(statement, {"after": after, "size": BATCH})]:
        yield ids
        after = ids[-1]


def _batches(ids: Sequence[int], size: int = BATCH) -> Iterable[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
