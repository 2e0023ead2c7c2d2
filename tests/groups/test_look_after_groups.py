"""Who may do what to a group: owners, curators, administrators; and what plain members, outsiders, guests get."""

from __future__ import annotations

import pytest

from community.groups.models import Group, GroupRole, Membership
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.factories import make_answer, make_thread
from tests.fixtures import Visit
from tests.groups.parts import belongs, let_look_after

CLOSED = "/groups/closed-circle"
VERBS = {
    "manage": {"description": "New words", "shows_members": "1"},
    "invite": {"nickname": "Outsider", "role": "member"},
    "invite-by-mail": {"mail": "erika@acme.example"},
    "links": {"uses": "5", "days": "3"},
    "links/4711/end": {},
    "requests/4711": {"do": "accept"},
    "invitations/4711/withdraw": {},
    "mail-invitations/4711/withdraw": {},
    "take-out": {"out": "Colleague"},
    "roles/4711/end": {},
}
FOR_OWNERS = {"manage", "roles/4711/end"}


@pytest.mark.parametrize("verb", VERBS)
async def test_who_may_what(verb: str, cast: Cast, visit: Visit) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    await let_look_after(cast.closed_group, cast.asker, GroupRole.CURATOR)
    url, form = f"{CLOSED}/{verb}", VERBS[verb]
    refused = [(None, 303), (cast.outsider, 404), (cast.marketing, 404), (cast.moderator, 404)]
    refused += [(cast.colleague, 403)] + ([(cast.asker, 403)] if verb in FOR_OWNERS else [])
    for member, status in refused:
        answer = await (await visit(member)).post(url, data=form)
        assert answer.status_code == status, (member and member.nickname, answer.status_code)
    assert await belongs(cast.closed_group, cast.colleague)
    allowed = [cast.helper, cast.administrator] + ([] if verb in FOR_OWNERS else [cast.asker])
    expected = {"links": 200, "requests/4711": 409, "roles/4711/end": 404}.get(verb, 303)
    for member in allowed:
        assert (await (await visit(member)).post(url, data=form)).status_code == expected


async def test_curators_neither_offer_roles_nor_take_out_those_who_look_after_the_group(
    cast: Cast, visit: Visit
) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    await let_look_after(cast.closed_group, cast.asker, GroupRole.CURATOR)
    curator = await visit(cast.asker)
    for role in ("owner", "curator", "king"):
        answer = await curator.post(f"{CLOSED}/invite", data={"nickname": "Asker", "role": role})
        assert answer.status_code == 403
    assert (await curator.post(f"{CLOSED}/take-out", data={"out": "Helper"})).status_code == 403
    assert (await curator.post(f"{CLOSED}/roles/{cast.helper.id}/end")).status_code == 403
    page = (await curator.get(f"{CLOSED}/manage")).text
    assert 'name="role"' not in page
    assert "Members see each other" not in page
    await curator.post(f"{CLOSED}/roles/{cast.asker.id}/end")
    assert (await curator.get(f"{CLOSED}/manage")).status_code == 403


async def test_an_owner_describes_the_group_and_nothing_more_of_it(cast: Cast, visit: Visit) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    owner = await visit(cast.helper)
    form = {"description": "For the lab.", "name": "Open for all", "access": "open"}
    await owner.post(f"{CLOSED}/manage", data=form)
    group = await Group.get(id=cast.closed_group.id)
    assert (group.description, group.name, group.access, group.shows_members) == (
        "For the lab.",
        "Closed circle",
        "closed",
        False,
    )
    long = await owner.post(f"{CLOSED}/manage", data={"description": "d" * 2001})
    assert long.status_code == 422
    assert "d" * 2001 in long.text


async def test_rights_end_with_the_same_request_in_a_session_that_goes_on(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    thread = await make_thread(cast.hidden_space, cast.colleague, title="Quokka firmware in the lab")
    await make_answer(thread, cast.helper)
    await deliver(search_engine)
    colleague, owner = await visit(cast.colleague), await visit(cast.helper)
    pages = (f"/threads/{thread.id}-{thread.slug}", "/spaces/hidden-lab", "/groups/closed-circle")
    for page in pages:
        assert (await colleague.get(page)).status_code == 200
    assert "Quokka" in (await colleague.get("/search?q=quokka")).text.replace("<mark>", "")
    assert "Quokka" in (await colleague.get("/notifications")).text
    await owner.post(f"{CLOSED}/take-out", data={"out": "Colleague"})
    for page in (*pages, f"/feeds/threads/{thread.id}.atom", f"/threads/{thread.id}"):
        assert (await colleague.get(page)).status_code == 404, page
    for page in ("/search?q=firmware+lab", "/notifications", "/", "/search/suggestions?q=quok", "/groups"):
        assert "Quokka" not in (await colleague.get(page)).text, page
        assert "Closed circle" not in (await colleague.get(page)).text, page
    sent = await colleague.post(f"/threads/{thread.id}/answers", data={"body": "I am still here, am I?"})
    assert sent.status_code == 404


async def test_everybody_leaves_when_they_like_the_last_owner_too(cast: Cast, visit: Visit) -> None:
    await let_look_after(cast.closed_group, cast.helper)
    owner = await visit(cast.helper)
    assert "You are the last owner." in (await owner.get(CLOSED)).text
    await let_look_after(cast.closed_group, cast.asker)
    assert "You are the last owner." not in (await owner.get(CLOSED)).text
    for member in (cast.helper, cast.asker):
        assert (await (await visit(member)).post(f"{CLOSED}/leave")).status_code == 303
    assert not await Membership.filter(group_id=cast.closed_group.id, role="owner").exists()
    assert (await (await visit(cast.administrator)).get(f"{CLOSED}/manage")).status_code == 200


async def test_the_list_names_only_those_who_want_it(cast: Cast, visit: Visit) -> None:
    group = cast.closed_group
    await let_look_after(group, cast.helper)
    await Membership.filter(group_id=group.id, member_id=cast.colleague.id).update(came_openly=True)
    owner, colleague = await visit(cast.helper), await visit(cast.colleague)
    assert "Members who want to be seen" not in (await owner.get(CLOSED)).text
    await owner.post(f"{CLOSED}/manage", data={"description": "", "shows_members": "1"})
    page = (await owner.get(CLOSED)).text
    assert "Nobody yet." in page
    await colleague.post(f"{CLOSED}/listing", data={"listed": "1"})
    page = (await owner.get(CLOSED)).text
    assert ">Colleague</a>" in page
    assert ">Asker</a>" not in page
    assert "you are never listed" in (await (await visit(cast.asker)).get(CLOSED)).text
    await colleague.post(f"{CLOSED}/listing", data={"listed": "0"})
    assert ">Colleague</a>" not in (await owner.get(CLOSED)).text
    assert (await (await visit(cast.outsider)).post(f"{CLOSED}/listing", data={})).status_code == 404


async def test_an_open_group_shows_no_list_to_those_outside(cast: Cast, visit: Visit) -> None:
    group = cast.request_group
    await Group.filter(id=group.id).update(shows_members=True)
    await Membership.filter(group_id=group.id).update(came_openly=True, wants_listing=True, role="curator")
    for member in (None, cast.outsider, cast.moderator):
        page = (await (await visit(member)).get("/groups/pilot-users")).text
        for name in ("Helper", "Colleague", "Members who want to be seen", "Who looks after"):
            assert name not in page
