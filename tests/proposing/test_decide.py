"""Accepting, merging and dismissing: each once, each in the log; what was dismissed stays away without cause."""

from __future__ import annotations

import httpx2
import pytest

from community.core.db import execute, fetch, fetch_one
from community.core.errors import Conflict
from community.faq.source_queries import list_editorial_sources
from community.members.models import Member
from community.proposing import actions
from community.proposing.models import DismissalReason, Return
from community.proposing.queries import ProposalView, get_proposal
from community.threads.marks import accept_solution, withdraw_solution
from tests.cast import Cast
from tests.factories import make_answer, make_thread, viewer_for
from tests.faq.entries import make_draft, make_published, make_solved
from tests.fixtures import Visit
from tests.proposing.subjects import QUESTION, find, make_wanted, relate

ORIGIN = {"Origin": "http://127.0.0.1:8000"}
URL = "/moderation/faq/proposals"


async def send(client: httpx2.AsyncClient, path: str, **fields: object) -> httpx2.Response:
    return await client.post(path, data={k: str(v) for k, v in fields.items()}, headers=ORIGIN)


async def one_proposal(cast: Cast) -> ProposalView:
    await make_wanted(cast)
    [proposal] = await find(cast)
    return proposal


async def acts() -> list[str]:
    return [row["act"] for row in await fetch("SELECT act FROM moderation_log ORDER BY id")]


@pytest.mark.each_database
async def test_an_accepted_proposal_is_a_draft_with_all_its_sources(cast: Cast) -> None:
    thread, answer = await make_wanted(cast)
    second, second_answer = await make_wanted(cast, title="How can I load the router profile again?")
    await relate(thread, second)
    [proposal] = await find(cast)
    editor = await viewer_for(cast.moderator)
    entry_id = await actions.accept_proposal(proposal, by=editor)
    row = await fetch_one("SELECT * FROM faq_entries WHERE id = :id", {"id": entry_id})
    assert row is not None
    assert (row["state"], row["question"], row["short_answer"]) == (
        "draft",
        proposal.text.question,
        proposal.text.short_answer,
    )
    sources = await list_editorial_sources(editor, entry_id)
    assert {one.post.thread_id for one in sources} == {thread.id, second.id}
    assert {answer.id, second_answer.id} <= {one.post.post_id for one in sources}
    assert not any(one.changed for one in sources)
    assert await acts() == ["faq.proposal_accepted"]
    with pytest.raises(Conflict):
        await actions.accept_proposal(proposal, by=await viewer_for(cast.administrator))
    assert len(await fetch("SELECT id FROM faq_entries")) == 1
    assert await find(cast) == []


@pytest.mark.each_database
async def test_a_merged_proposal_adds_its_sources_and_takes_back_the_yes(cast: Cast) -> None:
    old, _ = await make_solved(cast.members_space, cast.asker, cast.helper, title="Something else")
    entry_id = await make_draft(cast, old)
    await execute("UPDATE faq_entries SET cleared_by = 1 WHERE id = :id", {"id": entry_id})
    proposal = await one_proposal(cast)
    editor = await viewer_for(cast.moderator)
    await actions.merge_proposal(proposal, entry_id, by=editor)
    sources = await list_editorial_sources(editor, entry_id)
    assert {one.post.thread_id for one in sources} == {old.id, proposal.threads[0].id}
    row = await fetch_one("SELECT cleared_by FROM faq_entries WHERE id = :id", {"id": entry_id})
    assert row is not None
    assert row["cleared_by"] is None
    assert await find(cast) == []
    assert await acts() == ["faq.proposal_merged"]


@pytest.mark.each_database
async def test_a_dismissed_proposal_comes_back_with_cause_alone(cast: Cast) -> None:
    thread, _answer = await make_wanted(cast, same_problem=5)
    [proposal] = await find(cast)
    editor = await viewer_for(cast.moderator)
    await actions.dismiss_proposals([proposal.id], DismissalReason.RARE, by=editor, note="few")
    assert await find(cast) == []
    await execute("UPDATE threads SET same_problem_count = 8 WHERE id = :id", {"id": thread.id})
    assert await find(cast) == []
    await execute("UPDATE threads SET same_problem_count = 20 WHERE id = :id", {"id": thread.id})
    [back] = await find(cast)
    assert (back.id, back.returned, back.figures.same_problem_count) == (proposal.id, Return.FIGURES, 20)

    await actions.dismiss_proposals([back.id], DismissalReason.RARE, by=editor)
    assert await find(cast) == []
    other, _ = await make_wanted(cast, title="How can I load the router profile again?")
    await relate(thread, other)
    [back] = await find(cast)
    assert (back.id, back.returned, len(back.threads)) == (proposal.id, Return.THREAD, 2)

    await actions.dismiss_proposals([back.id], DismissalReason.RARE, by=editor)
    better = await make_answer(thread, cast.colleague, "Load the router profile again from the portal.")
    await withdraw_solution(thread.id, by=cast.asker.id)
    await accept_solution(better.id, by=cast.asker.id)
    [back] = await find(cast)
    assert (back.id, back.returned) == (proposal.id, Return.SOLUTION)


@pytest.mark.each_database
async def test_what_staff_saw_when_they_dismissed_is_no_cause_to_return(cast: Cast) -> None:
    thread, _answer = await make_wanted(cast)
    covered, _ = await make_solved(
        cast.open_space, cast.asker, cast.helper, title="How is the router profile loaded again?"
    )
    await make_draft(cast, covered)
    beside = await make_thread(cast.open_space, cast.asker, title="How can I load the router profile again?")
    for each in (covered, beside):
        await relate(thread, each)
    [proposal] = await find(cast)
    editor = await viewer_for(cast.moderator)
    # Solved after the worker looked and before staff decided.
    answer = await make_answer(beside, cast.helper, "Load the router profile again from the portal.")
    await accept_solution(answer.id, by=cast.asker.id)
    await actions.dismiss_proposals([proposal.id], DismissalReason.RARE, by=editor)
    assert await find(cast) == []


@pytest.mark.each_database
async def test_a_dismissal_is_not_forgotten_when_what_came_back_weakens(cast: Cast) -> None:
    thread, _answer = await make_wanted(cast)
    [proposal] = await find(cast)
    editor = await viewer_for(cast.moderator)
    await actions.dismiss_proposals([proposal.id], DismissalReason.RARE, by=editor)
    for times, state in ((60, "open"), (0, "dismissed"), (4, "dismissed")):
        await execute(
            "UPDATE threads SET same_problem_count = :n WHERE id = :id", {"n": times, "id": thread.id}
        )
        assert [one.id for one in await find(cast, state)] == [proposal.id]


async def test_only_staff_reach_the_proposals(cast: Cast, visit: Visit) -> None:
    proposal = await one_proposal(cast)
    for member in (cast.outsider, cast.marketing):
        client = await visit(member)
        assert (await client.get(URL)).status_code == 404
        assert (await send(client, f"{URL}/{proposal.id}/accept")).status_code == 404


async def test_the_list_says_why_and_leads_to_the_editor(cast: Cast, visit: Visit) -> None:
    proposal = await one_proposal(cast)
    client = await visit(cast.moderator)
    page = (await client.get(URL)).text
    for text in (
        QUESTION,
        "The router profile is loaded again from the customer centre under Devices.",
        "4 members have the same problem",
        "about 0 readers a month" if proposal.figures.readers else "Taken from 1 thread",
    ):
        assert text in page
    answer = await send(client, f"{URL}/{proposal.id}/accept")
    assert answer.status_code == 303
    assert (await client.get(answer.headers["location"])).status_code == 200
    again = await send(client, f"{URL}/{proposal.id}/accept")
    assert again.status_code == 409
    assert "Somebody else has decided about this proposal meanwhile." in again.text


async def test_merging_picks_an_entry_and_shows_the_draft_beside_it(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    proposal = await one_proposal(cast)
    client = await visit(cast.moderator)
    page = (await client.get(f"{URL}/{proposal.id}?q=profile")).text
    assert f'value="{entry_id}"' in page
    assert (await send(client, f"{URL}/{proposal.id}/merge")).status_code == 422
    answer = await send(client, f"{URL}/{proposal.id}/merge", entry=entry_id)
    assert answer.status_code == 303
    desk = (await client.get(answer.headers["location"])).text
    assert proposal.text.short_answer in desk


async def test_several_are_dismissed_at_once_with_one_reason(cast: Cast, visit: Visit) -> None:
    await make_wanted(cast)
    await make_wanted(
        cast, title="How is an invoice paid?", body="An invoice is paid by debit from the account you name."
    )
    chosen = [one.id for one in await find(cast)]
    client = await visit(cast.moderator)
    unsure = await client.post(
        f"{URL}/dismiss", data={"proposal": chosen, "why": "other", "note": ""}, headers=ORIGIN
    )
    assert (unsure.status_code, unsure.text.count(" checked")) == (422, 2)
    at_one = await send(client, f"{URL}/dismiss?from=proposal", proposal=chosen[0], why="")
    assert (at_one.status_code, f'action="{URL}/{chosen[0]}/accept"' in at_one.text) == (422, True)
    done = await client.post(
        f"{URL}/dismiss", data={"proposal": chosen, "why": "other", "note": "not now"}, headers=ORIGIN
    )
    assert done.status_code == 303
    assert await find(cast) == []
    listed = (await client.get(f"{URL}?state=dismissed")).text
    assert QUESTION in listed
    assert await acts() == ["faq.proposal_dismissed"] * 2
    assert (await send(client, f"{URL}/{chosen[0]}/reopen")).status_code == 303
    [back] = await find(cast)
    assert (back.id, back.returned) == (chosen[0], Return.STAFF)


async def test_a_proposal_from_a_space_one_may_not_read_is_not_found(cast: Cast, visit: Visit) -> None:
    insider: Member = cast.moderator
    await make_wanted(cast, cast.hidden_space)
    await find(cast)
    row = await fetch_one("SELECT id FROM faq_proposals")
    assert row is not None
    viewer = await viewer_for(insider)
    client = await visit(insider)
    may_read = viewer.may_read(cast.hidden_space.id)
    expected = 200 if may_read else 404
    assert (await client.get(f"{URL}/{row['id']}")).status_code == expected
    assert (QUESTION in (await client.get(URL)).text) is may_read
    for path in ("accept", "merge", "reopen"):
        if not may_read:
            assert (await send(client, f"{URL}/{row['id']}/{path}", entry=1)).status_code == 404
    if may_read:
        proposal = await get_proposal(viewer, row["id"])
        assert proposal.text.audience == "members"
    else:
        answer = await send(client, f"{URL}/dismiss", proposal=row["id"], why="rare")
        assert answer.status_code == 404
