"""The FAQ as readers meet it."""

from __future__ import annotations

import json
import re

import pytest

from community.core.db import fetch_one
from community.faq import actions
from community.faq.queries import ENTRIES_PER_PAGE, list_for_thread, list_highlights
from community.members.models import Member
from community.threads.models import Post, Thread
from tests.cast import Cast
from tests.factories import viewer_for
from tests.faq.entries import a_category, make_draft, make_published, make_solved, publish
from tests.fixtures import Visit

ORIGIN = {"Origin": "http://127.0.0.1:8000"}


async def _address(entry_id: int) -> str:
    row = await fetch_one("SELECT slug FROM faq_entries WHERE id = :id", {"id": entry_id})
    assert row is not None
    return f"/faq/{entry_id}-{row['slug']}"


def structured(page: str) -> dict:
    """The FAQPage among what the page tells search engines."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    told = json.loads(found.group(1))
    return next(part for part in (told if isinstance(told, list) else [told]) if part["@type"] == "FAQPage")


async def test_a_guest_reads_question_short_answer_steps_and_credits(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast, valid_for="Router Pro 3")
    page = await (await visit()).get(await _address(entry_id))
    assert page.status_code == 200
    assert "<h1>Router lost its profile</h1>" in page.text
    assert '<p class="faq-answer">The router has lost its profile. Load it again' in page.text
    assert "<strong>Load profile</strong>" in page.text
    assert "Router Pro 3" in page.text
    assert "Checked by an administrator on" in page.text
    assert "/members/Helper" in page.text
    assert "/ask?title=Router+lost+its+profile" in page.text
    assert f'rel="canonical" href="http://127.0.0.1:8000{await _address(entry_id)}"' in page.text
    assert "/moderation/faq" not in page.text
    # Nobody's name but the helper's: the page says roles.
    assert "Jana K." not in page.text
    assert "Tom B." not in page.text


async def test_the_entry_names_itself_to_search_engines(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast, question="</script><b>&amp; more")
    page = await (await visit()).get(await _address(entry_id))
    (question,) = structured(page.text)["mainEntity"]
    assert question["name"] == "</script><b>&amp; more"
    assert "<script><b>" not in page.text
    listed = await (await visit()).get("/faq")
    assert "FAQPage" not in listed.text


async def test_another_slug_leads_to_the_present_one(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    guest = await visit()
    for wrong in (f"/faq/{entry_id}", f"/faq/{entry_id}-wrong"):
        answer = await guest.get(wrong)
        assert (answer.status_code, answer.headers["location"]) == (301, await _address(entry_id))


async def test_categories_show_their_first_entries_and_all_on_their_own_page(
    cast: Cast, visit: Visit
) -> None:
    category = await a_category("Big one")
    for number in range(7):
        await make_published(cast, question=f"Number {number}", category_id=category)
    await a_category("Empty one")
    guest = await visit()
    page = await guest.get("/faq")
    assert page.text.count('href="/faq/big-one"') == 2
    assert len(re.findall(r"Number \d</span>", page.text)) == 5
    assert "Empty one" not in page.text
    assert (await guest.get("/faq/empty-one")).status_code == 404
    whole = await guest.get("/faq/big-one")
    assert len(re.findall(r"Number \d</a>", whole.text)) == 7
    assert (await guest.get("/faq/big-one?page=2")).status_code == 404
    assert ENTRIES_PER_PAGE == 50


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=-1", "page=99999999999"])
async def test_a_page_that_does_not_exist_is_not_found(cast: Cast, visit: Visit, query: str) -> None:
    await make_published(cast)
    assert (await (await visit()).get(f"/faq/routers?{query}")).status_code == 404


async def test_an_entry_for_members_is_not_found_by_guests(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast, question="Only QUAGGA", audience="members")
    guest, member = await visit(), await visit(cast.outsider)
    address = await _address(entry_id)
    assert (await guest.get(address)).status_code == 404
    assert (await guest.get(f"/faq/{entry_id}")).status_code == 404
    for path in ("/faq", "/faq/routers", "/feeds/faq.json"):
        assert "QUAGGA" not in (await guest.get(path)).text
    assert (await guest.get("/faq/routers")).status_code == 404
    shown = await member.get(address)
    assert "Only QUAGGA" in shown.text
    assert '<meta name="robots" content="noindex">' in shown.text
    assert "QUAGGA" in (await member.get("/faq")).text


async def test_a_withdrawn_entry_is_gone(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    guest, address = await visit(), await _address(entry_id)
    assert (await guest.get(address)).status_code == 200
    await actions.withdraw_entry(entry_id, by=await viewer_for(cast.moderator), reason="Wrong")
    assert (await guest.get(address)).status_code == 404
    assert "Router lost" not in (await guest.get("/faq")).text


async def test_a_source_the_viewer_may_not_read_leaves_no_trace(cast: Cast, visit: Visit) -> None:
    await Member.filter(id=cast.helper.id).update(nickname="QUAGGA")
    thread, _answer = await make_solved(cast.hidden_space, cast.asker, cast.helper, title="QUAGGA secret")
    entry_id = await make_draft(cast, thread, question="Plain question", short_answer="Plain answer here.")
    await publish(cast, entry_id, cleared=True)
    for member in (None, cast.outsider):
        page = await (await visit(member)).get(await _address(entry_id))
        assert page.status_code == 200
        assert "QUAGGA" not in page.text
        assert str(thread.id) not in page.text
    inside = await (await visit(cast.colleague)).get(await _address(entry_id))
    assert "QUAGGA secret" in inside.text
    assert "/members/QUAGGA" in inside.text


async def test_the_page_is_the_same_whether_or_not_a_hidden_source_exists(cast: Cast, visit: Visit) -> None:
    thread, _answer = await make_solved(cast.hidden_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    await publish(cast, entry_id, cleared=True)
    guest = await visit()
    before = (await guest.get(await _address(entry_id))).text
    await Thread.filter(id=thread.id).delete()
    assert (await guest.get(await _address(entry_id))).text == before


@pytest.mark.parametrize("way", ["hidden", "moved"])
async def test_a_source_that_goes_out_of_reach_later_vanishes_at_once(
    cast: Cast, visit: Visit, way: str
) -> None:
    thread, answer = await make_solved(cast.open_space, cast.asker, cast.helper, title="Source title")
    entry_id = await make_draft(cast, thread, question="The question")
    await publish(cast, entry_id)
    guest, address = await visit(), await _address(entry_id)
    before = (await guest.get(address)).text
    assert "Source title" in before
    assert "/members/Helper" in before
    if way == "hidden":
        await Post.filter(id=answer.id).update(hidden_at=thread.created_at)
        await Thread.filter(id=thread.id).update(hidden_at=thread.created_at)
    else:
        await Thread.filter(id=thread.id).update(space_id=cast.hidden_space.id)
    after = (await guest.get(address)).text
    assert "Source title" not in after
    assert "/members/Helper" not in after


async def test_staff_find_the_way_to_the_desk(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    page = await (await visit(cast.moderator)).get(await _address(entry_id))
    assert f'href="/moderation/faq/{entry_id}"' in page.text


async def test_thread_and_home_know_the_entries_of_their_reader(cast: Cast) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread, audience="members")
    await publish(cast, entry_id)
    guest, member = await viewer_for(None), await viewer_for(cast.outsider)
    assert await list_for_thread(guest, thread.id) == ((), {})
    assert [entry.id for entry in (await list_for_thread(member, thread.id))[0]] == [entry_id]
    assert await list_highlights(guest, 4) == ()
    assert [entry.url for entry in await list_highlights(member, 4)] == [await _address(entry_id)]
    assert await list_highlights(member, 4, language="de") == ()
