"""What follows from what: every side effect of the product on one page.

A consequence gets the fact with its ids, looks at the database as it is now, and may run twice.
"""

from __future__ import annotations

from collections.abc import Iterable

from community import indexing
from community.accounts import asker_mails, mails, reply_mails, reveals
from community.accounts.erasure import find_erased_member
from community.accounts.news_mails import stop_link_for
from community.companies import claims, membership
from community.companies import mails as company_mails
from community.core import markdown
from community.core.clock import now
from community.core.db import as_json, fetch
from community.core.nicknames import nickname_key
from community.core.outbox import Consequences, Fact, NotYet
from community.core.site_stamp import raise_site_stamp
from community.groups.queries import list_told_of_requests
from community.indexing import PendingDocuments
from community.members.first_steps import Step, take_step
from community.notifications.actions import notify, notify_of_kudos, remove_empty_thanks
from community.notifications.mail_figures import count_mail
from community.notifications.mail_wishes import channel_for, find_stop_token, find_wishes, quiet_ends
from community.notifications.mailing import send_mail
from community.notifications.rules import Channel, Topic
from community.ranks import badges, expert_questions, expert_rules, points
from community.ranks.actions import recompute_standings
from community.reindexing import state as reindexing
from community.segments import attributes, filling
from community.spaces.actions import note_activity
from community.spaces.queries import readers_among
from community.threads import reminders, satisfaction
from community.threads.actions import MOST_MENTIONS
from community.threads.order import recount_members
from community.threads.wishes import list_followers_of_subjects

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
    }
)
"""They name an account, and stand beside what names a company: their moments would tell whose colleague it is."""


async def _post(post_id: int) -> dict | None:
    """The post with its thread, if both are there and visible; a comment is seen with its post."""
    rows = await fetch(
        """SELECT p.id, p.body, p.author_id, p.parent_id, p.kind, t.id AS thread_id, t.space_id,
        t.author_id AS asker_id FROM posts p JOIN threads t ON t.id = p.thread_id
        LEFT JOIN posts parent ON parent.id = p.parent_id
        WHERE p.id = :id AND p.hidden_at IS NULL AND t.hidden_at IS NULL AND parent.hidden_at IS NULL""",
        {"id": post_id},
    )
    return dict(rows[0]) if rows else None


async def _tell(fact: Fact, kind: str, members: Iterable[int | None], post: dict, *, note: str = "") -> None:
    """Tell those members who may read the thread now; never whoever caused it."""
    wanted = {member for member in members if member is not None} - {fact.payload.get("by")}
    readers = await readers_among(post["space_id"], wanted)
    await notify(
        sorted(readers),
        kind,
        cause=f"{fact.id}",
        actor_id=fact.payload.get("by"),
        thread_id=post["thread_id"],
        post_id=post["id"],
        note=note,
    )


async def tell_mentioned(fact: Fact) -> None:
    """Those whose nickname stands in the text. After an edit only those whom the post has not reached yet."""
    post = await _post(fact["post_id"])
    nicknames = markdown.mentioned(post["body"]) if post else ()
    if post and nicknames:
        rows = await fetch(
            "SELECT id FROM members WHERE nickname_key IN (:keys) AND erased_at IS NULL",
            {"keys": [nickname_key(name) for name in nicknames[:MOST_MENTIONS]]},
        )
        mentioned = {row["id"] for row in rows}
        if fact.name == "post.edited":
            mentioned -= await _told_of(post["id"], mentioned)
        await _tell(fact, "mentioned", mentioned, post)


async def _told_of(post_id: int, members: set[int]) -> set[int]:
    rows = await fetch(
        """SELECT member_id FROM notifications WHERE member_id IN (:members) AND post_id = :post_id
        AND kind IN ('mentioned', 'answered', 'answered_followed', 'commented')""",
        {"members": sorted(members), "post_id": post_id},
    )
    return {row["member_id"] for row in rows}


async def tell_followers(fact: Fact) -> None:
    post = await _post(fact["post_id"])
    if post:
        rows = await fetch("SELECT member_id FROM follows WHERE thread_id = :id", {"id": post["thread_id"]})
        followers = {row["member_id"] for row in rows}
        asker = followers & {post["asker_id"]}
        await _tell(fact, "answered", asker, post)
        await _tell(fact, "answered_followed", followers - asker, post)


async def tell_followers_of_subjects(fact: Fact) -> None:
    """Whoever follows the space of a new thread or one of its tags; whoever is mentioned in it has heard already."""
    post, after = await _post(fact["post_id"]), 0
    while post and (members := await list_followers_of_subjects(post["thread_id"], after=after)):
        await _tell(fact, "started_followed", members, post)
        after = members[-1]


async def tell_commented_author(fact: Fact) -> None:
    post = await _post(fact["post_id"])
    if post and post["parent_id"]:
        rows = await fetch("SELECT author_id FROM posts WHERE id = :id", {"id": post["parent_id"]})
        await _tell(fact, "commented", (row["author_id"] for row in rows), post)


async def tell_answerer(fact: Fact) -> None:
    post = await _post(fact["post_id"])
    if post:
        await _tell(fact, "accepted", [post["author_id"]], post)


async def plan_reminder(fact: Fact) -> None:
    """After an answer by somebody else the asker has a few days to say whether it solves the question."""
    await reminders.plan(fact["thread_id"])


async def plan_reminder_anew(fact: Fact) -> None:
    """A question that is open again begins to wait now, or waits no more."""
    await reminders.plan(fact["thread_id"], since=now())


async def tell_asker(fact: Fact) -> None:
    """The reminder in the site, while the question still waits and its asker may read it."""
    waiting = await reminders.find_waiting(fact["thread_id"])
    if waiting is not None:
        await notify(
            sorted(await readers_among(waiting.space_id, {waiting.asker_id})),
            "solved_yet",
            cause=f"{fact.id}",
            thread_id=waiting.thread_id,
        )


async def mail_asker(fact: Fact) -> None:
    """The reminder by mail; nothing if the question waits no more, or its asker may not read it any more."""
    waiting = await reminders.find_waiting(fact["thread_id"])
    if waiting is not None and await _may_mail_asker(waiting):
        token = await reminders.find_token(waiting.thread_id)
        stop_link = await _stop_link(waiting.asker_id)
        await count_mail(await asker_mails.mail_reminder(fact, waiting.asker_id, token, stop_link))


async def mail_satisfaction(fact: Fact) -> None:
    """The question by mail how satisfied the asker is; nothing once they have answered, or it is open again."""
    asked = await satisfaction.find_asked(fact["thread_id"])
    token = await satisfaction.find_token(fact["thread_id"])
    if asked is not None and token and await _may_mail_asker(asked):
        stop_link = await _stop_link(asked.asker_id)
        await count_mail(await asker_mails.mail_satisfaction(fact, asked.asker_id, token, stop_link))


async def _may_mail_asker(about: reminders.Waiting | satisfaction.Asked) -> bool:
    """Whether the asker may read the thread now, and wants to be asked by mail; later, if they want quiet now."""
    if not await readers_among(about.space_id, {about.asker_id}):
        return False
    if await channel_for(about.asker_id, Topic.OWN_QUESTIONS) is not Channel.MAIL:
        return False
    quiet = quiet_ends(await find_wishes(about.asker_id), now())
    if quiet is not None:
        raise NotYet(quiet)
    return True


async def _stop_link(asker_id: int) -> str:
    return stop_link_for(await find_stop_token(asker_id), [Topic.OWN_QUESTIONS])


async def mail_news(fact: Fact) -> None:
    """What a member has not read in the site, bundled."""
    await send_mail(fact["mail_id"])


async def tell_asker_of_acceptance(fact: Fact) -> None:
    """Whoever asked learns that staff have accepted an answer for them, and may choose another."""
    post = await _post(fact["post_id"])
    rows = await fetch(
        "SELECT 1 AS found FROM solutions WHERE post_id = :id AND by_staff = :yes",
        {"id": fact["post_id"], "yes": True},
    )
    if post and rows:
        await _tell(fact, "accepted_for_you", [post["asker_id"]], post)


async def tell_thanked(fact: Fact) -> None:
    """All thanks for one post that came since its author looked are one line."""
    post = await _post(fact["post_id"])
    if post and await readers_among(post["space_id"], [post["author_id"] or 0]):
        await notify_of_kudos(
            post["author_id"], post_id=post["id"], thread_id=post["thread_id"], giver_id=fact["by"]
        )


async def untell_thanked(fact: Fact) -> None:
    await remove_empty_thanks(fact["post_id"])


_ACTS = {
    "post.hidden": "hide_post",
    "post.restored": "restore_post",
    "post.noted": "uphold_flags",
    "post.corrected": "edit_post",
    "thread.locked": "lock_thread",
    "thread.unlocked": "unlock_thread",
    "thread.moved": "move_thread",
}
"""Under which act the log keeps the reason of a decision that its author is told of."""


async def tell_author_of_decision(fact: Fact) -> None:
    """The author learns what staff did, and why; also where the post cannot be read any more."""
    rows = await fetch(
        """SELECT p.author_id, l.reason FROM posts p JOIN moderation_log l
        ON l.subject IN (:post_subject, :thread_subject) AND l.act = :act
        WHERE p.id = :id ORDER BY l.id DESC LIMIT 1""",
        {
            "id": fact["post_id"],
            "act": _ACTS[fact.name],
            "post_subject": f"post:{fact['post_id']}",
            "thread_subject": f"thread:{fact['thread_id']}",
        },
    )
    if rows and rows[0]["author_id"] not in (None, fact.payload.get("by")):
        await notify(
            [rows[0]["author_id"]],
            fact.name.replace(".", "_"),
            cause=f"{fact.id}",
            actor_id=None,
            thread_id=fact["thread_id"],
            # The address of a post that was hidden leads nowhere; that of its thread may.
            post_id=None if fact.name == "post.hidden" else fact["post_id"],
            note=rows[0]["reason"],
        )


async def tell_reporter(fact: Fact) -> None:
    """Whoever raised a flag learns how it was decided, and why; not by whom."""
    rows = await fetch(
        """SELECT f.reporter_id, f.state, p.thread_id, p.hidden_at, l.reason, l.details FROM flags f
        JOIN posts p ON p.id = f.post_id JOIN moderation_log l ON l.subject = :subject
        WHERE f.id = :id AND l.act IN ('uphold_flags', 'dismiss_flags') ORDER BY l.id DESC LIMIT 100""",
        {"id": fact["flag_id"], "subject": f"post:{fact['post_id']}"},
    )
    for row in rows:
        if fact["flag_id"] in as_json(row["details"]).get("flags", ()) and row["reporter_id"] is not None:
            await notify(
                [row["reporter_id"]],
                f"flag_{row['state']}",
                cause=f"{fact.id}",
                thread_id=row["thread_id"],
                post_id=fact["post_id"] if row["hidden_at"] is None else None,
                note=row["reason"],
            )


async def recount_members_of_space(fact: Fact) -> None:
    """Public figures count open and members spaces only, so they follow when a space becomes another one."""
    rows = await fetch(
        """SELECT DISTINCT p.author_id FROM posts p JOIN threads t ON t.id = p.thread_id
        WHERE t.space_id = :id AND p.author_id IS NOT NULL ORDER BY p.author_id""",
        {"id": fact["space_id"]},
    )
    await recount_members([row["author_id"] for row in rows])
    # The figures stand beside every post of these members, on pages that are kept for guests.
    await raise_site_stamp()


async def count_points_of_post(fact: Fact) -> None:
    await points.settle_posts([fact["post_id"]])


async def count_points_of_thread(fact: Fact) -> None:
    await points.settle_thread(fact["thread_id"])


async def count_points_of_space(fact: Fact) -> None:
    """Also the rankings: that of the whole site must not go on counting what happened in an exclusive space."""
    await points.settle_space(fact["space_id"])
    await recompute_standings()


async def tell_credited_helpers(fact: Fact) -> None:
    """Whoever wrote an answer that an entry was made from learns of it, once per entry, while they may read it."""
    rows = await fetch(
        """SELECT p.id, p.author_id, p.thread_id, t.space_id FROM faq_entries e
        JOIN faq_sources f ON f.entry_id = e.id JOIN posts p ON p.id = f.post_id JOIN threads t ON t.id = p.thread_id
        WHERE e.id = :id AND e.state IN ('published', 'check') AND p.kind = 'answer'
        AND p.hidden_at IS NULL AND t.hidden_at IS NULL AND p.author_id IS NOT NULL""",
        {"id": fact["entry_id"]},
    )
    for row in rows:
        await notify(
            sorted(await readers_among(row["space_id"], {row["author_id"]} - {fact.payload.get("by")})),
            "credited",
            cause=f"faq:{fact['entry_id']}",
            thread_id=row["thread_id"],
            post_id=row["id"],
        )


async def tell_revealed(fact: Fact) -> None:
    """Whoever's identity was shown to staff learns of it, when it may be told."""
    member_id = await reveals.mark_told(fact["reveal_id"])
    if member_id is not None:
        await notify([member_id], "identity_revealed", cause=f"{fact.id}")


async def tell_invited(fact: Fact) -> None:
    """Whoever is invited into a group, or offered a role in it; nobody who has already what is offered."""
    rows = await fetch(
        """SELECT i.member_id FROM group_invitations i WHERE i.id = :id AND i.answered_at IS NULL
        AND (i.role <> 'member' OR NOT EXISTS (SELECT 1 FROM memberships x
          WHERE x.group_id = i.group_id AND x.member_id = i.member_id))""",
        {"id": fact["invitation_id"]},
    )
    members = [row["member_id"] for row in rows]
    await notify(members, "group_invited", cause=f"{fact.id}", group_id=fact["group_id"])


async def mail_invited(fact: Fact) -> None:
    """A company reads along in its mail, so a closed group is not named there."""
    rows = await fetch('SELECT name, access FROM "groups" WHERE id = :id', {"id": fact["group_id"]})
    for row in rows:
        await mails.mail_group_invitation(fact, "" if row["access"] == "closed" else row["name"])


async def tell_managers_of_request(fact: Fact) -> None:
    rows = await fetch(
        "SELECT 1 AS found FROM join_requests WHERE id = :id AND decided_at IS NULL",
        {"id": fact["request_id"]},
    )
    if rows:
        await notify(
            await list_told_of_requests(fact["group_id"]),
            "group_join_requested",
            cause=f"{fact.id}",
            actor_id=fact["by"],
            group_id=fact["group_id"],
        )


async def tell_requester(fact: Fact) -> None:
    """Whoever asked to be let in learns how it was decided, and why; not by whom."""
    rows = await fetch("SELECT reason FROM join_requests WHERE id = :id", {"id": fact["request_id"]})
    await notify(
        [fact["member_id"]],
        fact.name.replace(".", "_"),
        cause=f"{fact.id}",
        group_id=fact["group_id"],
        note=rows[0]["reason"] if rows else "",
    )


async def grant_expert_by_rule(fact: Fact) -> None:
    """Whether whoever wrote the answer is an expert of the space by its rule now, or no more."""
    await expert_rules.look_again(fact["post_id"])


async def apply_expert_rule(fact: Fact) -> None:
    await expert_rules.apply_rule(fact["space_id"])


async def tell_expert(fact: Fact) -> None:
    """Whoever has become an expert learns of it, while they may read the space; nobody who hides their standing."""
    if await expert_rules.find_told_expert(fact["member_id"], fact["space_id"]):
        readers = await readers_among(fact["space_id"], {fact["member_id"]})
        await notify(sorted(readers), "expert_granted", cause=f"{fact.id}")


async def note_first_question(fact: Fact) -> None:
    await take_step(fact["by"], Step.ASKED)


async def note_first_thanks(fact: Fact) -> None:
    await take_step(fact["by"], Step.THANKED)


async def award_badges(fact: Fact) -> None:
    """What the author of a post has reached by now, or has not any more."""
    await badges.apply_to_author(fact["post_id"])


async def apply_changed_badge(fact: Fact) -> None:
    await badges.apply_changed_badge(fact["badge_id"])


async def tell_badge(fact: Fact) -> None:
    """Once for each badge, however often it comes and goes; nobody who hides their standing."""
    name = await badges.find_told_badge(fact["badge_id"], fact["member_id"])
    if name:
        await notify([fact["member_id"]], "badge_granted", cause=f"badge:{fact['badge_id']}", note=name)


async def tell_asked_expert(fact: Fact) -> None:
    """An expert to whom a question was sent, while it waits and they may read it; nobody who hides their standing."""
    if await expert_questions.is_still_asked(fact["thread_id"], fact["member_id"]):
        rows = await fetch("SELECT space_id FROM threads WHERE id = :id", {"id": fact["thread_id"]})
        await notify(
            sorted(await readers_among(rows[0]["space_id"], {fact["member_id"]})),
            "expert_asked",
            cause=f"{fact.id}",
            actor_id=fact["by"],
            thread_id=fact["thread_id"],
        )


async def note_activity_of_space(fact: Fact) -> None:
    rows = await fetch("SELECT space_id FROM threads WHERE id = :id", {"id": fact["thread_id"]})
    await note_activity(row["space_id"] for row in rows)


def consequences(pending: PendingDocuments) -> Consequences:
    """The table. What is to be indexed is noted in `pending`, which the worker writes once per batch."""

    async def index_thread(fact: Fact) -> None:
        pending.want("thread", fact["thread_id"], fact.id)

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
        await indexing.relate_thread(pending.engine, fact["thread_id"])

    async def index_vocabulary(fact: Fact) -> None:
        await indexing.publish_vocabulary(pending.engine)

    async def rebuild_index(fact: Fact) -> None:
        await reindexing.ask()

    # Badges follow from points, so they come after them.
    decided = [tell_author_of_decision, index_thread, count_points_of_thread, award_badges]
    earned = [grant_expert_by_rule, count_points_of_thread, award_badges]
    return {
        "thread.started": [
            index_thread,
            relate_thread,
            tell_mentioned,
            tell_followers_of_subjects,
            note_activity_of_space,
            note_first_question,
        ],
        "thread.imported": [index_thread],
        "thread.import_ended": [relate_thread],
        "answer.added": [index_thread, tell_mentioned, tell_followers, note_activity_of_space, plan_reminder],
        "comment.added": [index_thread, tell_mentioned, tell_commented_author, note_activity_of_space],
        "post.edited": [index_thread, tell_mentioned],
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
        "post.corrected": [tell_author_of_decision],
        "post.hidden": [*decided, plan_reminder_anew],
        "post.restored": [*decided, plan_reminder_anew],
        "post.noted": [tell_author_of_decision],
        "thread.locked": [tell_author_of_decision],
        "thread.unlocked": [tell_author_of_decision, plan_reminder_anew],
        "thread.pinned": [],
        "thread.unpinned": [],
        "thread.moved": [*decided, plan_reminder_anew],
        "flag.raised": [],
        "flag.upheld": [tell_reporter],
        "flag.dismissed": [tell_reporter],
        "space.made": [],
        "space.changed": [],
        "space.access_changed": [recount_members_of_space, count_points_of_space],
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
        "identity.revealed": [tell_revealed, mails.mail_identity_revealed],
        "account.erased": [mails.mail_erased],
        "member.erased": [index_erased_member, filling.weigh_after_erasure],
        "thread.scrubbed": [index_thread],
        "faq.scrubbed": [index_faq_entry],
        "member.joined": [index_member, membership.join_after_registration, filling.fit_new_member],
        "member.changed": [index_member],
        "group.changed": [index_group],
        "group.invited": [tell_invited],
        "group.invited_by_mail": [mail_invited],
        "group.join_requested": [tell_managers_of_request],
        "group.request_accepted": [tell_requester],
        "group.request_declined": [tell_requester],
        "faq.published": [index_faq_entry, tell_credited_helpers],
        "faq.withdrawn": [index_faq_entry],
        "vocabulary.changed": [index_vocabulary],
        "index.outdated": [rebuild_index],
    }
