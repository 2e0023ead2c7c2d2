"""Editing a post and reading what it said before."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from community.core.clock import now
from community.decisions.models import LogEntry
from community.threads import order
from community.threads.models import Post, Revision, Thread
from community.worker import Worker
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_comment, make_thread, opening_of, viewer_for
from tests.fixtures import Visit


@pytest.mark.each_database
async def test_a_question_gets_another_title_text_and_tags(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Router restarts", tags=("router",))
    opening = await opening_of(thread)
    asker = await visit(cast.asker)
    form = await asker.get(f"/posts/{opening.id}/edit")
    assert form.status_code == 200
    for value in ("Router restarts", opening.body, "router"):
        assert value in form.text
    change = {"title": "Router restarts at night", "body": "Every **night**.", "tags": "vpn", "version": "1"}
    saved = await asker.post(f"/posts/{opening.id}/edit", data=change)
    new_address = f"/threads/{thread.id}-router-restarts-at-night"
    assert saved.headers["location"] == f"{new_address}#post-{opening.id}"
    page = (await asker.get(new_address)).text
    assert "<strong>night</strong>" in page
    assert "edited" in page
    assert "?tag=vpn" in page
    assert "?tag=router" not in page
    old = await asker.get(f"/threads/{thread.id}-router-restarts")
    assert (old.status_code, old.headers["location"]) == (301, new_address)


async def test_answers_and_comments_are_edited_by_their_authors(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    comment = await make_comment(answer, cast.helper)
    helper = await visit(cast.helper)
    for post, anchor in ((answer, f"#post-{answer.id}"), (comment, f"#comment-{comment.id}")):
        saved = await helper.post(f"/posts/{post.id}/edit", data={"body": "Changed text", "version": "1"})
        assert saved.headers["location"].endswith(anchor)
        await post.refresh_from_db()
        assert (post.body, post.version) == ("Changed text", 2)
    assert (await Thread.get(id=thread.id)).title == thread.title


async def test_others_may_not_edit_but_moderators_may(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    for member in (cast.asker, cast.outsider, cast.marketing):
        other = await visit(member)
        assert (await other.get(f"/posts/{answer.id}/edit")).status_code == 403
        refused = await other.post(f"/posts/{answer.id}/edit", data={"body": "Mine now", "version": "1"})
        assert refused.status_code == 403
    guest = await (await visit()).get(f"/posts/{answer.id}/edit")
    assert guest.headers["location"] == f"/log-in?next=/posts/{answer.id}/edit"
    moderator = await visit(cast.moderator)
    change = {"body": "Without the rude words", "version": "1", "reason": "Insults somebody"}
    assert (await moderator.post(f"/posts/{answer.id}/edit", data=change)).status_code == 303


async def test_moderators_say_why_they_edit_what_others_wrote_and_the_author_reads_it(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    moderator = await visit(cast.moderator)
    assert 'name="reason"' in (await moderator.get(f"/posts/{answer.id}/edit")).text
    change = {"body": "Without the rude words", "version": "1"}
    without = await moderator.post(f"/posts/{answer.id}/edit", data=change)
    assert without.status_code == 422
    assert "Without the rude words" in without.text
    assert await LogEntry.filter(act="edit_post").count() == 0
    change["reason"] = "Insults somebody"
    assert (await moderator.post(f"/posts/{answer.id}/edit", data=change)).status_code == 303
    entry = await LogEntry.get(act="edit_post")
    assert (entry.subject, entry.reason, entry.actor_name) == (
        f"post:{answer.id}",
        "Insults somebody",
        "Jana K.",
    )
    worker = Worker(search_engine)
    while await worker.run_once():
        pass
    helper = await visit(cast.helper)
    told = (await helper.get("/notifications")).text
    assert "The moderators have edited your post" in told
    assert "Insults somebody" in told
    assert 'name="reason"' not in (await helper.get(f"/posts/{answer.id}/edit")).text


async def test_own_posts_are_edited_for_a_day_and_not_in_locked_threads(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    old = await make_answer(thread, cast.helper, at=now() - timedelta(hours=25))
    fresh = await make_answer(thread, cast.helper)
    helper = await visit(cast.helper)
    assert (await helper.get(f"/posts/{old.id}/edit")).status_code == 403
    assert (await helper.get(f"/posts/{fresh.id}/edit")).status_code == 200
    await order.lock_thread(thread.id, by=await viewer_for(cast.moderator), reason="settled")
    assert (await helper.get(f"/posts/{fresh.id}/edit")).status_code == 403


async def test_saving_without_a_change_makes_no_version(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    saved = await (await visit(cast.helper)).post(
        f"/posts/{answer.id}/edit", data={"body": answer.body, "version": "1"}
    )
    assert saved.status_code == 303
    assert await Revision.all().count() == 0
    assert (await Post.get(id=answer.id)).edited_at is None


async def test_preview_and_errors_keep_the_text(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    asker = await visit(cast.asker)
    url = f"/posts/{opening.id}/edit"
    typed = {"title": "", "body": "It **stops**.", "tags": "vpn", "version": "1"}
    preview = await asker.post(url, data=typed | {"do": "preview"})
    assert "<strong>stops</strong>" in preview.text
    assert "It **stops**.</textarea>" in preview.text
    wrong = await asker.post(url, data=typed)
    assert wrong.status_code == 422
    assert "Please fill in this field." in wrong.text
    assert "It **stops**.</textarea>" in wrong.text
    assert (await Post.get(id=opening.id)).body == opening.body


async def test_the_history_shows_what_each_version_changed(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.members_space, cast.asker)
    answer = await make_answer(thread, cast.helper, "Restart the router.")
    helper = await visit(cast.helper)
    await helper.post(f"/posts/{answer.id}/edit", data={"body": "Restart the modem.", "version": "1"})
    await (await visit(cast.moderator)).post(
        f"/posts/{answer.id}/edit",
        data={"body": "Restart the modem, please.", "version": "2", "reason": "More polite"},
    )
    page = await (await visit(cast.outsider)).get(f"/posts/{answer.id}/history")
    assert page.status_code == 200
    text = re.sub(r'<span class="vh">.*?</span>', "", page.text)
    assert "Restart the <del>router</del><ins>modem</ins>." in text
    assert "Restart the modem<ins>, please</ins>." in text
    assert text.index("Version 3") < text.index("Version 2") < text.index("Version 1")
    assert "Jana K." in text
    guest = await (await visit()).get(f"/posts/{answer.id}/history")
    assert guest.headers["location"] == f"/log-in?next=/posts/{answer.id}/history"


async def test_the_history_of_an_exclusive_post_is_not_found_outside(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    for url in (f"/posts/{answer.id}", f"/posts/{answer.id}/history", f"/posts/{answer.id}/edit"):
        assert (await (await visit(cast.outsider)).get(url)).status_code == 404
        assert (await (await visit(cast.colleague)).get(url)).status_code in (200, 302, 403)
