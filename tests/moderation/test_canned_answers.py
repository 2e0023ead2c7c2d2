"""Canned answers: kept by moderators, put into the answer form of staff, without a trace for everybody else."""

from __future__ import annotations

import html
import re

import pytest

from community.decisions.models import LogEntry
from community.moderation import canned
from community.moderation.canned import CannedRow, add_canned
from community.moderation.models import CannedAnswer
from community.threads.models import Post, PostKind
from tests.cast import Cast
from tests.factories import make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN

HERE = "/moderation/canned-answers"


def _body(page: str) -> str:
    """What stands in the form for an answer."""
    form = page[page.index('<h2 id="answer-heading"') :]
    found = re.search(r'<textarea[^>]*name="body"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL)
    assert found
    return html.unescape(found[1])


def _scrubbed(page: str) -> str:
    # The key that keeps a form from being sent twice is a new one each time.
    return re.sub(r'(name="submission"[^>]*value=")[^"]*', r"\1", page)


@pytest.mark.each_database
async def test_a_moderator_writes_changes_and_deletes_one_and_the_log_knows(cast: Cast, visit: Visit) -> None:
    moderator = await visit(cast.moderator)
    fields = {"title": "Details", "text": "Hello {nickname}", "language": "en", "space": ""}
    assert (await moderator.post(f"{HERE}/new", data=fields, headers=ORIGIN)).headers["location"] == HERE
    row = await CannedAnswer.get()
    assert "Hello {nickname}" in (await moderator.get(HERE)).text
    space = str(cast.open_space.id)
    changed = {**fields, "title": "More details", "space": space}
    assert (await moderator.post(f"{HERE}/{row.id}", data=changed, headers=ORIGIN)).status_code == 303
    form = (await moderator.get(f"{HERE}/{row.id}")).text
    assert 'value="More details"' in form
    assert f'<option value="{space}" selected>' in form
    assert (await moderator.post(f"{HERE}/{row.id}/delete", headers=ORIGIN)).status_code == 303
    assert not await CannedAnswer.exists()
    acts = await LogEntry.filter(subject=f"canned:{row.id}").order_by("id").values_list("act", flat=True)
    assert sorted(acts) == ["add_canned", "change_canned", "delete_canned"]
    log = (await moderator.get("/moderation/log")).text
    assert "canned answer deleted" in log
    assert (await moderator.get(f"{HERE}/{row.id}")).status_code == 404


async def test_unknown_placeholders_are_refused_and_nothing_typed_is_lost(cast: Cast, visit: Visit) -> None:
    moderator = await visit(cast.moderator)
    fields = {"title": "Details", "text": "Hello {name}, of {company}: {staff}", "language": "", "space": ""}
    refused = await moderator.post(f"{HERE}/new", data=fields, headers=ORIGIN)
    assert refused.status_code == 422
    assert "Nothing can be filled in for {name}, {company}." in refused.text
    assert "Hello {name}, of {company}: {staff}" in refused.text
    assert not await CannedAnswer.exists()
    for wrong in ({"language": "xx"}, {"space": "4711"}, {"space": "x"}, {"title": ""}, {"text": " "}):
        data = {**fields, "text": "Hello", **wrong}
        assert (await moderator.post(f"{HERE}/new", data=data, headers=ORIGIN)).status_code == 422


@pytest.mark.each_database
async def test_staff_insert_one_below_what_they_typed(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(
        cast.open_space, cast.asker, title="Router [link](https://evil.example) {staff}"
    )
    by = await viewer_for(cast.moderator)
    text = "Hello {nickname} in {space}: {thread}. {link} – {staff} {braces} stay"
    canned_id = await add_canned(CannedRow(0, "Greeting", text, "", cast.open_space.id), by=by)
    for person in (cast.moderator, cast.marketing):
        staff = await visit(person)
        page = (await staff.get(f"/threads/{thread.id}-{thread.slug}")).text
        assert f'<option value="{canned_id}">Greeting</option>' in page
    staff = await visit(cast.moderator)
    sent = {"body": "Typed before.", "do": "insert", "canned": str(canned_id)}
    answer = await staff.post(f"/threads/{thread.id}/answers", data=sent, headers=ORIGIN)
    assert answer.status_code == 200
    body = _body(answer.text)
    assert body.startswith(f"Typed before.\n\nHello Asker in {cast.open_space.name}: Router ")
    assert r"\[link\](https://evil.example) {staff}." in body  # neither a link nor filled in once more
    assert f"/threads/{thread.id}-{thread.slug} – Jana K. {{braces}} stay" in body
    assert not await Post.filter(thread_id=thread.id, kind=PostKind.ANSWER).exists()
    assert (await CannedAnswer.get()).use_count == 1
    assert _body((await staff.get(f"/threads/{thread.id}-{thread.slug}")).text).strip() == body.strip()
    nothing = await staff.post(
        f"/threads/{thread.id}/answers", data={**sent, "canned": "4711"}, headers=ORIGIN
    )
    assert nothing.status_code == 422
    assert _body(nothing.text).strip() == "Typed before."


async def test_only_what_fits_the_space_and_the_language_is_offered(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    by = await viewer_for(cast.administrator)
    other = next(each for each in by.readable_space_ids if each != cast.open_space.id)
    language = thread.language
    foreign = "en" if language == "de" else "de"
    for title, code, space_id in (
        ("For everything", "", None),
        ("For this language", language, cast.open_space.id),
        ("Foreign words", foreign, None),
        ("Elsewhere", "", other),
    ):
        await add_canned(CannedRow(0, title, "Text", code, space_id), by=by)
    staff = await visit(cast.moderator)
    page = (await staff.get(f"/threads/{thread.id}-{thread.slug}")).text
    assert page.index("For this language</option>") < page.index("For everything</option>")
    assert "Foreign words" not in page
    assert "Elsewhere" not in page
    row = await CannedAnswer.get(title="Elsewhere")
    sent = {"body": "", "do": "insert", "canned": str(row.id)}
    answer = await staff.post(f"/threads/{thread.id}/answers", data=sent, headers=ORIGIN)
    assert answer.status_code == 422


@pytest.mark.each_database
async def test_members_find_no_trace_of_them(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    url = f"/threads/{thread.id}-{thread.slug}"
    people = (None, cast.asker, cast.outsider)
    browsers = [await visit(person) if person else await visit() for person in people]
    before = [_scrubbed((await browser.get(url)).text) for browser in browsers]
    by = await viewer_for(cast.moderator)
    canned_id = await add_canned(CannedRow(0, "Unmistakable", "Text of the team", "", None), by=by)
    assert [_scrubbed((await browser.get(url)).text) for browser in browsers] == before
    for browser in (*browsers, await visit(cast.marketing)):
        for path in (HERE, f"{HERE}/new", f"{HERE}/{canned_id}"):
            assert (await browser.get(path)).status_code == 404
        assert (await browser.post(f"{HERE}/{canned_id}/delete", headers=ORIGIN)).status_code == 404
    member = await visit(cast.outsider)
    sent = {"body": "", "do": "insert", "canned": str(canned_id)}
    answer = await member.post(f"/threads/{thread.id}/answers", data=sent, headers=ORIGIN)
    assert answer.status_code == 422
    assert "Text of the team" not in answer.text
    assert (await CannedAnswer.get()).use_count == 0


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("{nickname} {thread} {space} {staff} {link}", ()),
        ("{name} {name} {x}", ("name", "x")),
        ('{ "a": 1 } {} { nickname }', ()),
    ],
)
def test_what_counts_as_a_placeholder(text: str, unknown: tuple[str, ...]) -> None:
    assert canned.unknown_placeholders(text) == unknown
