"""What deserves an entry, and how much good it would do. Needs no database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FIGURE_DAYS = 30
"""Readings and searches of this many days are counted: figures are those of a month."""
RECENT_DAYS = 365

LEAST_READS = 30
LEAST_SEARCHES = 10
LEAST_SAME_PROBLEM = 3
LEAST_SIMILAR = 2
LEAST_KUDOS = 5

MOST_THREADS = 50
"""That one subject is made of."""

RETURNS_AT = 2
"""Times the effect it was dismissed with."""
LEAST_GROWTH = 30
"""And at least so much more: 2 is twice as many as 1, and no reason to ask again."""


class ReasonKind(StrEnum):
    READS = "reads"
    SEARCHES = "searches"
    SAME_PROBLEM = "same_problem"
    SIMILAR = "similar"
    KUDOS = "kudos"


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a subject, all its threads together."""

    read_count: int = 0
    search_count: int = 0
    nothing_count: int = 0
    same_problem_count: int = 0
    kudos_count: int = 0
    """Of its solutions."""
    similar_count: int = 0
    recent_count: int = 0

    @property
    def readers(self) -> int:
        """Who would meet the short answer in a month: whoever reads about the subject now, or searches for it."""
        return self.read_count + self.search_count

    @property
    def effect(self) -> int:
        """What proposals are ordered by. A question that need not be asked again saves the asker, the helpers and
        staff as much time as ten readings; whoever marked that they have the problem has it for sure."""
        return self.readers + 10 * self.recent_count + 3 * self.same_problem_count + self.kudos_count

    def reasons(self) -> tuple[tuple[ReasonKind, int], ...]:
        """Every figure that alone is reason enough, the largest shares of the effect first."""
        found = (
            (ReasonKind.SIMILAR, self.similar_count, LEAST_SIMILAR),
            (ReasonKind.READS, self.read_count, LEAST_READS),
            (ReasonKind.SEARCHES, self.search_count, LEAST_SEARCHES),
            (ReasonKind.SAME_PROBLEM, self.same_problem_count, LEAST_SAME_PROBLEM),
            (ReasonKind.KUDOS, self.kudos_count, LEAST_KUDOS),
        )
        return tuple((kind, count) for kind, count, least in found if count >= least)

    def has_grown(self, effect_before: int) -> bool:
        """Whether so much more speaks for it than when it was dismissed that staff should look again."""
        return self.effect >= max(RETURNS_AT * effect_before, effect_before + LEAST_GROWTH)
