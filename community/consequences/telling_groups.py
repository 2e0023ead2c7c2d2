"""Who is told of invitations to groups, and of requests to be let in."""

from __future__ import annotations

from community.accounts import mails
from community.core.db import fetch
from community.core.outbox import Fact
from community.groups.queries import list_told_of_requests
from community.notifications.actions import notify


async def tell_invited(fact: Fact) -> None:
    """Whoever is invited into a group, or offered a role in it; nobody who has already what is offered."""
    rows = await fetch(
        """SELECT i.member_id FROM group_invitations i WHERE i.id = :id AND i.answered_at IS NULL
        AND (i.role <> 'member' OR NOT EXISTS (SELECT 1 FROM memberships x
          WHERE x.group_id = i.group_id AND x.member_id = i.member_id))""",
        {"id": fact["invitation_id"]},
    )
    members = [row["member_id"] for row in rows]
    await notify(members, "group_invited", cause=f"{fact.id}", group_id=fact["group_id"])


async def mail_invited(fact: Fact) -> None:
    """A company reads along in its mail, so a closed group is not named there."""
    rows = await fetch('SELECT name, access FROM "groups" WHERE id = :id', {"id": fact["group_id"]})
    for row in rows:
        await mails.mail_group_invitation(fact, "" if row["access"] == "closed" else row["name"])


async def tell_managers_of_request(fact: Fact) -> None:
    rows = await fetch(
        "SELECT 1 AS found FROM join_requests WHERE id = :id AND decided_at IS NULL",
        {"id": fact["request_id"]},
    )
    if rows:
        await notify(
            await list_told_of_requests(fact["group_id"]),
            "group_join_requested",
            cause=f"{fact.id}",
            actor_id=fact["by"],
            group_id=fact["group_id"],
        )


async def tell_requester(fact: Fact) -> None:
    """Whoever asked to be let in learns how it was decided, and why; not by whom."""
    rows = await fetch("SELECT reason FROM join_requests WHERE id = :id", {"id": fact["request_id"]})
    await notify(
        [fact["member_id"]],
        fact.name.replace(".", "_"),
        cause=f"{fact.id}",
        group_id=fact["group_id"],
        note=rows[0]["reason"] if rows else "",
    )
