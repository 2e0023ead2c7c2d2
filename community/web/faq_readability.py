"""What could be easier to read in the text of an entry, in words for its editors. It keeps nobody from saving."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.i18n import gettext as _
from community.core.markdown import plain_text, render
from community.faq.readability import Hint, check
from community.faq.rules import LONGEST_STEPS
from community.vocabulary.queries import list_jargon
from community.web.faq_views import ReadingHint, ReadingView

EASY, HARD = 60, 30


async def reading_of(fields: Mapping[str, str]) -> ReadingView:
    """Of what stands in the form, saved or not."""
    steps = plain_text(render(fields.get("steps", "")[:LONGEST_STEPS]))
    found = check(
        f"{fields.get('short_answer', '')}\n{steps}", fields.get("language", ""), await list_jargon()
    )
    return ReadingView(_figure(found.ease), tuple(_hint(hint) for hint in found.hints))


def _figure(ease: int | None) -> str:
    if ease is None:
        return ""
    if ease >= EASY:
        return _("Easy to read: %(ease)s of 100") % {"ease": ease}
    if ease >= HARD:
        return _("Of middling difficulty: %(ease)s of 100") % {"ease": ease}
    return _("Hard to read: %(ease)s of 100") % {"ease": ease}


def _hint(hint: Hint) -> ReadingHint:
    if hint.kind == "long":
        return ReadingHint(_("A long sentence (%(count)s words)") % {"count": hint.instead}, hint.excerpt, "")
    if hint.kind == "passive":
        return ReadingHint(_("Who does it? (passive)"), hint.excerpt, "")
    return ReadingHint(_("A word that customers do not use"), hint.excerpt, hint.instead)
