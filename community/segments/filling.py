"""Who stands in the groups of segments: weighed as a whole, then everybody is put where they belong.

Whether a group is open is decided over all segments at once (`weigh`): five people of three companies, and the same
again for whatever tells it from each group that was open before it. Then all accounts are looked at (`sweep`), or
those alone of whom something has changed. Whoever a rule ceases to fit loses their place at a moment of chance within
a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from community.accounts.belonging import opened, walk_accounts
from community.companies.rules import random_delay
from community.core.clock import now
from community.core.db import Row, as_json, dialect, execute, fetch, fetch_one, in_transaction, random_id
from community.core.outbox import Fact
from community.groups.queries import beginning_of_week
from community.segments.census import (
    ELIGIBLE,
    Census,
    account_values,
    is_enough,
    list_company_values,
    take_census,
)
from community.segments.models import Subject
from community.segments.rules import Rule

BATCH = 500
STEPS_AT_ONCE = 20
WEIGHED_AGAIN_AFTER = timedelta(minutes=10)
SWEPT_EVERY = timedelta(days=1)
"""Even if nothing has been noticed: what was missed is put right within a day."""


@dataclass(frozen=True, slots=True)
class Filler:
    """A segment as far as filling its group goes."""

    id: int
    group_id: int
    rule: Rule
    is_open: bool


async def _list_fillers(condition: str = "wanted_at IS NOT NULL OR opened_at IS NOT NULL") -> list[Filler]:
    rows = await fetch(
        f"SELECT id, group_id, rule, opened_at FROM segments WHERE {condition} ORDER BY wanted_at, id"  # noqa: S608
    )
    return [_filler(row) for row in rows]


def _filler(row: Row) -> Filler:
    return Filler(row["id"], row["group_id"], Rule.of(as_json(row["rule"])), row["opened_at"] is not None)


# --- which groups are open ----------------------------------------------------------------------------------


async def weigh() -> None:
    """Decide anew which groups are open, in the order in which they were wanted."""
    moment = now()
    await execute("UPDATE segments SET is_outdated = :no, weighed_at = :now", {"no": False, "now": moment})
    wanted = await _list_fillers("wanted_at IS NOT NULL")
    census = await take_census([one.rule for one in wanted])
    may_open = {wanted[number].id: wanted[number].rule for number in open_numbers(census, len(wanted))}
    for one in await _list_fillers():
        if (one.id in may_open) != one.is_open:
            await _turn(one.id, may_open.get(one.id))


def open_numbers(census: Census, count: int) -> list[int]:
    """Which of the rules may fill groups: each by itself, and beside those before it."""
    chosen: list[int] = []
    for number in range(count):
        differences = [
            census.people_of(one, but_not=other)
            for earlier in chosen
            for one, other in ((number, earlier), (earlier, number))
        ]
        if is_enough(census.people_of(number)) and all(not rest or is_enough(rest) for rest in differences):
            chosen.append(number)
    return chosen


async def _turn(segment_id: int, weighed: Rule | None) -> None:
    """Open one by the rule that was weighed, or pause it; the sweep from the first account on lets people in or out.

    While people were counted somebody may have put another rule in force: that one is weighed first.
    """
    lock = "FOR UPDATE" if dialect() == "postgresql" else ""
    async with in_transaction():
        row = await fetch_one(f"SELECT rule FROM segments WHERE id = :id {lock}", {"id": segment_id})  # noqa: S608
        if row is None or (weighed is not None and Rule.of(as_json(row["rule"])) != weighed):
            return
        await execute(
            "UPDATE segments SET opened_at = :opened, swept_to = -1 WHERE id = :id",
            {"id": segment_id, "opened": None if weighed is None else now()},
        )


async def _is_weighing_due() -> bool:
    row = await fetch_one(
        """SELECT 1 AS found FROM segments
        WHERE (is_outdated AND (weighed_at IS NULL OR weighed_at < :before)) OR weighed_at < :long_ago""",
        {"before": now() - WEIGHED_AGAIN_AFTER, "long_ago": now() - SWEPT_EVERY},
    )
    return row is not None


async def tend_segments() -> None:
    """What the worker does every few seconds: weigh if something has changed, go on with what was begun."""
    await end_due_memberships()
    if await _is_weighing_due():
        await _sweep_daily()
        await weigh()
    for _step in range(STEPS_AT_ONCE):
        if not await sweep():
            return


async def _sweep_daily() -> None:
    await execute(
        "UPDATE segments SET swept_to = -1 WHERE swept_to IS NULL AND weighed_at < :long_ago",
        {"long_ago": now() - SWEPT_EVERY},
    )


async def note_change(*, sweep_all: bool = False) -> None:
    """Something has changed that rules ask for. With `sweep_all` for so many that all accounts are looked at."""
    again = ", swept_to = -1" if sweep_all else ""
    await execute(
        f"UPDATE segments SET is_outdated = :yes{again} WHERE wanted_at IS NOT NULL",  # noqa: S608
        {"yes": True},
    )


# --- who stands in them -------------------------------------------------------------------------------------


async def sweep() -> bool:
    """Look at the next accounts for all segments that are furthest behind; whether there was anything to do.

    It goes on where a killed worker stopped; two at once do the same twice, which changes nothing.
    """
    rows = await fetch(
        """SELECT id, group_id, rule, opened_at, swept_to FROM segments
        WHERE swept_to = (SELECT MIN(s.swept_to) FROM segments s) ORDER BY id"""
    )
    if not rows:
        return False
    last = rows[0]["swept_to"]
    accounts = await fetch(
        f"SELECT id FROM vault_accounts WHERE id > :last ORDER BY id LIMIT {BATCH}",  # noqa: S608
        {"last": last},
    )
    await fit_accounts([account["id"] for account in accounts], [_filler(row) for row in rows])
    await execute(
        "UPDATE segments SET swept_to = :next WHERE id IN (:ids) AND swept_to = :last",
        {
            "ids": [row["id"] for row in rows],
            "last": last,
            "next": accounts[-1]["id"] if len(accounts) == BATCH else None,
        },
    )
    return True


async def fit_accounts(
    account_ids: Sequence[int], fillers: Sequence[Filler], *, at_once: bool = False
) -> None:
    """Put these accounts into the groups whose rules fit them, and see those out whom they do not fit any more.

    `at_once`: what takes away has waited for its moment already, or was the person's own wish.
    """
    if not account_ids or not fillers:
        return
    async with in_transaction():
        people = await _load_people(account_ids, fillers)
        stand = await _load_places([person.member_id for person in people], fillers)
        for person in people:
            for filler in fillers:
                is_meant = (
                    filler.is_open and person.is_eligible and filler.rule.fits(person.company, person.own)
                )
                await _settle(person.member_id, filler.group_id, stand, is_meant=is_meant, at_once=at_once)


@dataclass(frozen=True, slots=True)
class _Person:
    member_id: int
    is_eligible: bool
    company: dict
    own: dict


async def _load_people(account_ids: Sequence[int], fillers: Sequence[Filler]) -> list[_Person]:
    # Locked, so that nobody settles the same people by what was known before.
    lock = "FOR NO KEY UPDATE OF a" if dialect() == "postgresql" else ""
    rows = await fetch(
        f"""SELECT a.id, a.member_id, a.belonging_encrypted, CASE WHEN {ELIGIBLE} THEN 1 ELSE 0 END AS is_eligible
        FROM vault_accounts a JOIN members m ON m.id = a.member_id WHERE a.id IN (:ids) ORDER BY a.id {lock}""",  # noqa: S608
        {"ids": list(account_ids)},
    )
    company_of = {row["id"]: opened(row["belonging_encrypted"], row["id"]).company_id for row in rows}
    companies = {company_id for company_id in company_of.values() if company_id is not None}
    keys = frozenset().union(*(filler.rule.keys(Subject.COMPANY) for filler in fillers))
    of_companies = await list_company_values(keys, sorted(companies))
    own = await _load_own_values(account_ids) if any(one.rule.uses_accounts for one in fillers) else {}
    return [
        _Person(
            row["member_id"],
            bool(row["is_eligible"]),
            of_companies.get(company_of[row["id"]], {}),
            own.get(row["id"], {}),
        )
        for row in rows
    ]


async def _load_own_values(account_ids: Sequence[int]) -> dict[int, dict]:
    rows = await fetch(
        "SELECT id, account_id, values_encrypted FROM vault_account_attributes WHERE account_id IN (:ids)",
        {"ids": list(account_ids)},
    )
    return {row["account_id"]: account_values(row["values_encrypted"], row["id"]) for row in rows}


_Places = tuple[dict[tuple[int, int], Row], set[tuple[int, int]]]
"""Memberships by group and member, and who has left which group for good."""


async def _load_places(member_ids: Sequence[int], fillers: Sequence[Filler]) -> _Places:
    given = {"members": list(member_ids), "groups": [filler.group_id for filler in fillers]}
    rows = await fetch(
        """SELECT id, group_id, member_id, by_rule, ends_at FROM memberships
        WHERE member_id IN (:members) AND group_id IN (:groups)""",
        given,
    )
    left = await fetch(
        "SELECT group_id, member_id FROM group_leavings WHERE member_id IN (:members) AND group_id IN (:groups)",
        given,
    )
    return (
        {(row["group_id"], row["member_id"]): row for row in rows},
        {(row["group_id"], row["member_id"]) for row in left},
    )


async def _settle(member_id: int, group_id: int, stand: _Places, *, is_meant: bool, at_once: bool) -> None:
    place, has_left = stand[0].get((group_id, member_id)), (group_id, member_id) in stand[1]
    if place is None:
        if is_meant and not has_left:
            # The week alone: colleagues come together, and their common moment would tell who they are.
            await execute(
                """INSERT INTO memberships (id, group_id, member_id, by_rule, joined_at)
                VALUES (:id, :group_id, :member_id, :yes, :week) ON CONFLICT (group_id, member_id) DO NOTHING""",
                {
                    "id": random_id(),
                    "group_id": group_id,
                    "member_id": member_id,
                    "yes": True,
                    "week": beginning_of_week(),
                },
            )
    elif not place["by_rule"]:
        return
    elif is_meant and place["ends_at"] is not None:
        await _end_at(place["id"], None)
    elif not is_meant and at_once:
        await execute("DELETE FROM memberships WHERE id = :id", {"id": place["id"]})
    elif not is_meant and place["ends_at"] is None:
        await _end_at(place["id"], now() + random_delay())


async def _end_at(membership_id: int, moment: object) -> None:
    await execute("UPDATE memberships SET ends_at = :at WHERE id = :id", {"at": moment, "id": membership_id})


async def end_due_memberships() -> None:
    """Those whose moment has come lose their place."""
    await execute("DELETE FROM memberships WHERE ends_at <= :now", {"now": now()})


# --- what has changed ---------------------------------------------------------------------------------------


async def fit_account_at_once(fact: Fact) -> None:
    """An account has joined a company or parted with one: that moment was chosen already."""
    await fit_accounts([fact["account_id"]], await _list_fillers(), at_once=True)
    await note_change()


async def fit_new_member(fact: Fact) -> None:
    """Somebody has an account now."""
    await fit_member(fact["member_id"])
    await note_change()


async def come_back(member_id: int, group_id: int) -> None:
    """A member wants the rule to decide about them again; the same answer whether or not it fits them."""
    async with in_transaction():
        await execute(
            "DELETE FROM group_leavings WHERE member_id = :member AND group_id = :group",
            {"member": member_id, "group": group_id},
        )
        await fit_member(member_id)


async def fit_member(member_id: int) -> None:
    """Look at one member anew."""
    rows = await fetch("SELECT id FROM vault_accounts WHERE member_id = :id", {"id": member_id})
    await fit_accounts([row["id"] for row in rows], await _list_fillers())


async def fit_changed(fact: Fact) -> None:
    """Attributes of a company or of an account are other ones."""
    if fact["subject"] == Subject.ACCOUNT:
        await fit_accounts([fact["owner_id"]], await _list_fillers())
    else:
        await _fit_company(fact["owner_id"])
    await note_change()


async def fit_changed_company(fact: Fact) -> None:
    """Staff have changed a company, maybe its size."""
    await _fit_company(fact["company_id"])
    await note_change()


async def _fit_company(company_id: int) -> None:
    fillers = await _list_fillers()
    if fillers:
        async for accounts in walk_accounts():
            await fit_accounts([account for account, company in accounts if company == company_id], fillers)


async def weigh_after_erasure(fact: Fact) -> None:
    """Somebody has gone, and their places with them."""
    await note_change()
