"""The public figures of members, computed anew from the facts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from community.core.db import execute, fetch, in_transaction

SHOWING = frozenset({"hide_post", "restore_post"})
"""Acts that change what counts of a post; of an opening post that is all of its thread."""
PLACING = frozenset({"move_thread"})
"""Acts that change where a thread stands: what is in exclusive spaces does not count."""


async def list_touched(acts: Collection[tuple[str, str]]) -> list[int]:
    """Whose figures these acts ("hide_post", "post:123") have changed; locking, pinning and erasing change none."""
    posts = [_number(subject) for act, subject in acts if act in SHOWING]
    threads = [_number(subject) for act, subject in acts if act in PLACING]
    found: set[int] = set()
    for statement, ids in (
        ("SELECT DISTINCT author_id FROM posts WHERE id IN (:ids)", posts),
        (
            """SELECT DISTINCT q.author_id FROM posts p JOIN posts q ON q.thread_id = p.thread_id
            WHERE p.id IN (:ids) AND p.kind = 'opening'""",
            posts,
        ),
        ("SELECT DISTINCT author_id FROM posts WHERE thread_id IN (:ids)", threads),
    ):
        for start in range(0, len(ids), 500):
            rows = await fetch(statement, {"ids": ids[start : start + 500]})
            found |= {row["author_id"] for row in rows if row["author_id"] is not None}
    return sorted(found)


def _number(subject: str) -> int:
    return int(subject.partition(":")[2])


async def recount_members(member_ids: Sequence[int]) -> None:
    """Recompute the public figures of members from the facts: visible posts in open and members spaces."""
    counted = """FROM posts p JOIN threads t ON t.id = p.thread_id JOIN spaces s ON s.id = t.space_id
        WHERE p.author_id = members.id AND p.hidden_at IS NULL AND t.hidden_at IS NULL AND s.access <> 'exclusive'"""
    for start in range(0, len(member_ids), 500):
        given = {"ids": member_ids[start : start + 500]}
        async with in_transaction():
            # Locked first, always in the same order, and counted in a second statement: that one sees whatever
            # changed a figure while this transaction waited, and two of them never wait for each other.
            await fetch({"sqlite": _MEMBERS, "postgresql": f"{_MEMBERS} FOR NO KEY UPDATE"}, given)
            await execute(
                f"""UPDATE members SET
                kudos_count = (SELECT COALESCE(SUM(p.kudos_count), 0) {counted}),
                solution_count = (SELECT COUNT(*) {counted}
                                  AND EXISTS (SELECT 1 FROM solutions x WHERE x.post_id = p.id))
                WHERE id IN (:ids)""",  # noqa: S608 - a constant
                given,
            )


_MEMBERS = "SELECT id FROM members WHERE id IN (:ids) ORDER BY id"
