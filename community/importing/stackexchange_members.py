"""Writers of a dump as members: the nickname they get here, the year they joined, their badges.

No accounts are made. Nobody can log in as an imported member, and none is taken for a member who is here already,
even if both have the same name: whoever has a nickname here keeps it, and the newcomer gets a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from community.core.db import as_time, fetch, in_transaction, random_id
from community.core.nicknames import LONGEST, closest_nickname, nickname_key, problem_with
from community.core.progress import Progress
from community.core.rows import insert_many
from community.importing.items import ItemKind, remember
from community.importing.stackexchange_staging import StagedUser, Staging
from community.members.actions import add_member
from community.members.queries import list_staff_names, retired_key
from community.ranks.models import Badge

LONGEST_BADGE = 80
_MOST_NUMBERS = 9
"""A nickname that is taken gets a number up to this one, then that of the user in the dump."""


async def bring_members(staging: Staging, source: str, came_in: Counter[str]) -> None:
    """A member for everybody who wrote something that comes over and has none yet; then their badges."""
    staff_names = await list_staff_names()
    with Progress("Members", staging.count("users")) as progress:
        for users in staging.users():
            new = [user for user in users if staging.local_id("member", user.id) is None]
            made: list[tuple[ItemKind, int, int]] = []
            async with in_transaction():
                for user in new:
                    nickname = await _free_nickname(user, source, staff_names)
                    member_id = await add_member(nickname, year_joined=user.created_at.year)
                    made.append(("member", user.id, member_id))
                await remember(source, made)
            staging.note_items(made)
            came_in["members"] += len(made)
            came_in["badges"] += await _bring_badges(staging, users)
            progress.advance(len(users))


async def list_renamed(staging: Staging) -> list[tuple[str, str]]:
    """Name in the dump and nickname here of all members who do not have the same name in both."""
    renamed = []
    for users in staging.users():
        ids = {user.id: staging.local_id("member", user.id) for user in users}
        rows = await fetch(
            "SELECT id, nickname FROM members WHERE id IN (:ids) AND erased_at IS NULL",
            {"ids": [member_id for member_id in ids.values() if member_id]},
        )
        nicknames = {row["id"]: row["nickname"] for row in rows}
        renamed += [
            (user.name, nicknames[member_id])
            for user in users
            if (member_id := ids[user.id]) in nicknames and nicknames[member_id] != user.name
        ]
    return renamed


async def _free_nickname(user: StagedUser, source: str, staff_names: Sequence[str]) -> str:
    candidates = [
        nickname
        for nickname in _candidates(user, source)
        if problem_with(nickname, reserved_names=staff_names) is None
    ]
    keys = [nickname_key(nickname) for nickname in candidates]
    retired = {retired_key(key): key for key in keys}
    rows = await fetch(
        """SELECT nickname_key FROM members WHERE nickname_key IN (:keys)
        UNION ALL SELECT nickname_key FROM retired_nicknames WHERE nickname_key IN (:retired)""",
        {"keys": keys, "retired": [*keys, *retired]},
    )
    taken = {retired.get(row["nickname_key"], row["nickname_key"]) for row in rows}
    # The last resort says nothing about the person, and nobody else has it.
    return next(
        (nickname for nickname in candidates if nickname_key(nickname) not in taken),
        f"writer-{random_id()}",
    )


def _candidates(user: StagedUser, source: str) -> Iterator[str]:
    base = closest_nickname(user.name)
    if base is not None:
        yield base
        for number in range(2, _MOST_NUMBERS + 1):
            yield f"{base[: LONGEST - 1]}{number}"
        yield f"{base[: LONGEST - 1 - len(str(user.id))].rstrip('._-')}-{user.id}"
    # A name that cannot be a nickname here ("Admin", other scripts): the name of the site with the user's number.
    site = closest_nickname(source.split(".")[0])
    if site is not None:
        yield f"{site[: LONGEST - 1 - len(str(user.id))].rstrip('._-')}-{user.id}"
    yield f"writer-{user.id}"


async def _bring_badges(staging: Staging, users: Sequence[StagedUser]) -> int:
    """Add the badges that these users' members do not have yet, each as often as the dump has it."""
    members = {user.id: staging.local_id("member", user.id) for user in users}
    given = {"ids": [member_id for member_id in members.values() if member_id]}
    rows = await fetch("SELECT member_id, name, granted_at FROM badges WHERE member_id IN (:ids)", given)
    there = Counter((row["member_id"], row["name"], as_time(row["granted_at"])) for row in rows)
    present = await fetch("SELECT id FROM members WHERE id IN (:ids) AND erased_at IS NULL", given)
    present_ids = {row["id"] for row in present}
    added = []
    for user_id, member_id in members.items():
        if member_id not in present_ids:
            continue
        wanted = Counter((name[:LONGEST_BADGE], granted_at) for name, granted_at in staging.badges(user_id))
        for (name, granted_at), times in wanted.items():
            badge = {"member_id": member_id, "name": name, "granted_at": granted_at}
            missing = times - there[member_id, name, granted_at]
            added += [{"id": random_id(), **badge} for _again in range(missing)]
    async with in_transaction():
        await insert_many(Badge, added)
    return len(added)
