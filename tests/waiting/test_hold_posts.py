"""What rules hold waits, whichever way it was sent; staff read, test and change the rules in the browser."""

from __future__ import annotations

import pytest

from community.decisions.models import LogEntry, Statement
from community.spaces.models import Space
from community.threads.models import Post, Thread
from community.waiting import rules
from community.waiting.holding_rules import Rule, RuleKind
from community.waiting.models import HoldingRule, WaitingText
from community.waiting.rules import RuleRow
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import assert_figures_are_right, deliver, told
from tests.waiting.texts import ORIGIN

SPAM = "Buy v i a g r a from us!"


async def make_rule(cast: Cast, rule: Rule, *, space: Space | None = None, is_on: bool = True) -> int:
    draft = RuleRow(0, "Spam", is_on, space.id if space else None, "", rule)
    return await rules.add_rule(draft, by=await viewer_for(cast.moderator))


WORDS = Rule(RuleKind.WORDS, words=("viagra",))


@pytest.mark.each_database
async def test_a_held_answer_waits_and_its_author_hears(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    rule_id = await make_rule(cast, WORDS)
    thread = await make_thread(cast.open_space, cast.asker)
    member = await visit(cast.helper)
    form = {"body": SPAM, "submission": "one-key"}
    for _twice in range(2):
        sent = await member.post(f"/threads/{thread.id}/answers", data=form, headers=ORIGIN)
        text = await WaitingText.get()
        assert (sent.status_code, sent.headers["location"]) == (303, f"/waiting/{text.id}")
    own = await member.get(f"/waiting/{text.id}")
    assert SPAM in own.text
    assert "waits for a moderator" in own.text
    assert (await HoldingRule.get(id=rule_id)).hit_count == 1
    assert (
        "v i a g r a"
        not in (await (await visit(cast.asker)).get(f"/threads/{thread.id}", follow_redirects=True)).text
    )

    moderator = await visit(cast.moderator)
    page = await moderator.get(f"/moderation/waiting/{text.id}")
    assert "Spam: viagra" in page.text
    # What a member wrote is released or refused as it is.
    assert (await moderator.get(f"/moderation/waiting/{text.id}/edit")).status_code == 403
    refusal = {"version": "1", "reason": "Advertising."}
    refuse = f"/moderation/waiting/{text.id}/refuse"
    asked = await moderator.post(refuse, data=refusal, headers=ORIGIN)
    assert asked.status_code == 422
    assert "Please choose on what the decision rests." in asked.text
    await moderator.post(refuse, data=refusal | {"ground": "advertising"}, headers=ORIGIN)
    await deliver(search_engine)
    assert await told(cast.helper) == [("text_refused", "Advertising.")]
    assert SPAM in (await member.get(f"/waiting/{text.id}")).text
    await member.post(
        f"/waiting/{text.id}", data={"version": "1", "body": "Sorry. Restart it."}, headers=ORIGIN
    )
    await moderator.post(
        f"/moderation/waiting/{text.id}/release", data={"version": "2", "post_version": "0"}, headers=ORIGIN
    )
    assert (await Post.get(kind="answer")).body == "Sorry. Restart it."
    await deliver(search_engine)
    assert [kind for kind, _note in await told(cast.helper)] == ["text_refused", "text_released"]
    assert [kind for kind, _note in await told(cast.asker)] == ["answered"]
    assert (await Statement.get()).lifted_at is not None
    await assert_figures_are_right()


@pytest.mark.each_database
async def test_threads_comments_and_changes_are_held_too_staff_and_others_are_not(
    cast: Cast, visit: Visit
) -> None:
    await make_rule(cast, WORDS)
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    member = await visit(cast.asker)
    question = {"title": "Cheap viagra here", "space": cast.open_space.slug, "body": "Who wants some of it?"}
    await member.post("/ask", data=question, headers=ORIGIN)
    await member.post(f"/posts/{opening.id}/comments", data={"body": SPAM}, headers=ORIGIN)
    change = {"body": SPAM, "title": thread.title, "tags": "", "version": "1"}
    await member.post(f"/posts/{opening.id}/edit", data=change, headers=ORIGIN)
    kinds = sorted([text.kind for text in await WaitingText.all()])
    assert kinds == ["comment", "edit", "thread"]
    assert await Thread.all().count() == 1
    assert (await Post.get(id=opening.id)).version == 1
    staff = await visit(cast.moderator)
    await staff.post(
        f"/threads/{thread.id}/answers", data={"body": "Nobody sells viagra here."}, headers=ORIGIN
    )
    assert await Post.filter(kind="answer").count() == 1
    # A word that stood there before does not hold a change of something else.
    await Post.filter(id=opening.id).update(body="I wrote viagra once.")
    await WaitingText.all().delete()
    change["body"] = "I wrote viagra once. Sorry!"
    await member.post(f"/posts/{opening.id}/edit", data=change, headers=ORIGIN)
    assert (await Post.get(id=opening.id)).body == change["body"]


@pytest.mark.each_database
async def test_links_and_bursts_of_new_members_are_held(cast: Cast, visit: Visit) -> None:
    await make_rule(cast, Rule(RuleKind.LINKS, posts=2))
    await make_rule(cast, Rule(RuleKind.BURST, posts=4, minutes=30, days=7), space=cast.discussions)
    thread = await make_thread(cast.open_space, cast.asker)
    member = await visit(cast.helper)

    async def answer(body: str, to: int = thread.id) -> bool:
        sent = await member.post(f"/threads/{to}/answers", data={"body": body}, headers=ORIGIN)
        return sent.headers["location"].startswith("/waiting/")

    assert await answer("Look at https://example.org/manual")
    assert not await answer("Restart it.")
    assert not await answer("And wait a minute.")
    assert not await answer("Look at https://example.org/manual")
    talk = await make_thread(cast.discussions, cast.asker)
    assert await answer("The fifth text in a minute.", to=talk.id)
    assert await HoldingRule.filter(hit_count=1).count() == 2


@pytest.mark.each_database
async def test_staff_make_test_and_change_a_rule(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    secret = await make_thread(cast.hidden_space, cast.asker, title="Hidden plans", body="viagra")
    await make_answer(thread, cast.helper, "The v1agra of routers.")
    await make_answer(thread, cast.helper, "Nothing bad.")
    moderator = await visit(cast.moderator)
    form = {"name": "Medicine", "words": "viagra\ncialis", "space": str(cast.open_space.id), "do": "test"}
    tested = await moderator.post("/moderation/rules/new/words", data=form, headers=ORIGIN)
    assert tested.status_code == 200
    assert "this rule would have held 1." in tested.text
    assert "The v1agra of routers." in tested.text
    assert "Hidden plans" not in tested.text
    assert await HoldingRule.all().count() == 0
    form |= {"do": "save", "on": "1"}
    await moderator.post("/moderation/rules/new/words", data=form, headers=ORIGIN)
    rule = await HoldingRule.get()
    assert (rule.is_on, rule.space_id, rule.words) == (True, cast.open_space.id, ["viagra", "cialis"])
    assert "Medicine" in (await moderator.get("/moderation/rules")).text
    wrong = await moderator.post(f"/moderation/rules/{rule.id}", data=form | {"words": ""}, headers=ORIGIN)
    assert wrong.status_code == 422
    await moderator.post(f"/moderation/rules/{rule.id}", data=form | {"on": ""}, headers=ORIGIN)
    assert not (await HoldingRule.get()).is_on
    everywhere = await moderator.post(
        f"/moderation/rules/{rule.id}", data=form | {"do": "test", "space": ""}, headers=ORIGIN
    )
    assert f"/posts/{(await opening_of(secret)).id}" in everywhere.text
    links = {"name": "Links", "posts": "0", "do": "save"}
    assert (
        await moderator.post("/moderation/rules/new/links", data=links, headers=ORIGIN)
    ).status_code == 422
    for kind, numbers in (("links", {"posts": "2"}), ("burst", {"posts": "2", "minutes": "5", "days": "7"})):
        page = await moderator.post(
            f"/moderation/rules/new/{kind}", data={"name": "New", "do": "test", **numbers}, headers=ORIGIN
        )
        assert "posts of members, this rule would have held" in page.text
    await moderator.post(f"/moderation/rules/{rule.id}/remove", headers=ORIGIN)
    assert await HoldingRule.all().count() == 0
    acts = [entry.act for entry in await LogEntry.all().order_by("id")]
    assert acts == ["add_rule", "change_rule", "remove_rule"]


async def test_only_moderators_see_the_rules(cast: Cast, visit: Visit) -> None:
    rule_id = await make_rule(cast, WORDS)
    for somebody in (cast.helper, cast.marketing):
        client = await visit(somebody)
        for path in ("/moderation/rules", f"/moderation/rules/{rule_id}", "/moderation/rules/new/words"):
            assert (await client.get(path)).status_code in (403, 404)
