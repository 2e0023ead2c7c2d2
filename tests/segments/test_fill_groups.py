"""Segments let in whom their rules fit, open only where nobody stands out, and see people out unnoticed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from community.accounts.belonging import count_by_company
from community.accounts.models import Account
from community.companies.membership import join_company, leave_company
from community.core.clock import now
from community.core.db.connection import Dialect
from community.core.models import OutboxFact
from community.groups.actions import add_member, remove_member
from community.groups.models import Membership
from community.segments import filling, imports, segments
from community.segments.actions import AttributeWish, make_attribute, remove_attribute
from community.segments.attributes import (
    get_company_values,
    list_own_values,
    set_account_attributes,
    set_company_attributes,
)
from community.segments.census import Census, take_census
from community.segments.definitions import get_definition
from community.segments.filling import come_back, note_change, tend_segments, weigh
from community.segments.models import Kind, Segment, Subject
from community.segments.rules import Condition, Rule, Test
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.factories import make_account, make_member
from tests.segments.parts import (
    a_day_later,
    account_of,
    define,
    is_in,
    make_firm,
    make_segment,
    members_of,
    staff_of,
)


async def three_firms(industry: str = "health", people: int = 2) -> list[int]:
    """Ids of the people of three companies of an industry."""
    made = [await make_firm(f"{industry} {number}", people, industry=industry) for number in range(3)]
    return [member.id for _company, members in made for member in members]


@pytest.mark.each_database
async def test_a_rule_fills_its_group(db: Dialect, cast: Cast) -> None:
    staff = await staff_of(cast)
    await define(staff)
    meant = await three_firms()
    await three_firms("trade")
    segment = await make_segment("Hospitals", staff, is_in("health"))
    assert segment.state == "open"
    assert await members_of(segment) == set(meant)
    rows = await Membership.filter(group_id=segment.group_id)
    assert all(row.by_rule and not row.came_openly for row in rows)


@pytest.mark.each_database
@pytest.mark.parametrize("people", [(4, 1), (1, 1, 1, 1), (9,), (2, 2)])
async def test_a_group_stays_shut_below_five_people_of_three_companies(
    db: Dialect, cast: Cast, people: tuple[int, ...]
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    firms = [await make_firm(f"Firm {n}", count, industry="health") for n, count in enumerate(people)]
    segment = await make_segment("Hospitals", staff, is_in("health"))
    assert segment.state == "waiting"
    assert await members_of(segment) == set()
    # As soon as there are enough, it opens by itself.
    await make_firm("One more", 5, industry="health")
    await make_firm("And another", 1, industry="health")
    await make_firm("And a third", 1, industry="health")
    await Segment.filter(id=segment.id).update(weighed_at=now() - timedelta(hours=1))
    await note_change()
    await tend_segments()
    segment = await segments.get_segment(segment.slug)
    assert segment.state == "open"
    assert len(await members_of(segment)) == sum(len(members) for _company, members in firms) + 7


async def test_a_rule_that_differs_from_an_open_one_by_one_company_stays_shut(
    db: Dialect, cast: Cast
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    await three_firms()
    await make_firm("The one", 7, industry="health", region="Nord")
    wide = await make_segment("Hospitals", staff, is_in("health"))
    not_the_one = Condition(Subject.COMPANY, "size_class", Test.IS_NOT, ("large",))
    for name, *conditions in (
        ("Without", is_in("health"), Condition(Subject.COMPANY, "region", Test.IS_NOT, ("Nord",))),
        ("Only", Condition(Subject.COMPANY, "region", Test.IS, ("Nord",))),
    ):
        narrow = await make_segment(name, staff, *conditions)
        assert narrow.state == "waiting", name
    assert wide.state == "open"
    assert not_the_one.fits({}) is False, "what is not known lets nobody in"
    # All but the one, by a value that everybody has.
    for row in await segments.list_segments():
        assert row.state == ("open" if row.name == "Hospitals" else "waiting")


async def test_two_rules_for_the_same_people_are_both_open(db: Dialect, cast: Cast) -> None:
    staff = await staff_of(cast)
    await define(staff)
    meant = await three_firms()
    one = await make_segment("Hospitals", staff, is_in("health"))
    same = await make_segment("The same", staff, is_in("health"), is_in("trade"), any_is_enough=True)
    assert [one.state, same.state] == ["open", "open"]
    assert await members_of(one) == await members_of(same) == set(meant)


@pytest.mark.each_database
async def test_whoever_a_rule_ceases_to_fit_is_seen_out_at_a_moment_of_chance(
    db: Dialect, cast: Cast, search_engine: SearchEngine
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    meant = await three_firms()
    company, people = await make_firm("Leaving", 20, industry="health")
    segment = await make_segment("Hospitals", staff, is_in("health"))
    gone = {person.id for person in people}
    assert await members_of(segment) == set(meant) | gone

    await set_company_attributes(company.id, {"industry": "Handel"}, "import")
    await deliver(search_engine)
    assert await members_of(segment) == set(meant) | gone, "nothing is seen at once"
    ends = [row.ends_at for row in await Membership.filter(member_id__in=gone)]
    assert all(moment is not None and now() <= moment < now() + timedelta(hours=24) for moment in ends)
    assert len({moment for moment in ends if moment}) > 15, "each at another moment"

    await set_company_attributes(company.id, {"industry": "health"}, "import")
    await deliver(search_engine)
    await a_day_later()
    assert await members_of(segment) == set(meant) | gone, "what fits again stays"

    await set_company_attributes(company.id, {"industry": None}, "import")
    await deliver(search_engine)
    await a_day_later()
    assert await members_of(segment) == set(meant)


@pytest.mark.each_database
async def test_joining_and_leaving_a_company_counts_at_once(
    db: Dialect, cast: Cast, search_engine: SearchEngine
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    meant = await three_firms()
    company, _people = await make_firm("Bigger", 3, industry="health")
    segment = await make_segment("Hospitals", staff, is_in("health"))
    before = await members_of(segment)
    person = await make_member()
    await make_account(person)
    await join_company((await account_of(person)).id, company.id)
    await deliver(search_engine)
    assert await members_of(segment) == before | {person.id}
    await leave_company(person.id)
    await deliver(search_engine)
    assert await members_of(segment) == before > set(meant)


async def test_attributes_of_a_person_count_beside_those_of_the_company(
    db: Dialect, cast: Cast, search_engine: SearchEngine
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    firms = [await make_firm(f"Firm {n}", 3, industry="health") for n in range(3)]
    buyers = {member.id for _company, members in firms for member in members[:2]}
    for member_id in buyers:
        account = await Account.get(member_id=member_id)
        assert await set_account_attributes(account.id, {"role": "Einkauf"}, "sign_on") == []
    segment = await make_segment(
        "Buyers", staff, is_in("health"), Condition(Subject.ACCOUNT, "role", Test.IS, ("einkauf",))
    )
    assert await members_of(segment) == buyers
    one = await Account.get(member_id=min(buyers))
    await set_account_attributes(one.id, {"role": "Technik"}, "sign_on")
    await deliver(search_engine)
    assert await members_of(segment) == buyers
    await a_day_later()
    assert await members_of(segment) == buyers - {one.member_id}


async def test_a_group_that_gets_too_small_is_left_by_everybody(
    db: Dialect, cast: Cast, search_engine: SearchEngine
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    await three_firms()
    segment = await make_segment("Hospitals", staff, is_in("health"))
    invited = await make_member()
    await add_member(segment.group_id, invited.id)
    company_id = next(company for company in await count_by_company() if company is not None)
    await set_company_attributes(company_id, {"industry": "trade"}, "import")
    await deliver(search_engine)
    await Segment.all().update(weighed_at=now() - timedelta(hours=1))
    await tend_segments()
    assert (await segments.get_segment("hospitals")).state == "waiting"
    await a_day_later()
    assert await members_of(segment) == {invited.id}, "whom somebody let in stays"
    await set_company_attributes(company_id, {"industry": "health"}, "import")
    await deliver(search_engine)
    await Segment.all().update(weighed_at=now() - timedelta(hours=1))
    await tend_segments()
    assert len(await members_of(segment)) == 7


async def test_whoever_leaves_is_not_brought_back_unless_they_want_it(db: Dialect, cast: Cast) -> None:
    staff = await staff_of(cast)
    await define(staff)
    meant = await three_firms()
    segment = await make_segment("Hospitals", staff, is_in("health"))
    await remove_member(segment.group_id, meant[0])
    await Segment.all().update(swept_to=-1)
    await tend_segments()
    assert await members_of(segment) == set(meant[1:])
    assert await segments.list_left_groups(meant[0]) == [(segment.group_id, "Hospitals")]
    await come_back(meant[0], segment.group_id)
    assert await members_of(segment) == set(meant)
    await come_back(cast.outsider.id, segment.group_id)
    assert await members_of(segment) == set(meant), "wanting is not enough"


async def test_staff_are_put_into_no_group(db: Dialect, cast: Cast) -> None:
    staff = await staff_of(cast)
    await define(staff)
    meant = await three_firms()
    company, _people = await make_firm("With staff", 1, industry="health")
    await make_account(cast.moderator, company=company)
    segment = await make_segment("Hospitals", staff, is_in("health"))
    assert cast.moderator.id not in await members_of(segment)
    assert len(await members_of(segment)) == len(meant) + 1


async def test_closing_lets_everybody_out_and_weighing_again_changes_nothing(db: Dialect, cast: Cast) -> None:
    staff = await staff_of(cast)
    await define(staff)
    await three_firms()
    segment = await make_segment("Hospitals", staff, is_in("health"))
    opened = (await Segment.get(id=segment.id)).opened_at
    await weigh()
    await tend_segments()
    assert (await Segment.get(id=segment.id)).opened_at == opened
    await segments.close_segment(segment, by=staff)
    await tend_segments()
    await a_day_later()
    assert await members_of(segment) == set()


async def test_a_new_rule_lets_nobody_in_before_it_is_weighed(db: Dialect, cast: Cast) -> None:
    staff = await staff_of(cast)
    await define(staff)
    await three_firms()
    _company, alone = await make_firm("Alone", 6, industry="craft")
    segment = await make_segment("Hospitals", staff, is_in("health"))
    await segments.remove_condition(segment, 0, is_in("health"))
    await segments.add_condition(segment, is_in("craft"), await get_definition("industry"))
    await segments.open_segment(await segments.get_segment(segment.slug), by=staff)
    await tend_segments()
    await a_day_later()
    assert await members_of(segment) & {member.id for member in alone} == set()
    assert (await segments.get_segment(segment.slug)).state == "waiting"


@pytest.mark.each_database
async def test_a_rule_put_in_force_while_people_are_counted_is_weighed_first(
    db: Dialect, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    await three_firms()
    _company, alone = await make_firm("Alone", 6, industry="craft")
    segment = await make_segment("Hospitals", staff, is_in("health"), is_open=False)
    await segments.open_segment(segment, by=staff)

    async def count_slowly(rules: Sequence[Rule]) -> Census:
        census = await take_census(rules)
        await segments.remove_condition(segment, 0, is_in("health"))
        await segments.add_condition(segment, is_in("craft"), await get_definition("industry"))
        await segments.open_segment(await segments.get_segment(segment.slug), by=staff)
        return census

    monkeypatch.setattr(filling, "take_census", count_slowly)
    await weigh()
    monkeypatch.undo()
    assert (await segments.get_segment(segment.slug)).state == "opening"
    await tend_segments()
    assert await members_of(segment) & {member.id for member in alone} == set()
    assert (await segments.get_segment(segment.slug)).state == "waiting"


async def test_values_of_an_attribute_that_was_made_anew_as_another_kind_stop_nothing(
    db: Dialect, cast: Cast
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    company, people = await make_firm("Old", 1, region="Nord", markets=["health", "trade"])
    report, changes = await imports.read_file(f"company_id;Region\n{company.id};Süd\n".encode())
    import_id = await imports.keep(report, changes, made_by=staff.id)
    for key in ("region", "markets"):
        await remove_attribute(await get_definition(key), by=staff)
        wish = AttributeWish(key, key)
        await make_attribute(key, wish, subject=Subject.COMPANY, kind=Kind.NUMBER, by=staff)
    await three_firms()
    at_least = [Condition(Subject.COMPANY, key, Test.AT_LEAST, ("1",)) for key in ("region", "markets")]
    segment = await make_segment("Hospitals", staff, is_in("health"), *at_least, any_is_enough=True)
    assert segment.state == "open"
    assert people[0].id not in await members_of(segment)
    shown = {
        own.definition.key: own.definition.shown(own.value) for own in await list_own_values(people[0].id)
    }
    assert shown == {"region": "Nord", "markets": "health, trade"}
    # And an import that was read before brings in nothing that cannot be any more.
    await imports.confirm(import_id, by=staff)
    await imports.carry_on_imports()
    assert (await get_company_values(company.id))["region"] == ("Nord", "import")


async def test_facts_name_nobody(db: Dialect, cast: Cast) -> None:
    staff = await staff_of(cast)
    await define(staff)
    await make_firm("Qxzfirm", 1, industry="health", region="Qxzregion")
    payloads = [fact.payload for fact in await OutboxFact.filter(name="attributes.changed")]
    assert payloads
    assert "Qxz" not in str(payloads)
