"""An entry in check on its pages: why, what has changed, and how it is settled."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from community.core.clock import now
from community.core.db import execute, fetch
from community.faq import check_figures
from community.faq.causes import today
from community.faq.freshness import look_at
from community.faq.models import Entry
from community.threads import marks, order
from community.threads.actions import edit_post
from community.threads.models import Post
from tests.cast import Cast
from tests.factories import make_answer, viewer_for
from tests.faq.entries import SOLUTION, make_published
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN


async def _answer_of(entry_id: int) -> Post:
    rows = await fetch(
        """SELECT p.id FROM faq_sources f JOIN posts p ON p.id = f.post_id
        WHERE f.entry_id = :id AND p.kind = 'answer'""",
        {"id": entry_id},
    )
    return await Post.get(id=rows[0]["id"])


async def _edited(cast: Cast) -> int:
    entry_id = await make_published(cast)
    answer = await _answer_of(entry_id)
    text = SOLUTION.replace("the customer centre", "the service portal")
    await edit_post(answer.id, body=text, version=1, by=cast.helper.id)
    await look_at([entry_id])
    return entry_id


def _hidden(page: str, name: str) -> str:
    """The value of a hidden field in the form that confirms."""
    form = page[page.index("/confirm") :]
    return form.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


async def test_the_desk_says_why_and_shows_the_difference(cast: Cast, visit: Visit) -> None:
    entry_id = await _edited(cast)
    browser = await visit(cast.moderator)
    page = (await browser.get(f"/moderation/faq/{entry_id}")).text
    assert "Source edited" in page
    assert '<del><span class="vh">removed: </span>customer centre' in page
    assert '<ins><span class="vh">added: </span>service portal' in page
    queue = (await browser.get("/moderation?kind=faq")).text
    assert "To be checked: Source edited" in queue
    url = f"/moderation/faq/{entry_id}/confirm"
    sent = {"version": _hidden(page, "version"), "seen": _hidden(page, "seen"), "note": "Only a new name."}
    stale = await browser.post(url, data=sent | {"seen": "0" * 64}, headers=ORIGIN)
    assert stale.status_code == 409
    assert "A source has changed while you were looking." in stale.text
    assert "Only a new name." in stale.text
    done = await browser.post(url, data=sent, headers=ORIGIN)
    assert done.status_code == 303
    page = (await browser.get(f"/moderation/faq/{entry_id}")).text
    assert "Why it has to be checked" not in page
    assert f"found right by {cast.moderator.staff_name}" in page
    log = await fetch("SELECT reason FROM moderation_log WHERE act = 'faq.confirmed'")
    assert [row["reason"] for row in log] == ["Only a new name."]
    shown = await (await visit()).get(f"/faq/{entry_id}", follow_redirects=True)
    assert "Checked by a moderator on" in shown.text


async def test_what_a_source_said_is_forgotten_with_its_versions(cast: Cast, visit: Visit) -> None:
    entry_id = await _edited(cast)
    await execute("DELETE FROM revisions")
    page = (await (await visit(cast.moderator)).get(f"/moderation/faq/{entry_id}")).text
    assert "What it said before is not kept any more." in page


async def test_the_new_solution_is_taken_as_source_with_one_press(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    answer = await _answer_of(entry_id)
    other = await make_answer(await answer.thread, cast.colleague, "Better hold the button for ten seconds.")
    await marks.withdraw_solution(answer.thread_id, by=cast.asker.id)  # type: ignore[attr-defined]
    await marks.accept_solution(other.id, by=cast.asker.id)
    await look_at([entry_id])
    browser = await visit(cast.moderator)
    url = f"/moderation/faq/{entry_id}"
    page = (await browser.get(url)).text
    assert "Better hold the button" in page
    replace = f"{url}/sources/{answer.id}/replace"
    assert replace in page
    for solution, status in (("x", 400), ("4711", 409), (str(other.id), 303)):
        assert (
            await browser.post(replace, data={"solution": solution}, headers=ORIGIN)
        ).status_code == status
    page = (await browser.get(url)).text
    assert "The new solution takes the place of the source" in page
    assert replace not in page
    # Readers thank nobody for it before a person has held the text against it.
    public = await (await visit()).get(f"/faq/{entry_id}", follow_redirects=True)
    assert "Colleague" not in public.text


async def test_a_source_that_readers_may_not_read_takes_an_explicit_yes(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    answer = await _answer_of(entry_id)
    await order.move_thread(
        answer.thread_id,  # type: ignore[attr-defined]
        to_space=cast.hidden_space.id,
        by=await viewer_for(cast.moderator),
        reason="It belongs there.",
    )
    await look_at([entry_id])
    browser = await visit(cast.moderator)
    page = (await browser.get(f"/moderation/faq/{entry_id}")).text
    # Question and answer have moved together.
    assert page.count("<h3>Source that its readers may not read</h3>") == 1
    assert "Urgent" in page
    url = f"/moderation/faq/{entry_id}/confirm"
    sent = {"version": _hidden(page, "version"), "seen": _hidden(page, "seen")}
    assert (await browser.post(url, data=sent, headers=ORIGIN)).status_code == 422
    assert (await browser.post(url, data=sent | {"narrowed": "1"}, headers=ORIGIN)).status_code == 303
    assert (await Entry.get(id=entry_id)).state == "published"
    guest = await (await visit()).get(f"/faq/{entry_id}", follow_redirects=True)
    assert cast.helper.nickname not in guest.text
    assert f"/threads/{answer.thread_id}" not in guest.text  # type: ignore[attr-defined]


async def test_until_when_an_answer_holds_is_written_and_read(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    browser = await visit(cast.moderator)
    url = f"/moderation/faq/{entry_id}"
    entry = await Entry.get(id=entry_id)
    fields = {
        "question": entry.question,
        "short_answer": entry.short_answer,
        "steps": entry.steps,
        "category": str(entry.category_id),  # type: ignore[attr-defined]
        "language": entry.language,
        "audience": entry.audience,
        "version": "1",
    }
    wrong = await browser.post(url, data=fields | {"valid_until": "31.12.2027"}, headers=ORIGIN)
    assert wrong.status_code == 422
    assert "Please give a date" in wrong.text
    day = str(today() + timedelta(days=3))
    saved = await browser.post(f"{url}/review", data=fields | {"valid_until": day}, headers=ORIGIN)
    assert saved.status_code == 303
    administrator = await visit(cast.administrator)
    await administrator.post(f"{url}/release", data={"version": "2"}, headers=ORIGIN)
    assert "Its validity ends in 3 days, on " in (await browser.get(url)).text
    assert "Valid until: " in (await (await visit()).get(f"/faq/{entry_id}", follow_redirects=True)).text


@pytest.mark.each_database
async def test_the_list_of_what_has_to_be_checked_has_pages_and_the_file_has_all(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_figures, "PER_PAGE", 2)
    entries = [await make_published(cast) for _ in range(3)]
    await execute("UPDATE faq_entries SET checked_at = :at", {"at": now() - timedelta(days=366)})
    for entry_id in entries:
        await look_at([entry_id])
    hidden = await _answer_of(entries[2])
    await order.hide_post(hidden.id, by=await viewer_for(cast.moderator), reason="Asked for.")
    await look_at(entries)
    browser, url = await visit(cast.moderator), "/moderation/faq/freshness"

    async def shown(query: str) -> list[int]:
        page = (await browser.get(f"{url}?{query}")).text
        return [int(found) for found in re.findall(r"/moderation/faq/(\d+)#check", page)]

    assert await shown("") == [entries[2], entries[0]]
    assert await shown("page=2") == [entries[1]]
    assert await shown("cause=hidden") == [entries[2]]
    assert (
        'href="/moderation/faq/freshness?cause=unchecked&amp;page=2"'
        in (await browser.get(f"{url}?cause=unchecked")).text
    )
    # Whoever comes back from the last entry of a page that is empty by then.
    assert await shown("page=3") == [entries[1]]
    file = (await browser.get(f"{url}.csv?cause=unchecked")).text.splitlines()
    assert [line.split(",")[0] for line in file[1:]] == [f"faq-{each}" for each in (entries[2], *entries[:2])]
    assert file[1].split(",")[4] == "hidden reopened unchecked"


async def test_the_dashboard_says_how_fresh_the_faq_is(cast: Cast, visit: Visit) -> None:
    entry_id = await _edited(cast)
    browser = await visit(cast.moderator)
    page = (await browser.get("/moderation/faq/freshness?language=en&category=routers")).text
    assert f"/moderation/faq/{entry_id}#check" in page
    assert "/moderation/faq/freshness?language=en&amp;category=routers&amp;cause=edited" in page
    for query in ("cause=expired", "language=de"):
        other = (await browser.get(f"/moderation/faq/freshness?{query}")).text
        assert f"/moderation/faq/{entry_id}#check" not in other, query
    for query in ("cause=x", "language=x", "category=x"):
        assert (await browser.get(f"/moderation/faq/freshness?{query}")).status_code == 404, query
    file = await browser.get("/moderation/faq/freshness.csv?cause=edited")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["cache-control"] == "no-store"
    # Without the mark German spreadsheets would not take it for UTF-8.
    assert file.content.startswith(b"\xef\xbb\xbfid,question,")
    assert file.text.splitlines()[1].startswith(f"faq-{entry_id},Router lost its profile,Routers,en,edited,")
