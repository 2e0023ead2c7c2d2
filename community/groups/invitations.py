"""Inviting into groups: a nickname, several people by a link, one address by mail.

Whoever invites never learns what became of it: a nickname that turns up after a mail to an address would tell who
is behind it. So nothing here shows whether an invitation was answered, and nothing counts how often a link was used.
An invitation holds only as long as whoever made it may invite.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.accounts import invitations as by_mail
from community.accounts.links import LinkEnded
from community.core import outbox
from community.core.clock import now
from community.core.db import as_time, execute, execute_returning, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound
from community.core.rows import insert
from community.core.vault_keys import token_hash
from community.groups.actions import add_member
from community.groups.models import GroupLink, GroupRole
from community.groups.queries import VISIBLE
from community.sanctions.queries import demand_may_write

LASTS = timedelta(days=14)
FEWEST_USES, MOST_USES = 5, 500
"""A link for fewer people would tell, by having ended, that the few it was given to have come."""
LONGEST_LINK = 90
"""Days."""
MOST_LISTED = 100

# Whoever has left, was taken out, has lost the role or is a former member invites nobody any more.
_STILL_MAY_INVITE = """(EXISTS (SELECT 1 FROM memberships x JOIN members a ON a.id = x.member_id
  WHERE x.group_id = i.group_id AND x.member_id = i.invited_by AND a.erased_at IS NULL
  AND (x.role = 'owner' OR (x.role = 'curator' AND i.role = 'member')))
 OR EXISTS (SELECT 1 FROM members a
  WHERE a.id = i.invited_by AND a.role = 'administrator' AND a.erased_at IS NULL))"""

KNOWN_BY_VIEWER = f"""({VISIBLE} OR EXISTS (SELECT 1 FROM group_invitations i WHERE i.group_id = g.id
  AND i.member_id = :viewer AND i.answered_at IS NULL AND i.expires_at > :now AND {_STILL_MAY_INVITE}))"""  # noqa: S608
"""What may be named to a viewer in passing: groups they see, and those they are invited to now."""


@dataclass(frozen=True, slots=True)
class InvitedGroup:
    """All that an invitation lets somebody see of a group."""

    id: int
    slug: str
    name: str
    description: str
    role: str


@dataclass(frozen=True, slots=True)
class SentInvitation:
    id: int
    nickname: str
    role: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenLink:
    id: int
    most_uses: int
    expires_at: datetime


# --- a nickname ---------------------------------------------------------------------------------------------


async def invite_member(group_id: int, member_id: int, *, role: GroupRole, by: int) -> None:
    """Invite a member, or offer one a role; the same whether or not they belong to the group."""
    invitation_id, moment = random_id(), now()
    async with in_transaction():
        await demand_may_write(by, None)
        rows = await execute_returning(
            """INSERT INTO group_invitations (id, group_id, member_id, role, invited_by, created_at, expires_at)
            SELECT :id, :group_id, m.id, :role, :by, :now, :expires FROM members m
            WHERE m.id = :member_id AND m.erased_at IS NULL
            ON CONFLICT (group_id, member_id) DO UPDATE SET id = excluded.id, role = excluded.role,
              invited_by = excluded.invited_by, created_at = excluded.created_at,
              expires_at = excluded.expires_at, answered_at = NULL
            RETURNING id""",
            {
                "id": invitation_id,
                "group_id": group_id,
                "member_id": member_id,
                "role": str(role),
                "by": by,
                "now": moment,
                "expires": moment + LASTS,
            },
        )
        if not rows:
            raise NotFound
        await outbox.record("group.invited", invitation_id=invitation_id, group_id=group_id, by=by)


async def find_own_invitation(slug: str, member_id: int) -> InvitedGroup | None:
    """The invitation of this member into the group, if it can be answered now."""
    row = await fetch_one(
        f"""SELECT g.id, g.slug, g.name, g.description, i.role FROM group_invitations i
        JOIN "groups" g ON g.id = i.group_id WHERE g.slug = :slug AND i.member_id = :member
        AND i.answered_at IS NULL AND i.expires_at > :now AND {_STILL_MAY_INVITE}""",  # noqa: S608
        {"slug": slug, "member": member_id, "now": now()},
    )
    return InvitedGroup(**row) if row else None


async def answer_invitation(group_id: int, member_id: int, *, accepted: bool) -> None:
    """Say yes or no. Of two answers at once only one counts. Raises NotFound for what cannot be answered."""
    async with in_transaction():
        rows = await execute_returning(
            f"""UPDATE group_invitations AS i SET answered_at = :now
            WHERE group_id = :group AND member_id = :member AND answered_at IS NULL AND expires_at > :now
            AND {_STILL_MAY_INVITE} RETURNING role""",  # noqa: S608
            {"now": now(), "group": group_id, "member": member_id},
        )
        if not rows:
            raise NotFound
        if accepted:
            await add_member(group_id, member_id, role=GroupRole(rows[0]["role"]))


async def list_sent_invitations(group_id: int) -> list[SentInvitation]:
    """Nicknames that were invited, answered or not, until the invitation ends by itself or is withdrawn."""
    rows = await fetch(
        """SELECT i.id, m.nickname, i.role, i.expires_at FROM group_invitations i
        JOIN members m ON m.id = i.member_id WHERE i.group_id = :group AND i.expires_at > :now
        AND m.erased_at IS NULL ORDER BY i.created_at DESC, i.id LIMIT :most""",
        {"group": group_id, "now": now(), "most": MOST_LISTED},
    )
    return [
        SentInvitation(row["id"], row["nickname"], row["role"], as_time(row["expires_at"]) or now())
        for row in rows
    ]


async def withdraw_invitation(group_id: int, invitation_id: int) -> None:
    """Let nobody answer it any more; the same for one that was answered."""
    await execute(
        "DELETE FROM group_invitations WHERE id = :id AND group_id = :group",
        {"id": invitation_id, "group": group_id},
    )


# --- a link for several people ------------------------------------------------------------------------------


async def make_link(group_id: int, *, by: int, uses: int, days: int) -> str:
    """A link that lets this many people in; its secret, which is shown now and never again."""
    token, moment = secrets.token_urlsafe(32), now()
    await insert(
        GroupLink,
        id=random_id(),
        group_id=group_id,
        invited_by=by,
        token_hash=token_hash(token),
        most_uses=uses,
        uses_left=uses,
        created_at=moment,
        expires_at=moment + timedelta(days=days),
    )
    return token


async def list_links(group_id: int) -> list[OpenLink]:
    """The links that have not ended by their date; not how often they were used."""
    rows = await fetch(
        """SELECT id, most_uses, expires_at FROM group_links
        WHERE group_id = :group AND expires_at > :now ORDER BY created_at DESC, id LIMIT :most""",
        {"group": group_id, "now": now(), "most": MOST_LISTED},
    )
    return [OpenLink(row["id"], row["most_uses"], as_time(row["expires_at"]) or now()) for row in rows]


async def end_link(group_id: int, link_id: int) -> None:
    """Let the link open nothing any more; harmless when repeated."""
    await execute(
        "DELETE FROM group_links WHERE id = :id AND group_id = :group", {"id": link_id, "group": group_id}
    )


# --- what a secret opens ------------------------------------------------------------------------------------


async def find_by_token(token: str, member_id: int) -> InvitedGroup | None:
    """What a link, mailed or made for several, opens for this member, without using it up."""
    mailed = await by_mail.find_mail_invitation(token, member_id)
    if mailed is not None:
        return await _find_group(mailed.group_id, mailed.invited_by)
    row = await fetch_one(
        """SELECT group_id, invited_by FROM group_links
        WHERE token_hash = :hash AND uses_left > 0 AND expires_at > :now""",
        {"hash": token_hash(token), "now": now()},
    )
    return await _find_group(row["group_id"], row["invited_by"]) if row else None


async def _find_group(group_id: int, invited_by: int) -> InvitedGroup | None:
    row = await fetch_one(
        f"""SELECT g.id, g.slug, g.name, g.description, i.role FROM "groups" g
        JOIN (SELECT CAST(:group AS BIGINT) AS group_id, CAST(:by AS BIGINT) AS invited_by, 'member' AS role) i
          ON i.group_id = g.id WHERE {_STILL_MAY_INVITE}""",  # noqa: S608
        {"group": group_id, "by": invited_by},
    )
    return InvitedGroup(**row) if row else None


async def accept_by_token(token: str, member_id: int) -> str:
    """Come in by a link; the group's slug. Whoever belongs already uses nothing up. Raises LinkEnded."""
    async with in_transaction():
        found = await find_by_token(token, member_id)
        if found is None:
            raise LinkEnded
        if await add_member(found.id, member_id, openly=False):
            await _use_up(token, member_id)
    return found.slug


async def _use_up(token: str, member_id: int) -> None:
    used = await execute(
        """UPDATE group_links SET uses_left = uses_left - 1
        WHERE token_hash = :hash AND uses_left > 0 AND expires_at > :now""",
        {"hash": token_hash(token), "now": now()},
    )
    if not used:
        await by_mail.use_mail_invitation(token, member_id)


async def forget_ended_group_invitations() -> None:
    """Remove what has ended by its date."""
    for table in ("group_invitations", "group_links"):
        await execute(f"DELETE FROM {table} WHERE expires_at < :now", {"now": now()})  # noqa: S608
