"""Two changes of one text brought together, word by word, and the places where both changed the same words."""

from __future__ import annotations

from dataclasses import dataclass

from community.core.differences import differences

MOST_OVERLAPS = 12
"""Places that somebody can be asked about one by one; more than that are one place, from the first to the last."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text that results. Where both are the same, there is nothing to choose."""

    mine: str
    theirs: str

    @property
    def is_agreed(self) -> bool:
        return self.mine == self.theirs

    @property
    def both(self) -> str:
        """Theirs, then mine, with a blank or an empty line between where there is none."""
        if not (self.mine and self.theirs):
            return self.mine or self.theirs
        if self.theirs[-1].isspace() or self.mine[0].isspace():
            return self.theirs + self.mine
        return self.theirs + ("\n\n" if "\n" in self.theirs + self.mine else " ") + self.mine


@dataclass(frozen=True, slots=True)
class _Change:
    """What stands in the place of these characters of the text that both began with."""

    start: int
    end: int
    text: str


def bring_together(base: str | None, mine: str, theirs: str) -> tuple[Piece, ...]:
    """The pieces in reading order; all `mine` of them together hold both changes, mine where they overlap.

    Without the text that both began with, nobody can tell who changed what: two different texts are one overlap.
    """
    if base is None or mine == theirs:
        return (Piece(mine, theirs),)
    pieces, position = [], 0
    for start, end, (my_changes, their_changes) in _places(
        base, _changes(base, mine), _changes(base, theirs)
    ):
        pieces.append(Piece(base[position:start], base[position:start]))
        my_text, their_text = (
            _applied(base, start, end, my_changes),
            _applied(base, start, end, their_changes),
        )
        if not my_changes:
            my_text = their_text
        elif not their_changes:
            their_text = my_text
        pieces.append(Piece(my_text, their_text))
        position = end
    pieces.append(Piece(base[position:], base[position:]))
    return _few(_joined(pieces))


def _changes(base: str, after: str) -> list[_Change]:
    changes: list[_Change] = []
    position, start, text = 0, None, ""
    for segment in differences(base, after):
        if segment.kind == "kept":
            if start is not None:
                changes.append(_Change(start, position, text))
            start, text, position = None, "", position + len(segment.text)
            continue
        start = position if start is None else start
        if segment.kind == "removed":
            position += len(segment.text)
        else:
            text = segment.text
    if start is not None:
        changes.append(_Change(start, position, text))
    return changes


_Sides = tuple[list[_Change], list[_Change]]


def _places(base: str, mine: list[_Change], theirs: list[_Change]) -> list[tuple[int, int, _Sides]]:
    """Changes that touch each other, be it with a blank between, are about the same words: one place."""
    sided = sorted(
        [(change, 0) for change in mine] + [(change, 1) for change in theirs],
        key=lambda each: (each[0].start, each[0].end),
    )
    places: list[tuple[int, int, _Sides]] = []
    for change, side in sided:
        if not places or base[places[-1][1] : change.start].strip(" "):
            places.append((change.start, change.end, ([], [])))
        start, end, sides = places[-1]
        sides[side].append(change)
        places[-1] = (start, max(end, change.end), sides)
    return places


def _applied(base: str, start: int, end: int, changes: list[_Change]) -> str:
    text, position = "", start
    for change in changes:
        text += base[position : change.start] + change.text
        position = change.end
    return text + base[position:end]


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Without empty ones, and what is agreed in a row as one."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].is_agreed and piece.is_agreed:
            text = joined.pop().mine + piece.mine
            joined.append(Piece(text, text))
        elif piece.mine or piece.theirs:
            joined.append(piece)
    return joined


def _few(pieces: list[Piece]) -> tuple[Piece, ...]:
    overlaps = [index for index, piece in enumerate(pieces) if not piece.is_agreed]
    if len(overlaps) <= MOST_OVERLAPS:
        return tuple(pieces)
    first, last = overlaps[0], overlaps[-1] + 1
    middle = pieces[first:last]
    whole = Piece("".join(piece.mine for piece in middle), "".join(piece.theirs for piece in middle))
    return (*pieces[:first], whole, *pieces[last:])
