"""What members choose about being told: which kinds belong together, and what cannot be switched off."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a member is told of a topic."""

    SITE = "site"
    MAIL = "mail"
    """In the site and, if it is not read there, by mail within minutes."""
    DAILY = "daily"
    """In the site and, if it is not read there, in the digest of the next morning."""
    WEEKLY = "weekly"
    NONE = "none"


BY_MAIL = frozenset({Channel.MAIL, Channel.DAILY, Channel.WEEKLY})
RHYTHMS = (Channel.DAILY, Channel.WEEKLY)


class Topic(StrEnum):
    """What a member chooses as one thing."""

    ANSWERS = "answers"
    FOLLOWED = "followed"
    NEW_THREADS = "new_threads"
    """In spaces and with tags that one follows."""
    MENTIONS = "mentions"
    COMMENTS = "comments"
    SOLUTIONS = "solutions"
    IDEAS = "ideas"
    """What becomes of ideas that one has started, voted for or followed."""
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
    DECISIONS = "decisions"
    """What is always told in the site; only whether by mail as well can be chosen."""
    HIGHLIGHTS = "highlights"
    """No notifications, but what digests tell of the community: only for those who ask for it."""


DEFAULTS: dict[Topic, Channel] = {
    Topic.ANSWERS: Channel.MAIL,
    Topic.FOLLOWED: Channel.DAILY,
    Topic.NEW_THREADS: Channel.DAILY,
    Topic.IDEAS: Channel.DAILY,
    Topic.MENTIONS: Channel.MAIL,
    Topic.COMMENTS: Channel.MAIL,
    Topic.SOLUTIONS: Channel.MAIL,
    Topic.OWN_QUESTIONS: Channel.MAIL,
    Topic.EXPERT_QUESTIONS: Channel.MAIL,
    Topic.INVITATIONS: Channel.MAIL,
    Topic.JOIN_REQUESTS: Channel.MAIL,
    Topic.DECISIONS: Channel.MAIL,
    Topic.HIGHLIGHTS: Channel.NONE,
}
"""For whoever has chosen nothing: by mail what turns to them alone and waits for them; the rest in the site. Why,
stands in `docs/notifications.md`."""

_EVERY = (Channel.MAIL, Channel.DAILY, Channel.WEEKLY, Channel.SITE, Channel.NONE)
_FEWER: dict[Topic, tuple[Channel, ...]] = {
    # These are mails of their own, at their own times.
    Topic.OWN_QUESTIONS: (Channel.MAIL, Channel.SITE, Channel.NONE),
    Topic.DECISIONS: (Channel.MAIL, Channel.SITE),
    Topic.HIGHLIGHTS: (Channel.WEEKLY, Channel.DAILY, Channel.NONE),
}


def channels_for(topic: Topic) -> tuple[Channel, ...]:
    """Between which ways a member may choose."""
    return _FEWER.get(topic, _EVERY)


def quiet_channel(topic: Topic) -> Channel:
    """Where a topic is told once no mail about it is wanted any more."""
    return Channel.SITE if Channel.SITE in channels_for(topic) else Channel.NONE


def channel_of(topic: Topic, chosen: str | None, *, mails_stopped: bool = False) -> Channel:
    """How a member is told, from what they have chosen, if anything."""
    channel = Channel(chosen) if chosen else DEFAULTS.get(topic, Channel.SITE)
    if channel not in channels_for(topic) or (mails_stopped and channel in BY_MAIL):
        return quiet_channel(topic)
    return channel


TOPIC_OF: dict[str, Topic] = {
    "answered": Topic.ANSWERS,
    "answered_followed": Topic.FOLLOWED,
    "started_followed": Topic.NEW_THREADS,
    "mentioned": Topic.MENTIONS,
    "commented": Topic.COMMENTS,
    "accepted": Topic.SOLUTIONS,
    "solved_yet": Topic.OWN_QUESTIONS,
    "idea_new": Topic.IDEAS,
    "idea_planned": Topic.IDEAS,
    "idea_done": Topic.IDEAS,
    "idea_declined": Topic.IDEAS,
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

SANCTIONS = frozenset(
    {
        "warning_imposed",
        "warning_lifted",
        "mute_imposed",
        "mute_changed",
        "mute_lifted",
        "mute_ended",
        "suspension_imposed",
        "suspension_changed",
        "suspension_lifted",
        "suspension_ended",
        "ban_imposed",
        "ban_lifted",
    }
)

OF_EDITORS = frozenset({"entry_sent_back", "entry_rests_on_more", "entry_not_released"})
"""What becomes of a version of an FAQ entry that somebody has written, is on or had released for later."""

ALWAYS_TOLD = frozenset(
    {
        *SANCTIONS,
        "identity_revealed",
        "notice_received",
        "notice_decided",
        "appeal_decided",
        "member_noted",
        "post_noted",
        "post_corrected",
        "post_hidden",
        "post_restored",
        "accepted_for_you",
        "text_released",
        "text_refused",
        "thread_locked",
        "thread_unlocked",
        "thread_moved",
        "thread_retitled",
        "thread_merged",
        "thread_merged_away",
        "thread_unmerged",
        "solution_merged",
        "posts_carried",
        "thread_split",
        "thread_unsplit",
        "post_erased",
        "posts_erased",
        "posts_hidden",
        "posts_restored",
        "threads_locked",
        "threads_unlocked",
        "threads_moved",
        "post_unlinked",
        "group_request_accepted",
        "group_request_declined",
        "work_handed",
        "note_addressed",
        *OF_EDITORS,
    }
)
"""What the law or fairness wants told: who looked behind the nickname, what was decided about one's own things."""

MAILED_OTHERWISE = frozenset(
    {"identity_revealed", "solved_yet", "work_handed", "note_addressed", *OF_EDITORS, *SANCTIONS}
)
"""Kinds with a mail of their own, with other words or links; what staff give each other stays in the site."""


def topic_of_mail(kind: str) -> Topic | None:
    """Which choice says whether a notification of this kind comes by mail; None: it does not."""
    if kind in MAILED_OTHERWISE:
        return None
    return TOPIC_OF.get(kind) or (Topic.DECISIONS if kind in ALWAYS_TOLD else None)
