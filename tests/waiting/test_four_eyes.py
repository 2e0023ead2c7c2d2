"""Texts of staff wait for a second person, by no path for the same one; and then everything follows as ever."""

from __future__ import annotations

import asyncio
import re

import pytest

from community.core.errors import Conflict, RuleBroken
from community.decisions.actions import log
from community.decisions.models import LogEntry, Release, WorkItem
from community.notifications.models import Notification
from community.spaces.models import Space
from community.threads import order
from community.threads.models import Draft, Post, Revision, Thread
from community.threads.retitling import retitle_thread
from community.waiting import actions
from community.waiting.actions import Wording
from community.waiting.models import WaitingText
from search import SearchEngine
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_member, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import assert_figures_are_right, deliver, told
from tests.waiting.texts import BODY, ORIGIN, ask_for_four_eyes, waiting_answer, waiting_edit, waiting_thread


@pytest.mark.each_database
async def test_an_answer_of_staff_waits_and_is_published_by_a_second_person(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    await deliver(search_engine)
    writer = await visit(cast.moderator)
    await writer.post(f"/drafts/answer:{thread.id}", data={"body": "Half of it"}, headers=ORIGIN)
    form = {"body": BODY, "submission": "key-of-the-form"}
    sent = await writer.post(f"/threads/{thread.id}/answers", data=form, headers=ORIGIN)
    text = await WaitingText.get()
    assert (sent.status_code, sent.headers["location"]) == (303, f"/waiting/{text.id}")
    again = await writer.post(f"/threads/{thread.id}/answers", data=form, headers=ORIGIN)
    assert again.headers["location"] == f"/waiting/{text.id}"
    assert await WaitingText.all().count() == 1
    assert await Draft.all().count() == 0
    own = await writer.get(f"/waiting/{text.id}")
    assert BODY in own.text
    assert "second person" in own.text
    page = await writer.get(f"/threads/{thread.id}", follow_redirects=True)
    assert f"/waiting/{text.id}" in page.text
    assert (await Thread.get(id=thread.id)).answer_count == 0

    await deliver(search_engine)
    assert await told(cast.asker) == []

    releaser = await visit(cast.administrator)
    listed = await releaser.get("/moderation/waiting", follow_redirects=True)
    item = f"/moderation/items/{(await WorkItem.get(kind='text')).id}"
    assert item in listed.text
    assert (await releaser.get(item)).headers["location"] == f"/moderation/waiting/{text.id}"
    assert BODY in (await releaser.get(f"/moderation/waiting/{text.id}")).text
    done = await releaser.post(
        f"/moderation/waiting/{text.id}/release", data={"version": "1", "post_version": "0"}, headers=ORIGIN
    )
    assert (done.status_code, done.headers["location"]) == (303, "/moderation?kind=text")
    assert await WorkItem.filter(kind="text").count() == 0
    answer = await Post.get(kind="answer")
    assert (answer.body, answer.author_id) == (BODY, cast.moderator.id)
    shown = await Thread.get(id=thread.id)
    assert (shown.answer_count, shown.status, shown.staff_answered_at is not None) == (1, "open", True)
    assert (await WaitingText.get()).body == ""
    release = await Release.get(subject=f"text:{text.id}")
    assert (release.drafted_by, release.released_by) == (cast.moderator.id, cast.administrator.id)
    await deliver(search_engine)
    assert [kind for kind, _note in await told(cast.asker)] == ["answered"]
    assert [kind for kind, _note in await told(cast.moderator)] == ["text_released"]
    await assert_figures_are_right()
    leads = await writer.get(f"/waiting/{text.id}")
    assert leads.headers["location"] == f"/posts/{answer.id}"


async def test_nobody_else_finds_a_trace_of_it(cast: Cast, visit: Visit) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await waiting_answer(thread.id, cast.moderator, "Quittenmarmelade is the answer.")
    article = await waiting_thread(cast.open_space, cast.moderator, title="Quittenmarmelade")
    places = (
        *(
            "/",
            "/spaces",
            f"/spaces/{cast.open_space.slug}",
            "/search?q=quittenmarmelade",
            "/feeds/latest.atom",
        ),
        *(f"/feeds/threads/{thread.id}.atom", "/members/jana", "/sitemap.xml", f"/threads/{thread.id}"),
        *("/waiting", f"/waiting/{answer.id}", f"/waiting/{article.id}", f"/moderation/waiting/{answer.id}"),
        *("/moderation/waiting", f"/posts/{answer.id}", f"/threads/{article.id}"),
    )
    for somebody in (None, cast.asker, cast.outsider, cast.marketing):
        client = await visit(somebody)
        for place in places:
            shown = await client.get(place, follow_redirects=True)
            if place.startswith("/search?"):  # The words that were asked for stand on the page.
                assert "is the answer" not in shown.text
            else:
                assert "Quittenmarmelade" not in shown.text, (somebody, place)
        for act in ("release", "refuse", "edit"):
            sent = await client.post(
                f"/moderation/waiting/{answer.id}/{act}",
                data={"version": "1", "post_version": "0", "reason": "because", "body": "Mine"},
                headers=ORIGIN,
            )
            assert sent.status_code in (303, 403, 404)
        sent = await client.post(
            f"/waiting/{answer.id}", data={"version": "1", "body": "Mine"}, headers=ORIGIN
        )
        assert sent.status_code in (303, 404)
        await client.post(f"/waiting/{answer.id}/take-back", headers=ORIGIN)
    row = await WaitingText.get(id=answer.id)
    assert (row.state, row.version, row.body) == ("waiting", 1, "Quittenmarmelade is the answer.")


@pytest.mark.each_database
async def test_whoever_has_written_into_it_does_not_release_it(cast: Cast, visit: Visit) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    text = await waiting_answer(thread.id, cast.moderator)
    author, colleague = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    with pytest.raises(RuleBroken):
        await actions.release_text(text.id, version=1, post_version=0, by=author)
    page = await (await visit(cast.moderator)).get(f"/moderation/waiting/{text.id}")
    assert "/release" not in page.text

    mender = await visit(cast.administrator)
    sent = await mender.post(
        f"/moderation/waiting/{text.id}/edit", data={"version": "1", "body": "Mended."}, headers=ORIGIN
    )
    assert sent.status_code == 303
    for by, version in ((colleague, 2), (author, 2)):
        with pytest.raises(RuleBroken):
            await actions.release_text(text.id, version=version, post_version=0, by=by)
    refused = await mender.post(
        f"/moderation/waiting/{text.id}/release", data={"version": "2", "post_version": "0"}, headers=ORIGIN
    )
    assert refused.status_code == 409
    # Nor does the co-writer get out of it when the author writes over it.
    await actions.rewrite_text(text.id, Wording("All mine again."), version=2, by=author)
    with pytest.raises(RuleBroken):
        await actions.release_text(text.id, version=3, post_version=0, by=colleague)
    assert await Post.filter(kind="answer").count() == 0
    third = await make_member("kim", role="moderator", staff_name="Kim L.")
    await actions.release_text(text.id, version=3, post_version=0, by=await viewer_for(third))
    assert (await Post.get(kind="answer")).body == "All mine again."


async def test_who_made_somebody_staff_today_is_not_their_second_person(cast: Cast) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    fresh = await make_member("kim", role="moderator", staff_name="Kim L.")
    administrator = await viewer_for(cast.administrator)
    await log("change_role", f"member:{fresh.id}", by=administrator, reason="")
    theirs, ours = await waiting_answer(thread.id, fresh), await waiting_answer(thread.id, cast.administrator)
    with pytest.raises(RuleBroken, match="second person"):
        await actions.release_text(theirs.id, version=1, post_version=0, by=administrator)
    with pytest.raises(RuleBroken, match="second person"):
        await actions.release_text(ours.id, version=1, post_version=0, by=await viewer_for(fresh))
    await actions.release_text(theirs.id, version=1, post_version=0, by=await viewer_for(cast.moderator))


@pytest.mark.each_database
async def test_an_edit_of_a_released_text_starts_again(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.moderator, "The old words.")
    await ask_for_four_eyes(cast.open_space)
    writer = await visit(cast.moderator)
    form = {"body": "The new words.", "version": "1"}
    sent = await writer.post(f"/posts/{answer.id}/edit", data=form, headers=ORIGIN)
    text = await WaitingText.get()
    assert sent.headers["location"] == f"/waiting/{text.id}"
    # The form goes on with the change that waits, and a form sent twice makes no second one.
    assert (await writer.get(f"/posts/{answer.id}/edit")).headers["location"] == f"/waiting/{text.id}"
    assert (await writer.post(f"/posts/{answer.id}/edit", data=form, headers=ORIGIN)).status_code == 409
    assert await WaitingText.all().count() == 1
    assert (await Post.get(id=answer.id)).body == "The old words."

    releaser = await visit(cast.administrator)
    page = await releaser.get(f"/moderation/waiting/{text.id}")
    assert re.search(r"<del>.*?</span>old<span", page.text)
    assert re.search(r"<ins>.*?</span>new<span", page.text)
    # The post changes meanwhile: what the releaser has read is not what would happen.
    await ask_for_four_eyes(cast.blog)
    await Space.filter(id=cast.open_space.id).update(staff_posts_wait=False)
    await writer.post(
        f"/posts/{answer.id}/edit", data={"body": "Other old words.", "version": "1"}, headers=ORIGIN
    )
    release = {"version": "1", "post_version": "1"}
    late = await releaser.post(f"/moderation/waiting/{text.id}/release", data=release, headers=ORIGIN)
    assert late.status_code == 409
    assert (await Post.get(id=answer.id)).body == "Other old words."
    release["post_version"] = "2"
    await releaser.post(f"/moderation/waiting/{text.id}/release", data=release, headers=ORIGIN)
    assert (await Post.get(id=answer.id)).body == "The new words."
    assert await Revision.filter(post_id=answer.id, edited_by_id=cast.moderator.id).count() == 2


async def test_a_colleague_may_release_what_another_changed_in_their_text(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.moderator, "The old words.")
    await ask_for_four_eyes(cast.open_space)
    text = await waiting_edit(answer.id, cast.administrator, "The new words.", reason="It was wrong.")
    with pytest.raises(RuleBroken):
        await actions.release_text(
            text.id, version=1, post_version=1, by=await viewer_for(cast.administrator)
        )
    await actions.release_text(text.id, version=1, post_version=1, by=await viewer_for(cast.moderator))
    assert (await Post.get(id=answer.id)).body == "The new words."
    entry = await LogEntry.get(act="edit_post")
    assert (entry.actor_id, entry.reason) == (cast.administrator.id, "It was wrong.")


async def test_correcting_a_member_is_an_act_of_moderation_and_does_not_wait(
    cast: Cast, visit: Visit
) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    moderator = await visit(cast.moderator)
    await moderator.post(
        f"/posts/{opening.id}/edit",
        data={
            "body": "Without the number.",
            "title": thread.title,
            "version": "1",
            "reason": "A phone number.",
        },
        headers=ORIGIN,
    )
    assert (await Post.get(id=opening.id)).body == "Without the number."


@pytest.mark.each_database
async def test_an_article_waits_where_articles_do_and_comments_do_not(cast: Cast, visit: Visit) -> None:
    await ask_for_four_eyes(cast.blog, articles=True)
    writer = await visit(cast.marketing)
    form = {"title": "News from the lab", "space": cast.blog.slug, "body": BODY, "tags": "lab"}
    sent = await writer.post("/ask", data=form, headers=ORIGIN)
    text = await WaitingText.get()
    assert sent.headers["location"] == f"/waiting/{text.id}"
    assert "News from the lab" not in (await writer.get("/blog")).text
    await actions.release_text(text.id, version=1, post_version=0, by=await viewer_for(cast.moderator))
    article = await Thread.get(title="News from the lab")
    assert (article.author_id, article.tag_names) == (cast.marketing.id, "lab")
    assert "News from the lab" in (await writer.get("/blog")).text
    await writer.post(f"/threads/{article.id}/answers", data={"body": "First comment."}, headers=ORIGIN)
    assert await Post.filter(kind="answer").count() == 1
    members = await visit(cast.asker)
    await members.post(f"/threads/{article.id}/answers", data={"body": "Thank you!"}, headers=ORIGIN)
    assert await Post.filter(kind="answer").count() == 2
    await assert_figures_are_right()


@pytest.mark.each_database
async def test_refused_text_is_kept_and_can_be_sent_once_more(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    text = await waiting_answer(thread.id, cast.moderator)
    decider, author = await visit(cast.administrator), await visit(cast.moderator)
    empty = await decider.post(
        f"/moderation/waiting/{text.id}/refuse", data={"version": "1", "reason": ""}, headers=ORIGIN
    )
    assert empty.status_code == 422
    await decider.post(
        f"/moderation/waiting/{text.id}/refuse",
        data={"version": "1", "reason": "The date is wrong."},
        headers=ORIGIN,
    )
    await deliver(search_engine)
    assert await told(cast.moderator) == [("text_refused", "The date is wrong.")]
    notification = await Notification.get(member_id=cast.moderator.id)
    assert (await author.get(f"/notifications/{notification.id}")).headers["location"] == "/waiting"
    page = await author.get(f"/waiting/{text.id}")
    assert BODY in page.text
    assert "The date is wrong." in page.text
    assert f"/waiting/{text.id}" in (await author.get("/waiting")).text
    late = await decider.post(
        f"/moderation/waiting/{text.id}/release", data={"version": "1", "post_version": "0"}, headers=ORIGIN
    )
    assert late.status_code == 409
    assert "Tom B." in late.text
    await author.post(f"/waiting/{text.id}", data={"version": "1", "body": "On Tuesday."}, headers=ORIGIN)
    row = await WaitingText.get(id=text.id)
    assert (row.state, row.version, row.refusal) == ("waiting", 2, "")
    entry = await LogEntry.get(act="refuse_text")
    assert (entry.subject, entry.reason) == (f"text:{text.id}", "The date is wrong.")


@pytest.mark.each_database
async def test_of_two_who_decide_at_once_one_wins(fresh_database: str) -> None:
    cast = await make_cast()
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    writer = await make_member("kim", role="moderator", staff_name="Kim L.")
    text = await waiting_answer(thread.id, writer)
    jana, tom = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    results = await asyncio.gather(
        actions.release_text(text.id, version=1, post_version=0, by=jana),
        actions.refuse_text(text.id, version=1, by=tom, reason="Not now."),
        return_exceptions=True,
    )
    lost = [result for result in results if isinstance(result, Exception)]
    assert len(lost) == 1
    assert isinstance(lost[0], Conflict), lost[0]
    winner = {"released": "Jana K.", "refused": "Tom B."}[(await WaitingText.get()).state]
    assert str(lost[0]) == f"{winner} has decided about this meanwhile."
    assert await Post.filter(kind="answer").count() == (1 if winner == "Jana K." else 0)
    assert await LogEntry.filter(act__in=["release_text", "refuse_text"]).count() == 1


async def test_a_decision_is_about_what_was_read(cast: Cast) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    text = await waiting_answer(thread.id, cast.moderator)
    author = await viewer_for(cast.moderator)
    await actions.rewrite_text(text.id, Wording("Something else."), version=1, by=author)
    with pytest.raises(Conflict):
        await actions.release_text(
            text.id, version=1, post_version=0, by=await viewer_for(cast.administrator)
        )
    await actions.rewrite_text(text.id, Wording("Something else."), version=1, by=author)  # Sent twice.
    with pytest.raises(Conflict):
        await actions.rewrite_text(text.id, Wording("A third text."), version=1, by=author)
    assert (await WaitingText.get(id=text.id)).version == 2


async def test_nobody_brings_their_own_text_past_the_second_person_by_moving_it(cast: Cast) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.discussions, cast.moderator)
    with pytest.raises(RuleBroken):
        await order.move_thread(
            thread.id,
            to_space=cast.open_space.id,
            by=await viewer_for(cast.moderator),
            reason="Belongs there.",
        )
    await order.move_thread(
        thread.id,
        to_space=cast.open_space.id,
        by=await viewer_for(cast.administrator),
        reason="Belongs there.",
    )


async def test_nor_by_giving_their_thread_another_title(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.moderator)
    asked = await make_thread(cast.open_space, cast.asker)
    await ask_for_four_eyes(cast.open_space)
    moderator = await viewer_for(cast.moderator)
    with pytest.raises(RuleBroken):
        await retitle_thread(thread.id, title="All is well", tags=(), by=moderator, reason="Nicer.")
    await retitle_thread(asked.id, title="All is well", tags=(), by=moderator, reason="Nicer.")


async def test_what_cannot_be_published_any_more_is_said_and_keeps_waiting(cast: Cast) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    text = await waiting_answer(thread.id, cast.marketing)
    moderator = await viewer_for(cast.moderator)
    await order.hide_post((await opening_of(thread)).id, by=moderator, reason="Not here.")
    with pytest.raises(RuleBroken):
        await actions.release_text(text.id, version=1, post_version=0, by=moderator)
    assert (await WaitingText.get(id=text.id)).state == "waiting"


async def test_the_author_can_take_it_back(cast: Cast, visit: Visit) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    text = await waiting_answer(thread.id, cast.moderator)
    author = await visit(cast.moderator)
    assert (await author.post(f"/waiting/{text.id}/take-back", headers=ORIGIN)).status_code == 303
    assert await WaitingText.all().count() == 0


async def test_spaces_ask_for_it_in_their_form(cast: Cast, visit: Visit) -> None:
    administrator = await visit(cast.administrator)
    form = {
        "name": "Blog", "kind": "blog", "access": "open", "language": "en", "icon": "newspaper",
        "articles_wait": "1", "erasures_wait": "1",
    }  # fmt: skip
    await administrator.post(f"/admin/spaces/{cast.blog.slug}", data=form, headers=ORIGIN)
    space = await Space.get(id=cast.blog.id)
    assert (space.articles_wait, space.staff_posts_wait, space.erasures_wait) == (True, False, True)
    page = await administrator.get(f"/admin/spaces/{cast.blog.slug}")
    assert 'name="articles_wait" value="1" checked' in page.text
    assert (await LogEntry.get(act="change_space")).details["four_eyes"]["articles_wait"] is True
