"""Attaching files to questions, answers and edits, without a script; nothing typed or attached gets lost."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from starlette.types import ASGIApp

from community.attachments import rules, storage
from community.attachments.models import Attachment
from community.core.db import fetch
from community.core.rate_limits import Limit
from community.settings import AttachmentChoice, settings
from community.threads.models import Post, Thread
from tests.attachments.posted import (
    TEXT,
    all_rows,
    attach,
    form_ids,
    incoming_files,
    png,
    posted,
    send,
    stored_files,
)
from tests.cast import Cast, make_cast
from tests.clients import browser, log_in
from tests.factories import make_answer, make_comment, make_thread, opening_of
from tests.fixtures import Visit

QUESTION = {
    "title": "Why does the router blink red?",
    "body": "It does so since this morning.",
    "space": "internet-and-routers",
    "do": "publish",
    "submission": "a-key",
}


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch):
    """Other limits than usual: `limits(file_megabytes=1)`."""

    def choose(**chosen: int) -> None:
        choice = AttachmentChoice(folder=settings.attachments.folder, **chosen)
        changed = type(settings)(
            **{name: getattr(settings, name) for name in settings.__slots__} | {"attachments": choice}
        )
        for module in (rules, storage):
            monkeypatch.setattr(module, "settings", changed)
        monkeypatch.setattr("community.attachments.actions.settings", changed)

    return choose


async def test_a_question_is_asked_with_a_picture_and_a_log(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    answer = await send(client, "/ask", QUESTION, [png(), TEXT])
    assert answer.status_code == 303, answer.text
    rows = await all_rows()
    assert [(row.name, row.content_type) for row in rows] == [
        ("Fehler am Router.png", "image/png"),
        ("router.log", "text/plain; charset=utf-8"),
    ]
    page = (await (await visit()).get(answer.headers["location"])).text
    assert f'<a href="/attachments/{rows[0].id}/Fehler%20am%20Router.png"><img' in page
    assert 'width="320" height="228" alt="Picture: Fehler am Router.png"' in page
    assert "router.log" in page
    assert "Text, 27 bytes" in page
    picture = await client.get(f"/attachments/{rows[0].id}/Fehler%20am%20Router.png")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    log = await client.get(f"/attachments/{rows[1].id}/router.log")
    assert log.content == TEXT[1]
    assert incoming_files() == []


async def test_an_answer_gets_its_files_and_the_next_form_is_empty(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.members_space, cast.asker)
    client = await visit(cast.helper)
    url = f"/threads/{thread.id}/answers"
    answer = await send(client, url, {"body": "See the log.", "submission": "k"}, [TEXT])
    assert answer.status_code == 303, answer.text
    row = await Attachment.get()
    assert row.post_id == (await Post.get(kind="answer")).id
    page = (await client.get(answer.headers["location"])).text
    assert form_ids(page) == []
    assert f"/attachments/{row.id}/router.log" in page


@pytest.mark.parametrize("wrong", [{"body": ""}, {"title": "Hm"}, {"space": "nowhere"}])
async def test_files_stay_attached_when_the_form_comes_back(
    cast: Cast, visit: Visit, wrong: dict[str, str]
) -> None:
    client = await visit(cast.asker)
    again = await send(client, "/ask", QUESTION | wrong, [png(), TEXT])
    assert again.status_code == 422
    ids = form_ids(again.text)
    assert len(ids) == 2
    assert "router.log" in again.text
    form = QUESTION | {"attachments": ",".join(map(str, ids)), "submission": "another"}
    answer = await send(client, "/ask", form)
    assert answer.status_code == 303, answer.text
    opening = await Post.get(kind="opening")
    assert [row.post_id for row in await all_rows()] == [opening.id] * 2


async def test_a_refused_file_spoils_neither_the_text_nor_the_others(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    client = await visit(cast.helper)
    url = f"/threads/{thread.id}/answers"
    again = await send(client, url, {"body": "Typed with care."}, [("evil.svg", b"<svg/>"), TEXT])
    assert again.status_code == 422
    assert "evil.svg is a web page or a drawing that can hold programs." in again.text
    assert "Typed with care." in again.text
    assert form_ids(again.text) == [(await Attachment.get()).id]
    assert await Post.filter(kind="answer").count() == 0


async def test_files_are_attached_and_taken_out_by_buttons(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    first = await send(client, "/ask", QUESTION | {"do": "attach"}, [png(), TEXT])
    assert first.status_code == 200
    ids = form_ids(first.text)
    form = {name: text for name, text in QUESTION.items() if name != "do"}
    form |= {"attachments": ",".join(map(str, ids)), "remove": str(ids[0])}
    second = await send(client, "/ask", form, [("more.txt", b"more")])
    assert second.status_code == 200
    assert QUESTION["body"] in second.text
    left = form_ids(second.text)
    assert left[0] == ids[1] and len(left) == 2
    assert await Attachment.filter(id=ids[0]).count() == 0
    assert await Thread.all().count() == 0


async def test_an_unfinished_form_shows_its_files_again(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    row = await attach(cast.helper, TEXT, place=f"answer:{thread.id}")
    page = await (await visit(cast.helper)).get(f"/threads/{thread.id}-{thread.slug}")
    assert form_ids(page.text) == [row.id]
    other = await (await visit(cast.colleague)).get(f"/threads/{thread.id}-{thread.slug}")
    assert form_ids(other.text) == []


@pytest.mark.parametrize("fragment", [True, False])
async def test_the_preview_shows_what_is_attached(cast: Cast, visit: Visit, fragment: bool) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    row = await attach(cast.helper, png(), place=f"answer:{thread.id}")
    client = await visit(cast.helper)
    headers = {"HX-Request": "true"} if fragment else {}
    form = {"body": "Look:", "do": "preview", "attachments": str(row.id)}
    page = (await client.post(f"/threads/{thread.id}/answers", data=form, headers=headers)).text
    preview = page[page.index('class="preview"') :]
    assert f"/attachments/{row.id}/small/" in preview[: preview.index("</section>")]


async def test_a_script_that_sends_the_form_as_text_is_no_error(cast: Cast, visit: Visit) -> None:
    """Drafts and previews are sent without their files, which then read "[object File]"."""
    thread = await make_thread(cast.open_space, cast.asker)
    client = await visit(cast.helper)
    body = "body=Hello+there&files=%5Bobject+File%5D&files=%5Bobject+File%5D"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post(f"/drafts/answer:{thread.id}", content=body, headers=headers)
    assert answer.status_code == 204


async def test_a_form_with_files_that_is_sent_twice_does_its_work_once(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    first = await send(client, "/ask", QUESTION, [png(), TEXT])
    second = await send(client, "/ask", QUESTION, [png(), TEXT])
    assert first.headers["location"] == second.headers["location"]
    assert await Thread.all().count() == 1
    assert await Attachment.filter(post_id=None).count() == 0
    assert await Attachment.all().count() == 2


# --- edits --------------------------------------------------------------------------------------------------


async def test_an_edit_adds_and_takes_out_files(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    old, kept = await posted(opening.id, cast.asker, TEXT), await posted(opening.id, cast.asker, png())
    client = await visit(cast.asker)
    form = (await client.get(f"/posts/{opening.id}/edit")).text
    assert set(form_ids(form)) == {old.id, kept.id}
    fields = {"title": thread.title, "body": opening.body, "version": "1", "tags": ""}
    shown = await send(
        client,
        f"/posts/{opening.id}/edit",
        fields | {"attachments": f"{old.id},{kept.id}", "remove": str(old.id)},
    )
    assert shown.status_code == 200
    assert form_ids(shown.text) == [kept.id]
    assert await Attachment.filter(id=old.id).exists(), "it goes with the saving, not before"
    saved_edit = await send(
        client, f"/posts/{opening.id}/edit", fields | {"attachments": str(kept.id)}, [("new.txt", b"new")]
    )
    assert saved_edit.status_code == 303, saved_edit.text
    assert [row.name for row in await Attachment.filter(post_id=opening.id).order_by("position")] == [
        "Fehler am Router.png",
        "new.txt",
    ]
    assert (await Post.get(id=opening.id)).version == 2, "another editor must notice"
    facts = await fetch("SELECT payload FROM outbox_facts WHERE name = 'attachments.removed'")
    assert [old.storage_name in str(row["payload"]) for row in facts] == [True]


async def test_a_conflict_keeps_what_was_attached(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    client = await visit(cast.asker)
    fields = {"title": thread.title, "body": "My new words for it.", "version": "7", "tags": ""}
    again = await send(client, f"/posts/{opening.id}/edit", fields, [TEXT])
    assert again.status_code == 409
    assert len(form_ids(again.text)) == 1
    assert await Attachment.filter(post_id=opening.id).count() == 0


async def test_moderators_take_a_file_out_with_a_reason(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    row = await posted(opening.id, cast.asker, TEXT)
    client = await visit(cast.moderator)
    fields = {"title": thread.title, "body": opening.body, "version": "1", "tags": "", "attachments": ""}
    answer = await send(client, f"/posts/{opening.id}/edit", fields | {"reason": "It names a person."})
    assert answer.status_code == 303, answer.text
    assert not await Attachment.filter(id=row.id).exists()
    entries = await fetch("SELECT act, reason FROM moderation_log")
    assert [(each["act"], each["reason"]) for each in entries] == [("edit_post", "It names a person.")]


async def test_comments_have_no_files(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    comment = await make_comment(await opening_of(thread), cast.helper)
    client = await visit(cast.helper)
    page = await client.get(f"/posts/{comment.id}/edit")
    assert 'type="file"' not in page.text
    answer = await send(
        client, f"/posts/{comment.id}/edit", {"body": "Changed words", "version": "1"}, [TEXT]
    )
    assert answer.status_code == 303
    assert await Attachment.all().count() == 0


# --- foreign files ------------------------------------------------------------------------------------------


async def test_nobody_posts_or_takes_out_the_files_of_others(cast: Cast, visit: Visit) -> None:
    row = await attach(cast.helper, TEXT, place="ask")
    client = await visit(cast.asker)
    # As if it did not exist: the form comes back without it.
    answer = await send(client, "/ask", QUESTION | {"attachments": str(row.id)})
    assert answer.status_code == 409
    assert form_ids(answer.text) == []
    await client.post(f"/attachments/{row.id}/remove")
    await send(client, "/ask", QUESTION | {"remove": str(row.id), "submission": "b"})
    assert (await Attachment.get()).post_id is None
    thread = await make_thread(cast.open_space, cast.helper)
    theirs = await posted((await opening_of(thread)).id, cast.helper, TEXT)
    answer = await make_answer(thread, cast.asker)
    fields = {"body": "Mine, with theirs", "version": "1", "attachments": str(theirs.id)}
    assert (await send(client, f"/posts/{answer.id}/edit", fields)).status_code == 409
    assert (await Attachment.get(id=theirs.id)).post_id == (await opening_of(thread)).id


# --- limits -------------------------------------------------------------------------------------------------


async def test_a_file_that_is_too_large_loses_nothing_else(cast: Cast, visit: Visit, limits) -> None:
    limits(file_megabytes=1)
    client = await visit(cast.asker)
    again = await send(client, "/ask", QUESTION, [("long.log", b"x" * 1_000_001), TEXT])
    assert again.status_code == 422
    assert "long.log is larger than 1 MB." in again.text
    assert QUESTION["body"] in again.text
    assert len(form_ids(again.text)) == 1
    assert incoming_files() == []


async def test_a_post_has_so_many_files_and_no_more(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    files = [(f"{number}.txt", b"text") for number in range(rules.MOST_FILES + 1)]
    again = await send(client, "/ask", QUESTION, files)
    assert again.status_code == 422
    assert "A post can have 8 files." in again.text
    assert len(form_ids(again.text)) == rules.MOST_FILES


async def test_posted_files_count_for_whoever_wrote_the_post(cast: Cast, visit: Visit, limits) -> None:
    limits(member_megabytes=1)
    thread = await make_thread(cast.open_space, cast.asker)
    await posted((await opening_of(thread)).id, cast.asker, ("a.log", b"x" * 600_000))
    assert (await Attachment.get()).member_id is None, "the post says whose it is"
    again = await send(await visit(cast.asker), "/ask", QUESTION, [("b.log", b"x" * 600_000)])
    assert again.status_code == 422
    other = await send(await visit(cast.helper), "/ask", QUESTION, [("b.log", b"x" * 600_000)])
    assert other.status_code == 303


@pytest.mark.parametrize(
    "chosen,sentence",
    [
        ({"day_megabytes": 1}, "1 MB are possible within 24 hours"),
        ({"member_megabytes": 1}, "Your files take all the room there is for you: 1 MB."),
    ],
)
async def test_quotas_are_kept(cast: Cast, visit: Visit, limits, chosen: dict, sentence: str) -> None:
    limits(**chosen)
    client = await visit(cast.asker)
    again = await send(client, "/ask", QUESTION, [("a.log", b"x" * 600_000), ("b.log", b"x" * 600_000)])
    assert again.status_code == 422
    assert sentence in again.text
    assert len(form_ids(again.text)) == 1


async def test_very_many_files_on_one_day_are_refused_with_a_sentence(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FILES_PER_DAY", Limit("attach files", 1, rules.FILES_PER_DAY.period))
    again = await send(await visit(cast.asker), "/ask", QUESTION, [TEXT, ("b.txt", b"b")])
    assert again.status_code == 422
    assert "You have attached very many files today." in again.text
    assert QUESTION["body"] in again.text


async def test_only_forms_with_files_may_be_large(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    body = b"body=" + b"x" * 1_100_000
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await client.post("/ask", content=body, headers=headers)).status_code == 413
    answer = await send(client, "/posts/1/comments", {}, [("a.log", b"x" * 1_100_000)])
    assert answer.status_code in (404, 413)
    field = await send(client, "/ask", QUESTION | {"body": "x" * 300_000}, [TEXT])
    assert field.status_code == 413
    assert incoming_files() == []


async def test_broken_forms_are_refused(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    part = b"--x\r\nContent-Disposition: form-data%s\r\n\r\nhello\r\n--x--\r\n"
    for content_type, body in (
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"no boundary at all"),
        ("multipart/form-data; boundary=x", part % b""),
        ("multipart/form-data; boundary=x", part % b'; name="other"; filename="a"'),
    ):
        answer = await client.post("/ask", content=body, headers={"Content-Type": content_type})
        assert answer.status_code == 400, body
    twice = [("title", (None, "a")), ("title", (None, "b"))]
    assert (await client.post("/ask", files=twice)).status_code == 400


async def test_a_full_disk_is_said_and_loses_nothing(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`/dev/full` is a disk without room: every write to it fails as on a real one."""
    from pathlib import Path

    real_open = Path.open

    def open_on_full_disk(path: Path, mode: str = "r", *rest, **options):
        if mode == "wb" and path.parent.name == "incoming":
            return real_open(Path("/dev/full"), mode, *rest, **options)
        return real_open(path, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", open_on_full_disk)
    again = await send(await visit(cast.asker), "/ask", QUESTION, [TEXT])
    assert again.status_code == 422
    assert "there is no room for files at the moment" in again.text
    assert QUESTION["body"] in again.text


async def test_a_store_that_cannot_be_written_is_said_and_leaves_no_row(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    closed = tmp_path / "closed"
    closed.write_text("a file where a folder should be")
    monkeypatch.setattr("community.attachments.actions.storage", lambda: storage.Folder(closed))
    again = await send(await visit(cast.asker), "/ask", QUESTION, [TEXT])
    assert again.status_code == 422
    assert "there is no room for files at the moment" in again.text
    assert await Attachment.all().count() == 0


@pytest.mark.each_database
async def test_of_many_files_at_once_no_more_come_through_than_there_is_room_for(
    fresh_database: str, app: ASGIApp, limits
) -> None:
    limits(member_megabytes=1)
    cast = await make_cast()
    before = stored_files()
    async with browser(app) as client:
        await log_in(client, cast.asker)
        answers: list[httpx2.Response] = await asyncio.gather(
            *(
                send(client, "/attachments", {"place": "ask"}, [(f"{number}.log", b"%d" % number * 300_000)])
                for number in range(8)
            )
        )
    taken = [answer.status_code for answer in answers].count(200)
    rows = await all_rows()
    assert taken == len(rows) == 3
    assert sum(row.size for row in rows) <= 1_000_000
    assert stored_files() - before == {row.storage_name for row in rows}


# --- one by one, for scripts --------------------------------------------------------------------------------


async def test_a_script_sends_a_file_and_gets_its_line(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker)
    client, place = await visit(cast.helper), f"answer:{thread.id}"
    headers = {"HX-Request": "true"}
    answer = await send(client, "/attachments", {"place": place, "attachments": ""}, [png()], headers)
    row = await Attachment.get()
    assert answer.status_code == 200
    assert f'<li data-file="{row.id}">' in answer.text
    assert "<html" not in answer.text
    refused = await send(client, "/attachments", {"place": place}, [("x.zip", b"PK\x03\x04\0")], headers)
    assert refused.status_code == 422
    assert "x.zip cannot be attached" in refused.text
    assert (await client.post(f"/attachments/{row.id}/remove")).status_code == 204
    assert await Attachment.all().count() == 0


async def test_files_are_taken_only_where_their_sender_may_write(cast: Cast, visit: Visit) -> None:
    hidden = await make_thread(cast.hidden_space, cast.asker)
    opening = await opening_of(hidden)
    comment = await make_comment(opening, cast.helper)
    outsider, helper = await visit(cast.outsider), await visit(cast.helper)
    for client, place, status in (
        (outsider, f"answer:{hidden.id}", 404),
        (outsider, f"edit:{opening.id}", 404),
        (outsider, "answer:4711", 404),
        (outsider, "elsewhere", 404),
        (outsider, f"answer:{2**60}", 404),
        (helper, f"edit:{opening.id}", 403),
        (helper, f"edit:{comment.id}", 403),
    ):
        assert (await send(client, "/attachments", {"place": place}, [TEXT])).status_code == status, place
    assert await Attachment.all().count() == 0
