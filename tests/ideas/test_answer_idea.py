"""Staff say what becomes of an idea: the status, the answer on top, who is told, and the second person."""

from __future__ import annotations

from community.core.clock import now
from community.core.viewer import Role
from community.decisions.models import LogEntry
from community.ideas.actions import answer_idea, vote
from community.ideas.models import IdeaStep
from community.members.models import Member
from community.notifications.actions import choose_channels
from community.notifications.mail_wishes import Wishes, wish
from community.notifications.models import Notification
from community.notifications.rules import Channel, Topic
from community.spaces.models import Space, SpaceKind
from community.threads.actions import edit_post
from community.threads.marks import follow_thread
from community.threads.merging import merge_threads
from community.threads.models import Draft, IdeaStatus, Post, Thread
from community.waiting.models import WaitingText
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_space, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import GROUNDED, ORIGIN, deliver
from tests.notifications.mailed import mails_of, make_reachable, send_digests, text_of


async def ideas_space(**columns: object) -> Space:
    return await make_space("Wishes", kind=SpaceKind.IDEAS, **columns)


async def told(member_id: int) -> list[str]:
    return [row.kind for row in await Notification.filter(member_id=member_id).order_by("created_at", "id")]


async def test_the_answer_is_on_top_with_its_history_and_supporters_are_told(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    idea = await make_thread(await ideas_space(), cast.asker, title="Export as CSV")
    url = f"/threads/{idea.id}-{idea.slug}"
    voter, staff = await visit(cast.helper), await visit(cast.marketing)
    assert (await voter.post(f"/threads/{idea.id}/vote", headers=ORIGIN)).headers["location"] == url
    await follow_thread(idea.id, by=cast.outsider.id)
    assert f"/threads/{idea.id}/idea" not in (await voter.get(url)).text
    assert (await voter.get(f"/threads/{idea.id}/idea")).status_code == 404
    form = await staff.get(f"/threads/{idea.id}/idea")
    assert "1 member who voted for it" in form.text
    assert (
        await staff.post(f"/threads/{idea.id}/idea", data={"status": "built", "body": ""})
    ).status_code == 422
    for status, body in (("planned", "We plan it for spring."), ("done", "It is there since Monday.")):
        sent = await staff.post(
            f"/threads/{idea.id}/idea", data={"status": status, "body": body}, headers=ORIGIN
        )
        assert sent.headers["location"] == f"{url}#official"
        await deliver(search_engine)

    page = (await (await visit()).get(url)).text
    official = page.split('id="official"')[1].split("</section>")[0]
    assert "It is there since Monday." in official
    assert "We plan it for spring." not in official
    assert page.count("<p>It is there since Monday.</p>") == 1, "in its place only a line points to it"
    assert page.index('id="official"') < page.index('id="answers"')
    steps = page.split("What becomes of it")[1].split("</ol>")[0]
    assert steps.index("Built") < steps.index("Planned")
    assert "Mia F." in steps
    assert [step.status for step in await IdeaStep.filter(thread_id=idea.id, is_current=True)] == ["done"]
    for member in (cast.asker, cast.helper, cast.outsider):
        assert await told(member.id) == ["idea_planned", "idea_done"]
    assert await told(cast.marketing.id) == []
    entries = await LogEntry.filter(act="answer_idea").order_by("id")
    assert [entry.details["idea_status"] for entry in entries] == ["planned", "done"]
    log = (await (await visit(cast.moderator)).get("/moderation/log")).text
    assert "status of the idea" in log


async def test_an_answer_that_is_hidden_stands_nowhere(cast: Cast, visit: Visit) -> None:
    idea = await make_thread(await ideas_space(), cast.asker)
    staff = await visit(cast.moderator)
    await staff.post(
        f"/threads/{idea.id}/idea", data={"status": "done", "body": "Built and secret."}, headers=ORIGIN
    )
    guest = await visit()
    url = f"/threads/{idea.id}-{idea.slug}"
    for address in (url, "/ideas/done", "/feeds/ideas.atom"):
        assert "Built and secret." in (await guest.get(address)).text
    post = await Post.get(thread_id=idea.id, kind="answer")
    hidden = await staff.post(f"/moderation/posts/{post.id}/hide", data=GROUNDED, headers=ORIGIN)
    assert hidden.status_code == 303
    for address in (url, "/ideas/done", "/feeds/ideas.atom"):
        assert "Built and secret." not in (await guest.get(address)).text


async def test_where_staff_texts_wait_the_status_waits_with_its_answer(cast: Cast, visit: Visit) -> None:
    idea = await make_thread(await ideas_space(staff_posts_wait=True), cast.asker)
    editor, releaser, guest = await visit(cast.moderator), await visit(cast.administrator), await visit()
    sent = await editor.post(
        f"/threads/{idea.id}/idea", data={"status": "declined", "body": "We cannot do that."}, headers=ORIGIN
    )
    text = await WaitingText.get()
    assert sent.headers["location"] == f"/waiting/{text.id}"
    assert "Declined" in (await editor.get(f"/waiting/{text.id}")).text
    url = f"/threads/{idea.id}-{idea.slug}"
    assert (await Thread.get(id=idea.id)).idea_status == "new"
    assert "We cannot do that." not in (await guest.get(url)).text
    release, version = f"/moderation/waiting/{text.id}/release", {"version": "1", "post_version": "0"}
    await editor.post(release, data=version, headers=ORIGIN)
    assert (await Thread.get(id=idea.id)).idea_status == "new", "the same person never does both"
    assert "Official answer" in (await releaser.get(f"/moderation/waiting/{text.id}")).text
    assert (await releaser.post(release, data=version, headers=ORIGIN)).status_code == 303
    assert (await Thread.get(id=idea.id)).idea_status == "declined"
    step = await IdeaStep.get()
    assert (step.answered_by_id, step.is_current) == (cast.moderator.id, True)  # type: ignore[attr-defined]
    assert "We cannot do that." in (await guest.get(url)).text


async def test_whoever_is_no_longer_staff_says_nothing_for_the_company(cast: Cast, visit: Visit) -> None:
    idea = await make_thread(await ideas_space(staff_posts_wait=True), cast.asker)
    await (await visit(cast.moderator)).post(
        f"/threads/{idea.id}/idea", data={"status": "done", "body": "It is there."}, headers=ORIGIN
    )
    await Member.filter(id=cast.moderator.id).update(role=Role.CUSTOMER)
    text = await WaitingText.get()
    await (await visit(cast.administrator)).post(
        f"/moderation/waiting/{text.id}/release", data={"version": "1", "post_version": "0"}, headers=ORIGIN
    )
    assert (await Thread.get(id=idea.id)).idea_status == "new"
    assert await IdeaStep.all().count() == 0
    assert await Post.filter(thread_id=idea.id, kind="answer").count() == 0


async def test_an_answer_to_what_is_locked_or_no_idea_any_more_is_kept(cast: Cast, visit: Visit) -> None:
    space = await ideas_space()
    moved, locked = [await make_thread(space, cast.asker) for _each in range(2)]
    await Thread.filter(id=moved.id).update(space_id=cast.open_space.id)
    await Thread.filter(id=locked.id).update(locked_at=now())
    staff = await visit(cast.marketing)
    for thread in (moved, locked):
        said = {"status": "done", "body": f"Typed for long about {thread.id}."}
        refused = await staff.post(f"/threads/{thread.id}/idea", data=said, headers=ORIGIN)
        assert refused.status_code == 409
        assert "takes no official answer at the moment" in refused.text
        assert f"\n{said['body']}</textarea>" in refused.text
        draft = await Draft.get(member_id=cast.marketing.id, place=f"answer:{thread.id}")
        assert draft.body == said["body"]
    assert await Post.filter(kind="answer").count() == 0


async def test_supporters_hear_every_answer_even_if_the_idea_has_been_merged_since(
    cast: Cast, search_engine: SearchEngine
) -> None:
    space, by = await ideas_space(), await viewer_for(cast.moderator)
    idea, other = await make_thread(space, cast.asker), await make_thread(space, cast.outsider)
    await vote(idea.id, by=cast.helper.id)
    await answer_idea(idea.id, IdeaStatus.PLANNED, body="We plan it.", by=by)
    post_id = await answer_idea(idea.id, IdeaStatus.DONE, body="It is there.", by=by)
    await merge_threads(idea.id, into=other.id, by=by, reason="The same idea twice.")
    await deliver(search_engine)
    heard = [kind for kind in await told(cast.helper.id) if kind.startswith("idea_")]
    assert heard == ["idea_planned", "idea_done"]

    await edit_post(post_id, body=f"It is there, @{cast.helper.nickname}", version=1, by=cast.moderator.id)
    await deliver(search_engine)
    assert "mentioned" not in await told(cast.helper.id)


async def test_the_mail_to_supporters_holds_the_official_answer(
    cast: Cast, search_engine: SearchEngine
) -> None:
    idea = await make_thread(await ideas_space(), cast.asker, title="Export as CSV")
    mails = {member.id: await make_reachable(member) for member in (cast.helper, cast.outsider)}
    for member in (cast.helper, cast.outsider):
        await vote(idea.id, by=member.id)
    await wish(cast.helper.id, Wishes(tells_titles=True))
    # That the answer mentions them, too, takes nothing from it.
    await choose_channels(cast.helper.id, {Topic.MENTIONS: Channel.DAILY})
    by = await viewer_for(cast.moderator)
    body = f"It is **there** since Monday. @{cast.helper.nickname}"
    await answer_idea(idea.id, IdeaStatus.DONE, body=body, by=by)
    await send_digests(search_engine)
    told_all, told_little = (text_of(mails_of(mails[each.id])[-1]) for each in (cast.helper, cast.outsider))
    assert "An idea that you support has been built" in told_all
    assert "Export as CSV" in told_all
    assert "It is there since Monday." in told_all
    assert "Export" not in told_little
    assert "Monday" not in told_little
