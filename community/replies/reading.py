"""Reading a mail: bytes in, what somebody has written out, or why nobody has. Knows no database.

Headers are read as they stand and cut to a length; the email package's own reading of them can be kept busy for
seconds by a hostile one.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses
from typing import Final

from community.replies.html_text import text_of_html
from community.replies.quotations import own_words

LARGEST_MAIL: Final = 10 * 1024 * 1024
"""Bytes. Larger ones are not taken by the server, so that whoever sends them learns it at once."""
LARGEST_TEXT: Final = 400_000
"""Bytes of a text with all that it quotes; what stands behind is quoted history."""
LONGEST_HEADER: Final = 2_000
MOST_HEADERS_READ: Final = 20
MOST_PARTS: Final = 100
DEEPEST_PART: Final = 12
LOGO: Final = 30_000
"""Bytes of a picture inside the text; smaller ones mostly belong to a signature."""

_NO_FILES = frozenset(
    {
        "application/pgp-signature",
        "application/pgp-keys",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/ms-tnef",
        "text/x-amp-html",
        "text/vcard",
        "text/x-vcard",
    }
)
_ENCODINGS = re.compile(
    r"utf-8(?:-sig)?|utf-16.*|iso8859-\d+|cp125\d|koi8-[ru]|euc_.*|gb.*|big5.*|shift_jis.*|mac-roman"
)
_AUTOMATIC_SUBJECT = re.compile(
    r"(?:automatische antwort|automatic reply|auto(?:matic)?[ -]?re(?:ply|sponse)|out of (?:the )?office"
    r"|abwesenheits?|abwesend:|réponse automatique|undeliver|unzustellbar|delivery status|mail delivery failed"
    r"|gelesen:|read:|returned mail|failure notice|zugestellt:|delivered:)",
    re.IGNORECASE,
)


BROKEN: Final = (RecursionError, ValueError, LookupError, TypeError, AttributeError)
"""What the email package raises. Of the making of broken mails there is no end."""


@dataclass(frozen=True, slots=True)
class ReadMail:
    key: str
    """Names the mail: the same one that comes twice has the same."""
    sender: str
    """The one address in From; empty if there are several or none."""
    text: str
    """What was written, without quotations and signature; may be empty."""
    has_files: bool
    automatic: str
    """Why no person has written this as an answer, in a word; empty if one has."""


def read_mail(content: bytes, *, return_path: str | None = None) -> ReadMail:
    """What a mail says. `return_path` is the sender given to the mail server, empty for a bounce."""
    try:
        mail = BytesParser(policy=compat32).parsebytes(content)
        text, has_files = _read_parts(mail)
        automatic = _why_automatic(mail, return_path)
        sender = _sender(mail)
        name = _header(mail, "Message-ID").strip().encode()
    except BROKEN:
        # Nobody's mail program makes one that gets here.
        return ReadMail(_key_of(content), "", "", has_files=False, automatic="unreadable")
    return ReadMail(
        _key_of(name or content), sender, text, has_files, automatic or ("" if sender else "no sender")
    )


def receivers_of(content: bytes) -> tuple[str, ...]:
    """All addresses that a mail in a mailbox may have been sent to, those from the server first."""
    mail = BytesParser(policy=compat32).parsebytes(content, headersonly=True)
    names = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
    values = [
        str(value)[:LONGEST_HEADER] for name in names for value in mail.get_all(name, [])[:MOST_HEADERS_READ]
    ]
    return tuple(dict.fromkeys(address for _name, address in getaddresses(values) if address))


def return_path_of(content: bytes) -> str | None:
    """The sender as the last server has written it down; empty for a bounce, None where it has not."""
    mail = BytesParser(policy=compat32).parsebytes(content, headersonly=True)
    value = mail["Return-Path"]
    return None if value is None else str(value)[:LONGEST_HEADER].strip().strip("<>")


def _key_of(value: bytes) -> str:
    return f"mail:{hashlib.sha256(value).hexdigest()[:32]}"


def _header(mail: Message, name: str) -> str:
    return str(mail.get(name) or "")[:LONGEST_HEADER]


def _sender(mail: Message) -> str:
    values = [str(value)[:LONGEST_HEADER] for value in mail.get_all("From", [])[:2]]
    addresses = [address for _name, address in getaddresses(values) if address]
    return addresses[0] if len(addresses) == 1 else ""


def _why_automatic(mail: Message, return_path: str | None) -> str:
    """A word for the sort of mail that nobody has written as an answer (RFC 3834), or nothing."""
    submitted = _header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    precedence = _header(mail, "Precedence").strip().lower()
    if return_path is not None and return_path.strip("<> ") == "":
        return "bounce"
    if mail.get_content_type() == "multipart/report":
        return "report"
    if submitted not in ("", "no") or precedence in ("auto_reply", "junk"):
        return "automatic"
    if any(mail.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Mailer-Daemon")):
        return "automatic"
    if precedence in ("bulk", "list") or any(
        mail.get(name) for name in ("List-Id", "List-Post", "List-Unsubscribe", "Mailing-List")
    ):
        return "list"
    if _AUTOMATIC_SUBJECT.match(_decoded(_header(mail, "Subject")).strip()):
        return "automatic"
    return ""


def _decoded(value: str) -> str:
    """A header with encoded words, as far as needed to recognise how it begins."""
    pieces = []
    for piece, charset in decode_header(value[:500]):
        pieces.append(piece if isinstance(piece, str) else _as_text(piece, charset or ""))
    return "".join(pieces)


# --- the text ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    part_count: int = 0
    has_files: bool = False


def _read_parts(mail: Message) -> tuple[str, bool]:
    found = _Found()
    text = "\n\n".join(piece for piece in _texts(mail, found, 0) if piece.strip())
    return own_words(text.replace("\x00", "")), found.has_files


def _texts(part: Message, found: _Found, depth: int) -> Iterator[str]:
    """The pieces of text in their order; what is no text is noted."""
    found.part_count += 1
    if found.part_count > MOST_PARTS or depth > DEEPEST_PART:
        return
    kind = part.get_content_type()
    children = part.get_payload() if part.get_content_maintype() == "multipart" else None
    if isinstance(children, list):
        yield from _texts_of_several(
            [child for child in children if isinstance(child, Message)], kind, found, depth
        )
    elif kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
        text = _as_text(_content(part)[:LARGEST_TEXT], part.get_content_charset("") or "")
        if kind == "text/html":
            yield text_of_html(text)
        else:
            yield _unwrapped(part, text)
    elif _is_file(part, kind):
        found.has_files = True


def _texts_of_several(parts: list[Message], kind: str, found: _Found, depth: int) -> Iterator[str]:
    if kind != "multipart/alternative":
        for part in parts:
            yield from _texts(part, found, depth + 1)
        return
    # Of several forms of the same the plain one is nearest to what was typed.
    plain_first = sorted(parts, key=lambda part: part.get_content_type() != "text/plain")
    chosen: list[str] = []
    for part in plain_first:
        texts = [text for text in _texts(part, found, depth + 1) if text.strip()]
        chosen = chosen or texts
    yield from chosen


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _as_text(content: bytes, charset: str) -> str:
    """Decoded as the mail says, if it says something that texts come in; else by what fits."""
    try:
        name = codecs.lookup(charset).name if charset else ""
    except (LookupError, ValueError):
        name = ""
    if _ENCODINGS.fullmatch(name):
        # What is called by the first of these names is mostly the second one, which has more letters.
        return content.decode("cp1252" if name == "iso8859-1" else name, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _is_file(part: Message, kind: str) -> bool:
    if kind in _NO_FILES:
        return False
    if (
        kind.startswith("image/")
        and part.get("Content-ID")
        and part.get_content_disposition() != "attachment"
    ):
        return len(_content(part)) > LOGO
    return True


def _unwrapped(part: Message, text: str) -> str:
    """Lines that the mail program has broken, put together again where it says how (RFC 3676)."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    deletes = str(part.get_param("delsp", "")).lower() == "yes"
    lines: list[list[str]] = []
    is_open = False
    for raw in text.splitlines():
        line = raw[1:] if raw.startswith(" ") else raw
        flows = line.endswith(" ") and line != "-- " and not raw.startswith(">")
        if flows and deletes:
            line = line[:-1]
        if is_open and not raw.startswith(">") and line != "-- ":
            lines[-1].append(line)
        else:
            lines.append([line])
        is_open = flows
    return "\n".join("".join(pieces) for pieces in lines)
