"""A new member is led to a first search, a first question and a first thanks; nobody else, and nobody for long."""

from __future__ import annotations

import secrets

import pytest

from community.members.first_steps import StepsDone, begin_first_steps, find_first_steps
from community.members.models import Member
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to, token_in
from tests.cast import Cast
from tests.factories import make_answer, make_thread
from tests.fixtures import Visit

HEADING = "Your first steps"
PASSWORD = "drei kurze boote fahren"


async def test_whoever_has_registered_is_led_and_members_from_before_are_not(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    guest, mail = await visit(), f"erika.{secrets.token_hex(6)}@acme.example"
    assert HEADING not in (await guest.get("/")).text
    await guest.post("/register", data={"nickname": "Blauer-Otter", "mail": mail, "password": PASSWORD})
    await deliver(search_engine)
    [letter] = await mails_to(mail)
    await guest.post("/confirm", data={"token": token_in(letter)})
    await guest.post("/log-in", data={"mail": mail, "password": PASSWORD})
    home = (await guest.get("/")).text
    assert HEADING in home
    assert "Blauer-Otter" in home
    assert HEADING not in (await (await visit(cast.asker)).get("/")).text


@pytest.mark.each_database
async def test_each_step_is_ticked_when_it_is_done_and_after_the_last_it_is_gone(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    newcomer = cast.outsider
    await begin_first_steps(newcomer.id)
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    browser = await visit(newcomer)
    assert "(done)" not in (await browser.get("/")).text

    await browser.get("/search?q=router")
    assert await find_first_steps(newcomer.id) == StepsDone(searched=True, asked=False, thanked=False)
    assert (await browser.get("/")).text.count("(done)") == 1

    await make_thread(cast.open_space, newcomer)
    await deliver(search_engine)
    assert (await browser.get("/")).text.count("(done)") == 2

    assert (await browser.post(f"/posts/{answer.id}/kudos")).status_code == 303
    await deliver(search_engine)
    assert await find_first_steps(newcomer.id) is None
    assert HEADING not in (await browser.get("/")).text


async def test_it_is_put_away_for_good(cast: Cast, visit: Visit) -> None:
    await begin_first_steps(cast.outsider.id)
    browser = await visit(cast.outsider)
    assert HEADING in (await browser.get("/")).text
    assert (await browser.post("/first-steps/put-away")).status_code == 303
    await browser.get("/search?q=router")
    assert HEADING not in (await browser.get("/")).text


async def test_it_goes_with_its_member(cast: Cast) -> None:
    await begin_first_steps(cast.outsider.id)
    await Member.filter(id=cast.outsider.id).delete()
    assert await find_first_steps(cast.outsider.id) is None
