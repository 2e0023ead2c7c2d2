"""Which attributes there are, and how their values are read and shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from community.core import i18n
from community.core.db import Row, as_json, fetch
from community.core.errors import NotFound
from community.core.i18n import N_
from community.core.i18n import gettext as _
from community.segments.models import Kind, Subject

LONGEST_TEXT = 200
MOST_CHOICES = 200
SIZE_CLASS = "size_class"
"""An attribute that every site has: it lies with the company, where staff choose it."""

Value = str | bool | list[str]
"""As it is kept: a number is a text of digits, so that none is lost."""

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,6})?")
_GERMAN = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
_ENGLISH = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_AMBIGUOUS = re.compile(r"[+-]?\d{1,3}[.,]\d{3}")
_YES = frozenset({"ja", "j", "yes", "y", "wahr", "true", "1", "x"})
_NO = frozenset({"nein", "n", "no", "falsch", "false", "0"})


class NotAValue(Exception):  # noqa: N818 - it says what the reader is told
    """The text cannot be a value of this attribute; the message says why, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One attribute."""

    id: int
    key: str
    subject: str
    kind: str
    label_de: str
    label_en: str
    choices: tuple[tuple[str, str, str], ...] = ()
    """Value, German, English."""
    is_built_in: bool = False

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return self.label_de if i18n.language() == "de" else self.label_en

    def choice_label(self, value: str) -> str:
        """The name of one value of the list in the reader's language."""
        for known, german, english in self.choices:
            if known == value:
                return german if i18n.language() == "de" else english
        return value

    def shown(self, value: Any) -> str:
        """A kept value as it is read."""
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return ", ".join(self.choice_label(each) for each in value)
        if self.kind == Kind.NUMBER and self.holds(value):
            return i18n.number(float(value))
        return self.choice_label(str(value))

    def holds(self, value: Any) -> bool:
        """Whether a value can be one of this attribute: another one of the same key may have been of another kind."""
        match self.kind:
            case Kind.CHOICES:
                return isinstance(value, list) and all(self._is_choice(each) for each in value)
            case Kind.CHOICE:
                return self._is_choice(value)
            case Kind.YES_NO:
                return isinstance(value, bool)
            case Kind.NUMBER:
                return isinstance(value, str) and _NUMBER.fullmatch(value) is not None
        return isinstance(value, str)

    def _is_choice(self, value: Any) -> bool:
        return any(value == known for known, *_names in self.choices)


def _built_in() -> Definition:
    return Definition(
        id=0,
        key=SIZE_CLASS,
        subject=Subject.COMPANY,
        kind=Kind.CHOICE,
        label_de="Größe",
        label_en="Size",
        choices=(
            ("small", "klein", "small"),
            ("medium", "mittel", "medium"),
            ("large", "groß", "large"),
        ),
        is_built_in=True,
    )


def _definition(row: Row) -> Definition:
    return Definition(
        id=row["id"],
        key=row["key"],
        subject=row["subject"],
        kind=row["kind"],
        label_de=row["label_de"],
        label_en=row["label_en"],
        choices=tuple((value, german, english) for value, german, english in as_json(row["choices"])),
    )


async def list_definitions(subject: str = "") -> list[Definition]:
    """All attributes, or those of companies or accounts, by their name in the reader's language."""
    rows = await fetch("SELECT * FROM attributes")
    found = [_built_in(), *(_definition(row) for row in rows)]
    return sorted(
        (one for one in found if subject in ("", one.subject)),
        key=lambda one: (one.subject != Subject.COMPANY, i18n.sort_key(one.label)),
    )


async def definitions_by_key(subject: str = "") -> dict[str, Definition]:
    return {one.key: one for one in await list_definitions(subject)}


async def get_definition(key: str) -> Definition:
    """Raises NotFound."""
    found = (await definitions_by_key()).get(key)
    if found is None:
        raise NotFound
    return found


# --- reading values -----------------------------------------------------------------------------------------


def read_value(definition: Definition, given: Any, *, decimal: str = "") -> Value:
    """A value out of a file, a form or a claim. `decimal` is the sign the source writes decimals with, if known.

    Raises NotAValue.
    """
    if definition.kind == Kind.CHOICES:
        parts = given if isinstance(given, list | tuple) else re.split(r"[|;,\n]", str(given))
        read = [_choice(definition, str(part)) for part in parts if str(part).strip()]
        if not read:
            raise NotAValue(_("There is no value."))
        return sorted(set(read))
    if isinstance(given, list | tuple | dict):
        raise NotAValue(_("Only one value is possible."))
    text = " ".join(str(given).split())
    return _READERS[definition.kind](definition, text, decimal)


def decimal_sign() -> str:
    """With which sign the reader writes decimals."""
    return "," if i18n.language() == "de" else "."


def _choice(definition: Definition, text: str) -> str:
    wanted = " ".join(text.split()).casefold()
    for value, german, english in definition.choices:
        if wanted in (value.casefold(), german.casefold(), english.casefold()):
            return value
    raise NotAValue(_("“%(value)s” is not one of the values of this attribute.") % {"value": _short(text)})


def _read_choice(definition: Definition, text: str, decimal: str) -> Value:
    return _choice(definition, text)


def _read_yes_no(definition: Definition, text: str, decimal: str) -> Value:
    word = text.casefold()
    if word not in _YES | _NO:
        raise NotAValue(_("“%(value)s” is neither yes nor no.") % {"value": _short(text)})
    return word in _YES


def _read_number(definition: Definition, text: str, decimal: str) -> Value:
    bare = text.replace("\u00a0", "").replace(" ", "").replace("\u202f", "").replace("'", "").replace("’", "")
    if not decimal and _AMBIGUOUS.fullmatch(bare):
        raise NotAValue(
            _("“%(value)s” can be read in two ways. Write it without thousands separators.")
            % {"value": _short(text)}
        )
    if decimal != "." and _GERMAN.fullmatch(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif decimal != "," and _ENGLISH.fullmatch(bare):
        bare = bare.replace(",", "")
    if not _NUMBER.fullmatch(bare):
        raise NotAValue(_("“%(value)s” is not a number.") % {"value": _short(text)})
    return plain_number(bare)


def _read_text(definition: Definition, text: str, decimal: str) -> Value:
    if len(text) > LONGEST_TEXT:
        raise NotAValue(_("The text is longer than %(most)d characters.") % {"most": LONGEST_TEXT})
    if not text:
        raise NotAValue(_("There is no value."))
    return text


_READERS: Mapping[str, Callable[[Definition, str, str], Value]] = {
    Kind.CHOICE: _read_choice,
    Kind.YES_NO: _read_yes_no,
    Kind.NUMBER: _read_number,
    Kind.TEXT: _read_text,
}


def plain_number(text: str) -> str:
    """Digits as they are kept and compared: "5", "0.5", "-12". Raises NotAValue."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotAValue(_("“%(value)s” is not a number.") % {"value": _short(text)}) from None
    return format(number.normalize() + 0, "f")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:39] + "…"


def kind_names() -> dict[str, str]:
    return {
        Kind.CHOICE: _("one of a list"),
        Kind.CHOICES: _("several of a list"),
        Kind.NUMBER: _("number"),
        Kind.YES_NO: _("yes or no"),
        Kind.TEXT: _("text"),
    }


def subject_names() -> dict[str, str]:
    return {Subject.COMPANY: _("Company"), Subject.ACCOUNT: _("Person")}


SOURCES = {
    "import": N_("imported from a file"),
    "sign_on": N_("from your company’s log-in"),
    "staff": N_("entered by staff"),
}


def source_name(source: str) -> str:
    """Where a value comes from, in the reader's language."""
    return _(SOURCES[source]) if source in SOURCES else ""


def checked_choices(lines: Sequence[str]) -> list[tuple[str, str, str]]:
    """Choices as a form gives them, one a line: "value", "value = German", or "value = German = English".

    Raises NotAValue with what is wrong.
    """
    made: list[tuple[str, str, str]] = []
    for line in (line.strip() for line in lines):
        if not line:
            continue
        parts = [" ".join(part.split()) for part in line.split("=")]
        if len(parts) > 3 or not all(parts) or max(map(len, parts)) > 80:
            raise NotAValue(_("This line is not a value: “%(line)s”.") % {"line": _short(line)})
        if any(sign in part for part in parts for sign in "|;,"):
            raise NotAValue(
                _("Values must not hold commas, semicolons or vertical lines, which separate them.")
            )
        german = parts[1] if len(parts) > 1 else parts[0]
        made.append((parts[0], german, parts[2] if len(parts) > 2 else german))
    names = [{name.casefold() for name in one} for one in made]
    if any(one & other for number, one in enumerate(names) for other in names[number + 1 :]):
        raise NotAValue(_("Two values have the same name."))
    if not 2 <= len(made) <= MOST_CHOICES:
        raise NotAValue(_("A list needs from 2 to %(most)d values.") % {"most": MOST_CHOICES})
    return made
