"""Whoever stands behind a nickname: every page, for everybody and staff too, is the same byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from community.faq.export import write_export
from tests.access.conftest import Base
from tests.access.forms import table
from tests.access.identities import Identity, identities, put_behind
from tests.access.probes import PROBES
from tests.access.visits import Answer, ask, opened
from tests.access.worlds import VIEWERS, World
from tests.databases import Databases

pytestmark = [pytest.mark.each_database, pytest.mark.timeout(600)]

ALBA, BRIX = identities("Alba"), identities("Brix")

# Members see their own address and sessions there, and nobody else's.
OWN_PAGES = ("/settings", "/log-out")


def _staff_pages(world: World) -> list[str]:
    """Every page of moderation and administration, with ids of things that are there."""
    thread = world.threads["open"]
    values = {
        "{thread_id:int}": str(thread.thread_id),
        "{post_id:int}": str(thread.answer_ids[0]),
        "{slug}": world.cast.open_space.slug,
        "{nickname}": "Helper",
    }
    pages = []
    for path, route in table():
        if route.policy.writes or not path.startswith(("/moderation", "/admin")):
            continue
        # Administrators see the names of customers, and these are others in the other world; who belongs to them
        # is looked for in tests/companies.
        if path.startswith("/admin/companies"):
            continue
        for part, value in values.items():
            path = path.replace(part, value)
        if "{" not in path:
            pages.append(path)
    return [*pages, f"/moderation/faq/new?thread={thread.thread_id}", "/admin/people?q=Helper"]


def _addresses(world: World, people: list[Identity]) -> list[str]:
    probed = [url for probe in PROBES.values() for url in probe(world)]
    # Names, companies and addresses of both worlds go into every field that takes words.
    words = [word for person in people[:2] for word in (person.mail, person.real_name, person.company)]
    asked = [
        f"{page}{word}"
        for word in words
        for page in (
            "/search?q=",
            "/search/suggestions?q=",
            "/members/suggestions?q=",
            "/admin/people?q=",
            "/ask?title=",
        )
    ]
    return list(dict.fromkeys([*probed, *_staff_pages(world), *asked]))


async def _answers(
    base: Base, databases: Databases, people: list[Identity], urls: list[str], folder: Path, days: int
) -> tuple[dict[str, dict[str, Answer]], bytes]:
    """What each of the cast gets to see, and everything that lies in files: the search index and the exports."""
    url = await databases.copy(base.kind, base.url)
    await databases.open(url)
    await put_behind(people, registered_days_ago=days)
    viewers = VIEWERS if base.kind == "sqlite" else ("outsider", "administrator")
    async with opened(folder / "index") as app:
        answers = {viewer: await ask(app, urls, base.cookies[viewer]) for viewer in viewers}
    for kind in ("html", "jsonld", "json", "csv", "markdown", "zip"):
        await write_export(kind, folder / f"faq.{kind}", language="", category="")
    await databases.close()
    await databases.remove(url)
    return answers, b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


async def test_who_stands_behind_a_nickname_changes_nothing(
    base: Base, databases: Databases, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    urls = _addresses(base.world(), [ALBA[0], BRIX[0]])
    (tmp_path / "alba").mkdir()
    (tmp_path / "brix").mkdir()
    alba, alba_files = await _answers(base, databases, ALBA, urls, tmp_path / "alba", days=300)
    brix, _brix_files = await _answers(base, databases, BRIX, urls, tmp_path / "brix", days=3)
    differing = [
        f"{viewer}: {url}"
        for viewer, answers in alba.items()
        for url in urls
        if answers[url] != brix[viewer][url]
    ]
    assert not differing, "\n".join(differing[:40])
    captured = capfd.readouterr()
    everything = alba_files + captured.out.encode() + captured.err.encode()
    asked_for = [url for url in urls if "Alba" not in url and "alba" not in url]
    bodies = b"".join(answers[url][2] for answers in alba.values() for url in asked_for)
    found = {trace for person in ALBA for trace in person.traces if trace in bodies or trace in everything}
    assert not found
