"""The rules that hold texts of members, as staff keep them; and which of them a text meets, now or in the past."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from community.core.clock import now
from community.core.db import as_json, as_time, execute, fetch, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.settings import settings
from community.waiting.holding_rules import Rule, RuleKind, Situation, find_hits, find_links
from community.waiting.models import HoldingRule

MOST_RULES = 50
PAST_POSTS = 1_000
MOST_RECENT = 200
"""Texts of one author that are counted for a burst."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with its name, its place and what it has done."""

    id: int
    name: str
    is_on: bool
    space_id: int | None
    space_name: str
    rule: Rule
    hit_count: int = 0
    last_hit_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastHit:
    """A post of the past that a rule would have held."""

    post_id: int
    thread_title: str
    body: str
    created_at: datetime
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastTest:
    looked_at: int
    hits: tuple[PastHit, ...]


# --- keeping them -----------------------------------------------------------------------------------------

_RULES = """SELECT r.*, s.name AS space_name FROM holding_rules r LEFT JOIN spaces s ON s.id = r.space_id"""


def _visible(viewer: Viewer) -> str:
    spaces = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    return f"(r.space_id IS NULL OR r.space_id IN ({spaces}))"


async def list_rules(viewer: Viewer) -> list[RuleRow]:
    """All rules of the spaces that this moderator reads, in the order in which they were made."""
    if not viewer.is_moderator:
        raise NotFound
    rows = await fetch(f"{_RULES} WHERE {_visible(viewer)} ORDER BY r.created_at, r.id", {})
    return [_row(row) for row in rows]


async def get_rule(rule_id: int, viewer: Viewer) -> RuleRow:
    rows = await fetch(f"{_RULES} WHERE r.id = :id AND {_visible(viewer)}", {"id": rule_id})
    if not rows or not viewer.is_moderator:
        raise NotFound
    return _row(rows[0])


def _row(row: Mapping[str, Any]) -> RuleRow:
    return RuleRow(
        id=row["id"],
        name=row["name"],
        is_on=bool(row["is_on"]),
        space_id=row["space_id"],
        space_name=row["space_name"] or "",
        rule=Rule(
            RuleKind(row["kind"]),
            row["posts"],
            row["minutes"],
            row["days"],
            tuple(as_json(row["words"]) or ()),
        ),
        hit_count=row["hit_count"],
        last_hit_at=as_time(row["last_hit_at"]),
    )


async def add_rule(draft: RuleRow, *, by: Viewer) -> int:
    """A new rule; its id. What is counted of `draft` are name, place, numbers and words."""
    rule_id = random_id()
    async with in_transaction():
        rows = await fetch("SELECT COUNT(*) AS n FROM holding_rules", {})
        if rows[0]["n"] >= MOST_RULES:
            raise RuleBroken(_("There are many rules already. Please change or remove one of them."))
        await insert(HoldingRule, id=rule_id, created_at=now(), **_columns(draft))
        await log("add_rule", f"rule:{rule_id}", by=by, reason="", space_id=draft.space_id, **_noted(draft))
    return rule_id


async def change_rule(draft: RuleRow, *, by: Viewer) -> None:
    """It counts from the next text on; what it holds already goes on waiting."""
    columns = _columns(draft) | {"words": json.dumps(draft.rule.words)}
    async with in_transaction():
        set_to = ", ".join(f"{name} = :{name}" for name in columns)
        if not await execute(
            f"UPDATE holding_rules SET {set_to} WHERE id = :id",  # noqa: S608 - names of columns
            {**columns, "id": draft.id},
        ):
            raise NotFound
        await log(
            "change_rule", f"rule:{draft.id}", by=by, reason="", space_id=draft.space_id, **_noted(draft)
        )


async def remove_rule(rule: RuleRow, *, by: Viewer) -> None:
    async with in_transaction():
        if await execute("DELETE FROM holding_rules WHERE id = :id", {"id": rule.id}):
            await log(
                "remove_rule", f"rule:{rule.id}", by=by, reason="", space_id=rule.space_id, **_noted(rule)
            )


def _columns(draft: RuleRow) -> dict[str, Any]:
    rule = draft.rule
    return {
        "kind": str(rule.kind),
        "name": draft.name,
        "is_on": draft.is_on,
        "space_id": draft.space_id,
        "posts": rule.posts,
        "minutes": rule.minutes,
        "days": rule.days,
        "words": list(rule.words),
    }


def _noted(draft: RuleRow) -> dict[str, Any]:
    """For the log: numbers and states; of the words, how many."""
    noted = asdict(draft.rule) | {"kind": str(draft.rule.kind), "words": len(draft.rule.words)}
    return {"rule_kind": noted.pop("kind"), "is_on": draft.is_on, **noted}


# --- holding ----------------------------------------------------------------------------------------------


async def find_holding(
    by: Viewer, space_id: int, text: str, *, before: str | None = None
) -> tuple[dict[str, Any], ...]:
    """The rules that hold this text of a member, each with what it found; and counts them.

    `before` is what a post said, for a change of it: only what the change brings in counts.
    """
    rows = await fetch(
        f"{_RULES} WHERE r.is_on AND (r.space_id IS NULL OR r.space_id = :space_id) ORDER BY r.created_at, r.id",
        {"space_id": space_id},
    )
    if not rows:
        return ()
    rules = [_row(row) for row in rows]
    situation = await situation_of(by.id, text, rules)
    hits = []
    for row in rules:
        found = find_hits(row.rule, _changed(situation, before))
        if found and before is not None and row.rule.kind == RuleKind.WORDS:
            old = find_hits(row.rule, replace(situation, text=before)) or ()
            found = tuple(word for word in found if word not in old) or None
        if found:
            hits.append(
                {"rule": row.id, "kind": str(row.rule.kind), "name": row.name, "found": list(found[:5])}
            )
    for hit in hits:
        await execute(
            "UPDATE holding_rules SET hit_count = hit_count + 1, last_hit_at = :at WHERE id = :id",
            {"at": now(), "id": hit["rule"]},
        )
    return tuple(hits)


def _changed(situation: Situation, before: str | None) -> Situation:
    if before is None:
        return situation
    links = find_links(situation.text, own_hosts=situation.own_hosts)
    brings_links = bool(set(links) - set(find_links(before, own_hosts=situation.own_hosts)))
    return replace(situation, counts_links=brings_links, is_new_post=False)


async def situation_of(member_id: int, text: str, rules: Sequence[RuleRow]) -> Situation:
    """What the rules ask for, and no more: word lists need nothing but the text."""
    moment = now()
    situation = Situation(text, moment, own_hosts=own_hosts())
    if any(row.rule.kind == RuleKind.LINKS for row in rules):
        most = max(row.rule.posts for row in rules)
        found = await fetch(
            """SELECT COUNT(*) AS n FROM (SELECT 1 FROM posts p JOIN threads t ON t.id = p.thread_id
            WHERE p.author_id = :me AND p.hidden_at IS NULL AND t.hidden_at IS NULL LIMIT :most) AS published""",
            {"me": member_id, "most": most},
        )
        situation = replace(situation, published_before=found[0]["n"])
    bursts = [row.rule for row in rules if row.rule.kind == RuleKind.BURST]
    if bursts:
        since = moment - timedelta(minutes=max(rule.minutes for rule in bursts))
        sent = """(SELECT created_at AS at FROM posts WHERE author_id = :me
          UNION ALL SELECT submitted_at FROM waiting_texts WHERE author_id = :me AND state <> 'released'
          AND kind <> 'edit') AS sent"""
        first = await fetch(f"SELECT MIN(at) AS at FROM {sent}", {"me": member_id})  # noqa: S608 - a constant
        recent = await fetch(
            f"SELECT at FROM {sent} WHERE at >= :since ORDER BY at DESC LIMIT :most",  # noqa: S608
            {"me": member_id, "since": since, "most": MOST_RECENT},
        )
        times = [as_time(row["at"]) for row in recent]
        situation = replace(
            situation, first_at=as_time(first[0]["at"]), recent=tuple(time for time in times if time)
        )
    return situation


def own_hosts() -> tuple[str, ...]:
    return (urlsplit(settings.base_url).netloc,)


# --- testing them -----------------------------------------------------------------------------------------


async def try_on_past(draft: RuleRow, viewer: Viewer) -> PastTest:
    """Which of the last thousand posts of members, in spaces that the viewer reads, the rule would have held."""
    spaces = [space for space in viewer.readable_space_ids if draft.space_id in (None, space)]
    rows = await fetch(
        """SELECT p.id, p.body, p.kind, p.author_id, p.created_at, t.title FROM posts p
        JOIN threads t ON t.id = p.thread_id JOIN members m ON m.id = p.author_id
        WHERE t.space_id IN (:spaces) AND m.role = 'customer' ORDER BY p.created_at DESC, p.id LIMIT :most""",
        {"spaces": spaces, "most": PAST_POSTS},
    )
    hits = []
    for row in rows:
        at = as_time(row["created_at"])
        assert at is not None  # noqa: S101 - the column is never empty
        text = f"{row['title']}\n{row['body']}" if row["kind"] == "opening" else row["body"]
        situation = await _past_situation(draft.rule, row["author_id"], text, at)
        found = find_hits(draft.rule, situation) if situation else None
        if found:
            hits.append(PastHit(row["id"], row["title"], row["body"], at, found))
    return PastTest(len(rows), tuple(hits))


async def _past_situation(rule: Rule, author_id: int, text: str, at: datetime) -> Situation | None:
    """As it was then; None where the text alone says that the rule does not hold it."""
    situation = Situation(text, at, own_hosts=own_hosts())
    if rule.kind == RuleKind.WORDS:
        return situation
    if rule.kind == RuleKind.LINKS and not find_links(text, own_hosts=situation.own_hosts):
        return None
    given = {"author": author_id, "at": at, "since": at - timedelta(minutes=rule.minutes)}
    rows = await fetch(
        """SELECT COUNT(*) AS n, MIN(created_at) AS first FROM posts
        WHERE author_id = :author AND created_at < :at""",
        given,
    )
    situation = replace(situation, published_before=rows[0]["n"], first_at=as_time(rows[0]["first"]))
    if rule.kind == RuleKind.LINKS:
        return situation
    recent = await fetch(
        """SELECT created_at FROM posts WHERE author_id = :author AND created_at >= :since AND created_at < :at
        LIMIT 200""",
        given,
    )
    times = [as_time(row["created_at"]) for row in recent]
    return replace(situation, recent=tuple(time for time in times if time))
