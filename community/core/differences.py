"""What changed between two versions of a text, word by word, for the edit history."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import Literal

Kind = Literal["kept", "removed", "added"]

MOST_CHANGES = 700
"""Words removed plus words added up to which the smallest difference is sought; time grows with its square.

A text with more changes than that was written anew: its middle is shown as removed and added in one piece.
"""

_WORDS = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Segment:
    kind: Kind
    text: str


def differences(before: str, after: str) -> tuple[Segment, ...]:
    """The segments in reading order; where both stand at one place, what was removed comes first.

    Kept and removed segments together are `before`, kept and added ones `after`, to the character.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    start = sum(1 for _pair in takewhile(_are_equal, zip(old, new, strict=False)))
    longest_end = min(len(old), len(new)) - start
    backwards = zip(reversed(old), reversed(new), strict=False)
    end = min(longest_end, sum(1 for _pair in takewhile(_are_equal, backwards)))
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    changes: list[tuple[Kind, str]] = [("kept", word) for word in old[:start]]
    changes += _shortest_edit(middle_old, middle_new)
    changes += [("kept", word) for word in old[len(old) - end :]]
    return tuple(_segments(changes))


def _are_equal(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1]


def _shortest_edit(old: list[str], new: list[str]) -> list[tuple[Kind, str]]:
    """The fewest removals and additions (Myers, An O(ND) Difference Algorithm, 1986), up to `MOST_CHANGES`.

    A diagonal is the number of words read from `old` minus that from `new`; `reached` says how far each got.
    """
    reached = {1: 0}
    history: list[dict[int, int]] = []
    for changes in range(min(len(old) + len(new), MOST_CHANGES) + 1):
        history.append(dict(reached))
        for diagonal in range(-changes, changes + 1, 2):
            x = _furthest_start(reached, diagonal, changes)
            y = x - diagonal
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y = x + 1, y + 1
            reached[diagonal] = x
            if x >= len(old) and y >= len(new):
                return _trace_back(old, new, history)
    return [*(("removed", word) for word in old), *(("added", word) for word in new)]


def _furthest_start(reached: dict[int, int], diagonal: int, changes: int) -> int:
    if _is_entered_by_adding(reached, diagonal, changes):
        return reached.get(diagonal + 1, -1)
    return reached.get(diagonal - 1, -1) + 1


def _is_entered_by_adding(reached: dict[int, int], diagonal: int, changes: int) -> bool:
    """Whether the best way onto a diagonal is a word added; otherwise it is a word removed."""
    if abs(diagonal) == changes:
        return diagonal == -changes
    return reached.get(diagonal - 1, -1) < reached.get(diagonal + 1, -1)


def _trace_back(old: list[str], new: list[str], history: list[dict[int, int]]) -> list[tuple[Kind, str]]:
    steps: list[tuple[Kind, str]] = []
    x, y = len(old), len(new)
    for changes in range(len(history) - 1, -1, -1):
        reached = history[changes]
        diagonal = x - y
        start = _furthest_start(reached, diagonal, changes)
        while x > max(start, 0) and y > max(start - diagonal, 0):
            x, y = x - 1, y - 1
            steps.append(("kept", old[x]))
        if changes == 0:
            break
        if _is_entered_by_adding(reached, diagonal, changes):
            y -= 1
            steps.append(("added", new[y]))
        else:
            x -= 1
            steps.append(("removed", old[x]))
    steps.reverse()
    return steps


def _segments(changes: list[tuple[Kind, str]]) -> Iterator[Segment]:
    """Runs of one kind. Between two kept stretches all removals come before all additions."""
    for is_kept, group in groupby(_bridge_gaps(changes), key=lambda change: change[0] == "kept"):
        run = list(group)
        kinds: tuple[Kind, ...] = ("kept",) if is_kept else ("removed", "added")
        for kind in kinds:
            text = "".join(word for word_kind, word in run if word_kind == kind)
            if text:
                yield Segment(kind, text)


def _bridge_gaps(changes: list[tuple[Kind, str]]) -> Iterator[tuple[Kind, str]]:
    """A blank kept between two changed words would tear a changed phrase into pieces: count it as changed."""
    for position, (kind, word) in enumerate(changes):
        is_gap = (
            kind == "kept"
            and word == " "
            and 0 < position < len(changes) - 1
            and changes[position - 1][0] != "kept"
            and changes[position + 1][0] != "kept"
        )
        if is_gap:
            yield "removed", word
            yield "added", word
        else:
            yield kind, word
