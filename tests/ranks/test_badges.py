"""Badges: milestones that come and go with the facts, honours by hand, and what nobody can add by themselves."""

from __future__ import annotations

import pytest

from community.core.clock import now
from community.core.errors import NotFound, RuleBroken
from community.kudos.actions import give_kudos, take_back_kudos
from community.kudos.models import Kudos
from community.members.actions import choose_whether_ranks_show
from community.members.models import Member
from community.ranks import badges, points
from community.ranks.badges import BadgeDraft, Measure, add_badge, change_badge
from community.ranks.ladder import Rules
from community.ranks.models import Badge, BadgeGrant
from community.spaces.models import Space
from community.threads import marks
from community.threads.models import Post
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.factories import make_answer, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, told

pytestmark = pytest.mark.each_database

CAP = Rules().cap


async def make_badge(cast: Cast, measure: Measure, reached: int, name: str = "Qxzbadge") -> int:
    draft = BadgeDraft(name, "For something.", measure, reached)
    return await add_badge(draft, by=await viewer_for(cast.administrator))


async def apply_badges() -> None:
    """What the worker does now and then, from a ledger that is up to date."""
    await points.recount()
    await badges.apply_badges()


async def holders(badge_id: int) -> set[int]:
    return set(await BadgeGrant.filter(kind_id=badge_id).values_list("member_id", flat=True))


async def solved(space: Space, helper: Member, asker: Member) -> Post:
    answer = await make_answer(await make_thread(space, asker), helper)
    await marks.accept_solution(answer.id, by=asker.id)
    return answer


async def test_a_milestone_comes_with_the_fact_and_goes_with_it_and_is_told_once(
    cast: Cast, search_engine: SearchEngine
) -> None:
    badge = await make_badge(cast, Measure.SOLUTIONS, 1)
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    for _twice in range(2):
        await marks.accept_solution(answer.id, by=cast.asker.id)
        await deliver(search_engine)
        assert await holders(badge) == {cast.helper.id}
        await marks.withdraw_solution(answer.thread_id, by=cast.asker.id)
        await deliver(search_engine)
        assert await holders(badge) == set()
    assert [line for line in await told(cast.helper) if line[0] == "badge_granted"] == [
        ("badge_granted", "Qxzbadge")
    ]


async def test_kudos_count_together_or_for_one_post(cast: Cast, search_engine: SearchEngine) -> None:
    together = await make_badge(cast, Measure.KUDOS, 3, "Together")
    single = await make_badge(cast, Measure.POST_KUDOS, 2, "Single")
    thread = await make_thread(cast.open_space, cast.asker)
    first, second = [await make_answer(thread, cast.helper) for _number in range(2)]
    await give_kudos(first.id, by=cast.asker.id)
    await give_kudos(second.id, by=cast.asker.id)
    await deliver(search_engine)
    assert (await holders(together), await holders(single)) == (set(), set())
    await give_kudos(second.id, by=cast.colleague.id)
    await deliver(search_engine)
    assert (await holders(together), await holders(single)) == ({cast.helper.id}, {cast.helper.id})
    await take_back_kudos(first.id, by=cast.asker.id)
    await deliver(search_engine)
    assert (await holders(together), await holders(single)) == (set(), {cast.helper.id})


async def test_exclusive_spaces_own_questions_hidden_posts_and_staff_count_for_nothing(cast: Cast) -> None:
    badge = await make_badge(cast, Measure.SOLUTIONS, 1)
    await solved(cast.hidden_space, cast.helper, cast.asker)
    await solved(cast.open_space, cast.asker, cast.asker)
    await solved(cast.open_space, cast.moderator, cast.asker)
    hidden = await solved(cast.open_space, cast.colleague, cast.asker)
    await Post.filter(id=hidden.id).update(hidden_at=now())
    await apply_badges()
    assert await holders(badge) == set()
    await solved(cast.members_space, cast.outsider, cast.asker)
    await apply_badges()
    assert await holders(badge) == {cast.outsider.id}


async def test_one_member_alone_carries_nobody_over_the_line(cast: Cast, search_engine: SearchEngine) -> None:
    badge = await make_badge(cast, Measure.KUDOS, CAP + 1)
    thread = await make_thread(cast.open_space, cast.asker)
    for _number in range(CAP + 2):
        answer = await make_answer(thread, cast.helper)
        await Kudos.create(post_id=answer.id, member_id=cast.asker.id, given_at=now())
    await apply_badges()
    assert await holders(badge) == set()
    await give_kudos(answer.id, by=cast.colleague.id)
    await deliver(search_engine)
    assert await holders(badge) == {cast.helper.id}


async def test_what_an_import_knows_no_giver_of_counts_in_full(cast: Cast) -> None:
    badge = await make_badge(cast, Measure.KUDOS, CAP + 1)
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    for _number in range(CAP + 1):
        await Kudos.create(post_id=answer.id, member_id=None, given_at=now())
    await apply_badges()
    assert await holders(badge) == {cast.helper.id}


async def test_the_preview_says_what_the_worker_then_does(cast: Cast, search_engine: SearchEngine) -> None:
    by = await viewer_for(cast.administrator)
    await solved(cast.open_space, cast.helper, cast.asker)
    for _number in range(2):
        await solved(cast.open_space, cast.colleague, cast.asker)
    await choose_whether_ranks_show(cast.colleague.id, hidden=True)
    await deliver(search_engine)
    draft = BadgeDraft("First", "One.", Measure.SOLUTIONS, 1)
    preview = await badges.preview_badge(None, draft)
    assert (preview.gaining, preview.gaining_count, preview.losing_count) == (("Helper",), 2, 0)
    badge = await add_badge(draft, by=by)
    await deliver(search_engine)
    assert await holders(badge) == {cast.helper.id, cast.colleague.id}
    assert not [line for line in await told(cast.helper) if line[0] == "badge_granted"], "it is not of today"
    higher = BadgeDraft("Second", "Two.", Measure.SOLUTIONS, 2)
    preview = await badges.preview_badge(badge, higher)
    assert (preview.gaining_count, preview.losing, preview.losing_count) == (0, ("Helper",), 1)
    await change_badge(badge, higher, by=by)
    await deliver(search_engine)
    assert await holders(badge) == {cast.colleague.id}


async def test_whoever_hides_it_is_neither_told_nor_shown(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_badge(cast, Measure.SOLUTIONS, 1)
    await choose_whether_ranks_show(cast.helper.id, hidden=True)
    await solved(cast.open_space, cast.helper, cast.asker)
    await deliver(search_engine)
    assert "badge_granted" not in [kind for kind, _note in await told(cast.helper)]
    for viewer in (None, cast.asker, cast.administrator):
        assert "Qxzbadge" not in (await (await visit(viewer)).get("/members/Helper")).text
    await choose_whether_ranks_show(cast.helper.id, hidden=False)
    assert "Qxzbadge" in (await (await visit()).get("/members/Helper")).text


async def test_a_badge_by_hand_is_given_and_taken_with_a_reason(cast: Cast, visit: Visit) -> None:
    badge = await make_badge(cast, Measure.HAND, 0)
    ruled = await make_badge(cast, Measure.KUDOS, 1, "Ruled")
    browser, url = await visit(cast.administrator), "/admin/people/Helper/badges"
    given = {"badge": str(badge), "reason": "Wrote the guide."}
    assert (await browser.post(url, data=given | {"reason": ""}, headers=ORIGIN)).status_code == 422
    assert (await browser.post(url, data=given | {"badge": str(ruled)}, headers=ORIGIN)).status_code == 422
    assert (await browser.post(url, data=given, headers=ORIGIN)).status_code == 303
    await apply_badges()
    assert await holders(badge) == {cast.helper.id}, "no rule takes it"
    assert "Qxzbadge" in (await (await visit()).get("/members/Helper")).text
    taken = await browser.post(f"{url}/revoke", data=given | {"reason": "By mistake."}, headers=ORIGIN)
    assert taken.status_code == 303
    assert await holders(badge) == set()
    log = (await browser.get("/moderation/log")).text
    assert "Wrote the guide." in log
    assert "By mistake." in log
    with pytest.raises(RuleBroken):
        await badges.grant_badge(
            badge, cast.moderator.id, by=await viewer_for(cast.administrator), reason="x"
        )
    with pytest.raises(NotFound):
        await badges.revoke_badge(badge, cast.helper.id, by=await viewer_for(cast.administrator), reason="x")


async def test_badges_are_made_tried_changed_and_removed_in_the_browser(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    browser = await visit(cast.administrator)
    await solved(cast.open_space, cast.helper, cast.asker)
    assert "No badge yet" in (await browser.get("/admin/badges")).text
    assert (await browser.post("/admin/badges/usual", headers=ORIGIN)).status_code == 303
    await deliver(search_engine)
    assert "First solution" in (await (await visit()).get("/members/Helper")).text
    known = await badges.list_badge_kinds()
    await browser.post("/admin/badges/usual", headers=ORIGIN)
    assert len(await badges.list_badge_kinds()) == len(known), "only where there is none"
    form = {"name": "New one", "description": "For it.", "measure": "solutions", "reached": "1"}
    tried = await browser.post("/admin/badges/new", data=form | {"do": "preview"}, headers=ORIGIN)
    assert "1 member would get it." in tried.text
    for wrong in ({"name": ""}, {"measure": ""}, {"reached": "0"}, {"reached": "x"}, {"description": ""}):
        answer = await browser.post("/admin/badges/new", data=form | wrong, headers=ORIGIN)
        assert answer.status_code == 422, wrong
    twice = await browser.post("/admin/badges/new", data=form | {"name": "Great post"}, headers=ORIGIN)
    assert twice.status_code == 409
    made = await browser.post("/admin/badges/new", data=form, headers=ORIGIN)
    address = made.headers["location"]
    by_hand = await browser.post(address, data=form | {"measure": "hand"}, headers=ORIGIN)
    assert by_hand.status_code == 409
    changed = await browser.post(address, data=form | {"name": "Better name"}, headers=ORIGIN)
    assert changed.status_code == 303
    await deliver(search_engine)
    assert "Better name" in (await (await visit()).get("/members/Helper")).text
    assert (await browser.post(f"{address}/remove", headers=ORIGIN)).status_code == 303
    assert "Better name" not in (await (await visit()).get("/members/Helper")).text


async def test_badges_brought_along_stay_what_they_were(cast: Cast, visit: Visit) -> None:
    await Badge.create(member_id=cast.helper.id, name="Teacher", granted_at=now())
    await make_badge(cast, Measure.SOLUTIONS, 1)
    await apply_badges()
    assert "Teacher" in (await (await visit()).get("/members/Helper")).text
