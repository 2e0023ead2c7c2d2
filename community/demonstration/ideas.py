"""What has become of the ideas of the demo community, and one that was suggested twice and merged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from community.core.db import execute, random_id
from community.core.rows import insert
from community.demonstration.shapes import DemoContent, Thread
from community.ideas.models import IdeaStep
from community.spaces.queries import load_viewer
from community.threads.history import Brought, PastPost, PastThread, bring_thread, settle
from community.threads.merging import merge_threads

MODERATOR = "sandra.k"
TWICE = "idee-wartung-kalender"


async def fill_ideas(
    content: DemoContent,
    threads: Mapping[str, Brought],
    members: Mapping[str, int],
    spaces: Mapping[str, int],
    moment: datetime,
) -> None:
    for thread in content.threads:
        if any(answer.idea_status for answer in thread.answers):
            await _add_steps(thread, threads[thread.id], members, moment)
    twice = next((thread for thread in content.threads if thread.id == TWICE), None)
    if twice is not None:
        await _merge_into(twice, threads[twice.id], members, spaces, moment)


async def _add_steps(thread: Thread, brought: Brought, members: Mapping[str, int], moment: datetime) -> None:
    answered = [pair for pair in zip(thread.answers, brought.answer_ids, strict=True) if pair[0].idea_status]
    for answer, post_id in answered:
        at = moment - timedelta(days=thread.days_ago) + timedelta(hours=answer.hours_after)
        await insert(
            IdeaStep,
            id=random_id(),
            thread_id=brought.thread_id,
            status=answer.idea_status,
            post_id=post_id,
            answered_by_id=members[answer.author],
            at=min(at, moment),
            is_current=answer is answered[-1][0],
        )
    await execute(
        "UPDATE threads SET idea_status = :status WHERE id = :id",
        {"status": answered[-1][0].idea_status, "id": brought.thread_id},
    )


async def _merge_into(
    target: Thread,
    brought: Brought,
    members: Mapping[str, int],
    spaces: Mapping[str, int],
    moment: datetime,
) -> None:
    again = await bring_thread(
        PastThread(
            space_id=spaces[target.space],
            language="de",
            title="Wartungsankündigungen in Outlook anzeigen",
            tags=("wartung",),
            opening=PastPost(
                author_id=members["autohaus_delta"],
                body="Können die Ankündigungen zu Wartungsarbeiten direkt im Kalender erscheinen statt als Mail?",
                at=moment - timedelta(days=target.days_ago - 9),
            ),
            answers=(),
            same_problem_by=[members[name] for name in ("hotel_seeblick_7", "rechenzentrum_ost")],
        )
    )
    # What staff do changes figures by the difference, so those have to be right before.
    await settle()
    by, _spaces = await load_viewer(members[MODERATOR])
    await merge_threads(
        again.thread_id,
        into=brought.thread_id,
        by=by,
        reason="Dieselbe Idee gibt es schon; hier zählen die Stimmen zusammen.",
    )
