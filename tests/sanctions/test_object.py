"""Sanctions have statements of reasons; whoever is under one objects, logged in or not, and somebody else decides."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from community.accounts.statement_links import PATH, read_statement_token, statement_token
from community.core import passwords
from community.core.clock import now
from community.decisions.grounds import Ground, GroundKind
from community.decisions.models import LogEntry, Statement
from community.decisions.statements import lift_statement
from community.moderation import appeals, sanctioning
from community.moderation.models import Appeal
from community.notifications.models import Notification
from community.personal_data.erasure import erase_member
from community.sanctions.models import Sanction
from community.sanctions.queries import count_earlier, is_shut_out
from community.sanctions.rules import Kind
from community.threads import order
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to
from tests.cast import Cast
from tests.chance import without_random
from tests.factories import make_account, make_answer, make_member, make_thread, viewer_for
from tests.fixtures import Visit
from tests.sanctions.parts import WHY, impose

PASSWORD = "drei kurze boote fahren"
TEXT = "It was not me: my colleague sat at my machine that day."
AGAIN = "That is credible; nothing else speaks against this member."
LAW = Ground(GroundKind.LAW, "Section 185 (insult)")


def links_in(text: str) -> list[str]:
    return re.findall(rf"{PATH}\?token=([0-9A-Za-z._-]+)", text)


@pytest.mark.each_database
async def test_whoever_is_suspended_reads_and_objects_by_the_link_of_the_mail(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = f"out{cast.asker.id}@firm.example"
    await make_account(cast.asker, mail=mail, password_hash=await passwords.hash_password(PASSWORD))
    await impose(cast, cast.asker, Kind.SUSPENSION, ground=LAW, is_prompted=True)
    await deliver(search_engine)
    (letter,) = await mails_to(mail)
    assert WHY not in str(letter)
    (token,) = set(links_in(letter.text))
    guest = await visit()
    url = f"{PATH}?token={token}"
    page = await guest.get(url)
    assert page.headers["cache-control"] == "private, no-store"
    for part in ("Your account is suspended", "Section 185 (insult)", "Somebody had reported it."):
        assert part in page.text
    # Others may read the mail: what was found, and under which nickname, is for whoever logs in.
    for part in (WHY, "Asker", cast.moderator.staff_name):
        assert part not in without_random(page.text)
    refused = await guest.post("/log-in", data={"mail": mail, "password": PASSWORD})
    (full,) = set(links_in(refused.text))
    assert full != token
    assert WHY in (await guest.get(f"{PATH}?token={full}")).text
    # The objection, by the link of the mail.
    short = await guest.post(f"{PATH}/appeal", data={"token": token, "text": "No."})
    assert short.status_code == 422
    assert WHY not in short.text
    sent = await guest.post(f"{PATH}/appeal", data={"token": token, "text": TEXT})
    assert (sent.status_code, sent.headers["location"]) == (303, url)
    assert "Somebody else than before looks at it again." in (await guest.get(url)).text
    assert (await guest.post(f"{PATH}/appeal", data={"token": full, "text": TEXT})).status_code == 409
    # A second member of staff decides, and not the first.
    appeal = await Appeal.get()
    decide = f"/moderation/appeals/{appeal.id}/decide"
    data = {"decision": "grant", "reason": AGAIN}
    first = await visit(cast.moderator)
    assert "Somebody else has to decide." in (await first.get(f"/moderation/appeals/{appeal.id}")).text
    assert (await first.post(decide, data=data)).status_code == 409
    other = await visit(cast.administrator)
    assert "Objection to a suspension" in (await other.get("/moderation/appeals")).text
    shown = (await other.get(f"/moderation/appeals/{appeal.id}")).text
    for part in (TEXT, WHY, "/moderation/members/Asker"):
        assert part in shown
    assert mail not in shown
    assert (await other.post(decide, data=data)).status_code == 303
    assert not await is_shut_out(cast.asker.id)
    assert (await guest.post("/log-in", data={"mail": mail, "password": PASSWORD})).status_code == 303
    page = (await guest.get(f"/decisions/{(await Statement.get()).id}")).text
    assert "Your objection was right." in page
    assert "Lifted on" in page
    acts = [(entry.act, entry.subject) for entry in await LogEntry.all().order_by("id")]
    member = f"member:{cast.asker.id}"
    assert acts == [(act, member) for act in ("suspend_member", "grant_appeal", "lift_sanction")]


async def test_a_rejected_objection_is_mailed_to_whoever_stays_out(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = f"banned{cast.asker.id}@firm.example"
    await make_account(cast.asker, mail=mail)
    await impose(cast, cast.asker, Kind.BAN)
    statement = await Statement.get()
    await appeals.appeal_statement(statement.id, text=TEXT, by=cast.asker.id)
    await appeals.reject_appeal(
        (await Appeal.get()).id, by=await viewer_for(cast.administrator), reason=AGAIN
    )
    await deliver(search_engine)
    letters = [letter for letter in await mails_to(mail) if letter.subject == "Your objection is decided"]
    (token,) = set(links_in(letters[0].text))
    guest = await visit()
    page = (await guest.get(f"{PATH}?token={token}")).text
    assert "The decision stays as it is." in page
    # Others may read the mail; why is for whoever has proved who they are.
    assert AGAIN not in page
    assert "Log in to read why" in page
    proved = (await guest.get(f"{PATH}?token={statement_token(statement.id, is_proved=True)}")).text
    assert AGAIN in proved
    assert "Log in to read why" not in proved
    assert "For good, unless it is lifted" in page
    assert await is_shut_out(cast.asker.id)


async def test_a_link_opens_one_statement_and_goes_with_the_member(cast: Cast, visit: Visit) -> None:
    await make_account(cast.asker)
    viewer = await viewer_for(cast.asker)
    await impose(cast, cast.asker, Kind.BAN)
    await impose(cast, cast.helper, Kind.BAN)
    mine, other = [await Statement.get(member_id=member.id) for member in (cast.asker, cast.helper)]
    token = statement_token(mine.id, is_proved=False)
    opened = read_statement_token(token)
    assert opened is not None
    assert (opened.id, opened.is_proved) == (mine.id, False)
    swapped = f"{other.id}.{token.partition('.')[2]}"
    guest = await visit()
    for wrong in (swapped, token[:-1], "", f"{mine.id}", f"{mine.id}.", "x.y", f"{'9' * 400}.a", "ä.ö"):
        assert (await guest.get(PATH, params={"token": wrong})).status_code == 404
        sent = await guest.post(f"{PATH}/appeal", data={"token": wrong, "text": TEXT})
        assert sent.status_code == 404
    assert not await Appeal.all().exists()
    assert (await guest.get(PATH, params={"token": token})).status_code == 200
    await erase_member(viewer, with_texts=False, language="en")
    assert (await guest.get(PATH, params={"token": token})).status_code == 404


async def test_a_writing_ban_and_a_warning_are_objected_to_in_the_site(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await make_account(cast.asker)
    warning = await impose(cast, cast.asker, Kind.WARNING, ground=Ground(GroundKind.ADVERTISING))
    mute = await impose(cast, cast.asker, Kind.MUTE, space_id=cast.open_space.id)
    await deliver(search_engine)
    member = await visit(cast.asker)
    own = (await member.get("/settings/sanctions")).text
    told = {each.kind: each.place for each in await Notification.filter(member_id=cast.asker.id)}
    for kind, sanction_id, heading in (
        ("warning_imposed", warning, "You were given a warning"),
        ("mute_imposed", mute, "You cannot write for some time"),
    ):
        statement = await Statement.get(subject=f"sanction:{sanction_id}")
        url = f"/decisions/{statement.id}"
        assert told[kind] == url
        assert f'href="{url}"' in own
        page = (await member.get(url)).text
        assert heading in page
        assert WHY in page
        sent = await member.post(f"{url}/appeal", data={"text": TEXT})
        assert sent.status_code == 303
        appeal = await Appeal.get(statement_id=statement.id)
        await appeals.grant_appeal(appeal.id, by=await viewer_for(cast.administrator), reason=AGAIN)
        assert (await Sanction.get(id=sanction_id)).lifted_at is not None
    assert "no promotion of one’s own" in (await member.get("/decisions/" + await _id_of(warning))).text
    assert (
        "was no sanction within a year"
        in (await (await visit(cast.moderator)).get("/moderation/members/Asker/sanction")).text
    )


async def _id_of(sanction_id: int) -> str:
    return str((await Statement.get(subject=f"sanction:{sanction_id}")).id)


async def test_a_later_end_has_a_statement_of_its_own_and_can_be_taken_back_alone(cast: Cast) -> None:
    await make_account(cast.asker)
    sanction_id = await impose(cast, cast.asker, Kind.MUTE, days=3, ground=LAW)
    first_end = (await Sanction.get(id=sanction_id)).ends_at
    third = await viewer_for(await make_member("third", role="moderator", staff_name="Thea T."))
    later = now() + timedelta(days=20)
    await sanctioning.change(
        sanction_id, ends_at=later, reason="Once more, within hours.", by=await viewer_for(cast.administrator)
    )
    first, longer = await Statement.get(act="mute_member"), await Statement.get(act="prolong_sanction")
    assert (longer.ground, longer.ground_name, longer.facts) == ("law", LAW.name, "Once more, within hours.")
    assert (first.until, longer.until) == (later, later)
    await appeals.appeal_statement(longer.id, text=TEXT, by=cast.asker.id)
    appeal = await Appeal.get()
    # Neither who has imposed it nor who has prolonged it.
    for member in (cast.moderator, cast.administrator):
        with pytest.raises(Exception, match="Somebody else has to decide"):
            await appeals.grant_appeal(appeal.id, by=await viewer_for(member), reason=AGAIN)
    await appeals.grant_appeal(appeal.id, by=third, reason=AGAIN)
    row = await Sanction.get(id=sanction_id)
    assert (row.ends_at, row.lifted_at) == (first_end, None)
    assert (await Statement.get(id=first.id)).lifted_at is None
    assert (await Statement.get(id=longer.id)).lifted_at is not None


async def test_what_has_ended_meanwhile_is_lifted_as_well_where_the_objection_is_right(
    cast: Cast, visit: Visit
) -> None:
    await make_account(cast.asker)
    sanction_id = await impose(cast, cast.asker, Kind.MUTE, days=1)
    await appeals.appeal_statement((await Statement.get()).id, text=TEXT, by=cast.asker.id)
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        await appeals.grant_appeal(
            (await Appeal.get()).id, by=await viewer_for(cast.administrator), reason=AGAIN
        )
        assert await count_earlier(cast.asker.id) == 0, "what was wrong counts for nothing, ended or not"
    row = await Sanction.get(id=sanction_id)
    assert row.lifted_at is not None
    assert (row.lifted_by_id, row.lift_reason) == (cast.administrator.id, AGAIN)
    assert (await Statement.get()).lifted_at is not None
    acts = [entry.act for entry in await LogEntry.all().order_by("id")]
    assert acts == ["mute_member", "grant_appeal", "lift_sanction"]
    assert (await Appeal.get()).state == "granted"
    # Nobody reads their own objection among those of others.
    await cast.asker.refresh_from_db()
    cast.asker.role = "moderator"
    await cast.asker.save()
    page = await (await visit(cast.asker)).get(f"/moderation/appeals/{(await Appeal.get()).id}")
    assert page.status_code == 404


async def test_whoever_is_shut_out_reaches_each_step_and_all_else_that_was_decided(
    cast: Cast, visit: Visit
) -> None:
    await make_account(
        cast.asker, mail="steps@firm.example", password_hash=await passwords.hash_password(PASSWORD)
    )
    thread = await make_thread(cast.open_space, cast.asker, title="Why is the lamp red?")
    answer = await make_answer(thread, cast.asker, body="My own words about the lamp.")
    moderator = await viewer_for(cast.moderator)
    await order.hide_post(answer.id, by=moderator, reason=WHY)
    sanction_id = await impose(cast, cast.asker, Kind.SUSPENSION, days=3)
    await sanctioning.change(
        sanction_id, ends_at=now() + timedelta(days=20), reason="Once more, within hours.", by=moderator
    )
    guest = await visit()
    refused = await guest.post("/log-in", data={"mail": "steps@firm.example", "password": PASSWORD})
    opened = [read_statement_token(token) for token in links_in(refused.text)]
    assert all(each and each.is_proved for each in opened)
    acts = [(await Statement.get(id=each.id)).act for each in opened if each]
    assert acts == ["suspend_member", "prolong_sanction", "hide_post"]
    *_steps, other = links_in(refused.text)
    page = (await guest.get(f"{PATH}?token={other}")).text
    assert "My own words about the lamp." in page
    sent = await guest.post(f"{PATH}/appeal", data={"token": other, "text": TEXT})
    assert sent.status_code == 303
    assert (await Appeal.get()).statement_id == (await Statement.get(act="hide_post")).id
    # By the link of a mail, the text is not shown.
    mailed = statement_token((await Statement.get(act="hide_post")).id, is_proved=False)
    assert "My own words" not in (await guest.get(f"{PATH}?token={mailed}")).text
    # Once the later end is taken back, the first decision is still there to object to.
    await lift_statement((await Statement.get(act="prolong_sanction")).id)
    refused = await guest.post("/log-in", data={"mail": "steps@firm.example", "password": PASSWORD})
    assert len(links_in(refused.text)) == 2


async def test_the_settings_lead_to_each_step_of_a_sanction(cast: Cast, visit: Visit) -> None:
    await make_account(cast.asker)
    sanction_id = await impose(cast, cast.asker, Kind.MUTE, days=3)
    moderator = await viewer_for(cast.moderator)
    await sanctioning.change(
        sanction_id, ends_at=now() + timedelta(days=20), reason="Once more, within hours.", by=moderator
    )
    first, longer = await Statement.get(act="mute_member"), await Statement.get(act="prolong_sanction")
    member = await visit(cast.asker)
    page = (await member.get("/settings/sanctions")).text
    assert page.index(f'href="/decisions/{first.id}"') < page.index(f'href="/decisions/{longer.id}"')
    await lift_statement(longer.id)
    page = (await member.get("/settings/sanctions")).text
    assert f'href="/decisions/{first.id}"' in page
    assert f'href="/decisions/{longer.id}"' not in page
