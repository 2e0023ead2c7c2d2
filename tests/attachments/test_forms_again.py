"""What becomes of files and of the words about pictures while a form is filled in."""

from __future__ import annotations

import html
import re

import pytest

from community.attachments.models import Attachment
from community.core.clock import now
from community.decisions.models import LogEntry
from community.threads.merging import merge_threads, unmerge_threads
from community.threads.models import Post, Thread
from community.waiting.models import HoldingRule, WaitingText
from tests.attachments.posted import TEXT, attach, form_ids, png, posted, send
from tests.attachments.test_attach import QUESTION
from tests.cast import Cast
from tests.factories import make_answer, make_thread, viewer_for
from tests.fixtures import Visit

GONE = "One of your files is not there any more. Please attach it again."


# --- a file that is gone ------------------------------------------------------------------------------------


async def test_nothing_is_published_without_a_file_that_is_gone(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    stays, goes = await attach(cast.asker, TEXT), await attach(cast.asker, png())
    await Attachment.filter(id=goes.id).delete()
    fields = QUESTION | {"attachments": f"{stays.id},{goes.id}"}
    page = await send(client, "/ask", fields)
    assert page.status_code == 409
    assert GONE in page.text
    assert f"{QUESTION['body']}</textarea>" in page.text
    assert form_ids(page.text) == [stays.id]
    assert await Thread.all().count() == 0
    # Now that its writer knows, it is sent without.
    again = await send(client, "/ask", fields | {"attachments": str(stays.id)})
    assert again.status_code == 303
    assert (await Attachment.get()).post_id is not None


async def test_an_answer_and_an_edit_say_it_too(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper, "As it was.")
    kept = await posted(answer.id, cast.helper, TEXT)
    client = await visit(cast.helper)
    for url, fields in (
        (f"/threads/{thread.id}/answers", {"body": "A second answer.", "submission": "a"}),
        (f"/posts/{answer.id}/edit", {"body": "As I want it.", "version": "1"}),
    ):
        page = await send(client, url, fields | {"attachments": f"{kept.id},4711"})
        assert page.status_code == 409
        assert GONE in page.text
        assert f"{fields['body']}</textarea>" in page.text
        assert 4711 not in form_ids(page.text)
    assert await Post.filter(kind="answer").values_list("body", flat=True) == ["As it was."]


async def test_a_preview_does_not_forget_that_a_file_is_gone(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    page = await send(client, "/ask", QUESTION | {"attachments": "4711", "do": "preview"})
    assert page.status_code == 200
    assert form_ids(page.text) == [4711]
    assert GONE in (await send(client, "/ask", QUESTION | {"attachments": "4711"})).text


# --- a merged thread ----------------------------------------------------------------------------------------


@pytest.mark.each_database
async def test_files_of_an_unposted_answer_follow_a_merge_and_come_back_with_it(
    cast: Cast, visit: Visit
) -> None:
    first, second, third = [
        await make_thread(cast.open_space, cast.asker, title=title) for title in ("One", "Two", "Three")
    ]
    row = await attach(cast.helper, TEXT, place=f"answer:{first.id}")
    moderator, client = await viewer_for(cast.moderator), await visit(cast.helper)
    await merge_threads(first.id, into=second.id, by=moderator, reason="Asked twice")
    await merge_threads(second.id, into=third.id, by=moderator, reason="Asked twice")
    for member in (cast.asker, cast.moderator):
        other = await (await visit(member)).get(f"/threads/{third.id}-three")
        assert row.name not in other.text
    assert form_ids((await client.get(f"/threads/{third.id}-three")).text) == [row.id]
    sent = await send(
        client, f"/threads/{third.id}/answers", {"body": "With the log.", "attachments": str(row.id)}
    )
    assert sent.status_code == 303
    post_id = (await Attachment.get()).post_id
    assert (await Post.get(id=post_id or 0)).thread_id == third.id


async def test_files_go_back_when_the_merge_is_undone(cast: Cast, visit: Visit) -> None:
    first = await make_thread(cast.open_space, cast.asker, title="One")
    second = await make_thread(cast.open_space, cast.asker, title="Two")
    row = await attach(cast.helper, TEXT, place=f"answer:{first.id}")
    moderator, client = await viewer_for(cast.moderator), await visit(cast.helper)
    await merge_threads(first.id, into=second.id, by=moderator, reason="Asked twice")
    entry = await LogEntry.get(act="merge_thread")
    await unmerge_threads(entry.details, at=entry.at, into=second.id, by=moderator, reason="Not so")
    assert form_ids((await client.get(f"/threads/{second.id}-two")).text) == []
    assert form_ids((await client.get(f"/threads/{first.id}-one")).text) == [row.id]


# --- what is to be seen on a picture ------------------------------------------------------------------------


def _alts(page: str) -> list[str]:
    return [html.unescape(alt) for alt in re.findall(r'<img src="/attachments/[^>]* alt="([^"]*)"', page)]


async def test_a_picture_is_described_by_whoever_attaches_it(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    row = await attach(cast.asker, png())
    form = (await client.get("/ask?title=Why+does+it+blink&space=internet-and-routers&next=1")).text
    assert f'name="alt-{row.id}"' in form
    words = 'The front of the router: "DSL" blinks red'
    fields = QUESTION | {"attachments": str(row.id), f"alt-{row.id}": f"  {words}\n"}
    again = await send(client, "/ask", fields | {"do": "preview"})
    assert f'value="{html.escape(words).replace("&quot;", "&#34;")}"' in again.text
    sent = await send(client, "/ask", fields)
    page = (await (await visit()).get(sent.headers["location"])).text
    assert words in _alts(page)


async def test_a_picture_without_words_keeps_its_name_and_texts_have_no_field(
    cast: Cast, visit: Visit
) -> None:
    client = await visit(cast.asker)
    picture, log = await attach(cast.asker, png()), await attach(cast.asker, TEXT)
    fields = QUESTION | {"attachments": f"{picture.id},{log.id}", f"alt-{log.id}": "A log"}
    form = await send(client, "/ask", fields | {"do": "preview"})
    assert f'name="alt-{log.id}"' not in form.text
    sent = await send(client, "/ask", fields)
    assert "Picture: Fehler am Router.png" in _alts((await client.get(sent.headers["location"])).text)
    assert await Attachment.filter(alt="").count() == 2


async def test_words_about_a_posted_picture_change_with_an_edit(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    row = await posted(answer.id, cast.helper, png())
    url, fields = (
        f"/posts/{answer.id}/edit",
        {"body": answer.body, "version": "1", "attachments": str(row.id)},
    )
    client = await visit(cast.helper)
    await send(client, url, fields | {f"alt-{row.id}": "Seen in a preview", "do": "preview"})
    assert (await Attachment.get()).alt == ""
    assert (await send(client, url, fields | {f"alt-{row.id}": "The router"})).status_code == 303
    assert (await Attachment.get()).alt == "The router"
    assert (await Post.get(id=answer.id)).version == 2
    # Nobody else's, and not by naming it in another form.
    outsider = await visit(cast.outsider)
    await send(outsider, "/ask", QUESTION | {"attachments": str(row.id), f"alt-{row.id}": "Defaced"})
    assert (await Attachment.get()).alt == "The router"


async def test_words_about_pictures_are_held_by_rules_and_asked_about_like_the_text(
    cast: Cast, visit: Visit
) -> None:
    client = await visit(cast.asker)
    row = await attach(cast.asker, png())
    fields = QUESTION | {"attachments": str(row.id)}
    asked = await send(client, "/ask", fields | {f"alt-{row.id}": "Write to erika.muster@muster-bau.de"})
    assert asked.status_code == 422
    assert "Does this give away who you are?" in asked.text
    rule = await HoldingRule.create(
        kind="words", name="Bad words", is_on=True, words=["qxbad"], created_at=now()
    )
    held = await send(client, "/ask", fields | {f"alt-{row.id}": "A qxbad router"})
    assert held.headers["location"].startswith("/waiting/")
    assert (await WaitingText.get()).hits[0]["rule"] == rule.id
