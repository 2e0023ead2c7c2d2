"""Administration in the browser: the start page, spaces, groups, people and parked messages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from community.accounts.models import Session
from community.core import outbox
from community.core.clock import now
from community.core.errors import RuleBroken
from community.core.models import OutboxFact
from community.core.viewer import Role
from community.decisions.models import LogEntry
from community.groups.models import Group, Membership
from community.members.models import Member
from community.members.roles import change_role
from community.ranks.models import Expert
from community.reindexing import state
from community.reindexing.state import Claim
from community.spaces.models import Space, SpaceGroup
from community.threads import marks
from search.index import SearchDown
from tests.cast import Cast
from tests.factories import make_account, make_answer, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, flag

PAGES = (
    "/admin",
    "/admin/spaces",
    "/admin/spaces/new",
    "/admin/groups",
    "/admin/groups/new",
    "/admin/people",
    "/admin/people/Asker",
    "/admin/experts",
    "/admin/experts/internet-and-routers",
    "/admin/messages",
    "/admin/index",
)


def space_form(**changes: str) -> dict[str, str]:
    return {
        "name": "Fibre",
        "purpose": "About fibre.",
        "kind": "questions",
        "access": "open",
        "language": "en",
        "icon": "network",
    } | changes


@pytest.mark.parametrize("address", PAGES)
async def test_administration_is_found_by_administrators_alone(
    cast: Cast, visit: Visit, address: str
) -> None:
    assert (await (await visit(cast.administrator)).get(address)).status_code == 200
    for member in (None, cast.asker, cast.moderator, cast.marketing):
        browser = await visit(member) if member else await visit()
        assert (await browser.get(address)).status_code == 404


async def test_the_start_page_shows_honest_figures(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    await make_thread(cast.open_space, cast.asker)
    await make_thread(cast.discussions, cast.asker)
    await flag(answer, cast.outsider)
    page = (await (await visit(cast.administrator)).get("/admin")).text
    tiles = dict(re.findall(r'class="card tile"><h3>(?:<a[^>]*>)?([^<]+)(?:</a>)?</h3><p>([^<]+)', page))
    assert {name: tiles[name].strip() for name in tiles} == {
        "Members": "7",
        "Spaces": "6",
        "Threads": "3",
        "Solved questions": "50%",
        "Flagged posts": "1",
        "Parked messages": "0",
        "Search": "Running",
    }
    assert "1 of 2, ever since" in page


# --- spaces -----------------------------------------------------------------------------------------------


async def test_a_space_is_made_and_changed_by_its_form(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    made = await browser.post("/admin/spaces/new", data=space_form(), headers=ORIGIN)
    assert (made.status_code, made.headers["location"]) == (303, "/admin/spaces/fibre")
    form = (await browser.get("/admin/spaces/fibre")).text
    assert 'value="Fibre"' in form
    group = f"group-{cast.closed_group.id}"
    changed = await browser.post(
        "/admin/spaces/fibre",
        data=space_form(name="Glass", access="exclusive") | {group: "1"},
        headers=ORIGIN,
    )
    assert changed.status_code == 303
    space = await Space.get(slug="fibre")
    assert (space.name, space.access) == ("Glass", "exclusive")
    assert (await SpaceGroup.get(space_id=space.id)).group_id == cast.closed_group.id
    form = (await browser.get("/admin/spaces/fibre")).text
    assert re.search(rf'name="{group}" value="1" checked', form)
    assert (await (await visit(cast.outsider)).get("/spaces/fibre")).status_code == 404


async def test_a_space_form_with_errors_comes_back_as_it_was(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    for wrong in (
        {"name": ""},
        {"kind": "riddles"},
        {"access": "secret"},
        {"access": "exclusive"},
        {"icon": "x.svg"},
        {"language": "tlh"},
        {"purpose": "p" * 301},
    ):
        answer = await browser.post(
            "/admin/spaces/new", data={"purpose": "Kept words"} | space_form(**wrong), headers=ORIGIN
        )
        assert answer.status_code == 422, wrong
        assert wrong.get("purpose", "About fibre.") in answer.text
    double = await browser.post(
        "/admin/spaces/new", data=space_form(name=cast.open_space.name), headers=ORIGIN
    )
    assert double.status_code == 409
    assert "There is a space with this name already." in double.text
    assert (await browser.get("/admin/spaces/nowhere")).status_code == 404


async def test_spaces_are_put_in_order_by_buttons(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    order = re.findall(r'href="/admin/spaces/([^"]+)">', (await browser.get("/admin/spaces")).text)[1:]
    await browser.post(f"/admin/spaces/{order[0]}/later", headers=ORIGIN)
    page = (await browser.get("/admin/spaces")).text
    assert re.findall(r'href="/admin/spaces/([^"]+)">', page)[1:] == [order[1], order[0], *order[2:]]
    await browser.post(f"/admin/spaces/{order[0]}/earlier", headers=ORIGIN)
    page = (await browser.get("/admin/spaces")).text
    assert re.findall(r'href="/admin/spaces/([^"]+)">', page)[1:] == order


# --- groups -----------------------------------------------------------------------------------------------


async def test_a_group_is_made_changed_and_filled(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    form = {"name": "Big ones", "description": "For big ones.", "access": "closed"}
    made = await browser.post("/admin/groups/new", data=form, headers=ORIGIN)
    assert made.headers["location"] == "/admin/groups/big-ones"
    assert (await browser.post("/admin/groups/new", data=form, headers=ORIGIN)).status_code == 409
    url = "/admin/groups/big-ones"
    await browser.post(url, data=form | {"name": "Bigger ones", "access": "request"}, headers=ORIGIN)
    group = await Group.get(slug="big-ones")
    assert (group.name, group.access) == ("Bigger ones", "request")
    assert (
        await browser.post(f"{url}/members", data={"nickname": "Outsider"}, headers=ORIGIN)
    ).status_code == 303
    assert (await Membership.get(group_id=group.id)).member_id == cast.outsider.id
    assert "Outsider" not in (await browser.get(url)).text, "nobody gets a list of who belongs to a group"
    unknown = await browser.post(f"{url}/members", data={"nickname": "Nobody1"}, headers=ORIGIN)
    assert unknown.status_code == 422
    assert "There is no member with this nickname." in unknown.text
    assert "Nobody1" in unknown.text
    await browser.post("/groups/big-ones/take-out", data={"out": "Outsider"}, headers=ORIGIN)
    assert not await Membership.filter(group_id=group.id).exists()
    for wrong in ({"name": ""}, {"access": "none"}, {"description": "d" * 2001}):
        assert (await browser.post(url, data=form | wrong, headers=ORIGIN)).status_code == 422


# --- people -----------------------------------------------------------------------------------------------


async def test_people_are_found_by_nickname_and_never_by_identity(cast: Cast, visit: Visit) -> None:
    await make_account(
        cast.outsider, mail="otto.aussen@firma.example", real_name="Otto Aussen", stated_company="Firma GmbH"
    )
    browser = await visit(cast.administrator)
    page = (await browser.get("/admin/people?q=outs")).text
    assert 'href="/admin/people/Outsider"' in page
    assert "Helper" not in page
    for asked in ("otto", "firma", "aussen", "%", "_"):
        assert "/admin/people/" not in (await browser.get("/admin/people", params={"q": asked})).text
    person = (await browser.get("/admin/people/Outsider")).text
    for secret in ("firma.example", "Aussen", "Firma GmbH"):
        assert secret not in person
    staff = (await browser.get("/admin/people")).text
    assert "Jana K." in staff
    assert "Outsider" not in staff


def role(name: str, **changes: str) -> dict[str, str]:
    return {
        "role": name,
        "staff_name": "Olga A.",
        "staff_field": "Fibre",
        "reason": "Joins the team.",
    } | changes


@pytest.mark.each_database
async def test_a_member_becomes_staff_and_a_customer_again(cast: Cast, visit: Visit) -> None:
    other = await visit(cast.outsider)
    browser = await visit(cast.administrator)
    assert (await other.get("/notifications")).status_code == 200
    url = "/admin/people/Outsider/role"
    assert (await browser.post(url, data=role("moderator"), headers=ORIGIN)).status_code == 303
    member = await Member.get(id=cast.outsider.id)
    assert (member.role, member.staff_name, member.staff_field) == ("moderator", "Olga A.", "Fibre")
    entry = await LogEntry.get()
    assert (entry.act, entry.subject, entry.reason) == (
        "change_role",
        f"member:{member.id}",
        "Joins the team.",
    )
    assert entry.details == {"role_before": "customer", "role": "moderator"}
    # Sessions end: those of staff are shorter.
    assert not await Session.filter(member_id=member.id).exists()
    assert (await other.get("/notifications")).status_code == 303
    await browser.post(url, data=role("customer", reason="Leaves the team."), headers=ORIGIN)
    member = await Member.get(id=cast.outsider.id)
    assert (member.role, member.staff_name, member.staff_field) == ("customer", "", "")
    assert not (await viewer_for(member)).is_staff


async def test_a_role_needs_a_name_and_a_reason(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    url = "/admin/people/Outsider/role"
    for wrong in ({"staff_name": " "}, {"reason": ""}, {"role": "king"}, {"staff_name": "n" * 61}):
        answer = await browser.post(url, data=role("moderator") | wrong, headers=ORIGIN)
        assert answer.status_code == 422, wrong
        assert "Fibre" in answer.text
    looks_like = await browser.post(url, data=role("moderator", staff_name="He1per"), headers=ORIGIN)
    assert looks_like.status_code == 409
    assert (await Member.get(id=cast.outsider.id)).role == "customer"
    assert await LogEntry.all().count() == 0


async def test_nobody_changes_their_own_role(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    assert 'name="role"' not in (await browser.get("/admin/people/tom")).text
    answer = await browser.post("/admin/people/tom/role", data=role("customer"), headers=ORIGIN)
    assert answer.status_code == 409
    assert (await Member.get(id=cast.administrator.id)).role == "administrator"


async def test_whoever_is_no_administrator_any_more_changes_no_roles(cast: Cast) -> None:
    tom = await viewer_for(cast.administrator)
    await Member.filter(id=cast.administrator.id).update(role="customer")
    with pytest.raises(RuleBroken):
        await change_role(
            cast.outsider.id,
            role=Role.MODERATOR,
            staff_name="Olga A.",
            staff_field="",
            by=tom,
            reason="Late.",
        )


@pytest.mark.each_database
async def test_expert_status_is_granted_shown_and_revoked(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    url = "/admin/people/Helper/experts"
    until = (now() + timedelta(days=30)).date().isoformat()
    thread = await make_thread(cast.open_space, cast.asker)
    await make_answer(thread, cast.helper)
    address = f"/threads/{thread.id}-{thread.slug}"
    form = {"space": cast.open_space.slug, "until": until}
    for _twice in range(2):
        assert (await browser.post(url, data=form, headers=ORIGIN)).status_code == 303
    expert = await Expert.get()
    assert (expert.member_id, expert.space_id) == (cast.helper.id, cast.open_space.id)
    assert expert.expires_at is not None
    assert expert.expires_at.date().isoformat() == until
    guest = await visit()
    assert f"Expert · {cast.open_space.name}" in (await guest.get(address)).text
    assert "until " in (await browser.get("/admin/people/Helper")).text
    await browser.post(f"{url}/{cast.open_space.id}/revoke", headers=ORIGIN)
    assert "revoked" in (await browser.get("/admin/people/Helper")).text
    assert "Expert ·" not in (await guest.get(address)).text
    assert (await browser.post(f"{url}/{cast.open_space.id}/revoke", headers=ORIGIN)).status_code == 404
    assert (await browser.post(f"{url}/{cast.open_space.id}/leave", headers=ORIGIN)).status_code == 303
    assert not await Expert.all().exists()
    acts = set(await LogEntry.all().values_list("act", flat=True))
    assert acts == {"grant_expert", "revoke_expert", "leave_expert_to_rule"}


async def test_expert_status_needs_a_space_a_customer_and_a_day_to_come(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    url = "/admin/people/Helper/experts"
    for status, wrong in (
        (422, {"space": "nowhere"}),
        (422, {"until": "tomorrow"}),
        (409, {"until": "2020-01-01"}),
    ):
        form = {"space": cast.open_space.slug, "until": ""} | wrong
        answer = await browser.post(url, data=form, headers=ORIGIN)
        assert answer.status_code == status
        assert wrong.get("until", "") in answer.text
    staff = await browser.post(
        "/admin/people/jana/experts", data={"space": cast.open_space.slug}, headers=ORIGIN
    )
    assert staff.status_code == 409
    assert await Expert.all().count() == 0


# --- parked messages --------------------------------------------------------------------------------------


async def test_a_parked_message_is_shown_without_contents_and_tried_again(cast: Cast, visit: Visit) -> None:
    await OutboxFact.all().delete()
    parked = []
    for number in range(2):
        parked.append(
            await OutboxFact.create(
                name="answer.added",
                payload={"thread_id": 471108154711 + number},
                created_at=now(),
                due_at=now() + timedelta(days=1),
                attempts=12,
                parked_at=now(),
                last_error="SearchDown in upsert, line 7",
            )
        )
    browser = await visit(cast.administrator)
    page = (await browser.get("/admin/messages")).text
    assert "SearchDown in upsert, line 7" in page
    assert "47110815471" not in page
    sent = await browser.post(f"/admin/messages/{parked[0].id}/retry", headers=ORIGIN)
    assert (sent.status_code, sent.headers["location"]) == (303, "/admin/messages")
    assert await outbox.count_parked() == 1
    again = await OutboxFact.get(id=parked[0].id)
    assert (again.parked_at, again.attempts) == (None, 0)
    assert again.due_at <= now()
    await browser.post("/admin/messages/retry", headers=ORIGIN)
    assert await outbox.count_parked() == 0
    assert "Nothing is parked" in (await browser.get("/admin/messages")).text


async def test_numbers_that_no_row_can_have_are_not_found(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    for number in (2**53, 2**64, 10**30):
        for address in (
            f"/admin/messages/{number}/retry",
            f"/admin/people/Helper/experts/{number}/revoke",
            f"/admin/groups/{cast.closed_group.slug}/members/{number}/remove",
            f"/moderation/posts/{number}/decide",
            f"/moderation/posts/{number}/hide",
            f"/moderation/threads/{number}/move",
            f"/posts/{number}/flag",
        ):
            assert (await browser.post(address, headers=ORIGIN)).status_code == 404, address


async def test_the_index_page_shows_how_far_a_new_index_is(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    idle = (await browser.get("/admin/index")).text
    assert "Not built anew yet." in idle
    assert "hx-trigger" not in idle
    answer = await browser.post("/admin/index", headers=ORIGIN)
    assert answer.headers["location"] == "/admin/index"
    assert "waits for a worker" in (await browser.get("/admin/index")).text
    claim = await Claim.to_fill()
    assert claim is not None
    await claim.beat(30, 120)
    page = (await browser.get("/admin/index")).text
    assert "A new index is being filled: 30 of 120." in page
    assert '<progress max="100" value="25">' in page
    assert 'data-hx-trigger="every 2s, click"' in page
    await claim.failed(SearchDown("a text that nobody is shown"))
    page = (await browser.get("/admin/index")).text
    assert "The last attempt failed: SearchDown." in page
    assert "nobody is shown" not in page


async def test_only_administrators_build_a_new_index(cast: Cast, visit: Visit) -> None:
    for member in (cast.asker, cast.moderator, cast.marketing):
        browser = await visit(member)
        assert (await browser.post("/admin/index", headers=ORIGIN)).status_code == 404
    assert (await state.read()).is_idle
