"""A thread has at most one solution, and all figures agree with it."""

from __future__ import annotations

import asyncio

import pytest

from community.core.errors import RuleBroken
from community.core.models import OutboxFact
from community.members.models import Member
from community.spaces.models import Space
from community.threads.marks import accept_solution, withdraw_solution
from community.threads.models import Post, Solution, Thread
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_comment, make_thread, opening_of


@pytest.mark.each_database
async def test_a_second_solution_replaces_the_first(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    first, second = await make_answer(thread, cast.helper), await make_answer(thread, cast.colleague)
    await accept_solution(first.id, by=cast.asker.id)
    await accept_solution(second.id, by=cast.asker.id)
    assert (await Solution.get()).post_id == second.id
    assert (await Member.get(id=cast.helper.id)).solution_count == 0
    assert (await Member.get(id=cast.colleague.id)).solution_count == 1
    assert (await Space.get(id=cast.open_space.id)).solved_count == 1


@pytest.mark.each_database
async def test_many_at_once_leave_one_solution(fresh_database: str) -> None:
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    answers = [await make_answer(thread, member) for member in (cast.helper, cast.colleague, cast.moderator)]
    await asyncio.gather(
        *(accept_solution(answer.id, by=cast.asker.id) for _round in range(5) for answer in answers),
        *(withdraw_solution(thread.id, by=cast.asker.id) for _round in range(3)),
    )
    solutions = await Solution.all()
    thread = await Thread.get(id=thread.id)
    assert len(solutions) <= 1
    assert thread.status == ("solved" if solutions else "open")
    authors = await Member.filter(id__in=[answer.author_id for answer in answers])
    total = sum(author.solution_count for author in authors)
    space = await Space.get(id=cast.open_space.id)
    assert total == space.solved_count == len(solutions)


async def test_accepting_again_changes_nothing(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await accept_solution(answer.id, by=cast.asker.id)
    before = await Solution.get().values()
    await accept_solution(answer.id, by=cast.asker.id)
    assert await Solution.get().values() == before
    assert await OutboxFact.filter(name="solution.accepted").count() == 1


async def test_neither_question_nor_comment_nor_hidden_answer_can_be_the_solution(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    comment = await make_comment(answer, cast.asker)
    hidden = await make_answer(thread, cast.helper)
    await Post.filter(id=hidden.id).update(hidden_at=hidden.created_at)
    for post in (await opening_of(thread), comment, hidden):
        with pytest.raises(RuleBroken):
            await accept_solution(post.id, by=cast.asker.id)


async def test_discussions_have_no_solution(cast: Cast) -> None:
    thread = await make_thread(cast.discussions, cast.asker)
    answer = await make_answer(thread, cast.helper)
    with pytest.raises(RuleBroken):
        await accept_solution(answer.id, by=cast.asker.id)


async def test_withdrawing_twice_is_withdrawing_once(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await accept_solution(answer.id, by=cast.asker.id)
    await withdraw_solution(thread.id, by=cast.asker.id)
    await withdraw_solution(thread.id, by=cast.asker.id)
    assert (await Member.get(id=cast.helper.id)).solution_count == 0
    assert (await Space.get(id=cast.open_space.id)).solved_count == 0
    assert (await Thread.get(id=thread.id)).status == "open"


async def test_solutions_in_exclusive_spaces_do_not_enter_the_public_figure(cast: Cast) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker)
    await accept_solution((await make_answer(thread, cast.helper)).id, by=cast.asker.id)
    assert (await Member.get(id=cast.helper.id)).solution_count == 0
    assert (await Space.get(id=cast.hidden_space.id)).solved_count == 1
