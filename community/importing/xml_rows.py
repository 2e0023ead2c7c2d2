"""Cuts ``<row …/>`` out of a file that should be XML, one at a time, and gives the attributes of each."""

import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from xml.parsers import expat

LONGEST_ROW = 8 * 1024 * 1024
"""Characters of one row; what is longer is damage, not text."""

_CHUNK = 256 * 1024
_ROW_START = re.compile(r"(?=<row[\s/>])")

LeaveOut = Callable[[str], None]


def read_rows(path: Path, leave_out: LeaveOut) -> Iterator[dict[str, str]]:
    """The attributes of each row, names in lower case, in constant memory.

    `leave_out` is called with a reason for each row that cannot be read. A file with a document type
    declaration is refused whole: no dump has one, and it is how XML is made to explode.
    """
    for fragment in _fragments(path):
        if not fragment.startswith("<row"):
            if re.search(r"<!(?:DOCTYPE|ENTITY)", fragment, re.IGNORECASE):
                leave_out("the whole file: it has a document type declaration")
                return
        elif len(fragment) > LONGEST_ROW:
            leave_out("a row longer than any text")
        else:
            attributes = _attributes(fragment)
            if attributes is None:
                leave_out("a damaged row")
            else:
                yield {name.lower(): value for name, value in attributes.items()}


def count_rows(path: Path) -> int:
    """About how many rows a file has: quick, and right for files in good order."""
    count = 0
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            count += chunk.count(b"<row ")
    return count


def _fragments(path: Path) -> Iterator[str]:
    """What stands before the first row, then each row with whatever follows it up to the next.

    A ``<`` cannot stand inside an attribute, so a row ends where the next one begins, even if it is damaged.
    """
    rest = ""
    for text in _decoded(path):
        *complete, rest = _ROW_START.split(rest + text)
        yield from (fragment for fragment in complete if fragment)
        if len(rest) > LONGEST_ROW:
            # Enough to be known as too long; the end is kept, since the next row may have begun in it.
            rest = rest[:LONGEST_ROW] + rest[-8:]
    if rest:
        yield rest


def _decoded(path: Path) -> Iterator[str]:
    with path.open("rb") as source:
        chunk = source.read(_CHUNK)
        decoder = codecs.getincrementaldecoder(_encoding(chunk))(errors="replace")
        while chunk:
            yield decoder.decode(chunk)
            chunk = source.read(_CHUNK)
        yield decoder.decode(b"", final=True)


def _encoding(beginning: bytes) -> str:
    """By byte order mark, else as declared where that is a superset of ASCII, else UTF-8."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if beginning.startswith(mark):
            return encoding
    if declared := re.match(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.\-]{1,30})["']""", beginning):
        name = declared.group(1).decode("ascii", errors="ignore").lower().replace("_", "-")
        if re.fullmatch(r"iso-8859-\d{1,2}|windows-125\d|latin-?1", name):
            return name
    return "utf-8"


_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_STRAY_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);|#(?:x[0-9a-fA-F]{1,6}|[0-9]{1,7});)")
_CHARACTER_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}));")


def _attributes(fragment: str) -> dict[str, str] | None:
    """The attributes of the one row at the beginning of `fragment`, or None where it is no row."""
    text = _STRAY_AMPERSAND.sub("&amp;", _FORBIDDEN.sub("", fragment))
    text = _CHARACTER_REFERENCE.sub(_without_impossible_characters, text)
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _name, attributes: found.append(attributes)
    # The end tag of the whole list stands behind the last row. What comes before an error has been read.
    with suppress(expat.ExpatError):
        parser.Parse(text, True)
    return found[0] if found else None


def _without_impossible_characters(reference: re.Match[str]) -> str:
    """Control characters and halves of characters: XML forbids them even where they are spelled as numbers."""
    code = int(reference.group(1), 16) if reference.group(1) else int(reference.group(2))
    is_possible = (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )
    return reference.group() if is_possible else ""
