"""What changes about a member's public side."""

from __future__ import annotations

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch_one, random_id
from community.core.errors import NotFound
from community.core.nicknames import nickname_key
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Role
from community.members.models import Member
from community.members.queries import retired_key


async def add_member(
    nickname: str,
    *,
    role: str = Role.CUSTOMER,
    staff_name: str = "",
    staff_field: str = "",
    photo: str = "",
    language: str = "",
    year_joined: int = 0,
) -> int:
    """A new member under this nickname; the id. Called inside the transaction that makes the account.

    A nickname that is taken fails at the unique key (`community.core.db.is_unique_violation`). `year_joined` is
    this year unless told otherwise.
    """
    member_id = random_id()
    await insert(
        Member,
        id=member_id,
        nickname=nickname,
        nickname_key=nickname_key(nickname),
        role=str(role),
        staff_name=staff_name,
        staff_field=staff_field,
        photo=photo,
        seed=random_id(),
        year_joined=year_joined or now().year,
        language=language,
    )
    await outbox.record("member.joined", member_id=member_id)
    if staff_name:
        await raise_site_stamp()
    return member_id


async def rename_member(member_id: int, nickname: str) -> None:
    """Give the member another nickname; nobody else ever gets the old one. Called inside a transaction."""
    row = await fetch_one("SELECT nickname_key FROM members WHERE id = :id", {"id": member_id})
    key = nickname_key(nickname)
    if row is not None and row["nickname_key"] != key:
        await _retire(row["nickname_key"])
    await execute(
        "UPDATE members SET nickname = :nickname, nickname_key = :key WHERE id = :id",
        {"nickname": nickname, "key": key, "id": member_id},
    )
    await raise_site_stamp()
    await outbox.record("member.changed", member_id=member_id)


async def remove_member(member_id: int) -> None:
    """Delete the member, and with them all that hangs on them alone; what they wrote loses its author.

    Nobody else ever gets the nickname. Called inside a transaction.
    """
    row = await fetch_one("SELECT nickname_key FROM members WHERE id = :id", {"id": member_id})
    if row is None:
        raise NotFound
    await _retire(row["nickname_key"])
    await execute("DELETE FROM members WHERE id = :id", {"id": member_id})
    await raise_site_stamp()


async def _retire(nickname_key: str) -> None:
    await execute(
        """INSERT INTO retired_nicknames (nickname_key, retired_at) VALUES (:key, :at)
        ON CONFLICT (nickname_key) DO NOTHING""",
        {"key": retired_key(nickname_key), "at": now()},
    )


async def choose_language(member_id: int, code: str) -> None:
    await execute("UPDATE members SET language = :code WHERE id = :id", {"code": code, "id": member_id})


async def choose_mode(member_id: int, mode: str) -> None:
    await execute("UPDATE members SET colour_mode = :mode WHERE id = :id", {"mode": mode, "id": member_id})


async def choose_whether_ranks_show(member_id: int, *, hidden: bool) -> None:
    """Hide ranks and expert badges from this member, and theirs from others (ID-10)."""
    await execute(
        "UPDATE members SET hides_ranks = :hidden WHERE id = :id", {"hidden": hidden, "id": member_id}
    )
    await raise_site_stamp()
