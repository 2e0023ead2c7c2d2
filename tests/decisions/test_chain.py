"""The chain of the moderation log: whoever changes it past the community is noticed, and forgetting is not that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from community.core.clock import now
from community.core.db import execute, fetch, fetch_one, in_transaction, savepoint
from community.core.viewer import Role, Viewer
from community.decisions import chain
from community.decisions.actions import forget_actor, log, log_for_nobody, rewrite_reason
from community.decisions.chain import link_older_entries
from community.decisions.verification import seal_log, verify_log
from community.settings import settings
from tests.decisions.owner import open_the_gates

pytestmark = pytest.mark.each_database
JANA = Viewer(id=7, nickname="Jana K.", role=Role.MODERATOR)
TIM = Viewer(id=8, nickname="Tim B.", role=Role.MODERATOR)


@pytest.fixture
async def logged(fresh_database: str) -> AsyncIterator[None]:
    """Ten entries, and a database that lets them be changed."""
    for number in range(10):
        await log(
            "hide_post", f"post:{number}", by=JANA, reason=f"Reason {number}", space_id=3, number=number
        )
    await open_the_gates()
    yield


async def _wrong() -> str:
    report = await verify_log()
    return " ".join(report.wrong) + ("" if report.seal_fits else " The seal does not fit.")


async def _id_of(number: int) -> int:
    row = await fetch_one("SELECT id FROM moderation_log WHERE subject = :of", {"of": f"post:{number}"})
    assert row is not None
    return int(row["id"])


async def test_a_log_that_nobody_touched_is_in_order(logged: None) -> None:
    report = await verify_log()
    assert (report.checked, report.wrong, report.seal_fits, report.older_waiting) == (10, [], True, 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("act = 'restore_post'", "was changed"),
        ("subject = 'post:99'", "was changed"),
        ("actor_id = 8", "was changed"),
        ("space_id = NULL", "was changed"),
        ("""details = '{"number": 5}'""", "was changed"),
        ("actor_name = 'Tim B.'", "The name in the entry"),
        ("reason = 'Another reason'", "The reason in the entry"),
        ("actor_name = ''", "The name in the entry"),
        ("reason = '', reason_salt = ''", "The reason in the entry"),
    ],
)
async def test_a_changed_entry_is_named(logged: None, change: str, told: str) -> None:
    entry = await _id_of(4)
    await execute(f"UPDATE moderation_log SET {change} WHERE id = {entry}")
    report = await verify_log()
    assert len(report.wrong) == 1
    assert told in report.wrong[0]
    assert str(entry) in report.wrong[0]


async def test_another_time_is_noticed(logged: None) -> None:
    entry = await _id_of(4)
    await execute("UPDATE moderation_log SET at = :at WHERE id = :id", {"at": now(), "id": entry})
    assert f"The entry {entry} of the moderation log" in await _wrong()


async def test_a_removed_entry_is_noticed_with_and_without_its_link(logged: None) -> None:
    await execute("DELETE FROM moderation_log WHERE id = :id", {"id": await _id_of(4)})
    assert "was removed" in await _wrong()
    await execute("DELETE FROM moderation_log_links WHERE position = 5")
    assert "The link 5 of the moderation log's chain is missing." in await _wrong()


async def test_cutting_off_the_end_is_noticed_also_with_an_end_that_fits(logged: None) -> None:
    last = await _id_of(9)
    await execute("DELETE FROM moderation_log WHERE id = :id", {"id": last})
    await execute("DELETE FROM moderation_log_links WHERE entry_id = :id", {"id": last})
    assert "The link 10" in await _wrong()
    await execute(
        """UPDATE moderation_log_head SET count = 9,
        hash = (SELECT hash FROM moderation_log_links WHERE position = 9)"""
    )
    assert "The seal does not fit." in await _wrong()
    # Nor does the next entry make it good.
    await log("lock_thread", "thread:1", by=TIM, reason="")
    assert "The seal does not fit." in await _wrong()


async def test_a_removed_end_of_the_chain_is_noticed(logged: None) -> None:
    await execute("DELETE FROM moderation_log_head")
    assert "The end of the moderation log's chain was removed." in await _wrong()
    await log("lock_thread", "thread:1", by=TIM, reason="")
    assert "The seal does not fit." in await _wrong()


async def test_removing_the_whole_chain_is_noticed_and_nothing_makes_it_good(logged: None) -> None:
    """Its end and all its links: the log must not begin anew as if it were from before the chain."""
    await execute("DELETE FROM moderation_log_head")
    await execute("DELETE FROM moderation_log_links")
    assert "chain was removed: 10 entries have been in one" in await _wrong()
    await link_older_entries()  # What the worker does, again and again.
    assert "The seal does not fit." in await _wrong()
    for number in range(3):
        await log("lock_thread", f"thread:{number}", by=TIM, reason="")
    await link_older_entries()
    wrong = await _wrong()
    assert "10 entries of the moderation log have been in a chain and stand in none" in wrong
    assert "The seal does not fit." in wrong
    assert (await seal_log()).wrong, "nor does a new seal"
    head = await chain.find_head()
    assert head
    assert (head.count, head.older_until, head.seal) == (3, 0, "")
    # Nor can they be passed off as older than the chain, to be taken into it.
    await execute("UPDATE moderation_log_head SET older_until = (SELECT MAX(id) FROM moderation_log)")
    assert "10 entries of the moderation log have been in a chain" in await _wrong()
    assert (await seal_log()).wrong


async def test_what_was_in_a_chain_is_not_linked_as_older_than_the_chain(logged: None) -> None:
    """Somebody empties the chain and sets its end so that all entries look as if they had never been in one."""
    head = await chain.find_head()
    assert head
    until = await _id_of(9)
    emptied = replace(head, count=0, hash=chain.BEGINNING, older_until=until, older_done=0, seal="")
    await execute("DELETE FROM moderation_log_links")
    await execute(
        """UPDATE moderation_log_head
        SET count = 0, hash = :hash, older_until = :until, older_done = 0, seal = :seal""",
        {"hash": emptied.hash, "until": until, "seal": emptied.right_seal()},
    )
    await link_older_entries()
    assert "10 entries of the moderation log have been in a chain" in await _wrong()
    found = await fetch_one("SELECT COUNT(*) AS links FROM moderation_log_links")
    assert found
    assert found["links"] == 0


async def test_removing_the_chain_and_most_of_the_log_is_noticed_by_one_entry(logged: None) -> None:
    await execute("DELETE FROM moderation_log_head")
    await execute("DELETE FROM moderation_log_links")
    await execute("DELETE FROM moderation_log WHERE id <> :id", {"id": await _id_of(4)})
    await log("lock_thread", "thread:1", by=TIM, reason="")
    assert "1 entries of the moderation log have been in a chain" in await _wrong()


async def test_entries_from_before_the_chain_are_still_taken_into_it(logged: None) -> None:
    """As after an update from a version without a chain: then there are no salts."""
    await execute("DELETE FROM moderation_log_head")
    await execute("DELETE FROM moderation_log_links")
    await execute("UPDATE moderation_log SET name_salt = '', reason_salt = ''")
    assert (await verify_log()).older_waiting == 10
    await log("lock_thread", "thread:1", by=TIM, reason="")
    await link_older_entries()
    report = await verify_log()
    assert (report.checked, report.wrong, report.seal_fits, report.older_waiting) == (11, [], True, 0)


async def test_entries_that_changed_places_are_noticed(logged: None) -> None:
    first, second = await _id_of(3), await _id_of(4)
    for old, new in ((first, -1), (second, first), (-1, second)):
        await execute(
            "UPDATE moderation_log_links SET entry_id = :new WHERE entry_id = :old", {"new": new, "old": old}
        )
    assert (await _wrong()).count("was changed") >= 2


async def test_an_entry_that_was_put_in_past_the_community_is_noticed(logged: None) -> None:
    await execute(
        """INSERT INTO moderation_log (at, actor_id, actor_name, act, subject, space_id, reason, details)
        SELECT at, actor_id, actor_name, act, 'post:77', space_id, reason, details
        FROM moderation_log WHERE subject = 'post:1'"""
    )
    await link_older_entries()
    assert "was put in past the community" in await _wrong()


async def test_forgetting_a_person_breaks_nothing_and_excuses_nothing_else(logged: None) -> None:
    await log("change_role", "member:7", by=TIM, reason="Jana is a moderator now.")
    await forget_actor(7)
    rows = await fetch("SELECT actor_name, name_salt FROM moderation_log WHERE actor_id = 7")
    assert {(row["actor_name"], row["name_salt"]) for row in rows} == {("", "")}
    assert not await _wrong()
    await execute("UPDATE moderation_log SET actor_name = 'Tim B.' WHERE subject = 'post:2'")
    assert "The name in the entry" in await _wrong()


async def test_taking_a_name_out_of_a_reason_breaks_nothing(logged: None) -> None:
    entry = await _id_of(4)
    assert await rewrite_reason(entry, old="Reason 4", new="Reason of a former member")
    assert not await rewrite_reason(entry, old="Reason 4", new="Something else")
    assert not await _wrong()
    await execute("UPDATE moderation_log SET reason = 'Forged' WHERE id = :id", {"id": entry})
    assert "The reason in the entry" in await _wrong()


async def test_many_at_once_make_one_chain(fresh_database: str) -> None:
    async def several(by: Viewer, number: int) -> None:
        async with in_transaction("default"):
            await log("hide_post", f"post:{number}", by=by, reason="First")
            await asyncio.sleep(0)
            await log("restore_post", f"post:{number}", by=by, reason="Second")

    await asyncio.gather(*(several(JANA if number % 2 else TIM, number) for number in range(30)))
    report = await verify_log()
    assert (report.checked, report.wrong, report.seal_fits) == (60, [], True)


async def test_what_is_undone_leaves_no_gap(fresh_database: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with in_transaction("default"):
            await log("hide_post", "post:1", by=JANA, reason="")
            raise ZeroDivisionError
    async with in_transaction("default"):
        await log("hide_post", "post:2", by=JANA, reason="")
        with pytest.raises(ZeroDivisionError):
            async with savepoint():
                await log("hide_post", "post:3", by=JANA, reason="")
                raise ZeroDivisionError
    report = await verify_log()
    assert (report.checked, report.wrong) == (1, [])


async def test_entries_from_before_the_chain_are_taken_into_it_in_steps(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        await execute(
            """INSERT INTO moderation_log (at, actor_id, actor_name, act, subject, space_id, reason, details)
            VALUES (:at, 7, 'Jana K.', 'hide_post', :subject, NULL, 'Reason', '{}')""",
            {"at": now(), "subject": f"post:{number}"},
        )
    monkeypatch.setattr(chain, "OLDER_AT_ONCE", 3)
    await log("lock_thread", "thread:1", by=TIM, reason="")
    assert (await verify_log()).older_waiting == 7
    assert not await _wrong()
    await link_older_entries()
    report = await verify_log()
    assert (report.checked, report.wrong, report.older_waiting, report.seal_fits) == (8, [], 0, True)
    await forget_actor(7)
    assert not await _wrong()


async def test_the_database_refuses_to_change_or_remove_what_was_written(fresh_database: str) -> None:
    await log_for_nobody("make_company", "company:1")
    for forbidden in (
        "DELETE FROM moderation_log",
        "UPDATE moderation_log SET act = 'x'",
        "UPDATE moderation_log SET details = '{}'",
        "DELETE FROM moderation_log_links",
        "UPDATE moderation_log_links SET hash = 'x'",
    ):
        with pytest.raises(Exception, match="only added to"):
            await execute(forbidden)


async def test_a_new_secret_key_is_noticed_until_the_log_is_sealed_with_it(
    logged: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        chain, "settings", replace(settings, secret_key="another key, also long enough for it")
    )
    assert "The seal does not fit." in await _wrong()
    await log("lock_thread", "thread:1", by=TIM, reason="")
    assert not (await seal_log()).wrong
    assert not await _wrong()
    assert (await fetch("SELECT act FROM moderation_log ORDER BY id DESC LIMIT 1"))[0]["act"] == "seal_log"


async def test_a_log_that_was_changed_is_not_sealed(logged: None, monkeypatch: pytest.MonkeyPatch) -> None:
    await execute("UPDATE moderation_log SET act = 'restore_post' WHERE subject = 'post:1'")
    monkeypatch.setattr(
        chain, "settings", replace(settings, secret_key="another key, also long enough for it")
    )
    assert (await seal_log()).wrong
    assert "The seal does not fit." in await _wrong()
