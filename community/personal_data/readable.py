"""The download as one HTML page that opens everywhere: no theme, no scripts, nothing that is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from community.core import i18n
from community.core.db import as_time
from community.core.i18n import gettext as _


def as_html(sections: Mapping[str, Any], community: str, made_at: datetime) -> str:
    """All sections that hold something, each under its heading."""
    titles, labels = section_titles(), field_labels()
    held = {name: content for name, content in sections.items() if content}
    links = "".join(f'<li><a href="#{name}">{escape(titles[name])}</a></li>' for name in held)
    body = "".join(
        f'<section id="{name}"><h2>{escape(titles[name])}</h2>{_content(content, labels)}</section>'
        for name, content in held.items()
    )
    return PAGE.format(
        language=escape(i18n.language()),
        title=escape(_("Your data at %(community)s") % {"community": community}),
        made=escape(
            _("As of %(date)s. The file data.json holds the same for programs.")
            % {"date": i18n.full_date(made_at)}
        ),
        contents=escape(_("Contents")),
        links=links,
        body=body,
    )


def _content(content: Any, labels: Mapping[str, str]) -> str:
    items = [content] if isinstance(content, Mapping) else content
    return "".join(f"<dl>{_rows(item, labels)}</dl>" for item in items)


def _rows(item: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    rows = ""
    for name, value in item.items():
        if value is None or value == "" or value == []:
            continue
        shown = _content(value, labels) if isinstance(value, list) else _value(name, value)
        rows += f"<dt>{escape(labels.get(name, name))}</dt><dd>{shown}</dd>"
    return rows


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return escape(_("yes") if value else _("no"))
    text = str(value)
    if name.endswith("_url"):
        return f'<a href="{escape(text)}">{escape(text)}</a>'
    if name == "at" or name.endswith("_at"):
        moment = as_time(text)
        return escape(i18n.full_date(moment)) if moment else ""
    return escape(text)


def section_titles() -> dict[str, str]:
    return {
        "account": _("Account"),
        "profile": _("Profile"),
        "sessions": _("Sessions"),
        "sign_ons": _("Single sign-on"),
        "second_factors": _("Second factor"),
        "mail_links": _("Links sent by mail"),
        "consents": _("Consents"),
        "attributes": _("What rules that fill groups may ask for"),
        "reveals": _("When staff looked at who you are"),
        "posts": _("Your posts"),
        "drafts": _("Drafts"),
        "waiting_texts": _("Texts that wait for release"),
        "attachments": _("Files you attached"),
        "solutions": _("Solutions"),
        "satisfactions": _("How satisfied you were"),
        "kudos_given": _("Kudos you gave"),
        "kudos_received": _("Kudos you received"),
        "same_problems": _("Marked as the same problem, and votes for ideas"),
        "follows": _("Threads you follow"),
        "mutes": _("Threads you muted"),
        "wishes": _("Spaces and tags you follow or muted"),
        "memberships": _("Groups"),
        "join_requests": _("Groups you asked to join"),
        "group_invitations": _("Invitations into groups"),
        "group_links": _("Links into groups that you made"),
        "mail_invitations": _("Invitations into groups by mail"),
        "notifications": _("Notifications"),
        "notification_choices": _("How you want to be told"),
        "mail_wishes": _("What you wish of mails"),
        "mails": _("Mails with news"),
        "flags": _("Posts you reported"),
        "decisions": _("Decisions of the moderators"),
        "sanctions": _("Sanctions"),
        "notices": _("What you reported as illegal"),
        "appeals": _("Decisions you objected to"),
        "statements": _("Decisions that restrict you, with what they rest on"),
        "experts": _("Expert badges"),
        "expert_questions": _("Questions to experts"),
        "badges": _("Badges"),
        "faq_credits": _("FAQ entries made from your posts"),
        "faq_feedback": _("What you said about FAQ entries"),
        "acts": _("What you did as staff"),
        "claims": _("Items of the queue that you are on"),
        "faq_versions": _("FAQ texts you wrote"),
        "releases": _("FAQ versions you wrote or released"),
        "vocabulary": _("Words of the search you changed"),
        "staff_notes": _("Notes of the team about your nickname, and those you wrote as staff"),
        "acceptances": _("What you accepted"),
        "page_versions": _("Pages of the site you wrote or published"),
        "search_decisions": _("Searches you decided about"),
    }


def field_labels() -> dict[str, str]:
    return {
        "about_me": _("About your nickname"),
        "accepted_at": _("Accepted on"),
        "accepted_by_me": _("Accepted by you"),
        "act": _("Act"),
        "answered_at": _("Answered on"),
        "asked_at": _("Asked on"),
        "asked_by_me": _("Asked by you"),
        "asked_from": _("Asked from (address of the net)"),
        "at": _("Date"),
        "attached_at": _("Attached on"),
        "size": _("Size in bytes"),
        "file": _("File in this download"),
        "content_type": _("Type"),
        "alt": _("What is to be seen on it"),
        "by_rule": _("Let in by a rule"),
        "caused_by": _("Caused by"),
        "cause": _("Cause"),
        "channel": _("Told where"),
        "changed_at": _("Changed on"),
        "claimed_at": _("Since"),
        "colour_mode": _("Light or dark"),
        "company": _("Company, as checked"),
        "company_address": _("Address with which you joined or asked the company"),
        "ground": _("On what it rests"),
        "ground_name": _("Which rule or law"),
        "url": _("What it is about"),
        "is_automated": _("Decided by a program"),
        "is_found_by_program": _("Held by a rule that a program applies"),
        "is_company_administrator": _("Looks after the company’s colleagues"),
        "confirmed_at": _("Confirmed on"),
        "confirmed_from": _("Confirmed from (address of the net)"),
        "count": _("How many"),
        "created_at": _("Created on"),
        "decided_at": _("Decided on"),
        "decision": _("Decision"),
        "device": _("Device"),
        "is_prompted": _("Reported by somebody"),
        "lifted_at": _("Lifted on"),
        "person": _("Person at the log-in provider"),
        "said": _("What the log-in provider said"),
        "linked_at": _("Linked"),
        "earned_at": _("The rule fitted last on"),
        "edited_at": _("Edited on"),
        "ended_at": _("Ended on"),
        "ends_at": _("Ends on"),
        "lift_reason": _("Why it was lifted"),
        "entry_url": _("Address of the entry"),
        "expires_at": _("Ends on"),
        "given_at": _("Given on"),
        "given_by": _("Given by"),
        "granted_at": _("Granted on"),
        "group": _("Group"),
        "has_left": _("Left for good"),
        "helpful": _("Helpful"),
        "hidden_at": _("Hidden on"),
        "hides_ranks": _("Hides ranks and badges"),
        "id": _("Number of the member"),
        "is_own_answer": _("Your own answer"),
        "item": _("Item"),
        "joined_at": _("Joined on"),
        "kind": _("Kind"),
        "kudos_count": _("Kudos"),
        "language": _("Language"),
        "mail": _("Mail address"),
        "name": _("Name"),
        "most_uses": _("For how many people"),
        "new_mail": _("New mail address"),
        "nickname": _("Nickname"),
        "nickname_changed_at": _("Nickname changed on"),
        "note": _("Note"),
        "outcome": _("What became of it"),
        "password_changed_at": _("Password changed on"),
        "photo": _("Photo"),
        "quiet_from": _("Quiet from (hour)"),
        "quiet_until": _("Quiet until (hour)"),
        "place": _("Typed at"),
        "post_url": _("Address of the post"),
        "published_at": _("Published on"),
        "purpose": _("Purpose"),
        "question": _("Question"),
        "rating": _("From 1 to 5"),
        "read_at": _("Read on"),
        "real_name": _("Real name"),
        "reason": _("Reason"),
        "reasons": _("Reasons"),
        "refusal": _("Why it was refused"),
        "released_at": _("Released on"),
        "submitted_at": _("Sent on"),
        "replaced_at": _("Replaced on"),
        "revisions": _("Earlier versions"),
        "revoked_at": _("Revoked on"),
        "reference": _("Reference"),
        "role": _("Role"),
        "saved_at": _("Saved on"),
        "second_factor": _("Second factor"),
        "seen_at": _("Last used on"),
        "short_answer": _("Short answer"),
        "shown_at": _("Shown on"),
        "solution_count": _("Solutions"),
        "source": _("Source"),
        "space": _("Space"),
        "staff_field": _("Field of work"),
        "staff_name": _("Short real name"),
        "stated_company": _("Company, as you wrote it"),
        "state": _("State"),
        "steps": _("Steps"),
        "stopped_at": _("No mails since"),
        "subject": _("What it was about"),
        "tag": _("Tag"),
        "tags": _("Tags"),
        "tells_titles": _("May say what they are about"),
        "text": _("Text"),
        "text_version": _("Version of the text"),
        "thanks_count": _("Thanks told together"),
        "thread": _("Thread"),
        "topic": _("Subject of notifications"),
        "thread_url": _("Address of the thread"),
        "title": _("Title"),
        "until": _("Until"),
        "used_at": _("Used on"),
        "valid_for": _("Valid for"),
        "version": _("Version"),
        "withdrawn_at": _("Withdrawn on"),
        "withdrawn_by": _("Withdrawn by"),
        "wish": _("Follow or mute"),
        "way": _("Way of logging in"),
        "wants_listing": _("Listed in the group"),
        "words": _("Words"),
        "year_joined": _("Member since"),
    }


PAGE = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }}
dl {{ display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr; gap: .25rem 1rem; margin: 0 0 1rem;
padding: 1rem; border: 1px solid #8888; border-radius: .5rem }}
dt {{ font-weight: 600 }}
dd {{ margin: 0; min-width: 0; white-space: pre-wrap; overflow-wrap: anywhere }}
dd dl {{ margin: 0 0 .5rem }}
@media (max-width: 30rem) {{ dl {{ grid-template-columns: 1fr }} dd {{ margin: 0 0 .5rem }} }}
</style></head>
<body><header><h1>{title}</h1><p>{made}</p></header>
<nav aria-label="{contents}"><ul>{links}</ul></nav>
<main>{body}</main>
</body></html>
"""
