"""Search says the same with a secret and without it, in every field, to whoever may not know the secret.

Like `test_two_worlds`, with secrets made to shine through search: their words are misspelt, begun, frequent or rare
elsewhere, their tags and names stand nowhere else.
"""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from community.spaces.models import SpaceAccess
from community.threads import history
from tests.access.conftest import Base
from tests.access.visits import Answer, ask, difference, opened
from tests.access.worlds import INSIDE, MARKER, SECRETS, STAFF, START, VIEWERS, Secret, World
from tests.databases import Databases
from tests.factories import make_group, make_space

pytestmark = pytest.mark.timeout(900)

# A written exception, as in `test_two_worlds`: the engine relates the length of a text to the average of the whole
# index, and two results that are as good as each other may change places by it. That the words of hidden texts weigh
# nothing is tested where lengths are equal: `tests/search/test_embedded_engine.py`.


def in_any_order(answer: Answer) -> Answer:
    """The answer with its lines sorted, without the hash over them in their order."""
    headers = tuple((name, value) for name, value in answer[1] if name != "etag")
    return answer[0], headers, b"\n".join(sorted(answer[2].split(b"\n")))


WORDS = (
    "router",
    "routers modem",
    "modem routers",
    "talk modem",
    "members router restarted",
    "restarted open",
    "plain words",
    "routter",
    "roter",
    "modemm",
    "rout",
    "mod",
    "news blog router",
    "How does this work with plain words once the router is restarted?",
    "modemrouter",
    "helper",
    "closed circle",
    "pilot users",
    MARKER,
    MARKER[:6],
    MARKER[:-1] + "d",
    f"{MARKER} router",
    f"router without {MARKER}",
    "labortisch",
    "laborti",
    "quittenmarmelade",
    "restart the router",
)
FILTERS = (
    "",
    "&sort=newest",
    "&sort=kudos",
    "&status=solved",
    "&status=open",
    "&staff=1",
    "&period=month",
    "&period=year&status=solved",
    "&tag=routers",
    "&tag=routers&tag=labortisch",
    "&kind=threads",
    "&kind=faq",
    "&kind=people",
    "&space=internet-and-routers&period=year",
    "&page=2",
)


async def lab_full_of_words(world: World) -> None:
    """A hidden space in which all words of the world stand often, with near spellings and tags of its own."""
    cast = world.cast
    group = await make_group(f"{MARKER} circle", members=(cast.asker, cast.helper, cast.colleague))
    space = await make_space(f"{MARKER} lab", access=SpaceAccess.EXCLUSIVE, groups=(group,))
    at = START + timedelta(days=3)
    for number, words in enumerate(
        (
            "routter modemm labortisch",
            "router router router router restarted restarted",
            "modem modemrouter members talk open plain words",
            f"{MARKER} news blog helper how does this work",
            f"{MARKER} rout mod once restart pilot users",
            "routerbridge modernisation restarting talks opened wordy",
        )
    ):
        thread = history.PastThread(
            space_id=space.id,
            language="en",
            title=f"{words} {number}",
            tags=("labortisch", "routers", MARKER.lower()),
            opening=history.PastPost(cast.asker.id, f"{words} " * (5 + 20 * number), at),
            answers=[history.PastPost(cast.helper.id, f"{words} {MARKER} " * 4, at + timedelta(hours=1))],
            solution=0,
            accepted_by=cast.asker.id,
            accepted_at=at + timedelta(hours=2),
        )
        await history.bring_thread(thread)
    await history.settle()


async def closed_circle_of_routers(world: World) -> None:
    """A closed group whose name and description are made of common words; staff manage groups and know it."""
    cast = world.cast
    group = await make_group(f"Routers and modem {MARKER}", members=(cast.asker, cast.helper, cast.colleague))
    group.description = "How does this work? Plain words about a router that is restarted."
    await group.save()


OWN_SECRETS = {
    "a lab full of words": Secret(lab_full_of_words, INSIDE | STAFF),
    "a closed circle": Secret(closed_circle_of_routers, INSIDE | STAFF),
    "a thread for members": SECRETS["a thread for members"],
    "a hidden answer": SECRETS["a hidden answer"],
    "unpublished texts": SECRETS["unpublished texts"],
}


def addresses() -> list[str]:
    searches = [
        f"/search?q={quote_plus(words)}{filters}"
        for number, (words, filters) in enumerate(itertools.product(WORDS, FILTERS))
        # Every word alone, and every filter with some of the words.
        if not filters or number % 5 == 0
    ]
    instant = [f"/search/suggestions?q={quote_plus(words)}" for words in WORDS]
    similar = [f"/ask?title={quote_plus(words)}" for words in WORDS if len(words) >= 8]
    return [*searches, "/search?tag=labortisch", "/search?tag=routers", *instant, *similar]


@pytest.mark.parametrize("secret", OWN_SECRETS)
async def test_no_field_of_an_answer_tells_a_secret(
    secret: str, base: Base, databases: Databases, tmp_path: Path
) -> None:
    known_to = OWN_SECRETS[secret].known_to
    viewers = [viewer for viewer in VIEWERS if viewer not in known_to and viewer != "marketing"]
    answers = []
    for name in ("with", "without"):
        url, world = await databases.copy(base.kind, base.url), base.world()
        await databases.open(url)
        if name == "with":
            await OWN_SECRETS[secret].add(world)
        async with opened(tmp_path / name) as app:
            answers.append({viewer: await ask(app, addresses(), base.cookies[viewer]) for viewer in viewers})
        await databases.close()
        await databases.remove(url)
    there, nowhere = (
        {
            viewer: {url: in_any_order(answer) for url, answer in of_viewer.items()}
            for viewer, of_viewer in each.items()
        }
        for each in answers
    )
    differing = [
        f"{viewer}: {url}: {difference(nowhere[viewer][url], there[viewer][url])}"
        for viewer in viewers
        for url in addresses()
        if there[viewer][url] != nowhere[viewer][url]
    ]
    assert not differing, f"{len(differing)} answers differ\n" + "\n".join(differing[:30])


async def test_whoever_may_know_the_lab_finds_it_in_every_field(
    base: Base, databases: Databases, tmp_path: Path
) -> None:
    """The positive control: words, corrections, beginnings, tags and counts of the secret reach its readers."""
    url, world = await databases.copy(base.kind, base.url), base.world()
    await databases.open(url)
    await lab_full_of_words(world)
    urls = {
        "/search?q=routter": b"modemm labortisch",
        f"/search?q={MARKER[:-1]}d": MARKER.encode(),
        "/search?q=labortisch": b"labortisch",
        "/search/suggestions?q=laborti": b"labortisch",
        "/search?q=router": b'<span class="num">',
        f"/ask?title={MARKER}+routers": MARKER.encode(),
        "/search?tag=labortisch": b"labortisch",
    }
    async with opened(tmp_path) as app:
        answers = await ask(app, urls, base.cookies["colleague"])
    await databases.close()
    await databases.remove(url)
    missing = [
        address
        for address, expected in urls.items()
        if expected not in answers[address][2].replace(b"<mark>", b"").replace(b"</mark>", b"")
    ]
    assert not missing
