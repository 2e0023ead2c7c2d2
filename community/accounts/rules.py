"""What may be typed into a registration and its kin: pure decisions, each answered in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from community.core import nicknames, passwords
from community.core.i18n import gettext as _
from community.core.mail import PermanentMailError, receiver

CONFIRMATION_LASTS = timedelta(hours=48)
RESET_LASTS = timedelta(hours=1)
NICKNAME_KEPT_FOR = timedelta(days=90)
"""How long a nickname stays before it may be changed again."""
MOST_MAILS_IN = timedelta(hours=6)
"""The time in which mails to one address are counted."""
LONGEST_MAIL = 254
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class RegistrationWish:
    """A registration as it was typed."""

    nickname: str
    mail: str
    password: str
    real_name: str = ""
    company: str = ""

    @property
    def own_words(self) -> tuple[str, ...]:
        """What nickname and password must not be made of."""
        return tuple(word for word in (self.real_name, self.company, self.mail) if word)


def problems_with_registration(wish: RegistrationWish, reserved_names: Iterable[str] = ()) -> dict[str, str]:
    """Field to sentence, in the order of the form; empty if all is well.

    Whether the nickname is taken is not asked.
    """
    found = {
        "nickname": nicknames.problem_with(
            wish.nickname, own_words=wish.own_words, reserved_names=reserved_names
        ),
        "mail": problem_with_mail(wish.mail),
        "password": passwords.problem_with(wish.password, (wish.nickname, *wish.own_words)),
        "real_name": _problem_with_length(wish.real_name),
        "company": _problem_with_length(wish.company),
    }
    return {name: problem for name, problem in found.items() if problem}


def problem_with_mail(address: str) -> str | None:
    """What keeps mail from being sent to this address, or None."""
    if not address:
        return _("Please write your mail address.")
    try:
        if len(address) > LONGEST_MAIL or "." not in receiver(address).domain:
            raise PermanentMailError("reading the address")
    except PermanentMailError:
        return _("Please write a mail address like name@example.com.")
    return None


def shows_in_nickname(nickname: str, own_words: Iterable[str]) -> bool:
    """Whether the nickname gives one of these words away; its spelling is not judged again."""
    return nicknames.problem_with(nickname) is None and bool(
        nicknames.problem_with(nickname, own_words=own_words)
    )


def _problem_with_length(text: str) -> str | None:
    if len(text) <= LONGEST_NAME:
        return None
    return _("Please use at most %(count)d characters.") % {"count": LONGEST_NAME}
