"""Texts that an older release rendered say after `community recount` what they would say if written now."""

from __future__ import annotations

import pytest

from community.core.db import fetch
from community.core.markdown import RENDER_VERSION
from community.core.outbox import count_waiting
from community.threads import renewing
from community.threads.actions import edit_post
from community.threads.models import Post, Thread
from community.threads.renewing import renew_texts
from tests.cast import Cast
from tests.factories import make_answer, make_thread

OLD = '<p><a href="/faq/7-a-question-for-members">/faq/7-a-question-for-members</a></p>'


async def _as_an_older_release_left_it(post: Post) -> None:
    await Post.filter(id=post.id).update(body_html=OLD, render_version=RENDER_VERSION - 1)


@pytest.mark.each_database
async def test_old_texts_are_rendered_anew_and_nothing_else_changes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewing, "AT_ONCE", 2)
    thread = await make_thread(cast.open_space, cast.asker)
    texts = [
        await make_answer(thread, cast.helper, f"See /faq/7-a-question-for-members, {number}")
        for number in range(3)
    ]
    for text in texts:
        await _as_an_older_release_left_it(text)
    before = await Thread.get(id=thread.id)
    assert await renew_texts() == 3
    for text in texts:
        renewed = await Post.get(id=text.id)
        assert "a-question-for-members" not in renewed.body_html
        assert "/faq/7" in renewed.body_html
        assert (renewed.body, renewed.version, renewed.edited_at) == (text.body, text.version, None)
    assert (await Thread.get(id=thread.id)).version > before.version
    assert await renew_texts() == 0
    assert len(await fetch("SELECT id FROM outbox_facts WHERE name = 'index.outdated'")) == 1


async def test_what_is_written_meanwhile_stays(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper, "See /faq/7-a-question-for-members")
    await _as_an_older_release_left_it(answer)
    render = renewing.render_body

    async def while_somebody_edits(body: str) -> str:
        await edit_post(answer.id, body="Quite another text", version=1, by=cast.helper.id)
        return await render(body)

    monkeypatch.setattr(renewing, "render_body", while_somebody_edits)
    assert await renew_texts() == 0
    assert (await Post.get(id=answer.id)).body_html.strip() == "<p>Quite another text</p>"


async def test_the_index_follows_what_was_renewed_before_the_command_was_killed(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper, "See /faq/7-a-question-for-members")
    await _as_an_older_release_left_it(answer)

    def is_killed(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await renew_texts(is_killed)
    assert "a-question-for-members" not in (await Post.get(id=answer.id)).body_html
    assert await renew_texts() == 0
    assert await count_waiting("index.outdated") == 1
