"""The queue holds all that waits for staff: each kind comes in with its cause and goes with its end."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from community.accounts.reveals import (
    Cause,
    RevealWish,
    ask_reveal,
    decide_reveal,
    drop_unanswered_reveals,
)
from community.core.clock import now
from community.core.db import execute, in_transaction
from community.core.errors import RuleBroken
from community.core.viewer import Role, Viewer
from community.decisions import work
from community.decisions.claims import TakenBySomebody
from community.decisions.models import WorkItem, WorkLook
from community.decisions.targets import Target, list_targets, set_targets
from community.decisions.work import WorkKind
from community.faq import actions as faq
from community.faq.models import Entry, EntryState
from community.moderation import claiming, queue
from community.moderation.queue import Wanted
from community.threads import marks, order
from community.threads.models import Thread
from community.threads.unanswered import ask_staff
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_entry, make_member, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, deliver, flag, item_url, told
from tests.web.test_thread_page import Statements

REASON = "It does not belong into this community."


async def waited(thread: Thread, hours: int) -> Thread:
    await Thread.filter(id=thread.id).update(created_at=now() - timedelta(hours=hours))
    return thread


async def kinds(viewer: Viewer) -> list[tuple[str, int]]:
    return [(row.kind, row.number) for row in await queue.list_work(viewer, Wanted())]


@pytest.mark.each_database
async def test_staff_are_asked_for_an_answer_once_it_was_the_turn_of_the_others(cast: Cast) -> None:
    async with in_transaction():
        await set_targets(cast.open_space.id, {WorkKind.UNANSWERED: Target(after=6, soon=10, late=20)})
    early = await waited(await make_thread(cast.open_space, cast.asker), 5)
    due = await waited(await make_thread(cast.open_space, cast.asker), 7)
    await waited(await make_thread(cast.discussions, cast.asker), 700)
    await waited(await make_thread(cast.open_space, cast.asker), 24 * 61)
    answered = await waited(await make_thread(cast.open_space, cast.asker), 7)
    await make_answer(answered, cast.helper)
    viewer = await viewer_for(cast.moderator)
    for _again in range(2):
        await ask_staff()
        assert await kinds(viewer) == [("unanswered", due.id)]
    (row,) = await queue.list_work(viewer, Wanted())
    assert row.due_at - row.since == timedelta(hours=20)
    await waited(early, 6)
    await ask_staff()
    assert (await queue.count_work(viewer)).of(Wanted(kind="unanswered")).number == 2


@pytest.mark.each_database
async def test_a_question_leaves_the_queue_with_whatever_ends_its_waiting(cast: Cast) -> None:
    by = await viewer_for(cast.moderator)
    threads = [await waited(await make_thread(cast.open_space, cast.asker), 30) for _number in range(4)]
    await ask_staff()
    assert len(await kinds(by)) == 4
    await make_answer(threads[0], cast.helper)
    await order.hide_post((await opening_of(threads[1])).id, by=by, reason=REASON)
    await order.lock_thread(threads[2].id, by=by, reason=REASON)
    await order.move_thread(threads[3].id, to_space=cast.discussions.id, by=by, reason=REASON)
    assert await kinds(by) == []
    # What comes back unanswered is asked for again.
    await order.unlock_thread(threads[2].id, by=by, reason=REASON)
    await ask_staff()
    assert await kinds(by) == [("unanswered", threads[2].id)]


@pytest.mark.each_database
async def test_an_entry_waits_while_it_is_in_review_and_not_for_whoever_wrote_it(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    entry = await make_entry(answer, answer="Restart it.")
    writer, other = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    text = faq.EntryText(
        question="How do I restart it?", short_answer="Pull the plug.", category_id=entry.category_id,
        language="en",
    )  # fmt: skip
    version = await faq.edit_entry(entry.id, text, version=entry.version, by=writer)
    assert await kinds(other) == []
    await faq.send_for_review(entry.id, version=version, by=writer, cleared=True)
    assert await kinds(other) == [("faq", entry.id)]
    assert await kinds(writer) == []
    await faq.release_entry(entry.id, version=version, by=other)
    assert await WorkItem.all().count() == 0
    assert (await Entry.get(id=entry.id)).state == EntryState.PUBLISHED


@pytest.mark.each_database
async def test_an_identity_waits_for_a_second_person_and_not_for_ever(cast: Cast) -> None:
    asker, other = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    wish = RevealWish(Cause.DANGER, "Somebody is threatened in this thread, tonight.")
    first = await ask_reveal(cast.helper.id, wish, by=asker)
    second = await ask_reveal(cast.asker.id, wish, by=asker)
    assert await kinds(asker) == []
    assert {number for _kind, number in await kinds(other)} == {first, second}
    await decide_reveal(first, approved=False, by=other, reason="There is no danger in it.")
    assert await kinds(other) == [("reveal", second)]
    await execute("UPDATE vault_reveals SET asked_at = :at", {"at": now() - timedelta(days=8)})
    await drop_unanswered_reveals()
    assert await kinds(other) == []


@pytest.mark.each_database
async def test_targets_hold_for_what_waits_already(cast: Cast) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    await flag(opening, cast.outsider)
    async with in_transaction():
        await set_targets(cast.open_space.id, {WorkKind.FLAG: Target(soon=1, late=2)})
    item = await WorkItem.get()
    assert (item.soon_at - item.since, item.due_at - item.since) == (timedelta(hours=1), timedelta(hours=2))
    assert (await list_targets(cast.open_space.id))[WorkKind.FLAG] == Target(soon=1, late=2)
    assert (await list_targets(cast.members_space.id))[WorkKind.FLAG] == Target(soon=4, late=24)


async def test_targets_are_set_on_the_form_of_the_space(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    address = f"/admin/spaces/{cast.open_space.slug}"
    page = (await browser.get(address)).text
    assert "Ask staff for an answer after how many hours?" in page
    form = {"name": "Open space", "kind": "questions", "access": "open", "language": "en", "icon": "router",
            "flag-soon": "2", "flag-late": "3", "unanswered-after": "12", "unanswered-soon": "20",
            "unanswered-late": "40"}  # fmt: skip
    assert (await browser.post(address, data=form, headers=ORIGIN)).status_code == 303
    targets = await list_targets(cast.open_space.id)
    assert targets == {
        WorkKind.FLAG: Target(soon=2, late=3),
        WorkKind.UNANSWERED: Target(after=12, soon=20, late=40),
    }
    for wrong in ({"flag-late": "1"}, {"flag-soon": "-1"}, {"unanswered-after": "soon"}, {"flag-late": ""}):
        refused = await browser.post(address, data=form | wrong, headers=ORIGIN)
        assert refused.status_code == 422, wrong
    assert await list_targets(cast.open_space.id) == targets


@pytest.mark.each_database
async def test_what_is_put_aside_comes_back_by_itself(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker, title="Put me aside"))
    await flag(opening, cast.outsider)
    url = await item_url(opening)
    jana, tom = await visit(cast.moderator), await visit(cast.administrator)
    await jana.post(f"{url}/claim", headers=ORIGIN)
    assert (await tom.post(f"{url}/snooze", data={"hours": "4"}, headers=ORIGIN)).status_code == 409
    assert (await jana.post(f"{url}/snooze", data={"hours": "5"}, headers=ORIGIN)).status_code == 422
    assert (await jana.post(f"{url}/snooze", data={"hours": "4"}, headers=ORIGIN)).status_code == 303
    assert "Put me aside" not in (await tom.get("/moderation")).text
    assert "Put me aside" in (await tom.get("/moderation?show=snoozed")).text
    await WorkItem.all().update(snoozed_until=now() - timedelta(seconds=1))
    page = (await tom.get("/moderation?show=unclaimed")).text
    assert "Put me aside" in page
    await tom.post(f"{url}/snooze", data={"hours": "24"}, headers=ORIGIN)
    await jana.post(f"{url}/wake", headers=ORIGIN)
    assert "Put me aside" in (await jana.get("/moderation")).text


@pytest.mark.each_database
async def test_an_item_is_handed_to_a_colleague_who_is_told(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker, title="For somebody else"))
    await flag(opening, cast.outsider)
    url = await item_url(opening)
    jana, tom = await visit(cast.moderator), await visit(cast.administrator)
    given = {"to": str(cast.administrator.id), "note": "You know this customer's contract."}
    await jana.post(f"{url}/claim", headers=ORIGIN)
    assert (await jana.post(f"{url}/hand-on", data=given, headers=ORIGIN)).status_code == 303
    assert "For somebody else" not in (await jana.get("/moderation?show=unclaimed")).text
    page = (await tom.get("/moderation?show=mine")).text
    assert "Jana K. has given this to you" in page
    assert "You know this customer" in (await tom.get(f"/moderation/posts/{opening.id}")).text
    await deliver(search_engine)
    assert await told(cast.administrator) == [("work_handed", "You know this customer's contract.")]
    assert "Jana K. has given you an item of the queue" in (await tom.get("/notifications")).text
    # Once somebody is on it, nobody else hands it on; and customers are no colleagues.
    await tom.post(f"{url}/claim", headers=ORIGIN)
    assert (await jana.post(f"{url}/hand-on", data=given, headers=ORIGIN)).status_code == 409
    for nobody in (cast.helper, cast.marketing, cast.administrator):
        refused = await tom.post(f"{url}/hand-on", data={"to": str(nobody.id)}, headers=ORIGIN)
        assert refused.status_code == 422
    assert (await WorkItem.get()).handed_to == cast.administrator.id


async def test_nobody_is_given_what_they_may_not_decide(cast: Cast) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.administrator)
    await flag(answer, cast.outsider)
    item = await WorkItem.get()
    with pytest.raises(RuleBroken):
        await claiming.hand_on(
            item.id,
            WorkKind.FLAG,
            item.subject,
            to=cast.administrator.id,
            note="",
            by=await viewer_for(cast.moderator),
        )


async def test_an_open_page_says_who_is_on_it_and_who_looks(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    await flag(opening, cast.outsider)
    url = await item_url(opening)
    jana, tom = await visit(cast.moderator), await visit(cast.administrator)
    await jana.post(f"{url}/claim", headers=ORIGIN)
    await WorkItem.all().update(claimed_at=now() - timedelta(minutes=20))
    first = (await jana.post(f"{url}/looking", data={"works": "1"}, headers=ORIGIN)).json()
    assert first == {"holder": "You are on it", "looking": ""}
    assert (await WorkItem.get()).claimed_at > now() - timedelta(minutes=1), "whoever works stays on it"
    second = (await tom.post(f"{url}/looking", headers=ORIGIN)).json()
    assert second == {"holder": "Jana K. is on it", "looking": "Also looking at it: Jana K."}
    assert "Also looking at it: Jana K." in (await tom.get(f"/moderation/posts/{opening.id}")).text
    number = url.rpartition("/")[2]
    assert (await tom.get(f"/moderation/holders?ids={number},1,x")).json() == {number: "Jana K. is on it"}
    await WorkLook.all().update(seen_at=now() - timedelta(minutes=2))
    assert (await tom.post(f"{url}/looking", headers=ORIGIN)).json()["looking"] == ""
    await work.forget_looks()
    assert [look.member_id for look in await WorkLook.all()] == [cast.administrator.id]


async def test_the_next_item_is_mine_before_it_is_nobodys(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.moderator)
    assert (await browser.get("/moderation/next")).headers["location"] == "/moderation"
    openings = [await opening_of(await make_thread(cast.open_space, cast.asker)) for _number in range(3)]
    for opening in openings:
        await flag(opening, cast.outsider)
    urls = [await item_url(opening) for opening in openings]
    subjects = [f"post:{opening.id}" for opening in openings]
    await claiming.claim_item(WorkKind.FLAG, subjects[0], by=await viewer_for(cast.administrator))
    assert (await browser.get("/moderation/next")).headers["location"] == urls[1]
    await claiming.claim_item(WorkKind.FLAG, subjects[2], by=await viewer_for(cast.moderator))
    assert (await browser.get("/moderation/next")).headers["location"] == urls[2]


async def test_what_is_gone_leads_back_to_the_queue(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.moderator)
    gone = await browser.post("/moderation/items/12345/claim", headers=ORIGIN)
    assert (gone.status_code, gone.headers["location"]) == (303, "/moderation")
    assert "This has been dealt with meanwhile." in (await browser.get("/moderation")).text
    assert (await browser.get("/moderation/items/12345")).status_code == 404


async def test_the_filters_are_addresses(cast: Cast, visit: Visit) -> None:
    await waited(await make_thread(cast.members_space, cast.asker, title="Asked long ago"), 100)
    await ask_staff()
    opening = await opening_of(await make_thread(cast.open_space, cast.asker, title="Flagged just now"))
    await flag(opening, cast.outsider)
    browser = await visit(cast.moderator)
    for query, asked, flagged in (
        ("", True, True),
        ("?kind=flag", False, True),
        ("?kind=unanswered", True, False),
        (f"?space={cast.open_space.slug}", False, True),
        (f"?show=late&space={cast.members_space.slug}", True, False),
        ("?show=late&kind=flag", False, False),
    ):
        page = (await browser.get(f"/moderation{query}")).text
        assert ("Asked long ago" in page, "Flagged just now" in page) == (asked, flagged), query
    for nonsense in ("?kind=x", "?space=x", "?show=x"):
        assert (await browser.get(f"/moderation{nonsense}")).status_code == 404


@pytest.mark.each_database
async def test_the_queue_costs_the_same_however_much_waits(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.moderator)
    counts = []
    numbers = itertools.count(1)
    for _round in range(2):
        for _each in range(5):
            thread = await make_thread(cast.open_space, cast.asker, title=f"Router {next(numbers)}")
            await waited(thread, 50)
            await flag(await opening_of(thread), cast.outsider)
        await ask_staff()
        with Statements() as statements:
            assert (await browser.get("/moderation")).status_code == 200
        counts.append(len(statements.seen))
    assert counts[0] == counts[1] <= 10, statements.seen


@pytest.mark.each_database
async def test_a_claim_is_refused_while_somebody_is_on_any_kind(cast: Cast) -> None:
    thread = await waited(await make_thread(cast.open_space, cast.asker), 30)
    await ask_staff()
    subject = f"thread:{thread.id}"
    await claiming.claim_item(WorkKind.UNANSWERED, subject, by=await viewer_for(cast.moderator))
    other = await viewer_for(await make_member(role=Role.MODERATOR))
    with pytest.raises(TakenBySomebody, match=r"Jana K\. is on it"):
        await claiming.claim_item(WorkKind.UNANSWERED, subject, by=other)
