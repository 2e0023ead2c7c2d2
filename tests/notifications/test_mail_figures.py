"""Administrators see how many mails there were, and what members want none of: from five members up."""

from __future__ import annotations

import re

from community.core.clock import now
from community.notifications.actions import choose_channels, notify
from community.notifications.mail_figures import count_unwanted, sum_figures
from community.notifications.mail_wishes import Wishes, wish
from community.notifications.rules import Channel, Topic
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_member
from tests.fixtures import Visit
from tests.notifications.mailed import mails_of, make_reachable, send_mails


async def test_each_mail_and_each_unsubscription_counts_once(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    for number in range(2):
        await notify([cast.asker.id], "mentioned", cause=f"x{number}")
        await send_mails(search_engine)
        await send_mails(search_engine)
    program = await visit()
    for got in mails_of(mail):
        path = str(got["List-Unsubscribe"]).strip("<>").removeprefix("http://127.0.0.1:8000")
        await program.post(path, data={"List-Unsubscribe": "One-Click"})
    today = now().date()
    assert await sum_figures(today, today) == {"sent": 2, "unsubscribed": 1}
    page = (await (await visit(cast.administrator)).get("/admin/figures")).text
    assert re.search(r"Mails sent.{0,80}2", page, re.DOTALL)


async def test_what_is_switched_off_shows_from_five_members_up(cast: Cast, visit: Visit) -> None:
    people = [await make_member() for _number in range(6)]
    for member in people:
        await choose_channels(member.id, {Topic.KUDOS: Channel.NONE, Topic.HIGHLIGHTS: Channel.NONE})
    for member in people[:4]:
        await choose_channels(member.id, {Topic.ANSWERS: Channel.SITE, Topic.FLAGS: Channel.SITE})
        await wish(member.id, Wishes(is_stopped=True))
    unwanted = await count_unwanted()
    assert dict(unwanted.off) == {Topic.KUDOS: 6}
    assert dict(unwanted.without_mail) == {Topic.ANSWERS: 4}
    assert unwanted.stopped == 4
    page = (await (await visit(cast.administrator)).get("/admin/figures")).text
    rows = dict(
        re.findall(r'<th scope="row">([^<]+)</th><td class="num">([^<]+</td><td class="num">[^<]+)', page)
    )
    assert "at least 5" in rows["Kudos for your posts"]
    assert "at least" not in rows["Answers in threads you started"]
    assert "at least" not in rows["All mails"]
