"""Who is told of what, and what follows once only."""

from __future__ import annotations

import pytest

from community.consequences import consequences
from community.core import outbox
from community.core.clock import now
from community.core.models import OutboxFact
from community.indexing import INDEXING_FACTS, PendingDocuments
from community.notifications.models import Notification
from community.reindexing.building import rebuild
from community.threads import order
from community.threads.actions import add_comment, edit_post
from community.threads.models import Post
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_comment, make_thread, viewer_for
from tests.moderation.flagging import deliver, told


@pytest.mark.each_database
async def test_a_mention_is_told_once_however_often_the_text_is_edited(
    cast: Cast, search_engine: SearchEngine
) -> None:
    answer = await make_answer(
        await make_thread(cast.open_space, cast.asker), cast.helper, body="Hi @Colleague"
    )
    await deliver(search_engine)
    for version, body in enumerate(("Hello @Colleague", "Hello @Colleague and @Outsider"), start=1):
        await edit_post(answer.id, body=body, version=version, by=cast.helper.id)
        await deliver(search_engine)
    assert [kind for kind, _note in await told(cast.colleague)] == ["mentioned"]
    assert [kind for kind, _note in await told(cast.outsider)] == ["mentioned"]


@pytest.mark.each_database
async def test_an_edit_tells_those_alone_whom_it_mentions_newly(
    cast: Cast, search_engine: SearchEngine
) -> None:
    """Also where the news of the first mention are gone, as those of long ago are."""
    answer = await make_answer(
        await make_thread(cast.open_space, cast.asker), cast.helper, body="Hi @Colleague"
    )
    await deliver(search_engine)
    assert [kind for kind, _note in await told(cast.colleague)] == ["mentioned"]
    await Notification.all().delete()
    for version, body in enumerate(
        ("Hi @colleague, and @Outsider", "Hi @Colleague, and @outsider!"), start=1
    ):
        await edit_post(answer.id, body=body, version=version, by=cast.helper.id)
    await deliver(search_engine)
    assert await told(cast.colleague) == []
    assert [kind for kind, _note in await told(cast.outsider)] == ["mentioned"]


async def test_whoever_learnt_of_an_answer_is_not_told_of_a_mention_added_later(
    cast: Cast, search_engine: SearchEngine
) -> None:
    answer = await make_answer(
        await make_thread(cast.open_space, cast.asker), cast.helper, body="Restart it."
    )
    await deliver(search_engine)
    await edit_post(answer.id, body="Restart it, @Asker.", version=1, by=cast.helper.id)
    await deliver(search_engine)
    assert [kind for kind, _note in await told(cast.asker)] == ["answered"]


async def test_a_mention_in_a_space_that_one_may_not_read_is_not_told(
    cast: Cast, search_engine: SearchEngine
) -> None:
    await make_answer(await make_thread(cast.hidden_space, cast.asker), cast.helper, body="Hi @Outsider")
    await deliver(search_engine)
    assert await told(cast.outsider) == []


@pytest.mark.each_database
async def test_a_comment_on_a_post_that_was_hidden_meanwhile_is_told_to_nobody(
    cast: Cast, search_engine: SearchEngine
) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.asker)
    await deliver(search_engine)
    await add_comment(answer.id, answer.thread_id, body="What, @Outsider?", by=cast.helper.id)
    await order.hide_post(answer.id, by=await viewer_for(cast.moderator), reason="Not for here")
    await deliver(search_engine)
    assert await told(cast.outsider) == []
    assert [kind for kind, _note in await told(cast.asker)] == ["post_hidden"]


async def test_building_the_index_anew_sends_no_mail_again(cast: Cast, search_engine: SearchEngine) -> None:
    await make_comment(
        await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper), cast.asker
    )
    await outbox.record("account.password_changed", account_id=4711, language="en")
    await OutboxFact.all().update(done_at=now())
    await rebuild(search_engine)
    assert await OutboxFact.filter(done_at=None).count() == 0
    assert await Post.all().count() == 3


def test_what_a_rebuild_follows_is_all_that_changes_the_index(
    search_engine: SearchEngine,
) -> None:
    table = consequences(PendingDocuments(search_engine))
    indexing = {
        name for name, wanted in table.items() if any(each.__name__.startswith("index_") for each in wanted)
    }
    assert indexing == set(INDEXING_FACTS)
