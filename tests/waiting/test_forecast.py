"""Staff see on the page of a member which rules would hold the next text, and why."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from community.core.clock import now
from community.members.models import Member
from community.threads.models import Post
from community.waiting.forecast import Outlook, foresee
from community.waiting.holding_rules import Rule, RuleKind
from community.waiting.models import HoldingRule, WaitingText
from tests.cast import Cast
from tests.factories import make_answer, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN
from tests.waiting.test_hold_posts import SPAM, WORDS, make_rule

LINKS = Rule(RuleKind.LINKS, posts=2)
BURST = Rule(RuleKind.BURST, posts=3, minutes=10, days=7)


async def outlooks(cast: Cast, member: Member) -> dict[str, tuple[Outlook, int]]:
    found = await foresee(member.id, await viewer_for(cast.moderator))
    return {str(each.row.rule.kind): (each.outlook, each.count) for each in found}


@pytest.mark.each_database
async def test_what_is_foreseen_is_what_happens(cast: Cast, visit: Visit) -> None:
    for rule in (LINKS, BURST, WORDS):
        await make_rule(cast, rule)
    await make_rule(cast, WORDS, is_on=False)
    thread = await make_thread(cast.open_space, cast.asker)
    assert await outlooks(cast, cast.helper) == {
        "links": (Outlook.DEPENDS, 0),
        "burst": (Outlook.PASSES, 0),
        "words": (Outlook.DEPENDS, 0),
    }
    await make_answer(thread, cast.helper)
    assert (await outlooks(cast, cast.helper))["links"] == (Outlook.DEPENDS, 1)
    await make_answer(thread, cast.helper)
    seen = await outlooks(cast, cast.helper)
    assert (seen["links"], seen["burst"]) == ((Outlook.OVER, 2), (Outlook.HOLDS, 2))
    assert not await HoldingRule.exclude(hit_count=0).exists(), "looking counts as no hit"
    staff = await visit(cast.moderator)
    page = (await staff.get("/moderation/members/Helper")).text
    for part in ("holds the next text", "depends on the text", "does not concern them any more"):
        assert part in page
    assert "Sent in the last 10 minutes: 2. It holds from 3 on." in page
    # The third within minutes waits, as it was said.
    member = await visit(cast.helper)
    await member.post(f"/threads/{thread.id}/answers", data={"body": "Have you tried it?"}, headers=ORIGIN)
    assert [text.why for text in await WaitingText.all()] == ["held"]
    assert await Post.filter(author_id=cast.helper.id).count() == 2
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        assert (await outlooks(cast, cast.helper))["burst"] == (Outlook.PASSES, 0)
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        assert (await outlooks(cast, cast.helper))["burst"] == (Outlook.OVER, 0)


async def test_rules_of_spaces_that_staff_do_not_read_are_not_shown_and_staff_have_none(
    cast: Cast, visit: Visit
) -> None:
    await make_rule(cast, WORDS, space=cast.open_space)
    assert SPAM not in (await (await visit(cast.moderator)).get("/moderation/members/Helper")).text
    page = (await (await visit(cast.moderator)).get("/moderation/members/tom")).text
    assert "What would happen to the next text" not in page
    assert (
        "What would happen to the next text"
        in (await (await visit(cast.moderator)).get("/moderation/members/Helper")).text
    )
    await HoldingRule.all().update(is_on=False)
    page = (await (await visit(cast.moderator)).get("/moderation/members/Helper")).text
    assert "What would happen to the next text" not in page
