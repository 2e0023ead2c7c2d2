"""Flagging a post: who may, what is asked for, and who learns of it."""

from __future__ import annotations

import asyncio

import pytest

from community.core.errors import RuleBroken
from community.moderation.models import Flag
from search import SearchEngine
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_comment, make_thread, opening_of
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, assert_figures_are_right, deliver, flag, told


@pytest.mark.each_database
async def test_a_member_flags_a_post_with_reason_and_note(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    browser = await visit(cast.outsider)
    form = await browser.get(f"/posts/{answer.id}/flag")
    assert form.status_code == 200
    assert "Against the law" in form.text
    sent = await browser.post(
        f"/posts/{answer.id}/flag", data={"reason": "insult", "note": " It is rude. "}, headers=ORIGIN
    )
    assert sent.status_code == 303
    assert sent.headers["location"] == f"/threads/{thread.id}-{thread.slug}#post-{answer.id}"
    row = await Flag.get()
    assert (row.post_id, row.reporter_id, row.reason, row.note, row.state) == (
        answer.id,
        cast.outsider.id,
        "insult",
        "It is rude.",
        "open",
    )
    await assert_figures_are_right()


async def test_comments_and_opening_posts_can_be_flagged_too(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.members_space, cast.asker)
    opening = await opening_of(thread)
    comment = await make_comment(opening, cast.helper)
    browser = await visit(cast.outsider)
    for post in (opening, comment):
        sent = await browser.post(f"/posts/{post.id}/flag", data={"reason": "advertising"}, headers=ORIGIN)
        assert sent.status_code == 303
    assert await Flag.all().count() == 2


async def test_a_guest_is_led_to_the_log_in(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    guest = await visit()
    assert (await guest.get(f"/posts/{opening.id}/flag")).headers["location"].startswith("/log-in?next=")
    sent = await guest.post(f"/posts/{opening.id}/flag", data={"reason": "insult"}, headers=ORIGIN)
    assert sent.status_code == 303
    assert await Flag.all().count() == 0


async def test_nobody_flags_their_own_post(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    browser = await visit(cast.asker)
    assert (await browser.get(f"/posts/{opening.id}/flag")).status_code == 403
    sent = await browser.post(f"/posts/{opening.id}/flag", data={"reason": "insult"}, headers=ORIGIN)
    assert sent.status_code == 403


async def test_what_one_may_not_read_cannot_be_flagged(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.hidden_space, cast.asker))
    browser = await visit(cast.outsider)
    assert (await browser.get(f"/posts/{opening.id}/flag")).status_code == 404
    sent = await browser.post(f"/posts/{opening.id}/flag", data={"reason": "insult"}, headers=ORIGIN)
    assert sent.status_code == 404


async def test_a_form_with_errors_keeps_what_was_typed(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    browser = await visit(cast.outsider)
    without = await browser.post(f"/posts/{opening.id}/flag", data={"note": "my words"}, headers=ORIGIN)
    assert without.status_code == 422
    assert "Please choose a reason." in without.text
    assert "my words" in without.text
    unknown = await browser.post(f"/posts/{opening.id}/flag", data={"reason": "spite"}, headers=ORIGIN)
    assert unknown.status_code == 422
    silent = await browser.post(f"/posts/{opening.id}/flag", data={"reason": "other"}, headers=ORIGIN)
    assert silent.status_code == 422
    long = await browser.post(
        f"/posts/{opening.id}/flag", data={"reason": "law", "note": "x" * 1001}, headers=ORIGIN
    )
    assert long.status_code == 422
    assert "x" * 1001 in long.text


async def test_one_member_has_one_open_flag_on_a_post(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    await flag(opening, cast.outsider)
    browser = await visit(cast.outsider)
    assert "You have flagged this post already" in (await browser.get(f"/posts/{opening.id}/flag")).text
    again = await browser.post(
        f"/posts/{opening.id}/flag", data={"reason": "insult", "note": "once more"}, headers=ORIGIN
    )
    assert again.status_code == 409
    assert "once more" in again.text
    await flag(opening, cast.helper)
    assert await Flag.all().count() == 2


@pytest.mark.each_database
async def test_of_many_flags_of_one_member_at_once_one_is_kept(fresh_database: str) -> None:
    cast = await make_cast()
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    results = await asyncio.gather(*(flag(opening, cast.outsider) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(result, RuleBroken) for result in results) == 5
    assert await Flag.all().count() == 1


async def test_the_author_hears_nothing_of_a_flag(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await flag(await opening_of(thread), cast.outsider, note="a note for moderators")
    await deliver(search_engine)
    assert await told(cast.asker) == []
    for reader in (cast.asker, cast.helper, None):
        browser = await visit(reader) if reader else await visit()
        page = await browser.get(f"/threads/{thread.id}-{thread.slug}")
        assert "Outsider" not in page.text
        assert "a note for moderators" not in page.text
