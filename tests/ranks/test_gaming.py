"""Rings of kudos and sock puppets show as warnings on nicknames, and ordinary thanks do not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from community.companies.models import Company
from community.core.clock import now
from community.kudos.models import Kudos
from community.members.models import Member
from community.ranks.gaming import list_warnings, look_for_gaming
from community.ranks.models import GamingWarning
from community.spaces.models import Space
from community.threads import marks
from tests.cast import Cast
from tests.factories import make_account, make_answer, make_company, make_member, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN

pytestmark = pytest.mark.each_database


async def thank(space: Space, giver: Member, receiver: Member, times: int, *, days: float = 1) -> None:
    """Kudos for so many posts of the receiver, each in a thread of their own."""
    thread = await make_thread(space, receiver)
    for _number in range(times):
        answer = await make_answer(thread, receiver)
        await Kudos.create(post_id=answer.id, member_id=giver.id, given_at=now() - timedelta(days=days))


async def found(cast: Cast) -> list[tuple[str, list[str], int, int]]:
    await look_for_gaming()
    warnings = await list_warnings(await viewer_for(cast.moderator))
    return [(w.kind, [member.nickname for member in w.members], w.acts, w.share) for w in warnings]


async def test_two_who_thank_each_other_and_three_in_a_circle(cast: Cast) -> None:
    space = cast.open_space
    await thank(space, cast.asker, cast.helper, 6)
    await thank(space, cast.helper, cast.asker, 5)
    await thank(space, cast.colleague, cast.helper, 1)
    one, two, three = [await make_member(f"Ring{letter}") for letter in "ABC"]
    for giver, receiver in ((one, two), (two, three), (three, one)):
        await thank(space, giver, receiver, 7)
    warnings = {tuple(sorted(members)): (kind, acts, share) for kind, members, acts, share in await found(cast)
                if kind == "ring"}  # fmt: skip
    assert warnings == {
        ("Asker", "Helper"): ("ring", 11, 92),
        ("RingA", "RingB", "RingC"): ("ring", 21, 100),
    }


async def test_who_thanks_one_member_alone_is_a_warning_but_a_grateful_asker_is_not(cast: Cast) -> None:
    await thank(cast.open_space, cast.outsider, cast.helper, 9)
    for _number in range(9):
        answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.colleague)
        await Kudos.create(post_id=answer.id, member_id=cast.asker.id, given_at=now())
    assert await found(cast) == [("puppet", ["Helper", "Outsider"], 9, 100)]


async def test_solutions_accepted_by_one_and_the_same_asker(cast: Cast) -> None:
    for number in range(6):
        asker = cast.asker if number < 5 else cast.colleague
        answer = await make_answer(await make_thread(cast.open_space, asker), cast.helper)
        await marks.accept_solution(answer.id, by=asker.id)
    assert await found(cast) == [("asker", ["Helper", "Asker"], 5, 83)]


async def test_exclusive_spaces_staff_and_what_is_long_ago_are_left_out(cast: Cast) -> None:
    await thank(cast.hidden_space, cast.asker, cast.helper, 6)
    await thank(cast.hidden_space, cast.helper, cast.asker, 6)
    await thank(cast.open_space, cast.moderator, cast.helper, 9)
    await thank(cast.open_space, cast.outsider, cast.helper, 9, days=366)
    assert await found(cast) == []


async def test_who_belongs_to_which_company_changes_nothing(cast: Cast) -> None:
    await thank(cast.open_space, cast.outsider, cast.helper, 9)
    before = await found(cast)
    company: Company = await make_company("Qxzfirm")
    for member in (cast.outsider, cast.helper, cast.asker, cast.colleague):
        await make_account(member, company=company)
    assert await found(cast) == before


async def test_a_dismissed_warning_comes_back_when_there_is_twice_as_much(cast: Cast, visit: Visit) -> None:
    await thank(cast.open_space, cast.outsider, cast.helper, 8)
    browser, url = await visit(cast.moderator), "/moderation/warnings"
    await look_for_gaming()
    warning = await GamingWarning.get()
    page = (await browser.get(url)).text
    assert "Outsider has thanked Helper 8 times within a year" in page
    assert "There is a warning about this nickname" in (await browser.get("/members/Outsider")).text
    address = f"{url}/{warning.id}/dismiss"
    assert (await browser.post(address, data={"reason": ""}, headers=ORIGIN)).status_code == 422
    sent = await browser.post(address, data={"reason": "Their own team blog."}, headers=ORIGIN)
    assert sent.status_code == 303
    assert await found(cast) == []
    assert "Outsider has thanked" in (await browser.get(f"{url}?show=dismissed")).text
    assert "There is a warning" not in (await browser.get("/members/Outsider")).text
    assert "Their own team blog." in (await browser.get("/moderation/log")).text
    await thank(cast.open_space, cast.outsider, cast.helper, 7)
    assert await found(cast) == []
    await thank(cast.open_space, cast.outsider, cast.helper, 1)
    assert [acts for _kind, _members, acts, _share in await found(cast)] == [16]


async def test_a_warning_goes_when_it_does_not_hold_any_more(cast: Cast) -> None:
    await thank(cast.open_space, cast.outsider, cast.helper, 8)
    assert len(await found(cast)) == 1
    await thank(cast.open_space, cast.outsider, cast.colleague, 8)
    assert await found(cast) == []
    assert await GamingWarning.all().count() == 0


async def test_members_see_nothing_of_it(cast: Cast, visit: Visit) -> None:
    await thank(cast.open_space, cast.outsider, cast.helper, 8)
    await look_for_gaming()
    for member in (None, cast.outsider, cast.helper, cast.marketing):
        browser = await visit(member)
        assert (await browser.get("/moderation/warnings")).status_code == 404
        assert "warning about" not in (await browser.get("/members/Outsider")).text
