"""Files wait with the text they are attached to: seen by those who decide about it, posted with it, gone with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from community.attachments.cleaning import forget_unposted
from community.attachments.models import Attachment
from community.core.clock import now
from community.core.viewer import Role
from community.spaces.models import Space
from community.threads.models import Post
from community.waiting.actions import release_text
from community.waiting.models import WaitingText
from tests.attachments.posted import TEXT, address, attach, png, posted, send
from tests.cast import Cast
from tests.factories import make_answer, make_member, make_thread, viewer_for
from tests.fixtures import Visit


async def waiting_answer(cast: Cast, visit: Visit) -> tuple[WaitingText, Attachment]:
    await Space.filter(id=cast.open_space.id).update(staff_posts_wait=True)
    thread = await make_thread(cast.open_space, cast.asker)
    client = await visit(cast.moderator)
    answer = await send(client, f"/threads/{thread.id}/answers", {"body": "Here is the log."}, [TEXT])
    assert answer.status_code == 303, answer.text
    return await WaitingText.get(), await Attachment.get()


async def test_files_wait_with_their_text_and_are_posted_with_it(cast: Cast, visit: Visit) -> None:
    text, row = await waiting_answer(cast, visit)
    assert await Post.filter(kind="answer").count() == 0
    url = f"/attachments/{row.id}/router.log"
    for member, status in (
        (None, 404),
        (cast.asker, 404),
        (cast.marketing, 404),
        (cast.moderator, 200),
        (cast.administrator, 200),
    ):
        assert (await (await visit(member)).get(url)).status_code == status
    with time_machine.travel(now() + timedelta(days=9)):
        await forget_unposted()
    assert await Attachment.filter(id=row.id).exists()
    client = await visit(cast.administrator)
    assert url in (await client.get(f"/moderation/waiting/{text.id}")).text
    await client.post(f"/attachments/{row.id}/remove")
    await release_text(text.id, version=1, post_version=0, by=await viewer_for(cast.administrator))
    answer = await Post.get(kind="answer")
    assert (await Attachment.get()).post_id == answer.id
    assert (await (await visit()).get(url)).status_code == 200


async def test_a_text_that_is_taken_back_takes_its_files(cast: Cast, visit: Visit) -> None:
    text, row = await waiting_answer(cast, visit)
    client = await visit(cast.moderator)
    assert f"/attachments/{row.id}/" in (await client.get(f"/waiting/{text.id}")).text
    assert (await client.post(f"/waiting/{text.id}/take-back")).status_code == 303
    assert await Attachment.all().count() == 0


@pytest.mark.each_database
async def test_a_change_that_waits_changes_files_once_it_is_released(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.moderator, "As it was.")
    stays, goes = (
        await posted(answer.id, cast.moderator, TEXT),
        await posted(answer.id, cast.moderator, png()),
    )
    await Space.filter(id=cast.open_space.id).update(staff_posts_wait=True)
    client = await visit(cast.moderator)
    # Every word stays: it is a change of the files alone.
    fields = {"body": answer.body, "version": "1", "attachments": str(stays.id)}
    waits = await send(client, f"/posts/{answer.id}/edit", fields, [("new.txt", b"new")])
    text = await WaitingText.get()
    assert waits.headers["location"].startswith(f"/waiting/{text.id}")
    new = await Attachment.get(name="new.txt")
    thread_page = (await (await visit()).get(f"/threads/{thread.id}", follow_redirects=True)).text
    assert f"/attachments/{goes.id}/" in thread_page
    assert f"/attachments/{new.id}/" not in thread_page
    for viewer, url in (
        (cast.moderator, f"/waiting/{text.id}"),
        (cast.administrator, f"/moderation/waiting/{text.id}"),
    ):
        page = (await (await visit(viewer)).get(url)).text
        assert f"/attachments/{new.id}/" in page
        assert page.index("These files are taken out:") < page.index(f"/attachments/{goes.id}/")
        assert f"/attachments/{stays.id}/" not in page
    # What others attach to the post meanwhile stays.
    other = await posted(answer.id, cast.moderator, ("other.txt", b"other"))
    await release_text(text.id, version=1, post_version=1, by=await viewer_for(cast.administrator))
    rows = await Attachment.filter(post_id=answer.id).order_by("position", "created_at")
    assert {row.id for row in rows} == {stays.id, other.id, new.id}
    assert await Attachment.all().count() == 3
    assert (await Post.get(id=answer.id)).version == 2


async def test_a_waiting_change_of_files_that_is_taken_back_changes_nothing(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.moderator, "As it was.")
    stays = await posted(answer.id, cast.moderator, TEXT)
    await Space.filter(id=cast.open_space.id).update(staff_posts_wait=True)
    client = await visit(cast.moderator)
    fields = {"body": "Changed.", "version": "1", "attachments": ""}
    await send(client, f"/posts/{answer.id}/edit", fields, [("new.txt", b"new")])
    await client.post(f"/waiting/{(await WaitingText.get()).id}/take-back")
    assert [row.id for row in await Attachment.all()] == [stays.id]
    assert (await Post.get(id=answer.id)).body == "As it was."


async def test_words_about_posted_pictures_do_not_wait(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.moderator, "As it was.")
    row = await posted(answer.id, cast.moderator, png())
    await Space.filter(id=cast.open_space.id).update(staff_posts_wait=True)
    fields = {"body": "Changed.", "version": "1", "attachments": str(row.id), f"alt-{row.id}": "A router"}
    page = await send(await visit(cast.moderator), f"/posts/{answer.id}/edit", fields)
    assert page.status_code == 409
    assert "Changed.</textarea>" in page.text
    assert 'value="A router"' in page.text
    assert await WaitingText.all().count() == 0
    assert (await Attachment.get()).alt == ""


async def test_other_staff_do_not_read_files_of_spaces_they_may_not_read(cast: Cast, visit: Visit) -> None:
    outsider = await make_member("nina", role=Role.MARKETING, staff_name="Nina A.")
    row = await attach(cast.moderator, TEXT, place="text:4711")
    assert (await (await visit(outsider)).get(address(row))).status_code == 404
    assert (await (await visit(cast.administrator)).get(address(row))).status_code == 404
