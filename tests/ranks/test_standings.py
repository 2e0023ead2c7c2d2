"""Rankings say who helped, for each space and for what everybody may read, in each period."""

from __future__ import annotations

from datetime import timedelta

import pytest

from community.core.clock import now
from community.kudos.actions import give_kudos
from community.kudos.models import Kudos
from community.ranks.actions import recompute_standings
from community.ranks.queries import list_standings
from community.spaces.models import SpaceAccess
from community.threads.marks import accept_solution
from tests.factories import make_answer, make_group, make_member, make_space, make_thread, viewer_for

pytestmark = pytest.mark.each_database


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
    await recompute_standings()
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
    await recompute_standings()
    assert await ranking(asker, days=30) == [("anna", 0, 1)]
    assert await ranking(asker, days=90) == [("anna", 0, 2)]
    recent.hidden_at = now()
    await recent.save(update_fields=["hidden_at"])
    await recompute_standings()
    assert await ranking(asker, days=30) == []
    assert await ranking(asker, days=0) == [("anna", 0, 1)]
