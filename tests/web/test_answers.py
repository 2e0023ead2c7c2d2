"""Answering, commenting, and the buttons under a post, each with those who may and those who may not."""

from __future__ import annotations

import asyncio
import re

import pytest
from starlette.types import ASGIApp

from community.kudos.models import Kudos
from community.threads import order
from community.threads.models import Draft, Follow, Post, SameProblem, Solution, Thread
from tests.cast import Cast, make_cast
from tests.clients import browser, log_in
from tests.factories import (
    make_account,
    make_answer,
    make_comment,
    make_thread,
    opening_of,
    viewer_for,
)
from tests.fixtures import Visit

LOG_IN = "/log-in?next=/"


def address(thread: Thread) -> str:
    return f"/threads/{thread.id}-{thread.slug}"


async def lock(thread: Thread, cast: Cast) -> None:
    await order.lock_thread(thread.id, by=await viewer_for(cast.moderator), reason="settled")


# --- every verb: colleagues may, outsiders may not, guests are led to the log-in ------------------------------


def verbs(thread: Thread, answer: Post) -> dict[str, dict[str, str]]:
    """The addresses that any reader of a thread may post to, with a form that is complete."""
    return {
        f"/threads/{thread.id}/answers": {"body": "Try another cable."},
        f"/posts/{answer.id}/comments": {"body": "Which cable?"},
        f"/posts/{answer.id}/kudos": {},
        f"/posts/{answer.id}/kudos/take-back": {},
        f"/threads/{thread.id}/same-problem": {},
        f"/threads/{thread.id}/same-problem/take-back": {},
        f"/threads/{thread.id}/follow": {},
        f"/threads/{thread.id}/unfollow": {},
        f"/threads/{thread.id}/mute": {},
        f"/threads/{thread.id}/unmute": {},
        f"/drafts/answer:{thread.id}": {"body": "Not ready"},
    }


async def test_a_colleague_may_use_every_verb(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    colleague = await visit(cast.colleague)
    for url, form in verbs(thread, answer).items():
        assert (await colleague.post(url, data=form)).status_code in (204, 303), url


@pytest.mark.parametrize("space", ["hidden_space", "tile_space"])
async def test_an_outsider_finds_nothing_whatever_the_verb(cast: Cast, visit: Visit, space: str) -> None:
    thread = await make_thread(getattr(cast, space), cast.asker)
    answer = await make_answer(thread, cast.helper)
    own = {f"/threads/{thread.id}/answers/{answer.id}/accept": {}, f"/posts/{answer.id}/edit": {"body": "x"}}
    nowhere = await make_thread(cast.open_space, cast.asker)
    missing = await make_answer(nowhere, cast.helper)
    await Thread.filter(id=nowhere.id).delete()
    for member in (cast.outsider, cast.marketing):
        outsider = await visit(member)
        for url, form in (verbs(thread, answer) | own).items():
            refused = await outsider.post(url, data=form)
            assert refused.status_code == 404, url
            # The same answer as for a thread that is not there at all.
            gone = url.replace(str(thread.id), str(nowhere.id)).replace(str(answer.id), str(missing.id))
            assert (await outsider.post(gone, data=form)).text == refused.text
    assert await Post.filter(thread_id=thread.id).count() == 2


async def test_a_guest_is_led_to_the_log_in(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    guest = await visit()
    for url, form in verbs(thread, answer).items():
        led = await guest.post(url, data=form)
        assert (led.status_code, led.headers["location"]) == (303, LOG_IN), url


async def test_writing_addresses_answer_to_post_only(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    member = await visit(cast.colleague)
    for url in verbs(thread, answer).keys() - {f"/posts/{answer.id}/kudos"}:
        assert (await member.get(url)).status_code == 405, url


# --- answers ------------------------------------------------------------------------------------------------


@pytest.mark.each_database
async def test_an_answer_is_published_in_its_place(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    helper = await visit(cast.helper)
    answer = await helper.post(
        f"/threads/{thread.id}/answers", data={"body": "Try **this**.", "submission": "k"}
    )
    post = await Post.get(kind="answer")
    assert answer.headers["location"] == f"{address(thread)}#post-{post.id}"
    await thread.refresh_from_db()
    assert (thread.status, thread.answer_count) == ("open", 1)
    assert "<strong>this</strong>" in (await helper.get(address(thread))).text


async def test_staff_answers_are_marked_as_such(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await (await visit(cast.moderator)).post(f"/threads/{thread.id}/answers", data={"body": "We are on it."})
    await thread.refresh_from_db()
    assert thread.staff_answered_at is not None
    page = (await (await visit()).get(address(thread))).text
    assert "Jana K." in page
    assert "post--staff" in page


async def test_an_empty_answer_comes_back_with_what_is_wrong(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    helper = await visit(cast.helper)
    answer = await helper.post(f"/threads/{thread.id}/answers", data={"body": "  "})
    assert answer.status_code == 422
    assert "Please fill in this field." in answer.text
    long = await helper.post(f"/threads/{thread.id}/answers", data={"body": "ä" * 20_001})
    assert long.status_code == 422
    assert "ä" * 20_001 in long.text


async def test_an_answer_to_a_locked_thread_is_refused_and_kept(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await lock(thread, cast)
    answer = await (await visit(cast.helper)).post(
        f"/threads/{thread.id}/answers", data={"body": "A long text that took an hour."}
    )
    assert answer.status_code == 409
    assert "A long text that took an hour." in answer.text
    assert await Post.filter(kind="answer").count() == 0
    staff = await visit(cast.moderator)
    assert (await staff.post(f"/threads/{thread.id}/answers", data={"body": "Done."})).status_code == 303


async def test_a_locked_thread_says_so_and_offers_no_form(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await lock(thread, cast)
    page = (await (await visit(cast.helper)).get(address(thread))).text
    assert "This thread is locked (" in page
    assert 'name="body"' not in page


async def test_personal_details_in_an_answer_are_asked_about(cast: Cast, visit: Visit) -> None:
    await make_account(cast.helper, stated_company="Praxis Sonnenschein")
    thread = await make_thread(cast.open_space, cast.asker)
    helper = await visit(cast.helper)
    form = {"body": "Write to praxis@sonnenschein-kiel.de, Praxis Sonnenschein."}
    answer = await helper.post(f"/threads/{thread.id}/answers", data=form)
    assert answer.status_code == 422
    assert "<mark>praxis@sonnenschein-kiel.de</mark>" in answer.text
    assert 'name="confirm"' in answer.text
    assert (
        await helper.post(f"/threads/{thread.id}/answers", data=form | {"confirm": "1"})
    ).status_code == 303


@pytest.mark.each_database
async def test_the_same_form_sent_many_times_at_once_answers_once(fresh_database: str, app: ASGIApp) -> None:
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    answer = {"body": "Try another cable.", "submission": "key-1"}
    comment = {"body": "Which model is it?", "submission": "key-1"}
    async with browser(app) as client:
        await log_in(client, cast.helper)
        answers = await asyncio.gather(
            *(client.post(f"/threads/{thread.id}/answers", data=answer) for _ in range(6)),
        )
        comments = await asyncio.gather(
            *(client.post(f"/posts/{opening.id}/comments", data=comment) for _ in range(6)),
        )
    for made in (answers, comments):
        assert {response.status_code for response in made} == {303}
        assert len({response.headers["location"] for response in made}) == 1
    assert await Post.filter(kind="answer").count() == 1
    assert await Post.filter(kind="comment").count() == 1
    await thread.refresh_from_db()
    assert thread.answer_count == 1


async def test_another_text_under_the_same_key_is_not_lost(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    helper = await visit(cast.helper)
    url = f"/threads/{thread.id}/answers"
    await helper.post(url, data={"body": "First thought.", "submission": "k"})
    second = await helper.post(url, data={"body": "Second thought.", "submission": "k"})
    assert second.status_code == 409
    assert "Second thought." in second.text
    key = re.search(r'id="answer".*?name="submission" value="([^"]+)"', second.text, re.DOTALL).group(1)
    assert (await helper.post(url, data={"body": "Second thought.", "submission": key})).status_code == 303
    assert await Post.filter(kind="answer").count() == 2


async def test_preview_and_draft_keep_the_text(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    helper = await visit(cast.helper)
    url = f"/threads/{thread.id}/answers"
    preview = await helper.post(url, data={"body": "It is *urgent*.", "do": "preview"})
    assert preview.status_code == 200
    assert "<em>urgent</em>" in preview.text
    assert (await Draft.get()).place == f"answer:{thread.id}"
    fragment = await helper.post(
        url, data={"body": "It is **so**.", "do": "preview"}, headers={"HX-Request": "true"}
    )
    assert fragment.text.lstrip().startswith('<section class="preview"')
    saved = await helper.post(url, data={"body": "For later", "do": "draft"})
    assert saved.status_code == 303
    assert "For later" in (await helper.get(address(thread))).text
    assert await Post.filter(kind="answer").count() == 0
    await helper.post(url, data={"body": "Now then."})
    assert await Draft.all().count() == 0


# --- comments -----------------------------------------------------------------------------------------------


async def test_a_comment_stands_under_its_post(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    asker = await visit(cast.asker)
    sent = await asker.post(f"/posts/{answer.id}/comments", data={"body": "And then?"})
    comment = await Post.get(kind="comment")
    assert comment.parent_id == answer.id
    assert sent.headers["location"] == f"{address(thread)}#comment-{comment.id}"
    await thread.refresh_from_db()
    assert thread.answer_count == 1


async def test_a_comment_that_is_too_long_comes_back_where_it_was_typed(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    sent = await (await visit(cast.asker)).post(f"/posts/{answer.id}/comments", data={"body": "x" * 1001})
    assert sent.status_code == 422
    assert sent.text.count('<details class="comment-form" open>') == 1
    assert "x" * 1001 in sent.text


async def test_comments_are_not_commented(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    comment = await make_comment(await make_answer(thread, cast.helper), cast.asker)
    sent = await (await visit(cast.helper)).post(f"/posts/{comment.id}/comments", data={"body": "Me too"})
    assert sent.status_code == 404


async def test_a_comment_on_a_locked_thread_is_refused_and_kept(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await lock(thread, cast)
    sent = await (await visit(cast.asker)).post(
        f"/posts/{answer.id}/comments", data={"body": "One more thing"}
    )
    assert sent.status_code == 409
    assert "One more thing" in sent.text


# --- solution -----------------------------------------------------------------------------------------------


@pytest.mark.each_database
async def test_the_asker_accepts_and_withdraws_the_solution(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    first, second = await make_answer(thread, cast.helper), await make_answer(thread, cast.colleague)
    asker = await visit(cast.asker)
    for answer in (first, second, second):
        done = await asker.post(f"/threads/{thread.id}/answers/{answer.id}/accept")
        assert done.headers["location"] == f"{address(thread)}#solution"
        assert (await Solution.get()).post_id == answer.id
    await thread.refresh_from_db()
    await cast.helper.refresh_from_db()
    await cast.colleague.refresh_from_db()
    assert (thread.status, cast.helper.solution_count, cast.colleague.solution_count) == ("solved", 0, 1)
    page = (await asker.get(address(thread))).text
    assert f"/threads/{thread.id}/solution/withdraw" in page
    assert (await asker.post(f"/threads/{thread.id}/solution/withdraw")).status_code == 303
    await thread.refresh_from_db()
    await cast.colleague.refresh_from_db()
    assert (thread.status, cast.colleague.solution_count) == ("open", 0)
    assert await Solution.all().count() == 0


async def test_nobody_but_the_asker_accepts_a_solution(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    for member in (cast.helper, cast.colleague, cast.moderator):
        other = await visit(member)
        for url in (
            f"/threads/{thread.id}/answers/{answer.id}/accept",
            f"/threads/{thread.id}/solution/withdraw",
        ):
            assert (await other.post(url)).status_code == 403
    assert await Solution.all().count() == 0


async def test_only_an_answer_of_this_thread_can_be_its_solution(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    other = await make_thread(cast.open_space, cast.asker)
    elsewhere = await make_answer(other, cast.helper)
    opening = await opening_of(thread)
    comment = await make_comment(opening, cast.helper)
    asker = await visit(cast.asker)
    for post in (elsewhere, opening, comment):
        accepted = await asker.post(f"/threads/{thread.id}/answers/{post.id}/accept")
        assert accepted.status_code == 404


# --- kudos, same problem, follow ----------------------------------------------------------------------------


async def test_kudos_are_given_and_taken_back(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    member = await visit(cast.colleague)
    given = await member.post(f"/posts/{answer.id}/kudos")
    assert given.headers["location"] == f"{address(thread)}#post-{answer.id}"
    await answer.refresh_from_db()
    assert answer.kudos_count == 1
    page = (await member.get(address(thread))).text
    assert f'action="/posts/{answer.id}/kudos/take-back"' in page
    await member.post(f"/posts/{answer.id}/kudos/take-back")
    await answer.refresh_from_db()
    assert answer.kudos_count == 0
    assert await Kudos.all().count() == 0


async def test_members_read_who_gave_kudos(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.members_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    url = f"/posts/{answer.id}/kudos"
    for member in (cast.colleague, cast.moderator):
        await (await visit(member)).post(url)
    # An import knows that a third one thanked, but not who.
    await Kudos.create(post_id=answer.id, given_at=answer.created_at)
    await Post.filter(id=answer.id).update(kudos_count=3)
    reader = await visit(cast.outsider)
    page = (await reader.get(url)).text
    for text in ("3 kudos", "Colleague", "Jana K.", "and 1 more"):
        assert text in page
    assert f'href="{url}"' in (await reader.get(address(thread))).text
    assert (await (await visit()).get(url)).status_code == 303


async def test_who_thanked_in_an_exclusive_space_stays_there(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    assert (await (await visit(cast.outsider)).get(f"/posts/{answer.id}/kudos")).status_code == 404


async def test_nobody_thanks_themselves(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    assert (await (await visit(cast.helper)).post(f"/posts/{answer.id}/kudos")).status_code == 403
    assert await Kudos.all().count() == 0


async def test_a_pressed_button_comes_back_as_it_is_now(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    member = await visit(cast.colleague)
    script = {"HX-Request": "true"}
    kudos = (await member.post(f"/posts/{answer.id}/kudos", headers=script)).text
    assert kudos.startswith(f'<form method="post" action="/posts/{answer.id}/kudos/take-back"')
    assert f'id="kudos-{answer.id}-button" aria-pressed="true"' in kudos
    assert '<span class="num">1</span>' in kudos
    kudos = (await member.post(f"/posts/{answer.id}/kudos/take-back", headers=script)).text
    assert 'aria-pressed="false"' in kudos
    same = (await member.post(f"/threads/{thread.id}/same-problem", headers=script)).text
    assert f'action="/threads/{thread.id}/same-problem/take-back"' in same
    assert 'aria-pressed="true"' in same
    follow = (await member.post(f"/threads/{thread.id}/follow", headers=script)).text
    assert f'action="/threads/{thread.id}/unfollow"' in follow
    assert "<html" not in kudos + same + follow


async def test_same_problem_and_follow_count_once(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    member = await visit(cast.colleague)
    for _time in range(2):
        await member.post(f"/threads/{thread.id}/same-problem")
        await member.post(f"/threads/{thread.id}/follow")
    await thread.refresh_from_db()
    assert thread.same_problem_count == await SameProblem.all().count() == 1
    assert await Follow.filter(member_id=cast.colleague.id).count() == 1
    for _time in range(2):
        await member.post(f"/threads/{thread.id}/same-problem/take-back")
        await member.post(f"/threads/{thread.id}/unfollow")
    await thread.refresh_from_db()
    assert thread.same_problem_count == await SameProblem.all().count() == 0
    assert await Follow.filter(member_id=cast.colleague.id).count() == 0


async def test_the_asker_has_the_problem_anyway(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    assert (await (await visit(cast.asker)).post(f"/threads/{thread.id}/same-problem")).status_code == 403


async def test_only_questions_are_somebodys_problem_too(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.discussions, cast.asker)
    helper = await visit(cast.helper)
    assert (await helper.post(f"/threads/{thread.id}/same-problem")).status_code == 404
    assert (await Thread.get(id=thread.id)).same_problem_count == 0
