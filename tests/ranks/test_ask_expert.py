"""A question is sent to an expert of its space: by its asker or moderators, to few, and never to who hides it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from community.core.clock import now
from community.core.errors import RuleBroken
from community.groups.models import Membership
from community.members.actions import choose_whether_ranks_show
from community.members.models import Member
from community.notifications.actions import choose_channels
from community.notifications.rules import Channel, Topic
from community.ranks.expert_questions import MOST_PER_EXPERT, MOST_PER_QUESTION, ask_expert, list_askable
from community.ranks.models import Expert, ExpertQuestion
from community.spaces.models import Space
from community.threads import marks
from community.threads.models import Thread
from community.threads.queries import get_thread
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_member, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, told


async def make_expert(space: Space, nickname: str = "", member: Member | None = None) -> Member:
    member = member or await make_member(nickname)
    await Expert.create(space_id=space.id, member_id=member.id, granted_at=now())
    return member


async def send(thread: Thread, nickname: str, by: Member) -> None:
    viewer = await viewer_for(by)
    await ask_expert(await get_thread(thread.id, viewer), nickname, by=viewer.id)


async def askable(thread: Thread, by: Member) -> list[str]:
    viewer = await viewer_for(by)
    return [
        line.author.nickname for line in await list_askable(await get_thread(thread.id, viewer), by=by.id)
    ]


@pytest.mark.each_database
async def test_the_asker_chooses_an_expert_who_is_told_once(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    expert = await make_expert(cast.open_space, "Frieda")
    thread = await make_thread(cast.open_space, cast.asker)
    browser, address = await visit(cast.asker), f"/threads/{thread.id}/experts"
    assert f'href="{address}"' in (await browser.get(f"/threads/{thread.id}-{thread.slug}")).text
    assert "Frieda" in (await browser.get(address)).text
    for status in (303, 409):
        sent = await browser.post(address, data={"nickname": "Frieda"}, headers=ORIGIN)
        assert sent.status_code == status
    await deliver(search_engine)
    await deliver(search_engine)
    assert [kind for kind, _note in await told(expert)] == ["expert_asked"]
    bell = (await (await visit(expert)).get("/notifications")).text
    assert "Asker asks you as an expert" in bell
    after = (await browser.get(address)).text
    assert "Sent to" in after
    assert 'value="Frieda"' not in after


@pytest.mark.each_database
async def test_whoever_hides_it_is_refused_in_the_words_for_those_who_are_no_experts(
    cast: Cast, visit: Visit
) -> None:
    hiding, shown = [await make_expert(cast.open_space, name) for name in ("Hedwig", "Frieda")]
    await choose_whether_ranks_show(hiding.id, hidden=True)
    thread = await make_thread(cast.open_space, cast.asker)
    assert await askable(thread, cast.asker) == [shown.nickname]
    browser = await visit(cast.asker)
    answers = set()
    for nickname in ("Hedwig", "Colleague", "Nobody", "", "jana", "Asker"):
        answer = await browser.post(
            f"/threads/{thread.id}/experts", data={"nickname": nickname}, headers=ORIGIN
        )
        answers.add((answer.status_code, answer.text))
    assert len(answers) == 1
    assert answers.pop()[0] == 409
    assert not await ExpertQuestion.all().exists()


async def test_others_send_nobody_anything(cast: Cast, visit: Visit) -> None:
    await make_expert(cast.open_space, "Frieda")
    thread = await make_thread(cast.open_space, cast.asker)
    address, page = f"/threads/{thread.id}/experts", f"/threads/{thread.id}-{thread.slug}"
    for member, status in ((None, 303), (cast.outsider, 403), (cast.marketing, 403), (cast.moderator, 200)):
        browser = await visit(member)
        assert (await browser.get(address)).status_code == status
        assert (f'href="{address}"' in (await browser.get(page)).text) == (status == 200)
    inside = await make_thread(cast.hidden_space, cast.asker)
    outside = await (await visit(cast.outsider)).get(f"/threads/{inside.id}/experts")
    assert outside.status_code == 404


async def test_solved_locked_and_other_threads_are_not_sent(cast: Cast, visit: Visit) -> None:
    await make_expert(cast.open_space, "Frieda")
    solved = await make_thread(cast.open_space, cast.asker)
    await marks.accept_solution((await make_answer(solved, cast.helper)).id, by=cast.asker.id)
    locked = await make_thread(cast.open_space, cast.asker)
    await Thread.filter(id=locked.id).update(locked_at=now())
    talk = await make_thread(cast.discussions, cast.asker)
    browser = await visit(cast.asker)
    for thread in (solved, locked, talk):
        sent = await browser.post(
            f"/threads/{thread.id}/experts", data={"nickname": "Frieda"}, headers=ORIGIN
        )
        assert sent.status_code == 403, thread.title


@pytest.mark.each_database
async def test_the_least_asked_come_first_and_nobody_is_asked_too_often(cast: Cast) -> None:
    busy, free = [await make_expert(cast.open_space, name) for name in ("Busy", "Free")]
    for number in range(MOST_PER_EXPERT):
        thread = await make_thread(cast.open_space, cast.asker)
        await ExpertQuestion.create(
            thread_id=thread.id,
            member_id=busy.id,
            asked_by_id=cast.asker.id,
            asked_at=now() - timedelta(days=6.9) + timedelta(minutes=number),
        )
        names = ["Free", "Busy"] if number < MOST_PER_EXPERT - 1 else ["Free"]
        assert await askable(await make_thread(cast.open_space, cast.asker), cast.asker) == names
    await ExpertQuestion.filter(member_id=busy.id).update(asked_at=now() - timedelta(days=7.1))
    answered = await make_thread(cast.open_space, cast.asker)
    await make_answer(answered, free)
    assert await askable(answered, cast.asker) == ["Busy"], "whoever has answered need not be asked"


@pytest.mark.each_database
async def test_many_at_once_send_no_more_than_may_be(fresh_database: str) -> None:
    cast = await make_cast()
    names = [f"Expert{letter}" for letter in "ABCDEF"]
    for name in names:
        await make_expert(cast.open_space, name)
    thread = await make_thread(cast.open_space, cast.asker)
    results: list[Any] = await asyncio.gather(
        *(send(thread, name, cast.asker) for name in names), return_exceptions=True
    )
    assert [each for each in results if each is not None and not isinstance(each, RuleBroken)] == []
    assert await ExpertQuestion.all().count() == MOST_PER_QUESTION


@pytest.mark.each_database
@pytest.mark.parametrize("change", ["hides", "left", "ended", "solved", "unwanted"])
async def test_it_is_not_told_any_more_when_something_has_changed_meanwhile(
    cast: Cast, search_engine: SearchEngine, change: str
) -> None:
    await make_expert(cast.hidden_space, member=cast.helper)
    thread = await make_thread(cast.hidden_space, cast.asker)
    await send(thread, "Helper", cast.asker)
    if change == "hides":
        await choose_whether_ranks_show(cast.helper.id, hidden=True)
    elif change == "left":
        await Membership.filter(member_id=cast.helper.id).delete()
    elif change == "ended":
        await Expert.all().update(expires_at=now())
    elif change == "solved":
        await marks.accept_solution((await make_answer(thread, cast.colleague)).id, by=cast.asker.id)
    else:
        await choose_channels(cast.helper.id, {Topic.EXPERT_QUESTIONS: Channel.NONE})
    await deliver(search_engine)
    assert "expert_asked" not in [kind for kind, _note in await told(cast.helper)]
