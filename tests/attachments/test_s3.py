"""Files in a store that speaks S3: signed, streamed through the site, cleaned up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from community.attachments import actions, cleaning
from community.attachments.models import Attachment
from community.attachments.s3 import Bucket
from community.attachments.storage import FileGone, StorageDown
from community.attachments.stores import build_storage
from community.core.clock import now
from community.core.s3 import EMPTY, sign
from community.settings import S3Choice, settings
from tests.attachments.posted import TEXT, address, attach, png, posted, send
from tests.attachments.s3_server import Store, s3_store
from tests.attachments.test_attach import QUESTION
from tests.cast import Cast
from tests.factories import make_thread, opening_of
from tests.fixtures import Visit

NAMES = [f"{number:032x}" for number in range(8)]


@pytest.fixture
async def store(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    async with s3_store() as made:
        bucket = build_storage(replace(settings.attachments, s3=made.chosen))
        assert isinstance(bucket, Bucket)
        for module in ("actions", "cleaning"):
            monkeypatch.setattr(f"community.attachments.{module}.storage", lambda: bucket)
        monkeypatch.setattr("community.web.attachments.storage", lambda: bucket)
        yield made


def test_requests_are_signed_as_the_published_example_is() -> None:
    chosen = S3Choice(
        access_key="AKIAIOSFODNN7EXAMPLE", secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    )
    signed = sign(
        "GET",
        "examplebucket.s3.amazonaws.com",
        "/test.txt",
        {},
        {"range": "bytes=0-9"},
        EMPTY,
        datetime(2013, 5, 24, tzinfo=UTC),
        chosen,
    )
    assert signed["authorization"].endswith(
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


async def test_files_are_posted_and_read_through_the_site(cast: Cast, visit: Visit, store: Store) -> None:
    thread = await make_thread(cast.members_space, cast.asker)
    row = await posted((await opening_of(thread)).id, cast.asker, png())
    assert set(store.kept) == {f"attachments/{row.storage_name}", f"attachments/{row.storage_name}.small"}
    client = await visit(cast.helper)
    store.asked.clear()
    whole = await client.get(address(row))
    assert whole.content == store.kept[f"attachments/{row.storage_name}"][0]
    part = await client.get(address(row), headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert store.asked == [f"GET bytes=0-{row.size - 1}", "GET bytes=10-19"]
    small = await client.get(f"/attachments/{row.id}/small/x")
    assert small.content == store.kept[f"attachments/{row.storage_name}.small"][0]
    store.asked.clear()
    assert (await (await visit()).get(address(row))).status_code == 404
    assert store.asked == [], "rights are looked at first"


async def test_a_store_that_is_away_loses_nothing(cast: Cast, visit: Visit, store: Store) -> None:
    row = await attach(cast.asker, TEXT)
    client = await visit(cast.asker)
    store.broken = True
    again = await send(client, "/ask", QUESTION, [TEXT])
    assert again.status_code == 422
    assert "there is no room for files at the moment" in again.text
    assert QUESTION["body"] in again.text
    assert [each.id for each in await Attachment.all()] == [row.id]
    assert (await client.get(address(row))).status_code == 404
    store.broken = False
    assert (await client.get(address(row))).content == TEXT[1]


async def test_what_is_lost_is_found_on_all_pages_of_the_list(cast: Cast, store: Store) -> None:
    kept = await attach(cast.asker, png())
    for name in NAMES:
        store.kept[f"attachments/{name}"] = (b"lost", now())
    store.kept["something else"] = (b"of others", now())
    await cleaning.sweep_storage()
    assert len(store.kept) == len(NAMES) + 3
    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        await cleaning.sweep_storage()
    assert set(store.kept) == {
        "something else",
        f"attachments/{kept.storage_name}",
        f"attachments/{kept.storage_name}.small",
    }
    await cleaning.remove_files([kept.storage_name])
    assert set(store.kept) == {"something else"}


async def test_keys_that_do_not_fit_are_said_and_nothing_is_kept(store: Store, tmp_path: Path) -> None:
    bucket = Bucket(replace(store.chosen, secret_key="another"))
    assert await bucket.problem() == "The store of S3_ENDPOINT refuses (403 SignatureDoesNotMatch)."
    (tmp_path / "x").write_bytes(b"x")
    with pytest.raises(StorageDown):
        await bucket.keep(NAMES[0], tmp_path / "x")
    with pytest.raises(FileGone):
        await anext(Bucket(store.chosen).read(NAMES[0], 0, 10))
    assert await Bucket(store.chosen).problem() == ""
    away = await Bucket(replace(store.chosen, endpoint="http://127.0.0.1:9")).problem()
    assert away == "The store of S3_ENDPOINT cannot be reached (ConnectError)."


async def test_a_row_is_written_only_once_the_store_has_the_file(
    cast: Cast, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    insert = actions._insert

    async def watched(row: actions.AttachmentRow) -> None:
        seen.append(f"attachments/{row.storage_name}" in store.kept)
        await insert(row)

    monkeypatch.setattr(actions, "_insert", watched)
    await attach(cast.asker, TEXT)
    assert seen == [True]
