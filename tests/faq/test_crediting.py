"""Who helped with an entry: told once, named on their profile to those who may read entry and answer."""

from __future__ import annotations

import pytest

from community.core import outbox
from community.core.db import execute, fetch, random_id
from community.faq import actions as faq
from community.faq.credit import list_credits
from community.faq.models import EntrySource
from community.members.models import Member
from community.notifications.actions import choose_channels
from community.notifications.mail_wishes import Wishes, wish
from community.notifications.rules import Channel, Topic
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_thread, viewer_for
from tests.faq.entries import make_draft, make_published, make_solved, publish
from tests.fixtures import Visit
from tests.moderation.flagging import deliver
from tests.notifications.mailed import html_of, mails_of, make_reachable, send_digests, text_of

PROFILE = "/members/Helper"


async def test_the_profile_names_the_entries_that_somebody_helped_with(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast, question="What does the zitherphone cost?")
    page = (await (await visit(cast.outsider)).get(PROFILE)).text
    assert "Helped with 1 FAQ entry" in page
    assert f"/faq/{entry_id}-what-does-the-zitherphone-cost" in page
    await execute("UPDATE members SET hides_ranks = :yes WHERE id = :id", {"yes": True, "id": cast.helper.id})
    assert "zitherphone" not in (await (await visit(cast.outsider)).get(PROFILE)).text


async def test_nobody_learns_of_help_in_a_space_that_they_may_not_read(cast: Cast, visit: Visit) -> None:
    await make_published(cast, cast.hidden_space, question="What does the zitherphone cost?")
    assert "zitherphone" not in (await (await visit(cast.outsider)).get(PROFILE)).text
    assert (await list_credits(await viewer_for(cast.outsider), cast.helper.id))[0] == 0
    assert (await list_credits(await viewer_for(cast.helper), cast.helper.id))[0] == 1


async def test_entries_for_members_and_hidden_answers_give_guests_no_credit(cast: Cast) -> None:
    await make_published(cast, audience="members")
    guest, member = await viewer_for(None), await viewer_for(cast.outsider)
    assert (await list_credits(guest, cast.helper.id))[0] == 0
    assert (await list_credits(member, cast.helper.id))[0] == 1
    await execute("UPDATE posts SET hidden_at = created_at WHERE author_id = :id", {"id": cast.helper.id})
    assert (await list_credits(member, cast.helper.id))[0] == 0


async def test_helpers_are_told_once_however_many_answers_and_releases(
    cast: Cast, search_engine: SearchEngine
) -> None:
    thread, answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    other = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, "The same here.")
    await EntrySource.create(
        id=random_id(),
        entry_id=entry_id,
        post_id=other.id,
        thread_id=other.thread_id,
        is_answer=True,
        fingerprint="x",
    )
    await publish(cast, entry_id)
    await deliver(search_engine)
    await outbox.record("faq.published", entry_id=entry_id, by=cast.administrator.id)
    await deliver(search_engine)
    rows = await fetch(
        "SELECT post_id FROM notifications WHERE kind = 'credited' AND member_id = :id",
        {"id": cast.helper.id},
    )
    assert len(rows) == 1
    assert rows[0]["post_id"] in (answer.id, other.id)


@pytest.mark.parametrize(
    ("language", "discreetly", "openly"),
    [
        (
            "en",
            "Answers of yours have become part of 2 FAQ entries",
            "Your answer has become part of the FAQ. Thank you for helping",
        ),
        (
            "de",
            "Antworten von Ihnen sind Teil von 2 FAQ-Einträgen geworden",
            "Ihre Antwort ist jetzt Teil der FAQ. Danke für Ihre Hilfe",
        ),
    ],
)
async def test_mails_about_credit_tell_what_readers_of_mails_may_know(
    cast: Cast, search_engine: SearchEngine, language: str, discreetly: str, openly: str
) -> None:
    mail = await make_reachable(cast.helper)
    await Member.filter(id=cast.helper.id).update(language=language)
    await choose_channels(cast.helper.id, {Topic.CREDITS: Channel.DAILY})
    for tells_titles in (False, True):
        await wish(cast.helper.id, Wishes(tells_titles=tells_titles))
        thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
        for name in ("zitherphone", "dulciphone"):
            await publish(cast, await make_draft(cast, thread, question=f"What does the {name} cost?"))
        await send_digests(search_engine)
        got = mails_of(mail)[-1]
        title = "" if tells_titles else thread.title
        for part in (text_of(got), html_of(got)):
            assert (openly if tells_titles else discreetly) in part
            assert "phone" not in part
            assert title == "" or title not in part


async def test_no_mail_thanks_for_an_entry_that_was_withdrawn_meanwhile(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.helper)
    await choose_channels(cast.helper.id, {Topic.CREDITS: Channel.DAILY})
    entry_id = await make_published(cast)
    await deliver(search_engine)
    await faq.withdraw_entry(entry_id, by=await viewer_for(cast.moderator), reason="Wrong")
    await send_digests(search_engine)
    assert mails_of(mail) == []
