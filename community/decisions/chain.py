"""The chain that shows when somebody has changed the moderation log past the community.

Each entry has a link: a hash over the entry and the hash before it. The end of the chain is sealed with SECRET_KEY,
which is not in the database, so that its last entries cannot be cut off unnoticed either. Names and reasons enter
the hash as salted digests: they can be forgotten with a person, and still nobody can put others in their place.

Links are added right before the commit, under the lock of the one row that holds the end: transactions that log
wait for each other no longer than that takes, and the chain never forks.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from community.core.clock import now
from community.core.db import (
    Row,
    as_json,
    as_time,
    execute,
    fetch,
    fetch_one,
    in_transaction,
)
from community.core.rows import insert_many
from community.decisions.models import LogLink
from community.settings import settings

BEGINNING = "0" * 64
OLDER_AT_ONCE = 500
COLUMNS = "id, at, actor_id, actor_name, act, subject, space_id, reason, details, name_salt, reason_salt"
_HEAD = "SELECT count, hash, older_until, older_done, began_at, seal FROM moderation_log_head WHERE id = 1"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain as the database has it."""

    count: int
    hash: str
    older_until: int
    older_done: int
    began_at: datetime
    seal: str

    def is_sealed(self, secret_key: str = "") -> bool:
        return hmac.compare_digest(self.seal, self.right_seal(secret_key))

    def right_seal(self, secret_key: str = "") -> str:
        """What the seal has to be with this SECRET_KEY, or else that of this process."""
        key = hashlib.sha256(b"moderation log\x1f" + (secret_key or settings.secret_key).encode()).digest()
        began = self.began_at.astimezone(UTC).isoformat()
        text = f"{self.count} {self.hash} {self.older_until} {self.older_done} {began}"
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)


def digest(salt: str, text: str) -> str:
    """Of a name or a reason. Without the salt, whoever knows the digest cannot try out what the text was."""
    return hashlib.sha256(f"{salt}\x1f{text}".encode()).hexdigest()


def link_hash(position: int, entry: Mapping[str, Any], names: tuple[str, str], before: str) -> str:
    """The hash of an entry in its place; `docs/moderation-log.md` tells others how to compute it."""
    at = as_time(entry["at"])
    assert at is not None  # noqa: S101 - the column is never empty
    covered = [
        position,
        entry["id"],
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry["actor_id"],
        entry["act"],
        entry["subject"],
        entry["space_id"],
        as_json(entry["details"]),
        *names,
        before,
    ]
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


async def find_head() -> Head | None:
    row = await fetch_one(_HEAD)
    return _head(row) if row else None


def _head(row: Row) -> Head:
    began_at = as_time(row["began_at"])
    assert began_at is not None  # noqa: S101 - the column is never empty
    return Head(**{**dict(row), "began_at": began_at})


async def lock_head(newest: Sequence[int] = ()) -> Head:
    """The end of the chain, with the lock on it; for transactions. `newest` are entries of this transaction.

    The first call begins the chain: all other entries that are there by then are from before it. Where some of them
    have been in a chain, its end was removed: a new one begins without a seal, and they stay outside of it.
    """
    row = await fetch_one({"sqlite": _HEAD, "postgresql": f"{_HEAD} FOR UPDATE"})
    if row is None:
        await _begin(newest)
        row = await fetch_one({"sqlite": _HEAD, "postgresql": f"{_HEAD} FOR UPDATE"})
    assert row is not None  # noqa: S101 - it was made a line ago
    return _head(row)


async def _begin(newest: Sequence[int]) -> None:
    last = await fetch_one("SELECT position, hash FROM moderation_log_links ORDER BY position DESC LIMIT 1")
    entries = "SELECT COALESCE(MAX(id), 0) AS last FROM moderation_log"
    older = await fetch_one(f"{entries} WHERE NOT id IN (:newest)" if newest else entries, {"newest": newest})
    was_removed = last is not None or await count_salted(newest) > 0
    until = older["last"] if older and not was_removed else 0
    fresh = Head(
        count=last["position"] if last else 0,
        hash=last["hash"] if last else BEGINNING,
        older_until=until,
        older_done=0,
        began_at=now(),
        seal="",
    )
    await execute(
        """INSERT INTO moderation_log_head (id, count, hash, older_until, older_done, began_at, seal)
        VALUES (1, :count, :hash, :older_until, 0, :began_at, :seal) ON CONFLICT DO NOTHING""",
        {
            "count": fresh.count,
            "hash": fresh.hash,
            "older_until": fresh.older_until,
            "began_at": fresh.began_at,
            "seal": "" if was_removed else fresh.right_seal(),
        },
    )


async def count_salted(without: Sequence[int] = ()) -> int:
    """How many entries have a salt: all that were in a chain, but those of which everything was forgotten."""
    others = "AND NOT id IN (:without)" if without else ""
    row = await fetch_one(
        f"SELECT COUNT(*) AS n FROM moderation_log WHERE (name_salt <> '' OR reason_salt <> '') {others}",  # noqa: S608
        {"without": list(without)},
    )
    return int(row["n"]) if row else 0


async def link_entries(entry_ids: Sequence[int]) -> None:
    """Add these entries to the end of the chain; right before the commit of the transaction that wrote them."""
    await _add(await lock_head(entry_ids), entry_ids, older_done=None)


async def link_older_entries() -> None:
    """Take the entries from before the chain into it, in steps that each are a transaction of their own."""
    while await _link_some():
        pass


async def _link_some() -> bool:
    head = await find_head()
    if head is not None and (head.older_done >= head.older_until or not head.is_sealed()):
        return False
    async with in_transaction():
        if head is None:
            head = await lock_head()
        # Entries are locked before the end of the chain, as by whoever forgets a name.
        older = f"""SELECT id, name_salt, reason_salt FROM moderation_log
            WHERE id > :done AND id <= :until ORDER BY id LIMIT {OLDER_AT_ONCE}"""  # noqa: S608
        rows = await fetch(
            {"sqlite": older, "postgresql": f"{older} FOR NO KEY UPDATE"},
            {"done": head.older_done, "until": head.older_until},
        )
        done_before, head = head.older_done, await lock_head()
        if head.older_done != done_before:
            return True  # Another worker was quicker.
        if any(row["name_salt"] or row["reason_salt"] for row in rows):
            return False  # They have been in a chain: somebody has removed it, and the check says so.
        ids = [row["id"] for row in rows]
        done = ids[-1] if len(ids) == OLDER_AT_ONCE else head.older_until
        await _add(head, ids, older_done=done)
    return done < head.older_until


async def _add(head: Head, entry_ids: Sequence[int], *, older_done: int | None) -> None:
    rows = await fetch(
        f"""SELECT {COLUMNS} FROM moderation_log
        WHERE id IN (:ids) AND NOT id IN (SELECT entry_id FROM moderation_log_links WHERE entry_id IN (:ids))
        ORDER BY id""",  # noqa: S608 - constants
        {"ids": list(entry_ids)},
    )
    entries = [await _salted(row) for row in rows]
    position, last, links = head.count, head.hash, []
    for entry in entries:
        names = (
            digest(entry["name_salt"], entry["actor_name"]),
            digest(entry["reason_salt"], entry["reason"]),
        )
        position += 1
        last = link_hash(position, entry, names, last)
        links.append(
            {
                "position": position,
                "entry_id": entry["id"],
                "name_digest": names[0],
                "reason_digest": names[1],
                "hash": last,
            }
        )
    await insert_many(LogLink, links)
    done = head.older_done if older_done is None else older_done
    await write_head(head, Head(position, last, head.older_until, done, head.began_at, ""))


async def write_head(before: Head, after: Head) -> None:
    """Move the end of the chain. A seal that was broken stays broken until somebody has looked (`seal-log`)."""
    await execute(
        """UPDATE moderation_log_head SET count = :count, hash = :hash, older_done = :older_done, seal = :seal
        WHERE id = 1""",
        {
            "count": after.count,
            "hash": after.hash,
            "older_done": after.older_done,
            "seal": after.right_seal() if before.is_sealed() else "",
        },
    )


async def _salted(row: Row) -> dict[str, Any]:
    """The entry, with salts where it is from a time that knew none."""
    entry = dict(row)
    if not entry["name_salt"] or not entry["reason_salt"]:
        entry["name_salt"], entry["reason_salt"] = new_salt(), new_salt()
        await execute(
            "UPDATE moderation_log SET name_salt = :name_salt, reason_salt = :reason_salt WHERE id = :id",
            {name: entry[name] for name in ("name_salt", "reason_salt", "id")},
        )
    return entry
