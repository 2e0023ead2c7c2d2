"""Reading a thread: addresses, what stands on the page, who sees what."""

from __future__ import annotations

from tests.cast import Cast
from tests.factories import make_answer, make_comment, make_thread, opening_of
from tests.fixtures import Visit


async def test_a_guest_reads_an_open_thread(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Router restarts", tags=("router",))
    answer = await make_answer(thread, cast.helper, "Change the **power supply**.")
    await make_comment(answer, cast.asker, "Which one fits?")
    guest = await visit()
    page = await guest.get(f"/threads/{thread.id}-router-restarts")
    assert page.status_code == 200
    assert "<strong>power supply</strong>" in page.text
    assert "Which one fits?" in page.text
    print(page.text)
