"""The public side of a member: joining, another nickname, choices."""

from __future__ import annotations

import pytest

from community.core.db import in_transaction, is_unique_violation
from community.core.models import OutboxFact, SiteStamp
from community.core.nicknames import nickname_key
from community.members.actions import add_member, choose_language, choose_mode, rename_member
from community.members.models import Member, RetiredNickname
from community.members.queries import is_nickname_taken, list_staff_names
from tests.cast import Cast
from tests.factories import make_member


async def test_a_new_member_is_told_to_the_rest_of_the_system(db: str) -> None:
    member_id = await add_member("Blauer-Otter", language="de", year_joined=2019)
    member = await Member.get(id=member_id)
    assert (member.nickname, member.role, member.year_joined) == ("Blauer-Otter", "customer", 2019)
    assert (member.kudos_count, member.solution_count, member.hides_ranks) == (0, 0, False)
    assert await OutboxFact.filter(name="member.joined", payload={"member_id": member_id}).exists()


@pytest.mark.each_database
async def test_a_nickname_that_looks_like_another_cannot_be_added(db: str) -> None:
    await add_member("Müller")
    with pytest.raises(Exception) as raised:
        async with in_transaction():
            await add_member("MUELLER")
    assert is_unique_violation(raised.value)


async def test_a_new_nickname_retires_the_old_one(db: str) -> None:
    member = await make_member("Blauer-Otter")
    before = (await SiteStamp.get(id=1)).value
    await rename_member(member.id, "Stiller-Bach")
    assert not await RetiredNickname.exists(nickname_key=nickname_key("Blauer-Otter")), "it could be read"
    assert await is_nickname_taken(nickname_key("blauer_otter"))
    assert (await SiteStamp.get(id=1)).value > before
    # Another spelling of the same nickname retires nothing.
    await rename_member(member.id, "stiller_bach")
    assert await RetiredNickname.all().count() == 1
    assert not await is_nickname_taken(nickname_key("Stiller-Bach"), by_others_than=member.id)


async def test_choices_are_kept(db: str) -> None:
    member = await make_member()
    await choose_language(member.id, "de")
    await choose_mode(member.id, "dark")
    kept = await Member.get(id=member.id)
    assert (kept.language, kept.colour_mode) == ("de", "dark")


async def test_names_of_staff_are_listed(cast: Cast) -> None:
    assert set(await list_staff_names()) == {"Jana K.", "Tom B.", "Mia F."}
