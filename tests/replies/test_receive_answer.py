"""An answer by mail is published by the rules of the web, once, or its author hears why not, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from community.core import outbox
from community.core.clock import now
from community.core.limits import ANSWERS_BY_MAIL, EXPLANATIONS
from community.core.logging import ALLOWED_FIELDS
from community.core.models import Submission
from community.core.reply_addresses import LASTS, ReplyTag
from community.core.submissions import KEPT_OF_MAILS, forget_old_submissions
from community.groups.models import Membership
from community.members.models import Member
from community.replies.actions import Outcome, receive
from community.settings import settings
from community.threads import permissions
from community.threads.actions import LONGEST_BODY, LONGEST_DRAFT, save_draft
from community.threads.models import Draft, Mute, Post, Thread
from community.waiting.models import WaitingText
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to
from tests.cast import Cast
from tests.chance import without_random
from tests.factories import make_account, make_thread
from tests.replies.mails import make_mail
from tests.waiting.texts import ask_for_four_eyes

ERIKA = "Erika.Muster@firm.example"


async def ready(cast: Cast, *, author: Member | None = None, space: object = None) -> tuple[Thread, ReplyTag]:
    """A thread, and the tag with which Helper (or `author`), who is Erika, answers in it."""
    member = author or cast.helper
    await make_account(member, mail=ERIKA, real_name="Erika Muster")
    thread = await make_thread(space or cast.open_space, cast.asker)  # type: ignore[arg-type]
    return thread, ReplyTag(thread.id, member.id, now())


def mail(text: str = "Take out the plug.", **options: str) -> bytes:
    return make_mail(text, **{"sender": f"Erika <{ERIKA.lower()}>"} | options).as_bytes()


async def texts_in(thread: Thread) -> list[str]:
    return [
        post.body for post in await Post.filter(thread_id=thread.id, kind="answer").order_by("created_at")
    ]


async def subjects(engine: SearchEngine, address: str = ERIKA) -> list[str]:
    await deliver(engine)
    return [sent.subject for sent in await mails_to(address)]


@pytest.fixture(autouse=True)
async def no_old_mails(cast: Cast, search_engine: SearchEngine) -> None:
    """Mails are files and not rolled back."""
    for path in (settings.var_dir / "mail").glob("*.eml"):
        path.unlink()


@pytest.mark.each_database
async def test_an_answer_is_published_under_the_nickname(cast: Cast, search_engine: SearchEngine) -> None:
    thread, tag = await ready(cast)
    text = "Take out the **plug**.\n\nBest regards\nErika Muster\nMuster GmbH"
    assert await receive(tag, mail(text), return_path=ERIKA) is Outcome.PUBLISHED
    [post] = await Post.filter(thread_id=thread.id, kind="answer")
    assert (post.body, post.author_id) == ("Take out the **plug**.", cast.helper.id)
    assert "<strong>plug</strong>" in post.body_html
    await thread.refresh_from_db()
    assert thread.answer_count == 1
    assert await subjects(search_engine) == []


@pytest.mark.each_database
async def test_the_same_mail_again_changes_nothing(cast: Cast) -> None:
    thread, tag = await ready(cast)
    for _time in range(3):
        assert await receive(tag, mail(message_id="<a@firm.example>")) is Outcome.PUBLISHED
    assert len(await texts_in(thread)) == 1
    assert await receive(tag, mail(message_id="<b@firm.example>")) is Outcome.PUBLISHED
    assert len(await texts_in(thread)) == 2


async def test_one_mail_to_two_threads_is_two_answers(cast: Cast) -> None:
    thread, tag = await ready(cast)
    other = await make_thread(cast.open_space, cast.asker)
    for _time in range(2):
        await receive(tag, mail())
        await receive(replace(tag, thread_id=other.id), mail())
    assert (len(await texts_in(thread)), len(await texts_in(other))) == (1, 1)


@pytest.mark.each_database
async def test_a_mail_is_remembered_for_longer_than_its_address_is_good(cast: Cast) -> None:
    thread, tag = await ready(cast)
    await receive(tag, mail())
    with time_machine.travel(now() + LASTS, tick=False):
        await forget_old_submissions()
        await receive(tag, mail())
    assert len(await texts_in(thread)) == 1
    with time_machine.travel(now() + KEPT_OF_MAILS + timedelta(days=1), tick=False):
        await forget_old_submissions()
    assert await Submission.all().count() == 0


@pytest.mark.each_database
async def test_what_machines_write_is_ignored_in_silence(cast: Cast, search_engine: SearchEngine) -> None:
    thread, tag = await ready(cast)
    for content in (mail(Auto_Submitted="auto-replied"), mail(List_Id="<l.example>"), b""):
        assert await receive(tag, content) is Outcome.IGNORED
    assert await receive(tag, mail(), return_path="") is Outcome.IGNORED
    assert await texts_in(thread) == []
    assert await subjects(search_engine) == []


async def test_a_former_member_is_nobody(cast: Cast) -> None:
    thread, tag = await ready(cast)
    await Member.filter(id=cast.helper.id).update(erased_at=now())
    assert await receive(tag, mail()) is Outcome.IGNORED
    assert await texts_in(thread) == []


@pytest.mark.each_database
async def test_somebody_elses_mail_is_refused_and_only_the_account_hears_of_it(
    cast: Cast, search_engine: SearchEngine
) -> None:
    thread, tag = await ready(cast)
    stranger = "otto@firm.example"
    assert await receive(tag, mail(sender=stranger), return_path=stranger) is Outcome.REFUSED
    assert await texts_in(thread) == []
    assert await subjects(search_engine, stranger) == []
    assert await subjects(search_engine) == ["Your answer is not published"]
    [sent] = await mails_to(ERIKA)
    for word in ("Otto", "otto", "Take out", "Helper", thread.title, cast.open_space.name):  # type: ignore[attr-defined]
        assert word not in without_random(sent.text + (sent.html or "")), word


async def refused(cast: Cast, engine: SearchEngine, tag: ReplyTag, content: bytes, word: str) -> None:
    assert await receive(tag, content) is Outcome.REFUSED
    assert await receive(tag, content) is Outcome.REFUSED  # Once more: no second mail.
    assert await subjects(engine) == ["Your answer is not published"]
    [sent] = await mails_to(ERIKA)
    assert word in sent.text
    assert await Post.filter(thread_id=tag.thread_id, kind="answer").count() == 0


@pytest.mark.each_database
async def test_a_locked_thread_takes_none(cast: Cast, search_engine: SearchEngine) -> None:
    thread, tag = await ready(cast)
    await Thread.filter(id=thread.id).update(locked_at=now())
    await refused(cast, search_engine, tag, mail(), "takes no answers from you")


async def test_a_hidden_thread_takes_none(cast: Cast, search_engine: SearchEngine) -> None:
    thread, tag = await ready(cast)
    await Thread.filter(id=thread.id).update(hidden_at=now())
    await refused(cast, search_engine, tag, mail(), "takes no answers from you")


async def test_who_may_not_read_any_more_is_told_the_same(cast: Cast, search_engine: SearchEngine) -> None:
    _thread, tag = await ready(cast, space=cast.hidden_space)
    await Membership.filter(member_id=cast.helper.id, group_id=cast.closed_group.id).delete()
    await refused(cast, search_engine, tag, mail(), "takes no answers from you")


async def test_rights_are_those_of_now(cast: Cast) -> None:
    thread, tag = await ready(cast, space=cast.hidden_space)
    assert await receive(tag, mail()) is Outcome.PUBLISHED
    assert len(await texts_in(thread)) == 1


async def test_an_old_mail_can_be_answered_no_more(cast: Cast, search_engine: SearchEngine) -> None:
    _thread, tag = await ready(cast)
    old = replace(tag, made_at=now() - LASTS - timedelta(days=2))
    await refused(cast, search_engine, old, mail(), "too old")


async def test_a_mail_without_words_of_its_own_is_refused(cast: Cast, search_engine: SearchEngine) -> None:
    _thread, tag = await ready(cast)
    await refused(cast, search_engine, tag, mail("> quoted\n\nViele Grüße\nErika"), "no text")


async def test_a_text_too_long_for_the_web_is_too_long_here(cast: Cast, search_engine: SearchEngine) -> None:
    thread, tag = await ready(cast)
    await refused(cast, search_engine, tag, mail("wort " * (LONGEST_BODY // 5) + "ab"), "longer than")
    assert (
        await receive(tag, mail("wort " * (LONGEST_BODY // 5 - 1), message_id="<2@x>")) is Outcome.PUBLISHED
    )
    assert len(await texts_in(thread)) == 1


async def test_of_a_mail_too_large_the_headers_are_enough(cast: Cast, search_engine: SearchEngine) -> None:
    _thread, tag = await ready(cast)
    assert await receive(tag, mail(), is_whole=False) is Outcome.REFUSED
    assert await subjects(search_engine) == ["Your answer is not published"]


async def test_staff_answer_where_their_second_factor_is(
    cast: Cast, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread, tag = await ready(cast, author=cast.moderator)
    assert await receive(tag, mail(message_id="<1@x>")) is Outcome.PUBLISHED
    monkeypatch.setattr(permissions, "settings", replace(settings, staff_second_factor=True))
    assert await receive(tag, mail(message_id="<2@x>")) is Outcome.REFUSED
    assert len(await texts_in(thread)) == 1
    [sent] = await mails_to(ERIKA) if await subjects(search_engine) else []
    assert "second factor" in sent.text


@pytest.mark.each_database
async def test_what_may_tell_the_author_waits_as_a_draft(cast: Cast, search_engine: SearchEngine) -> None:
    thread, tag = await ready(cast)
    content = mail("Call me: 0171 2345678, Erika Muster")
    for _time in range(2):
        assert await receive(tag, content) is Outcome.REFUSED
    assert await texts_in(thread) == []
    draft = await Draft.get(member_id=cast.helper.id)
    assert (draft.place, draft.body) == (f"answer:{thread.id}", "Call me: 0171 2345678, Erika Muster")
    assert await subjects(search_engine) == ["Your answer waits for you"]
    [sent] = await mails_to(ERIKA)
    assert f"/threads/{thread.id}#answer" in sent.text
    assert "0171 2345678" not in sent.text


async def test_a_draft_that_is_there_already_is_not_lost(cast: Cast, search_engine: SearchEngine) -> None:
    thread, tag = await ready(cast)
    place = f"answer:{thread.id}"
    await save_draft(place, by=cast.helper.id, body="Begun in the site.")
    await receive(tag, mail("Call 0171 2345678"))
    assert (await Draft.get(member_id=cast.helper.id)).body == "Begun in the site.\n\nCall 0171 2345678"
    # Together they are longer than an answer can be: the form says so, and nothing is cut off.
    await save_draft(place, by=cast.helper.id, body="x" * (LONGEST_BODY - 5))
    await receive(tag, mail("Call 0171 2345678", message_id="<2@x>"))
    assert (await Draft.get(member_id=cast.helper.id)).body.endswith("xxx\n\nCall 0171 2345678")
    assert await subjects(search_engine) == ["Your answer waits for you"] * 2
    await save_draft(place, by=cast.helper.id, body="x" * LONGEST_DRAFT)
    await receive(tag, mail("Call 0171 2345678", message_id="<3@x>"))
    assert (await Draft.get(member_id=cast.helper.id)).body == "x" * LONGEST_DRAFT
    assert sorted(await subjects(search_engine))[0] == "Your answer is not published"
    [told] = [sent.text for sent in await mails_to(ERIKA) if sent.subject == "Your answer is not published"]
    assert "no room left" in told
    assert "in the mail that you sent" in told


async def test_files_are_left_out_and_that_is_said(cast: Cast, search_engine: SearchEngine) -> None:
    thread, tag = await ready(cast)
    message = make_mail("See the picture.", sender=ERIKA)
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="x.pdf")
    for _time in range(2):
        assert await receive(tag, message.as_bytes()) is Outcome.PUBLISHED
    assert await texts_in(thread) == ["See the picture."]
    assert await subjects(search_engine) == ["Your answer is published, without its files"]


async def test_a_thread_that_one_has_muted_can_be_answered(cast: Cast) -> None:
    thread, tag = await ready(cast)
    await Mute.create(member_id=cast.helper.id, thread_id=thread.id, created_at=now())
    assert await receive(tag, mail()) is Outcome.PUBLISHED


async def test_refusals_are_explained_only_so_often(cast: Cast, search_engine: SearchEngine) -> None:
    _thread, tag = await ready(cast)
    for number in range(EXPLANATIONS.count + 3):
        content = mail("> nothing", message_id=f"<{number}@x>")
        assert await receive(tag, content) is Outcome.REFUSED
    assert len(await subjects(search_engine)) == EXPLANATIONS.count


async def test_two_machines_do_not_answer_each_other_for_long(
    cast: Cast, search_engine: SearchEngine
) -> None:
    thread, tag = await ready(cast)
    for number in range(ANSWERS_BY_MAIL.count + 2):
        await receive(tag, mail(f"Text {number}", message_id=f"<{number}@x>"))
    assert len(await texts_in(thread)) == ANSWERS_BY_MAIL.count
    assert "Your answer is not published" in await subjects(search_engine)


async def test_the_explanation_comes_in_the_readers_language(cast: Cast, search_engine: SearchEngine) -> None:
    _thread, tag = await ready(cast)
    await Member.filter(id=cast.helper.id).update(language="de")
    await receive(tag, mail("> nothing"))
    assert await subjects(search_engine) == ["Ihre Antwort ist nicht veröffentlicht"]


async def test_neither_the_outbox_nor_the_log_names_anybody(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    _thread, tag = await ready(cast)
    caplog.set_level("DEBUG", logger="community")
    await receive(tag, mail("> nothing"))
    await receive(tag, mail(Auto_Submitted="auto-replied"))
    outcomes = [record.outcome for record in caplog.records if record.name == receive.__module__]  # type: ignore[attr-defined]
    assert outcomes == ["empty", "automatic"]
    assert "outcome" in ALLOWED_FIELDS
    rows = await outbox.lease(only=["account.reply_answered"])
    assert [set(row.payload) for row in rows] == [{"member_id", "thread_id", "reason"}]
    said = caplog.text + repr(
        [record.__dict__ for record in caplog.records if record.name.startswith("community.replies")]
    )
    assert "firm.example" not in said.lower()
    await outbox.give_back(rows)


async def test_an_answer_of_staff_waits_where_a_second_person_is_asked_for(
    cast: Cast, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "settings", replace(settings, staff_second_factor=False))
    await ask_for_four_eyes(cast.open_space)
    thread, tag = await ready(cast, author=cast.moderator)
    assert await receive(tag, mail()) is Outcome.HELD
    assert await receive(tag, mail()) is Outcome.HELD  # Delivered twice.
    assert await texts_in(thread) == []
    text = await WaitingText.get()
    assert (text.body, text.author_id) == ("Take out the plug.", cast.moderator.id)
    assert await subjects(search_engine) == ["Your answer waits for its release"]
