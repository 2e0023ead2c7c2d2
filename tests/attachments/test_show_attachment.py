"""Files are seen by whoever sees their post at that moment, and never run in anybody's browser."""

from __future__ import annotations

import re

import pytest

from community.attachments.models import Attachment
from community.threads import order
from tests.attachments.files import pdf
from tests.attachments.posted import TEXT, address, attach, png, posted
from tests.cast import Cast
from tests.factories import make_answer, make_thread, opening_of, viewer_for
from tests.fixtures import Visit

EVERYBODY = (None, "outsider", "colleague", "helper", "asker", "moderator", "administrator", "marketing")


async def readers(cast: Cast, visit: Visit, url: str) -> set[str | None]:
    """Who gets the file; everybody else must get the same 404 as for one that does not exist."""
    found, gone = set(), "/attachments/4711/nothing.png"
    for name in EVERYBODY:
        client = await visit(getattr(cast, name) if name else None)
        answer, nothing = await client.get(url), await client.get(gone)
        assert answer.status_code in (200, 404)
        if answer.status_code == 200:
            found.add(name)
        else:
            # The page names its own address, in links that lead back to it.
            own_address = re.compile('/attachments/[^"]*')
            assert own_address.sub("", answer.text) == own_address.sub("", nothing.text)
    return found


MEMBERS = set(EVERYBODY) - {None}
INSIDE = {"asker", "helper", "colleague", "moderator", "administrator"}


@pytest.mark.parametrize("part", ["", "small/"])
@pytest.mark.parametrize(
    "space,expected",
    [
        ("open_space", set(EVERYBODY)),
        ("members_space", MEMBERS),
        ("hidden_space", INSIDE),
        ("tile_space", INSIDE),
    ],
)
async def test_files_are_read_with_the_rights_of_their_space(
    cast: Cast, visit: Visit, space: str, expected: set[str | None], part: str
) -> None:
    thread = await make_thread(getattr(cast, space), cast.asker)
    row = await posted((await opening_of(thread)).id, cast.asker, png())
    found = await readers(cast, visit, f"/attachments/{row.id}/{part}{row.name}")
    assert found - {"marketing"} == expected - {"marketing"}


async def test_a_file_that_is_not_posted_belongs_to_its_member_alone(cast: Cast, visit: Visit) -> None:
    row = await attach(cast.asker, png())
    assert await readers(cast, visit, address(row)) == {"asker"}


async def test_hiding_a_post_hides_its_files_at_once(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    row = await posted(answer.id, cast.helper, TEXT)
    staff = await viewer_for(cast.moderator)
    await order.hide_post(answer.id, by=staff, reason="Not for the public")
    hidden = await readers(cast, visit, address(row))
    assert hidden <= {"helper", "moderator", "administrator"}
    assert "moderator" in hidden
    await order.restore_post(answer.id, by=staff, reason="It was right after all")
    assert await readers(cast, visit, address(row)) == set(EVERYBODY)


async def test_hiding_a_thread_hides_the_files_of_its_answers(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    row = await posted((await make_answer(thread, cast.helper)).id, cast.helper, TEXT)
    opening = await opening_of(thread)
    await order.hide_post(opening.id, by=await viewer_for(cast.moderator), reason="Not for the public")
    assert await readers(cast, visit, address(row)) <= {"asker", "helper", "moderator", "administrator"}


async def test_moving_a_thread_changes_at_once_who_reads_its_files(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    row = await posted((await opening_of(thread)).id, cast.asker, TEXT)
    guest = await visit()
    answer = await guest.get(address(row))
    assert answer.headers["cache-control"] == "public, no-cache"
    await order.move_thread(
        thread.id, to_space=cast.hidden_space.id, by=await viewer_for(cast.moderator), reason="Belongs there"
    )
    again = await guest.get(address(row), headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 404
    inside = await (await visit(cast.helper)).get(address(row))
    assert inside.headers["cache-control"] == "private, no-cache"
    assert inside.headers["cross-origin-resource-policy"] == "same-origin"


async def test_the_answer_lets_no_browser_run_or_guess_anything(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    client = await visit()
    for file, content_type, disposition in (
        (png(), "image/png", "inline"),
        (('böse\u202e "name";\r\n.pdf', pdf()), "application/pdf", "attachment"),
        (("page.html", b"<b>not a page</b>"), "text/plain; charset=utf-8", "attachment"),
    ):
        row = await posted(opening.id, cast.asker, file)
        answer = await client.get(f"/attachments/{row.id}/whatever.html")
        assert answer.headers["content-type"] == content_type
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        # Everybody may read it, so pages with FAQ entries on other websites may show it.
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        again = await client.get(str(answer.url), headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.headers["cross-origin-resource-policy"]) == (304, "cross-origin")
        assert answer.headers["content-disposition"].startswith(f"{disposition}; filename=")
        assert answer.headers["vary"] == "Cookie"
        assert "set-cookie" not in answer.headers
    names = [row.name for row in await Attachment.all().order_by("created_at")]
    assert names == ["Fehler am Router.png", "böse name;.pdf", "page.html.txt"]


async def test_parts_of_a_file_are_sent_as_asked_for(cast: Cast, visit: Visit) -> None:
    content = bytes(range(32, 127)) * 9_000
    thread = await make_thread(cast.open_space, cast.asker)
    row = await posted((await opening_of(thread)).id, cast.asker, ("long.txt", content))
    client, size = await visit(), len(content)
    whole = await client.get(address(row))
    assert whole.content == content
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-length"] == str(size)
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        (f"bytes={size - 5}-", size - 5, size),
        ("bytes=-7", size - 7, size),
        (f"bytes=300000-{size + 50}", 300_000, size),
    ):
        part = await client.get(address(row), headers={"Range": asked})
        assert part.status_code == 206, asked
        assert part.content == content[start:end]
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert part.headers["content-length"] == str(end - start)
        head = await client.head(address(row), headers={"Range": asked})
        assert (head.status_code, head.headers["content-length"], head.content) == (
            206,
            str(end - start),
            b"",
        )
    for asked in (f"bytes={size}-", "bytes=-0", f"bytes={size + 9}-{size + 10}"):
        beyond = await client.get(address(row), headers={"Range": asked})
        assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
        assert beyond.content == b""
    for asked in ("bytes=a-b", "bytes=-", "bytes=0-1,5-6", "lines=0-1", "bytes=9-2"):
        assert (await client.get(address(row), headers={"Range": asked})).status_code == 200, asked
    other = {"Range": "bytes=0-1", "If-Range": '"another"'}
    assert (await client.get(address(row), headers=other)).status_code == 200
    same = {"Range": "bytes=0-1", "If-Range": whole.headers["etag"]}
    assert (await client.get(address(row), headers=same)).status_code == 206


@pytest.mark.parametrize("part", ["", "small/"])
async def test_whoever_has_a_file_gets_it_not_again(cast: Cast, visit: Visit, part: str) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    row = await posted((await opening_of(thread)).id, cast.asker, png())
    client, url = await visit(), f"/attachments/{row.id}/{part}{row.name}"
    first = await client.get(url)
    assert int(first.headers["content-length"]) == len(first.content)
    again = await client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await client.head(url)
    assert (head.status_code, head.content) == (200, b"")


async def test_other_files_have_no_small_copy(cast: Cast, visit: Visit) -> None:
    row = await attach(cast.asker, TEXT)
    client = await visit(cast.asker)
    assert (await client.get(f"/attachments/{row.id}/small/{row.name}")).status_code == 404
    assert (await client.get(f"/attachments/{2**60}/x")).status_code == 404
    assert (await client.get("/attachments/../../etc/passwd")).status_code == 404


async def test_a_file_that_is_gone_from_the_store_is_not_found(cast: Cast, visit: Visit) -> None:
    from community.attachments.stores import storage

    row = await attach(cast.asker, TEXT)
    await storage().remove([row.storage_name])
    assert (await (await visit(cast.asker)).get(address(row))).status_code == 404
