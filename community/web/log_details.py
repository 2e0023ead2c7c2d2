"""What is written down beside an entry of the moderation log, in words that staff can read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from community.core.i18n import full_date, number
from community.core.i18n import gettext as _
from community.site_texts.rules import page_names
from community.web.admin_people import role_names
from community.web.admin_spaces import access_names
from community.web.admin_vocabulary import kind_names as vocabulary_kind_names
from community.web.faq_proposal_words import dismissal_names
from community.web.grounds import ground_text
from community.web.idea_words import idea_status_names
from community.web.moderation_rules import kind_names as rule_kind_names
from community.web.parts import Link
from community.web.waiting import kind_names as text_kind_names
from community.web.waiting import why_names

FOR_UNDOING = frozenset(
    {
        "author_vote",
        "came_from",
        "drafts",
        "follows",
        "is_new",
        "opening",
        "opening_from",
        "related",
        "same_problems",
        "solution",
        "solution_carried",
        "tags_before",
        "thread_mutes",
        "title_before",
    }
)
"""What only the machine that undoes an act reads; it stands in the exported file."""
SPACES = frozenset({"from_space", "to_space"})
PAGES_OF = {
    "post": "/posts/",
    "post_before": "/posts/",
    "undoes": "/moderation/log/",
    "notice": "/moderation/notices/",
}
"""Where the thing has its page whose id is the value."""


def detail_names() -> dict[str, str]:
    """What each detail is called, in the reader's language, in the order in which they are shown."""
    return {
        "ground": _("On what it rests"),
        "measure": _("Measure"),
        "why": _("Why it waited"),
        "kind": _("Kind"),
        "kind_before": _("Kind before"),
        "rule_kind": _("Kind of rule"),
        "is_on": _("Switched on"),
        "words": _("Words"),
        "words_before": _("Words before"),
        "replaces": _("Is replaced by"),
        "access": _("Who may read"),
        "access_before": _("Who could read before"),
        "four_eyes": _("What asks for a second person"),
        "four_eyes_before": _("What asked for a second person before"),
        "role": _("Role"),
        "role_before": _("Role before"),
        "ends_at": _("Ends"),
        "ends_before": _("Ended before"),
        "badge": _("Badge"),
        "solutions": _("Solutions"),
        "askers": _("Of different askers"),
        "within_days": _("Within how many days"),
        "lasts_days": _("Lasts for days"),
        "minutes": _("Minutes"),
        "days": _("Days"),
        "from_space": _("From the space"),
        "to_space": _("To the space"),
        "flags": _("Flags"),
        "threads": _("Threads"),
        "answers": _("Answers"),
        "posts": _("Posts"),
        "post": _("Post"),
        "post_before": _("Post before"),
        "thread": _("Thread"),
        "page": _("Page"),
        "version": _("Version"),
        "needs_acceptance": _("Members have to agree"),
        "notice": _("Notice"),
        "appeal": _("Objection"),
        "sanction": _("Sanction"),
        "reveal": _("Request for an identity"),
        "undoes": _("Undoes"),
        "batch": _("Together with others"),
        "idea_status": _("Status of the idea"),
        "idea_status_before": _("Status of the idea before"),
        "format": _("Format"),
        "narrowed": _("Only a part of it"),
        "dismissed_as": _("Dismissed because"),
    }


def read_details(details: Mapping[str, Any], spaces: Mapping[int, str]) -> tuple[tuple[str, Link], ...]:
    """Names and values; a value with an address where it has a page of its own. `spaces`: names by id.

    A detail that has no name yet is shown as it stands, rather than not at all.
    """
    names = detail_names()
    shown = [name for name in names if name in details]
    shown += sorted(details.keys() - names.keys() - FOR_UNDOING - {"ground_name"})
    read = []
    for name in shown:
        value = details[name]
        if name == "ground":
            text = ground_text(value, details.get("ground_name", ""))
        elif name in SPACES:
            text = spaces.get(value, _("A space that is gone"))
        else:
            text = _text(name, value)
        url = f"{PAGES_OF[name]}{value}" if name in PAGES_OF and value else ""
        read.append((names.get(name, name), Link(text, url)))
    return tuple(read)


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, list) and all(isinstance(each, int) for each in value):
        return number(len(value))
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, Mapping):
        names = _four_eyes_names()
        chosen = [names.get(key, str(key)) for key, is_chosen in value.items() if is_chosen]
        return ", ".join(chosen) or _("nothing")
    if name in ("ends_at", "ends_before"):
        return full_date(datetime.fromisoformat(value))
    return _value_names(name).get(value, str(value))


def _four_eyes_names() -> dict[str, str]:
    return {
        "articles_wait": _("Articles of the blog"),
        "staff_posts_wait": _("Posts of the staff"),
        "erasures_wait": _("Erasing for good"),
    }


def _value_names(name: str) -> Mapping[Any, str]:
    """What the values of a detail are called that are words of the program."""
    match name:
        case "kind" | "kind_before":
            words = {str(kind): texts[0] for kind, texts in vocabulary_kind_names().items()}
            return words | {str(kind): text for kind, text in text_kind_names().items()}
        case "rule_kind":
            return {str(kind): texts[0] for kind, texts in rule_kind_names().items()}
        case "measure":
            return {
                "hide": _("Post hidden"),
                "lock": _("Thread locked"),
                "note": _("Author told, nothing else"),
            }
        case "access" | "access_before":
            return {key: texts[0] for key, texts in access_names().items()}
        case "role" | "role_before":
            return {key: texts[0] for key, texts in role_names().items()}
        case "idea_status" | "idea_status_before":
            return {str(status): text for status, text in idea_status_names().items()}
        case "why":
            return why_names()
        case "page":
            return page_names()
        case "dismissed_as":
            return dismissal_names()
    return {}
