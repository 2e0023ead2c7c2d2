"""FAQ entries in members' texts: as they are released now, for those who may read them; a link for others."""

from __future__ import annotations

import re
from html import unescape

import pytest

from community.core.db import fetch_one
from community.faq import actions as faq
from community.faq.models import Entry
from community.ideas.actions import answer_idea
from community.notifications.mail_wishes import Wishes, wish
from community.spaces.models import SpaceKind
from community.threads.models import IdeaStatus, Thread
from search import SearchEngine
from tests.cast import Cast
from tests.factories import (
    make_answer,
    make_comment,
    make_entry,
    make_space,
    make_thread,
    opening_of,
    viewer_for,
)
from tests.faq.entries import make_published, make_solved, publish
from tests.fixtures import Visit
from tests.moderation.flagging import deliver
from tests.notifications.mailed import everything_in, mails_of, make_reachable, send_mails, text_of
from tests.waiting.texts import ask_for_four_eyes, waiting_answer
from tests.web.test_thread_page import Statements, address

QUESTION = "What does the zitherphone cost?"


async def _quoting(cast: Cast, entry_id: int, slug: str = "whatever") -> Thread:
    """A thread whose answer and comment hold an entry on a line of its own."""
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper, f"We have an entry:\n\n/faq/{entry_id}-{slug}\n\nTry it.")
    await make_comment(answer, cast.asker, f"http://127.0.0.1:8000/faq/{entry_id}-{slug}")
    return thread


async def test_a_link_on_a_line_of_its_own_is_a_card(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    thread = await _quoting(cast, entry_id)
    page = (await (await visit()).get(address(thread))).text
    assert page.count("Nothing at all.") == 2
    assert page.count(f'href="/faq/{entry_id}-what-does-the-zitherphone-cost"') == 2
    assert "Checked by an administrator on" in page
    shown = page[page.index('id="answers"') :]
    assert shown.index("We have an entry:") < shown.index("Nothing at all.") < shown.index("Try it.")


async def test_what_is_being_written_shows_its_cards_as_the_post_will(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(
        cast, question=QUESTION, short_answer="Nothing at all.", audience="members"
    )
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper, "Later.")
    typed = {"title": "A question about prices", "body": f"See:\n\n/faq/{entry_id}-x", "do": "preview"}
    helper = await visit(cast.helper)
    forms = ("/ask", f"/threads/{thread.id}/answers", f"/posts/{answer.id}/edit")
    for url in forms:
        for headers in ({}, {"HX-Request": "true"}):
            shown = (await helper.post(url, data=typed, headers=headers)).text
            assert shown.count("Nothing at all.") == 1, url
            assert 'class="card answer faq-card"' in shown, url
    await faq.withdraw_entry(entry_id, by=await viewer_for(cast.moderator), reason="Wrong")
    for url in forms:
        shown = (await helper.post(url, data=typed)).text
        assert "Nothing at all." not in shown, url
        assert f'<a href="/faq/{entry_id}"' in shown, url


async def test_a_text_that_waits_shows_its_cards_to_its_writer_and_to_staff(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    text = await waiting_answer(thread.id, cast.moderator, f"See:\n\n/faq/{entry_id}")
    for viewer, url in (
        (cast.moderator, f"/waiting/{text.id}"),
        (cast.administrator, f"/moderation/waiting/{text.id}"),
    ):
        assert (await (await visit(viewer)).get(url)).text.count("Nothing at all.") == 1, url


async def test_an_official_answer_shows_its_card(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    idea = await make_thread(await make_space("Wishes", kind=SpaceKind.IDEAS), cast.asker)
    by, guest = await viewer_for(cast.moderator), await visit()
    await answer_idea(idea.id, IdeaStatus.DONE, body=f"It is there:\n\n/faq/{entry_id}", by=by)
    for page in (address(idea), "/ideas/done"):
        assert (await guest.get(page)).text.count("Nothing at all.") == 1, page
    await faq.withdraw_entry(entry_id, by=by, reason="Wrong")
    for page in (address(idea), "/ideas/done"):
        assert "Nothing at all." not in (await guest.get(page)).text, page


async def test_feeds_quote_what_a_card_says(cast: Cast, visit: Visit) -> None:
    public = await make_published(cast, question=QUESTION, short_answer="Nothing <at> all.")
    for_members = await make_published(
        cast, question="What is secret?", short_answer="This one.", audience="members"
    )
    body = f"It is there:\n\n/faq/{public}\n\n/faq/{for_members}"
    idea = await make_thread(await make_space("Wishes", kind=SpaceKind.IDEAS), cast.asker, body=body)
    by, guest = await viewer_for(cast.moderator), await visit()
    await answer_idea(idea.id, IdeaStatus.DONE, body=body, by=by)
    await make_thread(cast.blog, cast.marketing, body=body)
    feeds = ("ideas", "blog", "latest", "spaces/wishes", f"threads/{idea.id}")
    for name in feeds:
        feed = unescape((await (await visit(cast.helper)).get(f"/feeds/{name}.atom")).text)
        assert '<blockquote lang="en"><p><a href="/faq/' in feed, name
        assert "<p>Nothing &lt;at&gt; all.</p></blockquote>" in feed, name
        assert "This one." not in feed, name
    await faq.withdraw_entry(public, by=by, reason="Wrong")
    for name in feeds:
        feed = unescape((await guest.get(f"/feeds/{name}.atom")).text)
        assert "Nothing" not in feed, name
        assert f'<a href="/faq/{public}"' in feed, name


async def test_a_feed_quotes_all_its_entries(cast: Cast, visit: Visit) -> None:
    source = await opening_of(await make_thread(cast.open_space, cast.asker))
    entries = [await make_entry(source, answer=f"Answer {number}.") for number in range(21)]
    for some in (entries[:11], entries[11:]):
        await make_thread(cast.blog, cast.marketing, body="\n\n".join(f"/faq/{each.id}" for each in some))
    feed = (await (await visit()).get("/feeds/blog.atom")).text
    assert len(set(re.findall(r"Answer \d+\.", feed))) == len(entries)


async def test_all_posts_show_a_new_release_and_a_withdrawal_at_once(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    thread = await _quoting(cast, entry_id)
    guest = await visit()
    assert "Nothing at all." in (await guest.get(address(thread))).text
    row = await fetch_one("SELECT category_id FROM faq_entries WHERE id = :id", {"id": entry_id})
    text = faq.EntryText(QUESTION, "Nine crowns a month.", category_id=row["category_id"])
    await faq.edit_entry(entry_id, text, version=1, by=await viewer_for(cast.moderator))
    assert "Nothing at all." in (await guest.get(address(thread))).text
    await publish(cast, entry_id, version=2)
    page = (await guest.get(address(thread))).text
    assert "Nothing at all." not in page
    assert page.count("Nine crowns a month.") == 2
    await faq.withdraw_entry(entry_id, by=await viewer_for(cast.moderator), reason="Wrong")
    page = (await guest.get(address(thread))).text
    assert "zitherphone" not in page
    assert page.count(f'<a href="/faq/{entry_id}"') == 2


async def test_an_entry_that_is_for_members_now_leaves_guests_a_number_everywhere(
    cast: Cast, visit: Visit
) -> None:
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    thread = await _quoting(cast, entry_id)
    guest = await visit()
    places = (address(thread), f"/feeds/threads/{thread.id}.atom")
    for path in places:
        assert "Nothing at all." in (await guest.get(path)).text, path
    row = await fetch_one("SELECT category_id FROM faq_entries WHERE id = :id", {"id": entry_id})
    assert row is not None
    text = faq.EntryText(QUESTION, "Nothing at all.", category_id=row["category_id"], audience="members")
    await faq.edit_entry(entry_id, text, version=1, by=await viewer_for(cast.moderator))
    await publish(cast, entry_id, version=2)
    for path in places:
        page = (await guest.get(path)).text
        assert "Nothing at all." not in page, path
        assert "zitherphone" not in page, path
        assert f"/faq/{entry_id}" in page, path
    assert "Nothing at all." in (await (await visit(cast.colleague)).get(places[0])).text


async def test_a_solution_that_is_read_while_asking_or_searching_says_what_its_card_says(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    entry_id = await make_published(
        cast, question=QUESTION, short_answer="Nothing at all.", audience="members"
    )
    title = "Dulciphone hums after every second ring"
    await make_solved(cast.open_space, cast.asker, cast.helper, title=title, body=f"Here:\n\n/faq/{entry_id}")
    await deliver(search_engine)
    typed = {"title": title, "space": cast.open_space.slug}
    member = await visit(cast.colleague)
    shown = (await member.post("/ask/similar", data=typed, headers={"HX-Request": "true"})).text
    assert "<p>Nothing at all.</p></blockquote>" in shown
    assert "<p>Nothing at all.</p></blockquote>" in (await member.get(f"/search?q={title}")).text
    page = (await (await visit()).get(f"/search?q={title}")).text
    assert f'<a href="/faq/{entry_id}"' in page
    assert "Nothing at all." not in page


@pytest.mark.each_database
async def test_an_entry_for_members_tells_guests_nothing_but_its_number(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(
        cast, question=QUESTION, short_answer="Nothing at all.", audience="members"
    )
    thread = await _quoting(cast, entry_id, "what-does-the-zitherphone-cost")
    for path in (address(thread), f"/feeds/threads/{thread.id}.atom"):
        answer = await (await visit()).get(path)
        assert answer.status_code == 200
        assert "zitherphone" not in answer.text
        assert "Nothing at all" not in answer.text
        assert f"/faq/{entry_id}" in answer.text
    member = (await (await visit(cast.colleague)).get(address(thread))).text
    assert member.count("Nothing at all.") == 2
    assert "Members only" in member


async def test_mails_and_search_engines_get_a_whole_address(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    await wish(cast.asker.id, Wishes(tells_titles=True))
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    thread = await _quoting(cast, entry_id)
    await send_mails(search_engine)
    whole = f"http://127.0.0.1:8000/faq/{entry_id}"
    [got] = mails_of(mail)
    assert re.search(rf"^\W*{whole}$", text_of(got), re.MULTILINE)
    assert "zitherphone" not in everything_in(got)
    assert f"{whole}\\nTry it." in (await (await visit()).get(address(thread))).text


async def test_unknown_entries_and_drafts_look_like_those_for_members(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    entry = await make_entry(await opening_of(thread), question=QUESTION, answer="Nothing at all.")
    await Entry.filter(id=entry.id).update(state="draft")
    quoting = await _quoting(cast, entry.id)
    for viewer in (None, cast.moderator):
        page = (await (await visit(viewer)).get(address(quoting))).text
        assert "zitherphone" not in page
        assert page.count(f'<a href="/faq/{entry.id}"') == 2


async def test_cards_cost_no_statement_more(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    plain, quoting = await make_thread(cast.open_space, cast.asker), await _quoting(cast, entry_id)
    answer = await make_answer(plain, cast.helper, "Try it.")
    await make_comment(answer, cast.asker, "I did.")
    for viewer in (None, cast.colleague, cast.moderator):
        browser, counts = await visit(viewer), []
        for thread in (plain, quoting):
            with Statements() as statements:
                assert (await browser.get(address(thread))).status_code == 200
            counts.append(len(statements.seen))
        assert counts[0] == counts[1]
