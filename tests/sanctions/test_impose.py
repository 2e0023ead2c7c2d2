"""Imposing, changing and lifting: by moderators, with reason, log and notice; one after the other."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import time_machine

from community.core.clock import now
from community.core.errors import Conflict, Forbidden, NotFound, RuleBroken
from community.decisions.models import LogEntry
from community.moderation import sanctioning
from community.notifications.models import Notification
from community.sanctions.actions import Wish, mark_of, tell_ended
from community.sanctions.models import Sanction
from community.sanctions.queries import list_sanctions
from community.sanctions.rules import Kind, propose
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to
from tests.cast import Cast, make_cast
from tests.factories import make_account, viewer_for
from tests.fixtures import Visit
from tests.sanctions.parts import WHY, impose

FORM = {"kind": "mute", "space": "-", "days": "3", "ground": "respect", "reason": WHY, "note": "Third time."}


async def acts() -> list[tuple[str, str]]:
    return [(entry.act, entry.reason) for entry in await LogEntry.all().order_by("id")]


@pytest.mark.each_database
async def test_a_moderator_mutes_by_the_form_and_the_member_is_told(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = f"muted{cast.asker.id}@firm.example"
    await make_account(cast.asker, mail=mail)
    staff = await visit(cast.moderator)
    page = await staff.get("/moderation/members/Asker")
    assert page.status_code == 200
    assert mail not in page.text
    form = await staff.get("/moderation/members/Asker/sanction")
    assert "There was no sanction within a year. Usual first step: Warning." in form.text
    sent = await staff.post("/moderation/members/Asker/sanction", data=FORM)
    assert (sent.status_code, sent.headers["location"]) == (303, "/moderation/members/Asker")
    row = await Sanction.get(member_id=cast.asker.id)
    assert row.ends_at is not None
    assert abs(row.ends_at - now() - timedelta(days=3)) < timedelta(minutes=1)
    assert await acts() == [("mute_member", WHY)]

    await deliver(search_engine)
    told = await Notification.get(member_id=cast.asker.id)
    assert (told.kind, told.note) == ("mute_imposed", WHY)
    (letter,) = await mails_to(mail)
    assert letter.subject == "A decision of our moderators"
    assert "Insults" not in str(letter)
    own = await (await visit(cast.asker)).get("/settings/sanctions")
    assert WHY in own.text
    assert "Third time." not in own.text
    assert "Third time." in (await staff.get("/moderation/members/Asker")).text
    assert "Asker" in (await staff.get("/moderation/sanctions")).text


async def test_what_is_wrong_in_the_form_is_said_and_nothing_typed_is_lost(cast: Cast, visit: Visit) -> None:
    staff = await visit(cast.moderator)
    for wrong, word in (
        ({"kind": "exile"}, "Please choose one of these."),
        ({"days": "4"}, "Please choose one of these."),
        ({"days": "own", "ends_on": "soon"}, "Please write the date"),
        ({"space": "nowhere"}, "Please choose a space."),
        ({"reason": "x"}, "at least 10 characters"),
        ({"ground": ""}, "Please choose on what the decision rests."),
        ({"ground": "law"}, "f-ground_name-error"),
    ):
        answer = await staff.post("/moderation/members/Asker/sanction", data=FORM | wrong)
        assert answer.status_code == 422, wrong
        assert word in answer.text
        assert "Third time." in answer.text
    past = await staff.post(
        "/moderation/members/Asker/sanction", data=FORM | {"days": "own", "ends_on": "2020-01-01"}
    )
    assert past.status_code == 409
    assert "Please choose an end in the future." in past.text
    assert not await Sanction.all().exists()


async def test_nobody_sanctions_staff_or_themselves_and_customers_sanction_nobody(
    cast: Cast, visit: Visit
) -> None:
    wish = Wish(Kind.WARNING, WHY)
    moderator = await viewer_for(cast.moderator)
    for member in (cast.administrator, cast.marketing):
        with pytest.raises(RuleBroken, match="Staff are not sanctioned"):
            await sanctioning.impose(member.id, wish, by=moderator)
    with pytest.raises(RuleBroken, match="themselves"):
        await sanctioning.impose(cast.moderator.id, wish, by=moderator)
    for member in (cast.helper, cast.marketing):
        with pytest.raises(Forbidden):
            await sanctioning.impose(cast.asker.id, wish, by=await viewer_for(member))
    await cast.helper.refresh_from_db()
    cast.helper.erased_at = now()
    await cast.helper.save()
    with pytest.raises(NotFound):
        await sanctioning.impose(cast.helper.id, wish, by=moderator)
    staff = await visit(cast.moderator)
    assert (await staff.get("/moderation/members/tom/sanction")).status_code == 404
    assert "Staff are not sanctioned here" in (await staff.get("/moderation/members/tom")).text


@pytest.mark.each_database
async def test_of_two_staff_at_once_the_second_sees_what_the_first_has_done(fresh_database: str) -> None:
    cast = await make_cast()
    seen = mark_of(await list_sanctions(cast.asker.id))
    wishes = [
        (Wish(Kind.MUTE, WHY, ends_at=now() + timedelta(days=3), seen=seen), cast.moderator),
        (Wish(Kind.SUSPENSION, WHY, ends_at=now() + timedelta(days=30), seen=seen), cast.administrator),
    ]
    both = [(wish, await viewer_for(who)) for wish, who in wishes]
    results = await asyncio.gather(
        *(sanctioning.impose(cast.asker.id, wish, by=viewer) for wish, viewer in both), return_exceptions=True
    )
    assert [type(result) for result in results if isinstance(result, Exception)] == [Conflict]
    assert await Sanction.all().count() == 1
    assert len(await acts()) == 1


async def test_two_browsers_the_second_gets_its_form_back(cast: Cast, visit: Visit) -> None:
    first, second = await visit(cast.moderator), await visit(cast.administrator)
    seen = "0-"
    assert f'value="{seen}"' in (await second.get("/moderation/members/Asker/sanction")).text
    await first.post("/moderation/members/Asker/sanction", data=FORM | {"seen": seen})
    late = await second.post("/moderation/members/Asker/sanction", data=FORM | {"seen": seen, "kind": "ban"})
    assert late.status_code == 409
    assert "Somebody else has changed something about this member meanwhile" in late.text
    assert "Third time." in late.text
    # What is there now has been shown; whoever still wants to, goes on.
    mark = mark_of(await list_sanctions(cast.asker.id))
    again = await second.post("/moderation/members/Asker/sanction", data=FORM | {"seen": mark, "kind": "ban"})
    assert again.status_code == 303


async def test_the_same_twice_is_refused_and_another_space_is_not_the_same(cast: Cast) -> None:
    await impose(cast, cast.asker, Kind.MUTE, space_id=cast.open_space.id)
    with pytest.raises(RuleBroken, match="holds already"):
        await impose(cast, cast.asker, Kind.MUTE, space_id=cast.open_space.id)
    await impose(cast, cast.asker, Kind.MUTE, space_id=cast.discussions.id)
    await impose(cast, cast.asker, Kind.MUTE)
    await impose(cast, cast.asker, Kind.BAN)
    with pytest.raises(RuleBroken, match="holds already"):
        await impose(cast, cast.asker, Kind.SUSPENSION)


@pytest.mark.each_database
async def test_the_end_is_changed_and_the_sanction_lifted_with_reasons(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_account(cast.asker)
    sanction_id = await impose(cast, cast.asker, Kind.MUTE)
    staff, url = await visit(cast.administrator), f"/moderation/sanctions/{sanction_id}"
    assert (await staff.get(f"{url}/change")).status_code == 200
    changed = await staff.post(f"{url}/change", data={"days": "14", "reason": "Once more, within hours."})
    assert changed.status_code == 303
    row = await Sanction.get(id=sanction_id)
    assert row.ends_at is not None
    assert row.ends_at > now() + timedelta(days=13)
    assert (await staff.get(f"{url}/lift")).status_code == 200
    lifted = await staff.post(f"{url}/lift", data={"reason": "It was somebody else."})
    assert lifted.status_code == 303
    assert (await viewer_for(cast.asker)).mutes == ()
    twice = await staff.post(f"{url}/lift", data={"reason": "It was somebody else."})
    assert twice.status_code == 409
    assert "This has ended meanwhile." in twice.text
    assert [act for act, _reason in await acts()] == ["mute_member", "change_sanction", "lift_sanction"]
    await deliver(search_engine)
    kinds = (
        await Notification.filter(member_id=cast.asker.id)
        .order_by("created_at")
        .values_list("kind", flat=True)
    )
    assert set(kinds) == {"mute_imposed", "mute_changed", "mute_lifted"}
    own = (await (await visit(cast.asker)).get("/settings/sanctions")).text
    assert "It was somebody else." in own
    assert "Tom B." not in own


@pytest.mark.each_database
async def test_it_ends_by_its_date_before_any_worker_looks_and_is_told_once(
    fresh_database: str, search_engine: SearchEngine
) -> None:
    cast = await make_cast()
    await make_account(cast.asker)
    await impose(cast, cast.asker, Kind.MUTE, days=3)
    with time_machine.travel(now() + timedelta(days=2, hours=23), tick=False):
        assert (await viewer_for(cast.asker)).mutes
        await tell_ended()
        assert [act for act, _reason in await acts()] == ["mute_member"]
    with time_machine.travel(now() + timedelta(days=3, minutes=1), tick=False):
        assert (await viewer_for(cast.asker)).mutes == ()
        await asyncio.gather(tell_ended(), tell_ended())
        await tell_ended()
        assert [act for act, _reason in await acts()] == ["mute_member", "end_sanction"]
        await deliver(search_engine)
        assert await Notification.filter(member_id=cast.asker.id, kind="mute_ended").count() == 1


async def test_steps_are_proposed_and_nothing_is_imposed_by_itself(cast: Cast, visit: Visit) -> None:
    kinds = [propose(earlier).kind for earlier in range(6)]
    assert kinds == [Kind.WARNING, Kind.MUTE, Kind.MUTE, Kind.SUSPENSION, Kind.BAN, Kind.BAN]
    staff = await visit(cast.moderator)
    warning = await impose(cast, cast.asker, Kind.WARNING)
    form = (await staff.get("/moderation/members/Asker/sanction")).text
    assert "There was 1 sanction within a year. Usual next step: Writing ban for 3 days. You decide." in form
    assert 'value="mute" checked' in form.replace(' id="f-kind"', "")
    assert await Sanction.all().count() == 1
    await sanctioning.lift(warning, reason="Given by mistake.", by=await viewer_for(cast.moderator))
    assert (
        "There was no sanction within a year." in (await staff.get("/moderation/members/Asker/sanction")).text
    )


async def test_only_moderators_see_these_pages(cast: Cast, visit: Visit) -> None:
    sanction_id = await impose(cast, cast.asker, Kind.MUTE)
    for member in (cast.asker, cast.marketing):
        client = await visit(member)
        for path in (
            "/moderation/sanctions",
            "/moderation/members/Asker",
            "/moderation/members/Asker/sanction",
            f"/moderation/sanctions/{sanction_id}/lift",
        ):
            assert (await client.get(path)).status_code == 404
    profile = (await (await visit(cast.helper)).get("/members/Asker")).text
    assert "moderation/members" not in profile
    assert "Sanctions" not in profile
