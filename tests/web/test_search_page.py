"""The page of results: what its counts promise, the answer above them, ways on where nothing is found."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from community.core.clock import now
from community.core.db import execute
from community.groups.models import Membership
from community.ideas.actions import answer_idea
from community.spaces.models import SpaceKind
from community.threads import order
from community.threads.marks import accept_solution, withdraw_solution
from community.threads.models import IdeaStatus, Post, Thread
from search import SearchEngine
from search.index import SearchDown
from tests.cast import Cast
from tests.factories import (
    join_group,
    make_answer,
    make_entry,
    make_space,
    make_thread,
    opening_of,
    viewer_for,
)
from tests.fixtures import Visit
from tests.moderation.flagging import deliver

REASON = "It belongs to another subject."
CHOICE = re.compile(
    r'<a href="(/search[^"]*)"( aria-current="true")?><span>([^<]+)</span><span class="num">(\d+)</span>'
)
SEGMENT = re.compile(
    r'<a href="(/search[^"]*)"( aria-current="true")?>([^<]+) <span class="seg__n">(\d+)</span>'
)
RESULTS = re.compile(r'id="results">(\d+) result')


def total(page: str) -> int:
    found = RESULTS.search(page)
    return int(found[1]) if found else 0


async def _different_threads(cast: Cast, word: str) -> list[Thread]:
    """Threads that differ in space, tag, status, age and who answered."""
    threads = []
    for number in range(8):
        space = cast.open_space if number % 2 else cast.members_space
        tags = ("lamps", f"kind{number % 3}")
        thread = await make_thread(space, cast.asker, title=f"{word} number {number}", tags=tags)
        if number % 4:
            by = cast.moderator if number % 4 == 1 else cast.helper
            answer = await make_answer(thread, by, body=f"Turn the {word} around.")
            if number % 4 == 3:
                await accept_solution(answer.id, by=cast.asker.id)
        age = now() - timedelta(days=(2, 20, 200, 900)[number // 2])
        await execute(
            "UPDATE threads SET last_activity_at = :at, created_at = :at WHERE id = :id",
            {"at": age, "id": thread.id},
        )
        threads.append(thread)
    return threads


@pytest.mark.parametrize(
    "filters", ["", "&status=solved", "&tag=kind1", "&period=month", "&staff=1", "&kind=threads"]
)
async def test_every_count_is_what_choosing_it_shows(
    filters: str, cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    word = f"Quittenlampe{abs(hash(filters)) % 1000}"
    await _different_threads(cast, word)
    await deliver(search_engine)
    browser = await visit(cast.outsider)
    page = (await browser.get(f"/search?q={word}{filters}")).text
    choices = [*CHOICE.findall(page), *SEGMENT.findall(page)]
    assert len(choices) >= 10
    wrong = [
        f"{label}: says {count}, shows {shown}"
        for address, _current, label, count in choices
        if int(count) != (shown := total((await browser.get(unescape(address))).text)) and not _current
    ]
    assert not wrong


async def test_ideas_are_narrowed_by_what_staff_have_said(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    space = await make_space("Wishes", kind=SpaceKind.IDEAS)
    for name in ("clock", "lamp", "chair"):
        idea = await make_thread(space, cast.asker, title=f"Quittenwunsch {name}")
    await answer_idea(idea.id, IdeaStatus.PLANNED, body="We plan it.", by=await viewer_for(cast.moderator))
    await make_thread(cast.open_space, cast.asker, title="Quittenwunsch as a question")
    await deliver(search_engine)
    browser = await visit(cast.outsider)
    everything = (await browser.get("/search?q=quittenwunsch")).text
    assert ("Ideas", "3") in [(label, count) for *_rest, label, count in SEGMENT.findall(everything)]
    assert ("Unanswered", "1") in [(label, count) for *_rest, label, count in CHOICE.findall(everything)]
    for chosen in ("kind=ideas", "space=wishes"):
        page = (await browser.get(f"/search?q=quittenwunsch&{chosen}")).text
        choices = {label: (unescape(url), count) for url, _now, label, count in CHOICE.findall(page)}
        assert (choices["New"][1], choices["Planned"][1]) == ("2", "1")
        assert "Unanswered" not in choices
        planned = (await browser.get(choices["Planned"][0])).text
        assert total(planned) == 1
        assert "chair" in planned


async def test_several_tags_narrow_down_together(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await _different_threads(cast, "Quittenleuchte")
    await deliver(search_engine)
    browser = await visit(cast.outsider)
    both = (await browser.get("/search?q=quittenleuchte&tag=lamps&tag=kind1")).text
    assert total(both) == 3
    assert "Without the filter:" in both
    assert 'href="/search?q=quittenleuchte&amp;tag=kind1"' in both


@pytest.mark.each_database
async def test_a_moved_thread_counts_nowhere_for_readers_of_its_old_space(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    kept = await make_thread(cast.open_space, cast.asker, title="Quittenuhr goes slow", tags=("clocks",))
    moved = await make_thread(cast.open_space, cast.asker, title="Quittenuhr of the board", tags=("secrets",))
    await deliver(search_engine)
    guest, inside = await visit(), await visit(cast.colleague)
    assert total((await guest.get("/search?q=quittenuhr")).text) == 2
    await order.move_thread(
        moved.id, to_space=cast.hidden_space.id, by=await viewer_for(cast.moderator), reason=REASON
    )
    for _ in range(2):
        page = (await guest.get("/search?q=quittenuhr")).text
        assert total(page) == 1
        assert "secrets" not in page
        assert "of the board" not in page
        assert all(int(count) <= 1 for *_rest, count in (*CHOICE.findall(page), *SEGMENT.findall(page)))
        instant = (await guest.get("/search/suggestions?q=quittenu")).text
        assert re.findall(r"/threads/(\d+)-", instant) == [str(kept.id)]
        assert total((await inside.get("/search?q=quittenuhr")).text) <= 2
        await deliver(search_engine)
    assert total((await inside.get("/search?q=quittenuhr")).text) == 2


async def test_a_change_of_membership_counts_at_once(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_thread(cast.hidden_space, cast.asker, title="Quittenradio in the lab")
    await deliver(search_engine)
    browser = await visit(cast.outsider)
    pages = ("/search?q=quittenradio", "/search/suggestions?q=quittenrad")
    assert not ["there" for page in pages if "in the lab" in (await browser.get(page)).text]
    membership = await join_group(cast.closed_group, cast.outsider)
    found = [(await browser.get(page)).text for page in pages]
    assert total(found[0]) == 1
    assert all("in the lab" in page for page in found)
    await Membership.filter(id=membership.id).delete()
    assert not ["there" for page in pages if "in the lab" in (await browser.get(page)).text]
    assert total((await browser.get(pages[0])).text) == 0


# The answer above the results


async def _solved(cast: Cast, title: str, body: str) -> tuple[Thread, Post]:
    thread = await make_thread(cast.open_space, cast.asker, title=title)
    answer = await make_answer(thread, cast.helper, body=body)
    await accept_solution(answer.id, by=cast.asker.id)
    return thread, answer


async def test_a_solution_is_quoted_with_its_source(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    body = "I had that too.\n\nDo this:\n\n1. Open the **lid**.\n2. Turn the spindle."
    _thread, answer = await _solved(cast, "Quittenorgel squeaks when the spindle turns", body)
    await deliver(search_engine)
    guest = await visit()
    page = (await guest.get("/search?q=quittenorgel+squeaks+spindle")).text
    quoted = page[page.index('class="card answer"') :]
    assert "<li>Open the <strong>lid</strong>.</li>" in quoted
    assert f'href="/posts/{answer.id}"' in quoted
    assert "Accepted by Asker" in quoted
    assert "Helper" in quoted
    assert quoted.index("</section>") < quoted.index('id="results"')
    assert total(page) == 1


@pytest.mark.parametrize(
    "address",
    [
        "/search?q=quittenbass+buzzes",
        "/search?q=quittenbass+buzzes+loudly+evening&sort=newest",
        "/search?q=quittenbass+buzzes+loudly+evening&status=solved",
        "/search?q=quittenbass+buzzes+loudly+evening&page=2",
        "/search?q=quittenbass",
        "/search?q=evening+train+buzzes+berlin+ticket",
    ],
)
async def test_where_it_is_not_sure_or_not_asked_for_nothing_is_quoted(
    address: str, cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await _solved(cast, "Quittenbass buzzes loudly in the evening", "Loosen the third string.")
    await deliver(search_engine)
    guest = await visit()
    assert "card answer" in (await guest.get("/search?q=quittenbass+buzzes+loudly+evening")).text
    if address == "/search?q=quittenbass+buzzes":
        await withdraw_solution(
            (await Thread.get(title="Quittenbass buzzes loudly in the evening")).id, by=cast.asker.id
        )
        address = "/search?q=quittenbass+buzzes+loudly+evening"
    assert "card answer" not in (await guest.get(address)).text


async def test_what_was_hidden_or_moved_is_not_quoted_before_the_index_knows(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    _thread, answer = await _solved(cast, "Quittenharfe loses two strings", "Tighten them with a potato.")
    await deliver(search_engine)
    guest = await visit()
    address = "/search?q=quittenharfe+loses+two+strings"
    assert "potato" in (await guest.get(address)).text
    await order.hide_post(answer.id, by=await viewer_for(cast.moderator), reason=REASON)
    assert "potato" not in (await guest.get(address)).text


async def test_an_entry_is_quoted_to_its_readers_only(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    from community.core import outbox

    thread = await make_thread(cast.members_space, cast.asker, title="Something else")
    entry = await make_entry(
        await opening_of(thread), question="How long does the quittencello rest?", answer="Two hours."
    )
    await execute("UPDATE faq_entries SET published_audience = 'members' WHERE id = :id", {"id": entry.id})
    await outbox.record("faq.published", entry_id=entry.id, by=cast.moderator.id)
    await deliver(search_engine)
    address = "/search?q=how+long+does+the+quittencello+rest"
    member, guest = await visit(cast.outsider), await visit()
    page = (await member.get(address)).text
    assert "Answer from the FAQ" in page
    assert "<p>Two hours.</p>" in page
    assert "Checked by" in page
    assert "Two hours" not in (await guest.get(address)).text
    await execute("UPDATE faq_entries SET published_audience = 'public' WHERE id = :id", {"id": entry.id})
    await deliver(search_engine)


# Nothing found, and other states


async def test_nothing_found_leads_to_asking_with_the_words(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.outsider)
    page = (await browser.get("/search?q=xqzwv+%26+%22yxq%22")).text
    assert "Nothing found" in page
    assert "/ask?title=xqzwv%20%26%20%22yxq%22" in page
    assert 'class="fold' not in page


async def test_filters_that_leave_nothing_say_what_is_there_without_them(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_thread(cast.open_space, cast.asker, title="Quittenpauke")
    await deliver(search_engine)
    page = (await (await visit()).get("/search?q=quittenpauke&status=solved&period=week")).text
    assert "Nothing found with these filters" in page
    assert re.search(
        r'href="/search\?q=quittenpauke&amp;period=week"[^>]*>.*?Solved <span class="num">1<', page
    )


async def test_tags_that_look_like_the_words_are_offered(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_thread(cast.open_space, cast.asker, title="Something", tags=("quittentrommel",))
    await make_thread(cast.hidden_space, cast.asker, title="Something", tags=("quittentromml",))
    await deliver(search_engine)
    page = (await (await visit()).get("/search?q=qitentrmel")).text
    assert "Did you mean one of these subjects?" in page
    assert "/search?tag=quittentrommel" in page
    assert "quittentromml<" not in page


@pytest.mark.parametrize("number", ["0", "-1", "x", "²", "9" * 300, "1e3"])
async def test_a_page_that_cannot_be_is_the_first_one(number: str, cast: Cast, visit: Visit) -> None:
    answer = await (await visit()).get(f"/search?q=router&page={number}")
    assert answer.status_code == 200


async def test_without_the_engine_the_page_says_so_and_the_list_stays_away(
    cast: Cast, visit: Visit, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object, **__: object) -> None:
        raise SearchDown("away")

    monkeypatch.setattr(search_engine, "search", down)
    monkeypatch.setattr(search_engine, "instant", down)
    guest = await visit()
    page = await guest.get("/search?q=router&status=solved")
    assert page.status_code == 200
    assert "Search does not answer" in page.text
    assert "/ask?title=router" in page.text
    assert (await guest.get("/search/suggestions?q=router")).status_code == 204


async def test_suggestions_come_in_groups_with_headings(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    for number in range(7):
        await make_thread(cast.open_space, cast.asker, title=f"Helper quittenflöte {number}")
    await make_thread(cast.blog, cast.moderator, title="Quittenflöte in the news, says Helper")
    await execute("UPDATE members SET nickname = 'Quittenflöte' WHERE id = :id", {"id": cast.helper.id})
    from community.core import outbox

    await outbox.record("member.changed", member_id=cast.helper.id)
    await deliver(search_engine)
    page = (await (await visit()).get("/search/suggestions?q=quittenfl")).text
    headings = re.findall(r'class="instant__h"[^>]*>([^<]+)<', page)
    assert set(headings) == {"Threads", "Blog", "People"}
    assert page.count('role="option"') == 5 + 1 + 1 + 1
    assert "All results for “quittenfl”" in page
