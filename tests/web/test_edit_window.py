"""How long one may edit what one has written, and what happens to the text when that is over."""

from __future__ import annotations

from datetime import timedelta

from community.core.clock import now
from community.core.db import execute
from community.members.models import Member
from tests.cast import Cast
from tests.factories import make_answer, make_thread
from tests.fixtures import Visit


async def _give_kudos(member: Member, count: int) -> None:
    await execute("UPDATE members SET kudos_count = :count WHERE id = :id", {"count": count, "id": member.id})


async def test_members_with_many_kudos_edit_for_longer(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    days_old = await make_answer(thread, cast.helper, at=now() - timedelta(days=3))
    weeks_old = await make_answer(thread, cast.helper, at=now() - timedelta(days=8))
    helper = await visit(cast.helper)
    assert (await helper.get(f"/posts/{days_old.id}/edit")).status_code == 403
    await _give_kudos(cast.helper, 19)
    assert (await helper.get(f"/posts/{days_old.id}/edit")).status_code == 403
    await _give_kudos(cast.helper, 20)
    assert (await helper.get(f"/posts/{days_old.id}/edit")).status_code == 200
    assert (await helper.get(f"/posts/{weeks_old.id}/edit")).status_code == 403


async def test_staff_edit_their_own_at_any_time(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    old = await make_answer(thread, cast.marketing, at=now() - timedelta(days=400))
    assert (await (await visit(cast.marketing)).get(f"/posts/{old.id}/edit")).status_code == 200


async def test_what_was_typed_too_late_is_shown_and_a_comment_offered(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    old = await make_answer(thread, cast.helper, "As it was.", at=now() - timedelta(hours=25))
    helper = await visit(cast.helper)
    page = await helper.post(f"/posts/{old.id}/edit", data={"body": "As I <want> it.", "version": "1"})
    assert page.status_code == 403
    assert "As I &lt;want&gt; it." in page.text
    assert "1 day" in page.text
    assert f'action="/posts/{old.id}/comments"' in page.text
    assert "As it was." in (await helper.get(f"/threads/{thread.id}-{thread.slug}")).text


async def test_a_text_for_a_post_that_was_hidden_meanwhile_is_not_lost(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await execute("UPDATE posts SET hidden_at = :at WHERE id = :id", {"at": now(), "id": answer.id})
    url, sent = f"/posts/{answer.id}/edit", {"body": "Long and careful.", "version": "1"}
    page = await (await visit(cast.helper)).post(url, data=sent)
    assert page.status_code in (403, 404)
    assert "Long and careful." in page.text
    assert "Long and careful." in (await (await visit(cast.helper)).get(url)).text
    # Others learn nothing by it.
    other = await (await visit(cast.outsider)).post(url, data=sent)
    assert other.status_code == 404
    assert "Long and careful." not in other.text
