"""A rule makes experts of a space, extends and lets end what it made, and leaves alone what staff decide."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from community.core.clock import now
from community.members.actions import choose_whether_ranks_show
from community.members.models import Member
from community.ranks import expert_rules
from community.ranks.expert_rules import ExpertRule, apply_rules, change_rule, preview_rule, remove_rule
from community.ranks.experts import grant_expert, is_expert, leave_to_rule, revoke_expert
from community.ranks.models import Expert
from community.spaces.models import Space
from community.threads import marks, order
from community.threads.models import Post, Solution
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.factories import make_answer, make_member, make_thread, viewer_for
from tests.moderation.flagging import told

pytestmark = pytest.mark.each_database

RULE = ExpertRule(solutions=2, askers=2, within_days=30, lasts_days=10)


async def solved(space: Space, helper: Member, asker: Member, *, days: float = 0) -> Post:
    """A question of the asker that the helper has solved so many days ago."""
    answer = await make_answer(await make_thread(space, asker), helper)
    await marks.accept_solution(answer.id, by=asker.id)
    await Solution.filter(post_id=answer.id).update(accepted_at=now() - timedelta(days=days))
    return answer


async def ruled(cast: Cast, rule: ExpertRule = RULE) -> None:
    await change_rule(cast.open_space.id, rule, by=await viewer_for(cast.administrator))


class Calendar:
    """Lets days go by for the rules."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch, self.days = monkeypatch, 0.0

    def pass_days(self, days: float) -> None:
        self.days += days
        for module in ("community.ranks.expert_rules", "community.ranks.experts"):
            self.patch.setattr(f"{module}.now", self.now)

    def now(self) -> datetime:
        return now() + timedelta(days=self.days)


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    return Calendar(monkeypatch)


async def helper_is_expert(cast: Cast) -> bool:
    from community.ranks import experts

    return await experts.is_expert(cast.helper.id, cast.open_space.id)


async def test_enough_solutions_of_enough_askers_make_an_expert(cast: Cast) -> None:
    await ruled(cast)
    await solved(cast.open_space, cast.helper, cast.asker)
    await solved(cast.open_space, cast.helper, cast.asker)
    await solved(cast.members_space, cast.helper, cast.colleague)
    await apply_rules()
    assert not await Expert.all().exists(), "two solutions, but for one asker"
    await solved(cast.open_space, cast.helper, cast.colleague)
    await apply_rules()
    expert = await Expert.get()
    assert (expert.member_id, expert.space_id) == (cast.helper.id, cast.open_space.id)
    assert expert.earned_at is not None


async def test_own_questions_staff_and_hidden_answers_do_not_count(cast: Cast) -> None:
    await ruled(cast, ExpertRule(solutions=1, askers=1, within_days=30, lasts_days=10))
    await solved(cast.open_space, cast.helper, cast.helper)
    await solved(cast.open_space, cast.moderator, cast.asker)
    hidden = await solved(cast.open_space, cast.colleague, cast.asker)
    await Post.filter(id=hidden.id).update(hidden_at=now())
    await apply_rules()
    assert not await Expert.all().exists()


async def test_the_period_ends_to_the_moment_and_the_status_lasts_as_long_as_said(
    cast: Cast, calendar: Calendar
) -> None:
    await ruled(cast)
    for asker in (cast.asker, cast.colleague):
        await solved(cast.open_space, cast.helper, asker, days=1)
    await apply_rules()
    assert await helper_is_expert(cast)
    calendar.pass_days(28.9)
    await apply_rules()  # The last day on which both count.
    calendar.pass_days(0.2)
    await apply_rules()
    calendar.pass_days(9.7)
    await apply_rules()
    assert await helper_is_expert(cast)
    calendar.pass_days(0.2)
    await apply_rules()
    assert not await helper_is_expert(cast)


async def test_a_withdrawn_solution_ends_what_it_earned_but_a_stricter_rule_lets_it_last(
    cast: Cast, search_engine: SearchEngine
) -> None:
    await ruled(cast)
    answers = [await solved(cast.open_space, cast.helper, asker) for asker in (cast.asker, cast.colleague)]
    await deliver(search_engine)
    assert await is_expert(cast.helper.id, cast.open_space.id), "without waiting for the hourly round"
    assert ("expert_granted", "") in await told(cast.helper)
    await ruled(cast, ExpertRule(solutions=9, askers=9, within_days=7, lasts_days=7))
    await apply_rules()
    assert await is_expert(cast.helper.id, cast.open_space.id)
    await marks.withdraw_solution(answers[0].thread_id, by=cast.asker.id)
    await deliver(search_engine)
    assert not await is_expert(cast.helper.id, cast.open_space.id)


async def test_a_thread_that_moves_away_takes_what_it_earned_along(cast: Cast) -> None:
    await ruled(cast)
    answers = [await solved(cast.open_space, cast.helper, asker) for asker in (cast.asker, cast.colleague)]
    await apply_rules()
    await order.move_thread(
        answers[0].thread_id,
        to_space=cast.members_space.id,
        by=await viewer_for(cast.moderator),
        reason="It belongs there.",
    )
    await apply_rules()
    assert not await is_expert(cast.helper.id, cast.open_space.id)


async def test_what_staff_granted_and_revoked_no_rule_changes(cast: Cast) -> None:
    by, until = await viewer_for(cast.administrator), now() + timedelta(days=3)
    await ruled(cast)
    for asker in (cast.asker, cast.colleague):
        await solved(cast.open_space, cast.helper, asker)
    await grant_expert(cast.helper.id, cast.open_space.id, until=until, by=by)
    await apply_rules()
    assert (await Expert.get()).expires_at == until
    await revoke_expert(cast.helper.id, cast.open_space.id, by=by)
    for _again in range(2):
        await apply_rules()
        assert not await is_expert(cast.helper.id, cast.open_space.id)
    await leave_to_rule(cast.helper.id, cast.open_space.id, by=by)
    await apply_rules()
    assert await is_expert(cast.helper.id, cast.open_space.id)


async def test_the_rule_carries_on_where_the_grant_of_staff_has_ended(cast: Cast, calendar: Calendar) -> None:
    by = await viewer_for(cast.administrator)
    await ruled(cast)
    for asker in (cast.asker, cast.colleague):
        await solved(cast.open_space, cast.helper, asker)
    await grant_expert(cast.helper.id, cast.open_space.id, until=now() + timedelta(days=3), by=by)
    calendar.pass_days(4)
    assert not await helper_is_expert(cast)
    await apply_rules()
    assert await helper_is_expert(cast)


async def test_the_preview_says_what_the_worker_then_does(cast: Cast) -> None:
    others = [await make_member(f"helper{number}") for number in range(3)]
    for helper in others:
        for asker in (cast.asker, cast.colleague):
            await solved(cast.open_space, helper, asker)
    await grant_expert(others[0].id, cast.open_space.id, until=None, by=await viewer_for(cast.administrator))
    await choose_whether_ranks_show(others[2].id, hidden=True)
    preview = await preview_rule(cast.open_space.id, RULE)
    assert (preview.fitting_count, preview.new_count, preview.unnamed_count) == (3, 2, 1)
    assert {each.nickname: each.state for each in preview.fitting} == {
        "helper0": "by_staff",
        "helper1": "new",
    }
    assert not await Expert.filter(earned_at__isnull=False).exists(), "a preview changes nothing"
    await ruled(cast)
    await apply_rules()
    earned = await Expert.filter(earned_at__isnull=False).values_list("member_id", flat=True)
    assert set(earned) == {others[1].id, others[2].id}
    stricter = await preview_rule(cast.open_space.id, ExpertRule(3, 2, 30, 10))
    assert stricter.fitting_count == 0
    assert [each.nickname for each in stricter.leaving] == ["helper1"]


async def test_a_rule_that_is_gone_grants_nothing_and_takes_nothing(cast: Cast) -> None:
    await ruled(cast)
    for asker in (cast.asker, cast.colleague):
        await solved(cast.open_space, cast.helper, asker)
    await apply_rules()
    await remove_rule(cast.open_space.id, by=await viewer_for(cast.administrator))
    for asker in (cast.asker, cast.helper):
        await solved(cast.open_space, cast.colleague, asker)
    await apply_rules()
    assert await Expert.all().values_list("member_id", flat=True) == [cast.helper.id]
    assert await expert_rules.find_rule(cast.open_space.id) is None
