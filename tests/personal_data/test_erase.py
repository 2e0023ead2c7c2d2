"""Members have themselves erased: nothing tells who it was, and what others read still reads well."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
import time_machine
from starlette.types import ASGIApp
from tortoise import Tortoise

from community.accounts.erasure import find_open_erasure
from community.accounts.models import Account, Erasure, Reveal, Session
from community.attachments.models import Attachment
from community.core.clock import now
from community.core.db import APP, fetch
from community.core.errors import RuleBroken
from community.core.models import SiteStamp
from community.core.nicknames import nickname_key
from community.decisions.models import LogEntry, WorkItem
from community.faq.models import EntryFeedback
from community.indexing import audiences_of
from community.kudos.models import Kudos
from community.members.models import Member
from community.members.queries import is_nickname_taken
from community.personal_data import replacing
from community.personal_data.erasure import erase_member
from community.personal_data.mentions import without_nickname
from community.threads.actions import edit_post
from community.threads.models import Post, Revision, Solution, Thread
from community.threads.recounting import recount
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to
from tests.attachments.posted import stored_files
from tests.cast import Cast
from tests.chance import without_random, without_sealed
from tests.clients import browser, log_in
from tests.factories import (
    make_account,
    make_answer,
    make_comment,
    make_member,
    make_space,
    make_thread,
    opening_of,
    viewer_for,
)
from tests.faq.entries import make_published
from tests.fixtures import Visit
from tests.personal_data.planting import PASSWORD, Planted, plant


async def erase(planted: Planted, visit: Visit, *, texts: str = "keep") -> None:
    client = await visit(planted.member)
    form = {"password": PASSWORD, "texts": texts, "confirmed": "1"}
    answer = await client.post("/settings/data/erase", data=form)
    assert answer.status_code == 303, answer.text


async def finish(engine: SearchEngine) -> None:
    """Everything that the worker does, the second round a quarter of an hour later included."""
    await deliver(engine)
    await replacing.carry_on()
    await deliver(engine)
    with time_machine.travel(now() + timedelta(minutes=16)):
        await replacing.carry_on()
        await deliver(engine)


async def everything() -> dict[str, str]:
    """All tables, each as one text, but for what is sealed."""
    dump = {}
    for model in Tortoise.apps[APP].values():
        table = model._meta.db_table
        rows = await fetch(f'SELECT * FROM "{table}"')
        dump[table] = without_sealed("\n".join(repr(dict(row)) for row in rows))
    return dump


def found(words: list[str], dump: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (table, word) for table, text in dump.items() for word in words if word.casefold() in text.casefold()
    ]


@pytest.mark.each_database
@pytest.mark.parametrize("texts", ["keep", "erase"])
async def test_no_trace_of_the_member_is_left_anywhere(
    cast: Cast, visit: Visit, search_engine: SearchEngine, texts: str, capfd: pytest.CaptureFixture[str]
) -> None:
    planted = await plant(cast)
    await mention_everywhere(planted, cast)
    await recount()  # The planted rows that no action counted.
    open_words = [word for word in planted.rest if word not in (*SEALED, planted.mail)]
    assert {word for _table, word in found(open_words, await everything())} == set(open_words)
    files = await Attachment.filter(name__startswith="Qxw").order_by("created_at")
    await erase(planted, visit, texts=texts)
    gone = [*planted.rest, *planted.not_in_download]
    at_once = {table: text for table, text in (await everything()).items() if table in AT_ONCE}
    assert not found(planted.rest, at_once)
    await finish(search_engine)

    words = [*gone, *(planted.said if texts == "erase" else [])]
    dump = await everything()
    assert not found(words, dump)
    numbers = [str(planted.member.id), str(planted.account.id)]
    assert not found(numbers, {table: text for table, text in dump.items() if table not in KEEPS_THE_NUMBER})
    kept_files = [row.storage_name for row in files if row.storage_name in stored_files()]
    assert kept_files == ([files[0].storage_name] if texts == "keep" else [])
    assert await recount() == 0, "every counter is right"
    if texts == "keep":
        assert found(planted.said, dump), "posts stay"
    for member in (None, cast.asker, cast.administrator):
        client = await visit(member)
        for path in PAGES:
            page = (
                await client.get(path.format(thread=planted.thread.id, others=planted.others_thread.id))
            ).text
            assert not [word for word in words if word.casefold() in page.casefold()], path
    captured = capfd.readouterr()
    assert not [word for word in words if word in captured.out + captured.err]
    viewer = await viewer_for(cast.asker)
    hits = await search_engine.instant("Qxzorina", await audiences_of(viewer))
    assert not [hit for hit in hits.hits if hit.key.startswith("person")]


PAGES = (
    "/",
    "/search?q=Qxw",
    "/ranking",
    "/feeds/latest.atom",
    "/feeds/threads/{thread}.atom",
    "/sitemap.xml",
    "/notifications",
    "/faq",
    "/groups",
    "/admin/people?q=Qxz",
    "/moderation/log",
    "/moderation",
)
AT_ONCE = ("members", "vault_accounts", "vault_sessions", "vault_sign_ons", "vault_mail_links", "vault_consents",
           "vault_registrations", "drafts", "attachments",
           "notifications", "flags", "badges", "retired_nicknames")  # fmt: skip
SEALED = (
    "Qxwreal",
    "Qxwstated",
    "Qxwfirm",
    "198.51.100.77",
    "qxwnew@",
    "Qxwattribute",
    "Qxwbranch",
    "Qxwlaptop",
    "Qxwsubject",
    "Qxwclaimed",
)
"""What lay encrypted in the vault even before; that the rows are gone is looked at by their numbers."""
KEEPS_THE_NUMBER = ("vault_erasures", "vault_reveals", "moderation_log")
"""Where the law, or the replay after a restore, needs the number, which is nobody's any more."""


async def mention_everywhere(planted: Planted, cast: Cast) -> None:
    """Others call the member, quote them, link to the profile; in texts, earlier versions, titles and drafts."""
    answer = await make_answer(
        planted.thread, cast.helper, body="Thanks @Qxzorina, see [here](/members/Qxzorina)."
    )
    await edit_post(
        answer.id, body="> @qxzorina:\n>\n> so it was\n\nYes, @QXZORINA.", version=1, by=cast.helper.id
    )
    await make_comment(answer, cast.asker, body="Is @Qxzorina right?")
    titled = await make_thread(cast.open_space, cast.helper, title="Question to @Qxzorina", body="Hello.")
    await edit_post(
        (await opening_of(titled)).id,
        body="Hello!",
        version=1,
        by=cast.helper.id,
        title="A question to @Qxzorina again",
    )
    await make_thread(cast.hidden_space, cast.asker, title="Inside", body="@Qxzorina should not see this.")


@pytest.mark.each_database
async def test_threads_read_well_afterwards(cast: Cast, visit: Visit, search_engine: SearchEngine) -> None:
    planted = await plant(cast)
    await mention_everywhere(planted, cast)
    kudos = await Kudos.all().count()
    before = (await SiteStamp.get(id=1)).value
    await erase(planted, visit)
    assert (await SiteStamp.get(id=1)).value > before
    await finish(search_engine)
    thread = await Thread.get(id=planted.thread.id)
    client = await visit(cast.asker)
    page = await client.get(f"/threads/{thread.id}-{thread.slug}")
    assert page.status_code == 200
    assert "Former member" in page.text
    assert "Yes, former member." in page.text
    assert "Thread solved" in page.text or thread.status == "solved"
    quoting = await Post.get(body__contains="so it was")
    assert quoting.body == "> Former member:\n>\n> so it was\n\nYes, former member."
    assert "/members/" not in quoting.body_html
    (earlier,) = await Revision.filter(post_id=quoting.id)
    assert earlier.body == "Thanks former member, see [here](/members)."
    assert await Kudos.all().count() == kudos
    assert await Kudos.filter(member_id=None).count() == 2
    assert await Solution.filter(post_id=planted.answer.id, thread_id=planted.others_thread.id).exists()
    posts = await Post.filter(id=planted.answer.id)
    assert [post.author_id for post in posts] == [None]


@pytest.mark.each_database
async def test_erased_texts_leave_a_note_in_the_language_of_the_space(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    planted = await plant(cast)
    german = await make_thread(
        await make_space("Deutsch", language="de"), planted.member, title="Qxwdeutsch", body="Qxwhallo"
    )
    await erase(planted, visit, texts="erase")
    await finish(search_engine)
    german = await Thread.get(id=german.id)
    assert german.title == "Gelöschte Frage"
    assert (await opening_of(german)).body == "Dieser Text wurde auf Wunsch gelöscht."
    assert (await Thread.get(id=planted.thread.id)).title == "Erased question"
    assert not await Revision.filter(post_id=(await opening_of(planted.thread)).id).exists()
    page = await (await visit()).get(f"/threads/{planted.thread.id}-erased-question")
    assert page.status_code == 200
    assert "This text was erased" in page.text
    assert "restart it" in page.text, "the answers of others stay"
    assert await recount() == 0


@pytest.mark.each_database
async def test_what_the_law_needs_stays_without_words(cast: Cast, visit: Visit) -> None:
    planted = await plant(cast, staff=True)
    await erase(planted, visit)
    reveal = await Reveal.get(member_id=planted.member.id)
    assert (reveal.reason, reveal.reference, reveal.cause) == ("", "", "danger")
    assert reveal.shown_at is not None
    entry = await LogEntry.get(actor_id=planted.member.id, act="pin_thread")
    assert (entry.actor_name, entry.reason) == ("", "Pinned")
    assert not await WorkItem.exclude(claimed_by=None).exists(), "somebody else can take it"
    assert await EntryFeedback.filter(member_id=None, reason="").count() == 1
    log = (await (await visit(cast.administrator)).get("/moderation/log")).text
    assert "Former member" in log


async def test_all_sessions_end_at_once_and_one_last_mail_comes(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    planted = await plant(cast)
    other = await visit(planted.member)
    await erase(planted, visit)
    assert (await other.get("/settings/profile")).status_code == 303
    assert not await Session.filter(member_id=planted.member.id).exists()
    assert not await Account.filter(id=planted.account.id).exists()
    await deliver(search_engine)
    await deliver(search_engine)
    (mail,) = [mail for mail in await mails_to(planted.mail) if "erased" in mail.subject]
    assert "Qxz" not in without_random(mail.text)
    assert (await Erasure.get(member_id=planted.member.id)).mail_encrypted == ""
    profile = await (await visit(cast.asker)).get("/members/Qxzorina")
    assert profile.status_code == 404


async def test_nobody_gets_the_nickname_and_the_database_does_not_tell_it(cast: Cast, visit: Visit) -> None:
    planted = await plant(cast)
    await erase(planted, visit)
    assert await is_nickname_taken(nickname_key("qxz.orina"))
    assert not found([nickname_key("Qxzorina")], {"kept": (await everything())["retired_nicknames"]})


async def test_entries_of_the_faq_forget_the_nickname_wherever_they_name_it(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    planted = await plant(cast)
    name = f"@{planted.member.nickname}"
    entry_id = await make_published(
        cast,
        question=f"What did {name} mean?",
        short_answer=f"{name} meant it.",
        valid_for=f"The box of {name}",
    )
    editor = await visit(cast.moderator)
    desk = f"/moderation/faq/{entry_id}"
    opened = (await editor.get(desk)).text
    await erase(planted, visit)
    await finish(search_engine)
    assert not found([planted.member.nickname], await everything())
    assert f"/faq/{entry_id}-what-did-former-member-mean" in (await (await visit()).get("/faq")).text
    sent = await editor.post(desk, data=typed_in(opened))
    assert sent.status_code == 409
    assert name in sent.text, "what was typed is shown"
    assert not found([planted.member.nickname], {"entries": (await everything())["faq_entries"]})
    again = typed_in(sent.text) | {
        "question": "What did they mean?",
        "short_answer": "They meant it.",
        "valid_for": "",
    }
    assert (await editor.post(desk, data=again)).status_code == 303


def typed_in(page: str) -> dict[str, str]:
    """The fields of the text of an entry on its desk."""
    form = page[page.index('id="faq-text"') :]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    fields |= dict(re.findall(r'<input [^>]*name="(question|valid_for)"[^>]* value="([^"]*)"', form))
    fields |= dict(re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>([^<]*)<', form))
    return fields | {"language": "en", "audience": "public"}


@pytest.mark.each_database
async def test_a_text_as_long_as_its_column_stops_no_erasure(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    """What stands in the place of a nickname is longer than it."""
    planted = await plant(cast)
    thread = await make_thread(cast.open_space, cast.helper)
    title = f"@{planted.member.nickname} ".ljust(200, "x")
    await Thread.filter(id=thread.id).update(title=title)
    await erase(planted, visit)
    await finish(search_engine)
    cleaned = (await Thread.get(id=thread.id)).title
    assert cleaned != title
    assert len(cleaned) == 200
    assert planted.member.nickname not in cleaned
    assert await find_open_erasure() is None, "the next one gets its turn"


async def test_a_wrong_password_or_no_tick_erases_nothing(cast: Cast, visit: Visit) -> None:
    planted = await plant(cast)
    client = await visit(planted.member)
    for form in ({"password": "wrong", "confirmed": "1"}, {"password": PASSWORD}, {}):
        answer = await client.post("/settings/data/erase", data={"texts": "erase", **form})
        assert answer.status_code == 422
        assert 'value="erase" checked' in answer.text, "what was chosen is kept"
    assert await Member.filter(id=planted.member.id).exists()
    assert (await client.get("/settings/data/erase")).status_code == 200


async def test_the_last_administrator_stays(cast: Cast, visit: Visit) -> None:
    planted = await plant(cast, staff=True)
    await Member.filter(role="administrator").update(role="moderator")
    await Member.filter(id=planted.member.id).update(role="administrator")
    with pytest.raises(RuleBroken):
        await erase_member(await viewer_for(planted.member), with_texts=False, language="en")
    client = await visit(planted.member)
    form = {"password": PASSWORD, "confirmed": "1"}
    assert (await client.post("/settings/data/erase", data=form)).status_code == 409
    assert await Member.filter(id=planted.member.id).exists()
    await Member.filter(id=cast.moderator.id).update(role="administrator")
    assert (await client.post("/settings/data/erase", data=form)).status_code == 303


@pytest.mark.each_database
async def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_goes_on(
    cast: Cast, visit: Visit, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = await plant(cast)
    for number in range(7):
        await make_answer(planted.thread, cast.helper, body=f"{number}: @Qxzorina")
    await erase(planted, visit)
    monkeypatch.setattr(replacing, "BATCH", 3)
    real, cleaned = replacing._clean_post, 0

    async def dies_at_the_fifth(row, nickname):  # type: ignore[no-untyped-def]
        nonlocal cleaned
        cleaned += 1
        if cleaned == 5:
            raise RuntimeError("killed")
        await real(row, nickname)

    monkeypatch.setattr(replacing, "_clean_post", dies_at_the_fifth)
    with pytest.raises(RuntimeError):
        await replacing.carry_on()
    left = await Post.filter(body__contains="@Qxzorina").count()
    assert 0 < left < 8
    row = await Erasure.get(member_id=planted.member.id)
    assert row.place.startswith("1:1:"), "it is known how far it came"
    monkeypatch.setattr(replacing, "_clean_post", real)
    await finish(search_engine)
    assert not await Post.filter(body__contains="@Qxzorina").exists()
    row = await Erasure.get(member_id=planted.member.id)
    assert (row.nickname_encrypted, row.done_at is not None) == ("", True)


@pytest.mark.each_database
async def test_of_posting_and_erasing_at_once_no_text_keeps_its_author(
    fresh_database: str, app: ASGIApp
) -> None:
    space, asker = await make_space("Routers"), await make_member("Asker")
    thread = await make_thread(space, asker)
    member = await make_member("Qxzorina")
    await make_account(member, password_hash=await _hash())
    async with browser(app) as one, browser(app) as other:
        await log_in(one, member)
        await log_in(other, member)
        form = {"password": PASSWORD, "confirmed": "1", "texts": "erase"}
        answers = await asyncio.gather(
            *(
                other.post(
                    f"/threads/{thread.id}/answers",
                    data={"body": f"Qxwrace number {n} of this test.", "submission": f"k{n}"},
                )
                for n in range(6)
            ),
            one.post("/settings/data/erase", data=form),
            return_exceptions=True,
        )
    assert not [
        answer for answer in answers if isinstance(answer, BaseException) or answer.status_code >= 500
    ]
    assert answers[-1].status_code == 303  # type: ignore[union-attr]
    assert not await Member.filter(id=member.id).exists()
    assert not await Post.filter(body__contains="Qxwrace").exists()
    assert await recount() == 0


async def _hash() -> str:
    from community.core import passwords

    return await passwords.hash_password(PASSWORD)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Ask @Nora.", "Ask former member."),
        ("@NORA: yes", "Former member: yes"),
        ("> @nora:\n> x", "> Former member:\n> x"),
        ("mail a@nora.example and x/@nora", "mail a@nora.example and x/@nora"),
        ("@Noraxa and @nora-x", "@Noraxa and @nora-x"),
        ("`@nora` and\n```\n@nora\n```\n@nora", "`@nora` and\n```\n@nora\n```\nFormer member"),
        ("[p](/members/Nora) [q](/members/Noraxa)", "[p](/members) [q](/members/Noraxa)"),
    ],
)
def test_only_mentions_of_this_nickname_are_replaced(text: str, after: str) -> None:
    assert without_nickname(text, "Nora") == after
