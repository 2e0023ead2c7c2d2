"""Where the database holds something of a member: the register that download and erasure are measured by.

Every table with a column that can hold a member's (or their account's) id stands here; a test walks all tables and
fails for one that does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MEMBER_COLUMN = re.compile(
    r"(.*_)?(member|account|author|actor|reporter|owner|asker|inviter|user)(_id)?|.*_by(_id)?"
)
"""Names of columns of numbers that hold the id of a member or an account, beside all foreign keys to these."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a table holds of a member: in which section of the download it is, or why in none."""

    section: str = ""
    why_not: str = ""


TABLES: dict[str, Held] = {
    "members": Held("profile"),
    "vault_accounts": Held("account"),
    "vault_sessions": Held("sessions"),
    "vault_sign_ons": Held("sign_ons"),
    "vault_second_factors": Held("second_factors"),
    "vault_passkeys": Held("second_factors"),
    "vault_recovery_codes": Held("second_factors"),
    "vault_log_in_steps": Held(why_not="a log-in under way; gone after ten minutes"),
    "vault_mail_links": Held("mail_links"),
    "vault_account_attributes": Held("attributes"),
    "vault_attribute_imports": Held(why_not="what an administrator brings in about others; gone after a day"),
    "vault_consents": Held("consents"),
    "vault_reveals": Held("reveals"),
    "vault_joinings": Held("account"),
    "vault_invitations": Held(
        why_not="addresses of other people; whoever typed them reads them on the page until they end"
    ),
    "threads": Held("posts"),
    "posts": Held("posts"),
    "revisions": Held("posts"),
    "drafts": Held("drafts"),
    "waiting_texts": Held("waiting_texts"),
    "attachments": Held("attachments"),
    "solutions": Held("solutions"),
    "satisfactions": Held("satisfactions"),
    "reminders": Held(
        why_not="when the asker of a thread is reminded next; what they were told is notifications"
    ),
    "kudos": Held("kudos_given"),
    "same_problems": Held("same_problems"),
    "idea_steps": Held(
        why_not="the answers with which staff give ideas a status are posts, and told with them"
    ),
    "follows": Held("follows"),
    "thread_mutes": Held("mutes"),
    "space_wishes": Held("wishes"),
    "tag_wishes": Held("wishes"),
    "memberships": Held("memberships"),
    "group_leavings": Held("memberships"),
    "join_requests": Held("join_requests"),
    "group_invitations": Held("group_invitations"),
    "group_links": Held("group_links"),
    "vault_mail_invitations": Held("mail_invitations"),
    "notifications": Held("notifications"),
    "notification_choices": Held("notification_choices"),
    "mail_wishes": Held("mail_wishes"),
    "notification_mails": Held("mails"),
    "digests": Held(why_not="when the next digest is due; which rhythm is wanted is notification_choices"),
    "flags": Held("flags"),
    "sanctions": Held("sanctions"),
    "vault_bans": Held(
        why_not="a keyed hash that nothing can be read from, by which a banned member is kept from coming back"
    ),
    "notices": Held("notices"),
    "appeals": Held("appeals"),
    "experts": Held("experts"),
    "expert_questions": Held("expert_questions"),
    "gaming_warning_members": Held(
        why_not="computed anew every few hours from kudos and solutions, which are told"
    ),
    "badges": Held("badges"),
    "badge_grants": Held("badges"),
    "faq_sources": Held("faq_credits"),
    "faq_feedback": Held("faq_feedback"),
    "faq_causes": Held(why_not="which causes somebody has settled, as staff; the log tells it as a decision"),
    "faq_schedules": Held(why_not="which release of theirs, as staff, takes effect later; gone when it does"),
    "faq_revisions": Held("faq_versions"),
    "releases": Held("releases"),
    "work_items": Held("claims"),
    "work_looks": Held(why_not="who has an item of the queue open at this moment; old after a minute"),
    "work_bars": Held(
        why_not="which items of the queue somebody may not decide about, as staff; gone with the item"
    ),
    "moderation_log": Held("decisions"),
    "statements": Held("statements"),
    "vocabulary_entries": Held("vocabulary"),
    "staff_notes": Held("staff_notes"),
    "site_text_acceptances": Held("acceptances"),
    "site_text_versions": Held("page_versions"),
    "search_term_decisions": Held("search_decisions"),
    "vault_erasures": Held(
        why_not="written when the member is erased, so nobody is left to take it with them"
    ),
    "faq_entries": Held(
        why_not="who wrote which version is told by faq_revisions, who released it by releases"
    ),
    "first_steps": Held(
        why_not="whether a new member has searched, asked and thanked yet; gone once they have"
    ),
    "points": Held(why_not="computed from kudos and solutions, which are told"),
    "standings": Held(why_not="computed anew every few minutes from kudos and solutions, which are told"),
    "submissions": Held(
        why_not="a fingerprint that keeps a form or mail from being published twice; gone after a day, or 70"
    ),
}
