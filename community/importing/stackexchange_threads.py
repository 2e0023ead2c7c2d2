"""A question of a dump with everything that belongs to it becomes a thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from community.core import outbox
from community.core.clock import now
from community.core.db import in_transaction
from community.importing.items import ItemKind, remember
from community.importing.stackexchange_staging import StagedPost
from community.importing.stackexchange_texts import Import, Texts, Written, tag_names, title_of
from community.importing.stackexchange_updates import IMPORTED, bring_up_to_date
from community.threads import history

IMPORT_ENDED = "thread.import_ended"
"""The fact for what can only be done with all threads of an import there: finding similar ones."""
_LONGEST_IMPORT = timedelta(days=1)
"""If an import is killed and never resumed, its threads get their similar ones after this time."""


async def bring_question(run: Import, question: StagedPost) -> None:
    """Write the thread of a question, or add to it what is new. One transaction with its notes and facts."""
    thread_id = run.staging.local_id("thread", question.id)
    if thread_id is None:
        await _bring_new(run, question)
    else:
        await bring_up_to_date(run, question, thread_id)


# --- a thread that is not here yet ----------------------------------------------------------------------------


async def _bring_new(run: Import, question: StagedPost) -> None:
    texts = await Texts.of(run, question)
    opening = texts.written(question)
    answers = [texts.written(answer) for answer in texts.answers if texts.shows_anything(answer)]
    solution, accepted_at = _solution(run, question, answers)
    past = history.PastThread(
        space_id=run.space_id,
        language=run.language,
        title=title_of(run, question),
        tags=tag_names(question.tags, run.report),
        opening=opening.whole,
        answers=[answer.whole for answer in answers],
        solution=solution,
        accepted_by=opening.post.author_id if solution is not None else None,
        accepted_at=accepted_at,
        locked_at=question.closed_at,
    )
    async with in_transaction():
        brought = await history.bring_thread(past)
        items: list[tuple[ItemKind, int, int]] = [
            ("thread", question.id, brought.thread_id),
            ("post", question.id, brought.opening_id),
        ]
        items += [("post", answer.id, i) for answer, i in zip(answers, brought.answer_ids, strict=True)]
        for written, ids in zip([opening, *answers], brought.comment_ids, strict=True):
            items += [("comment", c, i) for (c, _comment), i in zip(written.comments, ids, strict=True)]
        await remember(run.source, items)
        await outbox.record(IMPORTED, thread_id=brought.thread_id)
        await outbox.record_for_later(
            IMPORT_ENDED, due_at=now() + _LONGEST_IMPORT, thread_id=brought.thread_id
        )
    run.staging.note_items(items)
    run.came_in["threads"] += 1
    run.came_in["answers"] += len(answers)
    run.came_in["comments"] += sum(len(written.comments) for written in (opening, *answers))
    run.came_in["solutions"] += solution is not None
    run.came_in["kudos"] += sum(len(written.post.kudos) for written in (opening, *answers))


def _solution(
    run: Import, question: StagedPost, answers: Sequence[Written]
) -> tuple[int | None, datetime | None]:
    """Which of the answers was accepted, and when: the day of the vote, or else the answer's own date."""
    if question.accepted_answer_id is None:
        return None, None
    for index, answer in enumerate(answers):
        if answer.id == question.accepted_answer_id:
            voted_at = run.staging.accepted_at(answer.id)
            return index, max(voted_at, answer.post.at) if voted_at else answer.post.at
    run.report.leave_out("solution", "the accepted answer is not among the answers")
    return None, None
