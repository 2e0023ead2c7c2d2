"""What members choose about being told: which kinds belong together, and what cannot be switched off."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a member is told of a topic."""

    SITE = "site"
    NONE = "none"


class Topic(StrEnum):
    """What a member chooses as one thing."""

    ANSWERS = "answers"
    FOLLOWED = "followed"
    NEW_THREADS = "new_threads"
    """In spaces and with tags that one follows."""
    MENTIONS = "mentions"
    COMMENTS = "comments"
    SOLUTIONS = "solutions"
    OWN_QUESTIONS = "own_questions"
    """What whoever asked is asked in turn; in the site and by mail."""
    KUDOS = "kudos"
    CREDITS = "credits"
    EXPERT_QUESTIONS = "expert_questions"
    HONOURS = "honours"
    """Expert status, badges."""
    FLAGS = "flags"
    INVITATIONS = "invitations"
    JOIN_REQUESTS = "join_requests"


TOPIC_OF: dict[str, Topic] = {
    "answered": Topic.ANSWERS,
    "answered_followed": Topic.FOLLOWED,
    "started_followed": Topic.NEW_THREADS,
    "mentioned": Topic.MENTIONS,
    "commented": Topic.COMMENTS,
    "accepted": Topic.SOLUTIONS,
    "solved_yet": Topic.OWN_QUESTIONS,
    "thanked": Topic.KUDOS,
    "credited": Topic.CREDITS,
    "expert_asked": Topic.EXPERT_QUESTIONS,
    "expert_granted": Topic.HONOURS,
    "badge_granted": Topic.HONOURS,
    "flag_upheld": Topic.FLAGS,
    "flag_dismissed": Topic.FLAGS,
    "group_invited": Topic.INVITATIONS,
    "group_join_requested": Topic.JOIN_REQUESTS,
}

MUTED = frozenset({"answered", "answered_followed", "commented", "thanked"})
"""What a muted thread says no more: its talk. Told are still what turns to the member alone, once: a mention, the own
answer as solution or in the FAQ, what became of a flag; and what is always told."""

MUTED_WITH_SUBJECT = frozenset({"started_followed", "answered_followed"})
"""What a muted space or tag says no more: all that one hears of by following, wherever one does. One's own questions
and posts are heard of; whoever wants quiet from these mutes the thread."""

ALWAYS_TOLD = frozenset(
    {
        "identity_revealed",
        "post_noted",
        "post_corrected",
        "post_hidden",
        "post_restored",
        "accepted_for_you",
        "thread_locked",
        "thread_unlocked",
        "thread_moved",
        "group_request_accepted",
        "group_request_declined",
    }
)
"""What the law or fairness wants told: who looked behind the nickname, what was decided about one's own things."""
