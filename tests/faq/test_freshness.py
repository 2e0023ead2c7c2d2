"""What happens to a source, and a date that comes, bring an entry into check; taken back, it is right again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from community.consequences import consequences
from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch
from community.core.errors import Conflict, RuleBroken
from community.core.viewer import Viewer
from community.decisions.grounds import NETIQUETTE
from community.decisions.models import WorkItem
from community.faq import actions, editorial
from community.faq.causes import today
from community.faq.check_figures import Chosen, get_freshness, list_in_check, list_next
from community.faq.feedback import give_feedback
from community.faq.freshness import Watch, adopt_solution, confirm_entry, look_at
from community.faq.models import Entry
from community.faq.queries import credited, get_entry, list_sources
from community.faq.source_queries import list_editorial_sources, seen_of
from community.indexing import PendingDocuments
from community.spaces.actions import change_space
from community.spaces.models import SpaceAccess
from community.threads import marks, merging, order, retitling, splitting
from community.threads.actions import edit_post
from community.threads.clearing import clear_post
from community.threads.models import Post, Thread
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_member, make_thread, opening_of, viewer_for
from tests.faq.entries import SOLUTION, causes_of, make_draft, make_published, make_solved, publish, seen_by
from tests.spaces.test_make_and_change_spaces import draft as space_draft

REASON = "Somebody asked for it."


@dataclass(frozen=True)
class Scene:
    cast: Cast
    engine: SearchEngine
    moderator: Viewer
    thread: Thread
    answer: Post
    entry_id: int

    async def causes(self) -> list[tuple[str, int | None]]:
        """What the entry is in check for, once everything has been delivered; its state says the same."""
        await look_around(self.engine)
        found = await causes_of(self.moderator, self.entry_id)
        state = (await Entry.get(id=self.entry_id)).state
        assert state == ("check" if found else "published")
        items = await WorkItem.filter(kind="faq", subject=f"faq:{self.entry_id}").count()
        assert items == (1 if found else 0)
        return [(cause.kind, cause.post_id) for cause in found]

    async def credited(self) -> list[int]:
        """Whom readers see as helpers."""
        return [row.id for row in credited(await list_sources(await viewer_for(None), [self.entry_id]))]

    async def kinds(self) -> set[str]:
        return {kind for kind, _post_id in await self.causes()}

    async def edit(self, body: str, *, post: Post | None = None, title: str = "") -> None:
        post = await Post.get(id=(post or self.answer).id)
        await edit_post(post.id, body=body, version=post.version, by=post.author_id, title=title)  # type: ignore[attr-defined]

    async def seen(self) -> str:
        return await seen_by(self.moderator, self.entry_id)

    async def confirm(self, **changes: object) -> None:
        entry = await Entry.get(id=self.entry_id)
        given = {"version": entry.published_version, "seen": await self.seen(), "by": self.moderator}
        await confirm_entry(self.entry_id, **(given | changes))  # type: ignore[arg-type]


async def look_around(engine: SearchEngine) -> None:
    """What follows from what has happened, as far as entries are concerned; the rest would take most of the time."""
    table = {
        name: [each for each in owed if each.__name__.startswith(("check_", "carry_along"))]
        for name, owed in consequences(PendingDocuments(engine)).items()
    }
    while rows := await outbox.lease():
        deliveries = [await outbox.run(row, table) for row in rows]
        assert not [delivery.failure for delivery in deliveries if delivery.failure]
        await outbox.finish(deliveries)


@pytest.fixture
async def scene(cast: Cast, search_engine: SearchEngine) -> Scene:
    thread, answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    await publish(cast, entry_id)
    made = Scene(cast, search_engine, await viewer_for(cast.moderator), thread, answer, entry_id)
    assert await made.causes() == []
    return made


async def test_an_entry_that_cannot_be_read_keeps_no_other_from_its_turn(scene: Scene) -> None:
    broken = await make_published(scene.cast)
    await execute("UPDATE faq_entries SET checked_at = 'nonsense' WHERE id = :id", {"id": broken})
    await scene.edit("Something else altogether, in enough words.")
    with pytest.raises(ValueError, match="nonsense"):
        await look_at([broken, scene.entry_id])
    rows = await fetch("SELECT state FROM faq_entries WHERE id = :id", {"id": scene.entry_id})
    assert rows[0]["state"] == "check"


# --- one test for each cause, and for taking it back ------------------------------------------------------


@pytest.mark.each_database
async def test_an_edited_source(scene: Scene) -> None:
    await scene.edit(SOLUTION.replace("profile", "certificate"))
    assert await scene.causes() == [("edited", scene.answer.id)]
    (cause,) = await causes_of(scene.moderator, scene.entry_id)
    assert cause.before is not None
    assert (cause.before.body, cause.now.body) == (SOLUTION, SOLUTION.replace("profile", "certificate"))
    # Another edit is the same cause; the first words again are none.
    await scene.edit("Something else altogether, in enough words.")
    assert await scene.causes() == [("edited", scene.answer.id)]
    await scene.edit(SOLUTION)
    assert await scene.causes() == []
    rows = await fetch("SELECT settled_how, settled_by FROM faq_causes")
    assert [tuple(row) for row in rows] == [("taken_back", None)]


async def test_another_title(scene: Scene) -> None:
    opening = await opening_of(scene.thread)
    await retitling.retitle_thread(
        scene.thread.id, title="Router is red", tags=(), by=scene.moderator, reason=REASON
    )
    assert await scene.causes() == [("edited", opening.id)]
    (cause,) = await causes_of(scene.moderator, scene.entry_id)
    assert cause.before is not None
    assert (cause.before.title, cause.now.title) == ("Router lost its profile", "Router is red")


async def test_a_hidden_source(scene: Scene) -> None:
    guest = await viewer_for(None)
    assert len(await list_sources(guest, [scene.entry_id])) == 2
    await order.hide_post((await opening_of(scene.thread)).id, by=scene.moderator, reason=REASON)
    # Nothing leads there from this moment on; the text stays until a person decides, and is urgent.
    assert await list_sources(guest, [scene.entry_id]) == ()
    assert await scene.kinds() == {"hidden"}
    item = await WorkItem.get(subject=f"faq:{scene.entry_id}")
    assert item.due_at <= now()
    assert (await get_entry(guest, scene.entry_id)).question
    await order.restore_post((await opening_of(scene.thread)).id, by=scene.moderator, reason=REASON)
    assert await scene.causes() == []


async def test_an_erased_source(scene: Scene) -> None:
    await order.hide_post(scene.answer.id, by=scene.moderator, reason=REASON)
    await clear_post(scene.answer.id, ground=NETIQUETTE, by=scene.moderator, reason=REASON)
    assert ("erased", scene.answer.id) in await scene.causes()
    assert await scene.kinds() == {"erased", "reopened"}
    cause = next(c for c in await causes_of(scene.moderator, scene.entry_id) if c.kind == "erased")
    assert cause.before is None


async def test_a_withdrawn_solution(scene: Scene) -> None:
    await marks.withdraw_solution(scene.thread.id, by=scene.cast.asker.id)
    assert await scene.causes() == [("reopened", scene.answer.id)]
    await marks.accept_solution(scene.answer.id, by=scene.cast.asker.id)
    assert await scene.causes() == []


@pytest.mark.each_database
async def test_another_solution_is_adopted_as_source(scene: Scene) -> None:
    other = await make_answer(scene.thread, scene.cast.colleague, "Better: hold the button for ten seconds.")
    await marks.withdraw_solution(scene.thread.id, by=scene.cast.asker.id)
    await marks.accept_solution(other.id, by=scene.cast.asker.id)
    assert await scene.causes() == [("other_solution", scene.answer.id)]
    (cause,) = await causes_of(scene.moderator, scene.entry_id)
    assert cause.other is not None
    assert cause.other.post_id == other.id
    with pytest.raises(Conflict):
        await adopt_solution(scene.entry_id, scene.answer.id, solution_id=scene.answer.id, by=scene.moderator)
    await adopt_solution(scene.entry_id, scene.answer.id, solution_id=other.id, by=scene.moderator)
    # Readers see the new source, and its helper is thanked, once a person has held the text against it.
    guest = await viewer_for(None)
    assert scene.answer.id in {source.post_id for source in await list_sources(guest, [scene.entry_id])}
    assert await scene.kinds() == {"other_solution"}
    await scene.confirm(note="Both say the same.")
    assert await scene.causes() == []
    posts = {source.post_id for source in await list_sources(guest, [scene.entry_id])}
    assert posts == {other.id, (await opening_of(scene.thread)).id}


async def test_a_solution_that_comes_back_is_not_replaced(scene: Scene) -> None:
    other = await make_answer(scene.thread, scene.cast.colleague, "Better: hold the button for ten seconds.")
    await marks.withdraw_solution(scene.thread.id, by=scene.cast.asker.id)
    await marks.accept_solution(other.id, by=scene.cast.asker.id)
    await look_around(scene.engine)
    await adopt_solution(scene.entry_id, scene.answer.id, solution_id=other.id, by=scene.moderator)
    await marks.withdraw_solution(scene.thread.id, by=scene.cast.asker.id)
    await marks.accept_solution(scene.answer.id, by=scene.cast.asker.id)
    assert await scene.causes() == []
    rows = await fetch("SELECT post_id, replaced_by_id FROM faq_sources ORDER BY post_id")
    assert {row["post_id"] for row in rows} == {scene.answer.id, (await opening_of(scene.thread)).id}
    assert {row["replaced_by_id"] for row in rows} == {None}


async def test_a_source_that_moves_where_readers_may_not_read_it(scene: Scene) -> None:
    cast = scene.cast
    await order.move_thread(scene.thread.id, to_space=cast.hidden_space.id, by=scene.moderator, reason=REASON)
    assert await list_sources(await viewer_for(None), [scene.entry_id]) == ()
    assert await scene.kinds() == {"narrowed"}
    with pytest.raises(RuleBroken):
        await scene.confirm()
    await scene.confirm(cleared=True)
    assert await scene.causes() == []
    # Back and there again, the yes is needed again.
    await order.move_thread(scene.thread.id, to_space=cast.open_space.id, by=scene.moderator, reason=REASON)
    assert await scene.causes() == []
    await order.move_thread(scene.thread.id, to_space=cast.hidden_space.id, by=scene.moderator, reason=REASON)
    assert await scene.kinds() == {"narrowed"}
    await order.move_thread(scene.thread.id, to_space=cast.open_space.id, by=scene.moderator, reason=REASON)
    assert await scene.causes() == []


async def test_a_space_that_fewer_may_read(scene: Scene) -> None:
    space, administrator = scene.cast.open_space, await viewer_for(scene.cast.administrator)
    members = space_draft(space.name, access=SpaceAccess.MEMBERS)
    await change_space(space.id, members, by=administrator)
    assert await scene.kinds() == {"narrowed"}
    await change_space(space.id, space_draft(space.name), by=administrator)
    assert await scene.causes() == []


async def test_sources_in_a_space_for_members_fit_entries_for_members(
    cast: Cast, search_engine: SearchEngine
) -> None:
    thread, answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread, audience="members")
    await publish(cast, entry_id)
    scene = Scene(cast, search_engine, await viewer_for(cast.moderator), thread, answer, entry_id)
    for space, kinds in ((cast.members_space, set()), (cast.hidden_space, {"narrowed"})):
        await order.move_thread(thread.id, to_space=space.id, by=scene.moderator, reason=REASON)
        assert await scene.kinds() == kinds


@pytest.mark.each_database
async def test_a_merged_thread(scene: Scene) -> None:
    target = await make_thread(scene.cast.open_space, scene.cast.outsider, title="Red light")
    await merging.merge_threads(scene.thread.id, into=target.id, by=scene.moderator, reason=REASON)
    opening = await Post.get(thread_id=target.id, body="It blinks red since Friday. What can we do?")
    # Neither counts as edited: what was a question there is an answer here, and says the same.
    assert set(await scene.causes()) == {("carried", scene.answer.id), ("carried", opening.id)}
    await scene.confirm()
    assert await scene.causes() == []
    assert await scene.credited() == [scene.cast.helper.id], "whoever asked has not helped"


async def test_a_source_that_is_split_off(scene: Scene) -> None:
    new = splitting.NewThread(scene.cast.open_space.id, "How to load a profile")
    await splitting.split_thread(
        scene.thread.id, [scene.answer.id], to=new, by=scene.moderator, reason=REASON
    )
    assert await scene.causes() == [("carried", scene.answer.id)]
    assert await scene.credited() == [scene.cast.helper.id]


async def _say_no(scene: Scene, times: int, *, helpful: bool = False) -> None:
    for _ in range(times):
        by = await viewer_for(await make_member())
        await give_feedback(scene.entry_id, helpful=helpful, by=by)


async def test_bad_feedback_since_the_last_check(scene: Scene) -> None:
    await _say_no(scene, 2)
    await _say_no(scene, 4, helpful=True)
    assert await scene.causes() == []
    await _say_no(scene, 1)
    # Three of seven are 43 percent.
    assert await scene.causes() == [("feedback", None)]
    await scene.confirm()
    assert await scene.causes() == []
    await _say_no(scene, 2)
    assert await scene.causes() == []


@pytest.mark.each_database
async def test_a_date_that_has_passed_asks_for_another_version(scene: Scene) -> None:
    yesterday, tomorrow = (str(today() + timedelta(days=days)) for days in (-1, 1))
    await execute("UPDATE faq_entries SET published_valid_until = :day", {"day": str(today())})
    await Watch().go_round()
    assert await scene.causes() == []
    await execute("UPDATE faq_entries SET published_valid_until = :day", {"day": yesterday})
    await Watch().go_round()
    await Watch().go_round()
    assert await scene.causes() == [("expired", None)]
    await scene.confirm()
    assert await scene.causes() == [("expired", None)]
    text = (await editorial.get_editorial(scene.moderator, scene.entry_id)).text
    await actions.edit_entry(
        scene.entry_id, replace(text, valid_until=tomorrow), version=1, by=scene.moderator
    )
    assert await scene.causes() == [("expired", None)]
    await actions.send_for_review(scene.entry_id, version=2, by=scene.moderator)
    await actions.release_entry(scene.entry_id, version=2, by=await viewer_for(scene.cast.administrator))
    assert await scene.causes() == []
    assert (await get_entry(scene.moderator, scene.entry_id)).valid_until == tomorrow


async def test_a_year_without_a_check(scene: Scene) -> None:
    await execute("UPDATE faq_entries SET checked_at = :at", {"at": now() - timedelta(days=364)})
    await Watch().go_round()
    assert await scene.causes() == []
    await execute("UPDATE faq_entries SET checked_at = :at", {"at": now() - timedelta(days=366)})
    await Watch().go_round()
    assert await scene.causes() == [("unchecked", None)]
    await scene.confirm()
    assert await scene.causes() == []
    assert (await get_entry(scene.moderator, scene.entry_id)).checked_role == "moderator"


@pytest.mark.each_database
async def test_the_figures_of_freshness(scene: Scene) -> None:
    other, _answer = await make_solved(
        scene.cast.open_space, scene.cast.asker, scene.cast.helper, title="Fax"
    )
    ends = await make_draft(scene.cast, other, valid_until=str(today() + timedelta(days=9)))
    await publish(scene.cast, ends)
    await scene.edit("Something else altogether, in enough words.")
    await order.hide_post((await opening_of(scene.thread)).id, by=scene.moderator, reason=REASON)
    assert await scene.kinds() == {"edited", "hidden"}
    await execute("UPDATE faq_entries SET checked_at = :at", {"at": now() - timedelta(days=300)})
    figures = await get_freshness(scene.moderator, Chosen())
    assert (figures.released, figures.in_check, figures.fresh) == (2, 1, 1)
    assert (figures.due_soon, figures.due_later, figures.days_since_check) == (1, 1, 300)
    assert (figures.sources_amiss, figures.by_cause) == (2, {"edited": 1, "hidden": 1})
    (line,) = await list_in_check(scene.moderator, Chosen(language="en", category="routers"), kind="hidden")
    assert (line.id, set(line.kinds)) == (scene.entry_id, {"edited", "hidden"})
    assert await list_in_check(scene.moderator, Chosen(), kind="expired") == ()
    assert (await get_freshness(scene.moderator, Chosen(language="de"))).released == 0
    (coming,) = await list_next(scene.moderator, Chosen())
    assert (coming.id, coming.due, coming.kind) == (ends, today() + timedelta(days=10), "expired")


# --- nothing is lost, nothing is settled unseen -----------------------------------------------------------


async def test_the_round_finds_what_no_fact_has_told(scene: Scene) -> None:
    await scene.edit("Something else altogether, in enough words.")
    await execute("DELETE FROM outbox_facts")
    watch = Watch()
    for _ in range(2):
        await watch.go_round()
    assert await scene.causes() == [("edited", scene.answer.id)]


async def test_an_entry_that_fails_keeps_no_other_from_the_round(scene: Scene) -> None:
    other = await make_published(scene.cast)
    await execute("UPDATE faq_entries SET checked_at = :at", {"at": now() - timedelta(days=366)})
    first, second = sorted((scene.entry_id, other))
    await execute(
        f"""CREATE TRIGGER broken BEFORE INSERT ON faq_causes WHEN NEW.entry_id = {first}
        BEGIN SELECT RAISE(ABORT, 'broken'); END"""
    )
    watch = Watch()
    with pytest.raises(Exception, match="broken"):
        await watch.go_round()
    assert [row["entry_id"] for row in await fetch("SELECT entry_id FROM faq_causes")] == [second]
    await execute("DROP TRIGGER broken")
    await watch.go_round()
    assert {row["entry_id"] for row in await fetch("SELECT entry_id FROM faq_causes")} == {first, second}


async def test_a_source_that_is_edited_while_its_editor_reads_is_not_confirmed(scene: Scene) -> None:
    await scene.edit("Something else altogether, in enough words.")
    await look_around(scene.engine)
    seen = await scene.seen()
    await scene.edit("And once more, while the page was open.")
    with pytest.raises(Conflict):
        await scene.confirm(seen=seen)
    assert await scene.causes() == [("edited", scene.answer.id)]


@pytest.mark.each_database
async def test_a_draft_settles_nothing_and_its_release_what_its_editor_has_seen(scene: Scene) -> None:
    administrator = await viewer_for(scene.cast.administrator)
    await scene.edit("Something else altogether, in enough words.")
    await look_around(scene.engine)
    text = (await editorial.get_editorial(scene.moderator, scene.entry_id)).text
    new = replace(text, short_answer="Something else altogether.")
    await actions.edit_entry(scene.entry_id, new, version=1, by=scene.moderator, seen=await scene.seen())
    assert not any(s.changed for s in await list_editorial_sources(administrator, scene.entry_id))
    # Readers still read the old text.
    assert await scene.causes() == [("edited", scene.answer.id)]
    await actions.send_for_review(scene.entry_id, version=2, by=scene.moderator)
    await scene.edit("And once more, while it waited for its release.")
    await actions.release_entry(scene.entry_id, version=2, by=administrator)
    assert await scene.causes() == [("edited", scene.answer.id)]
    await actions.edit_entry(scene.entry_id, text, version=2, by=scene.moderator, seen=await scene.seen())
    await actions.send_for_review(scene.entry_id, version=3, by=scene.moderator)
    await actions.release_entry(scene.entry_id, version=3, by=administrator)
    assert await scene.causes() == []


async def test_a_yes_does_not_hold_for_a_space_that_became_narrower_while_the_entry_waited(
    cast: Cast,
) -> None:
    moderator = await viewer_for(cast.moderator)
    thread, _answer = await make_solved(cast.members_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    seen = await seen_by(moderator, entry_id)
    await actions.send_for_review(entry_id, version=1, by=moderator, cleared=True, seen=seen)
    await order.move_thread(thread.id, to_space=cast.hidden_space.id, by=moderator, reason=REASON)
    with pytest.raises(RuleBroken):
        await actions.release_entry(entry_id, version=1, by=await viewer_for(cast.administrator))


async def test_a_withdrawn_entry_has_no_causes(scene: Scene) -> None:
    await scene.edit("Something else altogether, in enough words.")
    assert await scene.kinds() == {"edited"}
    await actions.withdraw_entry(scene.entry_id, by=scene.moderator, reason=REASON)
    rows = await fetch("SELECT settled_how, settled_by FROM faq_causes")
    assert [tuple(row) for row in rows] == [("withdrawn", scene.moderator.id)]
    await Watch().go_round()
    assert (await Entry.get(id=scene.entry_id)).state == "withdrawn"


async def test_whoever_may_not_read_a_source_neither_sees_nor_settles_what_is_about_it(scene: Scene) -> None:
    cast = scene.cast
    await order.move_thread(scene.thread.id, to_space=cast.hidden_space.id, by=scene.moderator, reason=REASON)
    assert await scene.kinds() == {"narrowed"}
    spaces = tuple(i for i in scene.moderator.readable_space_ids if i != cast.hidden_space.id)
    outside = replace(scene.moderator, readable_space_ids=spaces)
    assert await causes_of(outside, scene.entry_id) == ()
    assert await list_in_check(outside, Chosen()) == ()
    figures = await get_freshness(outside, Chosen())
    assert (figures.in_check, figures.sources_amiss, figures.by_cause) == (1, 0, {})
    checked_at = (await Entry.get(id=scene.entry_id)).checked_at
    await scene.confirm(by=outside, seen=seen_of(()), cleared=True)
    assert await scene.kinds() == {"narrowed"}
    assert (await Entry.get(id=scene.entry_id)).checked_at == checked_at
