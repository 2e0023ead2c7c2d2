"""What notifications say, in the reader's language: with names in the site, without any in mails."""

from __future__ import annotations

from collections.abc import Iterable

from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.notifications.rules import Topic


def topic_names() -> dict[Topic, str]:
    """What members choose as one thing, as they read it."""
    return {
        Topic.ANSWERS: _("Answers in threads you started"),
        Topic.OWN_QUESTIONS: _("Reminders to say whether your question is solved"),
        Topic.COMMENTS: _("Comments on your posts"),
        Topic.SOLUTIONS: _("Your answer has become the solution"),
        Topic.KUDOS: _("Kudos for your posts"),
        Topic.CREDITS: _("Your answer has become part of the FAQ"),
        Topic.HONOURS: _("You have become an expert or earned a badge"),
        Topic.NEW_THREADS: _("New threads in spaces and with tags you follow"),
        Topic.EXPERT_QUESTIONS: _("Questions that are sent to you as an expert"),
        Topic.MENTIONS: _("Somebody mentions your nickname"),
        Topic.IDEAS: _("What becomes of ideas that you started, voted for or follow"),
        Topic.FOLLOWED: _("Answers in other threads you follow"),
        Topic.INVITATIONS: _("Invitations to groups"),
        Topic.JOIN_REQUESTS: _("Requests to join a group that you look after"),
        Topic.FLAGS: _("What became of your flags"),
        Topic.DECISIONS: _("What is decided about your posts and your requests"),
        Topic.HIGHLIGHTS: _("What was worth reading in the community"),
    }


def say(kind: str, actor: str, others: int = 0) -> str:
    """The line in the site; `others` thank beside the actor."""
    return thanks(actor, others) if others else texts(actor).get(kind, _("There is news."))


def thanks(actor: str, others: int) -> str:
    text = ngettext(
        "%(name)s and %(num)s other thank you with kudos",
        "%(name)s and %(num)s others thank you with kudos",
        others,
    )
    return text % {"name": actor, "num": number(others)}


def texts(actor: str) -> dict[str, str]:
    name = {"name": actor}
    return {
        "answered": _("%(name)s has answered") % name,
        "answered_followed": _("%(name)s has answered in a thread you follow") % name,
        "started_followed": _("%(name)s has started a thread in a space or with a tag that you follow")
        % name,
        "commented": _("%(name)s has commented on your post") % name,
        "mentioned": _("%(name)s has mentioned you") % name,
        "idea_new": _("%(name)s has answered an idea that you support") % name,
        "idea_planned": _("An idea that you support is planned, says %(name)s") % name,
        "idea_done": _("An idea that you support has been built, says %(name)s") % name,
        "idea_declined": _("%(name)s says why an idea that you support will not be built") % name,
        "accepted": _("%(name)s has marked your answer as the solution") % name,
        "accepted_for_you": _("%(name)s has marked an answer as the solution for you") % name,
        "solved_yet": _("Has one of the answers solved your question?"),
        "thanked": _("%(name)s thanks you with kudos") % name,
        "credited": _("Your answer has become part of the FAQ. Thank you for helping"),
        "expert_asked": _("%(name)s asks you as an expert") % name,
        "badge_granted": _("You have earned a badge. Thank you for helping"),
        "expert_granted": _("You are an expert of a space now. Thank you for helping"),
        "flag_upheld": _("The moderators agree with your flag. Thank you"),
        "flag_dismissed": _("The moderators have looked at your flag and leave the post as it is"),
        "notice_received": _("Your report has arrived; a person looks at it"),
        "notice_decided": _("The moderators have decided about your report"),
        "appeal_decided": _("Somebody else has decided about your objection"),
        "member_noted": _("The moderators ask you for another nickname"),
        "post_noted": _("The moderators have a remark about your post"),
        "post_corrected": _("The moderators have edited your post"),
        "post_hidden": _("The moderators have hidden your post"),
        "post_restored": _("The moderators have restored your post"),
        "text_released": _("Your text is published"),
        "text_refused": _("Your text was not released. You find it among your waiting texts"),
        "warning_imposed": _("The moderators have given you a warning"),
        "warning_lifted": _("The moderators have taken your warning back"),
        "mute_imposed": _("The moderators have decided that you cannot write for some time"),
        "mute_changed": _("The moderators have changed how long you cannot write"),
        "mute_lifted": _("You can write again: the moderators have lifted your writing ban"),
        "mute_ended": _("You can write again: your writing ban has ended"),
        "suspension_imposed": _("The moderators have suspended your account"),
        "suspension_changed": _("The moderators have changed how long your account is suspended"),
        "suspension_lifted": _("The moderators have lifted the suspension of your account"),
        "suspension_ended": _("The suspension of your account has ended"),
        "ban_imposed": _("The moderators have banned your account"),
        "ban_lifted": _("The moderators have lifted the ban of your account"),
        "identity_revealed": _("Staff have looked at who is behind your nickname"),
        "group_invited": _("You are invited to a group"),
        "group_join_requested": _("%(name)s would like to join your group") % name,
        "group_request_accepted": _("You have been let into the group you asked to join"),
        "group_request_declined": _("You have not been let into the group you asked to join"),
        "thread_locked": _("The moderators have locked your thread"),
        "thread_unlocked": _("The moderators have unlocked your thread"),
        "thread_moved": _("The moderators have moved your thread"),
        "thread_retitled": _("The moderators have changed the title or the tags of your thread"),
        "thread_merged": _("The moderators have merged your thread with another one about the same thing"),
        "thread_merged_away": _("A thread that you take part in was merged with one that you cannot read"),
        "thread_unmerged": _(
            "The moderators have separated your thread again from the one it was merged with"
        ),
        "solution_merged": _(
            "A question that your answer solved was merged with one that has another solution"
        ),
        "posts_carried": _("The moderators have moved what you wrote to another thread"),
        "thread_split": _("The moderators have moved answers from your thread to another one"),
        "thread_unsplit": _("The moderators have brought answers back to your thread"),
        "posts_hidden": _("The moderators have hidden posts of yours"),
        "posts_restored": _("The moderators have restored posts of yours"),
        "threads_locked": _("The moderators have locked threads of yours"),
        "threads_unlocked": _("The moderators have unlocked threads of yours"),
        "threads_moved": _("The moderators have moved threads of yours"),
        "post_erased": _("The moderators have erased what you wrote"),
        "posts_erased": _("The moderators have erased posts of yours"),
        "post_unlinked": _("The moderators have taken your nickname off what you wrote, as you asked"),
        "work_handed": _("%(name)s has given you an item of the queue") % name,
        "entry_sent_back": _("%(name)s has sent back an FAQ entry that you work on") % name,
        "entry_rests_on_more": _(
            "%(name)s has added a source to an FAQ entry that you work on. It is a draft again, because the text "
            "was not held against that"
        )
        % name,
        "entry_not_released": _("An FAQ entry was not released as scheduled. Please look at it again"),
        "note_addressed": _("%(name)s turns to you in an internal comment") % name,
    }


def say_discreetly(kind: str, count: int) -> str:
    """What happened and how often, without who, where and about what: others may read the mail."""
    if kind in _OF_MODERATORS:
        return ngettext(
            "The moderators have decided about a post or thread of yours",
            "The moderators have decided about posts or threads of yours",
            count,
        )
    sentence = _discreet(count).get(kind, _("There is news for you"))
    return sentence % {"num": number(count)} if "%(num)s" in sentence else sentence


def summarize(kinds: Iterable[str]) -> list[str]:
    """A sentence for each sort of news among these kinds, in the order of their first appearance."""
    sentences: dict[str, int] = {}
    for kind in kinds:
        key = "post_noted" if kind in _OF_MODERATORS else kind
        sentences[key] = sentences.get(key, 0) + 1
    return list(dict.fromkeys(say_discreetly(kind, count) for kind, count in sentences.items()))


_OF_MODERATORS = frozenset(
    {
        "post_noted",
        "post_corrected",
        "post_hidden",
        "post_restored",
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
    }
)


def _of_ideas(count: int) -> str:
    return ngettext(
        "It has been decided about an idea that you support",
        "It has been decided about %(num)s ideas that you support",
        count,
    )


def _discreet(count: int) -> dict[str, str]:
    return {
        "answered": ngettext(
            "There is an answer in a thread you started",
            "There are %(num)s answers in threads you started",
            count,
        ),
        "answered_followed": ngettext(
            "There is an answer in a thread you follow",
            "There are %(num)s answers in threads you follow",
            count,
        ),
        "started_followed": ngettext(
            "There is a new thread in what you follow",
            "There are %(num)s new threads in what you follow",
            count,
        ),
        "commented": ngettext(
            "There is a comment on a post of yours", "There are %(num)s comments on posts of yours", count
        ),
        "mentioned": ngettext("Somebody has mentioned you", "You have been mentioned %(num)s times", count),
        "accepted": ngettext(
            "An answer of yours has become the solution",
            "%(num)s answers of yours have become solutions",
            count,
        ),
        "accepted_for_you": _("Our staff have marked an answer as the solution for you"),
        "idea_new": _of_ideas(count),
        "idea_planned": _of_ideas(count),
        "idea_done": _of_ideas(count),
        "idea_declined": _of_ideas(count),
        "thanked": ngettext(
            "Somebody thanks you with kudos", "Thank-you kudos for %(num)s posts of yours", count
        ),
        "credited": ngettext(
            "An answer of yours has become part of the FAQ",
            "Answers of yours have become part of %(num)s FAQ entries",
            count,
        ),
        "expert_asked": ngettext(
            "A question is sent to you as an expert", "%(num)s questions are sent to you as an expert", count
        ),
        "badge_granted": ngettext("You have earned a badge", "You have earned %(num)s badges", count),
        "expert_granted": _("You have become an expert"),
        "text_released": ngettext(
            "A text of yours is published", "%(num)s texts of yours are published", count
        ),
        "text_refused": _("It has been decided about a text of yours that waited"),
        "notice_received": _("Your report has arrived; a person looks at it"),
        "notice_decided": _("The moderators have decided about your report"),
        "appeal_decided": _("Somebody else has decided about your objection"),
        "member_noted": _("The moderators have decided about something of yours"),
        "flag_upheld": _("The moderators have decided about what you flagged"),
        "flag_dismissed": _("The moderators have decided about what you flagged"),
        "group_invited": ngettext("You are invited to a group", "You are invited to %(num)s groups", count),
        "group_join_requested": ngettext(
            "Somebody would like to join a group that you look after",
            "%(num)s people would like to join a group that you look after",
            count,
        ),
        "group_request_accepted": _("It has been decided whether you are let into a group"),
        "group_request_declined": _("It has been decided whether you are let into a group"),
    }
