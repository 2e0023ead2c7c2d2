"""Asking a question, step by step, as a browser without scripts does it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from community.app import create_app
from community.faq.models import Entry, EntryState
from community.indexing import bring_in_line
from community.threads import marks
from community.threads.models import Draft, Post, Thread, ThreadTag
from search import SearchEngine, open_engine
from tests.cast import Cast, make_cast
from tests.clients import browser, log_in
from tests.factories import make_account, make_answer, make_company, make_entry, make_thread
from tests.fixtures import Visit

SCRIPT = {"HX-Request": "true"}
BODY = "Since Friday our router restarts at night, about three times. What can we do?"


def question(cast: Cast, **changes: str) -> dict[str, str]:
    """A question that is ready to be published."""
    return {
        "space": cast.open_space.slug,
        "title": "Router restarts at night",
        "body": BODY,
        "tags": "Router, feste IP",
        "submission": "key-of-the-form",
        "do": "publish",
    } | changes


async def test_a_guest_is_led_to_the_log_in_and_back(cast: Cast, visit: Visit) -> None:
    guest = await visit()
    answer = await guest.get("/ask?title=Router")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/log-in?next=/ask%3Ftitle%3DRouter"
    assert (await guest.post("/ask", data=question(cast))).status_code == 303
    assert await Thread.all().count() == 0


async def test_the_first_step_asks_for_space_and_title_only(cast: Cast, visit: Visit) -> None:
    page = (await (await visit(cast.asker)).get("/ask")).text
    assert 'name="title"' in page
    assert 'name="space"' in page
    assert 'name="body"' not in page


async def test_the_second_step_says_who_will_read_it(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    for space, readers in (
        (cast.open_space, "everyone on the internet"),
        (cast.members_space, "all members"),
        (cast.hidden_space, "members of Closed circle"),
    ):
        page = await asker.get("/ask", params={"title": "Router restarts", "space": space.slug, "next": "1"})
        assert page.status_code == 200
        assert f"You post as Asker. Your company is not shown. Readable by: {readers}." in page.text
        assert 'name="body"' in page.text


async def test_a_title_that_is_too_short_keeps_the_first_step(cast: Cast, visit: Visit) -> None:
    page = await (await visit(cast.asker)).get("/ask?title=VPN&next=1")
    assert page.status_code == 422
    assert "Please choose a space." in page.text
    assert 'value="VPN"' in page.text
    assert 'name="body"' not in page.text


async def test_spaces_that_the_viewer_may_not_write_to_are_not_offered(cast: Cast, visit: Visit) -> None:
    page = (await (await visit(cast.outsider)).get("/ask")).text
    assert cast.members_space.name in page
    for space in (cast.hidden_space, cast.tile_space, cast.blog):
        assert space.name not in re.search(r"<select.*?</select>", page, re.DOTALL).group()


@pytest.mark.each_database
async def test_a_question_is_published_with_its_tags(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    answer = await asker.post("/ask", data=question(cast))
    thread = await Thread.get()
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/threads/{thread.id}-router-restarts-at-night",
    )
    assert sorted(await ThreadTag.all().values_list("name", flat=True)) == ["feste-ip", "router"]
    page = await asker.get(answer.headers["location"])
    assert "Since Friday our router" in page.text
    assert "Your post is published." in page.text


async def test_a_question_goes_into_no_space_that_is_closed_to_the_asker(cast: Cast, visit: Visit) -> None:
    outsider = await visit(cast.outsider)
    for slug in (cast.hidden_space.slug, cast.tile_space.slug, cast.blog.slug, "no-such-space"):
        answer = await outsider.post("/ask", data=question(cast, space=slug))
        assert answer.status_code == 422
        assert "Please choose a space." in answer.text
        assert BODY in answer.text
    assert await Thread.all().count() == 0


async def test_staff_write_articles_in_the_blog(cast: Cast, visit: Visit) -> None:
    answer = await (await visit(cast.marketing)).post("/ask", data=question(cast, space=cast.blog.slug))
    assert answer.status_code == 303


async def test_the_same_form_sent_twice_asks_once(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    first = await asker.post("/ask", data=question(cast))
    second = await asker.post("/ask", data=question(cast))
    assert first.headers["location"] == second.headers["location"]
    assert await Thread.all().count() == 1


async def test_the_same_form_with_another_text_loses_nothing(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    await asker.post("/ask", data=question(cast))
    answer = await asker.post("/ask", data=question(cast, body="Another text, typed after going back."))
    assert answer.status_code == 409
    assert "Another text, typed after going back." in answer.text
    key = re.search(r'name="submission" value="([^"]+)"', answer.text).group(1)
    again = question(cast, body="Another text, typed after going back.", submission=key)
    assert (await asker.post("/ask", data=again)).status_code == 303
    assert await Thread.all().count() == 2


@pytest.mark.each_database
async def test_many_sendings_at_once_ask_once(fresh_database: str, app: ASGIApp) -> None:
    cast = await make_cast()
    async with browser(app) as client:
        await log_in(client, cast.asker)
        answers = await asyncio.gather(*(client.post("/ask", data=question(cast)) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await Thread.all().count() == 1
    assert await Post.all().count() == 1


async def test_errors_keep_everything_that_was_typed(cast: Cast, visit: Visit) -> None:
    answer = await (await visit(cast.asker)).post(
        "/ask", data=question(cast, title="VPN", body="<b>Short</b>", tags="vpn")
    )
    assert answer.status_code == 422
    assert 'value="VPN"' in answer.text
    assert 'value="vpn"' in answer.text
    long = await (await visit(cast.asker)).post("/ask", data=question(cast, body="x" * 20_001))
    assert long.status_code == 422
    assert "x" * 20_001 in long.text


async def test_personal_details_are_asked_about_before_they_are_published(cast: Cast, visit: Visit) -> None:
    company = await make_company("Holzbau Wendt GmbH")
    await make_account(cast.asker, real_name="Erika Sonnenschein", company=company)
    asker = await visit(cast.asker)
    body = BODY + " Call me at +49 228 4567123, Erika Sonnenschein, Holzbau Wendt."
    answer = await asker.post("/ask", data=question(cast, body=body))
    assert answer.status_code == 422
    for found in ("+49 228 4567123", "Erika Sonnenschein", "Holzbau Wendt"):
        assert f"<mark>{found}" in answer.text
    assert await Thread.all().count() == 0
    confirmed = await asker.post("/ask", data=question(cast, body=body, confirm="1"))
    assert confirmed.status_code == 303


async def test_another_members_name_is_no_hint(cast: Cast, visit: Visit) -> None:
    await make_account(cast.helper, real_name="Erika Sonnenschein")
    body = BODY + " Greetings to Erika Sonnenschein."
    assert (await (await visit(cast.asker)).post("/ask", data=question(cast, body=body))).status_code == 303


async def test_the_preview_shows_the_text_and_keeps_a_draft(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    answer = await asker.post("/ask", data=question(cast, body="It **stops**.", do="preview"))
    assert answer.status_code == 200
    assert "<strong>stops</strong>" in answer.text
    assert "It **stops**." in answer.text
    assert (await Draft.get()).body == "It **stops**."
    assert await Thread.all().count() == 0
    page = await asker.get("/ask")
    assert "It **stops**." in page.text
    assert "Draft saved" in page.text


async def test_a_script_gets_the_preview_alone(cast: Cast, visit: Visit) -> None:
    answer = await (await visit(cast.asker)).post(
        "/ask", data=question(cast, body="It **stops**.", do="preview"), headers={"HX-Request": "true"}
    )
    assert answer.text.lstrip().startswith('<section class="preview"')
    assert "<strong>stops</strong>" in answer.text


async def test_publishing_discards_the_draft(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    saved = await asker.post("/ask", data=question(cast, do="draft"))
    assert (saved.status_code, saved.headers["location"]) == (303, "/ask")
    await asker.post("/ask", data=question(cast))
    assert await Draft.all().count() == 0


async def test_similar_threads_are_shown_to_those_who_may_read_them(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    body = "The VPN tunnel to the branch office drops every night at two."
    open_one = await make_thread(cast.open_space, cast.asker, title="VPN tunnel drops at night", body=body)
    hidden_one = await make_thread(
        cast.hidden_space, cast.asker, title="VPN tunnel drops in the lab", body=body
    )
    solution = await make_answer(open_one, cast.helper, "Raise the lifetime of phase two.")
    await marks.accept_solution(solution.id, by=cast.asker.id)
    await bring_in_line(search_engine, "thread", [open_one.id, hidden_one.id])
    await search_engine.flush()
    typed = {"title": "Our VPN tunnel drops at night"}
    outsider = (await (await visit(cast.outsider)).post("/ask/similar", data=typed, headers=SCRIPT)).text
    assert "VPN tunnel drops at night" in outsider
    assert "Solved" in outsider
    assert "Raise the lifetime of phase two." in outsider
    assert "in the lab" not in outsider
    assert "<html" not in outsider
    member = (await (await visit(cast.colleague)).post("/ask/similar", data=typed, headers=SCRIPT)).text
    assert "in the lab" in member
    # Hidden meanwhile: the index still has it, the database says no.
    await Thread.filter(id=open_one.id).update(hidden_at=open_one.created_at)
    gone = await (await visit(cast.outsider)).post("/ask/similar", data=typed, headers=SCRIPT)
    assert "VPN tunnel drops at night" not in gone.text


async def test_faq_entries_are_among_the_similar(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    question = "Why is the fax machine silent after the move?"
    entry = await make_entry(
        await make_answer(thread, cast.helper), question=question, answer="Plug it into TAE."
    )
    await bring_in_line(search_engine, "faq", [entry.id])
    await search_engine.flush()
    typed = {"title": "Fax machine silent after the move"}
    asker = await visit(cast.asker)
    found = (await asker.post("/ask/similar", data=typed)).text
    assert f"/faq/{entry.id}-{entry.slug}" in found
    assert "Plug it into TAE." in found
    await Entry.filter(id=entry.id).update(state=EntryState.WITHDRAWN)
    assert "Plug it into TAE." not in (await asker.post("/ask/similar", data=typed)).text


async def test_the_form_works_while_search_is_down(cast: Cast, tmp_path: Path) -> None:
    # An engine whose index was never made cannot answer.
    app = create_app(search=open_engine("", "", tmp_path / "no-index"), connect_database=False)
    async with browser(app) as client:
        await log_in(client, cast.asker)
        page = await client.get("/ask?title=Router+restarts+at+night")
        assert page.status_code == 200
        assert "Search does not answer at the moment" in page.text
        assert (await client.post("/ask", data=question(cast))).status_code == 303


async def test_wrong_methods_are_refused(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    assert (await asker.put("/ask")).status_code == 405
    assert (await asker.get("/ask/similar")).status_code == 405
    assert (await asker.post("/ask/solved")).status_code == 405
