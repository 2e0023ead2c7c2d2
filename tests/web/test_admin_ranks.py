"""Rules and ranks in the browser: the form with its errors, a look at who would rise or fall, and what shows then."""

from __future__ import annotations

import pytest

from community.decisions.models import LogEntry
from community.kudos.actions import give_kudos
from community.members.queries import get_profile
from community.ranks import points
from community.ranks.ladder import Ladder, Rules, Step, change_recognition, find_recognition
from community.ranks.models import PointRules, Rank
from community.ranks.preview import preview
from community.threads.marks import accept_solution
from tests.cast import Cast
from tests.factories import make_answer, make_member, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN

ADDRESS = "/admin/ranks"


def form(*ranks: tuple[str, str], do: str = "save", **changes: str) -> dict[str, str]:
    lines = {}
    for number, (name, points_text) in enumerate(ranks, start=1):
        lines |= {f"name-{number}": name, f"points-{number}": points_text}
    return {"version": "1", "solution": "5", "kudos": "1", "cap": "10", "do": do} | lines | changes


@pytest.fixture
async def helped(cast: Cast) -> Cast:
    """Helper has five points from a solution and one from kudos, the colleague one; the rules are saved once."""
    thread = await make_thread(cast.open_space, cast.asker)
    answer, other = await make_answer(thread, cast.helper), await make_answer(thread, cast.colleague)
    await accept_solution(answer.id, by=cast.asker.id)
    await give_kudos(answer.id, by=cast.asker.id)
    await give_kudos(other.id, by=cast.asker.id)
    await Rank.create(name="Starter", points=1)
    await points.carry_on_points()
    await PointRules.all().update(version=1)
    return cast


@pytest.mark.each_database
async def test_a_look_names_who_would_rise_or_fall_and_saves_nothing(helped: Cast, visit: Visit) -> None:
    browser = await visit(helped.administrator)
    ranks = (("Master", "14"), ("Starter", "3"))
    answer = await browser.post(
        ADDRESS, data=form(*ranks, do="preview", kudos="7", solution="7"), headers=ORIGIN
    )
    assert answer.status_code == 200
    assert "1 member would hold another rank than now." in answer.text
    assert "6 → 14" in answer.text
    assert (await Rank.all().values_list("name", "points")) == [("Starter", 1)]
    answer = await browser.post(ADDRESS, data=form(("Starter", "2"), do="preview"), headers=ORIGIN)
    assert "1 member would hold another rank than now." in answer.text
    assert ">Colleague<" in answer.text
    assert ">Helper<" not in answer.text
    answer = await browser.post(ADDRESS, data=form(("Starter", "1"), do="preview"), headers=ORIGIN)
    assert "Nobody’s rank would change." in answer.text


@pytest.mark.each_database
async def test_what_the_look_says_is_what_happens(helped: Cast) -> None:
    administrator = await viewer_for(helped.administrator)
    hiding = await make_member("hiding", hides_ranks=True)
    for _time in range(3):
        answer = await make_answer(await make_thread(helped.open_space, helped.asker), hiding)
        await accept_solution(answer.id, by=helped.asker.id)

    async def standing() -> dict[str, tuple[int, str]]:
        profiles = [await get_profile(name) for name in ("Helper", "Colleague", "hiding")]
        return {profile.nickname: (profile.points, profile.rank) for profile in profiles}

    ladder = Ladder((Step("One", 2), Step("Two", 5)))
    await points.recount()
    for rules in (
        Rules(),
        Rules(solution=2, kudos=3),
        Rules(cap=1),
        Rules(kudos=0),
        Rules(solution=1, cap=0),
    ):
        current, before = await find_recognition(), await standing()
        looked = await preview(current, rules, ladder)
        await change_recognition(rules, ladder.steps, version=current.version, by=administrator)
        await points.carry_on_points()
        after = await standing()
        assert after["hiding"][1] == ""
        changed = {name for name in after if before[name][1] != after[name][1]}
        assert {move.nickname for move in looked.moves} == changed
        assert looked.changed == len(changed)
        for move in looked.moves:
            assert (move.before_points, move.before) == before[move.nickname]
            assert (move.after_points, move.after) == after[move.nickname]
        ranks = [rank for _points, rank in after.values()]
        assert looked.holders == tuple((step.name, ranks.count(step.name)) for step in ladder.steps)


@pytest.mark.each_database
async def test_what_is_saved_stands_beside_names_and_is_explained_to_everybody(
    helped: Cast, visit: Visit
) -> None:
    browser, guest = await visit(helped.administrator), await visit()
    saved = await browser.post(
        ADDRESS, data=form(("Old hand", "1.000"), ("Helping hand", "6"), solution="9"), headers=ORIGIN
    )
    assert saved.status_code == 303
    assert "being computed" in (await browser.get(ADDRESS)).text
    await points.carry_on_points()
    assert "being computed" not in (await browser.get(ADDRESS)).text
    page = (await guest.get("/ranking")).text
    for words in (
        "question: 9 points",
        "from 6 points",
        "from 1,000 points",
        '<span class="chip">Helping hand',
    ):
        assert words in page
    own = (await (await visit(helped.helper)).get("/members/Helper")).text
    assert "990 more points, and your rank is “Old hand”." in own
    assert "more points" not in (await guest.get("/members/Helper")).text
    assert [entry.act for entry in await LogEntry.all()] == ["change_recognition"]
    assert "points and ranks changed" in (await browser.get("/moderation/log")).text


async def test_every_error_comes_back_with_what_was_typed(helped: Cast, visit: Visit) -> None:
    browser = await visit(helped.administrator)
    for typed, message in (
        (form(("Name", "5"), solution="0"), "from 1 to 100"),
        (form(("Name", "5"), cap="many"), "from 0 to 1,000"),
        (form(("Name", "0")), "from 1 to 10,000,000"),
        (form(("Name", "1.5")), "from 1 to 10,000,000"),
        (form(("Name", "²")), "from 1 to 10,000,000"),
        (form(("Name", "5"), version="²"), "load the page again"),
        (form(("Name", "5"), ("Other", "5")), "begins with as many points"),
        (form(("Name", "5"), ("Name", "7")), "has this name already"),
        (form(("N" * 41, "5")), "41 characters"),
    ):
        answer = await browser.post(ADDRESS, data=typed, headers=ORIGIN)
        assert answer.status_code == 422
        assert message in answer.text
        assert f'value="{typed["name-1"]}"' in answer.text
    assert await Rank.all().count() == 1


async def test_whoever_comes_second_overwrites_nothing(helped: Cast, visit: Visit) -> None:
    browser = await visit(helped.administrator)
    assert (await browser.post(ADDRESS, data=form(("First", "5")), headers=ORIGIN)).status_code == 303
    refused = await browser.post(ADDRESS, data=form(("Second", "5")), headers=ORIGIN)
    assert refused.status_code == 409
    assert "Somebody else has changed this meanwhile" in refused.text
    assert await Rank.all().values_list("name", flat=True) == ["First"]


async def test_a_site_without_ranks_is_offered_some(cast: Cast, visit: Visit) -> None:
    page = (await (await visit(cast.administrator)).get(ADDRESS)).text
    assert "No ranks are shown yet" in page
    assert 'value="Helping hand"' in page
    assert (await (await visit(cast.moderator)).get(ADDRESS)).status_code in (403, 404)
