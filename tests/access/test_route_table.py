"""The table of routes itself: nothing without a policy, nothing scoped without a probe, every gate in its place."""

from __future__ import annotations

import pytest
from starlette.types import ASGIApp

from community.accounts.models import Session
from community.http.route import Access, PolicyRoute
from community.web.routes import routes
from community.web.theming import Theme
from tests.access.forms import table
from tests.access.probes import PROBES
from tests.accounts.factors import require_of_staff
from tests.accounts.sameness import seen
from tests.cast import Cast
from tests.fixtures import Visit


def _filled(path: str) -> str:
    """An address of this route with ids that do not exist."""
    for part in (
        "thread_id",
        "post_id",
        "entry_id",
        "notification_id",
        "flag_id",
        "fact_id",
        "session_id",
        "member_id",
        "vocabulary_id",
        "company_id",
        "domain_id",
        "invitation_id",
        "joining_id",
        "request_id",
        "link_id",
        "passkey_id",
        "group_id",
        "number",
        "import_id",
        "badge_id",
        "warning_id",
        "version",
        "note_id",
        "text_id",
        "sanction_id",
        "attachment_id",
        "rule_id",
        "statement_id",
        "notice_id",
        "appeal_id",
        "canned_id",
        "proposal_id",
    ):
        path = path.replace(f"{{{part}:int}}", "4711")
    for part in (
        "slug",
        "key",
        "nickname",
        "place",
        "name",
        "theme",
        "path:path",
        "category",
        "format",
        "mail_id",
        "code",
        "part",
        "month",
        "file",
        "edition",
    ):
        path = path.replace(f"{{{part}}}", "nothing")
    return path


def test_every_route_carries_a_policy() -> None:
    assert [path for path, route in table() if not isinstance(route, PolicyRoute)] == []


def test_route_names_are_unique() -> None:
    names = [route.name for _path, route in table()]
    assert sorted(names) == sorted(set(names))


def test_every_scoped_page_has_a_probe() -> None:
    shown = {
        route.name
        for _path, route in table()
        if not route.policy.writes and route.policy.access in (Access.SCOPED, Access.MEMBER)
    }
    from tests.access.probes import OWN_THINGS

    assert shown - set(PROBES) - set(OWN_THINGS) == set(), (
        "add a probe: who could see what they may not through it?"
    )
    names = {route.name for _path, route in table()}
    assert (set(PROBES) | set(OWN_THINGS)) - names == set(), "a probe for a route that is gone"


def test_public_routes_say_why() -> None:
    assert [p for p, r in table() if r.policy.access is Access.PUBLIC and not r.policy.why] == []


def test_development_routes_do_not_exist_in_production() -> None:
    production = routes(Theme.load(), development=False)
    assert [r.name for r in production if r.policy.access is Access.DEVELOPMENT] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "path,route", [pytest.param(p, r, id=f"{sorted(r.methods)[0]} {p}") for p, r in table()]
)
async def test_gates_stand_where_the_table_says(
    path: str, route: PolicyRoute, cast: Cast, visit: Visit
) -> None:
    """Guests are led to the log-in, and staff pages do not exist for others: before any id is looked up."""
    method = "POST" if route.policy.writes else "GET"
    refused = {
        Access.MEMBER: [None],
        Access.MODERATOR: [None, cast.outsider, cast.marketing],
        Access.STAFF: [None, cast.outsider],
        Access.ADMINISTRATOR: [None, cast.outsider, cast.marketing, cast.moderator],
    }.get(route.policy.access, [])
    for member in refused:
        client = await visit(member)
        answer = await client.request(method, _filled(path))
        if route.policy.access is Access.MEMBER:
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/log-in")
        else:
            assert answer.status_code == 404


@pytest.mark.parametrize("path,route", [pytest.param(p, r, id=p) for p, r in table() if r.policy.writes])
async def test_no_form_is_taken_from_another_site(
    path: str, route: PolicyRoute, cast: Cast, app: ASGIApp, visit: Visit
) -> None:
    client = await visit(cast.administrator)
    answer = await client.post(
        _filled(path), headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("path,route", [pytest.param(p, r, id=p) for p, r in table() if not r.policy.writes])
async def test_pages_are_read_only_by_method_too(
    path: str, route: PolicyRoute, cast: Cast, visit: Visit
) -> None:
    """A POST to a page answers 405, or belongs to a writing route of the same address."""
    twins = {p for p, r in table() if r.policy.writes}
    if path in twins or any(_matches(twin, path) for twin in twins):
        pytest.skip("a form of the same address")
    client = await visit(cast.administrator)
    answer = await client.post(_filled(path))
    assert answer.status_code in (404, 405)


def _matches(twin: str, path: str) -> bool:
    return len(twin.split("/")) == len(path.split("/")) and all(
        a == b or a.startswith("{") or b.startswith("{")
        for a, b in zip(twin.split("/"), path.split("/"), strict=True)
    )


async def test_staff_without_the_second_factor_they_must_have_are_guests_everywhere(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session from before the setting opens nothing: not by a role, not as a member, not by what staff read."""
    guest, staff, other = await visit(), await visit(cast.administrator), await visit(cast.moderator)
    places = [f"/spaces/{space.slug}" for space in cast.spaces] + ["/", "/spaces", "/search?q=a", "/groups"]
    assert (await staff.get("/spaces/hidden-lab")).status_code == 200
    require_of_staff(monkeypatch)
    for place in places:
        expected = seen(await guest.get(place))
        assert [seen(await each.get(place)) for each in (staff, other)] == [expected] * 2, place
    for path, route in table():
        if route.policy.access in (Access.PUBLIC, Access.DEVELOPMENT):
            continue
        method = "POST" if route.policy.writes else "GET"
        as_guest, as_staff = [await each.request(method, _filled(path)) for each in (guest, staff)]
        assert as_staff.status_code == as_guest.status_code, path
        assert as_staff.headers.get("location") == as_guest.headers.get("location"), path
    await Session.filter(member_id=cast.administrator.id).update(second_factor="app")
    assert (await staff.get("/admin")).status_code == 200
    assert (await other.get("/moderation")).status_code == 404
