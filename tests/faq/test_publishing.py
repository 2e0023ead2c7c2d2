"""Publishing into a folder and into a bucket: only what has changed, whole at every moment, nothing of others."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from community.core.clock import now
from community.core.db import execute
from community.faq import actions, editorial, publishing
from community.faq.bundle import MANIFEST, SIGNATURE
from community.faq.export import build_export
from community.faq.publishing import UNDER_WAY, PublicationTending, publish
from community.faq.signing import Signer
from community.faq.targets import BucketTarget, CannotPublish, FolderTarget, Target, open_target
from community.faq.validating import validate
from community.settings import settings
from tests.attachments.s3_server import Store, s3_store
from tests.cast import Cast, make_cast
from tests.factories import viewer_for
from tests.faq.entries import make_published
from tests.faq.entries import publish as release


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with s3_store() as made:
        yield made


class Place:
    """A target that remembers what was written, and breaks where a test wants it to."""

    def __init__(self, inner: Target) -> None:
        self.inner, self.label = inner, inner.label
        self.written: list[str] = []
        self.breaks_at = ""

    async def read(self, name: str) -> bytes | None:
        return await self.inner.read(name)

    async def has(self, name: str, size: int) -> bool:
        return await self.inner.has(name, size)

    async def exists(self, name: str) -> bool:
        return await self.inner.exists(name)

    async def write(self, name: str, content: bytes) -> None:
        if name == self.breaks_at:
            raise CannotPublish("The cable is out.")
        self.written.append(name)
        await self.inner.write(name, content)

    async def remove(self, names: list[str]) -> None:
        await self.inner.remove(names)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


async def test_a_folder_holds_what_the_bundle_holds_and_follows_it(cast: Cast, tmp_path: Path) -> None:
    kept, gone = await make_published(cast), await make_published(cast)
    place = Place(FolderTarget(tmp_path))
    assert (await publish(place)).entries == 2
    with_zip = tmp_path.parent / "bundle.zip"
    with_zip.write_bytes((await build_export("zip")).content)
    archive = zipfile.ZipFile(with_zip)
    assert _files(tmp_path) == {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in place.written if name != UNDER_WAY]
    assert names[-2:] == [SIGNATURE, MANIFEST]
    entry, index = names.index(f"pages/faq-{kept}.html"), names.index("pages/index.html")
    assert entry < index
    assert (tmp_path / MANIFEST).stat().st_mode & 0o777 == 0o644

    place.written.clear()
    assert (await publish(place)).written == ()
    assert place.written == []

    (tmp_path / "own.css").write_text("p {}")
    editor = await viewer_for(cast.moderator)
    await actions.withdraw_entry(gone, by=editor, reason="Wrong")
    done = await publish(place)
    assert done.removed == (f"fragments/faq-{gone}.html", f"pages/faq-{gone}.html")
    assert f"pages/faq-{kept}.html" not in done.written
    assert (tmp_path / "own.css").exists()
    assert str(gone).encode() not in b"".join(_files(tmp_path).values())
    report = validate(str(tmp_path), public_key=_public_key())
    assert (report.problems, report.entries) == ([], 1)


def _public_key() -> bytes:
    return Signer(settings.faq.key_file).public_pem


async def test_a_rehearsal_writes_nothing(cast: Cast, tmp_path: Path) -> None:
    await make_published(cast)
    done = await publish(FolderTarget(tmp_path / "new"), is_rehearsal=True)
    assert len(done.written) == 11
    assert not (tmp_path / "new").exists()


async def test_what_a_broken_run_left_is_taken_away_by_the_next(cast: Cast, tmp_path: Path) -> None:
    await make_published(cast)
    new = await make_published(cast)
    place = Place(FolderTarget(tmp_path))
    place.breaks_at = "faq.csv"
    with pytest.raises(CannotPublish):
        await publish(place)
    assert (tmp_path / f"pages/faq-{new}.html").exists()
    assert not (tmp_path / MANIFEST).exists()
    # What it was about to show is withdrawn meanwhile: no manifest has ever named its file.
    await actions.withdraw_entry(new, by=await viewer_for(cast.moderator), reason="Wrong")
    place.breaks_at = ""
    await publish(place)
    assert str(new).encode() not in b"".join([*_files(tmp_path).values(), *map(str.encode, _files(tmp_path))])
    assert UNDER_WAY not in _files(tmp_path)
    assert validate(str(tmp_path), public_key=_public_key()).problems == []


async def test_a_file_that_somebody_deleted_comes_back(cast: Cast, tmp_path: Path) -> None:
    await make_published(cast)
    target = FolderTarget(tmp_path)
    await publish(target)
    (tmp_path / "faq.csv").unlink()
    assert "faq.csv" in (await publish(target)).written
    assert (tmp_path / "faq.csv").exists()


async def test_a_place_of_others_is_left_alone(cast: Cast, tmp_path: Path) -> None:
    await make_published(cast)
    (tmp_path / MANIFEST).write_text('{"name": "an app"}')
    with pytest.raises(CannotPublish, match="not ours"):
        await publish(FolderTarget(tmp_path))
    outside = tmp_path.parent / "precious"
    outside.write_text("kept")
    listed = [{"path": "../precious", "sha256": "x"}]
    ours = {"format": "kundenkreis-faq-1", "made_from": f"{settings.base_url}/faq", "files": listed}
    (tmp_path / MANIFEST).write_text(json.dumps(ours))
    with pytest.raises(CannotPublish, match="no name of a file of ours"):
        await publish(FolderTarget(tmp_path))
    assert outside.read_text() == "kept"
    (tmp_path / MANIFEST).write_text(
        json.dumps({**ours, "made_from": "https://staging.example/faq", "files": []})
    )
    with pytest.raises(CannotPublish, match="another community, https://staging"):
        await publish(FolderTarget(tmp_path))


@pytest.mark.parametrize("name", ["faq.html", SIGNATURE])
async def test_a_file_of_others_is_never_written_over(
    cast: Cast, tmp_path: Path, store: Store, name: str
) -> None:
    await make_published(cast)
    (tmp_path / name).write_text("theirs")
    store.kept[f"faq/{name}"] = (b"theirs", now())
    for target in (FolderTarget(tmp_path), BucketTarget("s3://files/faq", store.chosen, "faq")):
        with pytest.raises(CannotPublish, match=f"has a {name} that is not ours"):
            await publish(target)
    assert _files(tmp_path) == {name: b"theirs"}
    assert {key: content for key, (content, _at) in store.kept.items()} == {f"faq/{name}": b"theirs"}


async def test_a_run_whose_lease_went_to_another_stops_and_leaves_the_other_its_lease(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_published(cast)
    monkeypatch.setattr(publishing, "_FILES_PER_LEASE", 1)
    others = now() + timedelta(hours=1)

    class Slow(Place):
        async def write(self, name: str, content: bytes) -> None:
            await super().write(name, content)
            if name == "faq.csv":
                await execute("UPDATE faq_publications SET leased_until = :until", {"until": others})

    with pytest.raises(CannotPublish, match="Somebody else has begun"):
        await publish(Slow(FolderTarget(tmp_path)))
    assert not (tmp_path / MANIFEST).exists()
    with pytest.raises(CannotPublish, match="just now"):
        await publish(FolderTarget(tmp_path))


async def test_a_bucket_follows_as_well(cast: Cast, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, gone = await make_published(cast), await make_published(cast)
    attachments = replace(settings.attachments, s3=store.chosen)
    monkeypatch.setattr("community.faq.targets.settings", replace(settings, attachments=attachments))
    store.kept["faq/own.css"] = (b"p {}", now())
    target = open_target("s3://files/faq")
    assert isinstance(target, BucketTarget)
    await publish(target)
    assert f"faq/pages/faq-{gone}.html" in store.kept
    await actions.withdraw_entry(gone, by=await viewer_for(cast.moderator), reason="Wrong")
    store.asked.clear()
    done = await publish(target)
    assert len([line for line in store.asked if line == "PUT"]) == len(done.written) + 1
    assert set(store.kept) == {
        "faq/own.css",
        *(f"faq/{name}" for name in await publishing._known(target)),
    } | {
        f"faq/{MANIFEST}",
        f"faq/{SIGNATURE}",
    }
    assert f"faq/pages/faq-{kept}.html" in store.kept
    store.broken = True
    with pytest.raises(CannotPublish, match="503 SlowDown"):
        await publish(target)


@pytest.mark.parametrize("given", ["s3://", "s3://UPPER/x", "s3://bucket/../x"])
def test_an_address_that_is_no_bucket_is_refused(given: str) -> None:
    with pytest.raises(CannotPublish):
        open_target(given)


@pytest.mark.each_database
async def test_two_do_not_publish_at_once_and_the_worker_only_when_something_has_changed(
    fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = await make_cast()
    entry_id = await make_published(cast)
    faq = replace(settings.faq, publish_to=str(tmp_path))
    monkeypatch.setattr("community.faq.publishing.settings", replace(settings, faq=faq))
    look = PublicationTending().look
    await look()
    first = (tmp_path / MANIFEST).stat().st_mtime_ns
    (tmp_path / "faq.csv").unlink()
    await look()
    assert not (tmp_path / "faq.csv").exists(), "nothing has changed, so nobody has looked"
    assert (tmp_path / MANIFEST).stat().st_mtime_ns == first
    await PublicationTending().look()
    assert (tmp_path / "faq.csv").exists(), "after a start everything is looked at once"

    editor = await viewer_for(cast.moderator)
    text = (await editorial.get_editorial(editor, entry_id)).text
    await actions.edit_entry(entry_id, replace(text, question="Another?"), version=1, by=editor)
    await release(cast, entry_id, version=2)
    lease = "UPDATE faq_publications SET leased_until = :until"
    await execute(lease, {"until": now() + timedelta(minutes=1)})
    with pytest.raises(CannotPublish, match="just now"):
        await look()
    await execute(lease, {"until": now() - timedelta(minutes=1)})
    await look()
    assert "Another?" in (tmp_path / "faq.md").read_text()


async def test_the_worker_repairs_its_place_and_says_what_keeps_it_from_doing_so(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_id = await make_published(cast)
    faq = replace(settings.faq, publish_to=str(tmp_path / "faq"))
    monkeypatch.setattr("community.faq.publishing.settings", replace(settings, faq=faq))
    look, target = PublicationTending().look, FolderTarget(tmp_path / "faq")
    await look()
    page = tmp_path / f"faq/pages/faq-{entry_id}.html"
    await publish(target, language="de")
    assert not page.exists()
    await look()
    assert page.exists(), "somebody had published another choice there by hand"
    shutil.rmtree(tmp_path / "faq")
    await look()
    assert page.exists(), "the folder was new"

    with monkeypatch.context() as other_program:
        other_program.setattr("community.faq.formats_html._", lambda text: f"{text}!")
        await look()
    assert "Frequently asked questions!" in (tmp_path / "faq/faq.html").read_text(), (
        "our own words have changed"
    )
    await look()
    assert "questions!" not in (tmp_path / "faq/faq.html").read_text()

    (tmp_path / "faq" / MANIFEST).write_text("theirs")
    with pytest.raises(CannotPublish):
        await publish(target)
    state = await publishing.find_state(str(tmp_path / "faq"))
    assert state is not None
    assert state.problem == "", "whoever publishes by hand has read it"
    with pytest.raises(CannotPublish):
        await look()
    state = await publishing.find_state(str(tmp_path / "faq"))
    assert state is not None
    assert "not ours" in state.problem
