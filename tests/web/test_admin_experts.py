"""Rules for experts in the browser, and the experts of a space as its readers see them."""

from __future__ import annotations

import pytest

from community.core.clock import now
from community.ranks.expert_rules import ExpertRule, apply_rules, find_rule
from community.ranks.models import Expert
from community.threads import marks
from tests.cast import Cast
from tests.factories import make_answer, make_thread
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN

URL = "/admin/experts/internet-and-routers"
FORM = {"solutions": "1", "askers": "1", "within_days": "365", "lasts_days": "90"}


@pytest.mark.each_database
async def test_a_rule_is_tried_saved_shown_and_removed(cast: Cast, visit: Visit) -> None:
    browser, guest = await visit(cast.administrator), await visit()
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    assert "No rule is in force here." in (await browser.get(URL)).text
    tried = await browser.post(URL, data=FORM | {"do": "preview"}, headers=ORIGIN)
    assert tried.status_code == 200
    assert ">Helper</a>" in tried.text
    assert "would become an expert" in tried.text
    assert await find_rule(cast.open_space.id) is None
    assert (await browser.post(URL, data=FORM, headers=ORIGIN)).status_code == 303
    assert await find_rule(cast.open_space.id) == ExpertRule(1, 1, 365, 90)
    await apply_rules()
    listed = (await guest.get("/spaces/internet-and-routers/experts")).text
    assert ">Helper</a>" in listed
    assert "lasts 90 days longer" in listed
    assert "/spaces/internet-and-routers/experts" in (await guest.get("/spaces/internet-and-routers")).text
    person = (await browser.get("/admin/people/Helper")).text
    assert "(by rule)" in person
    assert (await browser.post(f"{URL}/remove", headers=ORIGIN)).status_code == 303
    assert await find_rule(cast.open_space.id) is None
    log = (await browser.get("/moderation/log")).text
    assert "rule for experts changed" in log
    assert "rule for experts removed" in log


@pytest.mark.parametrize(
    "wrong",
    [
        {"solutions": "0"},
        {"solutions": ""},
        {"askers": "2"},
        {"within_days": "1"},
        {"lasts_days": "-30"},
        {"lasts_days": "99999999999"},
        {"within_days": "²"},
    ],
)
async def test_numbers_that_make_no_rule_come_back_with_the_form(
    cast: Cast, visit: Visit, wrong: dict[str, str]
) -> None:
    answer = await (await visit(cast.administrator)).post(URL, data=FORM | wrong, headers=ORIGIN)
    assert answer.status_code == 422
    assert await find_rule(cast.open_space.id) is None


async def test_spaces_without_solutions_have_no_rule(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    for slug in (cast.discussions.slug, cast.blog.slug, "nowhere"):
        assert (await browser.post(f"/admin/experts/{slug}", data=FORM, headers=ORIGIN)).status_code == 404
        assert (await browser.get(f"/spaces/{slug}/experts")).status_code == 404


async def test_experts_of_an_exclusive_space_are_for_its_readers(cast: Cast, visit: Visit) -> None:
    for space in (cast.hidden_space, cast.tile_space):
        await Expert.create(space_id=space.id, member_id=cast.helper.id, granted_at=now())
        address = f"/spaces/{space.slug}/experts"
        assert "Helper" in (await (await visit(cast.colleague)).get(address)).text
        for member in (None, cast.outsider, cast.marketing):
            assert (await (await visit(member)).get(address)).status_code == 404
