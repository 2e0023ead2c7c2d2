"""A member who is muted writes nothing, in no way; what they typed is kept; what is not writing stays possible."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx2
import pytest

from community.core.clock import now
from community.core.db import fetch
from community.core.errors import RuleBroken
from community.groups.models import GroupAccess, GroupRole, Membership
from community.http.route import leaves
from community.kudos.actions import give_kudos
from community.moderation.models import Flag
from community.ranks.expert_questions import ask_expert
from community.ranks.models import Expert
from community.sanctions.models import Sanction
from community.sanctions.rules import Kind
from community.spaces.models import SpaceKind
from community.threads import actions, marks
from community.threads.models import Draft, Post, Solution, Thread
from community.threads.queries import get_thread
from community.web.routes import routes
from community.web.theming import Theme
from tests.cast import Cast
from tests.factories import card_of, make_answer, make_group, make_space, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.sanctions.parts import WHY, impose

TYPED = "Qxztyped words that must not get lost"

WRITES: dict[str, str] = {
    "answers.add": "answer",
    "posts.comment": "comment",
    "posts.edit": "edit",
    "ask.ask": "ask",
    "posts.give_kudos": "kudos",
    "threads.same_problem": "same problem",
    "ideas.vote": "vote",
    "experts.ask": "expert",
    "groups.ask_to_join": "request",
    "groups.change_details": "group text",
    "groups.invite": "invitation",
    "groups.invite_by_mail": "invitation by mail",
}
"""Routes by which a member says something to others; each is tried below."""

DO_NOT_WRITE: dict[str, str] = {
    "answers.accept": "says nothing in their own words",
    "threads.withdraw": "the same, taken back",
    "threads.give_satisfaction": "administrators alone read it",
    "threads.not_same_problem": "takes back",
    "ideas.take_back_vote": "takes back",
    "posts.take_back_kudos": "takes back",
    "threads.follow": "for oneself",
    "threads.unfollow": "for oneself",
    "threads.mute": "for oneself",
    "threads.unmute": "for oneself",
    "ask.similar": "shows what others wrote",
    "ask.opened": "counts",
    "ask.none_helped": "counts",
    "ask.reopen": "counts",
    "ask.discard": "discards",
    "appeals.statement": "whoever is restricted can object",
    "appeals.statement_by_link": "the same, by whoever cannot log in",
    "appeals.own_notice": "the same, for whoever has reported",
    "appeals.by_link": "the same, without an account",
    "reports.send": "whatever is against the law can be reported by everybody",
    "flags.flag": "whatever is against the law can be reported by everybody",
    "drafts.save": "for oneself; what was typed is kept",
    "drafts.kept": "for oneself",
    "home.put_away_steps": "for oneself",
    "faq.feedback": "editors alone read it",
    "groups.join": "says nothing",
    "groups.leave": "says nothing",
    "groups.withdraw_request": "takes back",
    "groups.choose_listing": "says nothing",
    "groups.answer_invitation": "says nothing",
    "groups.accept_link": "says nothing",
    "groups.decide_request": "a duty towards others",
    "groups.make_link": "a link that says nothing",
    "groups.end_link": "takes back",
    "groups.withdraw_invitation": "takes back",
    "groups.withdraw_mail_invitation": "takes back",
    "groups.take_out": "a duty towards others",
    "groups.end_role": "takes back",
    "notifications.read_all": "for oneself",
    "notifications.open": "for oneself",
    "spaces.wish": "for oneself",
    "tags.wish": "for oneself",
    "log_out": "leaves",
    "acceptance.accept": "between the site and oneself",
    "waiting.rewrite": "nobody but staff reads it before they have released it, and then it is asked again",
    "waiting.take_back": "takes back",
    "attachments.add": "nobody but oneself sees a file before its post is published",
    "attachments.remove": "takes back",
    "company.accept": "between the company and oneself",
}
OWN = ("settings.", "log_in.", "sign_on.", "asker.", "mails.", "consents.", "account.", "register")
"""Beginnings of names of routes about oneself alone."""


def test_every_route_that_writes_is_either_tried_here_or_named_with_its_reason() -> None:
    """Whoever adds a way of writing meets this test."""
    table = leaves(routes(Theme.load(), development=False))
    names = {
        route.name
        for _path, route in table
        if route.policy.writes and route.policy.access.name in ("MEMBER", "SCOPED")
    }
    known = {*WRITES, *DO_NOT_WRITE}
    unknown = {name for name in names - known if not name.startswith(OWN)}
    assert unknown == set(), "may somebody who is muted do this? put it into one of the tables"


@dataclass
class Stage:
    """Helper is muted; asker's thread, an answer by helper from before, a draft of nothing."""

    cast: Cast
    client: httpx2.AsyncClient
    thread: Thread
    own_thread: Thread
    opening: Post
    answer: Post
    paths: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)


async def stage(cast: Cast, visit: Visit, **mute: int) -> Stage:
    thread = await make_thread(cast.open_space, cast.asker)
    own = await make_thread(cast.open_space, cast.helper, title="My own question")
    answer = await make_answer(thread, cast.helper)
    opening = await opening_of(thread)
    idea = await make_thread(await make_space(kind=SpaceKind.IDEAS), cast.asker, title="An idea")
    await Expert.create(space_id=cast.open_space.id, member_id=cast.colleague.id, granted_at=now())
    made = Stage(cast, await visit(cast.helper), thread, own, opening, answer)
    made.paths = {
        "answers.add": (f"/threads/{thread.id}/answers", {"body": TYPED}),
        "posts.comment": (f"/posts/{opening.id}/comments", {"body": TYPED}),
        "posts.edit": (f"/posts/{answer.id}/edit", {"body": TYPED, "version": "1"}),
        "ask.ask": ("/ask", {"title": "My router restarts", "space": cast.open_space.slug, "body": TYPED}),
        "posts.give_kudos": (f"/posts/{opening.id}/kudos", {}),
        "threads.same_problem": (f"/threads/{thread.id}/same-problem", {}),
        "ideas.vote": (f"/threads/{idea.id}/vote", {}),
        "experts.ask": (f"/threads/{own.id}/experts", {"nickname": "Colleague"}),
        "groups.ask_to_join": ("/groups/asked-for/request", {"note": TYPED}),
        "groups.change_details": ("/groups/looked-after/manage", {"description": TYPED}),
        "groups.invite": ("/groups/looked-after/invite", {"nickname": "Outsider"}),
        "groups.invite_by_mail": ("/groups/looked-after/invite-by-mail", {"mail": "a@b.example"}),
    }
    await _groups(cast)
    await impose(cast, cast.helper, Kind.MUTE, **mute)
    return made


async def _groups(cast: Cast) -> None:
    await make_group("Asked for", access=GroupAccess.REQUEST)
    group = await make_group("Looked after", access=GroupAccess.CLOSED)
    await Membership.create(
        group_id=group.id, member_id=cast.helper.id, joined_at=now(), role=GroupRole.OWNER
    )


async def everything() -> list[tuple[str, int]]:
    """How many rows there are of all that a member can publish."""
    tables = (
        *("posts", "revisions", "kudos", "same_problems", "expert_questions", "join_requests"),
        *("group_invitations", "vault_mail_invitations", "threads"),
    )
    return [(table, (await fetch(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"]) for table in tables]


@pytest.mark.each_database
async def test_no_way_of_writing_is_open_to_whoever_is_muted(cast: Cast, visit: Visit) -> None:
    made = await stage(cast, visit)
    assert set(made.paths) == set(WRITES)
    before = await everything()
    for name, (path, fields) in made.paths.items():
        answer = await made.client.post(path, data=fields)
        assert answer.status_code in (409, 422), name
        assert "You cannot write until" in answer.text, name
        assert WHY in answer.text, name
        if TYPED in fields.values():
            assert TYPED in answer.text, f"{name}: what was typed is lost"
    assert await everything() == before
    assert "Qxztyped" not in (await made.client.get(f"/posts/{made.answer.id}", follow_redirects=True)).text
    assert {draft.place for draft in await Draft.filter(member_id=cast.helper.id)} == {
        "ask",
        f"answer:{made.thread.id}",
        f"edit:{made.answer.id}",
    }


async def test_when_it_has_ended_all_of_it_works_again(cast: Cast, visit: Visit) -> None:
    """The same requests as above, so that none of them is refused for another reason."""
    made = await stage(cast, visit)
    refused = await made.client.post(made.paths["answers.add"][0], data={"body": TYPED})
    assert refused.status_code == 409
    await Sanction.all().update(ends_at=now() - timedelta(seconds=1))
    for name, (path, fields) in made.paths.items():
        answer = await made.client.post(path, data=fields)
        assert answer.status_code == 303, name


async def test_the_actions_refuse_whatever_stands_before_them(cast: Cast, visit: Visit) -> None:
    """A handler that forgets to ask changes nothing."""
    made = await stage(cast, visit)
    helper, thread = cast.helper.id, made.thread
    own = await get_thread(made.own_thread.id, await viewer_for(cast.helper))
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: actions.start_thread(card_of(cast.open_space), title="A", body="Bc", tags=(), by=helper),
        lambda: actions.add_answer(thread.id, body="Bc", by=helper, by_staff=False),
        lambda: actions.add_comment(made.opening.id, thread.id, body="Bc", by=helper),
        lambda: actions.edit_post(made.answer.id, body="Bc", version=1, by=helper),
        lambda: give_kudos(made.opening.id, by=helper),
        lambda: marks.mark_same_problem(thread.id, by=helper),
        lambda: ask_expert(own, "Colleague", by=helper),
    ]
    before = await everything()
    for attempt in attempts:
        with pytest.raises(RuleBroken, match="You cannot write until"):
            await attempt()
    assert await everything() == before


async def test_a_mute_for_one_space_holds_in_that_space_alone(cast: Cast, visit: Visit) -> None:
    made = await stage(cast, visit, space_id=cast.open_space.id)
    refused = await made.client.post(f"/threads/{made.thread.id}/answers", data={"body": TYPED})
    assert "You cannot write in this space until" in refused.text
    asked = await made.client.post(*made.paths["ask.ask"][:1], data=made.paths["ask.ask"][1])
    assert asked.status_code == 422
    assert "You cannot write in this space until" in asked.text
    assert TYPED in asked.text
    elsewhere = await make_thread(cast.discussions, cast.asker, title="Elsewhere")
    answered = await made.client.post(f"/threads/{elsewhere.id}/answers", data={"body": TYPED})
    assert answered.status_code == 303
    assert cast.open_space.id not in (await viewer_for(cast.helper)).writable_space_ids


async def test_pages_tell_why_there_is_no_form(cast: Cast, visit: Visit) -> None:
    made = await stage(cast, visit)
    page = (await made.client.get(f"/threads/{made.thread.id}-{made.thread.slug}")).text
    assert "You cannot write until" in page
    assert WHY in page
    assert 'name="body"' not in page
    assert f"/posts/{made.opening.id}/kudos" not in page
    assert f"/posts/{made.opening.id}/flag" in page
    asking = (await made.client.get("/ask")).text
    assert "You cannot write until" in asking
    other = (await (await visit(cast.colleague)).get(f"/threads/{made.thread.id}-{made.thread.slug}")).text
    assert "cannot write" not in other


async def test_reading_reporting_accepting_and_drafts_stay(cast: Cast, visit: Visit) -> None:
    made = await stage(cast, visit)
    other = await make_answer(made.own_thread, cast.colleague)
    assert (
        await made.client.post(f"/threads/{made.own_thread.id}/answers/{other.id}/accept")
    ).status_code == 303
    assert await Solution.filter(post_id=other.id).exists()
    flagged = await made.client.post(
        f"/posts/{made.opening.id}/flag",
        data={"reason": "law", "note": "This gives away where a colleague lives, against the law."},
    )
    assert flagged.status_code == 303
    assert await Flag.filter(reporter_id=cast.helper.id).exists()
    draft = await made.client.post(f"/drafts/answer:{made.thread.id}", data={"body": TYPED})
    assert draft.status_code == 204
    assert await Draft.filter(member_id=cast.helper.id, body=TYPED).exists()
    assert (await made.client.post(f"/threads/{made.thread.id}/follow")).status_code == 303
