"""Joining pieces of a line to Markdown that means what they meant: escapes, emphasis, line breaks."""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class Mark:
    """The beginning or end of emphasis: ``*``, ``**`` or ``~~``. Both ends of a pair know each other."""

    sign: str
    opens: bool
    partner: "Mark | None" = None


class LineBreak:
    """A break that the writer made."""


@dataclass(frozen=True, slots=True)
class Code:
    """Code inside a line, as it was."""

    text: str


Piece = str | Mark | LineBreak | Code

_ENTITY = r"&(?=[#]\d{1,7};|[#][xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)"
_SPECIAL = re.compile(
    rf"""[`*\[]
      | (?<![^\W_])_ | _(?![^\W_])               # an underscore inside a word is only an underscore
      | ~(?=~) | (?<=~)~
      | !(?=\[|$)
      | <(?=[A-Za-z])
      | {_ENTITY}
      | \\(?=[{re.escape(string.punctuation)}\s]|$)""",
    re.VERBOSE,
)
_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}]")
_LINE_START = re.compile(r"(?:[#>=+|:\-]|~~~)")
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")


def escape(text: str, *, everything: bool = False) -> str:
    """`text` so that Markdown shows it as it is, with as few backslashes as needed or, if asked, all of them."""
    return (_PUNCTUATION if everything else _SPECIAL).sub(lambda match: "\\" + match.group(), text)


def code_span(text: str) -> str:
    """Backticks around `text`, as many as it takes."""
    content = " ".join(text.split("\n"))
    if not content.strip():
        return content
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    fence = "`" * (longest + 1) if longest else "`"
    # One blank on both sides is taken away again by the reader of Markdown.
    needs_room = content[0] in "` " or content[-1] in "` "
    return f"{fence} {content} {fence}" if needs_room else f"{fence}{content}{fence}"


def emphasised(sign: str, inner: list[Piece]) -> list[Piece]:
    """`inner` between marks; blanks and breaks at its ends are moved outside, where Markdown needs them."""
    before: list[Piece] = []
    after: list[Piece] = []
    core = list(inner)
    while core and _is_blank(core[0]):
        before.append(core.pop(0))
    while core and _is_blank(core[-1]):
        after.insert(0, core.pop())
    if not core:
        return before + after
    if isinstance(core[0], str) and core[0].startswith(" "):
        before.append(" ")
        core[0] = core[0].lstrip(" ")
    if isinstance(core[-1], str) and core[-1].endswith(" "):
        after.insert(0, " ")
        core[-1] = core[-1].rstrip(" ")
    opening, closing = Mark(sign, True), Mark(sign, False)
    opening.partner, closing.partner = closing, opening
    return [*before, opening, *core, closing, *after]


def lines_of(pieces: Iterable[Piece], *, on_one_line: bool = False) -> list[str]:
    """The paragraphs that the pieces make: two breaks in a row outside emphasis begin a new one."""
    kept = _without_useless_marks(list(pieces))
    if on_one_line:
        joined = _join(" " if isinstance(piece, LineBreak) else piece for piece in kept)
        return [_safe_start(joined.strip(), is_first=True)] if joined.strip() else []
    return [
        "\\\n".join(_safe_start(line, is_first=position == 0) for position, line in enumerate(paragraph))
        for paragraph in _paragraphs(kept)
    ]


def without_blocks(text: str) -> str:
    """Text of which only the Markdown inside lines is meant, as in comments elsewhere: no heads, lists, tables."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    # An empty line would begin a paragraph, after which a line is a first line again: treat all alike.
    return "\n".join(_safe_start(line, is_first=False) for line in lines if line)


def _paragraphs(pieces: list[Piece]) -> Iterator[list[str]]:
    depth, run = 0, list[Piece]()
    lines: list[str] = []
    for piece in [*pieces, LineBreak()]:
        if not isinstance(piece, LineBreak):
            depth += (1 if piece.opens else -1) if isinstance(piece, Mark) else 0
            run.append(piece)
            continue
        line = _join(run).strip()
        run = []
        if line:
            lines.append(line)
        elif depth <= 0 and lines:
            yield lines
            lines = []
    if lines:
        yield lines


def _join(pieces: Iterable[Piece]) -> str:
    joined = ""
    for piece in pieces:
        if isinstance(piece, Mark):
            joined += piece.sign
        elif isinstance(piece, Code):
            joined += code_span(piece.text)
        elif isinstance(piece, str):
            joined += piece.lstrip(" ") if joined.endswith(" ") else piece
    return joined


def _safe_start(line: str, *, is_first: bool) -> str:
    """A line that begins like a heading, list, quotation, table or rule gets a backslash there."""
    if numbered := _NUMBERED.match(line):
        return f"{numbered.group(1)}\\{line[numbered.end(1) :]}"
    if not _LINE_START.match(line):
        return line
    if line[0] in "=|:" and is_first:
        return line
    if line[0] in "+-" and not re.match(r"[+\-](?:\s|$)|-[\-\s|:]*$", line):
        return line
    if line[0] == "#" and not re.match(r"#{1,6}(?:\s|$)", line):
        return line
    return "\\" + line


def _is_blank(piece: Piece) -> bool:
    return isinstance(piece, LineBreak) or (isinstance(piece, str) and not piece.strip(" "))


def _without_useless_marks(pieces: list[Piece]) -> list[Piece]:
    """Without the marks that Markdown would show as asterisks, because of what stands beside them."""
    pieces = _joined_neighbours([piece for piece in pieces if piece != ""])
    while True:
        useless = {
            mark
            for position, mark in enumerate(pieces)
            if isinstance(mark, Mark) and not _works(mark, pieces, position)
        }
        if not useless:
            return pieces
        useless |= {mark.partner for mark in useless if mark.partner}
        pieces = [piece for piece in pieces if not (isinstance(piece, Mark) and piece in useless)]


def _joined_neighbours(pieces: list[Piece]) -> list[Piece]:
    """``**a****b**`` would not be read as bold: where bold ends and begins at once, it goes on. So does code."""
    joined: list[Piece] = []
    for piece in pieces:
        before = joined[-1] if joined else None
        if (
            isinstance(piece, Mark)
            and isinstance(before, Mark)
            and piece.opens
            and not before.opens
            and piece.sign == before.sign
            and before.partner
            and piece.partner
        ):
            joined.pop()
            before.partner.partner, piece.partner.partner = piece.partner, before.partner
        elif isinstance(piece, Code) and isinstance(before, Code):
            joined[-1] = Code(before.text + piece.text)
        else:
            joined.append(piece)
    return joined


def _works(mark: Mark, pieces: list[Piece], position: int) -> bool:
    """The rule of CommonMark for delimiter runs that are left- or right-flanking."""
    before = _edge(pieces[position - 1], -1) if position else " "
    after = _edge(pieces[position + 1], 0) if position + 1 < len(pieces) else " "
    outside, inside = (before, after) if mark.opens else (after, before)
    if inside.isspace():
        return False
    return not _is_punctuation(inside) or outside.isspace() or _is_punctuation(outside)


def _edge(piece: Piece, index: int) -> str:
    if isinstance(piece, LineBreak):
        return " "
    if isinstance(piece, Code):
        return "`"
    return piece.sign[0] if isinstance(piece, Mark) else piece[index]


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character)[0] in "PS"
