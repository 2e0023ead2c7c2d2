"""Whoever looks at a page: what they are, and which spaces they may read and write.

Loaded once per request (`community.spaces.queries.load_viewer`) and handed to every permission and query.
It carries no identity: a nickname and rights, nothing from the vault.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    CUSTOMER = "customer"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"
    MARKETING = "marketing"


STAFF_ROLES = frozenset({Role.MODERATOR, Role.ADMINISTRATOR, Role.MARKETING})


@dataclass(frozen=True, slots=True)
class Mute:
    """That somebody may read but not write until a moment, in one space or (None) everywhere."""

    space_id: int | None
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """A guest is a viewer with `id` 0: no row has that id, so comparisons with authors are simply false."""

    id: int = 0
    nickname: str = ""
    """As shown to others: the nickname, or the short real name of staff."""
    handle: str = ""
    """The nickname itself, as it stands in the address of the profile."""
    role: str = Role.CUSTOMER
    language: str = ""
    colour_mode: str = ""
    seed: int = 0
    photo: str = ""
    hides_ranks: bool = False
    kudos_count: int = 0
    """Thanks for what everybody may read: who has many may edit for longer."""
    readable_space_ids: tuple[int, ...] = ()
    """Sorted; the one source of truth for what may be read. Empty means nothing, never everything."""
    writable_space_ids: frozenset[int] = field(default_factory=frozenset)
    """Where they may start threads. Mutes are taken off already."""
    mutes: tuple[Mute, ...] = ()
    """Those that hold at this moment."""

    @property
    def is_guest(self) -> bool:
        return self.id == 0

    @property
    def is_member(self) -> bool:
        return self.id != 0

    @property
    def is_staff(self) -> bool:
        return self.is_member and self.role in STAFF_ROLES

    @property
    def is_moderator(self) -> bool:
        """Moderators and administrators keep order; marketing does not."""
        return self.is_member and self.role in (Role.MODERATOR, Role.ADMINISTRATOR)

    @property
    def is_administrator(self) -> bool:
        return self.is_member and self.role == Role.ADMINISTRATOR

    def may_read(self, space_id: int) -> bool:
        return space_id in self.readable_space_ids

    def may_write(self, space_id: int) -> bool:
        return space_id in self.writable_space_ids

    def may_take_part(self, space_id: int) -> bool:
        """Say anything there at all: what every permission to write begins with."""
        return self.is_member and self.may_read(space_id) and self.mute_in(space_id) is None

    def mute_in(self, space_id: int | None) -> Mute | None:
        """What keeps them from writing in a space (None: outside of all spaces); of several the longest."""
        held = [mute for mute in self.mutes if mute.space_id is None or mute.space_id == space_id]
        return max(held, key=lambda mute: mute.until, default=None)


GUEST = Viewer()
