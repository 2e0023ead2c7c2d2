"""What the home page and spaces ask of the database: as many statements however many threads there are."""

from __future__ import annotations

import pytest

from community.spaces.models import Space
from tests.cast import Cast
from tests.factories import make_answer, make_thread
from tests.fixtures import Visit
from tests.web.test_thread_page import Statements

pytestmark = pytest.mark.each_database


@pytest.mark.parametrize(
    ("path", "most"),
    [
        # Session with the member, spaces and bell on each; then threads, articles, ranking, FAQ, first steps,
        ("/", 8),
        # and threads, pinned ones, experts, what the member follows, tags.
        ("/spaces/{space}", 8),
    ],
)
async def test_lists_cost_the_same_however_many_threads_there_are(
    path: str, most: int, cast: Cast, visit: Visit
) -> None:
    space: Space = cast.open_space
    browser = await visit(cast.colleague)
    counts = []
    for _round in range(2):
        for number in range(6):
            thread = await make_thread(space, cast.asker, title=f"Router {number}", tags=("router",))
            await make_answer(thread, cast.helper)
        with Statements() as statements:
            assert (await browser.get(path.format(space=space.slug))).status_code == 200
        counts.append(len(statements.seen))
    assert counts[0] == counts[1] <= most, statements.seen
