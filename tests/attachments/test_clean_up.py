"""What nobody posted and what broke off is removed after a day; a row is never without its file."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
import time_machine

from community.attachments import actions
from community.attachments.cleaning import forget_unposted, sweep_storage
from community.attachments.models import Attachment
from community.attachments.storage import Folder, incoming
from community.attachments.stores import storage
from community.core.clock import now
from community.threads.models import Thread
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.attachments.posted import TEXT, attach, png, posted, stored_files
from tests.cast import Cast
from tests.factories import make_thread, opening_of


async def test_what_is_not_posted_goes_after_a_day(cast: Cast, search_engine: SearchEngine) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    kept = await posted((await opening_of(thread)).id, cast.asker, png())
    left = await attach(cast.asker, png())
    assert {left.storage_name, f"{left.storage_name}.small"} <= stored_files()
    await forget_unposted()
    assert await Attachment.all().count() == 2
    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        await forget_unposted()
        await deliver(search_engine)
    assert [row.id for row in await Attachment.all()] == [kept.id]
    assert not {left.storage_name, f"{left.storage_name}.small"} & stored_files()
    assert {kept.storage_name, f"{kept.storage_name}.small"} <= stored_files()


async def test_files_without_a_row_are_swept_once_they_are_old(cast: Cast, tmp_path) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    kept, lost = await posted(opening.id, cast.asker, png()), await attach(cast.asker, TEXT)
    await Attachment.filter(id=lost.id).delete()
    incoming().mkdir(parents=True, exist_ok=True)
    broken_off = incoming() / "abc"
    broken_off.write_bytes(b"half")
    foreign = storage().root / lost.storage_name[:2] / "notes of the operator"  # type: ignore[attr-defined]
    foreign.write_bytes(b"x")
    await sweep_storage()
    assert {lost.storage_name, kept.storage_name} <= stored_files(), "it may be on its way into the table"
    assert broken_off.exists()
    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        await sweep_storage()
    assert lost.storage_name not in stored_files()
    assert {kept.storage_name, f"{kept.storage_name}.small"} <= stored_files()
    assert not broken_off.exists()
    assert foreign.exists()
    foreign.unlink()
    await Thread.filter(id=thread.id).delete()
    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        await sweep_storage()
    assert kept.storage_name not in stored_files(), "its row went with the thread"


async def test_a_file_is_stored_before_its_row_is_written(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    async def broken(row: actions.AttachmentRow) -> None:
        seen.append(row.storage_name in stored_files())
        raise ConnectionError("the process ends here")

    monkeypatch.setattr(actions, "_insert", broken)
    with pytest.raises(ConnectionError):
        await attach(cast.asker, TEXT)
    assert seen == [True]
    assert await Attachment.all().count() == 0


async def test_erasing_the_texts_of_posts_takes_their_files(cast: Cast, search_engine: SearchEngine) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    row = await posted(opening.id, cast.asker, TEXT)
    await actions.erase_attachments_of_posts([opening.id])
    assert row.storage_name in stored_files(), "only once it is committed"
    await deliver(search_engine)
    assert row.storage_name not in stored_files()


async def test_a_folder_that_cannot_be_written_is_named(tmp_path) -> None:
    assert await Folder(tmp_path / "fresh").problem() == ""
    blocked = tmp_path / "blocked"
    blocked.write_text("no folder")
    assert "blocked cannot be written" in await Folder(blocked).problem()


async def test_no_name_leads_out_of_the_store(tmp_path) -> None:
    from community.attachments.storage import FileGone

    for name in ("../../etc/passwd", "a" * 31, "A" * 32, f"{'a' * 32}/x", f"{'a' * 32}.small/../b"):
        with pytest.raises(FileGone):
            await Folder(tmp_path).keep(name, tmp_path / "x")
    assert os.listdir(tmp_path) == []
