"""What stands in the place of a title and of a text that were erased, in the language of their thread."""

from __future__ import annotations

from dataclasses import dataclass

from community.core import i18n
from community.core.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Erased:
    title: str
    by_author: str
    by_staff: str


def erased_texts(language: str) -> Erased:
    """For readers of a thread of this language, whoever looks at it."""
    reader = i18n.language()
    i18n.use(language)
    try:
        return Erased(
            title=_("Erased question"),
            by_author=_("This text was erased at its author's wish."),
            by_staff=_("This text was erased by the moderators."),
        )
    finally:
        i18n.use(reader)
