"""Figures, points, ranks, badges and first steps that follow from what somebody did."""

from __future__ import annotations

from community.core.db import fetch
from community.core.outbox import Fact
from community.core.site_stamp import raise_site_stamp
from community.members.first_steps import Step, take_step
from community.notifications.actions import forget_actor
from community.ranks import badges, expert_rules, points
from community.ranks.actions import recompute_standings
from community.spaces.actions import note_activity
from community.threads.figures import recount_members
from community.waiting.following import forget_unlinked


async def recount_members_of_space(fact: Fact) -> None:
    """Public figures count open and members spaces only, so they follow when a space becomes another one."""
    rows = await fetch(
        """SELECT DISTINCT p.author_id FROM posts p JOIN threads t ON t.id = p.thread_id
        WHERE t.space_id = :id AND p.author_id IS NOT NULL ORDER BY p.author_id""",
        {"id": fact["space_id"]},
    )
    await recount_members([row["author_id"] for row in rows])
    # The figures stand beside every post of these members, on pages that are kept for guests.
    await raise_site_stamp()


async def count_points_of_post(fact: Fact) -> None:
    await points.settle_posts([fact["post_id"]])


async def count_points_of_thread(fact: Fact) -> None:
    await points.settle_thread(fact["thread_id"])


async def count_points_of_space(fact: Fact) -> None:
    """Also the rankings: that of the whole site must not go on counting what happened in an exclusive space."""
    await points.settle_space(fact["space_id"])
    await recompute_standings()


async def grant_expert_by_rule(fact: Fact) -> None:
    """Whether whoever wrote the answer is an expert of the space by its rule now, or no more."""
    await expert_rules.look_again(fact["post_id"])


async def apply_expert_rule(fact: Fact) -> None:
    await expert_rules.apply_rule(fact["space_id"])


async def note_first_question(fact: Fact) -> None:
    await take_step(fact["by"], Step.ASKED)


async def note_first_thanks(fact: Fact) -> None:
    await take_step(fact["by"], Step.THANKED)


async def award_badges(fact: Fact) -> None:
    """What the author of a post has reached by now, or has not any more."""
    await badges.apply_to_author(fact["post_id"])


async def unname_in_news(fact: Fact) -> None:
    """What others were told about posts whose author is not named any more names nobody, nor does what waited."""
    await forget_actor(fact["member_id"], _posts(fact))
    await forget_unlinked(fact["member_id"], _posts(fact))


async def count_points_of_unlinked(fact: Fact) -> None:
    """Points and badges for posts that are nobody's now."""
    await points.settle_posts(_posts(fact))
    await badges.apply_to_member(fact["member_id"])


def _posts(fact: Fact) -> list[int]:
    return [int(number) for number in str(fact["posts"]).split(",")]


async def apply_changed_badge(fact: Fact) -> None:
    await badges.apply_changed_badge(fact["badge_id"])


async def note_activity_of_space(fact: Fact) -> None:
    rows = await fetch("SELECT space_id FROM threads WHERE id = :id", {"id": fact["thread_id"]})
    await note_activity(row["space_id"] for row in rows)
