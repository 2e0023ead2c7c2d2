"""What a new member is led to: a first search, a first question, a first thanks.

A row is there from registration until all three are done, or the member puts it away. Nothing is counted from it,
and nobody else sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from community.core.db import execute, fetch_one, random_id
from community.core.rows import insert
from community.members.models import FirstSteps


class Step(StrEnum):
    """Its value is the name of the column."""

    SEARCHED = "searched"
    ASKED = "asked"
    THANKED = "thanked"


@dataclass(frozen=True, slots=True)
class StepsDone:
    """What of it a member has done."""

    searched: bool
    asked: bool
    thanked: bool

    @property
    def count(self) -> int:
        return self.searched + self.asked + self.thanked


async def begin_first_steps(member_id: int) -> None:
    """Called inside the transaction that makes the member."""
    await insert(FirstSteps, id=random_id(), member_id=member_id)


async def find_first_steps(member_id: int) -> StepsDone | None:
    """None where there is nothing (more) to lead to."""
    row = await fetch_one(
        "SELECT searched, asked, thanked FROM first_steps WHERE member_id = :id", {"id": member_id}
    )
    return StepsDone(bool(row["searched"]), bool(row["asked"]), bool(row["thanked"])) if row else None


async def take_step(member_id: int, step: Step) -> None:
    """Note what the member has done. With the last step the row goes. Doing it again changes nothing."""
    found = await fetch_one(
        f"SELECT {step} AS done FROM first_steps WHERE member_id = :id",  # noqa: S608 - a name of ours
        {"id": member_id},
    )
    if found is None or found["done"]:
        return  # Nearly always: reading first keeps everybody's searches from writing.
    await execute(
        f"UPDATE first_steps SET {step} = :yes WHERE member_id = :id",  # noqa: S608 - the same
        {"yes": True, "id": member_id},
    )
    await execute(
        """DELETE FROM first_steps WHERE member_id = :id AND searched = :yes AND asked = :yes
        AND thanked = :yes""",
        {"yes": True, "id": member_id},
    )


async def put_away_first_steps(member_id: int) -> None:
    """The member does not want to be led."""
    await execute("DELETE FROM first_steps WHERE member_id = :id", {"id": member_id})
