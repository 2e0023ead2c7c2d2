"""Rankings say who helped, for each space and for what everybody may read, in each period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from community.core.clock import now
from community.kudos.actions import give_kudos
from community.kudos.models import Kudos
from community.ranks import points
from community.ranks.actions import recompute_standings
from community.ranks.queries import list_standings
from community.spaces.models import SpaceAccess
from community.threads.marks import accept_solution
from community.threads.models import Solution
from tests.factories import make_answer, make_group, make_member, make_space, make_thread, viewer_for

pytestmark = pytest.mark.each_database


async def settle() -> None:
    await points.recount()
    await recompute_standings()


async def ranking(reader, **chosen) -> list[tuple[str, int, int]]:
    lines = await list_standings(await viewer_for(reader), **chosen)
    return [(line.author.nickname, line.solution_count, line.kudos_count) for line in lines]


async def test_a_solution_counts_as_five_kudos_and_exclusive_spaces_count_for_their_readers(db: str) -> None:
    asker, anna, berta = [await make_member(name) for name in ("asker", "anna", "berta")]
    group = await make_group(members=(asker, berta))
    open_space = await make_space()
    closed_space = await make_space(access=SpaceAccess.EXCLUSIVE, groups=(group,))
    thread = await make_thread(open_space, asker)
    await accept_solution((await make_answer(thread, anna)).id, by=asker.id)
    thanked = await make_answer(thread, berta)
    await give_kudos(thanked.id, by=asker.id)
    inside = await make_answer(await make_thread(closed_space, asker), berta)
    await accept_solution(inside.id, by=asker.id)
    await give_kudos(inside.id, by=asker.id)
    await settle()
    assert await ranking(asker) == [("anna", 1, 0), ("berta", 0, 1)]
    assert await ranking(asker, space_id=open_space.id) == [("anna", 1, 0), ("berta", 0, 1)]
    assert await ranking(asker, space_id=closed_space.id) == [("berta", 1, 1)]


async def test_a_period_counts_what_was_given_in_it_and_nothing_hidden(db: str) -> None:
    asker, anna = await make_member(), await make_member("anna")
    thread = await make_thread(await make_space(), asker)
    old, recent = await make_answer(thread, anna), await make_answer(thread, anna)
    await give_kudos(old.id, by=asker.id)
    await Kudos.filter(post_id=old.id).update(given_at=now() - timedelta(days=60))
    await give_kudos(recent.id, by=asker.id)
    await settle()
    assert await ranking(asker, days=30) == [("anna", 0, 1)]
    assert await ranking(asker, days=90) == [("anna", 0, 2)]
    recent.hidden_at = now()
    await recent.save(update_fields=["hidden_at"])
    await settle()
    assert await ranking(asker, days=30) == []
    assert await ranking(asker, days=0) == [("anna", 0, 1)]


MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("moment", [MIDNIGHT, datetime(2026, 11, 28, 12, 30, 15, 250_000, tzinfo=UTC)])
async def test_a_fact_counts_until_it_is_exactly_so_many_days_old(
    db: str, monkeypatch: pytest.MonkeyPatch, moment: datetime
) -> None:
    asker, thread = await make_member("asker"), None
    space, instant = await make_space(), timedelta(microseconds=1)
    for name, age in (("within", -instant), ("exactly", timedelta(0)), ("beyond", instant)):
        for days in (30, 90, 365):
            helper = await make_member(f"{name}{days}")
            thread = await make_thread(space, asker)
            thanked, solving = await make_answer(thread, helper), await make_answer(thread, helper)
            at = moment - timedelta(days=days) - age
            await give_kudos(thanked.id, by=asker.id)
            await accept_solution(solving.id, by=asker.id)
            await Kudos.filter(post_id=thanked.id).update(given_at=at)
            await Solution.filter(post_id=solving.id).update(accepted_at=at)
    await points.recount()
    monkeypatch.setattr("community.ranks.actions.now", lambda: moment)
    await recompute_standings()
    everybody = {f"{name}{days}" for name in ("within", "exactly", "beyond") for days in (30, 90, 365)}
    for days in (30, 90, 365):
        too_old = {
            f"{name}{other}" for name in ("within", "exactly") for other in (30, 90, 365) if other > days
        }
        too_old |= {f"beyond{other}" for other in (30, 90, 365) if other >= days}
        for space_id in (0, space.id):
            lines = await ranking(asker, days=days, space_id=space_id)
            assert {line[0] for line in lines} == everybody - too_old
            assert {line[1:] for line in lines} == {(1, 1)}
    assert {line[0] for line in await ranking(asker, days=0)} == everybody


async def test_equal_points_stand_by_solutions_then_by_name_and_nobodys_place_tells_of_those_who_hide(
    db: str,
) -> None:
    asker, anna, berta, clara = [await make_member(name) for name in ("asker", "anna", "berta", "clara")]
    givers = [await make_member() for _number in range(5)]
    space = await make_space()
    for helper in (clara, berta):
        thanked = await make_answer(await make_thread(space, asker), helper)
        for giver in givers:
            await give_kudos(thanked.id, by=giver.id)
    await accept_solution((await make_answer(await make_thread(space, asker), anna)).id, by=asker.id)
    await settle()
    assert [name for name, *_figures in await ranking(asker)] == ["anna", "berta", "clara"]
    anna.hides_ranks = True
    await anna.save(update_fields=["hides_ranks"])
    lines = await list_standings(await viewer_for(asker))
    assert [(line.position, line.author.nickname, line.points) for line in lines] == [
        (1, "berta", 5),
        (2, "clara", 5),
    ]


async def test_staff_are_listed_apart_from_the_moment_they_are_staff(db: str) -> None:
    asker, anna = await make_member("asker"), await make_member("anna")
    await accept_solution(
        (await make_answer(await make_thread(await make_space(), asker), anna)).id, by=asker.id
    )
    await settle()
    anna.role = "moderator"
    await anna.save(update_fields=["role"])
    assert await ranking(asker) == []
    await recompute_standings()
    assert await ranking(asker) == []
    assert await ranking(asker, staff=True) == [("anna", 1, 0)]
