"""What the moderation log is narrowed down to: from the address of the page, and back into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from community.core.addresses import with_query
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.decisions.queries import LogChoice
from community.members.directory import find_members, list_staff
from community.spaces.queries import SpaceCard
from community.web.moderation_log import SUBJECT, act_names
from community.web.pages import read_id
from community.web.parts import Choice, FieldError, FormState

LOG_URL = "/moderation/log"
LONGEST = 200
_ADDRESS = re.compile(r"(?:^|/)(posts|threads|moderation/faq)/([0-9]{1,16})(?:-[^/]*)?$")
_KINDS = {"posts": "post", "threads": "thread", "moderation/faq": "faq"}


@dataclass(frozen=True, slots=True)
class LogFilters:
    """The form above the log."""

    form: FormState
    acts: tuple[Choice, ...]
    staff: tuple[Choice, ...]
    spaces: tuple[Choice, ...]
    is_open: bool
    """Whether something is chosen that the form shows."""
    hidden: tuple[tuple[str, str], ...]
    """The choice as fields, for the form of the export."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, and what in it cannot be understood."""

    choice: LogChoice
    about: str
    """Who or what it is about, as it was typed."""
    errors: tuple[FieldError, ...] = ()

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The choice as fields of an address or a form."""
        chosen = self.choice
        fields = {
            "subject": "" if self.about else chosen.subject,
            "about": self.about,
            "act": chosen.act,
            "by": "" if chosen.actor_id is None else str(chosen.actor_id),
            "space": "" if chosen.space_id is None else str(chosen.space_id),
            "first": chosen.first.isoformat() if chosen.first else "",
            "last": chosen.last.isoformat() if chosen.last else "",
            "words": chosen.words,
        }
        return tuple((name, value) for name, value in fields.items() if value)

    def address(self, **further: object) -> str:
        """The address of the log with this choice."""
        return with_query(LOG_URL, [*self.fields, *further.items()])


async def read_choice(given: Mapping[str, str]) -> Asked:
    """NotFound for what no page of ours leads to; what somebody has typed wrongly comes back as an error."""
    subject, act = given.get("subject", ""), given.get("act", "")
    if (subject and not SUBJECT.fullmatch(subject)) or len(act) > 40:
        raise NotFound
    errors: list[FieldError] = []
    choice = LogChoice(
        subject=subject,
        act=act,
        actor_id=_id(given.get("by", "")),
        space_id=_id(given.get("space", "")),
        first=_day(given.get("first", ""), "first", errors),
        last=_day(given.get("last", ""), "last", errors),
        words=given.get("words", "").replace("\x00", "").strip()[:LONGEST],
    )
    about = given.get("about", "").replace("\x00", "").strip()[:LONGEST]
    if about:
        found = await _subject_of(about)
        if not found:
            text = _("Nothing is known under this. A nickname or the address of a thread or post is wanted.")
            errors.append(FieldError("about", text))
        choice = replace(choice, subject=found)
    if choice.first and choice.last and choice.last < choice.first:
        errors.append(FieldError("last", _("The last day lies before the first one.")))
    return Asked(choice, about, tuple(errors))


def _id(text: str) -> int | None:
    if not text:
        return None
    found = read_id(text)
    if found is None:
        raise NotFound
    return found


def _day(text: str, field: str, errors: list[FieldError]) -> date | None:
    text = text.strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not date(2000, 1, 1) <= day <= date(9000, 1, 1):
        errors.append(FieldError(field, _("Please write the date like this: 2026-03-01")))
        return None
    return day


async def _subject_of(about: str) -> str:
    """ "post:17" for the address of a post, "member:3" for a nickname; empty where it is neither."""
    match = _ADDRESS.search(urlsplit(about).path.rstrip("/"))
    if match:
        return f"{_KINDS[match[1]]}:{int(match[2])}"
    members = await find_members(about.removeprefix("@"), size=1)
    exact = members and members[0].nickname.casefold() == about.removeprefix("@").casefold()
    return f"member:{members[0].id}" if exact else ""


async def filters_of(asked: Asked, spaces: tuple[SpaceCard, ...]) -> LogFilters:
    """The form, filled in."""
    names = sorted(act_names().items(), key=lambda each: each[1].casefold())
    staff = [Choice(str(each.id), each.staff_name or each.nickname) for each in await list_staff()]
    chosen = dict(asked.fields)
    if asked.choice.actor_id is not None and chosen["by"] not in {each.value for each in staff}:
        staff.append(Choice(chosen["by"], _("Person %(number)s") % {"number": chosen["by"]}))
    return LogFilters(
        form=FormState(chosen, asked.errors),
        acts=tuple(Choice(act, name) for act, name in names),
        staff=tuple(staff),
        spaces=tuple(Choice(str(space.id), space.name) for space in spaces if not space.locked),
        is_open=bool(set(chosen) - {"subject"}) or bool(asked.errors),
        hidden=asked.fields,
    )
