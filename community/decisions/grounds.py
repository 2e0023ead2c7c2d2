"""On what a decision rests that restricts somebody: a rule of the netiquette, or a law."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LONGEST_NAME = 200


class GroundKind(StrEnum):
    RESPECT = "respect"
    ADVERTISING = "advertising"
    PRIVACY = "privacy"
    PLACE = "place"
    NETIQUETTE = "netiquette"
    """Another rule of it."""
    LAW = "law"


NAMED = frozenset({GroundKind.NETIQUETTE, GroundKind.LAW})
"""Which rule or law it is, has to be said: the word alone does not tell."""


@dataclass(frozen=True, slots=True)
class Ground:
    kind: GroundKind
    name: str = ""
    """Which rule or law, in words of staff: "§ 185 StGB (insult)"."""

    @property
    def details(self) -> dict[str, str]:
        """As an entry of the log holds it."""
        return {"ground": str(self.kind), **({"ground_name": self.name} if self.name else {})}


NETIQUETTE = Ground(GroundKind.NETIQUETTE)
"""For acts that nobody chose a ground for in a form; the reason says the rest."""
