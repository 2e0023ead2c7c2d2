"""Segments: the rules that fill closed groups. Written as a draft, looked at as a size, put in force by opening."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from community.core.clock import now
from community.core.db import (
    Row,
    as_json,
    as_time,
    dialect,
    execute,
    fetch,
    fetch_one,
    in_transaction,
    random_id,
)
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.groups.actions import make_group
from community.groups.models import GroupAccess
from community.segments.census import size_to_show, take_census
from community.segments.definitions import Definition, definitions_by_key
from community.segments.models import Segment
from community.segments.rules import MOST_CONDITIONS, TESTS_OF, Condition, Rule
from community.segments.wording import rule_in_words

LONGEST_PURPOSE = 1_000


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A segment with the group it fills."""

    id: int
    group_id: int
    slug: str
    name: str
    purpose: str
    draft: Rule
    rule: Rule
    wanted_at: datetime | None
    opened_at: datetime | None
    weighed_at: datetime | None
    is_outdated: bool

    @property
    def state(self) -> str:
        """ "draft" (never opened, or closed), "opening" (not weighed yet), "open", or "waiting" (too few)."""
        if self.wanted_at is None:
            return "draft"
        if self.opened_at is not None:
            return "open"
        return "opening" if self.weighed_at is None else "waiting"


_COLUMNS = """SELECT s.id, s.group_id, g.slug, g.name, s.purpose, s.draft, s.rule, s.wanted_at, s.opened_at,
s.weighed_at, s.is_outdated FROM segments s JOIN "groups" g ON g.id = s.group_id"""


def _view(row: Row) -> SegmentView:
    moments = {name: as_time(row[name]) for name in ("wanted_at", "opened_at", "weighed_at")}
    rules = {name: Rule.of(as_json(row[name])) for name in ("draft", "rule")}
    return SegmentView(**{**dict(row), **moments, **rules, "is_outdated": bool(row["is_outdated"])})


async def list_segments() -> list[SegmentView]:
    """All of them, by the names of their groups; at most 500."""
    return [_view(row) for row in await fetch(f"{_COLUMNS} ORDER BY g.name LIMIT 500")]


async def get_segment(slug: str) -> SegmentView:
    """Raises NotFound for groups that no rule fills."""
    row = await fetch_one(f"{_COLUMNS} WHERE g.slug = :slug", {"slug": slug})
    if row is None:
        raise NotFound
    return _view(row)


async def find_segment_of_group(group_id: int) -> SegmentView | None:
    row = await fetch_one(f"{_COLUMNS} WHERE s.group_id = :id", {"id": group_id})
    return _view(row) if row else None


async def make_segment(name: str, *, description: str, purpose: str, by: Viewer) -> None:
    """A closed group, and the segment that will fill it. Raises RuleBroken where there is a group of that name."""
    async with in_transaction():
        group_id = await make_group(name, description=description, access=GroupAccess.CLOSED)
        segment_id = random_id()
        await insert(Segment, id=segment_id, group_id=group_id, purpose=purpose.strip(), draft={}, rule={})
        await log("make_segment", f"segment:{segment_id}", by=by, reason=name)


async def change_purpose(segment: SegmentView, purpose: str, *, by: Viewer) -> None:
    """What the data are used for, in the words that the members of the group read."""
    async with in_transaction():
        await execute(
            "UPDATE segments SET purpose = :purpose WHERE id = :id",
            {"id": segment.id, "purpose": purpose.strip()},
        )
        await log("change_segment", f"segment:{segment.id}", by=by, reason=purpose)


async def _change_draft(segment_id: int, change: Callable[[Rule], Rule]) -> None:
    lock = "FOR UPDATE" if dialect() == "postgresql" else ""
    async with in_transaction():
        row = await fetch_one(f"SELECT draft FROM segments WHERE id = :id {lock}", {"id": segment_id})  # noqa: S608
        if row is None:
            raise NotFound
        rule = change(Rule.of(as_json(row["draft"])))
        await execute(
            "UPDATE segments SET draft = :draft WHERE id = :id",
            {"id": segment_id, "draft": json.dumps(rule.kept())},
        )


async def add_condition(segment: SegmentView, condition: Condition, definition: Definition) -> None:
    """One condition more in the draft; the same one twice is one. Raises RuleBroken."""
    if condition.test not in TESTS_OF[definition.kind]:
        raise RuleBroken(_("This cannot be asked of this attribute."))

    def add(rule: Rule) -> Rule:
        if condition in rule.conditions:
            return rule
        if len(rule.conditions) >= MOST_CONDITIONS:
            raise RuleBroken(_("A rule has %(most)d conditions at most.") % {"most": MOST_CONDITIONS})
        return Rule((*rule.conditions, condition), rule.any_is_enough)

    await _change_draft(segment.id, add)


async def remove_condition(segment: SegmentView, number: int, seen: Condition | None) -> None:
    """Take out the condition that was seen at this place; nothing where another one stands there by now."""

    def remove(rule: Rule) -> Rule:
        kept = tuple(one for place, one in enumerate(rule.conditions) if place != number or one != seen)
        return Rule(kept, rule.any_is_enough)

    await _change_draft(segment.id, remove)


async def choose_match(segment: SegmentView, *, any_is_enough: bool) -> None:
    await _change_draft(segment.id, lambda rule: Rule(rule.conditions, any_is_enough))


async def preview(segment: SegmentView, *, by: Viewer) -> int:
    """About how many people the draft fits, for `shown_count`; 0 where it would not open.

    Asking is written down with the rule: a row of them tells of somebody who looks for a single company.
    """
    words = rule_in_words(segment.draft, await definitions_by_key())
    await log("preview_segment", f"segment:{segment.id}", by=by, reason=words)
    return size_to_show((await take_census([segment.draft])).people_of(0))


async def open_segment(segment: SegmentView, *, by: Viewer) -> None:
    """Put the draft in force. The worker opens the group as soon as enough people of enough companies fit; until it
    has weighed the new rule, nobody is let in by it.
    """
    if not segment.draft.conditions:
        raise RuleBroken(_("A rule needs at least one condition."))
    if not segment.purpose:
        raise RuleBroken(_("Say first what the data are used for: the members of the group will read it."))
    words = rule_in_words(segment.draft, await definitions_by_key())
    async with in_transaction():
        await execute(
            """UPDATE segments SET rule = draft, wanted_at = COALESCE(wanted_at, :now), opened_at = NULL,
            weighed_at = NULL, is_outdated = :yes, swept_to = -1 WHERE id = :id""",
            {"id": segment.id, "now": now(), "yes": True},
        )
        await log("open_segment", f"segment:{segment.id}", by=by, reason=words)


async def close_segment(segment: SegmentView, *, by: Viewer) -> None:
    """Fill the group no longer; whoever the rule has put in is let out within a day, each at a moment of chance."""
    async with in_transaction():
        await execute(
            "UPDATE segments SET wanted_at = NULL, weighed_at = NULL, is_outdated = :yes WHERE id = :id",
            {"id": segment.id, "yes": True},
        )
        await log("close_segment", f"segment:{segment.id}", by=by, reason="")


async def list_left_groups(member_id: int) -> list[tuple[int, str]]:
    """Ids and names of the groups of rules that a member has left, and could come back to."""
    rows = await fetch(
        """SELECT g.id, g.name FROM group_leavings x JOIN "groups" g ON g.id = x.group_id
        JOIN segments s ON s.group_id = g.id WHERE x.member_id = :member ORDER BY g.name LIMIT 100""",
        {"member": member_id},
    )
    return [(row["id"], row["name"]) for row in rows]
