"""Whoever gets a copy of the database, and no key, does not find out which nicknames are colleagues, or whose."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from tortoise import Tortoise

from community.accounts import sign_ons, vault
from community.accounts.links import Purpose, token_of
from community.accounts.registration import open_account
from community.accounts.sign_ons import Vouched
from community.companies import invitations, membership, queries
from community.companies.actions import add_company, choose_joining, count_colleagues, give_domain
from community.companies.membership import Person, get_person, join_company
from community.companies.models import Invitation
from community.companies.rules import JoiningBy, domain_address
from community.core.clock import now
from community.core.db import APP, as_time, fetch, in_transaction
from community.members.actions import add_member
from community.segments.attributes import enter_company_attributes, set_company_attributes
from community.segments.filling import tend_segments
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.databases import Kind
from tests.factories import make_account, make_company, make_member
from tests.segments.parts import define, is_in, make_segment, members_of, staff_of

LONG = "Gemeinnützige Gesellschaft für die Versorgung des oberen und des unteren Landes mit Wasser und Wärme"
COMPANIES = {
    LONG: "versorgung-des-oberen-und-des-unteren-landes-mit-wasser.example",
    "Acme": "acme.example",
    "Bravo AG": "bravo.example",
    "Carla": "carla.example",
}
WAYS = ("decided", "invited", "code", "asked", "off-boarded")
TOGETHER = timedelta(seconds=20)
"""So near two moments would be one event, to whoever looks for it."""


@dataclass
class Town:
    """The companies by number, and whose accounts and nicknames are whose."""

    people: dict[int, list[Person]] = field(default_factory=lambda: defaultdict(list))
    members: dict[int, int] = field(default_factory=dict)

    @property
    def company_of(self) -> dict[int, int]:
        return {one.account_id: company for company, people in self.people.items() for one in people}


async def _come(town: Town, company_id: int, name: str, way: str) -> None:
    """Somebody of this company has an account, and belongs to the company in this way."""
    mail = f"{way}@{COMPANIES[name]}"
    async with in_transaction():
        member_id = await add_member(f"Otter-{len(town.members)}")
        account_id = await open_account(
            member_id, mail=mail, password_hash="", real_name="Kim Lee", stated_company=name
        )
    await sign_ons.link(member_id, Vouched("https://log-in.example", f"{account_id}", company=name))
    town.members[account_id] = member_id
    person = await get_person(member_id)
    if way == "decided":
        await join_company(account_id, company_id, as_administrator=True)
    else:
        boss = await get_person(town.members[town.people[company_id][0].account_id])
        await _be_let_in(company_id, person, boss, way)
    town.people[company_id].append(person)


async def _be_let_in(company_id: int, person: Person, boss: Person, way: str) -> None:
    if way == "invited":
        known = {row.id for row in await Invitation.all()}
        await invitations.invite_by_mail(company_id, person.mail, by=boss, language="en")
        (row,) = [row for row in await Invitation.all() if row.id not in known]
        await invitations.accept_invitation(token_of(Purpose.COMPANY_INVITATION, row.nonce), person)
    elif way == "code":
        await invitations.make_code(company_id, by=boss, uses=5, lasts=timedelta(days=60))
        code = next(one.code for one in await invitations.list_own_invitations(boss) if one.code)
        await invitations.use_code(code, person)
    else:
        row = (await fetch("SELECT member_id FROM vault_accounts WHERE id = :id", {"id": person.account_id}))[
            0
        ]
        await membership.join_by_domain(row["member_id"])
        (waiting,) = await queries.list_waiting(company_id)
        await membership.approve(company_id, waiting.id)


async def _live(cast: Cast, engine: SearchEngine) -> Town:
    """Colleagues come in every way, at times of their own; staff and companies do what is written down of them."""
    town, staff = Town(), await staff_of(cast)
    monday = (now() + timedelta(days=7 - now().weekday())).replace(hour=1)
    await define(staff)
    with time_machine.travel(monday):
        ids = {}
        for name, domain in COMPANIES.items():
            ids[name] = await add_company(name)
            await give_domain(ids[name], domain_address(domain))
            await choose_joining(ids[name], JoiningBy.APPROVAL)
            industry = "trade" if name == LONG else "health"
            await set_company_attributes(ids[name], {"industry": industry}, "staff")
        await deliver(engine)
    for number, way in enumerate(WAYS):
        for place, name in enumerate(ids):
            with time_machine.travel(monday + timedelta(hours=2 + 4 * number, minutes=10 * place)):
                await _come(town, ids[name], name, way)
        with time_machine.travel(monday + timedelta(hours=3 + 4 * number)):
            await deliver(engine)
    with time_machine.travel(monday + timedelta(days=3)):
        await deliver(engine)
        segment = await make_segment("Hospitals", staff, is_in("health"))
        assert len(await members_of(segment)) == 15
    with time_machine.travel(monday + timedelta(days=3, hours=5)):
        await enter_company_attributes(ids[LONG], {"industry": "health"}, by=staff)
        await deliver(engine)
        await tend_segments()
        assert len(await members_of(segment)) == 20, "all of them at once"
    with time_machine.travel(monday + timedelta(days=4)):
        await membership.offboard(ids[LONG], f"off-boarded@{COMPANIES[LONG]}", language="en", at_once=True)
        await deliver(engine)
        gone = town.people[ids[LONG]].pop()
        assert (await get_person(town.members[gone.account_id])).company_id is None
    with time_machine.travel(monday + timedelta(days=5)):
        await deliver(engine)
        await count_colleagues()
    return town


# --- what whoever has a copy sees -----------------------------------------------------------------------------

Row = Mapping[str, Any]
_NUMBER = re.compile(r"\b\d{9,16}\b")


async def _copy() -> dict[str, Sequence[Row]]:
    """Every row of every table."""
    tables = sorted(model._meta.db_table for model in Tortoise.apps[APP].values())  # type: ignore[union-attr]
    return {table: await fetch(f'SELECT * FROM "{table}"') for table in tables}


def _numbers_in(row: Row) -> set[int]:
    """Every number of a row that could be an id, also inside of texts."""
    return {int(found) for value in dict(row).values() for found in _NUMBER.findall(str(value))}


def _rows_of_accounts(copy: Mapping[str, Sequence[Row]], town: Town) -> Iterator[tuple[int, str, Row]]:
    """Rows that name an account, its nickname, or a row of the vault that does (a session, a sign-on …)."""
    names = {number: account for account, member in town.members.items() for number in (account, member)}
    for table, rows in copy.items():
        for row in rows:
            own = {names[number] for number in _numbers_in(row) if number in names}
            if len(own) == 1 and table.startswith("vault_"):
                names.setdefault(row["id"], next(iter(own)))
    for table, rows in copy.items():
        for row in rows:
            for account in {names[number] for number in _numbers_in(row) if number in names}:
                yield account, table, row


def _moment_of(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return as_time(value)
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d \d\d:", value):
        return as_time(value)
    return None


def _marks(row: Row) -> Iterator[tuple[str, object]]:
    """What two rows could have in common: values, lengths, and moments that are almost the same."""
    for column, value in dict(row).items():
        moment = _moment_of(value)
        if moment is not None:
            part = int(moment.timestamp() / TOGETHER.total_seconds())
            yield from ((f"{column} about", near) for near in (part, part + 1))
        elif value is not None:
            yield column, value
            if isinstance(value, str):
                yield f"{column} length", len(_NUMBER.sub("#", value))


def _groups_found(copy: Mapping[str, Sequence[Row]], town: Town) -> list[tuple[str, str, object]]:
    """Marks that several colleagues bear and nobody else does."""
    bearers: dict[tuple[str, str, object], set[int]] = defaultdict(set)
    for account, table, row in _rows_of_accounts(copy, town):
        for column, value in _marks(row):
            bearers[table, column, str(value)].add(account)
    company_of = town.company_of
    return [
        mark
        for mark, accounts in bearers.items()
        if len(accounts) > 1 and len({company_of.get(account, account) for account in accounts}) == 1
    ]


def _links_found(copy: Mapping[str, Sequence[Row]], town: Town) -> list[tuple[str, Row]]:
    """Rows that name an account and a company, or something that belongs to one."""
    named = set(town.people)
    for rows in copy.values():
        named |= {row["id"] for row in rows if "company_id" in dict(row) and row["company_id"] in town.people}
    return [
        (table, row) for _account, table, row in _rows_of_accounts(copy, town) if named & _numbers_in(row)
    ]


def _common_moments_found(copy: Mapping[str, Sequence[Row]], town: Town) -> list[tuple[str, str]]:
    """Columns in which something stands of an account that happened together with something of a company."""
    events = {
        moment
        for rows in copy.values()
        for row in rows
        if set(town.people) & _numbers_in(row)
        for value in dict(row).values()
        if (moment := _moment_of(value)) is not None
    }
    return [
        (table, column)
        for _account, table, row in _rows_of_accounts(copy, town)
        for column, value in dict(row).items()
        if (moment := _moment_of(value)) is not None
        and any(abs(moment - event) < TOGETHER for event in events)
    ]


@pytest.mark.each_database
async def test_a_copy_without_the_key_does_not_tell_who_are_colleagues(
    db: Kind, cast: Cast, search_engine: SearchEngine
) -> None:
    town = await _live(cast, search_engine)
    copy = await _copy()
    found = {account for account, _table, _row in _rows_of_accounts(copy, town)}
    assert found == set(town.members), "they are in the copy"
    assert any(set(town.people) & _numbers_in(row) for row in copy["moderation_log"]), "and so are companies"
    assert _links_found(copy, town) == []
    assert _groups_found(copy, town) == []
    assert _common_moments_found(copy, town) == []


async def test_the_attack_finds_what_is_there(db: Kind) -> None:
    town, moment = Town(), now()
    for _number in range(2):
        company = await make_company("Acme")
        for _colleague in range(3):
            account = await make_account(await make_member(), company=company)
            town.members[account.id] = account.member_id
            town.people[company.id].append(Person(account.id, "", company.id, is_administrator=False))
    company_id, people = next(iter(town.people.items()))
    colleagues = {person.account_id for person in people}

    async def with_column(column: str, value_of: Callable[[int], object]) -> dict[str, Sequence[Row]]:
        copy = await _copy()
        rows = [{**dict(row), column: value_of(row["id"])} for row in copy["vault_accounts"]]
        return {**copy, "vault_accounts": rows}

    assert _links_found(
        await with_column("company_id", lambda one: company_id if one in colleagues else None), town
    )
    hashed = await with_column("company_hash", lambda one: "a" if one in colleagues else f"x{one}")
    assert _groups_found(hashed, town)
    longer = await with_column("said", lambda one: ("y" * 200 if one in colleagues else "") + f"{one:017}")
    assert _groups_found(longer, town)
    together = await with_column(
        "joined_at",
        lambda one: (
            moment if one in colleagues else moment - timedelta(days=list(town.members).index(one) + 1)
        ),
    )
    assert [mark for mark in _groups_found(together, town) if mark[1] == "joined_at about"]
    assert _common_moments_found(together, town)


def test_lengths_of_what_lies_beside_accounts_are_the_same() -> None:
    for place in vault.LEAST_BYTES:
        lengths = {len(vault.seal("ü" * count, place, 1)) for count in (1, 40, 120)}
        assert len(lengths) == 1, place
