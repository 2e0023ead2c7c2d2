"""What the form in which a thread is started calls things, in words that fit the kind of space."""

from __future__ import annotations

from dataclasses import dataclass

from community.core.i18n import gettext as _
from community.spaces.models import SpaceKind


@dataclass(frozen=True, slots=True)
class AskWords:
    heading: str
    title: str
    title_hint: str
    body: str
    button: str
    tips_heading: str
    tips: tuple[str, ...]


def ask_words(kind: str | None) -> AskWords:
    """Without a space that is chosen already, those of a question."""
    if kind == SpaceKind.IDEAS:
        return AskWords(
            heading=_("Suggest an idea"),
            title=_("Your idea in one sentence"),
            title_hint=_("For example: Send a text message when a site is offline"),
            body=_("What would be easier then, and how do you manage today?"),
            button=_("Publish idea"),
            tips_heading=_("A good idea"),
            tips=(
                _("says what you want to achieve, not only how it could look"),
                _("is one idea, so that others can vote for just that"),
                _("leaves out names, customer numbers and passwords"),
            ),
        )
    if kind == SpaceKind.BLOG:
        return AskWords(
            heading=_("Write an article"),
            title=_("Title"),
            title_hint=_("What readers get to know, in one line."),
            body=_("Text of the article"),
            button=_("Publish article"),
            tips_heading=_("A good article"),
            tips=(
                _("begins with what matters to the reader: the list of the blog shows the beginning"),
                _("has a picture: the first one attached leads the article"),
                _("says what is to be seen on each picture"),
            ),
        )
    return AskWords(
        heading=_("Ask a question"),
        title=_("Your question in one sentence"),
        title_hint=_("For example: Why does our router lose the connection at night?"),
        body=_("What happens, and what have you tried?"),
        button=_("Publish question"),
        tips_heading=_("A good question"),
        tips=(
            _("says in one sentence what does not work"),
            _("names product, version and what you have tried"),
            _("leaves out names, customer numbers and passwords"),
        ),
    )
