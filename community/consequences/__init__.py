"""What follows from what: every side effect of the product in one table; what each does stands beside it.

A consequence gets the fact with its ids, looks at the database as it is now, and may run twice.
"""

from __future__ import annotations

from community import indexing, relating
from community.accounts import mails, reply_mails
from community.accounts.erasure import find_erased_member
from community.accounts.sanction_mails import mail_objection_decided, mail_sanctioned
from community.attachments import cleaning
from community.companies import claims, membership
from community.companies import mails as company_mails
from community.consequences.asking_back import (
    mail_asker,
    mail_news,
    mail_satisfaction,
    plan_reminder,
    plan_reminder_anew,
    tell_asker,
)
from community.consequences.carrying import (
    carry_along,
    move_along,
    settle_objections,
    tell_of_merge,
    tell_of_merge_undone,
    tell_of_split,
    tell_of_split_undone,
)
from community.consequences.quoting import note_quotations
from community.consequences.refreshing import (
    check_entries_of_space,
    check_entries_of_thread,
    check_judged_entry,
)
from community.consequences.standing import (
    apply_changed_badge,
    apply_expert_rule,
    award_badges,
    count_points_of_post,
    count_points_of_space,
    count_points_of_thread,
    count_points_of_unlinked,
    grant_expert_by_rule,
    note_activity_of_space,
    note_first_question,
    note_first_thanks,
    recount_members_of_space,
    unname_in_news,
)
from community.consequences.telling import (
    tell_answerer,
    tell_asked_expert,
    tell_asker_of_acceptance,
    tell_badge,
    tell_commented_author,
    tell_credited_helpers,
    tell_expert,
    tell_followers,
    tell_followers_of_subjects,
    tell_mentioned,
    tell_supporters,
    tell_thanked,
    untell_thanked,
)
from community.consequences.telling_decisions import (
    settle_broken_batch,
    tell_addressed,
    tell_author_of_decision,
    tell_author_of_refusal,
    tell_author_of_release,
    tell_handed,
    tell_of_batch,
    tell_reporter,
    tell_revealed,
    tell_sanctioned,
    tell_unlinked,
)
from community.consequences.telling_editors import tell_editors
from community.consequences.telling_groups import (
    mail_invited,
    tell_invited,
    tell_managers_of_request,
    tell_requester,
)
from community.consequences.telling_notices import (
    mail_step_of_notice,
    tell_appellant,
    tell_noted_member,
    tell_notifier,
)
from community.core.db import fetch
from community.core.outbox import Consequences, Fact
from community.indexing import PendingDocuments
from community.reindexing import state as reindexing
from community.segments import attributes, filling

FORGOTTEN_ONCE_DONE = frozenset(
    {
        "company.joining_due",
        "company.claim_due",
        "company.departure_due",
        "company.membership_changed",
        "account.joined_company",
        "account.refused_by_company",
        "account.offboarded",
        "account.left_company",
        "member.unlinked",
    }
)
"""They name an account, and stand beside what names a company: their moments would tell whose colleague it is. Or
they name a member beside posts that nobody is to be named beside any more."""


def consequences(pending: PendingDocuments) -> Consequences:
    """The table. What is to be indexed is noted in `pending`, which the worker writes once per batch."""

    async def index_thread(fact: Fact) -> None:
        pending.want("thread", fact["thread_id"], fact.id)

    async def index_both(fact: Fact) -> None:
        pending.want("thread", fact["thread_id"], fact.id)
        pending.want("thread", fact["from_id"], fact.id)

    async def index_thread_of_post(fact: Fact) -> None:
        rows = await fetch("SELECT thread_id FROM posts WHERE id = :id", {"id": fact["post_id"]})
        for row in rows:
            pending.want("thread", row["thread_id"], fact.id)

    async def index_member(fact: Fact) -> None:
        pending.want("person", fact["member_id"], fact.id)

    async def index_erased_member(fact: Fact) -> None:
        member_id = await find_erased_member(fact["erasure_id"])
        if member_id is not None:
            pending.want("person", member_id, fact.id)

    async def index_group(fact: Fact) -> None:
        pending.want("group", fact["group_id"], fact.id)

    async def index_faq_entry(fact: Fact) -> None:
        pending.want("faq", fact["entry_id"], fact.id)

    async def relate_thread(fact: Fact) -> None:
        await relating.relate_thread(pending.engine, fact["thread_id"])

    async def relate_moved_thread(fact: Fact) -> None:
        # What the batch wants indexed is written after it; those that list this thread are to find where it is now.
        await indexing.bring_in_line(pending.engine, "thread", [fact["thread_id"]])
        await relating.relate_moved_thread(pending.engine, fact["thread_id"])

    async def relate_threads_beside_space(fact: Fact) -> None:
        await relating.relate_threads_beside_space(fact["space_id"])

    async def relate_changed_entry(fact: Fact) -> None:
        # What the batch wants indexed is written after it; threads are to find this entry, or not, at once.
        await indexing.bring_in_line(pending.engine, "faq", [fact["entry_id"]])
        await relate_entry(fact)

    async def relate_entry(fact: Fact) -> None:
        await relating.relate_entry(pending.engine, fact["entry_id"])

    async def index_vocabulary(fact: Fact) -> None:
        await indexing.publish_vocabulary(pending.engine)

    async def remove_files(fact: Fact) -> None:
        await cleaning.remove_files(fact["names"].split())

    async def rebuild_index(fact: Fact) -> None:
        await reindexing.ask()

    # Badges follow from points, so they come after them.
    decided = [
        tell_author_of_decision,
        index_thread,
        count_points_of_thread,
        award_badges,
        check_entries_of_thread,
    ]
    carried = [
        index_both,
        carry_along,
        count_points_of_thread,
        award_badges,
        plan_reminder_anew,
        check_entries_of_thread,
    ]
    earned = [grant_expert_by_rule, count_points_of_thread, award_badges, check_entries_of_thread]
    return {
        "thread.started": [
            index_thread,
            relate_thread,
            note_quotations,
            tell_mentioned,
            tell_followers_of_subjects,
            note_activity_of_space,
            note_first_question,
        ],
        "thread.imported": [index_thread],
        "thread.import_ended": [relate_thread],
        "answer.added": [
            index_thread,
            note_quotations,
            tell_mentioned,
            tell_followers,
            note_activity_of_space,
            plan_reminder,
        ],
        "idea.answered": [tell_supporters],
        "comment.added": [
            index_thread,
            note_quotations,
            tell_mentioned,
            tell_commented_author,
            note_activity_of_space,
        ],
        "post.edited": [index_thread, note_quotations, tell_mentioned, check_entries_of_thread],
        "solution.accepted": [index_thread, tell_answerer, tell_asker_of_acceptance, *earned],
        "solution.withdrawn": [index_thread, plan_reminder_anew, *earned],
        "expert.granted": [tell_expert],
        "expert.asked": [tell_asked_expert],
        "badge.changed": [apply_changed_badge],
        "badge.granted": [tell_badge],
        "expert_rule.changed": [apply_expert_rule],
        "thread.reminder_due": [tell_asker],
        "kudos.given": [
            index_thread_of_post,
            tell_thanked,
            note_first_thanks,
            count_points_of_post,
            award_badges,
        ],
        "kudos.taken_back": [index_thread_of_post, untell_thanked, count_points_of_post, award_badges],
        "attachments.removed": [remove_files],
        "post.corrected": [tell_author_of_decision],
        "post.hidden": [*decided, plan_reminder_anew],
        "post.restored": [*decided, plan_reminder_anew],
        "post.noted": [tell_author_of_decision],
        "thread.locked": [tell_author_of_decision],
        "thread.unlocked": [tell_author_of_decision, plan_reminder_anew],
        "thread.pinned": [],
        "thread.unpinned": [],
        "thread.moved": [*decided, plan_reminder_anew, move_along, relate_moved_thread],
        "thread.to_relate": [relate_thread],
        "thread.merged": [*carried, tell_of_merge],
        "thread.unmerged": [*carried, tell_of_merge_undone],
        "thread.split": [*carried, tell_of_split],
        "thread.unsplit": [*carried, tell_of_split_undone],
        "thread.retitled": [tell_author_of_decision, index_thread, check_entries_of_thread],
        "post.erased": [index_thread, note_quotations, tell_author_of_decision, check_entries_of_thread],
        "post.unlinked": [index_thread, count_points_of_thread],
        "member.unlinked": [unname_in_news, count_points_of_unlinked, tell_unlinked],
        "text.released": [tell_author_of_release, settle_objections],
        "text.refused": [tell_author_of_refusal],
        "decisions.bundled": [settle_broken_batch, tell_of_batch],
        "flag.raised": [],
        "work.handed_on": [tell_handed],
        "note.addressed": [tell_addressed],
        "notice.received": [tell_notifier],
        "notice.decided": [tell_notifier],
        "account.notice_received": [mail_step_of_notice],
        "account.notice_decided": [mail_step_of_notice],
        "account.notice_overturned": [mail_step_of_notice],
        "account.appeal_decided": [mail_step_of_notice],
        "appeal.filed": [],
        "appeal.decided": [tell_appellant],
        "member.noted": [tell_noted_member],
        "flag.upheld": [tell_reporter],
        "flag.dismissed": [tell_reporter],
        "space.made": [],
        "space.changed": [],
        "space.access_changed": [
            recount_members_of_space,
            count_points_of_space,
            check_entries_of_space,
            relate_threads_beside_space,
        ],
        "account.registered": [mails.mail_registration],
        "account.reset_requested": [mails.mail_password_reset],
        "account.new_mail_requested": [mails.mail_new_address, mails.mail_old_address],
        "account.address_doubted": [mails.mail_same_address],
        "account.asker_reminded": [mail_asker],
        "account.satisfaction_asked": [mail_satisfaction],
        "account.news_to_mail": [mail_news],
        "account.reply_answered": [reply_mails.mail_about_reply],
        "account.consent_asked": [mails.mail_consent],
        "account.password_changed": [mails.mail_password_changed],
        "account.sign_on_linked": [mails.mail_sign_on_linked],
        "account.sign_on_unlinked": [mails.mail_sign_on_unlinked],
        "account.second_factor_added": [mails.mail_second_factor],
        "account.second_factor_removed": [mails.mail_second_factor],
        "account.second_factor_reset": [mails.mail_second_factor],
        "account.recovery_codes_renewed": [mails.mail_second_factor],
        "account.recovery_code_used": [mails.mail_second_factor],
        "account.invited_by_company": [company_mails.mail_invitation],
        "account.joined_company": [company_mails.mail_joined_company],
        "account.refused_by_company": [company_mails.mail_refused_by_company],
        "account.offboarded": [company_mails.mail_offboarded],
        "account.left_company": [company_mails.mail_left_company],
        "company.joining_due": [membership.carry_out_approval],
        "company.claim_due": [claims.carry_out_claim],
        "company.departure_due": [membership.carry_out_departure],
        "company.membership_changed": [filling.fit_account_at_once],
        "company.changed": [filling.fit_changed_company],
        "attributes.changed": [filling.fit_changed],
        "attribute.removed": [attributes.forget_undefined_values],
        "member.sanctioned": [tell_sanctioned],
        "member.sanction_changed": [tell_sanctioned],
        "member.sanction_lifted": [tell_sanctioned],
        "member.sanction_ended": [tell_sanctioned],
        "account.sanctioned": [mail_sanctioned],
        "account.objection_decided": [mail_objection_decided],
        "identity.revealed": [tell_revealed, mails.mail_identity_revealed],
        "account.erased": [mails.mail_erased],
        "member.erased": [index_erased_member, filling.weigh_after_erasure],
        "thread.scrubbed": [index_thread, check_entries_of_thread],
        "faq.scrubbed": [index_faq_entry],
        "member.joined": [index_member, membership.join_after_registration, filling.fit_new_member],
        "member.changed": [index_member],
        "group.changed": [index_group],
        "group.invited": [tell_invited],
        "group.invited_by_mail": [mail_invited],
        "group.join_requested": [tell_managers_of_request],
        "group.request_accepted": [tell_requester],
        "group.request_declined": [tell_requester],
        "faq.published": [index_faq_entry, tell_credited_helpers, relate_changed_entry],
        "faq.confirmed": [tell_credited_helpers],
        "faq.withdrawn": [index_faq_entry, relate_changed_entry],
        "faq.to_relate": [relate_entry],
        "faq.sent_back": [tell_editors],
        "faq.rests_on_more": [tell_editors],
        "faq.schedule_failed": [tell_editors],
        "faq.judged": [check_judged_entry],
        "vocabulary.changed": [index_vocabulary],
        "index.outdated": [rebuild_index],
    }
