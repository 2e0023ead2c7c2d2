"""Reading tables as spreadsheets save them: German Excel first, with its encodings, separators and quotation marks.

Every line that cannot be read is named with its number and the reason; nothing is guessed where it could be wrong.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from community.core.i18n import gettext as _

MOST_COLUMNS = 60
LONGEST_CELL = 2_000
SEPARATORS = (";", ",", "\t", "|")


class Unreadable(Exception):  # noqa: N818 - it says what the reader is told
    """The file as a whole cannot be read; the message says why, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    """Of the first of its lines in the file, as an editor counts."""
    cells: tuple[str, ...]


@dataclass(slots=True)
class Table:
    head: tuple[str, ...] = ()
    lines: list[Line] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    separator: str = ";"
    encoding: str = ""

    @property
    def decimal(self) -> str:
        """With which sign the program that wrote the file writes decimals; empty where that cannot be told."""
        return {";": ",", ",": "."}.get(self.separator, "")


def read_table(content: bytes) -> Table:
    """The table in a file. Raises Unreadable."""
    text, encoding = _decoded(content)
    text, separator, skipped = _without_sep_line(text)
    table = Table(separator=separator or _separator_of(text), encoding=encoding)
    for number, cells, problem in _records(text, table.separator):
        line = number + skipped
        if not table.head and not problem and any(cells):
            table.head = _checked_head(cells)
        elif problem:
            table.refused.append((line, problem))
        elif any(cells):
            _take(table, line, cells)
    if not table.head:
        raise Unreadable(_("The file has no line that names its columns."))
    return table


def _decoded(content: bytes) -> tuple[str, str]:
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if content.startswith(mark):
            return _strictly(content[len(mark) :], encoding), encoding
    zeros = content[:2000]
    if zeros and zeros.count(0) * 3 > len(zeros):
        encoding = "utf-16-le" if zeros[1::2].count(0) > zeros[::2].count(0) else "utf-16-be"
        return _strictly(content, encoding), encoding
    try:
        return _strictly(content, "utf-8"), "utf-8"
    except Unreadable:
        return _strictly(content, "windows-1252"), "windows-1252"


def _strictly(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable(_("The file is no text. Save it as CSV and try again.")) from None
    if any(ord(sign) < 32 and sign not in "\t\r\n" for sign in text):
        raise Unreadable(_("The file is no text. Save it as CSV and try again."))
    return text


def _without_sep_line(text: str) -> tuple[str, str, int]:
    """Excel may be told the separator by a first line "sep=;"."""
    first, _newline, rest = text.partition("\n")
    bare = first.strip("\r").strip('"')
    if bare.casefold().startswith("sep=") and bare[4:] in SEPARATORS:
        return rest, bare[4:], 1
    return text, "", 0


def _separator_of(text: str) -> str:
    """The one that stands most often in the first line that holds anything, outside of quotation marks."""
    for line in io.StringIO(text, newline=""):
        if line.strip():
            outside = "".join(line.split('"')[::2])
            return max(SEPARATORS, key=lambda sign: (outside.count(sign), -SEPARATORS.index(sign)))
    return ";"


def _records(text: str, separator: str) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Number of the first line, cells, and what is wrong with each record."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            ended = "unexpected end" in str(error)
            yield (
                number,
                (),
                _("A quotation mark is not closed; everything behind it belongs to this cell.")
                if ended
                else _("The quotation marks of this line do not fit together."),
            )
            continue
        yield number, tuple(cell.strip() for cell in cells), ""


def _checked_head(cells: tuple[str, ...]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    if len(cells) > MOST_COLUMNS:
        raise Unreadable(_("The file has more than %(most)d columns.") % {"most": MOST_COLUMNS})
    named = [cell.casefold() for cell in cells if cell]
    for name in named:
        if named.count(name) > 1:
            raise Unreadable(_("Two columns have the same name: %(name)s") % {"name": name[:60]})
    return cells


def _take(table: Table, number: int, cells: tuple[str, ...]) -> None:
    width = len(table.head)
    if any(cells[width:]) or len(cells) < width:
        table.refused.append(
            (
                number,
                _("This line has %(found)d cells, and the first line names %(wanted)d columns.")
                % {"found": len(cells), "wanted": width},
            )
        )
    elif any(len(cell) > LONGEST_CELL for cell in cells):
        table.refused.append(
            (number, _("A cell is longer than %(most)d characters.") % {"most": LONGEST_CELL})
        )
    else:
        table.lines.append(Line(number, cells[:width]))
