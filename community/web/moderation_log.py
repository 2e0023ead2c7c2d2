"""Entries of the moderation log in words: what an act is called, and what it was done to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.queries import LogLine
from community.members.queries import list_profiles_by_ids
from community.moderation.subjects import list_subject_titles
from community.site_texts.rules import NUMBERS, PAGES, page_names
from community.threads.undoing import UNDOABLE, list_overtaken
from community.web.parts import Link, When
from community.web.people import profile_url

KINDS = "post|thread|member|space|faq|words|log|company|attribute|segment|badge|rank|warning|page|text|rule|canned"
SUBJECT = re.compile(rf"({KINDS}):([0-9]{{1,16}})")


@dataclass(frozen=True, slots=True)
class LogEntryView:
    when: When
    actor: str
    act: str
    subject: Link
    """What it was done to; without an address where it has no page."""
    all_url: str
    """Everything that was done to it."""
    reason: str
    url: str
    """Of the page of this entry."""
    actor_url: str
    """Everything that this person did; empty where nobody stands there."""
    undo_url: str = ""
    """Where it can be undone; empty where it cannot, or not any more."""


def _actor(line: LogLine) -> str:
    if line.act == "end_sanction":
        return _("by itself, at its date")
    if line.actor_id is None:
        return _("the company itself")
    return line.actor_name or _("Former member")


async def entry_views(viewer: Viewer, lines: Sequence[LogLine]) -> tuple[LogEntryView, ...]:
    """Log entries as pages show them."""
    subjects = await _subjects(viewer, [line.subject for line in lines])
    names = act_names()
    overtaken = await list_overtaken(lines)
    return tuple(
        LogEntryView(
            when=When.of(line.at),
            actor=_actor(line),
            act=names.get(line.act, line.act),
            subject=subjects[line.subject],
            all_url=f"/moderation/log?subject={quote(line.subject)}",
            reason=line.reason,
            url=f"/moderation/log/{line.id}",
            actor_url="" if line.actor_id is None else f"/moderation/log?by={line.actor_id}",
            undo_url=f"/moderation/log/{line.id}/undo"
            if line.act in UNDOABLE and line.id not in overtaken and subjects[line.subject].url
            else "",
        )
        for line in lines
    )


def act_names() -> dict[str, str]:
    """What each act of the log is called, in the reader's language."""
    return {
        "edit_post": _("edited"),
        "hide_post": _("hidden"),
        "restore_post": _("restored"),
        "accept_solution": _("accepted as the solution on the asker’s behalf"),
        "answer_idea": _("status of the idea"),
        "lock_thread": _("locked"),
        "unlock_thread": _("unlocked"),
        "pin_thread": _("pinned"),
        "unpin_thread": _("unpinned"),
        "move_thread": _("moved"),
        "retitle_thread": _("title or tags changed"),
        "merge_thread": _("another thread merged into it"),
        "unmerge_thread": _("merged thread separated again"),
        "split_thread": _("answers moved to another thread"),
        "unsplit_thread": _("moved answers brought back"),
        "erase_post": _("erased for good"),
        "unlink_author": _("shown under “former member”"),
        "release_text": _("waiting text released"),
        "refuse_text": _("waiting text refused"),
        "reopen_text": _("waiting text to be decided about again"),
        "mend_text": _("waiting text mended"),
        "add_rule": _("rule for holding texts added"),
        "change_rule": _("rule for holding texts changed"),
        "remove_rule": _("rule for holding texts removed"),
        "uphold_flags": _("flags upheld"),
        "dismiss_flags": _("flags dismissed"),
        "uphold_notice": _("notice upheld"),
        "dismiss_notice": _("notice dismissed"),
        "grant_appeal": _("objection granted"),
        "reject_appeal": _("objection rejected"),
        "change_role": _("role changed"),
        "warn_member": _("warned"),
        "mute_member": _("muted"),
        "suspend_member": _("suspended"),
        "ban_member": _("banned"),
        "change_sanction": _("end of a sanction changed"),
        "lift_sanction": _("sanction lifted"),
        "end_sanction": _("sanction ended"),
        "erase_banned_member": _("banned member erased at their wish, by command"),
        "reset_second_factor": _("second factor taken away, by command"),
        "grant_expert": _("made an expert"),
        "change_recognition": _("points and ranks changed"),
        "revoke_expert": _("no expert any more"),
        "leave_expert_to_rule": _("expert status left to the rule again"),
        "dismiss_warning": _("warning dismissed"),
        "add_badge": _("badge added"),
        "change_badge": _("badge changed"),
        "remove_badge": _("badge removed"),
        "grant_badge": _("badge given"),
        "revoke_badge": _("badge taken away"),
        "change_expert_rule": _("rule for experts changed"),
        "remove_expert_rule": _("rule for experts removed"),
        "ask_reveal": _("identity asked for"),
        "approve_reveal": _("identity approved"),
        "refuse_reveal": _("identity refused"),
        "show_identity": _("identity shown"),
        "make_space": _("space created"),
        "change_space": _("space changed"),
        "make_company": _("company added"),
        "change_company": _("company changed"),
        "add_company_domain": _("mail domain added"),
        "remove_company_domain": _("mail domain removed"),
        "invite_company_administrator": _("company administrator invited"),
        "make_attribute": _("attribute added"),
        "change_attribute": _("attribute changed"),
        "remove_attribute": _("attribute removed"),
        "import_attributes": _("attributes imported"),
        "set_attributes": _("attributes entered"),
        "make_segment": _("segment added"),
        "change_segment": _("purpose of a segment changed"),
        "preview_segment": _("asked how many a rule fits"),
        "open_segment": _("segment opened with this rule"),
        "close_segment": _("segment closed"),
        "offboard_at_once": _("colleague off-boarded at once, for a security reason"),
        "faq.cleared": _("FAQ text checked for secrets"),
        "faq.confirmed": _("FAQ entry found right"),
        "faq.source_replaced": _("Source of an FAQ entry replaced"),
        "faq.sent_for_review": _("FAQ entry sent for review"),
        "faq.sent_back": _("FAQ entry sent back"),
        "faq.scheduled": _("Release of an FAQ entry scheduled"),
        "faq.unscheduled": _("Scheduled release of an FAQ entry taken back"),
        "faq.schedule_failed": _("Scheduled release of an FAQ entry not possible"),
        "faq.translation_checked": _("Translation of an FAQ entry found to agree with its original"),
        "faq.released": _("FAQ entry released"),
        "faq.published": _("FAQ entry published"),
        "faq.withdrawn": _("FAQ entry withdrawn"),
        "faq.restored": _("FAQ entry taken up again"),
        "faq.proposal_accepted": _("FAQ entry drafted from a proposal"),
        "faq.proposal_merged": _("proposal merged into an FAQ entry"),
        "faq.proposal_dismissed": _("proposal for the FAQ dismissed"),
        "faq.proposal_reopened": _("dismissed proposal for the FAQ taken up again"),
        "add_canned": _("canned answer added"),
        "change_canned": _("canned answer changed"),
        "delete_canned": _("canned answer deleted"),
        "delete_note": _("note of the team deleted"),
        "publish_page": _("version of a page published"),
        "add_words": _("words of the search added"),
        "change_words": _("words of the search changed"),
        "remove_words": _("words of the search removed"),
        "switch_off_words": _("words of the search switched off"),
        "forget_names": _("name forgotten with the person"),
        "rewrite_reason": _("name of a former member taken out"),
        "export_log": _("log exported"),
        "seal_log": _("log sealed anew, by command"),
    }


async def _subjects(viewer: Viewer, subjects: Sequence[str]) -> dict[str, Link]:
    """Each subject ("post:123") with its title, or else its number, and its address."""
    found = {subject: SUBJECT.fullmatch(subject) for subject in subjects}
    known = [(match[1], int(match[2])) for match in found.values() if match]
    members = [number for kind, number in known if kind == "member"]
    nicknames = await list_profiles_by_ids(members) if members else {}
    titles = await list_subject_titles(viewer, known)
    links = {}
    for subject, match in found.items():
        if match is None:
            links[subject] = Link(subject, "")
        elif match[1] == "member":
            name = nicknames.get(int(match[2]))
            links[subject] = Link(name, profile_url(name)) if name else Link(_("Former member"), "")
        else:
            links[subject] = _link(viewer, match[1], match[2], titles.get((match[1], int(match[2])), ""))
    return links


def _link(viewer: Viewer, kind: str, number: str, title: str) -> Link:
    if kind == "post":
        named = _("Post in “%(title)s”") % {"title": title} if title else ""
        return Link(named or _("Post %(number)s") % {"number": number}, f"/posts/{number}")
    if kind == "thread":
        return Link(title or _("Thread %(number)s") % {"number": number}, f"/threads/{number}")
    if kind == "faq":
        return Link(title or _("FAQ entry %(number)s") % {"number": number}, f"/moderation/faq/{number}")
    if kind == "company":
        # Which one it is, only administrators see, on its page.
        url = f"/admin/companies/{number}" if viewer.is_administrator else ""
        return Link(_("Company %(number)s") % {"number": number}, url)
    if kind == "attribute":
        url = "/admin/attributes" if viewer.is_administrator else ""
        if number == "0":
            return Link(_("Attributes"), url)
        return Link(title or _("Attribute %(number)s") % {"number": number}, url)
    if kind == "segment":
        url = "/admin/segments" if viewer.is_administrator else ""
        return Link(title or _("Segment %(number)s") % {"number": number}, url)
    if kind == "warning":
        return Link(_("Warning %(number)s") % {"number": number}, "/moderation/warnings")
    if kind == "rule":
        return Link(title or _("Rule %(number)s") % {"number": number}, f"/moderation/rules/{number}")
    if kind == "canned":
        return Link(
            title or _("Canned answer %(number)s") % {"number": number},
            f"/moderation/canned-answers/{number}",
        )
    if kind == "text":
        return Link(_("Waiting text %(number)s") % {"number": number}, f"/moderation/waiting/{number}")
    if kind == "badge":
        url = f"/admin/badges/{number}" if title and viewer.is_administrator else ""
        return Link(title or _("Removed badge"), url)
    if kind == "page":
        page = next((name for name, known in NUMBERS.items() if known == int(number)), "")
        url = f"/admin/pages/{page}" if page in PAGES and viewer.is_administrator else ""
        return Link(page_names().get(page, _("Page %(number)s") % {"number": number}), url)
    if kind == "rank":
        return Link(_("Points and ranks"), "/admin/ranks" if viewer.is_administrator else "")
    if kind == "log":
        if number == "0":
            return Link(_("Moderation log"), "/moderation/log")
        return Link(_("Entry %(number)s") % {"number": number}, f"/moderation/log/{number}")
    if kind == "words":
        return Link(title or _("Removed words"), f"/admin/vocabulary/{number}" if title else "")
    return Link(title or _("Space %(number)s") % {"number": number}, "")
