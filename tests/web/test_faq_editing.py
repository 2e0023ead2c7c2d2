"""Writing the FAQ in the browser: from a thread to a released entry, and every step that must not be possible."""

from __future__ import annotations

import html
import re

import httpx2
import pytest

from community.core.db import fetch, fetch_one
from community.faq import actions, editorial
from community.members.models import Member
from community.threads.marks import withdraw_solution
from community.threads.models import Thread
from community.worker import Worker
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_member, make_thread, viewer_for
from tests.faq.entries import a_category, make_draft, make_published, make_solved
from tests.fixtures import Visit

ORIGIN = {"Origin": "http://127.0.0.1:8000"}
TEXT = {
    "question": "How do I load the profile?",
    "short_answer": "In the customer centre, under Router.",
    "steps": "1. Open it\n2. Load it",
    "valid_for": "Router Pro 3",
    "language": "en",
    "audience": "public",
}


async def send(client: httpx2.AsyncClient, path: str, **fields: object) -> httpx2.Response:
    return await client.post(path, data={k: str(v) for k, v in fields.items()}, headers=ORIGIN)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return html.unescape(found.group(1))


async def draft_of(cast: Cast, **changes: object) -> int:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    return await make_draft(cast, thread, **changes)


async def test_a_moderator_drafts_and_an_administrator_releases(cast: Cast, visit: Visit) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    category = await a_category()
    moderator, administrator, guest = (
        await visit(cast.moderator),
        await visit(cast.administrator),
        await visit(),
    )

    shown = await moderator.get(f"/threads/{thread.id}-{thread.slug}")
    assert f'href="/moderation/faq/new?thread={thread.id}"' in shown.text
    form = await moderator.get(f"/moderation/faq/new?thread={thread.id}")
    assert 'value="Router lost its profile"' in form.text
    assert "The router has lost its profile. Load it again" in form.text
    assert "1. Open the customer centre." in form.text
    assert "It blinks red since Friday." in form.text  # the source beside it

    made = await send(moderator, f"/moderation/faq/new?thread={thread.id}", **TEXT, category=category)
    assert made.status_code == 303
    desk = made.headers["location"]
    page = await moderator.get(desk)
    version = hidden(page.text, "version")
    sent = await send(moderator, f"{desk}/review", **TEXT, category=category, version=version, seen="")
    assert (sent.status_code, sent.headers["location"]) == (303, desk)
    assert "Somebody else has to release" in (await moderator.get(desk)).text
    assert "/release" not in (await moderator.get(desk)).text

    assert "How do I load the profile?" in (await administrator.get("/moderation/faq?stage=in_review")).text
    waiting = await administrator.get(desk)
    assert f'action="{desk}/release"' in waiting.text
    assert (
        await send(administrator, f"{desk}/release", version=hidden(waiting.text, "version"))
    ).status_code == 303
    assert "How do I load the profile?" in (await guest.get("/faq")).text
    assert "Released by Tom B." in (await moderator.get(f"{desk}/history")).text
    address = f"/faq/{desk.rpartition('/')[2]}-how-do-i-load-the-profile"
    assert f'href="{address}"' in (await moderator.get(desk)).text


@pytest.mark.parametrize("who", ["guest", "asker", "helper", "marketing"])
async def test_the_desk_does_not_exist_for_others(cast: Cast, visit: Visit, who: str) -> None:
    entry_id = await draft_of(cast)
    thread = await Thread.first()
    assert thread is not None
    client = await visit(None if who == "guest" else getattr(cast, who))
    for path in (
        "/moderation/faq",
        f"/moderation/faq/new?thread={thread.id}",
        f"/moderation/faq/{entry_id}",
        f"/moderation/faq/{entry_id}/history",
        "/admin/faq/export",
        "/admin/faq/export/download?format=json",
        "/admin/faq/categories",
    ):
        assert (await client.get(path)).status_code == 404, path
    for path in (
        f"/moderation/faq/new?thread={thread.id}",
        f"/moderation/faq/{entry_id}",
        *(
            f"/moderation/faq/{entry_id}/{step}"
            for step in ("review", "release", "send-back", "withdraw", "restore")
        ),
        "/admin/faq/categories",
    ):
        assert (await send(client, path, version=1, reason="x")).status_code == 404, path


async def test_a_moderator_neither_exports_nor_orders_categories(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.moderator)
    for path in ("/admin/faq/export", "/admin/faq/export/download?format=csv", "/admin/faq/categories"):
        assert (await client.get(path)).status_code == 404


async def test_the_writer_reads_on_the_desk_what_has_to_be_changed(cast: Cast, visit: Visit) -> None:
    entry_id = await draft_of(cast)
    desk = f"/moderation/faq/{entry_id}"
    moderator, administrator = await visit(cast.moderator), await visit(cast.administrator)
    await actions.send_for_review(entry_id, version=1, by=await viewer_for(cast.moderator))
    sent = await send(administrator, f"{desk}/send-back", version=1, reason="Name the menu")
    assert sent.status_code == 303
    assert "Name the menu" in (await moderator.get(desk)).text
    category = await a_category()
    assert (await send(moderator, f"{desk}/review", **TEXT, category=category, version=1)).status_code == 303
    assert "Name the menu" not in (await moderator.get(desk)).text
    # Changed during the review it is a draft once more, from which that wish has gone.
    edited = await send(
        administrator, desk, **{**TEXT, "steps": "Menu, 2"}, category=category, version=2, do="save"
    )
    assert edited.status_code == 303
    assert "Name the menu" not in (await moderator.get(desk)).text


async def test_a_reason_stays_on_the_page_when_somebody_else_was_faster(cast: Cast, visit: Visit) -> None:
    entry_id = await draft_of(cast)
    desk, administrator = f"/moderation/faq/{entry_id}", await viewer_for(cast.administrator)
    await actions.send_for_review(entry_id, version=1, by=await viewer_for(cast.moderator))
    third = await visit(await make_member("third", role="moderator", staff_name="Tessa T."))
    await actions.release_entry(entry_id, version=1, by=administrator)
    late = await send(third, f"{desk}/send-back", version=1, reason="Name the menu")
    assert late.status_code == 409
    assert "Name the menu" in late.text
    await actions.withdraw_entry(entry_id, by=administrator, reason="Wrong.")
    late = await send(third, f"{desk}/withdraw", reason="There is a newer router")
    assert late.status_code == 409
    assert "There is a newer router" in late.text


async def test_nobody_releases_their_own_version_in_the_browser(cast: Cast, visit: Visit) -> None:
    entry_id = await draft_of(cast)
    desk = f"/moderation/faq/{entry_id}"
    moderator, administrator = await visit(cast.moderator), await visit(cast.administrator)
    await actions.send_for_review(entry_id, version=1, by=await viewer_for(cast.moderator))
    assert (await send(moderator, f"{desk}/release", version=1)).status_code == 403
    # The administrator changes a word during the review, and so becomes the writer of what waits.
    category = await a_category()
    edited = await send(administrator, desk, **TEXT, category=category, version=1, do="save")
    assert edited.status_code == 303
    assert (await send(administrator, f"{desk}/release", version=1)).status_code == 409
    assert (await send(administrator, f"{desk}/release", version=2)).status_code == 409
    assert (await send(moderator, f"{desk}/review", **TEXT, category=category, version=2)).status_code == 303
    assert (await send(administrator, f"{desk}/release", version=2)).status_code == 403
    # Nor does the moderator, who wrote what the administrator changed a word of.
    assert (await send(moderator, f"{desk}/release", version=2)).status_code == 403
    third = await make_member("third", role="moderator", staff_name="Tessa T.")
    assert (await send(await visit(third), f"{desk}/release", version=2)).status_code == 303
    row = await fetch_one("SELECT drafted_by, released_by FROM releases")
    assert row is not None
    assert (row["drafted_by"], row["released_by"]) == (cast.administrator.id, third.id)


async def test_the_releaser_releases_what_they_have_seen_and_nothing_newer(cast: Cast, visit: Visit) -> None:
    entry_id = await draft_of(cast)
    moderator = await viewer_for(cast.moderator)
    await actions.send_for_review(entry_id, version=1, by=moderator)
    administrator = await visit(cast.administrator)
    seen = hidden((await administrator.get(f"/moderation/faq/{entry_id}")).text, "version")
    text = (await editorial.get_editorial(moderator, entry_id)).text
    await actions.edit_entry(entry_id, text, version=1, by=moderator)
    await actions.send_for_review(entry_id, version=2, by=moderator)
    assert (await send(administrator, f"/moderation/faq/{entry_id}/release", version=seen)).status_code == 409
    assert await fetch("SELECT 1 FROM releases") == []


async def test_the_releaser_sees_word_by_word_what_changes_in_the_published_text(
    cast: Cast, visit: Visit
) -> None:
    entry_id = await make_published(cast)
    moderator = await visit(cast.moderator)
    fields = {**TEXT, "question": "Router lost its settings", "category": await a_category(), "version": 1}
    assert (await send(moderator, f"/moderation/faq/{entry_id}/review", **fields)).status_code == 303
    page = await (await visit(cast.administrator)).get(f"/moderation/faq/{entry_id}")
    assert re.search(r"<del[^>]*>.*?profile.*?</del>", page.text, re.DOTALL)
    assert re.search(r"<ins[^>]*>.*?settings.*?</ins>", page.text, re.DOTALL)
    assert "Published; a newer version: Waits for release" in page.text
    assert "Router lost its profile" in (await (await visit()).get("/faq")).text


async def test_of_two_editors_the_second_sees_both_texts_and_loses_none(cast: Cast, visit: Visit) -> None:
    entry_id = await draft_of(cast)
    desk = f"/moderation/faq/{entry_id}"
    moderator, administrator = await visit(cast.moderator), await visit(cast.administrator)
    category = await a_category()
    first = {**TEXT, "category": category, "version": 1, "question": "The first wording"}
    assert (await send(moderator, desk, **first)).status_code == 303
    second = {**first, "question": "The second wording"}
    met = await send(administrator, desk, **second)
    assert met.status_code == 409
    assert 'value="The second wording"' in met.text
    assert re.search(r"<del[^>]*>.*?first.*?</del>", met.text, re.DOTALL)
    assert hidden(met.text, "version") == "2"
    again = await send(administrator, desk, **{**second, "version": 2})
    assert again.status_code == 303
    assert (await editorial.get_editorial(await viewer_for(cast.moderator), entry_id)).version == 3


async def test_the_history_shows_what_each_version_changed(cast: Cast, visit: Visit) -> None:
    entry_id = await draft_of(cast)
    moderator = await visit(cast.moderator)
    fields = {**TEXT, "question": "Router lost its settings", "version": 1}
    assert (await send(moderator, f"/moderation/faq/{entry_id}", **fields)).status_code == 303
    page = (await moderator.get(f"/moderation/faq/{entry_id}/history")).text
    assert page.index("Version 2") < page.index("Version 1")
    assert re.search(r"<del[^>]*>.*?profile.*?</del>", page, re.DOTALL)
    assert "The router has lost its profile." in page


async def test_what_is_missing_is_said_and_nothing_typed_is_lost(cast: Cast, visit: Visit) -> None:
    entry_id = await draft_of(cast)
    desk = f"/moderation/faq/{entry_id}"
    moderator = await visit(cast.moderator)
    short = await send(
        moderator, desk, **{**TEXT, "question": "Why?", "version": 1, "language": "xx", "category": 7}
    )
    assert short.status_code == 422
    assert 'value="Why?"' in short.text
    assert short.text.count("Please choose one of these.") >= 2
    without = await send(moderator, f"{desk}/review", **{**TEXT, "version": 1, "category": ""})
    assert without.status_code == 422
    assert "Please choose a category" in without.text
    assert (await send(moderator, desk, **{**TEXT, "version": "x"})).status_code == 400


async def test_the_preview_shows_the_text_and_saves_nothing(cast: Cast, visit: Visit) -> None:
    entry_id = await draft_of(cast)
    moderator = await visit(cast.moderator)
    fields = {**TEXT, "steps": "- **bold** <script>x</script>", "version": 1, "do": "preview"}
    page = await send(moderator, f"/moderation/faq/{entry_id}", **fields)
    assert page.status_code == 200
    assert "<strong>bold</strong>" in page.text
    assert "<script>x" not in page.text
    assert (await editorial.get_editorial(await viewer_for(cast.moderator), entry_id)).version == 1
    piece = await moderator.post(
        f"/moderation/faq/{entry_id}",
        data={**fields, "version": "1"},
        headers={**ORIGIN, "HX-Request": "true"},
    )
    assert piece.text.lstrip().startswith('<section class="preview"')


async def test_sources_out_of_reach_ask_for_a_yes_before_the_review(cast: Cast, visit: Visit) -> None:
    thread, _answer = await make_solved(cast.hidden_space, cast.asker, cast.helper)
    moderator, category = await visit(cast.moderator), await a_category()
    form = await moderator.get(f"/moderation/faq/new?thread={thread.id}")
    assert re.search(r'value="members" (id="[^"]*" )?checked', form.text)
    made = await send(moderator, f"/moderation/faq/new?thread={thread.id}", **TEXT, category=category)
    desk = made.headers["location"]
    refused = await send(moderator, f"{desk}/review", **TEXT, category=category, version=1)
    assert refused.status_code == 422
    assert "Please confirm that the text gives nothing away." in refused.text
    changed, yes = {**TEXT, "steps": "1. Open it"}, {"cleared": 1, "category": category}
    unseen = await send(moderator, f"{desk}/review", **changed, **yes, version=1, seen="0" * 64)
    assert unseen.status_code == 409
    assert "A source has changed while you were looking." in unseen.text
    assert not re.search(r'name="cleared"[^>]* checked', unseen.text)
    # What was typed is saved by then, and the form goes on from it.
    assert "data-unsaved" not in unseen.text
    assert "1. Open it</textarea>" in unseen.text
    version, seen = hidden(unseen.text, "version"), hidden(unseen.text, "seen")
    agreed = await send(moderator, f"{desk}/review", **changed, **yes, version=version, seen=seen)
    assert agreed.status_code == 303
    row = await fetch_one("SELECT cleared_by FROM faq_entries")
    assert row is not None
    assert row["cleared_by"] == cast.moderator.id


async def test_an_unchanged_text_stays_its_writers_when_somebody_else_sends_it(
    cast: Cast, visit: Visit
) -> None:
    entry_id = await draft_of(cast)
    text = (await editorial.get_editorial(await viewer_for(cast.moderator), entry_id)).text
    administrator = await visit(cast.administrator)
    fields = {
        "question": text.question,
        "short_answer": text.short_answer,
        "steps": text.steps,
        "valid_for": "",
        "language": text.language,
        "audience": text.audience,
        "category": text.category_id,
    }
    sent = await send(administrator, f"/moderation/faq/{entry_id}/review", **fields, version=1)
    assert sent.status_code == 303
    assert (await send(administrator, f"/moderation/faq/{entry_id}/release", version=1)).status_code == 303


async def test_withdrawal_and_sending_back_need_a_reason(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    desk = f"/moderation/faq/{entry_id}"
    moderator = await visit(cast.moderator)
    refused = await send(moderator, f"{desk}/withdraw", reason=" ")
    assert refused.status_code == 422
    # Once on top of the page, and beside the field of the form that it is about.
    assert '<a href="#f-withdraw-reason">Please say why.</a>' in refused.text
    assert refused.text.count('class="errsum"') == 1
    assert re.search(r'id="f-withdraw-reason-error">.*?Please say why', refused.text)
    assert refused.text.index('class="errsum"') < refused.text.index("data-desk=")
    assert (await send(moderator, f"{desk}/withdraw", reason="Outdated")).status_code == 303
    page = await moderator.get(desk)
    assert f'action="{desk}/restore"' in page.text
    assert f'action="{desk}"' not in page.text
    assert (await send(moderator, f"{desk}/restore")).status_code == 303
    assert (await send(moderator, f"{desk}/restore")).status_code == 409
    row = await fetch_one("SELECT actor_name, reason FROM moderation_log WHERE act = 'faq.withdrawn'")
    assert row is not None
    assert (row["actor_name"], row["reason"]) == ("Jana K.", "Outdated")


async def test_an_unsolved_or_unknown_thread_has_no_form(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    moderator = await visit(cast.moderator)
    assert (await moderator.get(f"/moderation/faq/new?thread={thread.id}")).status_code == 409
    for wrong in ("", "?thread=", "?thread=x", "?thread=1", "?thread=99999999999999999999"):
        assert (await moderator.get(f"/moderation/faq/new{wrong}")).status_code == 404
    assert (await moderator.get("/moderation/faq?stage=nothing")).status_code == 404


async def test_a_thread_that_is_not_solved_any_more_costs_no_text(cast: Cast, visit: Visit) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    moderator, url = await visit(cast.moderator), f"/moderation/faq/new?thread={thread.id}"
    await withdraw_solution(thread.id, by=cast.asker.id)
    refused = await send(moderator, url, **TEXT, category=await a_category())
    assert refused.status_code == 409
    assert "Only a solved thread can become an FAQ entry." in refused.text
    assert f'value="{TEXT["question"]}"' in refused.text
    assert TEXT["short_answer"] in refused.text


async def test_a_second_entry_from_one_thread_is_pointed_out(cast: Cast, visit: Visit) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    page = await (await visit(cast.administrator)).get(f"/moderation/faq/new?thread={thread.id}")
    assert "There are entries from this thread already" in page.text
    assert f"/moderation/faq/{entry_id}" in page.text


async def test_helpers_are_told_once_that_their_answer_is_credited(
    cast: Cast, search_engine: SearchEngine
) -> None:
    entry_id = await make_published(cast)
    worker = Worker(search_engine)
    while await worker.run_once():
        pass
    moderator = await viewer_for(cast.moderator)
    text = (await editorial.get_editorial(moderator, entry_id)).text
    await actions.edit_entry(entry_id, text, version=1, by=moderator)
    await actions.send_for_review(entry_id, version=2, by=moderator)
    await actions.release_entry(entry_id, version=2, by=await viewer_for(cast.administrator))
    while await worker.run_once():
        pass
    rows = await fetch("SELECT member_id, cause FROM notifications WHERE kind = 'credited'")
    assert [(row["member_id"], row["cause"]) for row in rows] == [(cast.helper.id, f"faq:{entry_id}")]


async def test_a_helper_who_left_the_group_is_not_told(cast: Cast, search_engine: SearchEngine) -> None:
    await make_published(cast, cast.hidden_space)
    await cast.closed_group.delete()
    worker = Worker(search_engine)
    while await worker.run_once():
        pass
    assert await fetch("SELECT 1 FROM notifications WHERE kind = 'credited'") == []
    assert await Member.filter(id=cast.helper.id).exists()
