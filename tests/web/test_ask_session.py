"""What becomes of asking: suggestions read in place, "this solved it", "none of these", asked."""

from __future__ import annotations

import pytest

from community.core.db import fetch
from community.faq.models import Entry, EntryState
from community.indexing import bring_in_line, thread_key
from community.insights import ask_sessions
from community.insights.models import AskSession, SuggestionDay
from community.members.models import Member
from community.threads import marks
from community.threads.models import Draft, Follow, Thread
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_entry, make_thread
from tests.fixtures import Visit

SCRIPT = {"HX-Request": "true"}
TITLE = "Our VPN tunnel drops at night"
BODY = "It began on Monday, and we have restarted everything twice."
SOLUTION = "Raise the lifetime of phase two."


_indexed: list[str] = []


async def make_solved(
    cast: Cast, engine: SearchEngine, *, hidden_space: bool = False, solution: str = SOLUTION
) -> Thread:
    """A solved thread about the tunnel that the index knows."""
    space = cast.hidden_space if hidden_space else cast.open_space
    thread = await make_thread(
        space, cast.asker, title="VPN tunnel drops at night", body="Every night at two."
    )
    answer = await make_answer(thread, cast.helper, solution)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    # The index is shared by all tests: what earlier ones left would take the places of this one.
    await engine.delete(_indexed)
    _indexed[:] = [thread_key(thread.id)]
    await bring_in_line(engine, "thread", [thread.id])
    await engine.flush()
    return thread


async def steps() -> set[str]:
    """What the only session remembers."""
    row = dict((await fetch("SELECT * FROM ask_sessions"))[0])
    return {name for name, value in row.items() if value is not None} - {"id", "started_at"}


def typed(cast: Cast, **more: str) -> dict[str, str]:
    return {"title": TITLE, "space": cast.open_space.slug} | more


async def test_typing_begins_one_session_however_often_it_asks(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_solved(cast, search_engine)
    asker = await visit(cast.colleague)
    for title in ("Our VPN", "Our VPN tunnel", TITLE):
        await asker.post("/ask/similar", data={"title": title}, headers=SCRIPT)
    assert await AskSession.all().count() == 1
    assert await steps() == {"shown_at"}


async def test_fewer_than_eight_characters_are_no_session(cast: Cast, visit: Visit) -> None:
    await (await visit(cast.asker)).post("/ask/similar", data={"title": "Our VPN"}, headers=SCRIPT)
    assert await AskSession.all().count() == 0


async def test_a_session_without_anything_similar_has_shown_nothing(cast: Cast, visit: Visit) -> None:
    answer = await (await visit(cast.asker)).post(
        "/ask/similar", data={"title": "Quixotic zeppelin marmalade"}, headers=SCRIPT
    )
    assert "data-key" not in answer.text
    assert await AskSession.all().count() == 1
    assert await steps() == set()


async def test_the_whole_solution_stands_in_the_list(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_solved(cast, search_engine, solution="First **this**:\n\n1. one\n2. two")
    answer = await (await visit(cast.colleague)).post("/ask/similar", data=typed(cast), headers=SCRIPT)
    assert "<strong>this</strong>" in answer.text
    assert "<li>two</li>" in answer.text
    assert f'value="thread-{thread.id}"' in answer.text
    assert 'target="_blank" rel="noopener"' in answer.text


async def test_of_a_very_long_solution_stands_the_beginning(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_solved(cast, search_engine, solution="Beginning " + "and so on " * 900 + "ending")
    answer = await (await visit(cast.colleague)).post("/ask/similar", data=typed(cast), headers=SCRIPT)
    assert "Beginning and so on" in answer.text
    assert "ending" not in answer.text
    assert "Read on" in answer.text


async def test_opening_is_noted_once_for_the_session_and_each_time_for_the_suggestion(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_solved(cast, search_engine)
    entry = await make_entry(
        await make_answer(thread, cast.helper), question="What to do at night?", answer="Sleep."
    )
    asker = await visit(cast.colleague)
    for key in (f"thread-{thread.id}", f"faq-{entry.id}"):
        assert (await asker.post("/ask/opened", data={"key": key}, headers=SCRIPT)).status_code == 204
    assert await AskSession.all().count() == 1
    assert await steps() == {"shown_at", "opened_at"}
    assert await SuggestionDay.all().count() == 2


@pytest.mark.each_database
async def test_this_solved_it_ends_the_session_and_loses_nothing(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_solved(cast, search_engine)
    key = f"thread-{thread.id}"
    asker = await visit(cast.colleague)
    answer = await asker.post("/ask", data=typed(cast, body=BODY, tags="vpn", solved=key, submission="x"))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/ask/solved?by={key}&title=Our+VPN")
    assert await steps() == {"shown_at", "opened_at", "solved_at"}
    assert (await SuggestionDay.get()).solved_count == 1
    assert await Thread.all().count() == 1
    draft = await Draft.get()
    assert (draft.title, draft.body, draft.tags) == (TITLE, BODY, "vpn")
    page = (await asker.get(answer.headers["location"])).text
    assert "VPN tunnel drops at night" in page
    for control in ("/kudos", f"/threads/{thread.id}/follow", f"/threads/{thread.id}/same-problem"):
        assert f'{control}"' in page, control
    assert "kept as a draft" in page


async def test_a_title_alone_leaves_an_unfinished_question_as_it_is(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_solved(cast, search_engine)
    asker = await visit(cast.colleague)
    await asker.post("/drafts/ask", data={"title": "Something else", "body": "A long text of last week."})
    answer = await asker.post("/ask", data=typed(cast, solved=f"thread-{thread.id}"))
    assert (await Draft.get()).body == "A long text of last week."
    page = (await asker.get(answer.headers["location"])).text
    assert "Discard the draft" not in page
    assert TITLE in page


async def test_the_draft_is_dropped_when_its_writer_says_so(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_solved(cast, search_engine)
    asker = await visit(cast.colleague)
    await asker.post("/ask", data=typed(cast, body=BODY, solved=f"thread-{thread.id}"))
    answer = await asker.post("/ask/discard")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await Draft.all().count() == 0
    assert "Your draft is discarded." in (await asker.get("/")).text


async def test_an_entry_that_solved_it_asks_whether_it_was_helpful(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_solved(cast, search_engine)
    entry = await make_entry(
        await make_answer(thread, cast.helper), question="What to do at night?", answer="Sleep."
    )
    asker = await visit(cast.colleague)
    answer = await asker.post("/ask", data=typed(cast, solved=f"faq-{entry.id}"))
    page = (await asker.get(answer.headers["location"])).text
    assert f"/faq/{entry.id}-{entry.slug}#feedback" in page
    assert await Follow.filter(member_id=cast.colleague.id).count() == 0


async def test_what_was_not_solved_after_all_goes_on_and_is_asked(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_solved(cast, search_engine)
    asker = await visit(cast.colleague)
    await asker.post("/ask", data=typed(cast, body=BODY, solved=f"thread-{thread.id}"))
    answer = await asker.post("/ask/reopen", data=typed(cast))
    assert answer.status_code == 303
    page = (await asker.get(answer.headers["location"])).text
    assert BODY in page
    assert 'class="dups__all"' in page, "what did not help stays folded away"
    assert 'class="dups__all" open' not in page
    await asker.post("/ask", data=typed(cast, body=BODY, do="publish", submission="y"))
    assert await AskSession.all().count() == 1
    assert await steps() == {"shown_at", "opened_at", "asked_at"}


async def test_none_of_these_folds_them_away_and_leads_to_the_text(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_solved(cast, search_engine)
    asker = await visit(cast.colleague)
    answer = await asker.post("/ask", data=typed(cast, do="none"))
    assert answer.status_code == 303
    page = (await asker.get(answer.headers["location"])).text
    assert 'class="dups__all"' in page
    assert 'class="dups__all" open' not in page
    assert page.count(" autofocus") == 1
    assert 'name="folded" value="1"' in page
    assert await steps() == {"shown_at", "none_helped_at"}
    # With text typed already, the same button answers with the page itself: nothing fits into an address.
    again = await asker.post("/ask", data=typed(cast, body=BODY, do="none"))
    assert again.status_code == 200
    assert BODY in again.text
    assert 'class="dups__all" open' not in again.text
    # And they stay folded when the page comes back for another reason.
    preview = await asker.post("/ask", data=typed(cast, body=BODY, do="preview", folded="1"))
    assert 'class="dups__all" open' not in preview.text


async def test_the_next_step_shows_them_open(cast: Cast, visit: Visit, search_engine: SearchEngine) -> None:
    await make_solved(cast, search_engine)
    asker = await visit(cast.colleague)
    answer = await asker.post("/ask", data=typed(cast, do="next"))
    assert answer.status_code == 303
    page = (await asker.get(answer.headers["location"])).text
    assert 'class="dups__all" open' in page
    assert " autofocus" not in page
    assert await steps() == {"shown_at"}


async def test_scripts_say_that_none_helped(cast: Cast, visit: Visit) -> None:
    assert (await (await visit(cast.asker)).post("/ask/none-helped", headers=SCRIPT)).status_code == 204
    assert await steps() == {"shown_at", "none_helped_at"}


async def test_enter_in_the_title_never_solves_or_publishes(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    """A browser takes the first button of the form for Enter."""
    await make_solved(cast, search_engine)
    asker = await visit(cast.colleague)
    for address in ("/ask", "/ask?next=1"):
        page = (
            await asker.get(address, params=typed(cast) | {"next": "1"} if "next" in address else typed(cast))
        ).text
        form = page[page.index("data-ask") :]
        assert form.index('value="next"') < form.index('name="solved"')


async def test_a_published_question_ends_the_session_and_the_next_one_is_another(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_solved(cast, search_engine)
    asker = await visit(cast.colleague)
    await asker.post("/ask/similar", data=typed(cast), headers=SCRIPT)
    form = typed(cast, body=BODY, do="publish", submission="one")
    assert (await asker.post("/ask", data=form)).headers["location"].startswith("/threads/")
    assert (await asker.post("/ask", data=form)).headers["location"].startswith("/threads/")
    assert await steps() == {"shown_at", "asked_at"}
    await asker.post("/ask/similar", data={"title": "Another question altogether"}, headers=SCRIPT)
    assert await AskSession.all().count() == 2


async def test_a_question_that_is_not_published_has_not_been_asked(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    answer = await asker.post("/ask", data=typed(cast, body="short", do="publish", submission="one"))
    assert answer.status_code == 422
    assert await AskSession.exclude(asked_at=None).count() == 0


async def test_two_members_have_two_sessions_and_no_row_says_whose(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_solved(cast, search_engine)
    people: tuple[Member, ...] = (cast.colleague, cast.outsider)
    for member in people:
        await (await visit(member)).post("/ask/similar", data=typed(cast), headers=SCRIPT)
    numbers = set(await AskSession.all().values_list("id", flat=True))
    assert len(numbers) == 2
    known = {member.id for member in people}
    for row in await fetch("SELECT id, member_id, account_id FROM vault_sessions"):
        known |= set(dict(row).values())
    assert not numbers & known
    # Another log-in of the same member is another session: the number comes from the browser's token alone.
    await (await visit(cast.colleague)).post("/ask/similar", data=typed(cast), headers=SCRIPT)
    assert await AskSession.all().count() == 3


async def test_nothing_is_said_or_written_about_what_the_viewer_may_not_read(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_solved(cast, search_engine, hidden_space=True)
    entry = await make_entry(await make_answer(thread, cast.helper), question="Hidden?", answer="No.")
    await Entry.filter(id=entry.id).update(state=EntryState.WITHDRAWN)
    outsider = await visit(cast.outsider)
    for key in (
        f"thread-{thread.id}",
        "thread-4711",
        f"faq-{entry.id}",
        "person-1",
        "thread-",
        "thread-99999999999999999999999",
        "thread-١",
        "",
    ):
        opened = await outsider.post("/ask/opened", data={"key": key}, headers=SCRIPT)
        assert opened.status_code == 404, key
        assert (await outsider.get("/ask/solved", params={"by": key})).status_code == 404, key
        if key:
            assert (
                await outsider.post("/ask", data=typed(cast, body=BODY, solved=key))
            ).status_code == 404, key
    assert await AskSession.all().count() == 0
    assert await SuggestionDay.all().count() == 0
    assert await Draft.all().count() == 0
    inside = await visit(cast.colleague)
    assert (await inside.get("/ask/solved", params={"by": f"thread-{thread.id}"})).status_code == 200


async def test_guests_are_led_to_the_log_in_and_nothing_is_counted(cast: Cast, visit: Visit) -> None:
    guest = await visit()
    for address in ("/ask/similar", "/ask/opened", "/ask/none-helped"):
        assert (await guest.post(address, data=typed(cast), headers=SCRIPT)).status_code == 401
    for address in ("/ask/reopen", "/ask/discard"):
        assert (await guest.post(address, data=typed(cast))).status_code == 303
    assert await AskSession.all().count() == 0


async def test_asking_goes_on_when_nothing_can_be_recorded(
    cast: Cast, visit: Visit, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_solved(cast, search_engine)

    def broken(moment: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(ask_sessions, "_hour", broken)
    asker = await visit(cast.colleague)
    answer = await asker.post("/ask/similar", data=typed(cast), headers=SCRIPT)
    assert answer.status_code == 200
    assert SOLUTION in answer.text
    monkeypatch.undo()
    assert await AskSession.all().count() == 0
