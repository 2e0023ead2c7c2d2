"""Reading what a form sent. Checks of required, length and choice stand here; rules stand in the features."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.web.parts import FieldError

MOST_FIELDS = 60
FILES = "files"
"""The field of all forms to which files can be attached. Scripts that send such a form as text say nothing in it."""


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form as text: line ends as \\n, NUL removed, every name once (else 400).

    A form may name its encoding, and some encodings can spell halves of characters, which no database takes (400).
    """
    fields, _chosen = await read_form_with_choices(request, "", most=0)
    return fields


async def read_form_with_choices(
    request: Request, choices: str, *, most: int
) -> tuple[dict[str, str], tuple[int, ...]]:
    """The fields of a form, and the numbers of the ticked boxes called `choices`; no more than `most` (else 400).

    What is no number of ours among them is left out.
    """
    form = await request.form(max_files=0, max_fields=MOST_FIELDS + most)
    fields: dict[str, str] = {}
    chosen: list[int] = []
    for name, value in form.multi_items():
        if name == FILES and isinstance(value, str):
            continue
        if isinstance(value, UploadFile) or not (_is_text(name) and _is_text(value)):
            raise HTTPException(400)
        if most and name == choices:
            chosen += [int(value)] if value.isascii() and value.isdecimal() and len(value) <= 16 else []
        elif name in fields:
            raise HTTPException(400)
        else:
            fields[name] = clean_field(value)
    if len(chosen) > most:
        raise HTTPException(400)
    return fields, tuple(dict.fromkeys(chosen))


def clean_field(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


async def read_upload(request: Request, field: str, *, most: int) -> bytes | None:
    """The file of a form; empty where none was chosen, None where it has more than `most` bytes.

    Its name is not looked at. It stays in memory: the limit on bodies is below the size at which it would not.
    """
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
        uploads = form.getlist(field)
        if len(uploads) != 1 or not isinstance(uploads[0], UploadFile):
            return b""
        content = await uploads[0].read(most + 1)
    return content if len(content) <= most else None


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_length(field: str, value: str, *, least: int, most: int) -> list[FieldError]:
    """The error of a text that is too short or too long, in the words of the reader."""
    length = len(value.strip())
    if length == 0 and least > 0:
        return [FieldError(field, _("Please fill in this field."))]
    if length < least:
        return [
            FieldError(
                field,
                ngettext(
                    "Please write at least %(least)d character.",
                    "Please write at least %(least)d characters.",
                    least,
                )
                % {"least": least},
            )
        ]
    if length > most:
        return [
            FieldError(
                field,
                _("This text has %(length)d characters; %(most)d are possible. Nothing has been cut off.")
                % {"length": length, "most": most},
            )
        ]
    return []


def read_number(text: str, *, least: int, most: int) -> int | None:
    """A whole number between these two, or None."""
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        return None
    return int(text) if least <= int(text) <= most else None


def number_wanted(least: int, most: int) -> str:
    values = {"least": number(least), "most": number(most)}
    return _("Please write a whole number from %(least)s to %(most)s.") % values


def version_of(fields: Mapping[str, str], name: str = "version") -> int:
    """The version that a form was made from, or another small number; 0 for nonsense, which is no version."""
    text = fields.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
