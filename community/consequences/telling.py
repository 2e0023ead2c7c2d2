"""Who is told of what others wrote, accepted or thanked for. Looks at who may read it when it is told."""

from __future__ import annotations

from collections.abc import Iterable

from community.core import markdown
from community.core.db import fetch
from community.core.nicknames import nickname_key
from community.core.outbox import Fact
from community.faq.models import IS_PUBLIC
from community.ideas.queries import find_step, list_concerned
from community.notifications.actions import notify, notify_of_kudos, remove_empty_thanks
from community.ranks import badges, expert_questions, expert_rules
from community.spaces.queries import readers_among
from community.threads.actions import MOST_MENTIONS
from community.threads.wishes import list_followers_of_subjects


async def find_visible_post(post_id: int) -> dict | None:
    """The post with its thread, if both are there and visible; a comment is seen with its post."""
    rows = await fetch(
        """SELECT p.id, p.body, p.author_id, p.parent_id, p.kind, t.id AS thread_id, t.space_id,
        t.author_id AS asker_id, EXISTS (SELECT 1 FROM idea_steps x WHERE x.post_id = p.id) AS gives_status
        FROM posts p JOIN threads t ON t.id = p.thread_id
        LEFT JOIN posts parent ON parent.id = p.parent_id
        WHERE p.id = :id AND p.hidden_at IS NULL AND t.hidden_at IS NULL AND parent.hidden_at IS NULL""",
        {"id": post_id},
    )
    return dict(rows[0]) if rows else None


async def tell_readers(
    fact: Fact, kind: str, members: Iterable[int | None], post: dict, *, note: str = ""
) -> None:
    """Tell those members who may read the thread now; never whoever caused it."""
    wanted = {member for member in members if member is not None} - {fact.payload.get("by")}
    readers = await readers_among(post["space_id"], wanted)
    await notify(
        sorted(readers),
        kind,
        cause=f"{fact.id}",
        actor_id=fact.payload.get("by"),
        thread_id=post["thread_id"],
        post_id=post["id"],
        note=note,
    )


async def tell_mentioned(fact: Fact) -> None:
    """Those whose nickname stands in the text. After an edit only those whom it has not mentioned before, and whom
    the post has not reached in another way."""
    post = await find_visible_post(fact["post_id"])
    keys = _mentioned_keys(post["body"]) if post else set()
    if post and fact.name == "post.edited":
        keys -= await _mentioned_before(fact)
    if post and keys:
        rows = await fetch(
            "SELECT id FROM members WHERE nickname_key IN (:keys) AND erased_at IS NULL",
            {"keys": sorted(keys)},
        )
        mentioned = {row["id"] for row in rows}
        if fact.name == "post.edited":
            mentioned -= await _told_of(post["id"], mentioned)
        await tell_readers(fact, "mentioned", mentioned, post)


def _mentioned_keys(body: str) -> set[str]:
    return {nickname_key(name) for name in markdown.mentioned(body)[:MOST_MENTIONS]}


async def _mentioned_before(fact: Fact) -> set[str]:
    """In the text that the edit has replaced: news about it may have been read and removed since."""
    rows = await fetch(
        "SELECT body FROM revisions WHERE post_id = :id AND version = :version",
        {"id": fact["post_id"], "version": fact.payload.get("replaced", 0)},
    )
    return _mentioned_keys(rows[0]["body"]) if rows else set()


async def _told_of(post_id: int, members: set[int]) -> set[int]:
    rows = await fetch(
        """SELECT member_id FROM notifications WHERE member_id IN (:members) AND post_id = :post_id
        AND kind IN ('mentioned', 'answered', 'answered_followed', 'commented',
                     'idea_planned', 'idea_done', 'idea_declined', 'idea_new')""",
        {"members": sorted(members), "post_id": post_id},
    )
    return {row["member_id"] for row in rows}


async def tell_followers(fact: Fact) -> None:
    """Of what gives an idea a status, they hear as its supporters."""
    post = await find_visible_post(fact["post_id"])
    if post and not post["gives_status"]:
        rows = await fetch("SELECT member_id FROM follows WHERE thread_id = :id", {"id": post["thread_id"]})
        followers = {row["member_id"] for row in rows}
        asker = followers & {post["asker_id"]}
        await tell_readers(fact, "answered", asker, post)
        await tell_readers(fact, "answered_followed", followers - asker, post)


async def tell_supporters(fact: Fact) -> None:
    """What becomes of an idea: to whose it is, who has voted for it and who follows it."""
    post, status = await find_visible_post(fact["post_id"]), await find_step(fact["post_id"])
    # Where the idea was merged meanwhile, its supporters and this answer have gone to the other one.
    if post and status:
        await tell_readers(fact, f"idea_{status}", await list_concerned(post["thread_id"]), post)


async def tell_followers_of_subjects(fact: Fact) -> None:
    """Whoever follows the space of a new thread or one of its tags; whoever is mentioned in it has heard already."""
    post, after = await find_visible_post(fact["post_id"]), 0
    while post and (members := await list_followers_of_subjects(post["thread_id"], after=after)):
        await tell_readers(fact, "started_followed", members, post)
        after = members[-1]


async def tell_commented_author(fact: Fact) -> None:
    post = await find_visible_post(fact["post_id"])
    if post and post["parent_id"]:
        rows = await fetch("SELECT author_id FROM posts WHERE id = :id", {"id": post["parent_id"]})
        await tell_readers(fact, "commented", (row["author_id"] for row in rows), post)


async def tell_answerer(fact: Fact) -> None:
    post = await find_visible_post(fact["post_id"])
    if post:
        await tell_readers(fact, "accepted", [post["author_id"]], post)


async def tell_asker_of_acceptance(fact: Fact) -> None:
    """Whoever asked learns that staff have accepted an answer for them, and may choose another."""
    post = await find_visible_post(fact["post_id"])
    rows = await fetch(
        "SELECT 1 AS found FROM solutions WHERE post_id = :id AND by_staff = :yes",
        {"id": fact["post_id"], "yes": True},
    )
    if post and rows:
        await tell_readers(fact, "accepted_for_you", [post["asker_id"]], post)


async def tell_thanked(fact: Fact) -> None:
    """All thanks for one post that came since its author looked are one line."""
    post = await find_visible_post(fact["post_id"])
    if post and await readers_among(post["space_id"], [post["author_id"] or 0]):
        await notify_of_kudos(
            post["author_id"], post_id=post["id"], thread_id=post["thread_id"], giver_id=fact["by"]
        )


async def untell_thanked(fact: Fact) -> None:
    await remove_empty_thanks(fact["post_id"])


async def tell_credited_helpers(fact: Fact) -> None:
    """Whoever wrote an answer that an entry was made from learns of it, once per entry, while they may read it."""
    rows = await fetch(
        f"""SELECT p.id, p.author_id, p.thread_id, t.space_id FROM faq_entries e
        JOIN faq_sources f ON f.entry_id = e.id JOIN posts p ON p.id = f.post_id JOIN threads t ON t.id = p.thread_id
        WHERE e.id = :id AND {IS_PUBLIC} AND f.is_answer
        AND f.fingerprint <> '' AND p.hidden_at IS NULL AND t.hidden_at IS NULL AND p.author_id IS NOT NULL""",  # noqa: S608
        {"id": fact["entry_id"]},
    )
    for row in rows:
        await notify(
            sorted(await readers_among(row["space_id"], {row["author_id"]} - {fact.payload.get("by")})),
            "credited",
            cause=f"faq:{fact['entry_id']}",
            thread_id=row["thread_id"],
            post_id=row["id"],
        )


async def tell_expert(fact: Fact) -> None:
    """Whoever has become an expert learns of it, while they may read the space; nobody who hides their standing."""
    if await expert_rules.find_told_expert(fact["member_id"], fact["space_id"]):
        readers = await readers_among(fact["space_id"], {fact["member_id"]})
        await notify(sorted(readers), "expert_granted", cause=f"{fact.id}")


async def tell_asked_expert(fact: Fact) -> None:
    """An expert to whom a question was sent, while it waits and they may read it; nobody who hides their standing."""
    if await expert_questions.is_still_asked(fact["thread_id"], fact["member_id"]):
        rows = await fetch("SELECT space_id FROM threads WHERE id = :id", {"id": fact["thread_id"]})
        await notify(
            sorted(await readers_among(rows[0]["space_id"], {fact["member_id"]})),
            "expert_asked",
            cause=f"{fact.id}",
            actor_id=fact["by"],
            thread_id=fact["thread_id"],
        )


async def tell_badge(fact: Fact) -> None:
    """Once for each badge, however often it comes and goes; nobody who hides their standing."""
    name = await badges.find_told_badge(fact["badge_id"], fact["member_id"])
    if name:
        await notify([fact["member_id"]], "badge_granted", cause=f"badge:{fact['badge_id']}", note=name)
