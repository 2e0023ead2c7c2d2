"""Whoever hides ranks and badges is seen without them everywhere, by everybody (ID-10)."""

from __future__ import annotations

import pytest

from community.core.clock import now
from community.members.actions import choose_whether_ranks_show
from community.ranks import points
from community.ranks.actions import recompute_recent_standings
from community.ranks.models import Badge, Expert, Rank
from community.threads import marks
from tests.cast import Cast
from tests.factories import make_answer, make_thread
from tests.fixtures import Visit


@pytest.mark.each_database
async def test_hidden_ranks_and_badges_are_on_no_page(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    await Expert.create(space_id=cast.open_space.id, member_id=cast.helper.id, granted_at=now())
    await Badge.create(member_id=cast.helper.id, name="Qxzbadge", granted_at=now())
    await Rank.create(name="Qxzrank", points=5)
    await points.recount()
    await recompute_recent_standings()
    pages = {
        f"/threads/{thread.id}-{thread.slug}": ("xpert", "1 solution", "Qxzrank"),
        "/members/Helper": ("xpert", "Qxzbadge", "1 solution", "Qxzrank"),
        "/ranking": ("Helper", "Qxzrank</span>"),
    }
    viewers = [await visit(member) for member in (None, cast.asker, cast.moderator)]
    for hidden in (False, True):
        await choose_whether_ranks_show(cast.helper.id, hidden=hidden)
        await recompute_recent_standings()
        for client in viewers:
            for page, words in pages.items():
                answered = await client.get(page)
                if answered.status_code != 200:
                    continue
                shown = [word for word in words if word in answered.text]
                assert shown == ([] if hidden else list(words)), (page, hidden)
