"""Companies with attributes and people, and segments over them, for tests."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from community.accounts.models import Account
from community.companies.models import Company
from community.core.clock import now
from community.core.viewer import Viewer
from community.groups.models import Membership
from community.members.models import Member
from community.segments import segments
from community.segments.actions import AttributeWish, make_attribute
from community.segments.attributes import set_company_attributes
from community.segments.definitions import get_definition
from community.segments.filling import tend_segments
from community.segments.models import Kind, Subject
from community.segments.rules import Condition, Test
from community.segments.segments import SegmentView
from tests.cast import Cast
from tests.factories import make_account, make_company, make_member, viewer_for

INDUSTRIES = (
    ("health", "Gesundheit", "Health"),
    ("trade", "Handel", "Trade"),
    ("craft", "Handwerk", "Craft"),
)


async def staff_of(cast: Cast) -> Viewer:
    return await viewer_for(cast.administrator)


async def define(by: Viewer) -> None:
    """One attribute of each kind."""

    async def make(key: str, german: str, english: str, kind: Kind, **more: object) -> None:
        subject = Subject.ACCOUNT if key == "role" else Subject.COMPANY
        choices = INDUSTRIES if kind in (Kind.CHOICE, Kind.CHOICES) else ()
        await make_attribute(key, AttributeWish(german, english, choices), subject=subject, kind=kind, by=by)

    await make("industry", "Branche", "Industry", Kind.CHOICE)
    await make("markets", "Märkte", "Markets", Kind.CHOICES)
    await make("sites", "Standorte", "Sites", Kind.NUMBER)
    await make("framework", "Rahmenvertrag", "Framework contract", Kind.YES_NO)
    await make("region", "Region", "Region", Kind.TEXT)
    await make("role", "Aufgabe", "Role", Kind.TEXT)


async def make_firm(name: str, people: int, **values: object) -> tuple[Company, list[Member]]:
    """A company of which this is known, with so many people."""
    company = await make_company(name)
    assert await set_company_attributes(company.id, values, "import") == []
    members = [await make_member() for _number in range(people)]
    for member in members:
        await make_account(member, company=company)
    return company, members


async def make_segment(
    name: str, by: Viewer, *conditions: Condition, any_is_enough: bool = False, is_open: bool = True
) -> SegmentView:
    """A segment with this rule, and everything done that the worker does for it."""
    await segments.make_segment(name, description="", purpose="To tell you what is new.", by=by)
    slug = name.lower().replace(" ", "-")
    segment = await segments.get_segment(slug)
    for condition in conditions:
        await segments.add_condition(segment, condition, await get_definition(condition.key))
    await segments.choose_match(segment, any_is_enough=any_is_enough)
    if is_open:
        await segments.open_segment(await segments.get_segment(slug), by=by)
        await tend_segments()
    return await segments.get_segment(slug)


def is_in(industry: str) -> Condition:
    return Condition(Subject.COMPANY, "industry", Test.IS, (industry,))


async def members_of(segment: SegmentView) -> set[int]:
    """Who reads what the group reads now."""
    rows = await Membership.filter(group_id=segment.group_id)
    return {row.member_id for row in rows}  # type: ignore[attr-defined]


async def a_day_later() -> None:
    """What takes effect at a random moment within 24 hours has taken effect then."""
    with time_machine.travel(now() + timedelta(hours=25)):
        await tend_segments()


async def account_of(member: Member) -> Account:
    return await Account.get(member_id=member.id)
