"""A member who has left something in every corner, in words that occur nowhere else; and others who have too."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from community.accounts import consents, links, sign_ons, vault
from community.accounts.belonging import get_belonging
from community.accounts.consents import Purpose
from community.accounts.invitations import invite_by_mail
from community.accounts.models import Account, Passkey, RecoveryCode, Registration, Reveal, SecondFactor
from community.accounts.sign_ons import Vouched
from community.core import passwords
from community.core.clock import now
from community.core.db import random_id
from community.core.submissions import new_key
from community.decisions.actions import log, record_release
from community.decisions.grounds import Ground, GroundKind
from community.decisions.statements import state_reasons
from community.decisions.work import WorkKind, claim_work, put_work
from community.faq.models import EntryFeedback, EntryRevision
from community.groups import invitations, requests
from community.groups.models import GroupRole, Membership
from community.insights.models import SearchTermDecision
from community.kudos.actions import give_kudos
from community.members.actions import choose_language
from community.members.models import Member
from community.moderation.actions import dismiss_flags, flag_post
from community.moderation.appeals import appeal_statement
from community.moderation.models import Flag, FlagReason
from community.moderation.notes import Subject as NoteSubject
from community.moderation.notes import add_note
from community.moderation.notice_rules import NoticeKind
from community.moderation.notices import Report, file_notice
from community.notifications.models import MailWish, Notification, NotificationChoice, NotificationMail
from community.ranks.models import Badge, Expert, ExpertQuestion, Standing
from community.sanctions.models import Sanction
from community.segments.actions import AttributeWish, make_attribute
from community.segments.attributes import set_account_attributes, set_company_attributes
from community.segments.models import Kind, Subject
from community.site_texts.acceptance import accept
from community.site_texts.actions import save_version
from community.threads import marks, satisfaction
from community.threads.actions import edit_place, edit_post, save_draft
from community.threads.models import Post, SpaceWish, TagWish, Thread
from community.vocabulary.models import VocabularyEntry
from community.waiting.models import WaitingText
from tests.attachments.posted import attach, posted
from tests.cast import Cast
from tests.factories import (
    make_account,
    make_answer,
    make_comment,
    make_company,
    make_entry,
    make_group,
    make_member,
    make_thread,
    opening_of,
    viewer_for,
)

PASSWORD = "drei kurze boote fahren"


@dataclass
class Planted:
    """What the member wrote and is, word by word: `said` are texts of posts, `rest` is everything else."""

    member: Member
    account: Account
    mail: str
    thread: Thread
    """Started by the member; the solution is an answer of `cast.helper`."""
    others_thread: Thread
    """Started by `cast.asker`; the solution is the member's answer."""
    answer: Post
    said: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    not_in_download: list[str] = field(default_factory=list)
    """What was written about the member by others."""
    others: list[str] = field(default_factory=list)
    """Of other people: must not be in the download."""


async def plant(cast: Cast, *, staff: bool = False, name: str = "Qxzorina") -> Planted:
    """Everything that a customer, or with `staff` a moderator, can leave behind."""
    mail = f"qxwmail{random_id()}@qxzpost.example"
    member = await make_member(
        name,
        role="moderator" if staff else "customer",
        staff_name="Qxwname K." if staff else "",
        staff_field="Qxwfield" if staff else "",
        photo="img/staff-1.svg" if staff else "",
    )
    await choose_language(member.id, "en")
    account = await make_account(
        member,
        mail=mail,
        real_name="Qxwreal Muster",
        stated_company="Qxwstated GmbH",
        company=await make_company("Qxwfirm AG"),
        password_hash=await passwords.hash_password(PASSWORD),
    )
    thread = await make_thread(
        cast.open_space,
        member,
        title="Qxwtitle of a question",
        body="Qxwbody asked.",
        tags=("qxwtag",),
    )
    solution = await make_answer(thread, cast.helper, body=f"Yvzhelper says to @{name}: restart it.")
    await marks.accept_solution(solution.id, by=member.id)
    asked = await satisfaction.find_asked(thread.id)
    assert asked is not None
    await satisfaction.give(asked, rating=4, note="Qxwsatisfied")
    opening = await opening_of(thread)
    await edit_post(opening.id, body="Qxwedited body.", version=1, by=member.id)
    others_thread = await make_thread(
        cast.members_space, cast.asker, title="Another router", body="Yvzasker asks."
    )
    answer = await make_answer(others_thread, member, body="Qxwanswer is this.")
    await marks.accept_solution(answer.id, by=cast.asker.id)
    comment = await make_comment(answer, member, body="Qxwcomment on it.")
    await posted(opening.id, member, ("Qxwfile.log", b"Qxwlogged"))
    await attach(member, ("Qxwunposted.txt", b"Qxwunpostedtext"))
    await posted(solution.id, cast.helper, ("Yvzfile.txt", b"Yvzlogged"))
    said = [f"Qxw{word}" for word in ("title", "body", "edited", "answer", "comment", "file")] + ["qxwtag"]
    planted = Planted(member, account, mail, thread, others_thread, answer, said)
    planted.rest = [mail, *(f"Qxw{word}" for word in ("real", "stated", "firm")), name]
    await _leave_marks(planted, cast, name, comment)
    await _leave_in_the_vault(planted, cast, name)
    if staff:
        await _work_as_staff(planted, cast, name)
    await _others(planted, cast, name)
    return planted


async def _leave_marks(planted: Planted, cast: Cast, name: str, comment: Post) -> None:
    member, thread, others = planted.member, planted.thread, planted.others_thread
    await give_kudos(planted.answer.id, by=cast.helper.id)
    await give_kudos((await opening_of(others)).id, by=member.id)
    await marks.mark_same_problem(others.id, by=member.id)
    await marks.follow_thread(others.id, by=member.id)
    await marks.mute_thread(thread.id, by=member.id)
    await SpaceWish.create(space_id=cast.open_space.id, member_id=member.id, wish="follow", created_at=now())
    await TagWish.create(name="Qxwtagwish", member_id=member.id, wish="mute", created_at=now())
    await save_draft("ask", by=member.id, title="Qxwdrafttitle", body="Qxwdraftbody", tags="Qxwdrafttag")
    await save_draft(edit_place(comment.id), by=member.id, body="Qxweditdraft", version=1)
    await WaitingText.create(
        kind="thread",
        why="held",
        space_id=cast.open_space.id,
        author_id=member.id,
        title="Qxwwaitingtitle",
        body="Qxwwaitingbody",
        tags="qxwwaitingtag",
        state="refused",
        refusal="Qxwrefusal",
        submitted_at=now(),
    )
    group = await make_group("Group of many")
    await Membership.create(group_id=group.id, member_id=member.id, joined_at=now())
    await requests.ask_to_join(cast.request_group.id, member.id, note="Qxwjoinnote")
    await invitations.invite_member(group.id, member.id, role=GroupRole.CURATOR, by=cast.administrator.id)
    await invitations.make_link(group.id, by=member.id, uses=5, days=9)
    await invite_by_mail(group.id, planted.mail, by=cast.administrator.id, language="en")
    await invite_by_mail(group.id, "yvzinvited@yvz.example", by=member.id, language="en")
    await Notification.create(
        member_id=member.id,
        kind="answered",
        actor_id=cast.helper.id,
        thread_id=thread.id,
        note="Qxwtold",
        cause="x",
        created_at=now(),
    )
    await NotificationChoice.create(member_id=member.id, topic="kudos", channel="none")
    await add_note(
        NoteSubject(member_id=member.id), "Qxwstaffnote about them.", by=await viewer_for(cast.moderator)
    )
    await accept(member.id, {"terms": 1}, language="en", way="visit")
    await MailWish.create(member_id=member.id, nonce=f"n{member.id}", token_hash=f"h{member.id}")
    await NotificationMail.create(member_id=member.id, kind="mail", created_at=now(), outcome="tried")
    asker_opening = await opening_of(others)
    flag_id = await flag_post(asker_opening.id, reason=FlagReason.OTHER, note="Qxwflagnote", by=member.id)
    await dismiss_flags(
        asker_opening.id, [flag_id], by=await viewer_for(cast.moderator), reason="Qxzdismissed because"
    )
    report = Report(NoticeKind.FRAUD, "Qxwnotice says why", "/members/Helper", nonce=new_key())
    await file_notice(f"member:{cast.helper.id}", report, by=member.id)
    statement_id = await state_reasons(
        "note_member",
        f"member:{member.id}",
        by=await viewer_for(cast.moderator),
        reason="Qxzstated about this",
        concerns=member.id,
        ground=Ground(GroundKind.RESPECT),
    )
    await appeal_statement(statement_id, text="Qxwappeal against this", by=member.id)
    await flag_post(comment.id, reason=FlagReason.OTHER, note="Yvzflagged by another", by=cast.outsider.id)
    await log(
        "edit_post",
        f"post:{planted.answer.id}",
        by=await viewer_for(cast.moderator),
        reason="Qxzdecided about this",
    )
    await Sanction.create(
        member_id=member.id,
        kind="warning",
        reason="Qxwsanction",
        note="Qxwnoted",
        imposed_by_id=cast.moderator.id,
        imposed_at=now(),
        changed_at=now(),
    )
    planted.not_in_download.append("Qxwnoted")
    await Expert.create(space_id=cast.open_space.id, member_id=member.id, granted_at=now())
    await ExpertQuestion.create(
        thread_id=thread.id, member_id=cast.helper.id, asked_by_id=member.id, asked_at=now()
    )
    await Badge.create(member_id=member.id, name="Qxwbadge", granted_at=now())
    await Standing.create(
        space_id=0, days=30, position=1, member_id=member.id, solution_count=1, kudos_count=1
    )
    entry = await make_entry(planted.answer, question="Qxzcredit: how do I stop it?", answer="So.")
    await EntryFeedback.create(
        entry_id=entry.id, member_id=member.id, helpful=False, reason="Qxwfeedback", created_at=now()
    )
    planted.rest += [
        f"Qxw{word}"
        for word in (
            "drafttitle",
            "tagwish",
            "draftbody",
            "editdraft",
            "notice",
            "appeal",
            "waitingtitle",
            "waitingbody",
            "refusal",
            "drafttag",
            "told",
            "flagnote",
            "badge",
            "feedback",
            "joinnote",
            "sanction",
            "satisfied",
            "unposted",
            "staffnote",
        )
    ]


async def _leave_in_the_vault(planted: Planted, cast: Cast, name: str) -> None:
    member, account = planted.member, planted.account
    by = await viewer_for(cast.administrator)
    for subject in Subject:
        wish = AttributeWish(f"Merkmal {subject}", f"Attribute {subject}")
        await make_attribute(f"of_{subject}", wish, subject=subject, kind=Kind.TEXT, by=by)
    await set_account_attributes(account.id, {"of_account": "Qxwattribute"}, "sign_on")
    await set_company_attributes(
        (await get_belonging(account.id)).company_id or 0, {"of_company": "Qxwbranch"}, "import"
    )
    await consents.ask_consent(
        member.id,
        Purpose.NEWS,
        text="Qxwagreed to",
        language="en",
        source="/settings/consents",
        place="198.51.100.77",
    )
    vouched = Vouched(
        "https://log-in.example", "Qxwsubject", company="Qxwclaimed", session="x", id_token="a.b.c"
    )
    await sign_ons.link(member.id, vouched)
    await links.make_link(
        account.id, links.Purpose.NEW_MAIL, language="en", new_mail="qxwnew@qxzpost.example"
    )
    await Reveal.create(
        member_id=member.id,
        asked_by=cast.moderator.id,
        asked_at=now(),
        cause="danger",
        reason="Staff wrote Qxwwhy about them.",
        reference="Qxwreference",
        decided_by=cast.administrator.id,
        decided_at=now(),
        is_approved=True,
        shown_at=now(),
        told_at=now(),
    )
    factor_id, passkey_id = random_id(), random_id()
    await SecondFactor.create(
        id=factor_id,
        account_id=account.id,
        secret_encrypted=vault.seal("QXWSECRET", vault.FACTOR_SECRET, factor_id),
        confirmed_at=now(),
    )
    await Passkey.create(
        id=passkey_id,
        account_id=account.id,
        name_encrypted=vault.seal("Qxwlaptop", vault.PASSKEY_NAME, passkey_id),
        credential_hash="c",
        credential_id="c",
        public_key="k",
        created_at=now(),
    )
    await RecoveryCode.create(account_id=account.id, code_hash="r", created_at=now())
    registration_id = random_id()
    await Registration.create(
        id=registration_id,
        nickname="somebody",
        nickname_key="somebody",
        mail_hash=vault.mail_hash(planted.mail, vault.REGISTRATION_MAIL),
        mail_encrypted=vault.seal(planted.mail, vault.REGISTRATION_MAIL, registration_id),
        password_hash="x",
        nonce="n",
        token_hash="t",
        created_at=now(),
        expires_at=now() + timedelta(days=1),
    )
    planted.rest += [
        "Qxwattribute",
        "Qxwbranch",
        "Qxwsubject",
        "Qxwclaimed",
        "Qxwagreed",
        "198.51.100.77",
        "qxwnew@",
        "Qxwlaptop",
    ]
    planted.not_in_download += ["Qxwwhy", "Qxwreference", "QXWSECRET"]


async def _work_as_staff(planted: Planted, cast: Cast, name: str) -> None:
    member = planted.member
    viewer = await viewer_for(member)
    entry = await make_entry(planted.answer, question="A third question?", answer="So.")
    await EntryRevision.create(
        entry_id=entry.id,
        version=1,
        question="Qxwfaqquestion",
        short_answer="Qxwfaqanswer",
        edited_by=member.id,
        saved_at=now(),
    )
    await record_release(f"faq:{entry.id}", 7, drafted_by=cast.moderator.id, by=viewer)
    await log("pin_thread", f"thread:{planted.others_thread.id}", by=viewer, reason="Pinned")
    subject = f"post:{(await opening_of(planted.others_thread)).id}"
    await put_work(WorkKind.FLAG, subject, space_id=cast.open_space.id, since=now())
    await claim_work(WorkKind.FLAG, subject, by=member.id)
    await VocabularyEntry.create(
        kind="same", words=["Qxwword", "other"], changed_by=member.id, changed_at=now()
    )
    await save_version(
        "terms", {"en": "These are terms."}, {}, seen=0, note="Qxwpagenote", by=await viewer_for(member)
    )
    await SearchTermDecision.create(
        words="Qxwsearch", state="done", decided_by=member.id, decided_at=now(), decided_on="2026-01-01"
    )
    planted.rest += ["Qxwname", "Qxwfield", "Qxwpagenote", "img/staff-1.svg"]
    planted.said += [f"Qxw{word}" for word in ("faqquestion", "faqanswer", "word", "search")]


async def _others(planted: Planted, cast: Cast, name: str) -> None:
    """What others have, beside the member's things."""
    await make_account(
        cast.helper, mail="yvzhelper@yvz.example", real_name="Yvzreal Helper", stated_company="Yvzcompany"
    )
    await save_draft(
        "ask", by=cast.helper.id, title="Yvzdraft", body=f"Yvzdraftbody, @{planted.member.nickname}!"
    )
    hidden = await make_thread(cast.hidden_space, cast.asker, title="Hidden plans", body="Yvzsecret.")
    await give_kudos((await opening_of(hidden)).id, by=planted.member.id)
    await Flag.filter(reporter_id=cast.outsider.id).update(note="Yvzflagnote")
    planted.others = ["Yvz"]
