"""The list of a space of ideas, its votes, and what was built: who sees and does what."""

from __future__ import annotations

import re

import pytest

from community.core.clock import now
from community.groups.models import GroupAccess
from community.ideas.actions import answer_idea, vote
from community.indexing import bring_in_line
from community.members.models import Member
from community.spaces.models import Space, SpaceAccess, SpaceKind
from community.threads.models import IdeaStatus, SameProblem, Thread
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_group, make_member, make_space, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN


async def ideas_space(name: str = "Wishes", **columns: object) -> Space:
    return await make_space(name, kind=SpaceKind.IDEAS, **columns)


async def make_idea(space: Space, author: Member, title: str, votes: int = 0) -> Thread:
    idea = await make_thread(space, author, title=title)
    for _number in range(votes):
        await vote(idea.id, by=(await make_member()).id)
    return idea


def titles(html: str) -> list[str]:
    return re.findall(r'class="row__title"><a [^>]*>([^<]*)<', html)


@pytest.mark.each_database
async def test_ideas_are_sorted_by_votes_and_filtered_by_status(cast: Cast, visit: Visit) -> None:
    space = await ideas_space()
    for title, votes in (("Few", 1), ("Many", 3), ("None", 0)):
        await make_idea(space, cast.asker, title, votes)
    built = await make_idea(space, cast.asker, "Built one", 2)
    by = await viewer_for(cast.moderator)
    await answer_idea(built.id, IdeaStatus.DONE, body="It is there.", by=by)
    guest = await visit()
    page = (await guest.get("/spaces/wishes")).text
    assert titles(page) == ["Many", "Built one", "Few", "None"]
    assert "/log-in?next=/threads/" in page
    assert titles((await guest.get("/spaces/wishes?order=newest")).text) == [
        "Built one",
        "None",
        "Many",
        "Few",
    ]
    done = (await guest.get("/spaces/wishes?status=done")).text
    assert titles(done) == ["Built one"]
    assert "/log-in?next=/threads/" not in done, "it takes no more votes"
    assert re.findall(r'seg__n">(\d+)', done) == ["3", "0", "1", "0"]
    for wrong in ("status=open", "order=title", "page=0", "page=2", "page=51"):
        assert (await guest.get(f"/spaces/wishes?{wrong}")).status_code == 404, wrong


async def test_pinned_ideas_lead_the_first_page_whatever_its_order(cast: Cast, visit: Visit) -> None:
    space = await ideas_space()
    pinned = await make_idea(space, cast.asker, "Pinned")
    await make_idea(space, cast.asker, "Many", 2)
    await Thread.filter(id=pinned.id).update(pinned_at=now())
    voter = await visit(cast.helper)
    for address in ("", "?order=newest"):
        page = (await voter.get(f"/spaces/wishes{address}")).text
        assert titles(page) == ["Pinned", "Many"]
        assert page.index("row--pinned") < page.index(f'action="/threads/{pinned.id}/vote"')
    assert titles((await voter.get("/spaces/wishes?status=new")).text) == ["Many", "Pinned"]


async def test_of_ideas_with_a_tag_the_tag_is_followed(cast: Cast, visit: Visit) -> None:
    await make_thread(await ideas_space(), cast.asker, tags=("router",))
    chosen = "/spaces/wishes?order=newest&tag=router"
    member = await visit(cast.helper)
    page = (await member.get(chosen)).text
    assert 'action="/tags/router/wish"' in page
    assert 'action="/spaces/wishes/wish"' not in page
    sent = await member.post("/tags/router/wish", data={"wish": "follow", "next": chosen}, headers=ORIGIN)
    assert sent.headers["location"] == chosen
    assert 'value="" aria-pressed="true"' in (await member.get(chosen)).text
    assert "/tags/router/wish" not in (await (await visit()).get(chosen)).text


async def test_one_click_gives_a_vote_and_another_takes_it_back(cast: Cast, visit: Visit) -> None:
    space = await ideas_space()
    idea = await make_idea(space, cast.asker, "Dark mode")
    voter, author = await visit(cast.helper), await visit(cast.asker)
    url, back = f"/threads/{idea.id}/vote", {"back": "/spaces/wishes?order=newest"}
    assert f'action="{url}"' in (await voter.get("/spaces/wishes")).text
    assert f'action="{url}"' not in (await author.get("/spaces/wishes")).text, (
        "whose idea it is wants it anyway"
    )
    for _time in range(2):
        sent = await voter.post(url, data=back, headers=ORIGIN)
        assert sent.headers["location"] == "/spaces/wishes?order=newest"
    assert await SameProblem.filter(thread_id=idea.id).count() == 1
    fragment = await voter.post(f"{url}/take-back", data=back, headers={"hx-request": "true", **ORIGIN})
    assert fragment.text.strip().startswith("<form") and 'aria-pressed="false"' in fragment.text
    assert await SameProblem.filter(thread_id=idea.id).count() == 0
    on_page = (await voter.post(url, headers={"hx-request": "true", **ORIGIN})).text
    assert 'id="idea-vote"' in on_page and "You have voted for this idea." in on_page
    assert (await author.post(url, headers=ORIGIN)).status_code == 403
    elsewhere = await voter.post(url, data={"back": "//evil.example"}, headers=ORIGIN)
    assert elsewhere.headers["location"] == f"/threads/{idea.id}-{idea.slug}"


async def test_the_page_of_an_idea_offers_votes_and_nothing_of_questions(cast: Cast, visit: Visit) -> None:
    idea = await make_idea(await ideas_space(), cast.asker, "Dark mode", 2)
    question = await make_thread(cast.open_space, cast.asker)
    helper = await visit(cast.helper)
    page = (await helper.get(f"/threads/{idea.id}-{idea.slug}")).text
    assert f'action="/threads/{idea.id}/vote"' in page
    assert "Same problem" not in page
    assert "/vote" not in (await helper.get(f"/threads/{question.id}-{question.slug}")).text
    for path in ("vote", "idea"):
        assert (await helper.post(f"/threads/{question.id}/{path}", headers=ORIGIN)).status_code == 404


async def test_what_was_built_shows_each_viewer_their_own_spaces(cast: Cast, visit: Visit) -> None:
    group = await make_group("Ring", access=GroupAccess.CLOSED, members=(cast.helper,))
    places = {
        "open": await ideas_space("Open wishes"),
        "members": await ideas_space("Member wishes", access=SpaceAccess.MEMBERS),
        "exclusive": await ideas_space("Ring wishes", access=SpaceAccess.EXCLUSIVE, groups=(group,)),
    }
    by = await viewer_for(cast.moderator)
    for name, space in places.items():
        idea = await make_idea(space, cast.helper, f"Wish {name}")
        await answer_idea(idea.id, IdeaStatus.DONE, body=f"Came true {name}", by=by)
    seen = {}
    for who, member in (("guest", None), ("outsider", cast.outsider), ("inside", cast.helper)):
        client = await visit(member)
        page = (await client.get("/ideas/done")).text
        seen[who] = [name for name in places if f"Came true {name}" in page]
        feed = (await client.get("/feeds/ideas.atom")).text
        assert [name for name in places if f"Came true {name}" in feed] == ["open"], who
        assert "Built: Wish open" in feed
        status = (await client.get("/ideas/done?space=ring-wishes")).status_code
        assert status == (200 if who == "inside" else 404)
    assert seen == {
        "guest": ["open"],
        "outsider": ["open", "members"],
        "inside": ["open", "members", "exclusive"],
    }


async def test_whoever_suggests_an_idea_is_shown_similar_ones_to_vote_for(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    space = await ideas_space()
    idea = await make_idea(space, cast.asker, "Carrier pigeons for backup", 2)
    await bring_in_line(search_engine, "thread", [idea.id])
    await search_engine.flush()
    member = await visit(cast.helper)
    form = await member.get("/ask?space=wishes&title=Backup+by+carrier+pigeons&next=1")
    assert "Your idea in one sentence" in form.text
    found = form.text.split('id="similar"')[1].split("</details>")[0]
    assert "Carrier pigeons for backup" in found
    assert "2 votes" in found
    assert f'href="/threads/{idea.id}-{idea.slug}"' in found
    assert "This solved it" not in found
    assert "Your question in one sentence" in (await member.get("/ask")).text


async def test_whoever_merges_ideas_reads_what_becomes_of_their_votes(cast: Cast, visit: Visit) -> None:
    space = await ideas_space()
    idea, same = [await make_idea(space, cast.asker, title) for title in ("By mail", "By message")]
    browser = await visit(cast.moderator)
    chosen = {"related": str(same.id), "reason": "The same wish"}
    page = await browser.post(f"/moderation/threads/{idea.id}/merge", data=chosen, headers=ORIGIN)
    assert "votes for the other one then" in page.text
    assert f'value="/threads/{same.id}-{same.slug}"' in page.text
