"""After fourteen days of silence staff may accept an answer for whoever asked: shown as such, told, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from community.core.clock import now
from community.core.errors import RuleBroken
from community.decisions.models import LogEntry
from community.notifications.models import Notification
from community.threads import marks
from community.threads.models import Post, Solution, Thread
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.factories import make_answer, make_thread, viewer_for
from tests.fixtures import Visit

BUTTON = "Accept on the asker’s behalf"


async def waiting(cast: Cast, days: float) -> tuple[Thread, Post, str]:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await Post.filter(id=answer.id).update(created_at=now() - timedelta(days=days))
    await Thread.filter(id=thread.id).update(created_at=now() - timedelta(days=days))
    return thread, answer, f"/threads/{thread.id}/answers/{answer.id}/accept"


@pytest.mark.each_database
async def test_moderators_accept_after_fourteen_days_and_the_page_says_so(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread, answer, url = await waiting(cast, 14.1)
    moderator = await visit(cast.moderator)
    page = await moderator.get(f"/threads/{thread.id}", follow_redirects=True)
    assert BUTTON in page.text
    assert (await moderator.post(url)).status_code == 303
    solution = await Solution.get()
    assert solution.post_id == answer.id and solution.by_staff  # type: ignore[attr-defined]
    page = await (await visit()).get(f"/threads/{thread.id}", follow_redirects=True)
    assert "(staff) on the asker’s behalf" in page.text
    assert await LogEntry.filter(act="accept_solution", subject=f"post:{answer.id}").count() == 1
    await deliver(search_engine)
    assert await Notification.filter(member_id=cast.asker.id, kind="accepted_for_you").count() == 1
    asker = await visit(cast.asker)
    assert (await asker.post(f"/threads/{thread.id}/solution/withdraw")).status_code == 303
    assert await Solution.all().count() == 0


async def test_not_before_and_not_by_others(cast: Cast, visit: Visit) -> None:
    thread, _answer, url = await waiting(cast, 13.9)
    moderator = await visit(cast.moderator)
    assert BUTTON not in (await moderator.get(f"/threads/{thread.id}", follow_redirects=True)).text
    assert (await moderator.post(url)).status_code == 403
    await Post.filter(thread_id=thread.id).update(created_at=now() - timedelta(days=15))
    for member in (cast.marketing, cast.helper, cast.outsider):
        client = await visit(member)
        assert BUTTON not in (await client.get(f"/threads/{thread.id}", follow_redirects=True)).text
        assert (await client.post(url)).status_code == 403
    assert await Solution.all().count() == 0


async def test_nobody_accepts_their_own_answer_nor_one_while_the_talk_goes_on(
    cast: Cast, visit: Visit
) -> None:
    thread, _answer, url = await waiting(cast, 20)
    own = await make_answer(thread, cast.moderator)
    moderator = await visit(cast.moderator)
    assert (await moderator.post(url)).status_code == 403
    await Post.filter(id=own.id).update(created_at=now() - timedelta(days=15))
    assert (await moderator.post(f"/threads/{thread.id}/answers/{own.id}/accept")).status_code == 403
    assert (await moderator.post(url)).status_code == 303


async def test_staff_never_replace_what_the_asker_has_chosen(cast: Cast) -> None:
    thread, answer, _url = await waiting(cast, 20)
    chosen = await make_answer(thread, cast.colleague)
    await marks.accept_solution(chosen.id, by=cast.asker.id)
    staff = await viewer_for(cast.moderator)
    with pytest.raises(RuleBroken):
        await marks.accept_solution(answer.id, by=staff.id, staff=staff)
    assert (await Solution.get()).post_id == chosen.id  # type: ignore[attr-defined]


async def test_moderators_take_back_what_staff_accepted_but_nothing_else(cast: Cast, visit: Visit) -> None:
    thread, answer, url = await waiting(cast, 20)
    moderator = await visit(cast.moderator)
    withdraw = f"/threads/{thread.id}/solution/withdraw"
    await moderator.post(url)
    assert (await moderator.post(withdraw)).status_code == 303
    await marks.accept_solution(answer.id, by=cast.asker.id)
    assert (await moderator.post(withdraw)).status_code == 403
