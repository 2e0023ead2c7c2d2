"""Asking to be let into a group: one request at a time, decided by whoever looks after it, told both ways."""

from __future__ import annotations

import pytest

from community.core.errors import RuleBroken
from community.groups import actions, requests
from community.groups.models import GroupAccess, JoinRequest
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.fixtures import Visit
from tests.groups.parts import belongs, let_look_after

PILOT = "/groups/pilot-users"


async def open_request(cast: Cast) -> int:
    return (await JoinRequest.get(group_id=cast.request_group.id, decided_at__isnull=True)).id


async def test_whoever_looks_after_the_group_is_told_and_lets_in(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await let_look_after(cast.request_group, cast.helper)
    outsider, owner = await visit(cast.outsider), await visit(cast.helper)
    assert "Ask to be let in" in (await outsider.get(PILOT)).text
    await outsider.post(f"{PILOT}/request", data={"note": "We test routers"})
    assert "Your request waits" in (await outsider.get(PILOT)).text
    again = await outsider.post(f"{PILOT}/request", data={"note": "Please!"})
    assert again.status_code == 409
    assert "Please!" in again.text

    await deliver(search_engine)
    assert "Outsider would like to join your group" in (await owner.get("/notifications")).text
    assert "would like to join" not in (await (await visit(cast.asker)).get("/notifications")).text
    page = (await owner.get(f"{PILOT}/manage")).text
    assert "We test routers" in page
    request_id = await open_request(cast)
    url = f"{PILOT}/requests/{request_id}"
    await owner.post(url, data={"do": "accept", f"reason-{request_id}": "Welcome"})
    assert await belongs(cast.request_group, cast.outsider)
    assert (await owner.post(url, data={"do": "decline"})).status_code == 409
    assert await belongs(cast.request_group, cast.outsider)
    await deliver(search_engine)
    told = (await outsider.get("/notifications")).text
    assert "You have been let into the group" in told
    assert "Welcome" in told
    assert "Helper" not in told


async def test_a_refusal_says_why_and_may_be_followed_by_another_request(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await let_look_after(cast.request_group, cast.helper)
    outsider, owner = await visit(cast.outsider), await visit(cast.helper)
    await outsider.post(f"{PILOT}/request", data={"note": ""})
    request_id = await open_request(cast)
    long = await owner.post(
        f"{PILOT}/requests/{request_id}", data={"do": "decline", f"reason-{request_id}": "no " * 200}
    )
    assert long.status_code == 422
    assert "no no no" in long.text
    await owner.post(
        f"{PILOT}/requests/{request_id}", data={"do": "decline", f"reason-{request_id}": "It is full"}
    )
    assert not await belongs(cast.request_group, cast.outsider)
    await deliver(search_engine)
    told = (await outsider.get("/notifications")).text
    assert "You have not been let into the group" in told
    assert "It is full" in told
    await outsider.post(f"{PILOT}/request", data={"note": "And now?"})
    assert await open_request(cast) != request_id


async def test_administrators_are_told_where_nobody_looks_after_the_group(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await (await visit(cast.outsider)).post(f"{PILOT}/request", data={"note": ""})
    await deliver(search_engine)
    for member, told in ((cast.administrator, True), (cast.moderator, False), (cast.helper, False)):
        page = (await (await visit(member)).get("/notifications")).text
        assert ("would like to join" in page) == told


@pytest.mark.each_database
async def test_a_request_ends_with_its_reason(cast: Cast) -> None:
    group, member = cast.request_group.id, cast.outsider.id
    await requests.ask_to_join(group, member, note="")
    with pytest.raises(RuleBroken):
        await requests.ask_to_join(group, member, note="")
    await requests.withdraw_request(group, member)
    assert await requests.list_open_requests(group) == []
    await requests.ask_to_join(group, member, note="")
    await actions.add_member(group, member)
    assert await requests.list_open_requests(group) == []
    await actions.remove_member(group, member)
    await requests.ask_to_join(group, member, note="")
    await actions.change_group(group, name="Pilot users", description="", access=GroupAccess.CLOSED)
    assert not await requests.has_asked(group, member)


@pytest.mark.each_database
async def test_a_former_member_cannot_be_let_in(cast: Cast) -> None:
    group = cast.request_group.id
    await requests.ask_to_join(group, cast.outsider.id, note="")
    request_id = await open_request(cast)
    cast.outsider.erased_at = cast.closed_group.created_at
    await cast.outsider.save()
    assert await requests.list_open_requests(group) == []
    with pytest.raises(RuleBroken):
        await requests.decide_request(group, request_id, accepted=True, reason="")


async def test_one_asks_only_where_it_is_the_way_in(cast: Cast, visit: Visit) -> None:
    outsider = await visit(cast.outsider)
    assert (await outsider.post("/groups/closed-circle/request", data={})).status_code == 404
    assert (await (await visit(cast.helper)).post(f"{PILOT}/request", data={})).status_code == 403
    assert (await (await visit(cast.moderator)).post(f"{PILOT}/request", data={})).status_code == 403
