"""A virus scanner sees every file as it came; without its word nothing is let through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from community.attachments import actions, scanning
from community.attachments.models import Attachment
from community.settings import settings
from tests.attachments.clamd_server import HARMFUL, scanner
from tests.attachments.files import telling_jpeg
from tests.attachments.posted import TEXT, incoming_files, send
from tests.attachments.test_attach import QUESTION
from tests.cast import Cast
from tests.fixtures import Visit

Choose = Callable[[str], None]


@pytest.fixture
def scanned_by(monkeypatch: pytest.MonkeyPatch) -> Choose:
    def choose(url: str) -> None:
        changed = replace(settings, attachments=replace(settings.attachments, clamd_url=url))
        monkeypatch.setattr(actions, "settings", changed)

    return choose


@pytest.mark.parametrize("by_path", [False, True])
async def test_harmful_files_are_refused_and_others_taken(
    cast: Cast, visit: Visit, scanned_by: Choose, tmp_path: Path, by_path: bool
) -> None:
    photograph = telling_jpeg()
    async with scanner(tmp_path / "clamd.ctl" if by_path else None) as clamd:
        scanned_by(clamd.url)
        client = await visit(cast.asker)
        files = [("bad.txt", HARMFUL), ("photo.jpg", photograph), TEXT]
        again = await send(client, "/ask", QUESTION, files)
    assert again.status_code == 422
    assert "bad.txt is refused by the virus scanner." in again.text
    assert clamd.seen == [HARMFUL, photograph, TEXT[1]], "as it came, before anything is made of it"
    assert [row.name for row in await Attachment.all().order_by("created_at")] == ["photo.jpg", "router.log"]
    assert incoming_files() == []


@pytest.mark.parametrize("mood", ["silent", "nonsense", "gone", "small"])
async def test_without_a_clear_answer_nothing_is_taken(
    cast: Cast, visit: Visit, scanned_by: Choose, monkeypatch: pytest.MonkeyPatch, mood: str
) -> None:
    monkeypatch.setattr(scanning, "LONGEST", 0.5)
    async with scanner() as clamd:
        clamd.mood, clamd.most = mood, 5 if mood == "small" else 1 << 20
        scanned_by(clamd.url)
        again = await send(await visit(cast.asker), "/ask", QUESTION, [TEXT])
    assert again.status_code == 422
    assert "router.log could not be checked for viruses. Please try again in a few minutes." in again.text
    assert QUESTION["body"] in again.text
    assert await Attachment.all().count() == 0


async def test_a_scanner_that_is_away_lets_nothing_through(
    cast: Cast, visit: Visit, scanned_by: Choose, tmp_path: Path
) -> None:
    scanned_by(f"unix://{tmp_path}/nobody")
    again = await send(await visit(cast.asker), "/ask", QUESTION, [TEXT])
    assert "could not be checked for viruses" in again.text
    assert await Attachment.all().count() == 0


async def test_the_operator_learns_whether_it_answers(tmp_path: Path) -> None:
    async with scanner() as clamd:
        assert await scanning.problem(clamd.url) == ""
        clamd.mood = "nonsense"
        assert "something else" in await scanning.problem(clamd.url)
    assert "cannot be reached" in await scanning.problem(f"unix://{tmp_path}/nobody")
    for url in ("http://clamd", "tcp://", "unix://relative/path", "clamd"):
        assert "CLAMD_URL is tcp://" in await scanning.problem(url)


def test_the_port_may_be_left_out() -> None:
    assert scanning.read_address("tcp://clamd.internal") == ("clamd.internal", 3310)
