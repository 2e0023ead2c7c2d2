"""Somebody who is banned is erased by command: as on their own wish, and the address stays shut out."""

from __future__ import annotations

import pytest

from community.accounts.exclusion import is_kept_out
from community.accounts.models import Account, Ban
from community.decisions.models import LogEntry
from community.members.models import Member
from community.personal_data.banned import erase_by_command
from community.sanctions.models import Sanction
from community.sanctions.rules import Kind
from community.threads.models import Post
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_thread
from tests.moderation.flagging import deliver
from tests.sanctions.parts import impose
from tests.sanctions.test_shut_out import erika

WHY = "They asked for it by mail on the first of May."


def answering(monkeypatch: pytest.MonkeyPatch, answer: str) -> list[str]:
    """Whoever sits before the machine types this; the questions that they saw."""
    asked: list[str] = []

    def typed(question: str) -> str:
        asked.append(question)
        return answer

    monkeypatch.setattr("builtins.input", typed)
    return asked


@pytest.mark.each_database
@pytest.mark.parametrize("with_texts", [False, True])
async def test_a_banned_member_is_erased_and_does_not_come_back(
    cast: Cast, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch, with_texts: bool
) -> None:
    answer = await make_answer(
        await make_thread(cast.open_space, cast.helper), cast.asker, body="What they wrote"
    )
    account, form = await erika(cast.asker)
    await impose(cast, cast.asker, Kind.BAN)
    asked = answering(monkeypatch, cast.asker.nickname)
    assert await erase_by_command("asker", with_texts=with_texts, reason=WHY) == 0
    assert len(asked) == 1
    await deliver(search_engine)
    assert not await Account.filter(id=account.id).exists()
    assert not await Member.filter(id=cast.asker.id).exists()
    assert await Sanction.all().count() == 0
    post = await Post.get(id=answer.id)
    assert (post.author_id, post.body == "What they wrote") == (None, not with_texts)
    # What the law and the ban need stays.
    assert await is_kept_out(form["mail"])
    assert {ban.account_id for ban in await Ban.all()} == {None}
    ban, erased = await LogEntry.filter(subject=f"member:{cast.asker.id}", act__not="forget_names").order_by(
        "id"
    )
    assert (ban.act, ban.actor_id, ban.reason) == ("ban_member", cast.moderator.id, "")
    assert (erased.act, erased.actor_id, erased.reason) == ("erase_banned_member", None, WHY)


async def test_nothing_happens_without_ban_reason_or_the_typed_nickname(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await erika(cast.asker)
    answering(monkeypatch, cast.asker.nickname)

    async def refused(nickname: str = "Asker", reason: str = WHY) -> str:
        assert await erase_by_command(nickname, with_texts=False, reason=reason) == 1
        assert await Member.filter(id=cast.asker.id).exists()
        return capsys.readouterr().err

    assert "not banned" in await refused()
    await impose(cast, cast.asker, Kind.SUSPENSION)
    assert "not banned" in await refused()
    await impose(cast, cast.asker, Kind.BAN)
    assert "no member" in await refused(nickname="Nobody")
    assert "give a reason" in await refused(reason="asked")
    assert "must not hold the nickname" in await refused(reason="Asker has asked for it by mail.")
    assert "must not hold" in await refused(reason="Asked by telephone from 0431 5550123 in May.")
    answering(monkeypatch, "yes")
    assert "Nothing was erased" in await refused()

    def nobody(question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    assert "Nothing was erased" in await refused()
    assert not await LogEntry.filter(act="erase_banned_member").exists()
