"""What follows when posts come to stand in another thread: links lead there, and those concerned are told."""

from __future__ import annotations

from collections.abc import Iterable

from community.core.db import as_json, fetch
from community.core.outbox import Fact
from community.faq.actions import follow_sources
from community.moderation.appeals import settle_appeals_about
from community.notifications.actions import follow_posts, notify
from community.spaces.queries import readers_among
from community.waiting.following import follow_merged, follow_spaces


async def settle_objections(fact: Fact) -> None:
    """Once a text is released, nothing is left to decide about its refusal."""
    await settle_appeals_about(f"text:{fact['text_id']}")


async def carry_along(fact: Fact) -> None:
    """Notifications and sources of the FAQ name the thread beside the post; some texts wait for a thread."""
    threads = [fact["thread_id"], fact["from_id"]]
    await follow_posts(threads)
    await follow_sources(threads)
    await follow_merged(fact["from_id"])
    await follow_spaces(threads)


async def move_along(fact: Fact) -> None:
    """What waits for a thread waits where the thread is."""
    await follow_spaces([fact["thread_id"]])


async def tell_of_merge(fact: Fact) -> None:
    """Whoever started the merged thread, whoever loses a solution by it, and whoever cannot read it any more."""
    entries = await fetch(
        """SELECT reason, details FROM moderation_log WHERE subject = :subject AND act = 'merge_thread'
        ORDER BY id DESC LIMIT 100""",
        {"subject": f"thread:{fact['thread_id']}"},
    )
    for entry in entries:
        details = as_json(entry["details"])
        if fact["from_id"] in details["threads"]:
            await _tell_of_merge(fact, entry["reason"], details)
            return


async def _tell_of_merge(fact: Fact, reason: str, details: dict) -> None:
    thread_id, actor = fact["thread_id"], fact["by"]
    asker = await _authors([details["opening"]])
    told = asker - {actor}
    await notify(
        told,
        "thread_merged",
        cause=f"{fact.id}",
        thread_id=thread_id,
        post_id=details["opening"],
        note=reason,
    )
    if "solution" in details:
        solvers = await _authors([details["solution"]["post"]]) - told - {actor}
        await notify(
            solvers,
            "solution_merged",
            cause=f"{fact.id}",
            thread_id=thread_id,
            post_id=details["solution"]["post"],
            note=reason,
        )
        told |= solvers
    others = (await _authors(details["posts"]) | await _followers(details["follows"])) - told - {actor}
    lose = await _lose_sight(others, details["from_space"], thread_id)
    # Nothing leads from there to what they may not read.
    await notify(sorted(lose), "thread_merged_away", cause=f"{fact.id}", note=reason)


async def tell_of_merge_undone(fact: Fact) -> None:
    rows = await fetch(
        """SELECT l.reason FROM moderation_log l WHERE l.subject = :subject AND l.act = 'unmerge_thread'
        ORDER BY l.id DESC LIMIT 1""",
        {"subject": f"thread:{fact['from_id']}"},
    )
    told = await _authors([fact["post_id"]]) - {fact["by"]}
    for row in rows:
        await notify(
            told,
            "thread_unmerged",
            cause=f"{fact.id}",
            thread_id=fact["thread_id"],
            post_id=fact["post_id"],
            note=row["reason"],
        )


async def tell_of_split(fact: Fact) -> None:
    """Whoever wrote what was moved, and whoever started the thread that it was moved from."""
    await _tell_of_carried(fact, "split_thread", fact["from_id"], fact["thread_id"])


async def tell_of_split_undone(fact: Fact) -> None:
    await _tell_of_carried(fact, "unsplit_thread", fact["thread_id"], fact["from_id"])


async def _tell_of_carried(fact: Fact, act: str, logged_id: int, other_id: int) -> None:
    entries = await fetch(
        """SELECT reason, details FROM moderation_log WHERE subject = :subject AND act = :act
        ORDER BY id DESC LIMIT 100""",
        {"subject": f"thread:{logged_id}", "act": act},
    )
    for entry in entries:
        details = as_json(entry["details"])
        if other_id in details["threads"]:
            break
    else:
        return
    answers, thread_id = details["answers"], fact["thread_id"]
    authors = await _authors(answers) - {fact["by"]}
    lose = await _lose_sight(authors, details["from_space"], thread_id)
    told = {"cause": f"{fact.id}", "note": entry["reason"]}
    for member_id in sorted(authors - lose):
        own = await fetch(
            "SELECT id FROM posts WHERE author_id = :author AND id IN (:ids) ORDER BY created_at, id LIMIT 1",
            {"author": member_id, "ids": answers},
        )
        for row in own:
            await notify([member_id], "posts_carried", thread_id=thread_id, post_id=row["id"], **told)
    await notify(sorted(lose), "posts_carried", **told)
    rows = await fetch("SELECT author_id FROM threads WHERE id = :id", {"id": logged_id})
    asker = {row["author_id"] for row in rows} - {None, fact["by"]} - authors
    kind = "thread_split" if act == "split_thread" else "thread_unsplit"
    await notify(asker, kind, thread_id=logged_id, **told)


async def _authors(post_ids: list[int]) -> set[int]:
    authors: set[int] = set()
    for start in range(0, len(post_ids), 500):
        rows = await fetch(
            "SELECT DISTINCT author_id FROM posts WHERE id IN (:ids) AND author_id IS NOT NULL",
            {"ids": post_ids[start : start + 500]},
        )
        authors |= {row["author_id"] for row in rows}
    return authors


async def _followers(follow_ids: list[int]) -> set[int]:
    followers: set[int] = set()
    for start in range(0, len(follow_ids), 500):
        rows = await fetch(
            "SELECT member_id FROM follows WHERE id IN (:ids)", {"ids": follow_ids[start : start + 500]}
        )
        followers |= {row["member_id"] for row in rows}
    return followers


async def _lose_sight(member_ids: Iterable[int], from_space: int, thread_id: int) -> set[int]:
    """Those of them who may read the one space and not the one in which the thread is."""
    rows = await fetch("SELECT space_id FROM threads WHERE id = :id", {"id": thread_id})
    members = set(member_ids)
    return await readers_among(from_space, members) - await readers_among(rows[0]["space_id"], members)
