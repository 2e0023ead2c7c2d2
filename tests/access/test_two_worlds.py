"""Non-interference: for whoever may not know a thing, the world with it and the world without it are the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
import time_machine

from tests.access.conftest import Base
from tests.access.probes import PROBES
from tests.access.visits import Answer, ask, difference, fingerprint, opened
from tests.access.worlds import MARKER, SECRETS, VIEWERS, World
from tests.databases import Databases

# What a viewer may know although they may not read it. Each line is a decision of the product; nothing else differs.
WRITTEN_EXCEPTIONS = (
    "The tile of an exclusive space of which one group is not closed: name, purpose and way in (SP-1). It stands in "
    "both worlds here, so that only what goes on behind it could differ.",
    "Points, kudos, solutions and the site's ranking count members spaces as well as open ones (RE-2). The secret "
    "thread for members therefore has neither kudos nor a solution, and an answer by someone without figures.",
    "The order of similar threads: the engine weighs a word by how rare it is in the whole index. Which threads are "
    "listed is compared, in which order is not.",
)

pytestmark = [pytest.mark.each_database, pytest.mark.timeout(600)]


async def _world_with(base: Base, databases: Databases, secret: str) -> tuple[str, World]:
    url, world = await databases.copy(base.kind, base.url), base.world()
    await databases.open(url)
    with time_machine.travel(base.moment):
        await SECRETS[secret].add(world)
    await databases.close()
    return url, world


def _addresses(world: World) -> list[str]:
    probed = [url for probe in PROBES.values() for url in probe(world)]
    return list(dict.fromkeys([*probed, *world.urls]))


async def _answers(
    databases: Databases, url: str, base: Base, viewers: Mapping[str, Sequence[str]], folder: Path
) -> dict[str, dict[str, Answer]]:
    """What each viewer gets for the addresses they ask for, all at one moment: pages say how long ago things were."""
    await databases.open(url)
    with time_machine.travel(base.moment + timedelta(minutes=1), tick=False):
        async with opened(folder) as app:
            answers = {viewer: await ask(app, urls, base.cookies[viewer]) for viewer, urls in viewers.items()}
    await databases.close()
    return answers


@dataclass
class Nowhere:
    """The world without any secret. Reading changes nothing, so each thing is asked once, for all secrets."""

    base: Base
    databases: Databases
    folder: Path
    _known: dict[str, dict[str, Answer]] = field(default_factory=lambda: defaultdict(dict))

    async def answers(self, viewers: list[str], urls: list[str]) -> dict[str, dict[str, Answer]]:
        asked = {viewer: [url for url in urls if url not in self._known[viewer]] for viewer in viewers}
        if any(asked.values()):
            # A copy of its own, because counting anew, as `opened` does, changes what is indexed the next time.
            copy, folder = await self.databases.copy(self.base.kind, self.base.url), mkdtemp(dir=self.folder)
            got = await _answers(self.databases, copy, self.base, asked, Path(folder))
            for viewer, answers in got.items():
                self._known[viewer] |= answers
            await self.databases.remove(copy)
        return {viewer: {url: self._known[viewer][url] for url in urls} for viewer in viewers}


@pytest.fixture(scope="session")
def nowhere(base: Base, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Nowhere:
    return Nowhere(base, databases, tmp_path_factory.mktemp("nowhere"))


@pytest.mark.parametrize("secret", SECRETS)
async def test_nobody_notices_what_they_may_not_know(
    secret: str, base: Base, databases: Databases, nowhere: Nowhere, tmp_path: Path
) -> None:
    with_secret, world = await _world_with(base, databases, secret)
    viewers = [viewer for viewer in VIEWERS if viewer not in SECRETS[secret].known_to]
    if base.kind == "postgresql":
        # The rules are the same; what could differ is the SQL, and two viewers are enough to see that.
        viewers = viewers[:2]
    urls = _addresses(world)
    there = await _answers(databases, with_secret, base, dict.fromkeys(viewers, urls), tmp_path)
    without = await nowhere.answers(viewers, urls)
    differing = [
        f"{viewer}: {url}: {difference(without[viewer][url], there[viewer][url])}"
        for viewer in viewers
        for url in urls
        if there[viewer][url] != without[viewer][url]
    ]
    assert not differing, "\n".join(differing[:40])
    shining = [
        f"{viewer}: {url}"
        for viewer in viewers
        for url in urls
        if MARKER.lower() not in url.lower() and MARKER.encode() in there[viewer][url][2]
    ]
    assert not shining, "\n".join(shining[:40])
    await databases.remove(with_secret)


@pytest.mark.parametrize("secret", ["a hidden space", "a thread behind a tile", "a thread for members"])
async def test_whoever_may_know_it_finds_the_secret(
    secret: str, base: Base, databases: Databases, tmp_path: Path
) -> None:
    """The positive control: without it an empty page would pass for a kept secret."""
    url, world = await _world_with(base, databases, secret)
    viewers = [viewer for viewer in VIEWERS if viewer in SECRETS[secret].known_to]
    page = next(url for url in world.urls if "-" in url and url.startswith("/threads/"))
    urls = [page, "/search?q=restarted+router", f"/search/suggestions?q={MARKER[:8]}", "/"]
    answers = await _answers(databases, url, base, dict.fromkeys(viewers, urls), tmp_path)
    missing = [
        f"{viewer}: {asked}"
        for viewer in viewers
        for asked in urls
        if MARKER.encode() not in answers[viewer][asked][2].replace(b"<mark>", b"").replace(b"</mark>", b"")
    ]
    assert not missing, "\n".join(missing)
    await databases.remove(url)


@pytest.mark.parametrize("secret", ["a hidden space", "a thread behind a tile", "a hidden thread"])
async def test_no_form_reaches_what_its_sender_may_not_see(
    secret: str, base: Base, databases: Databases, tmp_path: Path
) -> None:
    """Every route that writes, sent to the secret's ids: the same refusal as for ids that do not exist, no change."""
    from tests.access.forms import forms_for

    with_secret, world = await _world_with(base, databases, secret)
    without = await databases.copy(base.kind, base.url)
    results = []
    for url, folder in ((with_secret, "with"), (without, "without")):
        await databases.open(url)
        async with opened(tmp_path / folder) as app:
            before = await fingerprint()
            answers = {}
            for viewer in ("guest", "outsider", "marketing"):
                for address, form in forms_for(world):
                    answers |= {
                        (viewer, asked): answer
                        for asked, answer in (
                            await ask(app, [address], base.cookies[viewer], method="POST", form=form)
                        ).items()
                    }
            assert await fingerprint() == before, "a refused form has changed something"
        await databases.close()
        results.append(answers)
    differing = [
        f"{key}: {results[0][key][0]} with, {results[1][key][0]} without"
        for key in results[0]
        if results[0][key] != results[1][key]
    ]
    assert not differing, "\n".join(differing[:40])
    reached = [
        f"{key}: {answer[0]}" for key, answer in results[0].items() if answer[0] not in (303, 401, 403, 404)
    ]
    assert not reached, "\n".join(reached[:40])
    for url in (with_secret, without):
        await databases.remove(url)


async def test_reading_changes_nothing(base: Base, databases: Databases, tmp_path: Path) -> None:
    """No GET route writes: prefetching, crawlers and mail scanners ask for everything."""
    url, world = await databases.copy(base.kind, base.url), base.world()
    await databases.open(url)
    async with opened(tmp_path) as app:
        before = await fingerprint()
        for viewer in ("guest", "colleague", "administrator"):
            await ask(app, _addresses(world), base.cookies[viewer])
        assert await fingerprint() == before
    await databases.close()
    await databases.remove(url)
