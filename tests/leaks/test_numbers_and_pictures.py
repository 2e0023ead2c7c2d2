"""Numbers and pictures say nothing: no order of registration, nothing drawn from who somebody is."""

from __future__ import annotations

import inspect
from itertools import pairwise

import pytest
from tortoise import Tortoise, fields

from community.core.db import APP, random_id
from community.members.actions import add_member
from community.members.models import Member
from community.web.parts import picture
from tests.databases import Kind
from tests.factories import make_account, make_member
from tests.fixtures import Visit

PEOPLE = 60


def rises(numbers: list[int]) -> float:
    """The share of neighbours that rise: one for a counter, about a half for chance."""
    return sum(a < b for a, b in pairwise(numbers)) / (len(numbers) - 1)


async def test_numbers_of_members_and_accounts_do_not_follow_their_order(db: Kind) -> None:
    members, accounts = [], []
    for number in range(PEOPLE):
        member = await Member.get(id=await add_member(f"Otter-{number}"))
        members.append(member)
        accounts.append(await make_account(member))
    for numbers in ([m.id for m in members], [a.id for a in accounts], [m.seed for m in members]):
        assert len(set(numbers)) == PEOPLE
        # Of fair coins, 59 give less than 15 or more than 44 once in 17,000 times.
        assert 0.25 < rises(numbers) < 0.75
        assert max(numbers) > 2**51, "they are drawn from all of the range"
    shared = {m.id for m in members} & {a.id for a in accounts}
    assert not shared and not {m.id for m in members} & {m.seed for m in members}


async def test_no_table_about_people_counts_its_rows(db: Kind) -> None:
    """A number that grows with each row tells how many came before."""
    about_people = {
        "members",
        "memberships",
        "threads",
        "posts",
        "groups",
        "spaces",
        "notifications",
        "flags",
    }
    counted = {m._meta.db_table for m in Tortoise.apps[APP].values() if m._meta.pk.generated}  # type: ignore[union-attr]
    assert not {table for table in counted if table in about_people or table.startswith("vault_")}
    assert counted, "others do, and are not mistaken for them"


async def test_a_member_shows_the_year_and_no_other_time(db: Kind) -> None:
    times = [name for name, one in Member._meta.fields_map.items() if isinstance(one, fields.DatetimeField)]
    assert times == ["erased_at"], "when somebody came is the vault's"


@pytest.mark.parametrize("nickname", ["Otter", "Linde"])
async def test_the_picture_hangs_on_the_seed_alone(db: Kind, visit: Visit, nickname: str) -> None:
    member = await make_member(nickname, seed=904_815)
    await make_account(member, mail=f"{nickname}@post.example", real_name=f"{nickname} Muster")
    page = (await (await visit()).get(f"/members/{nickname}")).text
    assert str(picture(904_815)) in page, "nothing but the number goes into it"
    assert list(inspect.signature(picture).parameters) == ["seed"]
    assert len({picture(random_id()) for _number in range(PEOPLE)}) > PEOPLE / 2


async def test_the_seed_is_chance(db: Kind) -> None:
    """The same nickname, erased and registered anew elsewhere, has another picture."""
    seeds = {(await Member.get(id=await add_member(f"Otter-{number}"))).seed for number in range(20)}
    assert len(seeds) == 20
