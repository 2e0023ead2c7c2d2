"""A member's text that was refused has a statement of reasons; an objection brings it back into the queue."""

from __future__ import annotations

import pytest

from community.core.clock import now
from community.core.errors import RuleBroken
from community.decisions.grounds import Ground, GroundKind
from community.decisions.models import LogEntry, Statement, WorkBar, WorkItem
from community.moderation import appeals
from community.moderation.models import Appeal
from community.moderation.transparency import get_year
from community.notifications.models import Notification
from community.threads.models import Post
from community.threads.unlinking import unlink_author
from community.waiting import actions
from community.waiting.models import WaitingText
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON, deliver
from tests.waiting.test_hold_posts import SPAM, WORDS, make_rule
from tests.waiting.texts import ask_for_four_eyes, waiting_answer

GROUND = Ground(GroundKind.ADVERTISING)
TEXT = "I have quoted a word of the spam that I ask about, nothing else."
AGAIN = "It is a question about spam, and no spam."


async def refused(cast: Cast) -> WaitingText:
    """A held answer of a member that the moderator has refused."""
    await make_rule(cast, WORDS)
    thread = await make_thread(cast.open_space, cast.asker)
    text = await waiting_answer(thread.id, cast.helper, SPAM)
    by = await viewer_for(cast.moderator)
    await actions.refuse_text(text.id, version=1, by=by, reason="This is advertising.", ground=GROUND)
    return text


@pytest.mark.each_database
async def test_a_refused_text_has_reasons_and_an_objection_brings_it_back(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    text = await refused(cast)
    await deliver(search_engine)
    statement = await Statement.get()
    url = f"/decisions/{statement.id}"
    assert (await Notification.get(member_id=cast.helper.id, kind="text_refused")).place == url
    author = await visit(cast.helper)
    assert f'href="{url}"' in (await author.get(f"/waiting/{text.id}")).text
    page = (await author.get(url)).text
    for part in (
        "Your text was not published",
        "This is advertising.",
        "no promotion of one’s own",
        "A rule that a program applies had held it.",
        "No, a person decided.",
        SPAM,
        f"/waiting/{text.id}",
    ):
        assert part in page
    assert "Spam: viagra" not in page, "what a rule looks for is for staff"
    for member in (cast.asker, cast.outsider, cast.marketing):
        assert (await (await visit(member)).get(url)).status_code == 404
    await author.post(f"{url}/appeal", data={"text": TEXT}, headers=ORIGIN)
    appeal = await Appeal.get()
    with pytest.raises(RuleBroken, match="Somebody else"):
        await appeals.grant_appeal(appeal.id, by=await viewer_for(cast.moderator), reason=AGAIN)
    other = await visit(cast.administrator)
    shown = (await other.get(f"/moderation/appeals/{appeal.id}")).text
    for part in ("Objection to a text that was refused", SPAM, TEXT, "goes back into the queue"):
        assert part in shown
    assert not await WorkItem.filter(kind="text").exists()
    sent = await other.post(
        f"/moderation/appeals/{appeal.id}/decide", data={"decision": "grant", "reason": AGAIN}, headers=ORIGIN
    )
    assert sent.status_code == 303
    item = await WorkItem.get(kind="text")
    assert (item.subject, item.not_for) == (f"text:{text.id}", cast.helper.id)
    assert (await WaitingText.get()).state == "waiting"
    assert "Your text waits in the queue again" in (await author.get(url)).text
    assert "waits for a moderator" in (await author.get(f"/waiting/{text.id}")).text
    await actions.release_text(text.id, version=1, post_version=0, by=await viewer_for(cast.administrator))
    assert (await Post.get(kind="answer")).body == SPAM
    acts = [entry.act for entry in await LogEntry.filter(subject=f"text:{text.id}").order_by("id")]
    assert acts == ["refuse_text", "grant_appeal", "reopen_text", "release_text"]


async def test_what_was_sent_once_more_or_taken_back_meanwhile_stays_as_it_is(cast: Cast) -> None:
    text = await refused(cast)
    author, other = await viewer_for(cast.helper), await viewer_for(cast.administrator)
    statement = await Statement.get()
    await appeals.appeal_statement(statement.id, text=TEXT, by=cast.helper.id)
    await actions.take_back_text(text.id, by=author)
    await appeals.grant_appeal((await Appeal.get()).id, by=other, reason=AGAIN)
    assert not await WaitingText.all().exists()
    assert (await Statement.get()).lifted_at is not None


async def test_among_colleagues_refusing_asks_for_no_ground_and_states_none(cast: Cast, visit: Visit) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    text = await waiting_answer(thread.id, cast.moderator)
    browser, url = await visit(cast.administrator), f"/moderation/waiting/{text.id}"
    assert 'name="ground"' not in (await browser.get(url)).text
    sent = await browser.post(
        f"{url}/refuse", data={"version": "1", "reason": "The date is wrong."}, headers=ORIGIN
    )
    assert sent.status_code == 303
    assert (await WaitingText.get()).state == "refused"
    assert not await Statement.all().exists()


async def test_a_name_that_is_taken_off_a_post_is_taken_off_its_refusal_as_well(
    cast: Cast, search_engine: SearchEngine
) -> None:
    text = await refused(cast)
    author, by = await viewer_for(cast.helper), await viewer_for(cast.moderator)
    await actions.rewrite_text(text.id, actions.Wording("Restart it, please."), version=1, by=author)
    await actions.release_text(text.id, version=2, post_version=0, by=by)
    assert (await Statement.get()).member_id == cast.helper.id
    post = await Post.get(kind="answer")
    await unlink_author(post.id, whole_thread=False, by=by, reason=REASON)
    await deliver(search_engine)
    assert (await Statement.get()).member_id is None


async def test_whoever_refused_wrongly_does_not_refuse_it_again(cast: Cast, visit: Visit) -> None:
    text = await refused(cast)
    first, other = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await appeals.appeal_statement((await Statement.get()).id, text=TEXT, by=cast.helper.id)
    await appeals.grant_appeal((await Appeal.get()).id, by=other, reason=AGAIN)
    item = await WorkItem.get(kind="text")
    assert [bar.member_id for bar in await WorkBar.filter(item_id=item.id)] == [cast.moderator.id]
    page = (await (await visit(cast.moderator)).get(f"/moderation/waiting/{text.id}")).text
    assert f"/moderation/waiting/{text.id}/refuse" not in page
    with pytest.raises(RuleBroken, match="refused this before"):
        await actions.refuse_text(text.id, version=1, by=first, reason="Still advertising.", ground=GROUND)
    # Somebody else may, and not even that lets the first one decide about it once more.
    await actions.refuse_text(text.id, version=1, by=other, reason="It is advertising.", ground=GROUND)
    author = await viewer_for(cast.helper)
    await actions.rewrite_text(text.id, actions.Wording("Restart it, please."), version=1, by=author)
    item = await WorkItem.get(kind="text")
    assert [bar.member_id for bar in await WorkBar.filter(item_id=item.id)] == [cast.moderator.id]


async def test_an_objection_to_the_first_refusal_leaves_the_second_as_it_is(cast: Cast) -> None:
    text = await refused(cast)
    first = await Statement.get()
    author = await viewer_for(cast.helper)
    await appeals.appeal_statement(first.id, text=TEXT, by=cast.helper.id)
    await actions.rewrite_text(text.id, actions.Wording(SPAM), version=1, by=author)
    await actions.refuse_text(
        text.id, version=2, by=await viewer_for(cast.moderator), reason="The same.", ground=GROUND
    )
    standing = await appeals.grant_appeal(
        (await Appeal.get()).id, by=await viewer_for(cast.administrator), reason=AGAIN
    )
    assert standing == "renewed"
    assert (await WaitingText.get()).state == "refused"
    assert not await WorkItem.filter(kind="text").exists()
    assert (await Statement.get(id=first.id)).lifted_at is not None
    assert await Statement.filter(lifted_at=None).count() == 1


async def test_what_its_author_mends_is_not_counted_as_lifted_and_nothing_is_left_to_decide(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    text = await refused(cast)
    author, by = await viewer_for(cast.helper), await viewer_for(cast.moderator)
    statement = await Statement.get()
    await appeals.appeal_statement(statement.id, text=TEXT, by=cast.helper.id)
    await actions.rewrite_text(text.id, actions.Wording("Restart it, please."), version=1, by=author)
    await actions.release_text(text.id, version=2, post_version=0, by=by)
    await deliver(search_engine)
    assert (await Appeal.get()).state == "settled"
    assert not await WorkItem.filter(kind="appeal").exists()
    assert "settled meanwhile" in (await (await visit(cast.helper)).get(f"/decisions/{statement.id}")).text
    other = await visit(cast.administrator)
    assert "in another way" in (await other.get("/moderation/appeals?show=decided")).text
    year = await get_year(now().year)
    assert [(row.act, row.count, row.lifted) for row in year.measures] == [("refuse_text", 1, 0)]
    (row,) = year.objections
    assert (row.filed, row.granted, row.rejected, row.open) == (1, 0, 0, 0)
