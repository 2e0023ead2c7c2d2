"""A muted thread is quiet, but who is meant alone still hears of it."""

from __future__ import annotations

import pytest

from community.consequences.telling import (
    tell_answerer,
    tell_commented_author,
    tell_followers,
    tell_mentioned,
    tell_thanked,
)
from community.core.models import OutboxFact
from community.core.outbox import Fact
from community.groups.models import Membership
from community.kudos.actions import give_kudos
from community.threads import marks
from community.threads.models import Follow, Mute
from tests.cast import Cast
from tests.factories import make_answer, make_comment, make_thread, opening_of
from tests.fixtures import Visit
from tests.moderation.flagging import told

TELLING = {
    "answer.added": (tell_mentioned, tell_followers),
    "comment.added": (tell_mentioned, tell_commented_author),
    "kudos.given": (tell_thanked,),
    "solution.accepted": (tell_answerer,),
}


async def happen() -> None:
    """Let everything recorded so far be told."""
    for row in await OutboxFact.filter(name__in=list(TELLING)).order_by("created_at"):
        for tell in TELLING[row.name]:
            await tell(Fact(row.id, row.name, row.payload))


@pytest.mark.each_database
async def test_a_muted_thread_tells_of_mentions_and_solutions_only(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await marks.mute_thread(thread.id, by=cast.asker.id)
    await marks.mute_thread(thread.id, by=cast.helper.id)
    await make_answer(thread, cast.colleague)
    await make_comment(await opening_of(thread), cast.colleague)
    await give_kudos((await opening_of(thread)).id, by=cast.colleague.id)
    await give_kudos(answer.id, by=cast.colleague.id)
    await happen()
    assert await told(cast.asker) == await told(cast.helper) == []
    await make_answer(thread, cast.colleague, body="What do you say, @Asker?")
    await marks.accept_solution(answer.id, by=cast.asker.id)
    await happen()
    assert await told(cast.asker) == [("mentioned", "")]
    assert await told(cast.helper) == [("accepted", "")]


async def test_following_and_muting_end_each_other(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await marks.mute_thread(thread.id, by=cast.asker.id)
    await marks.mute_thread(thread.id, by=cast.asker.id)
    assert (await Follow.all().count(), await Mute.all().count()) == (0, 1)
    await marks.follow_thread(thread.id, by=cast.asker.id)
    assert (await Follow.all().count(), await Mute.all().count()) == (1, 0)


async def test_it_is_muted_from_its_page_and_from_the_notification(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker)
    await make_answer(thread, cast.helper)
    await happen()
    client, url = await visit(cast.asker), f"/threads/{thread.id}-{thread.slug}"
    assert f'action="/threads/{thread.id}/mute"' in (await client.get("/notifications")).text
    answer = await client.post(f"/threads/{thread.id}/mute", data={"from": "notifications"})
    assert answer.headers["location"].startswith("/notifications")
    assert f"/threads/{thread.id}/mute" not in (await client.get("/notifications")).text
    page = (await client.get(url)).text
    assert f'action="/threads/{thread.id}/unmute"' in page
    assert f"/threads/{thread.id}/follow" not in page
    assert (await client.post(f"/threads/{thread.id}/unmute")).headers["location"].startswith(url)
    page = (await client.get(url)).text
    assert f'action="/threads/{thread.id}/mute"' in page
    assert f'action="/threads/{thread.id}/follow"' in page
    await Membership.filter(member_id=cast.asker.id).delete()
    assert (await client.post(f"/threads/{thread.id}/mute")).status_code == 404
