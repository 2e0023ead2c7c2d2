"""What the measures are called: to the member concerned, to staff who decide about an objection, in the figures."""

from __future__ import annotations

from dataclasses import dataclass

from community.core.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class MeasureWords:
    """Of one measure, in the reader's language."""

    told: str
    """To whom it concerns, as a heading."""
    scope: str
    """What follows from it."""
    label: str
    """Where nobody in particular is spoken to."""
    objection: str
    """What an objection to it is called."""
    until: str = ""
    """How long it holds, where it has no date; empty: until it is lifted."""
    granting: str = ""
    """To staff: what follows if they agree with an objection; empty: what it is about comes back."""
    granted_told: str = ""
    """The same, to whom it concerns; empty: the decision is changed."""


def measures() -> dict[str, MeasureWords]:
    return {**_of_texts(), **_of_members()}


def words_of(act: str) -> MeasureWords:
    other = _("Objection to a decision")
    return measures().get(act, MeasureWords(_("The moderators have decided"), "", act, other))


def _of_texts() -> dict[str, MeasureWords]:
    return {
        "hide_post": MeasureWords(
            _("Your post was hidden"),
            _(
                "Nobody but the moderators can read the post. If a thread begins with it, that is all of the thread."
            ),
            _("Post hidden"),
            _("Objection to a hidden post"),
        ),
        "erase_post": MeasureWords(
            _("Your post was erased"),
            _(
                "What it said is gone for good, earlier versions and files included. A short sentence stands there."
            ),
            _("Post erased"),
            _("Objection to an erased post"),
            _("For good: what was erased cannot come back"),
            _("What was erased cannot come back. The member learns that it should have stayed, and why."),
            _("What was erased cannot come back, but you can write it again."),
        ),
        "lock_thread": MeasureWords(
            _("Your thread was locked"),
            _("The thread can be read as before. Only staff can write in it."),
            _("Thread locked"),
            _("Objection to a locked thread"),
        ),
        "note_post": MeasureWords(
            _("You were told that a post breaks a rule"),
            _("The post stays as it is. Nothing is restricted."),
            _("Author told"),
            _("Objection to a word about a post"),
            _nothing_ends(),
            _taken_back(),
        ),
        "refuse_text": MeasureWords(
            _("Your text was not published"),
            _("Nobody but you and the moderators can read it. You can change it and send it once more."),
            _("Held text refused"),
            _("Objection to a text that was refused"),
            _("Until you have sent it once more and it is released"),
            _("The text goes back into the queue and is decided about once more."),
            _("Your text waits in the queue again and is decided about once more."),
        ),
    }


def _of_members() -> dict[str, MeasureWords]:
    return {
        "note_member": MeasureWords(
            _("Your nickname breaks a rule"),
            _("Please choose another nickname in your settings. Nothing else is restricted."),
            _("Other nickname asked for"),
            _("Objection to a word about a nickname"),
            _nothing_ends(),
            _taken_back(),
        ),
        "warn_member": MeasureWords(
            _("You were given a warning"),
            _("Nothing is restricted. If there is another reason within a year, it counts."),
            _("Warning"),
            _("Objection to a warning"),
            _nothing_ends(),
            _taken_back(),
        ),
        "mute_member": MeasureWords(
            _("You cannot write for some time"),
            _("You can read, keep drafts, accept solutions and report posts, but not write."),
            _("Writing ban"),
            _("Objection to a writing ban"),
            granting=_ends_at_once(),
        ),
        "suspend_member": MeasureWords(
            _("Your account is suspended"),
            _("You cannot log in. Your posts stay where they are."),
            _("Suspension"),
            _("Objection to a suspension"),
            granting=_ends_at_once(),
        ),
        "ban_member": MeasureWords(
            _("Your account is banned"),
            _("You cannot log in, nor register again. Your posts stay where they are."),
            _("Ban"),
            _("Objection to a ban"),
            _("For good, unless it is lifted"),
            _ends_at_once(),
        ),
        "prolong_sanction": MeasureWords(
            _("What was decided about you lasts longer"),
            _("Everything else stays as it was decided before."),
            _("Sanction prolonged"),
            _("Objection to a later end"),
            granting=_("The earlier end holds again. The member learns the reason."),
        ),
    }


def _taken_back() -> str:
    return _("It counts for nothing any more. The member learns the reason.")


def _ends_at_once() -> str:
    return _("It is lifted at once. The member learns the reason.")


def _nothing_ends() -> str:
    return _("For no time: it is a word to you")
