"""Whether the moderation log is as it was written: every entry is held against the chain, in batches.

Reads only, and holds one batch in memory however long the log is. What is added meanwhile is left to the next run.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from community.core.db import Row, fetch, fetch_one, in_transaction
from community.decisions.actions import FORGET_NAMES, REWRITE_REASON, log_for_nobody
from community.decisions.chain import (
    BEGINNING,
    Head,
    count_salted,
    digest,
    find_head,
    link_hash,
    lock_head,
    write_head,
)

BATCH = 1_000
MOST_TOLD = 20
SEAL_BROKEN = (
    "The end of the moderation log is not sealed with this SECRET_KEY. If you have changed the key, "
    "run: community seal-log. If not, somebody has changed the log past the community."
)


@dataclass(slots=True)
class LogReport:
    """What was found; with nothing in `wrong`, the log is as it was written."""

    checked: int = 0
    wrong: list[str] = field(default_factory=list)
    """Sentences for the operator, at most `MOST_TOLD`."""
    further: int = 0
    """How many more there are."""
    seal_fits: bool = True
    older_waiting: int = 0
    """Entries from before the chain that the worker has not yet taken into it."""
    head: Head | None = None

    def add(self, sentence: str) -> None:
        if len(self.wrong) < MOST_TOLD:
            self.wrong.append(sentence)
        else:
            self.further += 1


async def verify_log(
    progress: Callable[[int, int], None] = lambda done, total: None, *, secret_key: str = ""
) -> LogReport:
    """Check all of it. `progress` is told how far it is, and of how many."""
    report = LogReport(head=await find_head())
    if report.head is None:
        await _expect_no_links(report)
        return report
    report.seal_fits = report.head.is_sealed(secret_key)
    before, expected = BEGINNING, 1
    async for rows in _batches(report.head.count):
        forgotten = await _forgotten(rows)
        for row in rows:
            if row["position"] != expected:
                report.add(_gap(expected, row["position"]))
            before = await _check(report, row, before, forgotten)
            expected = row["position"] + 1
        report.checked += len(rows)
        progress(report.checked, report.head.count)
    if expected <= report.head.count:
        report.add(_gap(expected, report.head.count + 1))
    elif before != report.head.hash:
        report.add("The end of the moderation log does not fit its last entry.")
    await _look_for_strangers(report, report.head)
    return report


async def seal_log() -> LogReport:
    """Seal the end anew after SECRET_KEY was changed, and write that down; only where the rest is in order."""
    report = await verify_log()
    if report.wrong or report.seal_fits:
        return report
    async with in_transaction():
        head = await lock_head()
        if report.head is None or (head.count, head.hash) != (report.head.count, report.head.hash):
            report.add("The log has grown meanwhile. Run it again.")
            return report
        sealed = Head(
            head.count, head.hash, head.older_until, head.older_done, head.began_at, head.right_seal()
        )
        await write_head(sealed, sealed)
        await log_for_nobody("seal_log", "log:0")
    return report


def _gap(first: int, after: int) -> str:
    if after - first == 1:
        return f"The link {first} of the moderation log's chain is missing."
    if after <= first:
        return f"The link {after} of the moderation log's chain stands in the wrong place."
    return f"The links {first} to {after - 1} of the moderation log's chain are missing."


async def _batches(until: int) -> AsyncIterator[Sequence[Row]]:
    last = -(2**62)
    while True:
        rows = await fetch(
            """SELECT k.position, k.entry_id, k.name_digest, k.reason_digest, k.hash,
            e.id, e.at, e.actor_id, e.actor_name, e.act, e.subject, e.space_id, e.reason, e.details,
            e.name_salt, e.reason_salt FROM moderation_log_links k LEFT JOIN moderation_log e ON e.id = k.entry_id
            WHERE k.position > :last AND k.position <= :until ORDER BY k.position LIMIT :size""",
            {"last": last, "until": until, "size": BATCH},
        )
        if not rows:
            return
        yield rows
        last = rows[-1]["position"]


async def _check(report: LogReport, row: Row, before: str, forgotten: frozenset[int]) -> str:
    """The hash that the next link builds on: the one that is there, so that each mistake is told once."""
    number = row["entry_id"]
    if row["id"] is None:
        report.add(f"The entry {number} was removed from the moderation log.")
        return str(row["hash"])
    names = (row["name_digest"], row["reason_digest"])
    if link_hash(row["position"], row, names, before) != row["hash"]:
        report.add(f"The entry {number} of the moderation log ({row['act']}, {row['subject']}) was changed.")
    if not _fits(row, "name", "actor_name") and not (
        not row["actor_name"] and (row["actor_id"] or 0) in forgotten
    ):
        report.add(f"The name in the entry {number} of the moderation log was changed.")
    if not _fits(row, "reason", "reason") and not await _may_differ(row, forgotten):
        report.add(f"The reason in the entry {number} of the moderation log was changed.")
    return str(row["hash"])


def _fits(row: Row, what: str, column: str) -> bool:
    return digest(row[f"{what}_salt"], row[column]) == row[f"{what}_digest"]


async def _may_differ(row: Row, forgotten: frozenset[int]) -> bool:
    """Whether the log itself says that this reason was forgotten, or that a name was taken out of it."""
    if not row["reason"] and _member(row["subject"]) in forgotten:
        return True
    sought = digest(row["reason_salt"], row["reason"])
    found = await fetch(
        f"""SELECT e.details FROM moderation_log e JOIN moderation_log_links k ON k.entry_id = e.id
        WHERE e.subject = :subject AND e.act = '{REWRITE_REASON}'""",  # noqa: S608 - a constant
        {"subject": f"log:{row['entry_id']}"},
    )
    return any(sought in str(each["details"]) for each in found)


def _member(subject: str) -> int:
    kind, _, number = subject.partition(":")
    return int(number) if kind == "member" and number.isdecimal() else 0


async def _forgotten(rows: Sequence[Row]) -> frozenset[int]:
    """Of the members in these entries, those of whom the log says that they were forgotten."""
    members: set[Any] = {row["actor_id"] for row in rows if row["id"] and row["actor_id"]}
    members |= {_member(row["subject"]) for row in rows if row["id"]} - {0}
    found = await fetch(
        f"""SELECT e.subject FROM moderation_log e JOIN moderation_log_links k ON k.entry_id = e.id
        WHERE e.subject IN (:subjects) AND e.act = '{FORGET_NAMES}'""",  # noqa: S608 - a constant
        {"subjects": [f"member:{member}" for member in sorted(members)]},
    )
    return frozenset(_member(row["subject"]) for row in found)


async def _look_for_strangers(report: LogReport, head: Head) -> None:
    """Entries that no link belongs to: older ones that still wait, and later ones that came in past the community."""
    last = await fetch_one("SELECT COALESCE(MAX(position), 0) AS last FROM moderation_log_links")
    newest = await find_head()  # In this order: what was added in between moves the end as well.
    if newest is None or (last is not None and last["last"] > newest.count):
        report.add("The chain of the moderation log goes on behind its end.")
    rows = await fetch(
        """SELECT e.id FROM moderation_log e WHERE e.id > :done AND e.name_salt = '' AND e.reason_salt = ''
        AND NOT EXISTS (SELECT 1 FROM moderation_log_links k WHERE k.entry_id = e.id) ORDER BY e.id LIMIT 50""",
        {"done": head.older_until},
    )
    for row in rows:
        report.add(f"The entry {row['id']} of the moderation log was put in past the community.")
    unlinked = await fetch_one(
        """SELECT COUNT(*) AS n FROM moderation_log e WHERE (e.name_salt <> '' OR e.reason_salt <> '')
        AND NOT EXISTS (SELECT 1 FROM moderation_log_links k WHERE k.entry_id = e.id)"""
    )
    if unlinked and unlinked["n"]:
        # Entries get their salts together with their link, those from before the chain as well.
        report.add(
            f"{unlinked['n']} entries of the moderation log have been in a chain and stand in none: the chain was "
            "removed, or they were put in past the community."
        )
    waiting = await fetch_one(
        """SELECT COUNT(*) AS waiting FROM moderation_log e WHERE e.id > :done AND e.id <= :until
        AND NOT EXISTS (SELECT 1 FROM moderation_log_links k WHERE k.entry_id = e.id)""",
        {"done": head.older_done, "until": head.older_until},
    )
    report.older_waiting = waiting["waiting"] if waiting else 0
    stranger = await fetch_one(
        """SELECT COUNT(*) AS strangers FROM moderation_log e WHERE e.id <= :done
        AND NOT EXISTS (SELECT 1 FROM moderation_log_links k WHERE k.entry_id = e.id)""",
        {"done": head.older_done},
    )
    if stranger and stranger["strangers"]:
        report.add(f"{stranger['strangers']} entries of the moderation log were put in past the community.")


async def _expect_no_links(report: LogReport) -> None:
    """Before the first entry there is no end; afterwards only somebody can have removed it. Entries from before the
    chain have no salts."""
    row = await fetch_one("SELECT COUNT(*) AS links FROM moderation_log_links")
    salted = await count_salted()
    if row is not None and row["links"]:
        report.add("The end of the moderation log's chain was removed.")
    elif salted:
        report.add(
            f"The moderation log's chain was removed: {salted} entries have been in one, and there is none."
        )
    entries = await fetch_one("SELECT COUNT(*) AS entries FROM moderation_log")
    report.older_waiting = entries["entries"] - salted if entries else 0
