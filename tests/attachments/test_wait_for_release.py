"""Files wait with the text they are attached to: seen by those who decide about it, posted with it, gone with it."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from community.attachments.cleaning import forget_unposted
from community.attachments.models import Attachment
from community.core.clock import now
from community.core.viewer import Role
from community.spaces.models import Space
from community.threads.models import Post
from community.waiting.actions import release_text
from community.waiting.models import WaitingText
from tests.attachments.posted import TEXT, address, attach, posted, send
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


async def test_a_change_that_waits_leaves_files_as_they_are(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.moderator)
    row = await posted(answer.id, cast.moderator, TEXT)
    await Space.filter(id=cast.open_space.id).update(staff_posts_wait=True)
    client = await visit(cast.moderator)
    fields = {"body": "Changed words of mine.", "version": "1"}
    refused = await send(client, f"/posts/{answer.id}/edit", fields, [("new.txt", b"new")])
    assert refused.status_code == 409
    assert "its files have to stay as they are" in refused.text
    assert "Changed words of mine." in refused.text
    waits = await send(client, f"/posts/{answer.id}/edit", fields | {"attachments": str(row.id)})
    assert waits.status_code == 303
    assert await WaitingText.all().count() == 1
    assert [each.post_id for each in await Attachment.filter(id=row.id)] == [answer.id]


async def test_other_staff_do_not_read_files_of_spaces_they_may_not_read(cast: Cast, visit: Visit) -> None:
    outsider = await make_member("nina", role=Role.MARKETING, staff_name="Nina A.")
    row = await attach(cast.moderator, TEXT, place="text:4711")
    assert (await (await visit(outsider)).get(address(row))).status_code == 404
    assert (await (await visit(cast.administrator)).get(address(row))).status_code == 404
