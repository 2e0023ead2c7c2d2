"""Erasing a member who is banned, and so cannot do it in the site: by command, when they have written."""

from __future__ import annotations

import sys

from community.core.clock import now
from community.core.db import fetch_one, in_transaction
from community.core.errors import RuleBroken
from community.core.nicknames import nickname_key
from community.core.personal_hints import find
from community.core.viewer import Viewer
from community.decisions.actions import log_for_nobody
from community.personal_data.erasure import erase_member
from community.sanctions.queries import HOLDS
from community.threads.erasure import lock_threads_of

SHORTEST_REASON = 10


async def erase_banned_member(member_id: int, *, with_texts: bool, reason: str) -> None:
    """Erase them as on their own wish, and write down that it was done and why.

    Of what they were banned for the log keeps that it was, without reasons and names. The hash that keeps the
    address out stays. `RuleBroken` where they are not banned (any more): then they can do it themselves.
    """
    async with in_transaction():
        await lock_threads_of(member_id)
        member = "SELECT language FROM members WHERE id = :id"
        row = await fetch_one({"sqlite": member, "postgresql": f"{member} FOR UPDATE"}, {"id": member_id})
        ban = await fetch_one(
            f"SELECT 1 AS found FROM sanctions x WHERE x.member_id = :id AND x.kind = 'ban' AND {HOLDS}",  # noqa: S608
            {"id": member_id, "now": now()},
        )
        if row is None or ban is None:
            raise RuleBroken(
                "This member is not banned. They can erase their account themselves, after a suspension at its end, "
                "or once it is lifted."
            )
        await erase_member(Viewer(id=member_id), with_texts=with_texts, language=row["language"])
        # After the erasure, which takes all earlier reasons about them out of the log.
        await log_for_nobody("erase_banned_member", f"member:{member_id}", reason=reason)


async def erase_by_command(nickname: str, *, with_texts: bool, reason: str) -> int:
    """Ask whether it is meant, and do it; the exit status of the command."""
    key = nickname_key(nickname)
    row = await fetch_one(
        "SELECT id, nickname FROM members WHERE nickname_key = :key AND erased_at IS NULL", {"key": key}
    )
    reason = reason.strip()
    if row is None or len(reason) < SHORTEST_REASON or _tells_who(reason, row["nickname"]):
        print(_problem(row is None, reason), file=sys.stderr)
        return 1
    texts = "what they wrote is erased, too" if with_texts else "what they wrote stays, without a name"
    print(f"{row['nickname']} is erased for good: account, profile and address are gone, {texts}.")
    print("The ban stays as a keyed hash, so the same address cannot register again. Nobody can undo it.")
    if _typed("Type the nickname to confirm: ") != row["nickname"]:
        print("Nothing was erased.", file=sys.stderr)
        return 1
    try:
        await erase_banned_member(row["id"], with_texts=with_texts, reason=reason)
    except RuleBroken as problem:
        print(problem, file=sys.stderr)
        return 1
    print("Erased. A running worker replaces mentions in the texts of others, and sends the last mail.")
    return 0


def _typed(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError:  # Nobody is there to answer.
        return ""


def _problem(is_nobody: bool, reason: str) -> str:
    if is_nobody:
        return "There is no member with this nickname."
    if len(reason) < SHORTEST_REASON:
        return f"Please give a reason of at least {SHORTEST_REASON} characters."
    return (
        "The reason stays in the moderation log for good: it must not hold the nickname, an address or a number "
        "by which one could tell who it was."
    )


def _tells_who(reason: str, nickname: str) -> bool:
    words = {nickname_key(word.strip(".,;:!?()\"'@")) for word in reason.split()}
    return nickname_key(nickname) in words or nickname.lower() in reason.lower() or bool(find(reason))
